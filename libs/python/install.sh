#!/usr/bin/env bash
# Installs what makes and tests the Python client, pinned, into the directory $1, from the host's Python package mirror.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
[ -x "$1/bin/openapi-python-client" ] && cmp -s "$here/requirements.txt" "$1/requirements.txt" && exit 0
rm -rf "$1"
python3 -m venv "$1"
"$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$here/requirements.txt"
cp "$here/requirements.txt" "$1/requirements.txt"
