#!/usr/bin/env bash
# Holds who may import whom, and shows each time that the check can fail: every planted violation must be reported.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cruise() { node_modules/.bin/depcruise "$@" --config dependency-cruiser.config.mjs; }

cruise apps libs

planted=''
trap '[ -z "$planted" ] || rm -f "$planted"' EXIT
plant() {
  local room="$1" line="$2"
  planted="$room/src/planted-violation.ts"
  printf '%s\n' "$line" >"$planted"
  if cruise "$planted" >/dev/null 2>&1; then
    echo "The boundary check did not report: $line (in $room)" >&2
    exit 1
  fi
  rm -f "$planted"
  planted=''
}

plant apps/api "import '@sandboxed/docker';"
plant apps/reaper "import '@sandboxed/docker';"
plant apps/cli "import '@sandboxed/docker';"
plant apps/socket-proxy "import '@sandboxed/docker';"
plant apps/api "import 'dockerode';"
plant apps/reaper "import type Docker from 'dockerode'; export type D = Docker;"
plant libs/domain "import 'node:fs';"
plant libs/sdk "import 'node:crypto';"
plant libs/sdk "import 'zod';"
plant libs/computesdk "import 'node:crypto';"
plant apps/mcp "import '@sandboxed/store';"
plant apps/console "import 'node:fs';"
plant apps/console "import '@sandboxed/domain';"
plant libs/coding-agents "import 'node:fs';"
plant libs/store "import '@sandboxed/queue';"
plant libs/jobs "import '@sandboxed/docker';"
plant libs/files "import '@sandboxed/store';"
plant apps/worker "import '../../../libs/store/src/store.ts';"
plant apps/worker "import '../../api/src/main.ts';"
echo 'Boundaries hold, and every planted violation was reported.'
