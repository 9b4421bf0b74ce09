#!/usr/bin/env bash
# Makes sure that the images everything else is built on exist, under names of our own:
#
#   sandboxed/base-debian:bookworm   sandboxed/redis:7   sandboxed/traefik:3
#
# They are pulled from the image registry by the digests of base-images/pins; without a digest, and where no registry answers, they
# are built from packages (apt and the Python index).
# An image that exists is kept: remove it with `docker image rm` to get a new one.
#
# SANDBOXED_EXTRA_CA       PEM file of certificate authorities that builds trust (default: the host's bundle)
# SANDBOXED_DEBIAN_MIRROR  package mirror for the Debian base built here (default: the one debootstrap knows)
# SANDBOXED_PULL           0: do not try the image registry
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/say.sh
. "$here/say.sh"
# shellcheck source=scripts/build-context.sh
. "$here/build-context.sh"
# shellcheck source=scripts/image-pins.sh
. "$here/image-pins.sh"

readonly debian_image=sandboxed/base-debian:bookworm
readonly redis_image=sandboxed/redis:7
readonly traefik_image=sandboxed/traefik:3
# The first pull decides whether there is a registry: a network that drops packets must not hold an install up.
readonly probe_seconds=15
readonly pull_seconds=300

work_dir="$(mktemp -d)"
trap 'rm -rf "$work_dir"' EXIT

have_image() { docker image inspect "$1" >/dev/null 2>&1; }

registry=unknown
# pull_pinned <our name>: false when it has no digest or the registry does not answer.
pull_pinned() {
  local image
  image="$(pinned "$1" "$here/base-images/pins")" || fail "The line of $1 in $here/base-images/pins is no pin." 'Correct it.'
  if [ "${SANDBOXED_PULL:-1}" = 0 ]; then registry=none; fi
  if [ -z "$image" ] || [ "$registry" = none ]; then return 1; fi
  if [ "$registry" = unknown ]; then
    # Only the answer is timed here, not the download.
    if ! timeout "$probe_seconds" docker manifest inspect "$image" >/dev/null 2>&1; then
      registry=none
      say 'No image registry answers: building the base images from packages.'
      return 1
    fi
    registry=answers
  fi
  say "Pulling $image."
  timeout "$pull_seconds" docker pull --quiet "$image" >/dev/null && label_as "$image" "$1"
}

# label_as <image> <our name>: the same image under our name, with the label that uninstall.sh knows it by.
label_as() {
  local container status=0
  container="$(docker create "$1")" || return 1
  docker commit --change "LABEL sandboxed.image=$2" "$container" "$2" >/dev/null || status=1
  docker rm --volumes "$container" >/dev/null
  return "$status"
}

install_debootstrap() {
  if command -v debootstrap >/dev/null; then return; fi
  if [ "$(id -u)" -ne 0 ]; then
    fail 'Building the Debian base image needs the package debootstrap.' 'Install it, or run this as root.'
  fi
  local packages=(debootstrap)
  if [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then packages+=(debian-archive-keyring); fi
  apt-get -q update >"$work_dir/apt.log" 2>&1 </dev/null || true
  DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends \
    "${packages[@]}" >>"$work_dir/apt.log" 2>&1 </dev/null || {
    tail -n 15 "$work_dir/apt.log" >&2
    fail 'The package debootstrap could not be installed (see above).' 'Check the package mirror, then run this again.'
  }
}

build_debian() {
  say 'Building the Debian base image (about a minute).'
  install_debootstrap
  local root="$work_dir/debian" mirror=()
  if [ -n "${SANDBOXED_DEBIAN_MIRROR-}" ]; then mirror=("$SANDBOXED_DEBIAN_MIRROR"); fi
  mkdir "$root"
  if ! debootstrap --variant=minbase --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
    bookworm "$root" "${mirror[@]}" >"$work_dir/debootstrap.log" 2>&1 </dev/null; then
    tail -n 15 "$work_dir/debootstrap.log" >&2
    fail 'debootstrap could not make the Debian base image (its last lines are above).' \
      'Check that this host reaches a Debian mirror (SANDBOXED_DEBIAN_MIRROR names another one), then run this again.'
  fi
  # debootstrap leaves the main archive only: updates and security fixes come from the same mirror.
  local archive
  archive="$(awk '$1 == "deb" { print $2; exit }' "$root/etc/apt/sources.list")"
  printf 'deb %s %s main\n' \
    "$archive" bookworm "$archive" bookworm-updates "${archive%/}-security" bookworm-security \
    >"$root/etc/apt/sources.list"
  # Like the usual slim image: no documentation, no leftovers, nothing started by package scripts, no caches kept.
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* \
    "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/info/* "$root"/usr/share/locale/*
  printf 'path-exclude /usr/share/%s/*\n' doc man info locale >"$root/etc/dpkg/dpkg.cfg.d/slim"
  printf 'force-unsafe-io\n' >"$root/etc/dpkg/dpkg.cfg.d/image-build"
  printf 'Acquire::Languages "none";\nAcquire::GzipIndexes "true";\nAPT::AutoRemove::SuggestsImportant "false";\n' \
    >"$root/etc/apt/apt.conf.d/image-build"
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  : >"$root/etc/hostname"
  : >"$root/etc/resolv.conf"
  tar --numeric-owner --exclude=./dev/* --exclude=./proc/* --exclude=./sys/* -C "$root" -c . |
    docker import --change 'CMD ["bash"]' --change "LABEL sandboxed.image=$debian_image" - "$debian_image" >/dev/null
}

# build_stand_in <Dockerfile name> <tag>
build_stand_in() {
  say "Building $2 from packages."
  mkdir -p "$work_dir/ca"
  ca_context "$work_dir/ca"
  read_index_args
  if ! docker buildx build --load --progress=plain --file "$here/base-images/$1" --tag "$2" --label "sandboxed.image=$2" \
    --build-context "ca=$work_dir/ca" "${index_args[@]}" "$here/base-images" >"$work_dir/build.log" 2>&1 </dev/null; then
    tail -n 30 "$work_dir/build.log" >&2
    fail "The image $2 could not be built (the last lines are above)." \
      'Check that containers on this host reach the package mirrors, then run this again.'
  fi
}

docker info >/dev/null 2>&1 || fail 'The Docker Engine does not answer.' "Run $here/engine.sh first."

# Plain ifs: inside an || list bash would ignore a failing step of the functions.
if ! have_image "$debian_image" && ! pull_pinned "$debian_image"; then
  build_debian
fi
if ! have_image "$redis_image" && ! pull_pinned "$redis_image"; then
  build_stand_in redis.Dockerfile "$redis_image"
fi
if ! have_image "$traefik_image" && ! pull_pinned "$traefik_image"; then
  build_stand_in traefik.Dockerfile "$traefik_image"
fi
say "The base images are there: $debian_image, $redis_image, $traefik_image."
