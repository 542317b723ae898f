#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Sync rules of a running virtual cluster: compared, changed until in force, refused when contradictory; its host objects by
# their names inside. The embedded control plane copies nothing, so that the object on the host is made here.
# usage: test_sync.sh VCL
set -euo pipefail
vcl=$1

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
name=e2e-sync
namespace=vcluster-e2e-sync
work=$(mktemp -d)

fail() {
    echo "FAILED: $*" >&2
    cat "$work"/* >&2 || true
    exit 1
}

clean_up() {
    "$vcl" delete "$name" -n "$namespace" --missing-ok >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean_up EXIT

"$vcl" create "$name" -n "$namespace" --distribution embedded >/dev/null 2>"$work/log" || fail "create"

"$vcl" sync diff "$name" -n "$namespace" --set sync.toHost.ingresses.enabled=true >"$work/diff" || fail "diff"
grep -q 'Ingress objects of the virtual cluster start to appear on the host' "$work/diff" || fail "diff does not tell what starts"

"$vcl" sync apply "$name" -n "$namespace" ingress on >"$work/out" 2>"$work/log" || fail "apply"
grep -q 'in force' "$work/out" || fail "apply does not say so"
"$vcl" sync diff "$name" -n "$namespace" --set sync.toHost.ingresses.enabled=true -o json |
    grep -q '"operation":"none"' || fail "what was applied does not run"

code=0
"$vcl" sync apply "$name" -n "$namespace" --set sync.toHost.storageClasses.enabled=true \
    --set sync.fromHost.storageClasses.enabled=true 2>"$work/log" || code=$?
[ "$code" = 1 ] || fail "a contradiction is not refused: $code"
grep -q 'at once' "$work/log" || fail "what contradicts is not told"
"$vcl" sync diff "$name" -n "$namespace" --set sync.toHost.storageClasses.enabled=false -o json |
    grep -q '"operation":"none"' || fail "a refused change was made"

code=0
"$vcl" sync apply nothing-here -n "$namespace" ingress on 2>"$work/log" || code=$?
[ "$code" = 1 ] || fail "apply to what is not there: $code"
grep -q "no virtual cluster 'nothing-here'" "$work/log" || fail "apply does not say that it is not there"

cat >"$work/object.json" <<JSON
{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-x-default-x-$name", "namespace": "$namespace",
 "labels": {"vcluster.loft.sh/managed-by": "$name"}, "annotations": {"vcluster.loft.sh/object-name": "web",
 "vcluster.loft.sh/object-namespace": "default", "vcluster.loft.sh/object-kind": "/v1, Kind=ConfigMap"}}}
JSON
kubectl apply -f "$work/object.json" >/dev/null
"$vcl" names "$name" -n "$namespace" -o json 2>"$work/log" >"$work/names" || fail "names"
grep -q "\"name\":\"web-x-default-x-$name\",\"virtualNamespace\":\"default\",\"virtualName\":\"web\",\"note\":\"\"" \
    "$work/names" || fail "the host object is not told by its annotations"
echo "sync rules compared, applied, refused; host objects named"
