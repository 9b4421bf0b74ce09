/** How many tasks' checkpoints a sandbox keeps. */
export const CHECKPOINTS_KEPT = 100;

/**
 * Records and restores the app directory in a git repository of our own, beside the user's: their HEAD, index, log, config and
 * hooks are never read or written. It is the tenant's own file, so it is run inside the sandbox and believed no more than
 * the tenant is. A directory with a `.git` of its own is left alone.
 *
 *   record <task> before|after   before: keeps the state; after: prints what changed since, NUL-separated status and path
 *   revert <task>                brings back the state before that task and prints what changed; exit 3 when it is not kept
 */
export const CHECKPOINT_SCRIPT = `
set -euo pipefail
export LC_ALL=C
for name in $(env | sed -n 's/^\\(GIT_[A-Z_]*\\)=.*/\\1/p'); do unset "$name"; done
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0
store="$HOME/.sandboxed/checkpoints"
mkdir -p "$HOME/.sandboxed"
[ -f "$store/HEAD" ] || git init --quiet --bare "$store"
rm -f "$store/index.lock"
export GIT_DIR="$store" GIT_WORK_TREE="$PWD" GIT_INDEX_FILE="$store/index"
export GIT_AUTHOR_NAME=sandboxed GIT_AUTHOR_EMAIL=sandboxed@localhost GIT_COMMITTER_NAME=sandboxed GIT_COMMITTER_EMAIL=sandboxed@localhost
g() {
  git -c core.excludesFile=/dev/null -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.autocrlf=false -c core.fileMode=true \\
    -c core.compression=1 -c core.quotePath=false -c gc.auto=0 -c advice.addEmbeddedRepo=false "$@"
}
mkdir -p "$store/info"
printf '%s\\n' node_modules/ .venv/ venv/ __pycache__/ .next/ .cache/ >"$store/info/exclude"
if [ -f .git/info/exclude ] && [ ! -L .git/info/exclude ]; then cat .git/info/exclude >>"$store/info/exclude"; fi
# Files come back byte for byte, whatever the project's attributes say.
echo '* -text -filter -ident -eol -working-tree-encoding' >"$store/info/attributes"

snapshot() {
  # A file that cannot be read is left out; the rest is still worth keeping.
  g add --all --ignore-errors . 2>/dev/null || true
  g ls-files --stage -z | sed -z -n 's/^160000 [^\\t]*\\t//p' | g update-index -z --force-remove --stdin
  g write-tree
}

# At most 2,001 pairs of status and path.
changes() { g diff-tree -r -z --no-renames --name-status "$1" "$2" | sed -z -n '1,4002p'; }

case "$1" in
  record)
    tree="$(snapshot)"
    commit="$(g commit-tree "$tree" -m "$2 $3")"
    g update-ref "refs/checkpoints/$2/$3" "$commit"
    if [ "$3" = after ]; then
      before="$(g rev-parse --verify --quiet "refs/checkpoints/$2/before^{tree}")"
      changes "$before" "$tree"
    else
      # Ids of tasks begin with their time, so names sort by age.
      old="$(g for-each-ref --sort=-refname --format='%(refname)' 'refs/checkpoints/*/before' | tail -n +${CHECKPOINTS_KEPT + 1})"
      for ref in $old; do
        g update-ref -d "$ref"
        g update-ref -d "\${ref%/before}/after"
      done
      if [ -n "$old" ]; then g prune --expire=now; fi
    fi
    ;;
  revert)
    target="$(g rev-parse --verify --quiet "refs/checkpoints/$2/before^{tree}")" || exit 3
    tree="$(snapshot)"
    g read-tree --reset -u "$target"
    changes "$tree" "$target"
    ;;
esac
`;
