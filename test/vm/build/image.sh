#!/bin/bash
# Makes the disk that machines have as their root, without the product: image.sh FILE ROOTFS KERNEL DOCKER_SEED GUEST_FILES
# Runs in the mount and process namespaces that its caller made.
set -euo pipefail
out=$1 rootfs=$2 kernel=$3 seed=$4 guest=$5
work=$(mktemp -d "$out.work-XXXXXX")
trap 'umount -l "$work/root" "$work" 2>/dev/null || true; rmdir "$work"' EXIT
mount -t tmpfs tmpfs "$work"
mkdir "$work"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$rootfs,upperdir=$work/upper,workdir=$work/work" "$work/root"
root=$work/root
mkdir -p "$root/lib/modules" "$root/var/lib/docker"
cp -a "$kernel/lib/modules/." "$root/lib/modules/"
cp -a "$seed/." "$root/var/lib/docker/"
cp -r --no-preserve=ownership "$guest/." "$root/"
bash "$(dirname "$0")/settle.sh" "$root"
truncate -s 6G "$out"
mkfs.ext4 -q -O ^metadata_csum -E lazy_itable_init=0,lazy_journal_init=0 -L root -d "$root" "$out"
