# shellcheck shell=bash disable=SC2154,SC2016
# SPDX-License-Identifier: Apache-2.0
#
# PostgreSQL for tests of the backing store controlPlane.backingStore.database.external: Debian's, unpacked and not
# installed, under the name of the published image and with the part of its interface that tests use (POSTGRES_USER,
# POSTGRES_PASSWORD, PGDATA, user 999). Sourced by scripts/images.

readonly postgres_major=15
# With the libraries that a small machine lacks.
readonly postgres_packages=(
    postgresql-15 busybox-static libpq5 libicu72 libldap-2.5-0 libsasl2-2 libxml2 libgssapi-krb5-2 libkrb5-3 libk5crypto3
    libkrb5support0 libcom-err2 libkeyutils1 libpam0g libsystemd0 liblz4-1 libzstd1 libgcrypt20 libgpg-error0
)
readonly postgres_folder=usr/lib/postgresql/$postgres_major
readonly postgres_share=usr/share/postgresql/$postgres_major

# Debian's packages below $work/postgres/root, fetched once.
unpack_postgres() {
    local stamp=$work/postgres/packages part=$work/postgres.part deb
    [ "$(cat "$stamp" 2>/dev/null)" != "${postgres_packages[*]}" ] || return 0
    say "fetching Debian packages (once): ${postgres_packages[*]}"
    rm -rf "$part" "$work/postgres"
    mkdir -p "$part/files" "$part/root"
    if ! fetch_debs "$part/files" "${postgres_packages[@]}"; then
        apt-get update -qq || die "apt-get update failed"
        fetch_debs "$part/files" "${postgres_packages[@]}" ||
            die "apt-get download failed: $(tail -n 1 "$part/files/log")"
    fi
    for deb in "$part"/files/*.deb; do
        dpkg -x "$deb" "$part/root"
    done
    rm -rf "$part/files"
    printf '%s\n' "${postgres_packages[*]}" >"$part/packages"
    mv "$part" "$work/postgres"
}

# A database cluster is made at the first start. Clients of other pods need the password, whatever their address.
readonly postgres_start='#!/bin/sh
set -e
export PGDATA="${PGDATA:-/var/lib/postgresql/data}"
user="${POSTGRES_USER:-postgres}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    : "${POSTGRES_PASSWORD:?is not set}"
    umask 077
    printf "%s\n" "$POSTGRES_PASSWORD" >/tmp/password
    initdb --username="$user" --pwfile=/tmp/password --auth-local=trust --auth-host=scram-sha-256 --locale=C --encoding=UTF8
    rm /tmp/password
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
fi
exec postgres -c listen_addresses="*" -c unix_socket_directories=/tmp "$@"
'

postgres_image() {
    unpack_postgres
    local root=$work/postgres/root arguments=() file libraries multiarch version
    multiarch=$(uname -m)-linux-gnu
    version=$("$root/$postgres_folder/bin/postgres" --version 2>/dev/null | sed 's/.*(PostgreSQL) \([0-9.]*\).*/\1/') ||
        die "Debian's PostgreSQL does not run on this machine"
    while read -r file; do
        arguments+=(--file "$file=$root/$file")
    done < <(cd "$root" && find "$postgres_share" "$postgres_folder/lib" -type f \
        ! -name '*llvmjit*' ! -path '*/bitcode/*' ! -path '*/man/*' | sort)
    libraries=$(LD_LIBRARY_PATH=$root/usr/lib/$multiarch:$root/lib/$multiarch \
        ldd "$root/$postgres_folder/bin/postgres" "$root/$postgres_folder/bin/initdb")
    [[ $libraries != *"not found"* ]] || die "PostgreSQL: $(grep 'not found' <<<"$libraries")"
    while read -r library path; do
        if [ "$library" = "$path" ]; then
            arguments+=(--file "$library=$path")
        else
            arguments+=(--file "lib/$multiarch/$library=$path")
        fi
    done < <(awk '/ => \// {print $1, $3} $1 ~ /^\/.*ld-linux/ {print $1, $1}' <<<"$libraries" | sort -u)
    write_image "postgres-$postgres_major" "docker.io/library/postgres:$postgres_major" "$version" \
        --file "$postgres_folder/bin/postgres=$root/$postgres_folder/bin/postgres" \
        --file "$postgres_folder/bin/initdb=$root/$postgres_folder/bin/initdb" \
        --file "bin/busybox=$root/bin/busybox" --link bin/sh=busybox --link bin/rm=busybox \
        --text "usr/local/bin/start=$postgres_start" \
        --text $'etc/passwd=root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999:postgres:/var/lib/postgresql:/bin/sh\n' \
        --text $'etc/group=root:x:0:\npostgres:x:999:\n' --text $'etc/nsswitch.conf=hosts: files dns\n' \
        --directory tmp=1777 --directory var/lib/postgresql/data=700:999 --user 999 \
        --env "PATH=/$postgres_folder/bin:/usr/local/bin:/usr/bin:/bin" \
        --entrypoint /bin/sh --entrypoint /usr/local/bin/start "${arguments[@]}"
}
