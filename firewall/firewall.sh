#!/usr/bin/env bash
# What sandboxes may reach, as packet filter rules on the host: the open internet, their own resolver, and what
# SANDBOXED_EGRESS_ALLOW names. Never each other, the host's services, private ranges or the cloud's metadata address.
#
#   firewall.sh run      put the rules in place, keep them there, and vouch for it in SANDBOXED_FIREWALL_FILE
#   firewall.sh check    exit 0 while it vouches
#   firewall.sh print    show the rules
#   firewall.sh remove   take them away
#
# The rules are tables of our own, judged before anybody else's: what is dropped here no other rule lets in again, and a
# flush of iptables or a reload of firewalld does not touch them. There are two alike. `sandboxed` stays when this program
# ends; `sandboxed-guard` belongs to this program, so that not even `nft flush ruleset` takes it away.
set -euo pipefail

readonly kept=sandboxed guard=sandboxed-guard
readonly open=sbxd-open isolated=sbxd-isolated
# Besides private and reserved ranges: 168.63.129.16 is Azure's agent service, 100.100.100.200 (in 100.64.0.0/10) and
# 192.0.0.192 are metadata addresses of other clouds.
readonly closed=(0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12
  192.0.0.0/24 192.168.0.0/16 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4)
readonly allow="${SANDBOXED_EGRESS_ALLOW:-}"
readonly vouch_file="${SANDBOXED_FIREWALL_FILE:-}"
readonly vouch_seconds=5
readonly every_seconds=1 resolvers_every=10
readonly nf_bridge=/proc/sys/net/bridge/bridge-nf-call-iptables

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

# is_number <text> <largest>: digits without a leading zero.
is_number() { [[ "$1" =~ ^(0|[1-9][0-9]{0,4})$ ]] && [ "$1" -le "$2" ]; }

refuse() {
  echo "SANDBOXED_EGRESS_ALLOW: '$1' $2 Write cidr:port[,cidr:port…], such as 10.0.0.5/32:4873; IPv4 and TCP alone." >&2
  exit 78
}

