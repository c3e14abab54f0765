#!/bin/bash
# Unpacks Debian's kernel for machines without hardware of their own, and makes a small first root for it: kernel.sh DIR. Nothing is installed here.
set -euo pipefail
out=$1
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
package=$(apt-cache depends linux-image-cloud-amd64 | awk '/Depends: linux-image-/ { print $2; exit }')
[ -n "$package" ] || { echo "no kernel package is known: run apt-get update" >&2; exit 1; }
# apt drops its rights to download, and cannot where the folder is root's
chmod 755 "$work"
(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$package" busybox-static >/dev/null)
dpkg-deb -x "$work"/linux-image-*.deb "$out"
dpkg-deb -x "$work"/busybox-static*.deb "$work/busybox"
release=$(cd "$out/lib/modules" && echo *)
ln -s "boot/vmlinuz-$release" "$out/vmlinuz"
echo "$release" >"$out/release"
depmod --basedir "$out" "$release"

# the root disk is on virtio, since the state of a machine with an NVMe disk cannot be saved; Debian's kernel has virtio in modules
mkdir -p "$work/first"/{bin,modules,root,dev}
cp "$work/busybox/bin/busybox" "$work/first/bin/"
modules=()
while read -r _ file; do
  cp "$file" "$work/first/modules/"
  modules+=("${file##*/}")
done < <(for module in virtio_pci virtio_blk; do modprobe --dirname "$out" --set-version "$release" --show-depends "$module"; done | awk '$1 == "insmod" && !seen[$2]++')
cat >"$work/first/init" <<INIT
#!/bin/busybox sh
b=/bin/busybox
\$b mount -t devtmpfs dev /dev
for module in ${modules[*]}; do \$b insmod /modules/\$module; done
while ! [ -b /dev/vda ]; do \$b sleep 0.02; done
\$b mount -t ext4 /dev/vda /root && \$b mount -o move /dev /root/dev && exec \$b switch_root /root /sbin/init
INIT
chmod 755 "$work/first/init"
(cd "$work/first" && find . | cpio --quiet -o -H newc) >"$out/initrd"
