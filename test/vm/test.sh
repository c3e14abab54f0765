#!/usr/bin/env bash
# What only virtual machines can show, one set of them after the other: test.sh [FILE ...], all where none is named. Builds what it needs.
# A machine that cannot run them is told so before anything is built for them, and that is no failure, unless VM_REQUIRED=1.
set -euo pipefail
cd "$(dirname "$0")/../.."

skip() {
  if [ "${VM_REQUIRED:-}" = 1 ]; then
    echo "vm-test: cannot run, and VM_REQUIRED=1 takes no skip: $1" >&2
    exit 1
  fi
  echo "vm-test: skipped: $1"
  exit 0
}

[ "$(id -u)" -eq 0 ] || skip "machines need interfaces of their own: run it as root"
[ "$(uname -m)" = x86_64 ] || skip "the machines are x86_64, and emulating them elsewhere was never tried"
if ! bash test/vm/deps.sh >/dev/null 2>&1 || ! command -v qemu-system-x86_64 >/dev/null; then
  skip "QEMU is not here and cannot be installed: test/vm/deps.sh says why"
fi
"${MAKE:-make}" --no-print-directory deb
bash test/lab/prepare.sh
exec node_modules/.bin/vitest run --project machines "$@"