# Prints SANDBOXED_EGRESS_ALLOW as lines of address and port. Exit code 78 for anything that is not clear.
allowed() {
  local entry address prefix port parts part
  for entry in ${allow//,/ }; do
    [[ "$entry" =~ ^([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)(/([0-9]+))?:([0-9]+)$ ]] || refuse "$entry" 'is not of the form cidr:port.'
    address="${BASH_REMATCH[1]}" prefix="${BASH_REMATCH[3]:-32}" port="${BASH_REMATCH[4]}"
    IFS=. read -ra parts <<<"$address"
    for part in "${parts[@]}"; do is_number "$part" 255 || refuse "$entry" 'has an address with a number that is not 0 to 255.'; done
    is_number "$prefix" 32 || refuse "$entry" 'has a prefix that is not 0 to 32.'
    { is_number "$port" 65535 && [ "$port" -ge 1 ]; } || refuse "$entry" 'has a port that is not 1 to 65535.'
    printf '%s/%s %s\n' "$address" "$prefix" "$port"
  done
}

# rules <table> <its flags> <resolvers> <allowed>: the whole table. What it accepts the host's own rules still judge.
rules() {
  local address port permits=''
  while read -r address; do
    if [ -n "$address" ]; then permits+="    ip daddr $address meta l4proto { tcp, udp } th dport 53 accept"$'\n'; fi
  done <<<"$3"
  while read -r address port; do
    if [ -n "$address" ]; then permits+="    ip daddr $address tcp dport $port accept"$'\n'; fi
  done <<<"$4"
  cat <<EOT
table inet $1 {
  $2
  chain forward {
    type filter hook forward priority -10; policy accept;
    iifname "$isolated" drop
    oifname "$isolated" drop
    iifname "$open" oifname "$open" drop
    # Through this host nobody opens a connection to a sandbox: what goes there is a reply.
    oifname "$open" ct direction original drop
    iifname "$open" jump leave
  }
  chain leave {
    meta nfproto ipv6 drop
$permits
    ip daddr { $(IFS=,; echo "${closed[*]}") } drop
    # Other networks of the Engine, whatever their addresses.
    oifname "docker*" drop
    oifname "br-*" drop
  }
  chain input {
    type filter hook input priority -10; policy accept;
    iifname "$isolated" jump arrive
    iifname "$open" jump arrive
  }
  chain arrive {
    # Replies to the edge, which runs on the host.
    meta nfproto ipv4 ct state established ct direction reply accept
    iifname "$isolated" drop
    meta nfproto ipv6 drop
$permits
    drop
  }
}
EOT
}

shown() { nft --stateless list table inet "$1" 2>/dev/null; }

# keep <rules>: in one transaction, so that there is no moment without them.
keep() { printf 'table inet %s\ndelete table inet %s\n%s\n' "$kept" "$kept" "$1" | nft -f -; }

# hold <rules>: by a process that owns the table; it goes with that process. False where the kernel cannot (before 5.12).
hold() {
  local deadline=$((SECONDS + 3))
  if [ -n "${holder:-}" ]; then
    exec {feed}>&-
    kill "$holder" 2>/dev/null || true
    wait "$holder" 2>/dev/null || true
  fi
  printf '%s\n' "$1" >/run/guard.nft
  exec {feed}> >(exec nft --interactive >/dev/null 2>&1)
  holder=$!
  printf 'include "/run/guard.nft"\n' >&"$feed"
  until shown "$guard" >/dev/null; do
    if [ "$SECONDS" -ge "$deadline" ]; then return 1; fi
    sleep 0.05
  done
}

# The chains of earlier versions would go on closing what is allowed now.
remove_earlier() {
  local tool from
  for tool in iptables ip6tables; do
    for from in DOCKER-USER FORWARD; do "$tool" -w 10 -D "$from" -j SANDBOXED-FWD 2>/dev/null || true; done
    "$tool" -w 10 -D INPUT -j SANDBOXED-IN 2>/dev/null || true
    for from in SANDBOXED-FWD SANDBOXED-IN; do
      "$tool" -w 10 -F "$from" 2>/dev/null || true
      "$tool" -w 10 -X "$from" 2>/dev/null || true
    done
  done
}

vouch() {
  local uptime
  read -r uptime _ </proc/uptime
  if [ -n "$vouch_file" ]; then printf '%s\n' "$uptime" >"$vouch_file"; fi
}

unvouch() { if [ -n "$vouch_file" ]; then rm -f "$vouch_file"; fi; }

# Frames between sandboxes stay in their bridge: only this switch shows them to the rules. It is there once a bridge is.
sees_bridges() {
  local seen=''
  [ ! -e "/sys/class/net/$open" ] || { read -r seen <"$nf_bridge" && [ "$seen" = 1 ]; } 2>/dev/null
}

run() {
  local permits resolving='' now_resolving kept_as='' guard_as='' ruleset known='' guarded=yes round=0 blind=no quiet
  unvouch
  trap 'unvouch; exit 0' TERM INT
  exec {quiet}<> <(:)
  # Exit code 78 travels through an assignment, not through a pipe or a loop.
  permits="$(allowed)"
  nft list tables >/dev/null || {
    echo 'The kernel has no nf_tables, by which sandboxes are locked in. Use a kernel with CONFIG_NF_TABLES_INET.' >&2
    exit 1
  }
  while true; do
    if [ $((round % resolvers_every)) -eq 0 ]; then now_resolving="$(resolvers)"; fi
    # One look at all there is, where nothing changed since both tables stood.
    ruleset="$(nft --stateless list ruleset inet)"
    if [ "$round" -eq 0 ] || [ "$ruleset" != "$known" ] || [ "$now_resolving" != "$resolving" ]; then
      known="$ruleset"
      if [ "$round" -eq 0 ] || [ "$now_resolving" != "$resolving" ] || [ "$(shown "$kept")" != "$kept_as" ]; then
        unvouch
        known=''
        keep "$(rules "$kept" '' "$now_resolving" "$permits")"
        kept_as="$(shown "$kept")"
        echo "the rules are in place (resolvers: ${now_resolving//$'\n'/ }; allowed besides: ${allow:-nothing})"
      fi
      if [ "$guarded" = yes ] && { [ "$now_resolving" != "$resolving" ] || [ "$(shown "$guard")" != "$guard_as" ]; }; then
        known=''
        if hold "$(rules "$guard" 'flags owner' "$now_resolving" "$permits")"; then
          guard_as="$(shown "$guard")"
        else
          guarded=no
          echo "this kernel cannot guard them (it is older than 5.12): a flush of all nftables opens them for up to $every_seconds s"
        fi
      fi
    fi
    if [ "$round" -eq 0 ]; then remove_earlier; fi
    resolving="$now_resolving"
    if sees_bridges; then
      vouch
      blind=no
    elif [ "$blind" = no ]; then
      unvouch
      blind=yes
      echo "no sandbox may start: $nf_bridge is not 1, so sandboxes could reach each other. Run 'modprobe br_netfilter' and 'sysctl net.bridge.bridge-nf-call-iptables=1' on the host." >&2
    fi
    round=$((round + 1))
    # Nothing ever comes: a pause without a process for it, which a signal ends.
    read -rt "$every_seconds" -u "$quiet" || true
  done
}

check() {
  local vouched now
  [ -r "$vouch_file" ] && read -r vouched <"$vouch_file" || return 1
  read -r now _ </proc/uptime
  [ "${vouched%.*}" -le "${now%.*}" ] && [ $((${now%.*} - ${vouched%.*})) -le "$vouch_seconds" ]
}

remove() {
  nft delete table inet "$kept" 2>/dev/null || true
  remove_earlier
}

case "${1:-run}" in
  run) run ;;
  check) check ;;
  print)
    permits="$(allowed)"
    rules "$kept" '' "$(resolvers)" "$permits"
    ;;
  remove) remove ;;
  *)
    echo "unknown command '$1'" >&2
    exit 64
    ;;
esac
