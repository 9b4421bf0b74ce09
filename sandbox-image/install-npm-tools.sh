#!/bin/sh
# install-npm-tools.sh <directory> <package>@<exact version>...: installs the programs of npm packages there.
set -eu
target="$1"
shift
if [ -z "${NPM_CONFIG_REGISTRY-}" ]; then unset NPM_CONFIG_REGISTRY; fi
# The cache would only make the image bigger.
npm install --global --prefix "$target" --cache /tmp/npm-cache --no-audit --no-fund --no-update-notifier \
  --fetch-retries=5 --loglevel=error "$@"
rm -rf /tmp/npm-cache
# Postinstall scripts put the platform's program into place; without it the commands below fail here, not in a sandbox.
for command in "$target"/bin/*; do
  case "${command##*/}" in
    opencode | claude | codex | bun | pnpm | yarn)
      printf '%s: ' "${command##*/}"
      HOME=/tmp/npm-home PATH="$target/bin:$PATH" "$command" --version
      ;;
  esac
done
rm -rf /tmp/npm-home
