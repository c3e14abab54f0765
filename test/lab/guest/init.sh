#!/bin/bash
# Process 1 of a node, from the first moment of its namespaces to the moment it becomes tini.
# Everything it mounts lives in the node's own mount namespace, so that a crash leaves no mount on the host.
set -euo pipefail
: "${LAB_NODE:?}" "${LAB_STATE:?}" "${LAB_STORE:?}" "${LAB_ROOTFS:?}" "${LAB_CHECKOUT:?}" "${LAB_CGROUPS:?}"

# /proc still shows the host's numbers here
read -ra stat </proc/self/stat
echo "${stat[0]} ${stat[21]}" >"$LAB_STATE/init.new" && mv "$LAB_STATE/init.new" "$LAB_STATE/init"
exec 3>"$LAB_STATE/ready"

root=$LAB_STORE/root
# index=on makes the kernel refuse an upper folder that the crashed node's mount has not let go of yet
for ((try = 1; ; try++)); do
  mount -t overlay overlay -o "index=on,lowerdir=$LAB_ROOTFS,upperdir=$LAB_STORE/upper,workdir=$LAB_STORE/work" "$root" && break
  ((try < 100)) || exit 1
  sleep 0.05
done
stat -c %Hd:%Ld "$root" >"$LAB_STATE/device"

cd "$root"
mkdir -p opt/longshore var/lib/docker var/lib/longshore etc/longshore var/log/longshore .old
# a plain filesystem under Docker: on an overlay it would fall back to copying whole images
mount --bind "$LAB_STORE/docker" var/lib/docker
mount --bind "$LAB_CHECKOUT" opt/longshore
mount -o remount,bind,ro opt/longshore

# a /dev of its own with the loop devices and none of the host's disks
mount -t tmpfs -o mode=755,size=1m dev mnt
cp -a dev/. mnt/
mount --move mnt dev
mkdir -p dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
if [ -p "$LAB_STATE/watchdog" ]; then
  touch dev/longshore-watchdog
  mount --bind "$LAB_STATE/watchdog" dev/longshore-watchdog
fi

mount -t proc proc proc
touch "$LAB_STATE/boot_id"
mount --bind "$LAB_STATE/boot_id" proc/sys/kernel/random/boot_id
# what resets the machine would reset the one that all nodes share: here it is a plain file, which the lab answers
: >"$LAB_STATE/reset"
touch dev/longshore-reset
mount --bind "$LAB_STATE/reset" dev/longshore-reset
if [ -e /proc/sysrq-trigger ]; then mount --bind "$LAB_STATE/reset" proc/sysrq-trigger; fi
mount -t sysfs sysfs sys
mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup
for controllers in $LAB_CGROUPS; do
  options=$controllers dir=sys/fs/cgroup/${controllers#name=}
  [[ $controllers != name=* ]] || options=none,$controllers
  mkdir -p "$dir"
  mount -t cgroup -o "$options" cgroup "$dir"
done
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p run/lock run/lab

pivot_root . .old
cd /
umount -l /.old
rmdir /.old 2>/dev/null || true
hostname "$LAB_NODE"
ip link set lo up
echo ready >&3
exec 3>&- </dev/null
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin tini -- sleep infinity
