# shellcheck shell=bash
# Reads settings as compose does, sourced by the scripts that have to know one themselves.

# setting <name> <default>: the environment first, then .env here; an empty value means the default.
setting() {
  local value
  if [ -n "${!1+set}" ]; then value="${!1}"; else value="$(env_file_value "$1" .env)"; fi
  printf '%s' "${value:-$2}"
}

# env_file_value <name> <file>: its last value there, without quotes, comment and line end of another system.
env_file_value() {
  [ -f "$2" ] || return 0
  local value
  value="$(sed -nE "s/^[[:space:]]*(export[[:space:]]+)?$1[[:space:]]*=[[:space:]]*//p" "$2" | tail -n 1)"
  case "$value" in
    \"*) value="${value#\"}" value="${value%%\"*}" ;;
    \'*) value="${value#\'}" value="${value%%\'*}" ;;
    *) value="$(sed -E 's/[[:space:]]+#.*$//; s/[[:space:]]+$//' <<<"$value")" ;;
  esac
  printf '%s' "$value"
}

# api_is_open: whether the API answers without a token, by the rule of apps/api/src/access-config.ts.
api_is_open() {
  [ "$(setting SANDBOXD_API_AUTH_DISABLED true)" = true ] && [ -z "$(setting SANDBOXD_API_TOKENS '')$(setting SANDBOXD_API_TOKENS_FILE '')" ]
}

# unknown_settings <file> <file of all names>: names of ours in the first that the second does not hold, one a line.
unknown_settings() {
  comm -23 <(setting_names "$1") <(setting_names "$2")
}

setting_names() {
  sed -nE 's/^[[:space:]]*(export[[:space:]]+)?((SANDBOX(ED|D)|PREVIEW)_[A-Za-z0-9_]*)[[:space:]]*=.*/\2/p' "$1" | sort -u
}
