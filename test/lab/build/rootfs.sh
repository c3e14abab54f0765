#!/bin/bash
# Builds the root filesystem that every node is an overlay on: rootfs.sh DIR NODE_BINARY
set -euo pipefail
out=$1 node=$2
packages=(
  docker.io docker-cli podman crun runc criu                     # containers
  iproute2 iputils-arping iputils-ping nftables iptables         # network
  xfsprogs e2fsprogs btrfs-progs lvm2 util-linux rsync           # storage
  openssl ca-certificates procps psmisc tini busybox-static libstdc++6
)
mmdebstrap -q --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
  --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  trixie "$out"
rm -rf "$out"/var/cache/apt/* "$out"/var/lib/apt/lists/*
install -m 755 "$node" "$out/usr/local/bin/node"

# no name server is reachable: names come from /etc/hosts at once or not at all
: >"$out/etc/resolv.conf"
sed -i 's/^hosts:.*/hosts: files/' "$out/etc/nsswitch.conf"
rm -f "$out/etc/machine-id" "$out/etc/hostname"
for name in om svcmon svcmgr nodemgr; do ln -s "/opt/longshore/dist/bin/$name.cjs" "$out/usr/local/bin/$name"; done
ln -s /opt/longshore/dist/daemon/main.js "$out/usr/local/bin/omd"

# what a node finds in /dev: the loop devices, none of the host's disks
rm -rf "${out:?}/dev"/*
cd "$out/dev"
while read -r name type major minor mode; do
  mkdir -p "$(dirname "$name")"
  mknod -m "$mode" "$name" "$type" "$major" "$minor"
done <<'NODES'
null c 1 3 666
zero c 1 5 666
full c 1 7 666
random c 1 8 666
urandom c 1 9 666
kmsg c 1 11 644
tty c 5 0 666
console c 5 1 600
fuse c 10 229 666
btrfs-control c 10 234 600
loop-control c 10 237 660
net/tun c 10 200 666
NODES
for i in {0..127}; do mknod -m 660 "loop$i" b 7 "$i"; done
ln -s /proc/self/fd fd
ln -s fd/0 stdin
ln -s fd/1 stdout
ln -s fd/2 stderr
ln -s pts/ptmx ptmx
