#!/bin/bash
# Builds the root folder of the PostgreSQL image: postgres.sh DIR
set -euo pipefail
out=$1 here=$(cd "$(dirname "$0")" && pwd)
# the user is number 999 as in the well-known image; the package finds it there and keeps it
users='echo "postgres:x:999:" >>"$1/etc/group"
echo "postgres:x:999:999::/var/lib/postgresql:/bin/sh" >>"$1/etc/passwd"
mkdir -p "$1/etc/postgresql-common"
echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"'
mmdebstrap -q --mode=root --variant=minbase --include=postgresql-17 \
  --aptopt='Apt::Install-Recommends "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --essential-hook="$users" trixie "$out"

# what a database server never reads at run time: the just-in-time compiler, Perl, package lists
rm -rf "$out"/var/cache/apt/* "$out"/var/lib/apt/lists/* "$out"/var/log/* "$out"/usr/lib/postgresql/17/lib/{bitcode,llvmjit*}
rm -rf "$out"/usr/lib/*/libLLVM* "$out"/usr/lib/*/libz3* "$out"/usr/lib/llvm* "$out"/usr/share/perl* "$out"/usr/lib/*/perl*
install -m 755 "$here/postgres-entry.sh" "$out/usr/local/bin/entry"

# initialised once here, copied at a container's first start: a tenth of the time of initdb there
ln -s /usr/lib/postgresql/17/bin/{postgres,initdb,psql,pg_ctl,pg_isready,pg_controldata} "$out/usr/local/bin/"
template=/usr/share/postgresql/lab
install -d -o 999 -g 999 -m 700 "$out$template" "$out/var/lib/postgresql"
chroot "$out" setpriv --reuid 999 --regid 999 --clear-groups \
  initdb -D "$template" --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8 >/dev/null
echo 'host all all all trust' >>"$out$template/pg_hba.conf"
cat >>"$out$template/postgresql.conf" <<'CONF'
listen_addresses = '*'
unix_socket_directories = '/tmp'
jit = off
CONF
