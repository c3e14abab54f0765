#!/bin/bash
# Records what LVM and util-linux print, on a machine with device-mapper and two empty disks that may be overwritten (the virtual machines of
# test/vm, or any spare one). Needs lvm2 and xfsprogs. Writes one file a question into the folder of each tool, next to this script:
#
#   DISK=/dev/sda SECOND=/dev/sdb OUT=/tmp/recorded ./record.sh
#
# The driver tests read these files, so that parsers are tried on real answers on machines that have neither.
set -euo pipefail
: "${DISK:?the disk that is overwritten}"
: "${SECOND:?another one}"
: "${OUT:=$(cd "$(dirname "$0")" && pwd)}"
vg=lsuvg
mkdir -p "$OUT"/{vgs,lvs,pvs,wipefs,mountinfo,versions}
record() { local file=$OUT/$1; shift; "$@" >"$file" 2>/dev/null || echo "record: $* failed" >&2; }
# questions STAGE [OPTION …]
questions() {
  local stage=$1
  shift
  record "vgs/$stage" vgs --reportformat json --options vg_name,vg_tags,vg_autoactivation,vg_missing_pv_count "$@"
  record "lvs/$stage" lvs --reportformat json --options vg_name,vg_tags,vg_autoactivation,vg_missing_pv_count,lv_name,lv_active,lv_skip_activation "$@"
  record "pvs/$stage" pvs --reportformat json --options pv_name,vg_name "$@"
  record "wipefs/$stage" wipefs --no-act --json "$DISK"
}
clean() { umount /mnt 2>/dev/null || true; vgremove -qqff "$vg" 2>/dev/null || true; pvremove -qqff "$DISK" "$SECOND" 2>/dev/null || true; wipefs -qaf "$DISK" "$SECOND"; }
trap clean EXIT
clean
lvm version >"$OUT/versions/lvm" 2>/dev/null
wipefs --version >"$OUT/versions/util-linux"
questions empty
pvcreate -qqy "$DISK"; questions physical-volume
vgcreate -qqy "$vg" "$DISK"; questions group
vgchange -qq --setautoactivation n "$vg"; questions left-alone
vgchange -qq --addtag @node1 --addtag longshore.generation=3 --addtag production "$vg"; questions tagged
lvcreate -qqy -L 400m -n data "$vg"; lvcreate -qqy -an -L 16m -n spare "$vg"; questions volumes
lvcreate -qqy -L 32m --thinpool pool "$vg"; lvcreate -qqy -V 64m --thinpool pool -n thin "$vg"; lvcreate -qqy -s -n shot "$vg/thin"; questions thin
mkfs.xfs -q "/dev/$vg/data"
record wipefs/xfs wipefs --no-act --json "/dev/$vg/data"
mount "/dev/$vg/data" /mnt; record mountinfo/lv cat /proc/self/mountinfo; umount /mnt
vgchange -qq -an "$vg"; questions inactive
vgextend -qqy "$vg" "$SECOND"; lvcreate -qqy -an -L 16m -n far "$vg" "$SECOND"; questions missing --devices "$DISK"
