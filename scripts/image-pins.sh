# shellcheck shell=bash
# Reads scripts/base-images/pins, sourced by the scripts that pull images.

# pinned <our name> <file of pins>: what to pull, as name@digest; nothing for an image that has no digest. False for a bad line.
pinned() {
  local theirs digest
  read -r theirs digest < <(awk -v name="$1" '$1 == name { print $2, $3 }' "$2") || return 0
  if [ "$digest" = - ]; then return 0; fi
  [[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]] || return 1
  printf '%s@%s' "${theirs%:*}" "$digest"
}
