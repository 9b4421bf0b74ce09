#!/usr/bin/env bash
# Brings the running installation to the version in this directory (after git pull, or with a new release unpacked over it):
# backup, new images, start, health check. Whatever fails, the version that ran before runs again. No questions; can be run again.
#
#   ./upgrade.sh                       the backup goes to sandboxed-backups/<time> beside the data directory
#   ./upgrade.sh --backup <directory>  it goes to a new directory of this name
#   ./upgrade.sh --no-smoke            leave out the trial of the whole loop at the end
set -euo pipefail
called_from="$PWD"
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

smoke=yes record=''
while [ "$#" -gt 0 ]; do
  case "$1" in
    --no-smoke) smoke=no ;;
    --backup)
      [ -n "${2:-}" ] || fail "'--backup' needs a directory." 'Use: ./upgrade.sh [--backup <directory>] [--no-smoke]'
      record="$2"
      shift
      ;;
    -h | --help)
      sed -n '2,7s/^# \{0,1\}//p' "$0"
      exit 0
      ;;
    *) fail "Unknown option '$1'." 'Use: ./upgrade.sh [--backup <directory>] [--no-smoke]' ;;
  esac
  shift
done

control=sandboxed/control-plane sandbox=sandboxed/sandbox
step() { say "── $*"; }
container_of() { docker ps --all --quiet --filter label=com.docker.compose.project=sandboxed --filter "label=com.docker.compose.service=$1" | head -n 1; }
have() { docker image inspect "$1" >/dev/null 2>&1; }

step 'Checking'
timeout 10 docker info >/dev/null 2>&1 || fail 'The Docker Engine does not answer, or this user may not use it.' \
  'Start it, or run this as root or with sudo.'
data_dir="$(setting SANDBOXED_DATA_DIR /var/lib/sandboxed)"
[ -f "$data_dir/db/sandboxed.sqlite" ] || fail "There is no installation in $data_dir." 'Run ./install.sh.'
[ -w "$data_dir/db" ] || fail "This user may not write to $data_dir." 'Run this as root or with sudo.'
running="$(container_of api)"
[ -n "$running" ] || fail 'The stack is not there.' 'Start it with ./install.sh, which brings it to this version without a way back.'
need_quiet_networks
raise_limits || say "Warning: one sandbox can take from all others what the kernel counts for them together ($(low_limits | paste -sd ' ')). Run this as root to raise it."
if [ "$(setting PREVIEW_TLS false)" = true ] || ! api_is_open; then
  if [ "$smoke" = yes ]; then say 'The trial of the whole loop is for an open API and previews without TLS; it is left out.'; fi
  smoke=no
