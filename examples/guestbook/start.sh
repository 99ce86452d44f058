#!/bin/sh
# What the container of PostgreSQL starts: makes a database where there is none, with the variables that the official
# image has, and becomes the server.
set -eu
: "${PGDATA:?is not set}" "${POSTGRES_PASSWORD:?is not set}"
user=${POSTGRES_USER:-postgres}
if [ ! -e "$PGDATA/PG_VERSION" ]; then
  # In memory, so that the password is in no argument.
  initdb --username="$user" --pwfile=/dev/stdin --auth=scram-sha-256 --locale=C.UTF-8 --no-instructions <<PASSWORD
$POSTGRES_PASSWORD
PASSWORD
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
# Who mounts volumes for a group gives the group rights to all that is in them, which PostgreSQL does not have.
chmod 0700 "$PGDATA"
exec postgres -c listen_addresses='*' "$@"
