#!/bin/bash
# Checks the Vagrantfile with Vagrant itself, and the scripts with shellcheck; installs them where they are missing. Starts nothing, and asks nothing of the network.
set -euo pipefail
cd "$(dirname "$0")"
missing=()
for package in vagrant vagrant-libvirt shellcheck; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "validate: these packages are missing and only root can install them: ${missing[*]}" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q -o DPkg::Lock::Timeout=300 update >/dev/null
  apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

shellcheck fault provision.sh validate.sh guest/usr/local/sbin/node-network ../test/vm/build/nodejs.sh
ruby -c Vagrantfile

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export VAGRANT_HOME=$work/home VAGRANT_DOTFILE_PATH=$work/nodes VAGRANT_CHECKPOINT_DISABLE=1
# Vagrant reads what is meant for VirtualBox only where that is, and asks no more of it than its version
if ! command -v VBoxManage >/dev/null; then
  mkdir "$work/bin"
  printf '#!/bin/sh\necho 7.0.0r1\n' >"$work/bin/VBoxManage"
  chmod 755 "$work/bin/VBoxManage"
  PATH=$work/bin:$PATH
fi
# packages to be brought: Vagrant asks whether they are there, not what they are
touch "$work/longshore.deb" "$work/nodejs.deb"
export LONGSHORE_DEB=$work/longshore.deb NODEJS_DEB=$work/nodejs.deb
for nodes in 2 3; do
  export NODES=$nodes
  vagrant validate --ignore-provider
  for provider in libvirt virtualbox; do
    echo "$nodes nodes, $provider"
    VAGRANT_DEFAULT_PROVIDER=$provider vagrant validate
  done
done
