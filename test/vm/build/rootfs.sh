#!/bin/bash
# Builds the system that every machine starts from: rootfs.sh DIR NODE_BINARY. Debian 12 with systemd, as a user's node has it, and what the services need.
set -euo pipefail
out=$1 node=$2 here=$(cd "$(dirname "$0")" && pwd)
mapfile -t packages < <(sed -e 's/#.*//' -e 's/ //g' -e '/^$/d' "$here/packages")
mmdebstrap -q --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
  --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  bookworm "$out"
rm -rf "$out"/var/cache/apt/* "$out"/var/lib/apt/lists/*

# Node as the package that ours depends on: this machine's
nodejs=$(bash "$here/nodejs.sh" "$out/tmp" "$node")
chroot "$out" dpkg -i "/tmp/${nodejs##*/}" >/dev/null
rm "$nodejs"

# no name server is reachable: names come from /etc/hosts at once or not at all
rm -f "$out/etc/resolv.conf" "$out/etc/hostname"
: >"$out/etc/resolv.conf"
sed -i 's/^hosts:.*/hosts: files/' "$out/etc/nsswitch.conf"
: >"$out/etc/machine-id"
chroot "$out" passwd -q -d root
