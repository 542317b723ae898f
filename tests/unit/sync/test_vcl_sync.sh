#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl sync from the outside; it needs no cluster.
set -euo pipefail
vcl=$1

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$vcl" sync list --set sync.toHost.ingresses.enabled=true |
    grep -q '^toHost *ingresses *on ' || fail "list does not show a rule that is on"
"$vcl" sync list | grep -q '^fromHost *csiNodes *auto (off)' || fail "list does not say what auto comes to"
[ "$("$vcl" sync list -o json | grep -c '"resource":"pods"')" = 1 ] || fail "list has no JSON form"
"$vcl" sync get pvc | grep -q '^sync.toHost.persistentVolumeClaims$' || fail "get does not know pvc"
"$vcl" sync set node on --settings '{"selector":{"all":true}}' >"${TMPDIR:-/tmp}/values.$$"
trap 'rm -f "${TMPDIR:-/tmp}/values.$$"' EXIT
"$vcl" sync get node -f "${TMPDIR:-/tmp}/values.$$" | grep -q 'settings: {"selector":{"all":true}}' ||
    fail "what set prints does not read back"
code=0
"$vcl" sync set node maybe 2>/dev/null || code=$?
[ "$code" = 2 ] || fail "a state that is none is no usage error"
code=0
message=$("$vcl" sync get ingreses 2>&1) || code=$?
[[ $code:$message = 1:*"did you mean 'ingresses'"* ]] || fail "the nearest is not named: $message"

printf 'policies:\n  podSecurityStandard: strict\n' >"${TMPDIR:-/tmp}/values.$$"
code=0
message=$("$vcl" check -f "${TMPDIR:-/tmp}/values.$$") || code=$?
[[ $code:$message = 1:*"values.$$:2:3: error: policies.podSecurityStandard: "*"[VC513]"* ]] || fail "check: $code $message"
"$vcl" check --set sync.toHost.ingresses.enabled=true || fail "check refuses what is fine"
code=0
"$vcl" check --against "${TMPDIR:-/tmp}/values.$$" --set privateNodes.vpn.enabled=true >/dev/null || code=$?
[ "$code" = 1 ] || fail "check --against does not know what must not change"
"$vcl" sync diff --set sync.toHost.ingresses.enabled=true |
    grep -q 'start to appear on the host' || fail "diff does not tell what starts"
"$vcl" sync diff --against "${TMPDIR:-/tmp}/values.$$" -o json | grep -q '"operation":"none"' ||
    fail "diff finds a change where there is none"
