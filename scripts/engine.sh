#!/usr/bin/env bash
# Makes sure that a Docker Engine with Compose and buildx answers on this host.
#
#   scripts/engine.sh          install what is missing, start the Engine, wait until it answers
#   scripts/engine.sh started  exit 0 if the running Engine was started by this script (no systemd)
#   scripts/engine.sh stop     stop the Engine again if, and only if, this script started it
#   scripts/engine.sh restart  the same, and start it again; fails if this script did not start it
#
# An Engine that already works is used as it is and never changed.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"
# shellcheck source=scripts/host-checks.sh
. "$here/host-checks.sh"

readonly engine_log=/var/log/sandboxed-dockerd.log
readonly engine_pid_file=/run/sandboxed-dockerd.pid
readonly engine_lock=/run/sandboxed-engine.lock
# The first that knows start_interval of a health check, which compose.yaml uses.
readonly oldest_engine=25
readonly start_seconds=60
readonly stop_seconds=30

work_dir=''
policy_file=''
cleanup() {
  if [ -n "$policy_file" ]; then rm -f "$policy_file"; fi
  if [ -n "$work_dir" ]; then rm -rf "$work_dir"; fi
}
trap cleanup EXIT

engine_answers() { timeout 10 docker info >/dev/null 2>&1; }
compose_works() { timeout 10 docker compose version >/dev/null 2>&1; }
buildx_works() { timeout 10 docker buildx version >/dev/null 2>&1; }
has_systemd() { [ -d /run/systemd/system ]; }
has_package() { [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]; }

need_root() {
  if [ "$(id -u)" -ne 0 ]; then
    fail "$1 needs root." "Run the same command again with sudo, or start your Docker Engine yourself first."
  fi
}

# Services must not be started by a package's own script where nothing supervises them: start_engine does that.
hold_services() {
  if ! has_systemd && [ ! -e /usr/sbin/policy-rc.d ]; then
    policy_file=/usr/sbin/policy-rc.d
    printf '#!/bin/sh\nexit 101\n' >"$policy_file"
    chmod 755 "$policy_file"
  fi
}

apt_quiet() {
  local log="$work_dir/apt.log"
  if ! DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    fail "apt-get ${*: -1} did not succeed (its last lines are above)." \
      "Check that this host reaches its package mirror and that no other package manager runs, then run this again."
  fi
}

# Debian 12's own Engine is too old for Compose v2. The packages of Debian 13 need only a libc that Debian 12 has,
# so apt sees that suite for this one call, pinned below everything that the host has by itself.
install_from_next_debian() {
  local apt_dir="$work_dir/apt"
  mkdir -p "$apt_dir/sources.list.d" "$apt_dir/lists/partial"
  : >"$apt_dir/sources.list"
  if [ -f /etc/apt/sources.list ]; then
    sed -E '/^deb .*[[:space:]]bookworm[[:space:]]/{p;s/([[:space:]])bookworm([[:space:]])/\1trixie\2/}' \
      /etc/apt/sources.list >"$apt_dir/sources.list"
  fi
  local file
  for file in /etc/apt/sources.list.d/*; do
    case "$file" in
      *.sources) sed -E 's/^(Suites:.*[[:space:]])bookworm([[:space:]].*)?$/\1bookworm trixie\2/' "$file" ;;
      *.list) sed -E '/^deb .*[[:space:]]bookworm[[:space:]]/{p;s/([[:space:]])bookworm([[:space:]])/\1trixie\2/}' "$file" ;;
      *) continue ;;
    esac >"$apt_dir/sources.list.d/$(basename "$file")"
  done
  {
    if [ -f /etc/apt/preferences ]; then cat /etc/apt/preferences; fi
    printf '\nPackage: *\nPin: release n=trixie\nPin-Priority: 100\n'
  } >"$apt_dir/preferences"
  # apt reads its lists as an unprivileged user.
  chmod -R a+rX "$work_dir"
  local options=(
    -o "Dir::Etc::sourcelist=$apt_dir/sources.list"
    -o "Dir::Etc::sourceparts=$apt_dir/sources.list.d"
    -o "Dir::Etc::preferences=$apt_dir/preferences"
    -o "Dir::State::lists=$apt_dir/lists"
    # The binary caches belong to the host's own lists.
    -o 'Dir::Cache::pkgcache=' -o 'Dir::Cache::srcpkgcache='
  )
  apt_quiet "${options[@]}" update
  apt_quiet "${options[@]}" install --yes --no-install-recommends "$@"
}

install_engine() {
  # shellcheck source=/dev/null
  . /etc/os-release
  local kind="${ID:-unknown}-${VERSION_CODENAME:-unknown}"
  say "Installing the Docker Engine and Compose from this system's package mirror ($kind)."
  hold_services
  if [ "$kind" = debian-bookworm ]; then
    install_from_next_debian iptables \
      docker.io/trixie containerd/trixie docker-cli/trixie docker-compose/trixie docker-buildx/trixie
    return
  fi
  apt_quiet update
  local packages=(iptables docker.io docker-buildx)
  if has_package docker-compose-v2; then packages+=(docker-compose-v2); else packages+=(docker-compose); fi
  if has_package docker-cli; then packages+=(docker-cli); fi
  apt_quiet install --yes --no-install-recommends "${packages[@]}"
}

# The Engine works but its client lacks Compose or buildx: add only those, from the same vendor where possible.
install_plugins() {
  # shellcheck source=/dev/null
  . /etc/os-release
  say 'The Docker Engine works; adding the Compose and buildx plugins.'
  apt_quiet update
  if has_package docker-compose-plugin; then
    apt_quiet install --yes --no-install-recommends docker-compose-plugin docker-buildx-plugin
  elif has_package docker-compose-v2; then
    apt_quiet install --yes --no-install-recommends docker-compose-v2 docker-buildx
  elif [ "${VERSION_CODENAME:-}" = bookworm ]; then
    install_from_next_debian docker-compose/trixie docker-buildx/trixie
  else
    apt_quiet install --yes --no-install-recommends docker-compose docker-buildx
  fi
}

wait_for_engine() {
  local deadline=$((SECONDS + start_seconds))
  until engine_answers; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.3
  done
}

start_engine() {
  say 'Starting the Docker Engine.'
  if has_systemd; then
    systemctl enable --now docker >/dev/null 2>&1 || true
    wait_for_engine || fail "The Docker Engine did not answer within $start_seconds s." \
      "Look at 'journalctl -u docker', correct what it says, then run this again."
    return
  fi
  # Another program may have started it a moment ago: its pid file tells.
  if ! engine_lives; then
    rm -f /var/run/docker.pid
    # A session of its own, no inherited descriptors: it outlives this script and holds neither its lock nor its pipes.
    setsid dockerd >>"$engine_log" 2>&1 </dev/null 9>&- &
    printf '%s\n' "$!" >"$engine_pid_file"
  fi
  if ! wait_for_engine; then
    tail -n 15 "$engine_log" >&2 || true
    fail "The Docker Engine did not answer within $start_seconds s (the last lines of $engine_log are above)." \
      "Correct what the log says (often: a missing kernel feature, or no rights to mount), then run this again."
  fi
}

# True while process $1 is a Docker Engine; an ended one that nobody has collected yet does not count.
is_engine() {
  local task
  grep -q '^Name:[[:space:]]dockerd$' "/proc/$1/status" 2>/dev/null || return 1
  # One that ended stays until its parent asks for it; its first thread may end while others still close connections.
  for task in "/proc/$1/task/"*/status; do
    if [ -r "$task" ] && ! grep -q '^State:[[:space:]]Z' "$task" 2>/dev/null; then return 0; fi
  done
  return 1
}

