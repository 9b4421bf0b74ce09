#!/usr/bin/env bash
# edge-certificate.sh DIRECTORY: a self-signed certificate for what asks for no name that has one, made once.
# Without one Traefik makes a new RSA key each time that it reads a changed file, and routes nothing anew for those 50 to 80 ms.
set -euo pipefail

directory="$(cd "$1" && pwd)"
if [ -s "$directory/default.crt" ] && [ -s "$directory/default.key" ]; then exit 0; fi
docker run --rm --network none --cap-drop ALL --security-opt no-new-privileges \
  --volume "$directory:/edge" --entrypoint openssl sandboxed/control-plane:latest \
  req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
  -subj "/CN=sandboxed" -keyout /edge/default.key -out /edge/default.crt 2>/dev/null
chmod 600 "$directory/default.key"
