#!/bin/bash
# Installs what the virtual machines need from this machine's Debian 12, beside what the lab needs, and only what is missing.
set -euo pipefail
packages=(qemu-system-x86 qemu-utils cpio kmod tcpdump strace)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}"
