#!/usr/bin/env bash
# Builds the image of the control plane, sandboxed/control-plane:latest, and the base that it stands on.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"
# shellcheck source=scripts/build-context.sh
. "$here/build-context.sh"

"$here/build-sandbox-image.sh" sandboxed/node:24 node

tag=sandboxed/control-plane:latest
work_dir="$(mktemp -d)"
trap 'rm -rf "$work_dir"' EXIT
read_index_args
say "Building $tag."
started="$SECONDS"
if ! docker buildx build --load --progress=plain --tag "$tag" --label "sandboxed.image=$tag" \
  "${index_args[@]}" "$here/.." >"$work_dir/build.log" 2>&1 </dev/null; then
  tail -n 40 "$work_dir/build.log" >&2
  fail 'The control plane could not be built (the last lines are above).' \
    'Check that containers on this host reach the package mirrors, then run this again.'
fi
say "Built $tag in $((SECONDS - started)) s."
