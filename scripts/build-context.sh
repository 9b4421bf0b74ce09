# shellcheck shell=bash
# What every image build of this repository shares, sourced by the build scripts: the host's extra certificate
# authorities as a named build context, and the package indexes that the host's environment names.

# ca_context <empty directory>: puts extra-ca.crt there (empty when there is none) for --build-context ca=<directory>.
# SANDBOXED_EXTRA_CA names a PEM file; the default is the host's own bundle; set it to nothing to add none.
ca_context() {
  local bundle="${SANDBOXED_EXTRA_CA-/etc/ssl/certs/ca-certificates.crt}"
  if [ -n "${SANDBOXED_EXTRA_CA-}" ] && [ ! -r "$bundle" ]; then
    fail "SANDBOXED_EXTRA_CA names $bundle, which cannot be read." 'Name a readable PEM file, or unset it.'
  fi
  if [ -n "$bundle" ] && [ -r "$bundle" ]; then
    cp -L "$bundle" "$1/extra-ca.crt"
  else
    : >"$1/extra-ca.crt"
  fi
  # A fixed date and mode keep the build cache warm.
  chmod 644 "$1/extra-ca.crt"
  touch -d @0 "$1/extra-ca.crt"
}

# Fills the array index_args with build arguments for package indexes other than the defaults.
index_args=()
read_index_args() {
  if [ -n "${PIP_INDEX_URL-}" ]; then index_args+=(--build-arg PIP_INDEX_URL); fi
  if [ -n "${NPM_CONFIG_REGISTRY-}" ]; then index_args+=(--build-arg NPM_CONFIG_REGISTRY); fi
}