# engine_lives: whether any Engine runs, whoever started it.
engine_lives() {
  local pid
  for pid in $(pgrep -x dockerd 2>/dev/null); do
    if is_engine "$pid"; then return 0; fi
  done
  return 1
}

# Prints the process id of the Engine that this script started and that still runs.
started_pid() {
  local pid
  [ -r "$engine_pid_file" ] || return 1
  pid="$(cat "$engine_pid_file")"
  is_engine "$pid" || return 1
  printf '%s\n' "$pid"
}

stop_engine() {
  local pid
  if ! pid="$(started_pid)"; then
    say 'Nothing to stop: this script did not start the running Docker Engine.'
    return
  fi
  kill -TERM "$pid"
  local deadline=$((SECONDS + stop_seconds))
  while is_engine "$pid"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      fail "The Docker Engine (process $pid) did not stop within $stop_seconds s." "Look at $engine_log."
    fi
    sleep 0.2
  done
  rm -f "$engine_pid_file"
  say 'Stopped the Docker Engine.'
}

restart_engine() {
  started_pid >/dev/null || fail 'This script did not start the running Docker Engine, and restarts no other.' \
    'Restart it by the means it was started with.'
  stop_engine
  start_engine
}

need_version() {
  local version
  version="$(docker version --format '{{.Server.Version}}')"
  at_least "$version" "$oldest_engine" || fail "The Docker Engine $version is too old: sandboxed needs $oldest_engine or newer." \
    'Upgrade the Docker Engine, then run this again.'
}

ensure_engine() {
  if engine_answers && compose_works && buildx_works; then
    need_version
    say "Using the Docker Engine $(docker version --format '{{.Server.Version}}') that is already running."
    return
  fi
  need_root 'Installing or starting the Docker Engine'
  command -v apt-get >/dev/null || fail 'This host has no working Docker Engine and no apt-get.' \
    'Use Debian or Ubuntu, or install the Docker Engine with Compose yourself, then run this again.'
  # Two installs at once (a test beside an install) would fight over apt and the Engine's pid file.
  exec 9>"$engine_lock"
  flock -w 600 9 || fail "Another installation has held $engine_lock for 10 minutes." 'Wait for it to end, then run this again.'

  work_dir="$(mktemp -d)"
  if engine_answers; then
    if ! compose_works || ! buildx_works; then install_plugins; fi
  else
    if ! command -v dockerd >/dev/null || ! compose_works; then install_engine; fi
    hash -r
    engine_answers || start_engine
  fi
  compose_works || fail "'docker compose version' still does not work." \
    "Remove or update the docker client at $(command -v docker), or install the Compose plugin, then run this again."
  need_version
  say "The Docker Engine $(docker version --format '{{.Server.Version}}') is running, $(docker compose version)."
}

case "${1:-ensure}" in
  ensure) ensure_engine ;;
  started) started_pid >/dev/null ;;
  stop) stop_engine ;;
  restart) restart_engine ;;
  *) fail "Unknown command '$1'." 'Use: engine.sh [ensure|started|stop|restart]' ;;
esac
