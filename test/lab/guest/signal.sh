#!/bin/bash
# Runs in a node: signal.sh NAME SIGNAL sends SIGNAL to the process that spawn.sh recorded as NAME.
# Exit 3: it is not running. The start time tells it from a later process with the same number.
[ -r "/run/lab/$1" ] || exit 3
read -r pid start <"/run/lab/$1"
{ stat=$(<"/proc/$pid/stat"); } 2>/dev/null || exit 3
read -ra fields <<<"${stat##*) }"
[ "${fields[19]}" = "$start" ] && [ "${fields[0]}" != Z ] || exit 3
kill -s "$2" "$pid" 2>/dev/null || exit 3
