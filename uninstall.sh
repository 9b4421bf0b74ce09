#!/usr/bin/env bash
# Takes sandboxed off this host. Workspaces and database stay unless told otherwise; only what carries our label goes.
#
#   ./uninstall.sh [--images] [--data] [--all] [--yes]
#     --images  also remove the images that install.sh built
#     --data    also remove the data directory with all workspaces (asks first)
#     --all     both
#     --yes     do not ask
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/say.sh
. scripts/say.sh
# shellcheck source=scripts/settings.sh
. scripts/settings.sh
# shellcheck source=scripts/kernel-limits.sh
. scripts/kernel-limits.sh

images=no data=no yes=no
for argument in "$@"; do
  case "$argument" in
    --images) images=yes ;;
    --data) data=yes ;;
    --all) images=yes data=yes ;;
    -y | --yes) yes=yes ;;
    -h | --help)
      sed -n '2,8s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *) fail "Unknown option '$argument'." 'Use: ./uninstall.sh [--images] [--data] [--all] [--yes]' ;;
  esac
done

timeout 10 docker info >/dev/null 2>&1 || fail 'The Docker Engine does not answer, or this user may not use it.' \
  'Start it, or run this as root or with sudo.'
data_dir="$(setting SANDBOXED_DATA_DIR /var/lib/sandboxed)"

if [ "$data" = yes ] && [ "$yes" = no ]; then
  [ -t 0 ] || fail 'Removing the data needs a yes.' 'Add --yes.'
  read -r -p "Remove $data_dir with every workspace in it? Type 'remove': " answer
  [ "$answer" = remove ] || fail 'Nothing was removed.'
fi

say 'Stopping the stack.'
docker compose down --volumes --remove-orphans --timeout 20 >/dev/null 2>&1 || docker compose down --volumes --remove-orphans >&2
ours=(--filter label=sandboxed.managed=true --filter label=sandboxed.instance=sandboxed)
mapfile -t containers < <(docker ps -aq "${ours[@]}")
if [ "${#containers[@]}" -gt 0 ]; then
  say "Removing ${#containers[@]} sandbox container(s)."
  docker rm -f "${containers[@]}" >/dev/null
fi
mapfile -t networks < <(docker network ls -q "${ours[@]}")
if [ "${#networks[@]}" -gt 0 ]; then docker network rm "${networks[@]}" >/dev/null; fi
if docker image inspect sandboxed/control-plane:latest >/dev/null 2>&1; then
  docker run --rm --network host --cap-add NET_ADMIN sandboxed/control-plane:latest bash /app/firewall.sh remove ||
    say 'The egress rules could not be removed; they name only interfaces that are gone now.'
fi
if [ -e "$limits_file" ]; then rm -f "$limits_file" || say "Could not remove $limits_file."; fi
docker volume ls -q --filter label=com.docker.compose.project=sandboxed | xargs -r docker volume rm >/dev/null

if [ "$images" = yes ]; then
  say 'Removing images.'
  # The label names the image it was made for: one of the user's that stands on ours inherits the label, not the name.
  mapfile -t built < <(docker image ls --filter label=sandboxed.image --format '{{.Repository}}:{{.Tag}}' |
    while read -r name; do docker image ls --filter "label=sandboxed.image=$name" --filter "reference=$name" --format "$name"; done)
  mapfile -t -O "${#built[@]}" built < <(docker image ls --quiet --filter dangling=true --filter label=sandboxed.image)
  if [ "${#built[@]}" -gt 0 ]; then
    docker image rm "${built[@]}" >/dev/null || say 'Images that containers of yours use stay (see above).'
  fi
fi
if [ "$data" = yes ]; then
  case "$data_dir" in
    / | /home | /root | /usr | /var | /var/lib | /etc | /opt) fail "Refusing to remove $data_dir." ;;
  esac
  if [ -d "$data_dir" ] && [ -n "$(ls -A "$data_dir")" ] && [ ! -e "$data_dir/db" ] && [ ! -e "$data_dir/workspaces" ]; then
    fail "Refusing to remove $data_dir: it holds neither our database nor workspaces."
  fi
  rm -rf -- "$data_dir"
  say "Removed $data_dir."
else
  say "Kept $data_dir with all workspaces."
fi
say 'sandboxed is uninstalled.'
