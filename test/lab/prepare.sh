#!/bin/bash
# What the lab needs on this machine: Debian packages, then the nodes' root filesystem and images. Says nothing where all is there.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
if [ "$(id -u)" -ne 0 ]; then
  echo "prepare: the lab makes namespaces and mounts: run this as root" >&2
  exit 1
fi

said=$(mktemp)
(sleep 10 >/dev/null 2>&1 && echo "preparing the lab: packages, root filesystem and images, built once per machine: two to three minutes") &
notice=$!
trap 'kill "$notice" 2>/dev/null || true; rm -f "$said"' EXIT

for step in './deps.sh' './lab prepare'; do
  if ! $step >"$said" 2>&1; then
    cat "$said" >&2
    echo "prepare: '$step' in test/lab failed: its output is above" >&2
    exit 1
  fi
done
