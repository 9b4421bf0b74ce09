#!/usr/bin/env bash
# Installs what only the tests need from the host's package mirror: redis-server (started by the tests themselves), Chromium, Python (for the
# fuzzer and the Python client), nft (to look at the walls) and jq (for the commands of docs/).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
command -v chromium >/dev/null || missing+=(chromium)
command -v jq >/dev/null || missing+=(jq)
python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
PATH="$PATH:/usr/sbin" command -v nft >/dev/null || missing+=(nftables)
if [ "${#missing[@]}" -eq 0 ]; then
  say 'What the tests need is there.'
  exit 0
fi
[ "$(id -u)" -eq 0 ] || fail "The tests need ${missing[*]}." "Run this with sudo, or install them first."

# The tests start their own servers: the package must not start one.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ] && [ ! -d /run/systemd/system ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
say "Installing ${missing[*]}."
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
apt-get -q -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "${missing[@]}" >/dev/null
