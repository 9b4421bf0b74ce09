#!/usr/bin/env bash
# Builds the image that sandboxes run:
#
#   scripts/build-sandbox-image.sh [tag] [stage]     default: sandboxed/sandbox:latest, the whole image
#
# Building again is quick: unchanged layers are taken from the cache.
# SANDBOXED_EXTRA_CA names a PEM file of certificate authorities to trust (default: the host's bundle; empty: none).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"
# shellcheck source=scripts/build-context.sh
. "$here/build-context.sh"

tag="${1:-sandboxed/sandbox:latest}"
stage="${2:-sandbox}"
work_dir="$(mktemp -d)"
trap 'rm -rf "$work_dir"' EXIT

mkdir "$work_dir/ca"
ca_context "$work_dir/ca"
read_index_args

say "Building $tag (some minutes the first time)."
started="$SECONDS"
if ! docker buildx build --load --progress=plain --target "$stage" --tag "$tag" --label "sandboxed.image=$tag" \
  --build-context "ca=$work_dir/ca" "${index_args[@]}" "$here/../sandbox-image" >"$work_dir/build.log" 2>&1 </dev/null; then
  tail -n 40 "$work_dir/build.log" >&2
  fail "The image $tag could not be built (the last lines are above)." \
    'Check that containers on this host reach the package mirrors; where these inspect TLS, name their authority in SANDBOXED_EXTRA_CA. Then run this again.'
fi
say "Built $tag in $((SECONDS - started)) s."
