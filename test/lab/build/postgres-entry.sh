#!/bin/sh
# Process 1 of the PostgreSQL container: fills an empty data directory, then becomes the server.
set -eu
umask 077
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if ! mkdir -p "$PGDATA" 2>/dev/null || [ ! -w "$(dirname "$PGDATA")" ]; then
    echo "user $(id -u) cannot write $(dirname "$PGDATA"): give the mounted folder to it with chown 999:999" >&2
    exit 1
  fi
  # renamed into place whole: a start that was cut short is begun again
  rm -rf "$PGDATA.new"
  cp -R /usr/share/postgresql/lab "$PGDATA.new"
  sync -f "$PGDATA.new"
  rmdir "$PGDATA"
  mv "$PGDATA.new" "$PGDATA"
fi
[ $# -gt 0 ] || set -- postgres
exec "$@"
