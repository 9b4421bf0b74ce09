#!/usr/bin/env bash
# Installs and starts sandboxed on this host, then tries the whole loop once. No questions; can be run again at any time.
#
#   ./install.sh             as root, or with sudo
#   ./install.sh --no-smoke  leave out the trial at the end
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/say.sh
. scripts/say.sh
# shellcheck source=scripts/settings.sh
. scripts/settings.sh
# shellcheck source=scripts/host-checks.sh
. scripts/host-checks.sh
# shellcheck source=scripts/stack.sh
. scripts/stack.sh
# shellcheck source=scripts/kernel-limits.sh
. scripts/kernel-limits.sh

smoke=yes
for argument in "$@"; do
  case "$argument" in
    --no-smoke) smoke=no ;;
    -h | --help)
      sed -n '2,5s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *) fail "Unknown option '$argument'." 'Use: ./install.sh [--no-smoke]' ;;
  esac
done

step() { say "── $*"; }

# need_port <port> <variable that sets it, or nothing>; the stack that is there already may hold it.
need_port() {
  local port="$1" variable="$2"
  if listens "$port" && ! grep -qx -- "$port" <<<"$held"; then
    fail "Port $port is taken: $(listener "$port")." \
      "Stop that program${variable:+, or set $variable in .env to another port}, then run this again."
  fi
}

# need_space <path> <megabytes> <what for> <what helps>
need_space() {
  local free
  free="$(free_mb "$1")"
  [ "$free" -ge "$2" ] || fail "Only $free MB are free below $1; $3 need $2." "Free some space, or $4."
}

step 'Checking this host'
[ "$(uname -s)" = Linux ] || fail 'sandboxed runs on Linux alone.' 'Use a Debian or Ubuntu host.'
if [ "$(id -u)" -ne 0 ] && ! timeout 10 docker info >/dev/null 2>&1; then
  fail 'This user may not use Docker.' 'Run it as root or with sudo.'
fi
if [ ! -f .env ]; then
  # Tokens will be in it.
  install -m 600 .env.example .env
  say 'Made .env from .env.example; every setting is explained there.'
fi
unknown="$(unknown_settings .env .env.example)"
if [ -n "$unknown" ]; then say "Warning: .env sets what sandboxed does not know, perhaps misspelt: ${unknown//$'\n'/, }."; fi
data_dir="$(setting SANDBOXED_DATA_DIR /var/lib/sandboxed)"
mkdir -p "$data_dir" || fail "The data directory $data_dir cannot be made." 'Run this as root or with sudo.'
need_space "$data_dir" 2000 'database and workspaces' 'set SANDBOXED_DATA_DIR in .env to a larger disk'
images_mb=6000
if docker image inspect sandboxed/sandbox:latest >/dev/null 2>&1; then images_mb=2000; fi
need_space "$(docker_root)" "$images_mb" 'images' "move Docker's data-root to a larger disk"
memory_mb="$(awk '$1 == "MemTotal:" {print int($2 / 1024)}' /proc/meminfo)"
[ "$memory_mb" -ge 1500 ] || fail "This host has $memory_mb MB of memory; sandboxed needs 1500." 'Use a larger host.'
if [ "$(setting PREVIEW_TLS false)" = true ] && [ -z "$(setting SANDBOXED_EDGE_URL '')" ]; then
  fail 'PREVIEW_TLS is true and SANDBOXED_EDGE_URL is empty: sandboxes would never wake.' \
    "Set SANDBOXED_EDGE_URL=https://host.docker.internal:$(setting HTTPS_PORT 443) in .env, then run this again."
fi
tokens_file="$(setting SANDBOXD_API_TOKENS_FILE '')"
[ -z "$tokens_file" ] || [ -s "$tokens_file" ] || fail "SANDBOXD_API_TOKENS_FILE names $tokens_file, which is missing or empty." \
  'Write name:secret into it, one a line, then run this again.'
if ! command -v curl >/dev/null; then
  say 'Installing curl.'
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q install --yes --no-install-recommends curl; } >/dev/null 2>&1 </dev/null ||
    fail 'curl is missing and could not be installed.' 'Install curl, then run this again.'
fi
raise_limits || say "Warning: one sandbox can take from all others what the kernel counts for them together ($(low_limits | paste -sd ' ')). Run this as root to raise it."
held="$(stack_ports)"
need_port "$(setting HTTP_PORT 80)" HTTP_PORT
need_port "$(setting HTTPS_PORT 443)" HTTPS_PORT
api_bind="$(setting SANDBOXED_API_BIND 127.0.0.1:9090)"
need_port "${api_bind##*:}" SANDBOXED_API_BIND
# The wake listener and Traefik's health, both on the loopback interface.
need_port 9091 ''
need_port 9092 ''

step 'Docker Engine'
scripts/engine.sh
need_quiet_networks
step 'Images'
scripts/base-images.sh
ca="$(setting SANDBOXED_EXTRA_CA '')"
if [ -n "$ca" ]; then export SANDBOXED_EXTRA_CA="$ca"; fi
scripts/build-sandbox-image.sh
scripts/build-control-plane.sh

step 'Starting'
place_edge_files "$data_dir"
up_log="$(mktemp)"
trap 'rm -f "$up_log"' EXIT
if ! stop_earlier >"$up_log" 2>&1 || ! docker compose up --detach --wait --wait-timeout 180 --remove-orphans >>"$up_log" 2>&1; then
  tail -n 15 "$up_log" >&2
  # shellcheck disable=SC2119
  tell_unhealthy
  fail 'The stack did not become healthy.' 'Correct what the lines above say, then run this again.'
fi
record_stack "$data_dir"
place_client "$data_dir"
api="$(api_address)"
until_ready "$api" || fail "The API is not ready: ${ready:-no answer}" "Look at 'docker compose logs'."
say "Healthy: $(docker compose ps --format '{{.Service}}' | sort | uniq -c | awk '{printf "%s%s", (NR > 1 ? ", " : ""), ($1 > 1 ? $2 " ×" $1 : $2)}')."

authorization=''
if ! api_is_open; then authorization=" -H 'Authorization: Bearer <secret of a token>'"; fi
if [ "$smoke" = yes ] && { [ -n "$authorization" ] || [ "$(setting PREVIEW_TLS false)" = true ]; }; then
  say 'The trial of the whole loop is for an open API and previews without TLS; it is left out.'
elif [ "$smoke" = yes ]; then
  step 'Trying the whole loop once'
  SANDBOXED_API="$api" HTTP_PORT="$(setting HTTP_PORT 80)" PREVIEW_DOMAIN="$(setting PREVIEW_DOMAIN localhost)" scripts/smoke.sh
fi

cat <<EOT

sandboxed is up: $api
Your first command, typed or over HTTP:

  $PWD/sandboxed create
  curl -s$authorization -X POST '$api/sandbox?wait=60' -d '{}'

Routes: $api/docs. Settings: $PWD/.env. docs/quick-start.md goes on from here.
EOT
