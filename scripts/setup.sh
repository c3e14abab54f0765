#!/usr/bin/env bash
# Everything that building and testing need, from a bare Debian 12 with Node 20 on: Debian packages, npm packages, the build.
# Does only what is missing; safe to run again.
set -euo pipefail
cd "$(dirname "$0")/.."

major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
if [ "$major" -lt 20 ]; then
  echo "setup: Node 20 or newer is needed and was not found: install Debian's or NodeSource's nodejs package, then run this again" >&2
  exit 1
fi

missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }
need cc gcc
need g++ g++
need make make
need python3 python3
need openssl openssl
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "setup: these packages are missing and only root can install them: ${missing[*]}" >&2
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

# The native module names the ABI of the Node that it was compiled for.
native=node_modules/better-sqlite3/build/Release/better_sqlite3.node
if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ] ||
  ! grep -q "node_register_module_v$(node -p process.versions.modules)" "$native"; then
  # The native module is compiled against headers: Debian's package has them; elsewhere node-gyp looks for its own.
  for headers in /usr /usr/local "$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")"; do
    if [ -e "$headers/include/node/node.h" ]; then
      export npm_config_nodedir=$headers
      break
    fi
  done
  # The native module takes minutes to compile: it is done once for each machine, version and Node.
  cache=${LONGSHORE_CACHE:-$HOME/.cache/longshore}/prebuilds
  version=$(node -p 'require("./package.json").dependencies["better-sqlite3"]')
  tarball=$cache/better-sqlite3-v$version-node-v$(node -p 'process.versions.modules')-linux-$(node -p 'process.arch').tar.gz
  if [ -e "$tarball" ]; then export npm_config_better_sqlite3_local_prebuilds=$cache; fi
  npm ci --no-fund --no-audit --loglevel=error
  if [ ! -e "$tarball" ]; then
    mkdir -p "$cache"
    tar -C node_modules/better-sqlite3 -czf "$tarball.$$" build/Release/better_sqlite3.node
    mv "$tarball.$$" "$tarball"
  fi
fi

# A file that was removed makes its folder newer.
if [ ! -e dist/begun ] ||
  [ -n "$(find src guard scripts package.json tsconfig.json tsconfig.build.json node_modules/.package-lock.json -newer dist/begun -print -quit)" ]; then
  npm run --silent build
fi
