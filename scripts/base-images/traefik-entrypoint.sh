#!/bin/sh
# Options and Traefik's own subcommands alone mean Traefik, as in the usual Traefik image.
set -eu
case "${1:-traefik}" in
  -* | healthcheck | version) set -- traefik "$@" ;;
esac
exec "$@"
