#!/bin/bash
# Fills a Docker data folder with images: seed.sh DIR ROOTFS ARCHIVE ...
# The nodes start from copies of it, so that none has to unpack the archives again. Runs in the mount and process
# namespaces that its caller made; they take dockerd and the mounts with them, however this ends.
set -euo pipefail
out=$1 rootfs=$2
shift 2
mkdir -p "$out"
work=$(mktemp -d "$out.work-XXXXXX")
trap 'umount -l "$work/root/sys/fs/cgroup" "$work" 2>/dev/null; rmdir "$work"' EXIT
mount -t tmpfs tmpfs "$work"
mkdir "$work"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$rootfs,upperdir=$work/upper,workdir=$work/work" "$work/root"
mkdir -p "$work/root/var/lib/docker"
mount --bind "$out" "$work/root/var/lib/docker"
mount -t proc proc "$work/root/proc"
mount -t sysfs sysfs "$work/root/sys"
mount --rbind /sys/fs/cgroup "$work/root/sys/fs/cgroup"
chroot "$work/root" dockerd --bridge=none --iptables=false --ip6tables=false --storage-driver=overlay2 --log-level=warn &
dockerd=$!
for ((try = 1; ; try++)); do
  chroot "$work/root" docker info >/dev/null 2>&1 && break
  ((try < 300)) && kill -0 $dockerd || { echo "dockerd does not start" >&2; exit 1; }
  sleep 0.1
done
for archive in "$@"; do chroot "$work/root" docker load --quiet <"$archive"; done
kill $dockerd
wait $dockerd || true
find "$out" -mindepth 1 -maxdepth 1 ! -name image ! -name overlay2 -exec rm -rf {} +
