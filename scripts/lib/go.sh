# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Source this: it sets and exports GO, the path of a Go of at least the version below. Where none is on the machine, an
# older Go (Debian 12 has 1.19) fetches the toolchain as a module, checked against Go's checksum database.
# The folder it goes to is $LIBVCLUSTER_GO_FOLDER, by default beside the test host's state.

go_needed=1.26
go_toolchain=v0.0.1-go1.26.8.linux-$(dpkg --print-architecture 2>/dev/null || echo amd64)
go_folder=${LIBVCLUSTER_GO_FOLDER:-${LIBVCLUSTER_HOST_STATE:-${XDG_CACHE_HOME:-$HOME/.cache}/libvcluster/host}/toolchain}

# A Go that will not switch to another toolchain by itself, and is new enough.
go_is_new_enough() {
    local version
    version=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null) || return 1
    version=${version#go}
    [ "$(printf '%s\n' "$go_needed" "${version%%[!0-9.]*}" | sort -V | head -n 1)" = "$go_needed" ]
}

# First the caller's choice, then PATH, then the usual places, then what an earlier call fetched.
find_go() {
    local candidate
    for candidate in "${GO:-}" "$(command -v go)" /usr/local/go/bin/go /usr/lib/go-*/bin/go "$go_folder/go/bin/go"; do
        if [ -x "$candidate" ] && go_is_new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

fetch_go() {
    local old candidate modules unpacked
    for candidate in "$(command -v go)" /usr/lib/go-*/bin/go /usr/lib/go/bin/go; do
        [ ! -x "$candidate" ] || old=$candidate
    done
    if [ -z "${old:-}" ]; then
        echo "go.sh: no Go found; install one (Debian: golang-go; it may be older than $go_needed)" >&2
        return 1
    fi
    echo "go.sh: fetching Go $go_toolchain with $("$old" version | cut -d' ' -f3)" >&2
    modules=$go_folder/modules
    mkdir -p "$modules"
    unpacked=$(cd "$go_folder" && env -u GOROOT -u GOFLAGS GO111MODULE=on GOMODCACHE="$modules" \
        "$old" mod download -modcacherw -json "golang.org/toolchain@$go_toolchain" |
        sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p') || return 1
    [ -d "$unpacked" ] || return 1
    # The module cache drops the execute bits.
    chmod u+x "$unpacked"/bin/* "$unpacked"/pkg/tool/*/*
    ln -sfn "$unpacked" "$go_folder/go"
}

if ! GO=$(find_go); then
    if ! fetch_go || ! GO=$(find_go); then
        echo "go.sh: needs Go $go_needed or newer, and could not bring it" >&2
        # The second half is for a caller that runs this file instead of sourcing it.
        # shellcheck disable=SC2317
        return 1 2>/dev/null || exit 1
    fi
fi
export GO
