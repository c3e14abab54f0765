#!/usr/bin/env bash
# What only virtual machines can show, one set of them after the other: test.sh [FILE ...]. Builds what it needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ "$(id -u)" -ne 0 ]; then
  echo "vm-test: skipped: machines need interfaces of their own: run it as root"
  exit 0
fi
if [ "$(uname -m)" != x86_64 ]; then
  echo "vm-test: skipped: the machines are x86_64, and emulating them elsewhere was never tried"
  exit 0
fi
bash test/lab/prepare.sh
if ! bash test/vm/deps.sh >/dev/null 2>&1; then
  echo "vm-test: skipped: QEMU is not here and cannot be installed: test/vm/deps.sh says why"
  exit 0
fi
exec node_modules/.bin/vitest run --project machines "$@"
