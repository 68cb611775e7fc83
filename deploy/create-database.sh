#!/bin/sh
# Run once by the database image, on an empty volume: the role that the portal signs in as owns
# its database and nothing else. btree_gist is a trusted extension, so the migrations may add it.
set -eu

psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE lawadvisor LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE lawadvisor OWNER lawadvisor;
REVOKE ALL ON DATABASE lawadvisor FROM PUBLIC;
SQL
