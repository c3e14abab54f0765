#!/bin/bash
# Records what ip answers in a namespace with an ipvlan interface, in both modes, plumbed as ip.netns does it, on a machine whose kernel has
# ipvlan (the virtual machines of test/vm, or any other). Needs iproute2 and a network interface that is up. Writes one file a mode:
#
#   PARENT=eth0 OUT=/tmp/recorded ./record-ipvlan.sh
set -euo pipefail
: "${PARENT:?the interface below}"
: "${OUT:=$(cd "$(dirname "$0")" && pwd)}"
version=$(ip -V | sed 's/.*iproute2-\([0-9.]*\).*/\1/')
mkdir -p "$OUT"
trap 'ip netns del lsuipvlan 2>/dev/null || true' EXIT
within() { ip netns exec lsuipvlan "$@"; }
for mode in l2 l3; do
  ip netns add lsuipvlan
  ip link add link "$PARENT" name lsu0 mtu 1500 type ipvlan mode "$mode"
  ip link set lsu0 netns lsuipvlan name eth0 alias 'db1.ip#0'
  within ip addr add 192.0.2.14/24 dev eth0
  within ip link set eth0 up
  if [ "$mode" = l2 ]; then within ip route replace default via 192.0.2.1; else within ip route replace default dev eth0; fi
  sleep 3 # until IPv6 knows that its own address is unique
  printf 'address show\nlink show\nroute show default\n' | within ip -j -batch - >"$OUT/ipvlan-$mode-$version.jsonl"
  ip netns del lsuipvlan
done
