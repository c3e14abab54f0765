#!/bin/bash
# Makes this machine an NFS 4 server of an empty directory, for nfs.machine.ts. Needs the packages nfs-kernel-server and nfs-common.
set -euo pipefail
modprobe nfsd
mkdir -p /srv/export /var/lib/nfs/v4recovery
mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
mountpoint -q /srv/export || mount -t tmpfs export /srv/export
exportfs -i -o rw,no_root_squash,fsid=0,insecure '*:/srv/export'
rpc.nfsd --no-nfs-version 3 2
rpc.mountd --no-nfs-version 3
