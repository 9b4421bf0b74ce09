#!/usr/bin/env bash
# Runs every check and every test of sandboxed on this host, installing what they need first. No questions, can be run again.
# The last line counts them: "N passed, N failed". What this script started and installed as a stack it takes down again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
# shellcheck source=scripts/say.sh
. scripts/say.sh

log_dir="$(mktemp -d)"
passed=0
failed=0
broken=()
started_engine=no
installed_stack=no
had_data=no

clean_up() {
  local status=$?
  trap - EXIT
  if [ "$installed_stack" = yes ]; then
    local flags=(--yes)
    if [ "$had_data" = no ]; then flags+=(--data); fi
    ./uninstall.sh "${flags[@]}" >"$log_dir/uninstall.log" 2>&1 || {
      tail -n 20 "$log_dir/uninstall.log"
      failed=$((failed + 1))
      broken+=(uninstall)
    }
  fi
  if [ "$started_engine" = yes ]; then scripts/engine.sh stop || true; fi
  if [ "${#broken[@]}" -gt 0 ]; then say "Failed: ${broken[*]} (logs in $log_dir)"; else rm -rf "$log_dir"; fi
  if [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  echo "$passed passed, $failed failed"
  if [ "$failed" -gt 0 ] || [ "$passed" -eq 0 ]; then exit 1; fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Sums Jest's own count in a log ("Tests: 1 failed, 20 passed, 21 total"); a log without one counts 0.
count_tests() {
  sed -E 's/\x1b\[[0-9;]*m//g' "$2" | awk -v kind="$1" '
    /^Tests:/ { for (i = 2; i < NF; i++) if (index($(i + 1), kind) == 1) n += $i }
    END { print n + 0 }'
}

# check NAME COMMAND…: one check; the tests that it ran are counted one by one.
check() {
  local name="$1" log="$log_dir/$1.log" begin=$SECONDS status=0
  shift
  timeout 4200 "$@" >"$log" 2>&1 || status=$?
  local tests_passed tests_failed
  tests_passed="$(count_tests passed "$log")"
  tests_failed="$(count_tests failed "$log")"
  passed=$((passed + tests_passed))
  failed=$((failed + tests_failed))
  if [ "$status" -eq 0 ]; then
    passed=$((passed + 1))
    say "ok    $name, $tests_passed tests ($((SECONDS - begin)) s)"
  else
    if [ "$tests_failed" -eq 0 ]; then failed=$((failed + 1)); fi
    broken+=("$name")
    tail -n 120 "$log"
    say "FAIL  $name, exit $status ($((SECONDS - begin)) s)"
  fi
  return 0
}

# need NAME COMMAND…: without this nothing that follows makes sense.
need() {
  local before=$failed
  check "$@"
  [ "$failed" -eq "$before" ] || exit 1
}

need packages scripts/test-packages.sh
need npm-ci npm ci --no-audit --no-fund
check static npm test
if ! timeout 10 docker info >/dev/null 2>&1; then started_engine=maybe; fi
need engine scripts/engine.sh
if [ "$started_engine" = maybe ]; then
  if scripts/engine.sh started; then started_engine=yes; else started_engine=no; fi
fi
need base-images scripts/base-images.sh
check integration npm run integration
# Where the e2e suite's scripted model listens on this host, and sandboxes of the tested stack may reach it.
E2E_MODEL_HOST="$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')"
E2E_MODEL_PORT=18080
export E2E_MODEL_HOST E2E_MODEL_PORT
export SANDBOXED_EGRESS_ALLOW="${SANDBOXED_EGRESS_ALLOW:+$SANDBOXED_EGRESS_ALLOW,}$E2E_MODEL_HOST/32:$E2E_MODEL_PORT"
if [ -d "${SANDBOXED_DATA_DIR:-/var/lib/sandboxed}" ]; then had_data=yes; fi
if [ -z "$(docker ps -q --filter label=com.docker.compose.project=sandboxed)" ]; then installed_stack=yes; fi
need install ./install.sh
check e2e npm run e2e
check bench npm run bench -- --check
check torture npm run torture -- --minutes 3 --seed 20261125
check install-again ./install.sh
# Last, and never with an Engine that somebody else uses.
if [ "$started_engine" = yes ]; then check engine-restart npm run engine-restart; fi
