#!/bin/sh
# Sets the box up from a clone, on 64-bit Raspberry Pi OS or Debian; run again, it upgrades.
#
# Owns: /opt/stairgate (a link to /opt/stairgate.a or .b, so that an upgrade is one rename and a failed one leaves the
# old program running), /etc/stairgate, /var/lib/stairgate, the user `stairgate`, its units, /usr/local/bin/stairgate.
# Leaves out: DHCP and forwarding, which are the router's own settings (docs/install.md).
set -eu

usage() {
  cat <<'EOF'
sudo hardware/install.sh [--router [--lan INTERFACE]...] [--no-start] [--root DIR]
sudo hardware/install.sh --uninstall [--purge] [--root DIR]

  --router       this machine is the LAN's router: every DNS question of the LAN comes to the box; DNS over TLS, and
                 the public resolvers that everybody knows, are rejected
  --lan          an interface of the LAN; unless told, those with an address that do not lead to the internet
  --no-start     installs, and starts nothing
  --uninstall    takes everything away but the data (/var/lib/stairgate) and the settings (/etc/stairgate)
  --purge        with --uninstall: takes these away too
  --root DIR     into another root folder: no user, no service is made
EOF
}

fail() {
  echo "Not installed: $*" >&2
  exit 1
}

say() { echo "$*"; }

router=no
lan=
start=yes
action=install
purge=no
root=
while [ $# -gt 0 ]; do
  case $1 in
    --router) router=yes ;;
    --lan)
      [ $# -gt 1 ] || fail '--lan needs the name of an interface, such as eth1'
      lan="$lan $2"
      router=yes
      shift
      ;;
    --no-start) start=no ;;
    --uninstall) action=uninstall ;;
    --purge) purge=yes ;;
    --root)
      [ $# -gt 1 ] || fail '--root needs a folder'
      [ -d "$2" ] || fail "--root: there is no folder $2"
      root=$(cd -- "$2" && pwd)
      start=no
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *)
      usage >&2
      fail "the option \"$1\" is not known"
      ;;
  esac
  shift
done
[ "$purge" = no ] || [ "$action" = uninstall ] || fail '--purge goes with --uninstall'

clone=$(cd -- "$(dirname -- "$0")/.." && pwd)
user=stairgate
opt=$root/opt
program=$opt/stairgate
config_dir=$root/etc/stairgate
settings=$config_dir/stairgate.yaml
state_dir=$root/var/lib/stairgate
units=$root/etc/systemd/system
wrapper=$root/usr/local/bin/stairgate

# systemctl of this machine, or on the files of another root.
service_manager() {
  if [ -n "$root" ]; then
    systemctl --quiet --root="$root" "$@"
  else
    systemctl --quiet "$@"
  fi
}

main() {
  [ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail 'it must run as root: sudo hardware/install.sh'
  if [ "$action" = uninstall ]; then
    uninstall
    return
  fi
  check_machine
  find_networks
  [ "$start" = no ] || check_port_53

  choose_release
  trap 'rm -rf -- "$release" "$opt/.stairgate.switch" "$settings.new"' EXIT
  copy_program
  make_user
  write_settings
  try_program
  fill_compile_cache

  was_enabled=no
  [ ! -e "$units/stairgate.service" ] || was_enabled=yes
  switch_to "$release_name"
  trap - EXIT
  if ! begin; then
    go_back
    fail "the new program did not start; \"journalctl -u stairgate -n 50\" says why"
  fi
  [ -z "$old_name" ] || rm -rf -- "${opt:?}/$old_name"
  tell_what_next
}

# ---- before anything is changed -------------------------------------------------------------------------------------

check_machine() {
  # A 64-bit kernel may carry a 32-bit system (Raspberry Pi OS does so): both are asked.
  machine=$(uname -m)
  bits=$(getconf LONG_BIT)
  case $machine in
    x86_64 | aarch64) ;;
    *) fail "this machine is $machine, expected x86_64 or aarch64: the program needs a 64-bit processor and system" ;;
  esac
  [ "$bits" = 64 ] ||
    fail "this system is ${bits}-bit on a 64-bit kernel, expected 64-bit: install the 64-bit Raspberry Pi OS"
  for tool in ip tar systemctl; do
    command -v "$tool" >/dev/null || fail "the program \"$tool\" is missing: it belongs to iproute2, tar or systemd"
  done
  if [ "$router" = yes ]; then
    command -v nft >/dev/null || fail 'the program "nft" is missing: apt install nftables'
  fi
  if [ -z "$root" ] && [ ! -d /run/systemd/system ]; then fail 'systemd does not run here; give --root DIR to try it out'; fi
  if [ -e "$program" ] && [ ! -L "$program" ]; then
    fail "$program is there already and was not made by this installer: move it away"
  fi
}

