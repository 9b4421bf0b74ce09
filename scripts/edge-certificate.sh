#!/usr/bin/env bash
# edge-certificate.sh DIRECTORY: a self-signed certificate for what asks for no name that has one, made once.
# Without one Traefik makes a new RSA key each time that it reads a changed file, and routes nothing anew for those 50 to 80 ms.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"

directory="$(cd "$1" && pwd)"
if [ -s "$directory/default.crt" ] && [ -s "$directory/default.key" ]; then exit 0; fi
# The directory may be anybody's. The key is root's and for root alone, as whom Traefik runs.
output="$(docker run --rm --network none --cap-drop ALL --cap-add DAC_OVERRIDE --security-opt no-new-privileges \
  --volume "$directory:/edge" --entrypoint openssl sandboxed/control-plane:latest \
  req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
  -subj "/CN=sandboxed" -keyout /edge/default.key -out /edge/default.crt 2>&1)" || {
  say "$output"
  fail "No certificate for the edge could be made in $directory (see above)." 'Correct what the lines above say, then run this again.'
}
