#!/bin/bash
# Sets up a machine's root so that nothing runs there that a node does not need: settle.sh ROOT
set -euo pipefail
root=$1
unwanted=(
  apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer man-db.timer
  systemd-timesyncd.service systemd-networkd.service systemd-resolved.service getty@tty1.service serial-getty@ttyS0.service
  iscsi.service iscsid.service open-iscsi.service podman.service podman.socket podman-auto-update.timer podman-auto-update.service podman-restart.service
  rsync.service nftables.service systemd-random-seed.service systemd-update-utmp.service systemd-logind.service systemd-user-sessions.service
  apparmor.service systemd-binfmt.service modprobe@drm.service modprobe@efi_pstore.service lvm2-monitor.service sys-kernel-debug.mount sys-kernel-tracing.mount
)
mkdir -p "$root/etc/systemd/system"
for unit in "${unwanted[@]}"; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
wants=$root/etc/systemd/system/multi-user.target.wants
mkdir -p "$wants"
ln -sf /etc/systemd/system/lab-network.service "$wants/lab-network.service"
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