# $lan: interfaces of the LAN. $ranges: the addresses of their networks.
find_networks() {
  uplinks=$(ip -o -4 route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | sort -u)
  with_addresses=$(ip -o -4 route show scope link | grep '^[0-9.]*/' | grep -v '^169\.254\.' |
    sed -n 's/.* dev \([^ ]*\).*/\1/p' | grep -vE '^(lo|docker|br-|veth|virbr|tailscale|wg)' | sort -u || true)
  if [ "$router" = yes ] && [ -z "$lan" ]; then
    lan=$(without "$with_addresses" "$uplinks")
    [ -n "$lan" ] ||
      fail "no interface of the LAN was found (with an address, not leading to the internet): name it with --lan"
  fi
  for interface in $lan; do
    ip link show dev "$interface" >/dev/null 2>&1 || fail "there is no interface $interface here (see \"ip -br link\")"
  done
  inside=$lan
  [ -n "$inside" ] || inside=${uplinks:-$with_addresses}
  ranges=
  for interface in $inside; do
    ranges="$ranges $(
      ip -o -4 route show dev "$interface" scope link | cut -d ' ' -f 1 | grep / | grep -v '^169\.254\.' || true
      # On a LAN with IPv6 its public addresses ask too. Private and link-local ones are in the settings as they are.
      ip -o -6 route show dev "$interface" | grep -v ' via ' | cut -d ' ' -f 1 | grep / | grep -viE '^f[cde]' || true
    )"
  done
}

without() {
  for word in $1; do
    case " $(echo "$2" | tr '\n' ' ') " in
      *" $word "*) ;;
      *) echo "$word" ;;
    esac
  done
}

# The box opens each of its addresses by itself, so only a program on one of them, or on all, is in its way.
check_port_53() {
  own=$(systemctl show -p MainPID --value stairgate.service 2>/dev/null || echo 0)
  # Local address and program: "0.0.0.0:53", "users:(("dnsmasq",pid=812,fd=4))".
  holders=$(ss -Hlntup 'sport = :53' | grep -vF "pid=$own," | awk '{ print $5, $NF }' |
    grep -vE '^127\.0\.0\.(53|54)(%lo)?:53 ' | sed -n 's/^\([^ ]*\) .*(("\([^"]*\)".*/\2 \1/p' | sort -u || true)
  [ -n "$holders" ] || return 0
  say 'Another program answers DNS on this machine:' >&2
  echo "$holders" | while read -r name address; do
    case $name in
      dnsmasq) mend='set port=0 in /etc/dnsmasq.conf (it goes on handing out addresses), then: systemctl restart dnsmasq' ;;
      systemd-resolve*) mend='set DNSStubListener=no in /etc/systemd/resolved.conf, then: systemctl restart systemd-resolved' ;;
      pihole-FTL) mend='set dns.port to 0 in Pi-hole (pihole-FTL --config dns.port 0), or uninstall it' ;;
      named) mend='systemctl disable --now named' ;;
      *) mend='stop the service that it belongs to ("systemctl status" with its process id from "ss -lunp" names it)' ;;
    esac
    say "  $name at $address: $mend" >&2
  done
  fail 'port 53 is taken; nothing has been changed'
}

# ---- the program ----------------------------------------------------------------------------------------------------

choose_release() {
  old_name=
  [ ! -L "$program" ] || old_name=$(readlink -- "$program")
  release_name=stairgate.a
  [ "$old_name" != stairgate.a ] || release_name=stairgate.b
  release=$opt/$release_name
  rm -rf -- "$release"
  mkdir -p -- "$release"
}

