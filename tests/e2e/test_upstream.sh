#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What only upstream's control plane does: pods that run, sync rules that are really in force on the host, snapshots that
# it keeps, its own certificates; and that nothing is left behind.
# usage: on-upstream VCL test_upstream.sh VCL
set -euo pipefail
vcl=${1:?usage: on-upstream VCL test_upstream.sh VCL}
name=e2e-up namespace=vcluster-e2e-up
work=$(mktemp -d)
fail() { echo "FAILED: $*" >&2 && exit 1; }
remove() {
    "$vcl" delete "$name" -n "$namespace" --missing-ok -q >/dev/null 2>&1 || true
    kubectl delete clusterrole,clusterrolebinding "$name-restore-from" --ignore-not-found >/dev/null || true
}
trap 'remove; rm -rf "$work"' EXIT
remove
inside() { "$vcl" run "$name" -n "$namespace" -q -- kubectl "$@"; }

"$vcl" create "$name" -n "$namespace" -f "${VCLUSTER_TEST_UPSTREAM_VALUES:?run by on-upstream}" --timeout 400s -q >/dev/null
inside create deployment web --image=registry.k8s.io/pause:3.10
inside create service clusterip web --tcp=80
inside create ingress web --rule=a.example/=web:80
inside rollout status deployment/web --timeout=3m

"$vcl" names "$name" -n "$namespace" -o json >"$work/names"
python3 - "$work/names" <<'PY'
import json, sys
objects = json.load(open(sys.argv[1]))
notes = [one for one in objects if one["note"]]
assert not notes, notes
kinds = {one["kind"] for one in objects}
assert {"Pod", "Service", "ConfigMap"} <= kinds, kinds
assert "Ingress" not in kinds, "an Ingress is copied although its rule is off"
PY

# A rule changed, and in force: the object appears on the host.
"$vcl" sync apply "$name" -n "$namespace" ingresses on --timeout 400s -q >/dev/null
kubectl wait --for=create "ingress/web-x-default-x-$name" -n "$namespace" --timeout=2m >/dev/null ||
    fail "the rule is on, and the Ingress is not on the host"
unused() { # whether lint calls the rule unused
    "$vcl" lint --live "$name" -n "$namespace" -o json --fail-on never >"$work/lint" || fail "lint: $(cat "$work/lint")"
    grep -o '"rule":"VC602"[^{}]*' "$work/lint" | grep -q '"path":"sync.toHost.ingresses.enabled"'
}
unused && fail "a rule is called unused although an Ingress goes by it: $(cat "$work/lint")"
inside delete ingress web
kubectl wait --for=delete "ingress/web-x-default-x-$name" -n "$namespace" --timeout=2m >/dev/null ||
    fail "the Ingress stays on the host"
unused || fail "a rule for what nobody has is not called unused: $(cat "$work/lint")"
"$vcl" sync apply "$name" -n "$namespace" ingresses off --timeout 400s -q >/dev/null
"$vcl" sync diff "$name" -n "$namespace" --set sync.toHost.ingresses.enabled=false -o json | grep -q '"operation":"none"' ||
    fail "the rule is off, and a comparison does not say so"

# Two accounts, each with the rights of one operation and no more.
for operation in request-snapshot restore-from; do
    "$vcl" rights $operation -n "$namespace" --role "$name-$operation" --service-account $operation | kubectl apply -f - >/dev/null
done
keeper=system:serviceaccount:$namespace:request-snapshot
restorer=system:serviceaccount:$namespace:restore-from
keep() { "$vcl" snapshot "$name" "$1" -n "$namespace" --as "$keeper" --timeout 120s -q "${@:2}"; }
kept() { "$vcl" snapshots "$name" "$@" -n "$namespace" --as "$keeper" -o json; }
bring_back() { "$vcl" restore "$name" "$1" -n "$namespace" --as "$restorer" --timeout 400s "${@:2}"; }
url=container:///data/e2e.tar.gz

# A snapshot that the control plane keeps.
keep $url -o json | grep -q '"phase":"Completed"' || fail "the snapshot is not kept"
kubectl exec -n "$namespace" "$name-0" -c syncer -- tar -tzf /data/e2e.tar.gz >"$work/list" 2>"$work/log" ||
    fail "the snapshot cannot be read: $(cat "$work/log")"
grep -q '^/\?vcluster/snapshot/release$' "$work/list" || fail "the snapshot has no release in it"
grep -q 'registry/deployments/default/web$' "$work/list" || fail "the snapshot has no Deployment in it"
kept | grep -q "\"url\":\"$url\",\"phase\":\"Completed\"" || fail "the snapshot is not listed"
[ -z "$(kubectl get secret -n "$namespace" -l vcluster.loft.sh/snapshot-request -o name)" ] || fail "its Secret stays"
keep container:///proc/none 2>"$work/log" && fail "a snapshot that cannot be kept succeeds"
grep -q 'could not take or keep it' "$work/log" || fail "why it cannot be kept is not told: $(cat "$work/log")"

