# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Source this: what scripts/demo and scripts/test have in common. Each function says what it does and is quick when it
# was done before.

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck source=packages.sh
. "$project/scripts/lib/packages.sh"

readonly build_packages=(
    gcc libc6-dev cmake ninja-build pkg-config libcurl4-openssl-dev libyaml-dev libcjson-dev libsqlite3-dev libssl-dev libcrypt-dev zlib1g-dev
    libpcre2-dev
    libwslay-dev libcmocka-dev swig python3-dev python3-venv scdoc
)
readonly host_packages=(iproute2 util-linux openssl python3 ca-certificates)

step() {
    printf '\n== %s\n' "$*"
}

fail() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# Go comes from the machine where it is new enough; any older one can fetch it.
set_up_packages() {
    step "packages"
    install_packages "${build_packages[@]}" "${host_packages[@]}" || fail "packages are missing (see above)"
    if ! command -v go >/dev/null && [ ! -x /usr/local/go/bin/go ]; then
        install_packages golang-go || fail "Go is missing"
    fi
    echo "ok"
}

# The library, vcl and the runtime, optimised, in build/release.
build_release() {
    step "build (release)"
    (cd "$project" && cmake --preset release >"$project/build-release.log" 2>&1 &&
        cmake --build --preset release --target vcluster vcl vcluster-runtime >>"$project/build-release.log" 2>&1) || {
        tail -40 "$project/build-release.log" >&2
        fail "the release build failed"
    }
    rm -f "$project/build-release.log"
    stat -c '%n %s bytes' "$project"/build/release/lib/libvcluster.so.*.*
}

# bring_up_host IMAGE...: a cluster for the tests, the user's own or the test host with these images (none named: all).
bring_up_host() {
    step "host cluster"
    if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
        "$project/tests/host/host" up || fail "no host cluster: see above, or set VCLUSTER_TEST_KUBECONFIG to a kubeconfig"
        "$project/tests/host/host" load-control-plane "$@" || fail "the images could not be made or loaded"
        VCLUSTER_TEST_KUBECONFIG=$("$project/tests/host/host" kubeconfig)
        VCLUSTER_TEST_OWN_HOST=1
    else
        [ -r "$VCLUSTER_TEST_KUBECONFIG" ] || fail "VCLUSTER_TEST_KUBECONFIG is not a readable file: $VCLUSTER_TEST_KUBECONFIG"
        VCLUSTER_TEST_OWN_HOST=
    fi
    export VCLUSTER_TEST_KUBECONFIG VCLUSTER_TEST_OWN_HOST
    echo "kubeconfig: $VCLUSTER_TEST_KUBECONFIG"
}

# Programs of the test host: kubectl and helm, where the machine has none.
use_host_programs() {
    local state=${LIBVCLUSTER_HOST_STATE:-${XDG_CACHE_HOME:-$HOME/.cache}/libvcluster/host}
    PATH=$PATH:$state/bin
    export PATH
}

seconds_since() {
    echo $(($(date +%s) - $1))
}