copy_program() {
  say "Copying the program to /opt/$release_name"
  tar -C "$clone" --exclude=./.git --exclude=./.ci --exclude=./test --exclude=./node_modules --exclude=./.stairgate \
    --exclude=./.wrangler --exclude=./dist --exclude='*.log' -cf - . | tar -C "$release" --no-same-owner -xf -
  own_node=$clone/node_modules/.bin/node
  list=$release/.packages
  if "$own_node" -e '' 2>/dev/null && "$own_node" "$clone/hardware/production-packages.ts" "$clone" >"$list"; then
    tar -C "$clone" -T "$list" -cf - | tar -C "$release" --no-same-owner -xf -
    mkdir -p -- "$release/node_modules/.bin"
    ln -s "$(readlink -- "$own_node")" "$release/node_modules/.bin/node"
  else
    command -v npm >/dev/null || fail 'npm is missing: apt install npm'
    say 'Fetching what the program needs, with npm'
    (cd -- "$release" && npm ci --omit=dev --ignore-scripts --no-audit --no-fund)
  fi
  rm -f -- "$list"
  # The clone may have been made under a strict umask; the box reads, and root alone writes.
  chmod -R u+rwX,go+rX,go-w -- "$release"
  [ "$(id -u)" -ne 0 ] || chown -R root:root -- "$release"
  "$release/node_modules/.bin/node" --version >/dev/null ||
    fail 'the Node that came with the program does not run on this machine'
}

make_user() {
  [ -z "$root" ] || return 0
  getent passwd "$user" >/dev/null ||
    useradd --system --user-group --home-dir /var/lib/stairgate --no-create-home --shell /usr/sbin/nologin "$user"
}

write_settings() {
  mkdir -p -- "$config_dir" "$state_dir"
  chmod 0750 -- "$config_dir"
  chmod 0700 -- "$state_dir"
  if [ -e "$settings" ]; then
    say "Keeping the settings of /etc/stairgate/stairgate.yaml"
  else
    say "Writing /etc/stairgate/stairgate.yaml for the networks:${ranges:- none found, private addresses are served}"
    adapt_example >"$settings.new"
    mv -- "$settings.new" "$settings"
  fi
  if [ "$router" = yes ]; then
    adapt_router_conf >"$config_dir/router.conf.new"
    mv -- "$config_dir/router.conf.new" "$config_dir/router.conf"
  fi
  if [ -z "$root" ]; then
    chown -R "root:$user" -- "$config_dir"
    # After --uninstall the data belong to root.
    chown -R "$user:$user" -- "$state_dir"
  fi
  chmod 0640 -- "$settings"
}

# The router's settings that are there, or the example, with this LAN's interfaces.
adapt_router_conf() {
  from=$config_dir/router.conf
  [ -e "$from" ] || from=$release/hardware/nftables/router.conf
  # shellcheck disable=SC2086
  awk -v lan="LAN_INTERFACES=\"$(echo $lan)\"" '
    /^LAN_INTERFACES=/ { if (!said) print lan; said = 1; next }
    { print }
    END { if (!said) print lan }
  ' "$from"
}

# The example, with this machine's networks in place of the usual ones. A router listens inside only.
adapt_example() {
  listen=
  if [ "$router" = yes ]; then
    for interface in $lan; do listen="$listen $interface:53"; done
    listen="$listen lo:53"
  fi
  # shellcheck disable=SC2086
  awk -v ranges="$(echo $ranges)" -v listen="${listen# }" '
    /name: Nursery network, range:/ && ranges != "" {
      count = split(ranges, range, " ")
      for (i = 1; i <= count; i++)
        printf "    - { name: Nursery network%s, range: \"%s\", group: setting }\n", i == 1 ? "" : " " i, range[i]
      next
    }
    /^  - all:53$/ && listen != "" {
      count = split(listen, place, " ")
      for (i = 1; i <= count; i++) printf "  - %s\n", place[i]
      next
    }
    /^# yaml-language-server:/ { sub(/\.\.\//, "/opt/stairgate/") }
    { print }
  ' "$release/hardware/stairgate.example.yaml"
}

# Reads the settings and judges a name: a mistake in either is found while the old program still runs.
try_program() {
  "$release/node_modules/.bin/node" "$release/filter-agent/commands/stairgate.mjs" check --config "$settings" \
    stairgate.home.arpa >/dev/null || fail 'the program does not work with these settings; nothing that runs was changed'
}

# Node's cache of compiled modules: a box without it takes 50 MB more (filter-agent/commands/compile-cache.mjs). Node looks
# for what its own user has written, so the box's user writes it, and then it is root's like the rest of the program.
fill_compile_cache() {
  caches=$release/node_modules/.cache
  cache=$caches/stairgate
  rm -rf -- "$caches"
  mkdir -p -- "$cache"
  chmod 0755 -- "$caches" "$cache"
  set -- "$release/node_modules/.bin/node" "$release/hardware/fill-compile-cache.ts"
  if [ -z "$root" ]; then
    chown "$user:$user" -- "$cache"
    set -- runuser -u "$user" -- "$@"
  fi
  if ! "$@"; then
    say 'Going on without a cache of compiled modules: the box will take more memory'
    rm -rf -- "$cache"
    return
  fi
  [ "$(id -u)" -ne 0 ] || chown -R root:root -- "$cache"
  chmod -R u+rwX,go+rX,go-w -- "$cache"
}

