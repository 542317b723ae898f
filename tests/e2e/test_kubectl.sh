#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# kubectl as it is, through our tunnels, inside a virtual cluster whose pods run: apply, logs -f, exec with input and exit
# code, port-forward. On upstream's control plane: the embedded one runs no workloads, which is tried without on-upstream.
# usage: [on-upstream VCL] test_kubectl.sh VCL
set -euo pipefail
vcl=${1:?usage: [on-upstream VCL] test_kubectl.sh VCL}
[ -n "${VCLUSTER_TEST_KUBECONFIG:-}" ] || { echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set" >&2 && exit 77; }
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
upstream=${VCLUSTER_TEST_UPSTREAM_VALUES:-}
name=e2e-kubectl namespace=vcluster-e2e-kubectl${upstream:+-up}
work=$(mktemp -d)
export XDG_STATE_HOME=$work/state
processes=()
fail() { echo "FAILED: $*" >&2 && exit 1; }
remove() { "$vcl" delete "$name" -n "$namespace" --missing-ok -q >/dev/null 2>&1 || true; }
end() {
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    remove
    rm -rf "$work"
}
trap end EXIT
remove
until_true() { # COMMAND...: at most a minute
    for _ in $(seq 300); do
        "$@" && return
        sleep 0.2
    done
    return 1
}

if [ -n "$upstream" ]; then
    "$vcl" create "$name" -n "$namespace" -f "$upstream" --timeout 400s -q >/dev/null
else
    "$vcl" create "$name" -n "$namespace" --distribution embedded \
        --set controlPlane.statefulSet.persistence.volumeClaim.enabled=false -q >/dev/null
fi
# A tunnel of a process in the background; kubectl knows no more than a kubeconfig.
"$vcl" connect "$name" -n "$namespace" --background --print -q >"$work/kubeconfig"
inside() { kubectl --kubeconfig "$work/kubeconfig" "$@"; }

cat >"$work/pod.yaml" <<'Y'
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: web
    image: docker.io/library/busybox:1.36
    imagePullPolicy: IfNotPresent
    command: [sh, -c, 'mkdir /w; echo from-the-pod >/w/index.html; httpd -p 8080 -h /w; i=0; while :; do echo line $i; i=$((i+1)); sleep 0.2; done']
    readinessProbe: {httpGet: {port: 8080}, periodSeconds: 1}
Y
until_true inside get serviceaccount default -o name >/dev/null || fail "there is no service account for the pod"
inside apply -f "$work/pod.yaml" >"$work/applied"
grep -q "pod/web created" "$work/applied" || fail "apply says: $(cat "$work/applied")"
inside apply -f "$work/pod.yaml" | grep -q "pod/web unchanged" || fail "apply of the same changes something"
[ "$(inside get pods -l app=web -o name)" = pod/web ] || fail "get does not find it"

if [ -z "$upstream" ]; then
    # No scheduler and no node: what there is of it works, and kubectl itself says what does not.
    [ "$(inside get pod web -o 'jsonpath={.status.phase}')" = Pending ] || fail "the embedded control plane runs pods"
    inside exec web -- true 2>"$work/why" && fail "exec in a pod that does not run"
    grep -qi "does not have a host assigned" "$work/why" || fail "exec says: $(cat "$work/why")"
    [ -z "$(inside logs web 2>/dev/null)" ] || fail "a pod that does not run has a log"
    echo "embedded: apply and get work; no pod runs, so that there is no log, and of exec it is said: $(cat "$work/why")"
    exit
fi

inside wait --for=condition=Ready pod/web --timeout=3m >/dev/null

# logs -f: lines keep coming, in order, none left out.
inside logs -f web >"$work/log" 2>"$work/log.error" &
processes+=($!)
lines() { [ "$(wc -l <"$work/log")" -ge "$1" ]; }
until_true lines 5 || fail "no log comes: $(cat "$work/log.error")"
seen=$(wc -l <"$work/log")
until_true lines $((seen + 10)) || fail "the log does not go on"
head -n "$((seen + 10))" "$work/log" | awk '$0 != "line " NR-1 { exit 1 }' || fail "lines of the log are missing"

# exec: output, input as it is (1 MiB, by its checksum), the exit code.
[ "$(inside exec web -- cat /w/index.html)" = from-the-pod ] || fail "exec has another output"
head -c 1048576 /dev/urandom >"$work/bytes"
sum=$(inside exec -i web -- sha256sum <"$work/bytes")
[ "${sum%% *}" = "$(sha256sum <"$work/bytes" | cut -d' ' -f1)" ] || fail "the input arrives as something else: $sum"
code=0
inside exec web -- sh -c 'exit 42' 2>/dev/null || code=$?
[ "$code" = 42 ] || fail "exec ends with $code instead of 42"

# port-forward, of kubectl, inside ours.
inside port-forward pod/web :8080 >"$work/forward" 2>&1 &
processes+=($!)
until_true grep -q "Forwarding from 127.0.0.1:" "$work/forward" || fail "port-forward: $(cat "$work/forward")"
port=$(sed -n 's/^Forwarding from 127.0.0.1:\([0-9]*\) .*/\1/p' "$work/forward" | head -n 1)
for _ in 1 2 3; do
    [ "$(curl -sS --max-time 60 "http://127.0.0.1:$port/")" = from-the-pod ] || fail "nothing comes by the port"
done

# The log went on all the while, by the tunnel that served the others, too.
last=$(wc -l <"$work/log")
until_true lines $((last + 5)) || fail "the log has ended meanwhile: $(cat "$work/log.error")"
inside delete pod web --wait >/dev/null
"$vcl" connections -o json >"$work/connections"
grep -q '"name":"e2e-kubectl"' "$work/connections" || fail "the tunnel is gone: $(cat "$work/connections")"
echo "upstream: apply, logs -f, exec and port-forward of kubectl work through one tunnel"
