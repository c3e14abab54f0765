#!/bin/bash
# Installs what the lab and the driver tests need from this machine's Debian 12, and only what is missing.
set -euo pipefail
packages=(
  mmdebstrap debian-archive-keyring gcc libc6-dev tar             # building root filesystems and images
  iproute2 nftables util-linux mount procps                       # nodes
  docker.io podman busybox-static iputils-arping psmisc                  # drivers, tried on this machine itself
  libfaketime                                                     # clocks that are wrong
  fence-agents                                                    # what powers nodes off, as it is
  xfsprogs e2fsprogs btrfs-progs
)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
