#!/bin/bash
# Makes a node of this machine, as root, from what was uploaded to it: provision.sh N. Done again, it installs the packages that are there now.
set -euo pipefail
n=$1 brought=/tmp/longshore
export DEBIAN_FRONTEND=noninteractive

# settings before Docker first starts, which makes a bridge otherwise; uploaded files lose their modes
chmod 755 "$brought"/guest/usr/local/sbin/*
cp -r --no-preserve=ownership "$brought/guest/." /
systemctl daemon-reload
systemctl enable --now "node-network@$n.service"
udevadm control --reload
udevadm trigger --subsystem-match=block --action=change
udevadm settle --timeout=20

# a watchdog: the provider's card, else the kernel's timer
for module in i6300esb softdog; do
  modprobe --quiet "$module" || continue
  [ -e /dev/watchdog ] || { modprobe -r "$module"; continue; }
  echo "$module" >/etc/modules-load.d/longshore-watchdog.conf
  break
done

mapfile -t packages < <(sed -e 's/#.*//' -e 's/ //g' -e '/^$/d' "$brought/packages")
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${packages[@]}"
apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends --allow-downgrades --reinstall "$brought/nodejs.deb" "$brought/longshore.deb"

# the tutorial's images, from where Docker looks by itself
has() { docker image inspect "$1" >/dev/null 2>&1; }
# version 18 is the first whose volume is /var/lib/postgresql, where the service mounts: an older one would keep its data on the node
has postgres || docker build -q -t postgres - <<'IMAGE'
FROM postgres:18
ENV POSTGRES_HOST_AUTH_METHOD=trust
IMAGE
# that image is old, and not every registry gives it any more: then one that keeps a namespace as well
has google/pause || docker pull -q google/pause || docker build -q -t google/pause - <<'IMAGE'
FROM busybox
STOPSIGNAL SIGKILL
ENTRYPOINT ["sleep", "2147483647"]
IMAGE
rm -rf "$brought"
