#!/usr/bin/env bash
# Runs a command in a lab: namespaces of its own for network, mounts and processes, so that nothing
# reaches a real interface, and everything is gone when the command ends, however it ends.
# Works as root, and without it through a user namespace.
#
#   lab/enter.sh vitest run specs/call.test.ts
#   lab/enter.sh bash
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PATH="$tests/node_modules/.bin:$PATH"
if [[ -n ${LANLINE_LAB:-} ]]; then exec "$@"; fi

LANLINE_LAB=$(mktemp -d /tmp/lanline-lab.XXXXXX)
export LANLINE_LAB
trap 'rm -rf "$LANLINE_LAB"' EXIT

user=()
[[ $(id -u) == 0 ]] || user=(--user --map-root-user)
unshare "${user[@]}" --net --mount --pid --fork --mount-proc --kill-child -- bash -c '
  set -euo pipefail
  mount -t tmpfs tmpfs /run
  mkdir -p /run/netns /run/lock /tmp/.X11-unix
  # Screens are found there by their number: not those of another lab.
  mount -t tmpfs -o mode=1777 tmpfs /tmp/.X11-unix
  # Names are resolved by mDNS or not at all.
  printf "127.0.0.1 localhost\n::1 localhost\n" >"$LANLINE_LAB/hosts"
  printf "nameserver 127.0.0.1\n" >"$LANLINE_LAB/resolv.conf"
  mount --bind "$LANLINE_LAB/hosts" /etc/hosts
  mount --bind "$LANLINE_LAB/resolv.conf" /etc/resolv.conf
  ip link set lo up
  # Not as the first process of the namespace: signals to that one are ignored unless handled, and
  # programs that wait for one (xvfb-run) would wait forever.
  "$@" || exit
' lab "$@"
