#!/usr/bin/env bash
# Tests the functions that install.sh and uninstall.sh source, and what ./sandboxed refuses. Installs nothing and needs no Docker.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/settings.sh
. scripts/settings.sh
# shellcheck source=scripts/host-checks.sh
. scripts/host-checks.sh
# shellcheck source=scripts/say.sh
. scripts/say.sh

work_dir="$(mktemp -d)"
server=''
clean_up() {
  if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; fi
  rm -rf "$work_dir"
}
trap clean_up EXIT

passed=0
failed=0
# same <behaviour> <wanted> <got>
same() {
  if [ "$2" = "$3" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    printf 'FAIL %s: wanted <%s>, got <%s>\n' "$1" "$2" "$3"
  fi
}
# answer <command…>: yes or no
answer() { if "$@"; then echo yes; else echo no; fi; }

cat >"$work_dir/.env" <<'EOT'
PLAIN=/srv/plain
DOUBLE="/srv/with space"
SINGLE='/srv/# no comment'   # a comment
COMMENT=/srv/plain # a comment
SPACED = value
export EXPORTED=yes
EMPTY=
TWICE=first
TWICE=last
HASH=a#b
#OFF=1
EOT
printf 'WINDOWS=value\r\n' >>"$work_dir/.env"
value() { (cd "$work_dir" && setting "$@"); }
same 'a plain value' /srv/plain "$(value PLAIN x)"
same 'double quotes go' '/srv/with space' "$(value DOUBLE x)"
same 'single quotes go, a # between them stays' '/srv/# no comment' "$(value SINGLE x)"
same 'a comment goes' /srv/plain "$(value COMMENT x)"
same 'spaces around the sign go' value "$(value SPACED x)"
same 'export is understood' yes "$(value EXPORTED x)"
same 'an empty value means the default' fallback "$(value EMPTY fallback)"
same 'a missing name means the default' fallback "$(value MISSING fallback)"
same 'the last one counts' last "$(value TWICE x)"
same 'a # inside a word stays' 'a#b' "$(value HASH x)"
same 'a line that is commented out does not count' x "$(value OFF x)"
same 'the carriage return of another system goes' value "$(value WINDOWS x)"
same 'the environment comes first' mine "$(PLAIN=mine value PLAIN x)"
same 'an empty variable hides .env, as in compose' x "$(PLAIN='' value PLAIN x)"

same 'the API is open without tokens' yes "$(cd "$work_dir" && answer api_is_open)"
same 'it is not with tokens, whatever else is said' no "$(SANDBOXD_API_AUTH_DISABLED=true SANDBOXD_API_TOKENS=a:b answer api_is_open)"
same 'nor with a file of tokens' no "$(SANDBOXD_API_TOKENS_FILE=tokens answer api_is_open)"
same 'nor when it is said to be closed' no "$(SANDBOXD_API_AUTH_DISABLED=false answer api_is_open)"

printf '# a comment\nben:benbenbenbenbenb\nroot=rootrootrootroot\n' >"$work_dir/tokens"
same 'without tokens none is handed on' '' "$(cd "$work_dir" && api_token)"
same 'the token of an administrator is' adminadminadminadm "$(SANDBOXD_API_TOKENS='ben:benbenbenbenbenb, admin:adminadminadminadm' api_token)"
same 'of whoever the settings name' rootrootrootroot "$(SANDBOXED_ADMINS=anna,root SANDBOXD_API_TOKENS_FILE="$work_dir/tokens" api_token)"
same 'else the first' benbenbenbenbenb "$(SANDBOXD_API_TOKENS_FILE="$work_dir/tokens" api_token)"

printf 'SANDBOXED_DATA_DRI=1\nSANDBOXED_DATA_DIR=2\nCOMPOSE_PROFILES=3\n# SANDBOXED_OFF=4\nexport PREVIEW_DOMIAN=5\n' >"$work_dir/settings"
same 'misspelt names of ours are found, others left alone' $'PREVIEW_DOMIAN\nSANDBOXED_DATA_DRI' \
  "$(unknown_settings "$work_dir/settings" .env.example)"
same 'every setting of compose.yaml is in .env.example' '' \
  "$(comm -23 <(grep -oE '\$\{[A-Z_]+' compose.yaml | cut -c 3- | sort -u) <(sed -nE 's/^([A-Z_]+)=.*/\1/p' .env.example | sort -u))"

# shellcheck disable=SC2016
same 'every file that the documents name is there' '' \
  "$(grep -ohE '`(apps|libs|e2e|scripts)/[A-Za-z0-9_./-]+`' ./*.md | tr -d '`' | sort -u | while read -r path; do [ -e "$path" ] || echo "$path"; done)"

# Node is what these tests run beside; it prints the port that the kernel chose.
mkfifo "$work_dir/port"
node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => console.log(s.address().port))' >"$work_dir/port" &
server=$!
read -r -t 20 port <"$work_dir/port"
same 'a port where a program listens is taken' yes "$(answer listens "$port")"
kill "$server"
wait "$server" 2>/dev/null || true
server=''
same 'it is free when the program has ended' no "$(answer listens "$port")"

