# shellcheck shell=bash
# Messages for people, sourced by the other scripts: progress on stderr, so that stdout stays for results.

say() {
  printf '%s\n' "$*" >&2
}

# fail <what happened> [what to do next]
fail() {
  printf 'Error: %s\n' "$1" >&2
  if [ "$#" -gt 1 ]; then
    printf 'What to do: %s\n' "$2" >&2
  fi
  exit 1
}
