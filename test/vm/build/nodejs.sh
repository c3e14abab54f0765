#!/bin/bash
# Packs a Node as the package that ours depends on, since Debian's own is older: nodejs.sh FOLDER [NODE_BINARY]. Prints the package's path.
set -euo pipefail
out=$1 node=${2:-$(readlink -f "$(command -v node)")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
version=$("$node" -p 'process.versions.node')-1lab
architecture=$(dpkg --print-architecture)
install -D -m 755 "$node" "$work/usr/bin/node"
mkdir "$work/DEBIAN"
cat >"$work/DEBIAN/control" <<CONTROL
Package: nodejs
Version: $version
Architecture: $architecture
Maintainer: Longshore
Depends: libc6, libstdc++6
Description: Node.js of the machine that built this package
CONTROL
mkdir -p "$out"
file=$out/nodejs_${version}_$architecture.deb
dpkg-deb --root-owner-group --build -Znone "$work" "$file" >/dev/null
echo "$file"