same 'ports of the stack are its published ones and its entry points' $'9090\n80\n9092' \
  "$(ports_in <<<' --publish=:9090 node /app/dist/api.mjs --entrypoints.web.address=:80 --entrypoints.ping.address=127.0.0.1:9092 --ping=true')"
same 'a stack that does not run holds none' '' "$(ports_in </dev/null)"
same 'free space is told of a path that is not there yet, too' yes "$(answer test "$(free_mb "$work_dir/not/there")" -ge 0)"

same 'a newer Engine will do' yes "$(answer at_least 26.1.5+dfsg1 25)"
same 'the oldest one will do' yes "$(answer at_least v25.0 25)"
same 'an older one will not' no "$(answer at_least 24.0.7 25)"
same 'no version will not' no "$(answer at_least '' 25)"

# refusal <command…>: its exit code and the first line that it says
refusal() {
  local code=0 said
  said="$("$@" 2>&1 >/dev/null)" || code=$?
  printf '%s %s' "$code" "${said%%$'\n'*}"
}
# The networks of an Engine, each as `<name> <subnet that it was made with, or -> <container, or ->`.
networks=''
docker() {
  local words
  words="$*"
  case "$1 $2" in
    'network inspect') awk -v name="${words##* }" '$1 == name { found = 1; if ($2 != "-") print $2 } END { exit !found }' <<<"$networks" ;;
    'ps --quiet') awk -v name="${words##*=}" '$1 == name && $3 != "-" { print $3 }' <<<"$networks" ;;
  esac
}
same 'a host without networks of ours is ready' '0 ' "$(refusal need_quiet_networks)"
networks=$'sandboxed-sandboxes 172.19.0.0/16 c1\nsandboxed-isolated - -'
same 'sandboxes run on in a network that can stay, and one that nothing runs in can go' '0 ' "$(refusal need_quiet_networks)"
networks=$'sandboxed-sandboxes 172.19.0.0/16 c1\nsandboxed-isolated - c2'
same 'a network that has to go is told before anything is stopped for it' \
  '1 Error: The network sandboxed-isolated is from an earlier version and has to be made anew, but sandboxes run in it.' \
  "$(refusal need_quiet_networks)"

# shellcheck source=scripts/stack.sh
. scripts/stack.sh
# States of services, each as compose prints them: name, health (empty for none), state.
states=''
docker() {
  case "$*" in
    *' ps '*) printf '%s\n' "$states" ;;
    *' logs '*) printf 'log of %s\n' "${!#}" >&2 ;;
  esac
}
states=$'one  running\ntwo healthy running\nthree starting running\nfour unhealthy running\nfive  restarting\nsix healthy exited'
same 'what is not healthy is shown, also what starts over and over and seems to run at the moment' 'five four six three' \
  "$(tell_unhealthy 2>&1 >/dev/null | sed -n 's/^log of //p' | sort | paste -sd ' ')"
unset -f docker

# shellcheck source=scripts/image-pins.sh
. scripts/image-pins.sh
digest="sha256:$(printf 'a%.0s' {1..64})"
printf '# a comment\nsandboxed/a:1 registry.example:5000/a:1.2 %s\nsandboxed/b:1 b:1 -\nsandboxed/c:1 c:1 sha256:short\nsandboxed/d:1 d:1\n' \
  "$digest" >"$work_dir/pins"
same 'an image is pulled by its digest' "registry.example:5000/a@$digest" "$(pinned sandboxed/a:1 "$work_dir/pins")"
same 'one without a digest is not pulled' '' "$(pinned sandboxed/b:1 "$work_dir/pins")"
same 'nor is one that nobody pinned' '' "$(pinned sandboxed/e:1 "$work_dir/pins")"
same 'half a digest is an error' no "$(answer pinned sandboxed/c:1 "$work_dir/pins")"
same 'so is none at all' no "$(answer pinned sandboxed/d:1 "$work_dir/pins")"
docker() { if [ "${*: -1}" = b:1 ]; then echo "$digest"; else return 1; fi; }
export -f docker
export digest
printf '# a comment\nsandboxed/b:1 b:1 -\n' >"$work_dir/new-pins"
same 'a digest is asked of the registry and written down' yes "$(answer scripts/pin-images.sh "$work_dir/new-pins" 2>/dev/null | tail -n 1)"
same 'with all else left as it was' $'# a comment\nsandboxed/b:1 b:1 '"$digest" "$(cat "$work_dir/new-pins")"
same 'without a registry no pin changes' '1 Error: The registry does not tell the digest of registry.example:5000/a:1.2.' \
  "$(refusal scripts/pin-images.sh "$work_dir/pins")"
