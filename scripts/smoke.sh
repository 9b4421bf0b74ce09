#!/usr/bin/env bash
# The main loop as a user would do it, against the running stack: each step with its time; ends at the first that fails.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"

api="${SANDBOXED_API:-http://127.0.0.1:9090}"
edge="http://127.0.0.1:${HTTP_PORT:-80}"
domain="${PREVIEW_DOMAIN:-localhost}"
id=''

clean_up() {
  if [ -n "$id" ]; then curl -s --max-time 60 -o /dev/null -X POST "$api/sandbox/$id/purge?wait=30" || true; fi
}
trap clean_up EXIT

now_ms() { date +%s%3N; }
begin=0
start() { begin="$(now_ms)"; }
done_() { say "$(printf '  %-58s %6d ms' "$1" "$(($(now_ms) - begin))")"; }

# want <pattern> <what> <answer>
want() {
  if ! grep -qE -- "$1" <<<"$3"; then fail "$2: got ${3:0:600}" "Look at 'docker compose logs'."; fi
}
call() { curl -s --max-time 100 -X "$1" "$api$2" ${3+-d "$3"}; }
preview() { curl -s --max-time 60 -H "Host: s-${id,,}-3000.preview.$domain" "$edge$1"; }

start
answer="$(call POST '/sandbox?wait=60' '{"idle_timeout_seconds":5}')"
if grep -q '"code":"quota_exceeded"' <<<"$answer"; then
  say 'The trial is left out: SANDBOXED_QUOTA_… leave no room for one more sandbox.'
  exit 0
fi
want '"status":"running"' 'The sandbox was not created' "$answer"
id="$(sed -E 's/.*"id":"([^"]+)".*/\1/' <<<"$answer")"
done_ 'created a sandbox'

start
answer="$(call POST "/sandbox/$id/exec?wait=60" '{"shell":"echo hello from the loop > page.txt; cat page.txt"}')"
want '"stdout":"hello from the loop' 'The command did not run' "$answer"
done_ 'ran a command in it'

start
answer="$(call PUT "/v1/sandboxes/$id/services/web?wait=30" '{"command":"python3 -m http.server 3000 --bind 0.0.0.0","port":3000}')"
want '"status":"succeeded"' 'The service was not declared' "$answer"
deadline=$((SECONDS + 30))
until grep -q 'hello from the loop' <<<"$(preview /page.txt)"; do
  [ "$SECONDS" -lt "$deadline" ] || fail "The preview did not answer: $(preview /page.txt)"
  sleep 0.1
done
done_ 'declared a web server and opened its preview'

start
deadline=$((SECONDS + 150))
until grep -q '"status":"stopped"' <<<"$(call GET "/sandbox/$id")"; do
  [ "$SECONDS" -lt "$deadline" ] || fail 'The idle sandbox was not stopped.' "Look at 'docker compose logs reaper worker'."
  # Each look has the agent probe its services: on a slow host many of them are work that keeps it awake.
  sleep 3
done
want '"status_reason":"idle"' 'It stopped for another reason' "$(call GET "/sandbox/$id")"
done_ 'left it idle: it was stopped'

start
want 'hello from the loop' 'The preview did not wake' "$(preview /page.txt)"
done_ 'asked again: it woke and the app answered that request'

start
want '"deleted":true' 'It was not deleted' "$(call DELETE "/sandbox/$id?wait=60")"
answer="$(call POST '/sandbox?wait=60' "{\"id\":\"$id\"}")"
want '"status":"running"' 'The same id could not be created again' "$answer"
answer="$(call POST "/sandbox/$id/exec?wait=60" '{"cmd":["cat","page.txt"]}')"
want '"stdout":"hello from the loop' 'The files were gone' "$answer"
done_ 'deleted it, created the same id again: files are still there'

start
want '"purged":true' 'It was not purged' "$(call POST "/sandbox/$id/purge?wait=60")"
want '"code":"sandbox_not_found"' 'It is still there' "$(call GET "/sandbox/$id")"
id=''
done_ 'purged it: gone'
