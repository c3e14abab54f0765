#!/bin/bash
# Builds the root filesystem that the package is installed in: a bare Debian 12 with what the package depends on, but for Node.
# Usage: root.sh DIR
set -euo pipefail
out=$1
packages=(
  systemd init-system-helpers                                  # the units are checked, not run
  openssl iproute2 iputils-arping procps psmisc libstdc++6     # what omd depends on
  bash-completion man-db groff perl-base                       # what is looked at
)
mmdebstrap -q --mode=root --variant=minbase --include="$(IFS=,; echo "${packages[*]}")" \
  --aptopt='Apt::Install-Recommends "false"' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$out"
rm -rf "$out"/var/cache/apt/* "$out"/var/lib/apt/lists/*
# Nobody starts or stops a service in there by accident.
rm -f "$out/etc/machine-id" "$out/usr/sbin/policy-rc.d"
