# shellcheck shell=bash
# Starting the stack and remembering what it was started with, sourced by install.sh and upgrade.sh after settings.sh.

# place_edge_files <data directory>: the part of Traefik's configuration that comes with this version. The control plane's image is there.
place_edge_files() {
  install -d -m 755 "$1/edge"
  scripts/edge-certificate.sh "$1/edge"
  install -m 644 traefik/dynamic/*.yaml "$1/edge/"
}

# stop_earlier: whoever starts first changes the schema, and processes of another version cannot read its rows.
stop_earlier() {
  local ran
  ran="$(docker ps --quiet --filter label=com.docker.compose.project=sandboxed --filter label=com.docker.compose.service=api | xargs -r docker inspect --format '{{.Image}}' | sort -u)"
  if [ -n "$ran" ] && [ "$ran" != "$(docker image inspect --format '{{.Id}}' sandboxed/control-plane:latest)" ]; then
    docker compose stop api reaper worker
  fi
}

# record_stack <data directory>: what a roll back starts again, whatever this directory holds by then. With its tokens, so for root alone.
record_stack() {
  local record="$1/stack"
  rm -rf "$record.new"
  install -d -m 700 "$record.new" "$record.new/edge"
  docker compose config >"$record.new/compose.yaml"
  install -m 644 traefik/dynamic/*.yaml "$record.new/edge/"
  rm -rf "$record"
  mv "$record.new" "$record"
}

# back_to_labels <data directory>: for a version that had Traefik route by labels of containers. Its guards name what Traefik made of those, and
# what was made without labels is stopped: it gets them when it wakes. The routes of files are gone.
back_to_labels() {
  local guard id unlabelled=()
  for guard in "$1"/edge/guard-*.yaml; do
    [ ! -e "$guard" ] || sed --in-place 's/"service":"\(s-[0-9a-z-]*\)"/"service":"\1@docker"/' "$guard" || return 1
  done
  for id in $(docker ps --quiet --filter label=sandboxed.managed=true --filter label=sandboxed.id); do
    [ "$(docker inspect --format '{{index .Config.Labels "traefik.enable"}}' "$id")" = true ] || unlabelled+=("$id")
  done
  [ "${#unlabelled[@]}" = 0 ] || docker stop "${unlabelled[@]}" || return 1
}

# place_client <data directory>: the program that ./sandboxed runs by the Node of the sandboxes' agent, so that this host needs none.
place_client() {
  install -d -m 755 "$1/client"
  docker run --rm --pull never --network none --read-only --cap-drop ALL sandboxed/control-plane:latest cat /app/dist/sandboxed.mjs >"$1/client/.sandboxed.mjs.new"
  chmod 644 "$1/client/.sandboxed.mjs.new"
  mv "$1/client/.sandboxed.mjs.new" "$1/client/sandboxed.mjs"
}

# tell_unhealthy [option of docker compose…]: the last lines of what does not run or is not healthy.
tell_unhealthy() {
  local service
  for service in $(docker compose "$@" ps --all --format '{{.Service}} {{.Health}} {{.State}}' | awk '!($2 == "healthy" && $3 == "running" || $2 == "running") {print $1}' | sort -u); do
    say "── last lines of $service:"
    docker compose "$@" logs --no-log-prefix --tail 15 "$service" >&2 || true
  done
}

api_address() { printf 'http://%s' "$(setting SANDBOXED_API_BIND 127.0.0.1:9090 | sed 's/^0\.0\.0\.0:/127.0.0.1:/')"; }

# until_ready <address of the API>: false when it is not within a minute; `ready` then holds what it said.
until_ready() {
  local deadline=$((SECONDS + 60))
  until ready="$(curl -s --max-time 5 "$1/readyz")" && [ "$ready" = ready ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.3
  done
}