# What is kept is listed, and brought back: what went meanwhile is there again, and what came is gone. What cannot be
# brought back changes nothing.
kept $url | grep -q "\"url\":\"$url\"" || fail "what is kept is not listed: $(kept $url)"
kept container:///data/ | grep -q "\"url\":\"$url\"" || fail "its folder is listed without it: $(kept container:///data/)"
inside delete deployment web
inside create configmap later
before=$(kubectl get pod "$name-0" -n "$namespace" -o 'jsonpath={.metadata.uid}')
bring_back container:///tmp/e2e.tar.gz -q 2>"$work/log" && fail "a file on no volume is restored"
grep -q 'on no volume' "$work/log" || fail "why it is not restored is not told: $(cat "$work/log")"
"$vcl" restore "$name" $url -n "$namespace" --as "$keeper" -q 2>"$work/log" &&
    fail "one that may only keep snapshots has restored one"
grep -q 'forbidden\|may not' "$work/log" || fail "that it may not is not told: $(cat "$work/log")"
[ "$(kubectl get pod "$name-0" -n "$namespace" -o 'jsonpath={.metadata.uid}')" = "$before" ] ||
    fail "what is refused has stopped the control plane"
bring_back container:///data/none.tar.gz -q 2>"$work/log" && fail "a file that is not there is restored"
grep -q 'it is started again.*: open /data/none.tar.gz: no such file or directory$' "$work/log" ||
    fail "what became of it is not told: $(cat "$work/log")"
"$vcl" wait "$name" -n "$namespace" --timeout 400s -q >/dev/null
inside get configmap later -o name >/dev/null || fail "a restore that failed has changed something"

# A call that is killed while upstream's program works leaves it down, and so does one whose pod is taken away: whatever
# fails then, nothing half restored is started. A restore that succeeds ends it.
"$vcl" restore "$name" $url -n "$namespace" --as "$restorer" >/dev/null 2>"$work/progress" &
call=$!
until grep -q "restores $url" "$work/progress"; do
    kill -0 $call 2>/dev/null || fail "the restore has ended: $(cat "$work/progress")"
    sleep 0.1
done
kill -KILL $call
wait $call 2>/dev/null || true
"$vcl" pause "$name" -n "$namespace" --timeout 60s -q 2>"$work/log" && fail "one that is half restored is paused"
grep -q 'not finished' "$work/log" || fail "that a restore is not finished is not told: $(cat "$work/log")"
kubectl delete pod "$name-restore" -n "$namespace" --now >/dev/null
bring_back container:///data/none.tar.gz -q 2>"$work/log" && fail "a file that is not there is restored"
grep -q 'stays down' "$work/log" || fail "what became of it is not told: $(cat "$work/log")"
[ "$(kubectl get statefulset "$name" -n "$namespace" -o 'jsonpath={.spec.replicas}')" = 0 ] ||
    fail "what may be half restored is started"
bring_back $url -q >/dev/null
inside rollout status deployment/web --timeout=3m
[ -z "$(inside get configmap later --ignore-not-found -o name)" ] || fail "what came after the snapshot is there"
[ -z "$(kubectl get pod,secret "$name-restore" -n "$namespace" --ignore-not-found -o name)" ] || fail "a restore leaves something"
keep $url --remove >/dev/null
kept $url | grep -q "\"url\":\"$url\"" && fail "what was deleted is still there"
keep $url --remove 2>"$work/log" && fail "what is not there is deleted"
grep -q 'could not delete it' "$work/log" || fail "why it is not deleted is not told: $(cat "$work/log")"

# Certificates.
before=$("$vcl" certs "$name" -n "$namespace" -o json)
"$vcl" certs "$name" -n "$namespace" --rotate --timeout 400s -q >/dev/null
after=$("$vcl" certs "$name" -n "$namespace" -o json)
python3 - "$before" "$after" <<'PY'
import json, sys
before, after = ({one["name"]: one["notAfter"] for one in json.loads(text)} for text in sys.argv[1:])
assert after["ca.crt"] == before["ca.crt"], "the authority is another one"
assert after["apiserver.crt"] > before["apiserver.crt"] and after["admin.conf"] > before["admin.conf"]
PY
inside get deployment web -o name >/dev/null || fail "nobody gets in with the new certificates"

"$vcl" delete "$name" -n "$namespace" -q
[ -z "$(kubectl get namespace "$namespace" -o name --ignore-not-found)" ] || fail "the namespace stays"
"$vcl" audit --grace 0 -q -o json >"$work/audit" || fail "audit"
if grep -q "$name" "$work/audit"; then fail "something is left over: $(cat "$work/audit")"; fi
echo "upstream: pods, rules, snapshots and certificates are as they are said to be"
