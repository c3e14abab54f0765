#!/bin/bash
# Builds the root folders of the small images: small.sh DIR ROOTFS fills DIR/{pause,web,busybox}.
# ROOTFS is the nodes' root filesystem, where the static busybox comes from.
set -euo pipefail
out=$1 rootfs=$2 here=$(cd "$(dirname "$0")" && pwd)
umask 022
for image in pause web busybox; do
  mkdir -p "$out/$image"/{bin,etc,tmp,proc,sys,dev,data}
  chmod 1777 "$out/$image/tmp"
  echo 'root:x:0:0:root:/:/bin/sh' >"$out/$image/etc/passwd"
  echo 'root:x:0:' >"$out/$image/etc/group"
done
gcc -O2 -static -s -o "$out/pause/bin/pause" "$here/pause.c"
gcc -O2 -static -s -o "$out/web/bin/web" "$here/web.c"
for image in web busybox; do
  install -m 755 "$rootfs/usr/bin/busybox" "$out/$image/bin/busybox"
  for applet in $("$out/$image/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -sf busybox "$out/$image/bin/$applet"
  done
done
