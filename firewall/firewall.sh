#!/usr/bin/env bash
# What sandboxes may reach, as packet filter rules on the host: the open internet, their own resolver, and what
# SANDBOXED_EGRESS_ALLOW names. Never the host's services, private ranges or the cloud's metadata address.
#
#   firewall.sh run      put the rules in place now, and again within 10 s when another program changed them
#   firewall.sh check    exit 0 when the rules are in place
#   firewall.sh remove   take them away
set -euo pipefail

readonly bridges=(sbxd-open sbxd-isolated)
readonly closed=(0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/4 240.0.0.0/4)
readonly lock=(-w 10)
readonly every_seconds=10

# Resolvers of the host: Docker's own resolver asks them from inside the sandbox's network. Where systemd-resolved
# answers on the loopback interface Docker reads its file with the real ones, mounted here as /host-resolve.
resolvers() {
  local file
  for file in /etc/resolv.conf /host-resolve/resolv.conf; do
    if [ -r "$file" ]; then
      awk '$1 == "nameserver" && $2 ~ /^[0-9.]+$/ && $2 !~ /^127\./ {print $2}' "$file"
    fi
  done | sort -u
}

# SANDBOXED_EGRESS_ALLOW: cidr:port[,cidr:port…]
allowed() {
  local entry
  for entry in ${SANDBOXED_EGRESS_ALLOW//,/ }; do
    if ! [[ "$entry" =~ ^[0-9.]+(/[0-9]{1,2})?:[0-9]{1,5}$ ]]; then
      echo "SANDBOXED_EGRESS_ALLOW: '$entry' is not of the form cidr:port, such as 10.0.0.5/32:4873." >&2
      exit 78
    fi
    printf '%s %s\n' "${entry%:*}" "${entry##*:}"
  done
}

rules() {
  local bridge address port range
  echo '*filter'
  echo ':SANDBOXED-FWD - [0:0]'
  echo ':SANDBOXED-IN - [0:0]'
  for bridge in "${bridges[@]}"; do
    # Replies to Traefik, which runs on the host, come back this way; everything else to the host ends here.
    echo "-A SANDBOXED-IN -i $bridge -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT"
    echo "-A SANDBOXED-FWD -i $bridge -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN"
  done
  echo '-A SANDBOXED-FWD -i sbxd-isolated -j DROP'
  while read -r address; do
    for port in udp tcp; do
      echo "-A SANDBOXED-FWD -i sbxd-open -d $address -p $port --dport 53 -j RETURN"
      echo "-A SANDBOXED-IN -i sbxd-open -d $address -p $port --dport 53 -j ACCEPT"
    done
  done < <(resolvers)
  while read -r address port; do
    echo "-A SANDBOXED-FWD -i sbxd-open -d $address -p tcp --dport $port -j RETURN"
    echo "-A SANDBOXED-IN -i sbxd-open -d $address -p tcp --dport $port -j ACCEPT"
  done < <(allowed)
  for range in "${closed[@]}"; do
    echo "-A SANDBOXED-FWD -i sbxd-open -d $range -j DROP"
  done
  for bridge in "${bridges[@]}"; do echo "-A SANDBOXED-IN -i $bridge -j DROP"; done
  echo 'COMMIT'
}

rules_v6() {
  local bridge
  echo '*filter'
  echo ':SANDBOXED-FWD - [0:0]'
  echo ':SANDBOXED-IN - [0:0]'
  for bridge in "${bridges[@]}"; do
    echo "-A SANDBOXED-IN -i $bridge -j DROP"
    echo "-A SANDBOXED-FWD -i $bridge -j DROP"
  done
  echo 'COMMIT'
}

# The jump comes first in its chain: a rule before it that accepts would open what ours close.
is_first() { [ "$("$1" "${lock[@]}" -S "$2" 2>/dev/null | grep -m 1 '^-A ')" = "-A $2 -j $3" ]; }

jump() {
  local tool="$1" from="$2" to="$3"
  if is_first "$@"; then return; fi
  "$tool" "${lock[@]}" -I "$from" 1 -j "$to"
  # Those further down are surplus now.
  local line
  for line in $("$tool" "${lock[@]}" -S "$from" | grep '^-A ' | grep -nxF -- "-A $from -j $to" | cut -d : -f 1 | sort -rn); do
    if [ "$line" -gt 1 ]; then "$tool" "${lock[@]}" -D "$from" "$line"; fi
  done
}

has_v6() { ip6tables "${lock[@]}" -S >/dev/null 2>&1; }

assert() {
  allowed >/dev/null
  rules | iptables-restore --noflush "${lock[@]}"
  jump iptables DOCKER-USER SANDBOXED-FWD
  jump iptables INPUT SANDBOXED-IN
  if has_v6; then
    rules_v6 | ip6tables-restore --noflush "${lock[@]}"
    jump ip6tables FORWARD SANDBOXED-FWD
    jump ip6tables INPUT SANDBOXED-IN
  fi
}

# As many rules in a chain as we write: a flushed or shortened one counts as missing.
is_complete() {
  local tool="$1" writer="$2" chain="$3"
  [ "$("$tool" "${lock[@]}" -S "$chain" 2>/dev/null | grep -c '^-A ')" = "$("$writer" | grep -c "^-A $chain ")" ]
}

check() {
  is_first iptables DOCKER-USER SANDBOXED-FWD && is_first iptables INPUT SANDBOXED-IN &&
    is_complete iptables rules SANDBOXED-FWD && is_complete iptables rules SANDBOXED-IN || return 1
  if has_v6; then
    is_first ip6tables FORWARD SANDBOXED-FWD && is_first ip6tables INPUT SANDBOXED-IN &&
      is_complete ip6tables rules_v6 SANDBOXED-FWD && is_complete ip6tables rules_v6 SANDBOXED-IN
  fi
}

remove() {
  local tool from
  for tool in iptables ip6tables; do
    for from in DOCKER-USER FORWARD; do "$tool" "${lock[@]}" -D "$from" -j SANDBOXED-FWD 2>/dev/null || true; done
    "$tool" "${lock[@]}" -D INPUT -j SANDBOXED-IN 2>/dev/null || true
    for from in SANDBOXED-FWD SANDBOXED-IN; do
      "$tool" "${lock[@]}" -F "$from" 2>/dev/null || true
      "$tool" "${lock[@]}" -X "$from" 2>/dev/null || true
    done
  done
}

case "${1:-run}" in
  run)
    trap 'exit 0' TERM INT
    said=no
    while true; do
      if ! check || [ "$said" = no ]; then
        assert
        echo "egress rules are in place (resolvers: $(resolvers | tr '\n' ' '), allowed besides: ${SANDBOXED_EGRESS_ALLOW:-nothing})"
        said=yes
      fi
      sleep "$every_seconds" &
      wait $!
    done
    ;;
  check) check ;;
  remove) remove ;;
  *)
    echo "unknown command '$1'" >&2
    exit 64
    ;;
esac