unset -f docker

# planted <file> <line>: what the check of pins says of a directory with that alone
planted() {
  rm -rf "$work_dir/tree"
  mkdir -p "$work_dir/tree/$(dirname "$1")"
  printf '%s\n' "$2" >"$work_dir/tree/$1"
  refusal node scripts/check-pins.mjs "$work_dir/tree"
}
for range in '^1.2.3' '~1.2.3' '>=1.2.3' 1.x latest '*' '' file:../x 'npm:other@1' 'git+ssh://x'; do
  same "a package as \"$range\" is told" "1 apps/a/package.json: x is \"$range\", not one version" \
    "$(planted apps/a/package.json "{\"devDependencies\":{\"x\":\"$range\"}}")"
done
same 'a package of one version is fine' '0 ' "$(planted package.json '{"dependencies":{"x":"1.2.3-rc.1","@sandboxed/y":"*"}}')"
same 'a locked package without a checksum is told' '1 package-lock.json: node_modules/x has no checksum' \
  "$(planted package-lock.json '{"packages":{"":{},"node_modules/x":{"version":"1.2.3"},"node_modules/y":{"link":true}}}')"
same 'a Python package of any version is told' '1 a-requirements.txt: "x>=1" is not one version' "$(planted a-requirements.txt 'x>=1')"
same 'a base image by tag is told' '1 a.Dockerfile: debian:bookworm is not named by digest' "$(planted a.Dockerfile 'FROM debian:bookworm AS a')"
same 'so is one that is copied from' '1 Dockerfile: busybox is not named by digest' "$(planted Dockerfile 'COPY --from=busybox /a /b')"
same 'an image by digest is fine' '0 ' "$(planted Dockerfile "FROM debian@$digest")"
same 'an image of compose by tag is told' '1 compose.yaml: redis:7 is not named by digest' "$(planted compose.yaml '    image: redis:7')"
same 'a pin that is none is told' '1 scripts/base-images/pins: "sandboxed/a:1 a:1 latest" is no pin' \
  "$(planted scripts/base-images/pins 'sandboxed/a:1 a:1 latest')"

mkdir -p "$work_dir/data/db"
export SANDBOXED_DATA_DIR="$work_dir/data"
same 'a command without a directory is answered with the usage' 64 "$(refusal ./sandboxed backup | cut -d ' ' -f 1)"
same 'so is one too many' 64 "$(refusal ./sandboxed down now | cut -d ' ' -f 1)"
same 'no directory is made for a backup on a disk that is not mounted' "1 Error: $work_dir/usb is not there." \
  "$(refusal ./sandboxed backup "$work_dir/usb/new")"
same 'a backup does not go into the data directory' "1 Error: $work_dir/data/new is in the data directory, which it is a backup of." \
  "$(refusal ./sandboxed backup "$work_dir/data/new")"
same 'nor where it would hide the image' '1 Error: /usr cannot hold a backup.' "$(refusal ./sandboxed backup /usr/new)"
same 'a backup needs an installation' "1 Error: There is no installation in $work_dir/none." \
  "$(SANDBOXED_DATA_DIR="$work_dir/none" refusal ./sandboxed backup "$work_dir/new")"
same 'a relative directory is one below the caller' "1 Error: $work_dir/usb is not there." \
  "$(root="$PWD" && cd "$work_dir" && refusal "$root/sandboxed" backup usb/new)"
same 'a restore needs a backup' "1 Error: $work_dir/new is not there." "$(refusal ./sandboxed restore "$work_dir/new")"
touch "$work_dir/data/db/sandboxed.sqlite"
mkdir "$work_dir/monday"
same 'a restore replaces no installation' "1 Error: $work_dir/data holds an installation; a restore replaces nothing." \
  "$(refusal ./sandboxed restore "$work_dir/monday")"
rm "$work_dir/data/db/sandboxed.sqlite"

