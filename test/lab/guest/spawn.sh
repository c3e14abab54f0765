#!/bin/bash
# Runs in a node: spawn.sh NAME LOG COMMAND ... starts a background process of the node's own and records it.
set -euo pipefail
name=$1 log=$2
shift 2
mkdir -p "$(dirname "$log")" /run/lab
rm -f "/run/lab/$name"
setsid bash -c '
  read -ra stat </proc/self/stat
  echo "${stat[0]} ${stat[21]}" >"/run/lab/$1.new" && mv "/run/lab/$1.new" "/run/lab/$1"
  shift
  exec "$@"' _ "$name" "$@" </dev/null >>"$log" 2>&1 &
# recorded before anyone may ask for it
for ((try = 0; try < 500; try++)); do
  [ ! -e "/run/lab/$name" ] || exit 0
  sleep 0.01
done
echo "$name was not recorded within 5 s" >&2
exit 1
