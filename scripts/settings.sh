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

# api_token: the secret of an administrator's token, else of the first; nothing without tokens, or where this user may not read them.
api_token() {
  local file tokens name found=''
  file="$(setting SANDBOXD_API_TOKENS_FILE '')"
  tokens="$(
    setting SANDBOXD_API_TOKENS '' | tr , '\n'
    echo
    if [ -n "$file" ] && [ -r "$file" ]; then cat -- "$file"; fi
  )"
  # Names have neither of both signs; spaces around a pair do not count.
  tokens="$(sed -nE 's/^[[:space:]]*([A-Za-z0-9._-]+)[:=]([^[:space:]]+)[[:space:]]*$/\1 \2/p' <<<"$tokens")"
  for name in $(setting SANDBOXED_ADMINS admin | tr , ' '); do
    if [ -z "$found" ]; then found="$(awk -v name="$name" '$1 == name { print $2; exit }' <<<"$tokens")"; fi
  done
  printf '%s' "${found:-$(awk 'NF { print $2; exit }' <<<"$tokens")}"
}

# unknown_settings <file> <file of all names>: names of ours in the first that the second does not hold, one a line.
unknown_settings() {
  comm -23 <(setting_names "$1") <(setting_names "$2")
}

setting_names() {
  sed -nE 's/^[[:space:]]*(export[[:space:]]+)?((SANDBOX(ED|D)|PREVIEW)_[A-Za-z0-9_]*)[[:space:]]*=.*/\2/p' "$1" | sort -u
}
