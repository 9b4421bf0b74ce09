#!/usr/bin/env bash
# Writes the digests that the image registry has now into scripts/base-images/pins. Look at the change, try it, commit it.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"

pins="${1:-$here/base-images/pins}"
written="$(mktemp)"
trap 'rm -f "$written"' EXIT
while IFS= read -r line; do
  case "$line" in
    '' | '#'*) printf '%s\n' "$line" ;;
    *)
      read -r ours theirs _ <<<"$line"
      digest="$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$theirs" </dev/null)" ||
        fail "The registry does not tell the digest of $theirs." 'Run this where an image registry answers.'
      [[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]] || fail "The registry answered '$digest' for $theirs, which is no digest."
      printf '%s %s %s\n' "$ours" "$theirs" "$digest"
      ;;
  esac
done <"$pins" >"$written"
cat "$written" >"$pins"
say "Wrote $pins."
