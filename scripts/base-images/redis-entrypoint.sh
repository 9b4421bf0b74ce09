#!/bin/sh
# Options alone mean the server. Protected mode is off as in the usual Redis image: only a container network that
# the operator chose reaches this server.
set -eu
case "${1:-redis-server}" in
  -*) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  shift
  exec redis-server "$@" --protected-mode no
fi
exec "$@"
