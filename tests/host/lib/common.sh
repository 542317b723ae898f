# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# Folders, messages and the two ways of failing, shared by everything below tests/host and by scripts/images.

host_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
project_source=$(cd "$host_source/../.." && pwd)
state=${LIBVCLUSTER_HOST_STATE:-${XDG_CACHE_HOME:-$HOME/.cache}/libvcluster/host}
mkdir -p "$state"
state=$(cd "$state" && pwd -P)

say() { printf 'host: %s\n' "$*" >&2; }

die() {
    printf 'host: %s\n' "$*" >&2
    exit 1
}

# For what this machine cannot do at all: names the way out in the same breath.
die_no_host() {
    die "cannot run a Kubernetes node here: $*. Set VCLUSTER_TEST_KUBECONFIG to the kubeconfig of a cluster to use instead (kind, k3d, a cloud cluster)"
}

# until_true SECONDS COMMAND...: poll ten times a second; false when the time is over.
until_true() {
    local -i tries=$(($1 * 10))
    shift
    until "$@"; do
        ((tries-- > 0)) || return 1
        sleep 0.1
    done
}

# with_lock NAME COMMAND...: two commands of this project that make the same files take turns.
with_lock() (
    exec 8>"$state/.$1.lock"
    flock 8
    "${@:2}"
)