fi
images_free="$(free_mb "$(docker_root)")"
[ "$images_free" -ge 2000 ] || fail "Only $images_free MB are free for images, and an upgrade needs 2000." 'Free some space, then run this again.'
case "$record" in
  '') record="$(dirname "$(realpath -- "$data_dir")")/sandboxed-backups/$(date -u +%Y-%m-%dT%H-%M-%S)" ;;
  /*) ;;
  *) record="$called_from/$record" ;;
esac
case "$(realpath -m -- "$record")/" in
  "$(realpath -- "$data_dir")"/*) fail "$record is in the data directory, which it is a backup of." 'Choose a directory on another disk.' ;;
esac
[ ! -e "$record" ] || fail "$record is there already." 'Name a new directory.'
mkdir -p "$(dirname "$record")"
mkdir -m 700 "$record"
log="$record/upgrade.log"
: >"$log"

step "Backup into $record/data, by the version that runs"
# The image of the container, since an upgrade that was cut off may have left another one under the name.
docker tag "$(docker inspect --format '{{.Image}}' "$running")" "$control:previous"
docker tag "$control:previous" "$control:latest"
code=0
./sandboxed backup "$record/data" >>"$log" || code=$?
case "$code" in
  0) ;;
  2) say 'Warning: the backup lacks the files that it names above; they stay where they are.' ;;
  *) fail "The backup failed (exit code $code); the version that ran still runs." "Correct what the lines above say, then run this again." ;;
esac
if [ -f .env ]; then install -m 600 .env "$record/settings.env"; fi
if [ -f "$data_dir/stack/compose.yaml" ]; then
  cp -a "$data_dir/stack" "$record/stack"
else
  say "Warning: it is not recorded what the stack was started with. A roll back uses the compose.yaml of this directory."
  mkdir -m 700 "$record/stack"
  docker compose config >"$record/stack/compose.yaml"
fi
if have "$sandbox:latest"; then docker tag "$sandbox:latest" "$sandbox:previous"; fi
old=(--project-name sandboxed --file "$record/stack/compose.yaml")
copies_before="$(find "$data_dir/db" -name 'before-schema-*.sqlite' -printf '%p %T@ %i\n' | sort)"

old_images() {
  docker tag "$control:previous" "$control:latest"
  if have "$sandbox:previous"; then docker tag "$sandbox:previous" "$sandbox:latest"; fi
}

# put_back_database: when the new version changed its schema, the copy that it made right before.
put_back_database() {
  local copy
  copy="$(comm -13 <(printf '%s\n' "$copies_before") <(find "$data_dir/db" -name 'before-schema-*.sqlite' -printf '%p %T@ %i\n' | sort) | tail -n 1 | cut -d ' ' -f 1)"
  if [ -z "$copy" ]; then return; fi
  mkdir -m 700 "$record/failed-database"
  mv "$data_dir"/db/sandboxed.sqlite* "$record/failed-database/"
  cp --preserve=mode,ownership "$copy" "$data_dir/db/.sandboxed.sqlite.back"
  sync "$data_dir/db/.sandboxed.sqlite.back"
  mv "$data_dir/db/.sandboxed.sqlite.back" "$data_dir/db/sandboxed.sqlite"
  say "The database is as it was before its schema changed. What the new version wrote is in $record/failed-database: a command that it finished meanwhile may be told as lost."
}

stage=built
# roll_back <what failed>
roll_back() {
  trap '' INT TERM
  trap - EXIT
  say "Error: $1"
  old_images
  if [ "$stage" = built ]; then
    fail 'The upgrade was given up before anything was stopped: the version that ran still runs.' \
      "Correct what the lines above say, then run this again. The log is $log, the backup $record/data."
  fi
  step 'Rolling back to the version that ran before'
  docker compose "${old[@]}" stop api worker reaper >>"$log" 2>&1 || docker compose stop api worker reaper >>"$log" 2>&1 || true
  put_back_database
  if [ -d "$record/stack/edge" ]; then install -m 644 "$record"/stack/edge/*.yaml "$data_dir/edge/"; fi
  # Before the version that ran is up: nobody is led anywhere until its workers have written their routes.
  rm -f "$data_dir"/edge/route-*.yaml
  if grep --quiet 'providers.docker=true' "$record/stack/compose.yaml" 2>>"$log"; then
    back_to_labels "$data_dir" >>"$log" 2>&1 || say "Warning: not all of $data_dir/edge/guard-*.yaml could be made what this version reads. Previews that became private while their sandbox ran may be open: stop those sandboxes, or make them private again. See $log."
  fi
  if ! docker compose "${old[@]}" up --detach --wait --wait-timeout 180 --remove-orphans >>"$log" 2>&1 || ! until_ready "$api"; then
    tail -n 15 "$log" >&2
    tell_unhealthy "${old[@]}"
    fail 'The version that ran before does not start any more either.' \
      "Look at the lines above and at $log. The backup is $record/data: docs/backup.md says how it is restored."
  fi
  fail 'The upgrade failed and was taken back: the version that ran before runs again, with all sandboxes.' \
    "Report what the lines above say; the log is $log, the backup $record/data. Running ./upgrade.sh again tries it again."
}
trap 'roll_back "The upgrade was interrupted."' INT TERM
trap 'roll_back "The upgrade broke off (see above)."' EXIT
api="$(api_address)"

step 'New images; the old ones stay as :previous'
ca="$(setting SANDBOXED_EXTRA_CA '')"
if [ -n "$ca" ]; then export SANDBOXED_EXTRA_CA="$ca"; fi
scripts/base-images.sh || roll_back 'The base images could not be made.'
scripts/build-sandbox-image.sh || roll_back 'The new image of sandboxes could not be built.'
scripts/build-control-plane.sh || roll_back 'The new image of the control plane could not be built.'

step 'Starting the new version; sandboxes run on'
stage=started
# Nothing is accepted from here until the new version was tried: a roll back of the database would lose it.
docker compose "${old[@]}" stop api reaper worker >>"$log" 2>&1 || roll_back 'The version that ran could not be stopped.'
place_edge_files "$data_dir"
mapfile -t services < <(docker compose config --services | grep -vx api)
if ! docker compose up --detach --wait --wait-timeout 120 --remove-orphans "${services[@]}" >>"$log" 2>&1; then
  tail -n 5 "$log" >&2
  tell_unhealthy
  roll_back 'The workers of the new version did not become healthy.'
fi
# On a port that nobody knows until the trial is over.
if ! SANDBOXED_API_BIND=127.0.0.1:0 docker compose up --detach --wait --wait-timeout 120 >>"$log" 2>&1; then
  tell_unhealthy
  roll_back 'The API of the new version did not become healthy.'
fi
trial="http://$(docker compose port api 9090)"
until_ready "$trial" || roll_back "The API of the new version did not become ready: ${ready:-no answer}"
if [ "$smoke" = yes ]; then
  step 'Trying the whole loop once'
  SANDBOXED_API="$trial" HTTP_PORT="$(setting HTTP_PORT 80)" PREVIEW_DOMAIN="$(setting PREVIEW_DOMAIN localhost)" scripts/smoke.sh ||
    roll_back 'The new version does not do what it should.'
fi
step 'Opening it'
if ! docker compose up --detach --wait --wait-timeout 120 >>"$log" 2>&1 || ! until_ready "$api"; then
  tell_unhealthy
  roll_back "The API of the new version did not come up at $api: ${ready:-no answer}"
fi
trap - EXIT INT TERM
record_stack "$data_dir"
place_client "$data_dir"
say "Upgraded. The backup is $record/data, the log $log; the images of before are kept as :previous."