# What is not of the host goes to the client, here a script that tells how it was called, run by a Node that is none.
if [ ! -e dist/sandboxed.mjs ]; then
  same 'a host without the client is told how it comes there' "1 Error: The program for 'ls' is not in $work_dir/data." "$(refusal ./sandboxed ls)"
fi
mkdir -p "$work_dir/data/client" "$work_dir/data/agent/0123456789abcdef"
# shellcheck disable=SC2016
printf 'printf "%%s in %%s by %%s and %%s:" "$0" "$PWD" "$SANDBOXED_INSTALLED_URL" "$SANDBOXED_INSTALLED_TOKEN"; printf " <%%s>" "$@"; exit 7\n' \
  >"$work_dir/data/client/sandboxed.mjs"
ln -s "$(command -v bash)" "$work_dir/data/agent/0123456789abcdef/node"
typed() {
  local code=0
  SANDBOXED_API_BIND=127.0.0.1:9999 SANDBOXD_API_TOKENS=admin:adminadminadminadm "$@" || code=$?
  echo "$code"
}
called="$work_dir/data/client/sandboxed.mjs in $work_dir by http://127.0.0.1:9999 and adminadminadminadm:"
root="$PWD"
same 'all that is not of the host is done by the client, where the caller is, as the administrator' \
  "$called <exec> <-it> <a b> <--> <sh>7" "$(cd "$work_dir" && typed "$root/sandboxed" exec -it 'a b' -- sh)"
ln -s "$root/sandboxed" "$work_dir/linked"
same 'by a link, too' "$called <ls> <--json>7" "$(cd "$work_dir" && typed ./linked ls --json)"
same 'a call without a command is answered by it' "$called <>7" "$(cd "$work_dir" && typed "$root/sandboxed")"
same 'a command of the host is not' 64 "$(cd "$work_dir" && typed "$root/sandboxed" backup 2>/dev/null)"
same 'help about one neither' 0 "$(cd "$work_dir" && typed "$root/sandboxed" up --help 2>/dev/null)"
# No Engine answers here; timeout itself runs no function.
docker() { return 1; }
timeout() { shift && "$@"; }
export -f docker timeout
same 'nothing is stopped where no Engine answers' '1 Error: The Docker Engine does not answer, or this user may not use it.' "$(refusal ./sandboxed down)"
# The Engine has a stack that does not start, then one that does.
docker() {
  case "$1 ${2:-}" in
    'info ' | 'compose stop') ;;
    'ps --all') echo c1 ;;
    'ps --quiet') printf 'c2\nc3\n' ;;
    'stop c2') echo "$*" >"$stopped" ;;
    *) return 1 ;;
  esac
}
stopped="$work_dir/stopped" && export stopped
same 'a stack that does not start is told' '1 Error: The stack did not start.' "$(refusal ./sandboxed up)"
same 'an option of install.sh is nothing to a stack that is there' "1 Error: sandboxed is installed: '--no-smoke' is an option of ./install.sh." \
  "$(refusal ./sandboxed up --no-smoke)"
same 'all is stopped, and told as JSON' '{"status":"stopped","sandboxes":2} stop c2 c3' "$(./sandboxed down --json 2>/dev/null) $(cat "$stopped")"
unset -f docker timeout
unset SANDBOXED_DATA_DIR

# A curl that gets the same answer to every call.
mkdir "$work_dir/bin"
printf '#!/bin/sh\nprintf %%s "$SAID"\n' >"$work_dir/bin/curl"
chmod +x "$work_dir/bin/curl"
tried() { PATH="$work_dir/bin:$PATH" SAID="$1" answer scripts/smoke.sh 2>/dev/null | tail -n 1; }
same 'an installation at its quota is no failed trial' yes "$(tried '{"status":403,"code":"quota_exceeded"}')"
same 'one that makes no sandbox for another reason is' no "$(tried '{"status":502,"code":"start_failed"}')"

# Each crash point is passed in one place, in the room that its first word names.
while IFS= read -r point; do
  case "$point" in
    api.* | wake.*) room=apps/api ;;
    reaper.* | relay.* | trim.* | idle.* | webhook.*) room=apps/reaper ;;
    job.* | exec.*) room=libs/jobs ;;
    *) room=apps/worker ;;
  esac
  same "the crash point $point is passed once, in $room" "$room" \
    "$(grep -ro --include=*.ts "reach('$point')" apps libs | cut -d/ -f1,2 | paste -sd ' ')"
done < <(sed -n "s/^  '\([a-z_.]*\)',$/\1/p" libs/domain/src/crash-points.ts)

echo "Tests: $failed failed, $passed passed, $((passed + failed)) total"
[ "$failed" -eq 0 ]