# ---- switching over -------------------------------------------------------------------------------------------------

switch_to() {
  ln -sfn -- "$1" "$opt/.stairgate.switch"
  mv -T -- "$opt/.stairgate.switch" "$program"
  put_units
}

put_units() {
  mkdir -p -- "$units" "$(dirname -- "$wrapper")"
  install -m 0644 -- "$program/hardware/stairgate.service" "$units/stairgate.service"
  if [ -e "$config_dir/router.conf" ]; then
    install -m 0644 -- "$program/hardware/nftables/stairgate-router.service" "$units/stairgate-router.service"
  fi
  install -m 0755 -- "$program/hardware/stairgate-command" "$wrapper"
  [ -n "$root" ] || systemctl daemon-reload
}

begin() {
  service_manager enable stairgate.service || return 1
  if [ -e "$config_dir/router.conf" ]; then service_manager enable stairgate-router.service || return 1; fi
  [ "$start" = yes ] || return 0
  say 'Starting'
  # Type=notify: this returns when the box filters, or has failed to.
  systemctl restart stairgate.service || return 1
  # Rules only in front of a box that answers. Reloaded where they are: there is no moment without them.
  if [ -e "$config_dir/router.conf" ]; then systemctl reload-or-restart stairgate-router.service || return 1; fi
}

go_back() {
  if [ -n "$old_name" ]; then
    say 'Going back to the program that was there' >&2
    switch_to "$old_name"
    systemctl restart stairgate.service || true
    rm -rf -- "$release"
  elif [ "$was_enabled" = no ]; then
    # It stays installed, so that the log can be read and the mend tried; but it does not try for ever.
    systemctl disable --now --quiet stairgate.service || true
  fi
}

tell_what_next() {
  say ''
  if [ "$start" = no ]; then
    say 'Stairgate is installed, and not started: systemctl start stairgate'
  else
    say 'Stairgate filters. "sudo stairgate status" says how it is.'
  fi
  cat <<'EOF'
What to do next:
  1. Pair it with your dashboard:   sudo stairgate enrol --dashboard https://YOUR-DASHBOARD CODE
  2. Choose the upstreams and check the networks in /etc/stairgate/stairgate.yaml, then: sudo systemctl restart stairgate
EOF
  if [ "$router" = yes ]; then
    # shellcheck disable=SC2086
    say "  3. The DNS of $(echo $lan) comes to the box by itself. \"sudo /opt/stairgate/hardware/nftables/router-rules show\" lists the rules."
    if [ -z "$root" ] && [ "$(cat /proc/sys/net/ipv4/ip_forward)" != 1 ]; then
      say '     This machine does not forward packets yet (net.ipv4.ip_forward is 0): see docs/install.md.'
    fi
  else
    say '  3. Tell your router to hand out this machine as the only DNS server (docs/install.md, "Pointing the network at the box").'
  fi
}

# ---- taking it away -------------------------------------------------------------------------------------------------

uninstall() {
  for unit in stairgate-router.service stairgate.service; do
    [ -e "$units/$unit" ] || continue
    # Stopping the first takes the rules away.
    if [ -n "$root" ]; then service_manager disable "$unit"; else service_manager disable --now "$unit" || true; fi
    rm -f -- "$units/$unit"
  done
  if [ -z "$root" ]; then
    systemctl daemon-reload
    systemctl reset-failed stairgate.service stairgate-router.service 2>/dev/null || true
  fi
  if grep -qs '^# Stairgate on the command line' "$wrapper"; then rm -f -- "$wrapper"; fi
  rm -f -- "$program"
  rm -rf -- "$opt/stairgate.a" "$opt/stairgate.b" "$opt/.stairgate.switch"
  if [ "$purge" = yes ]; then
    rm -rf -- "$config_dir" "$state_dir"
  fi
  if [ -z "$root" ] && getent passwd "$user" >/dev/null; then
    # The number of a user who is gone may be given to another: the data must not go with it.
    for kept in "$config_dir" "$state_dir"; do
      [ ! -d "$kept" ] || chown -R root:root -- "$kept"
    done
    userdel "$user"
  fi
  if [ "$purge" = yes ]; then
    say 'Stairgate is gone, and its data and settings with it.'
  else
    say 'Stairgate is gone. Kept: its data in /var/lib/stairgate and its settings in /etc/stairgate (--purge takes these too).'
  fi
}

main
