# shellcheck shell=bash
# What the installation asks this host, sourced by install.sh and engine.sh. Needs no program that a bare host lacks.

# listens <port>: whether any program listens there, on whatever address (state 0A of the kernel's table).
listens() {
  local hex
  printf -v hex ':%04X' "$1"
  { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null || true; } |
    awk -v port="$hex" '$4 == "0A" && substr($2, length($2) - 4) == port { found = 1 } END { exit !found }'
}

# listener <port>: which program that is, as far as it can be told.
listener() {
  local found
  found="$(ss -Hltnp "sport = :$1" 2>/dev/null | sed -nE 's/.*users:\(\("([^"]+)",pid=([0-9]+).*/\1 (process \2)/p' | head -n 1)" || found=''
  printf '%s' "${found:-another program}"
}

# stack_ports: ports that the running stack holds itself, published ones and those of Traefik's entry points.
stack_ports() {
  { docker ps --quiet --filter label=com.docker.compose.project=sandboxed --filter status=running 2>/dev/null || true; } |
    xargs -r docker inspect --format \
      '{{range .HostConfig.PortBindings}}{{range .}} --publish=:{{.HostPort}}{{end}}{{end}}{{range .Config.Cmd}} {{.}}{{end}}' |
    ports_in
}

ports_in() {
  { grep -oE -- '--(publish|entrypoints\.[a-z]+\.address)=[^ ]*:[0-9]+' || true; } | sed 's/.*://'
}

# free_mb <path>: free megabytes on the disk that it is on, or would be.
free_mb() {
  local path="$1"
  until [ -d "$path" ]; do path="$(dirname "$path")"; done
  df -Pm "$path" | awk 'NR == 2 { print $4 }'
}

# docker_root: where the Engine keeps images, or will keep them.
docker_root() {
  local root
  root="$(timeout 10 docker info --format '{{.DockerRootDir}}' 2>/dev/null)" || root=''
  printf '%s' "${root:-/var/lib/docker}"
}

# at_least <version> <major>: false also for what is no version.
at_least() {
  local major="${1#v}"
  major="${major%%.*}"
  [[ "$major" =~ ^[0-9]+$ ]] && [ "$major" -ge "$2" ]
}

# need_quiet_networks: a sandbox network of an earlier version is made anew, which the worker refuses while sandboxes run in it.
need_quiet_networks() {
  local network subnet
  for network in sandboxed-sandboxes sandboxed-isolated; do
    subnet="$(docker network inspect --format '{{index .Labels "sandboxed.subnet"}}' "$network" 2>/dev/null)" || continue
    if [ -z "$subnet" ] && [ -n "$(docker ps --quiet --filter "network=$network")" ]; then
      fail "The network $network is from an earlier version and has to be made anew, but sandboxes run in it." \
        "Stop them with 'docker stop \$(docker ps -q --filter network=$network)', then run this again at once: they wake on request."
    fi
  done
}
