# shellcheck shell=bash
# Limits of the kernel that all sandboxes share, since it counts them for a user or for the host: one sandbox could take the whole of
# each. Without them what counts is the memory behind, which is taken from a sandbox's own limit. Sourced by install.sh and others.

readonly limits_file=/etc/sysctl.d/60-sandboxed.conf

# Name and value; 0 is no limit. systemd has file-max and pid_max so on every host that it runs.
kernel_limits() {
  cat <<'EOT'
fs.file-max 9223372036854775807
fs.inotify.max_user_instances 2147483647
fs.inotify.max_user_watches 2147483647
fs.pipe-user-pages-soft 0
kernel.pid_max 4194304
EOT
}

# low_limits: names of those that are lower on this host, one a line.
low_limits() {
  local name wanted now
  while read -r name wanted; do
    now="$(cat "/proc/sys/${name//.//}" 2>/dev/null)" || continue
    if [ "$now" -ne "$wanted" ] && { [ "$wanted" -eq 0 ] || [ "$now" -lt "$wanted" ]; }; then printf '%s\n' "$name"; fi
  done < <(kernel_limits)
}

# raise_limits: now, and at every boot. False when this user may not, or the kernel does not take one.
raise_limits() {
  local name wanted
  [ -n "$(low_limits)" ] || return 0
  while read -r name wanted; do
    if [ -e "/proc/sys/${name//.//}" ]; then printf '%s\n' "$wanted" 2>/dev/null >"/proc/sys/${name//.//}" || return 1; fi
  done < <(kernel_limits)
  mkdir -p "$(dirname "$limits_file")" 2>/dev/null || return 1
  { printf '# Made by sandboxed, whose scripts/kernel-limits.sh says why; uninstall.sh removes it.\n' && kernel_limits | sed 's/ / = /'; } 2>/dev/null >"$limits_file"
}
