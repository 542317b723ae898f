#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Where the credentials of a virtual cluster turn up while vcl works: the administrator's key and the tokens of service
# accounts are looked for in every command line and environment of its processes, in every file that it writes, and in
# what it prints with --verbose. They are where they are meant to be, and nowhere else.
set -euo pipefail
vcl=$1

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
work=$(mktemp -d)
files=$work/files # all that is not put anywhere on purpose
mkdir -m 700 "$files" "$work/out" "$files/run" "$files/tmp" "$files/home"
export HOME=$files/home TMPDIR=$files/tmp XDG_RUNTIME_DIR=$files/run
export XDG_STATE_HOME=$files/state XDG_CACHE_HOME=$files/cache XDG_CONFIG_HOME=$files/config
name=e2e-secrets
namespace=vcluster-e2e-secrets
fast=(--set controlPlane.statefulSet.persistence.volumeClaim.enabled=false)
account=(--service-account canary --cluster-role view --create)

clean_up() {
    "$vcl" disconnect "$name" -n "$namespace" --kubeconfig "$work/out/mine" --missing-ok >/dev/null 2>&1 || true
    [ -n "${KEEP:-}" ] || "$vcl" delete "$name" -n "$namespace" --missing-ok -q >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean_up EXIT

checks=0
fail() {
    echo "FAILED: $1" >&2
    exit 1
}
passed() {
    checks=$((checks + 1))
}
# FILE... or standard input has a credential, in any of its spellings.
has_secret() {
    grep -aqF -f "$work/canaries" "$@"
}
is_clean() { # WHAT FILE...
    local what=$1
    shift
    ! has_secret "$@" || fail "$what holds a credential"
    passed
}
is_meant() { # WHAT FILE: a look that finds nothing where there is something would find nothing
    has_secret "$2" || fail "$1 does not hold the credential that it is for"
    passed
}
no_file_but() { # WHAT FILE...: of all files below $files only these may have one
    local what=$1 found
    shift
    found=$(grep -rlaF -f "$work/canaries" "$files" || true)
    [ "$found" = "$(printf '%s\n' "$@")" ] || fail "$what: credentials are in: ${found:-no file}, not in: $*"
    passed
}
# What a process was started with, as everybody on the machine can see (argv), or its user (environment).
told_to() { # PID
    cat "/proc/$1/cmdline" "/proc/$1/environ"
}

"$vcl" ensure "$name" -n "$namespace" --distribution embedded "${fast[@]}" -q

# The spellings: 40 bytes of the key as it is in PEM, in a kubeconfig, and in the Secret, which encodes a kubeconfig once
# more; and the head of all tokens of this virtual cluster.
kubectl get secret "vc-$name" -n "$namespace" -o 'go-template={{index .data "client-key"}}' >"$work/key"
base64 -d <"$work/key" | sed -n 2p | cut -c5-44 >"$work/canaries"
cut -c101-140 "$work/key" >>"$work/canaries"
"$vcl" credential "$name" -n "$namespace" "${account[@]}" >"$work/first" 2>"$work/first.log"
grep -o 'eyJ[A-Za-z0-9_-]*' "$work/first" | head -n 1 | cut -c1-60 >>"$work/canaries"
[ "$(grep -c '....................' "$work/canaries")" = 3 ] || fail "there are no canaries: $(wc -c <"$work/canaries") bytes"

# credential: the token is on stdout, and nowhere else.
"$vcl" credential "$name" -n "$namespace" "${account[@]}" --verbose >"$work/out/token" 2>"$work/stderr"
is_meant "the output of credential" "$work/out/token"
grep -q "GET /" "$work/stderr" || fail "--verbose does not tell the requests: $(cat "$work/stderr")"
is_clean "the log of credential" "$work/stderr"
no_file_but "credential"
for wrong in "--cluster-role no-such-role --create" "--role view --cluster-role view" "--expiration 1s"; do
    # shellcheck disable=SC2086
    ! "$vcl" credential "$name" -n "$namespace" --service-account other $wrong --verbose >"$work/stdout" 2>"$work/stderr" ||
        fail "credential with $wrong works"
    is_clean "a failure of credential" "$work/stdout" "$work/stderr"
done

# run: its kubeconfig is a file that is gone afterwards; the program and whoever looks at the process list see its path.
# shellcheck disable=SC2016
"$vcl" run "$name" -n "$namespace" --verbose -- sh -c '
    echo "$KUBECONFIG $(stat -c %a "$KUBECONFIG" "$(dirname "$KUBECONFIG")" | tr "\n" " ")"
    cat "/proc/$PPID/cmdline" "/proc/$PPID/environ" /proc/self/cmdline /proc/self/environ >"$0/out/processes"
    grep -rlaF -f "$0/canaries" "$0/files" >"$0/out/found"
    kubectl get namespaces' "$work" >"$work/stdout" 2>"$work/stderr"
read -r path modes <"$work/stdout"
[ "$modes" = "600 700 " ] || [ "$modes" = "600 700" ] || fail "the kubeconfig of run and its folder have the modes $modes"
[ "$(cat "$work/out/found")" = "$path" ] || fail "run left credentials in $(cat "$work/out/found"), not only in $path"
is_clean "a process of run" "$work/out/processes"
is_clean "the log of run" "$work/stderr"
no_file_but "after run"

# A kubeconfig that names the program: nothing to steal in it, and what kubectl gets from it stays in memory.
mkdir "$work/out/bin"
ln -s "$vcl" "$work/out/bin/vcl"
"$vcl" kubeconfig "$name" -n "$namespace" --exec --server https://127.0.0.1:1 --no-verify >"$work/out/exec" 2>"$work/stderr" ||
    fail "kubeconfig --exec: $(cat "$work/stderr")"
is_clean "a kubeconfig with the program" "$work/out/exec" "$work/stderr"

# A tunnel in the background: record, log, command line and environment; the kubeconfig that was named has the key.
cp "$VCLUSTER_TEST_KUBECONFIG" "$work/out/mine"
chmod 600 "$work/out/mine"
"$vcl" connect "$name" -n "$namespace" --background --update-current --kubeconfig "$work/out/mine" --verbose \
    >"$work/stdout" 2>"$work/stderr"
"$vcl" connections -o json >"$work/out/connections"
pid=$(grep -o '"pid":[0-9]*' "$work/out/connections" | cut -d: -f2)
told_to "$pid" >"$work/out/processes"
[ -s "$work/out/processes" ] || fail "the process of the tunnel cannot be looked at"
kubectl --kubeconfig "$work/out/mine" get namespaces >/dev/null
is_meant "the kubeconfig that was named" "$work/out/mine"
is_clean "connect" "$work/stdout" "$work/stderr" "$work/out/connections"
is_clean "the process of the tunnel" "$work/out/processes"
no_file_but "a tunnel in the background"
"$vcl" disconnect "$name" -n "$namespace" --kubeconfig "$work/out/mine"
is_clean "the kubeconfig after disconnect" "$work/out/mine"
no_file_but "after disconnect"

echo "$checks checks passed"
