#!/bin/bash
# Installs what the lab needs from this machine's Debian 12, and only what is missing.
set -euo pipefail
packages=(mmdebstrap debian-archive-keyring iproute2 nftables util-linux xfsprogs e2fsprogs procps gcc libc6-dev tar)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
