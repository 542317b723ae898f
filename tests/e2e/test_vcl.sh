#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl from the outside: exit codes, output, the program it runs, the files it leaves (none), Helm's view of the release.
set -euo pipefail
vcl=$1
chart=$2

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
export TMPDIR
TMPDIR=$(mktemp -d)
unset XDG_RUNTIME_DIR
name=e2e-vcl
namespace=vcluster-e2e-vcl
fast=(--set controlPlane.statefulSet.persistence.volumeClaim.enabled=false)

checks=0
expect() { # WHAT CODE COMMAND...: exit code; output to $out
    local what=$1 code=$2 got=0
    shift 2
    out=$("$@" 2>"$TMPDIR/stderr") || got=$?
    if [ "$got" != "$code" ]; then
        echo "FAILED: $what: exit code $got instead of $code" >&2
        cat "$TMPDIR/stderr" >&2
        exit 1
    fi
    checks=$((checks + 1))
}
contains() { # WHAT TEXT PART
    if [[ $2 != *"$3"* ]]; then
        printf 'FAILED: %s: no "%s" in:\n%s\n' "$1" "$3" "$2" >&2
        exit 1
    fi
    checks=$((checks + 1))
}
runs() { # PID: one that has ended and that nobody has waited for does not run
    [[ $(ps -o stat= -p "$1") == [!Z]* ]]
}

clean_up() {
    "$vcl" delete "$name" -n "$namespace" --missing-ok -q >/dev/null 2>&1 || true
    [ -z "${pid:-}" ] || kill "$pid" 2>/dev/null || true
    "$vcl" delete e2e-vcl-one e2e-vcl-two --missing-ok -q >/dev/null 2>&1 || true
    kubectl delete namespace e2e-vcl-adopted --ignore-not-found --wait=false >/dev/null 2>&1 || true
    rm -rf "$TMPDIR"
}
trap clean_up EXIT

expect "no command is a usage error" 2 "$vcl"
expect "an unknown option is a usage error" 2 "$vcl" list --nonsense
expect "a bad duration is a usage error" 2 "$vcl" list --timeout soon
expect "an unknown context fails" 1 "$vcl" list --context nowhere
contains "and is named" "$(cat "$TMPDIR/stderr")" "nowhere"
expect "an unreadable kubeconfig fails" 1 "$vcl" list --kubeconfig "$TMPDIR/missing"
expect "a values file that is no map fails" 1 "$vcl" create "$name" -f <(echo "[1, 2]")
contains "and says so" "$(cat "$TMPDIR/stderr")" "not a map"
expect "template needs no cluster" 0 env KUBECONFIG=/nonexistent "$vcl" template "$name" -n "$namespace"
contains "and prints manifests" "$out" "kind: StatefulSet"

expect "create" 0 "$vcl" create "$name" -n "$namespace" --distribution embedded "${fast[@]}"
contains "progress comes in plain lines where stderr is no terminal" "$(cat "$TMPDIR/stderr")" "namespace made"
expect "create again" 1 "$vcl" create "$name" -n "$namespace" --distribution embedded "${fast[@]}" -q
expect "ensure" 0 "$vcl" ensure "$name" -n "$namespace" --distribution embedded "${fast[@]}" -o json -q
contains "prints JSON" "$out" '"distribution":"embedded"'
expect "get" 0 "$vcl" get "$name" -o json
contains "finds it in its namespace" "$out" "\"namespace\":\"$namespace\""
expect "list" 0 "$vcl" list -A
contains "lists it" "$out" "$name"

expect "run" 0 "$vcl" run "$name" -- kubectl get namespace default -o name
contains "reaches the virtual cluster" "$out" "namespace/default"
expect "run passes the exit code on" 7 "$vcl" run "$name" -- sh -c 'exit 7'
expect "run passes signals on" 143 "$vcl" run "$name" -- sh -c 'kill -TERM $$'
expect "a program that is not there" 127 "$vcl" run "$name" -- /no/such/program
contains "is said not to be there" "$(cat "$TMPDIR/stderr")" "no such program"
# shellcheck disable=SC2016
expect "connect with a program is run" 0 "$vcl" connect "$name" -- sh -c 'stat -c %a "$KUBECONFIG"'
contains "the kubeconfig is private" "$out" "600"
mine=$TMPDIR/config
cp "$VCLUSTER_TEST_KUBECONFIG" "$mine"
before=$(kubectl --kubeconfig "$mine" config current-context)
expect "kubeconfig without an address" 1 "$vcl" kubeconfig "$name"
contains "names the ways and what to do" "$(cat "$TMPDIR/stderr")" "set controlPlane.service.spec.type to NodePort"
expect "endpoint" 0 "$vcl" endpoint "$name"
contains "says which way was taken" "$out" "* tunnel"
contains "and why not the others" "$out" "is of type ClusterIP"
expect "endpoint as JSON" 0 "$vcl" endpoint "$name" -o json
contains "has the kind" "$out" '"kind":"tunnel"'
expect "endpoint without the tunnel" 1 "$vcl" endpoint "$name" --exposed-only
expect "kubeconfig for a server that is not there" 1 "$vcl" kubeconfig "$name" --server h.invalid
expect "kubeconfig into a file" 0 "$vcl" kubeconfig "$name" --server h.example.com --no-verify -o "$TMPDIR/out"
contains "is private" "$(stat -c %a "$TMPDIR/out")" "600"
expect "kubeconfig into mine" 0 "$vcl" kubeconfig "$name" --server h.example.com --no-verify --kubeconfig "$mine" --update-current
context=$out
expect "kubectl reads it" 0 kubectl --kubeconfig "$mine" config current-context
contains "and switches" "$out" "$context"
expect "kubectl writes it" 0 kubectl --kubeconfig "$mine" config set-context "$context" --namespace other
expect "disconnect" 0 "$vcl" disconnect "$name" -n "$namespace" --kubeconfig "$mine"
expect "the context before is current" 0 kubectl --kubeconfig "$mine" config current-context
contains "again" "$out" "$before"
expect "nothing is left" 1 grep -q "$context" "$mine"
expect "disconnect again" 1 "$vcl" disconnect "$name" --kubeconfig "$mine"
expect "disconnect again with --missing-ok" 0 "$vcl" disconnect "$name" --kubeconfig "$mine" --missing-ok
export XDG_STATE_HOME=$TMPDIR/state
expect "connect in the background" 0 "$vcl" connect "$name" -n "$namespace" --background --update-current --kubeconfig "$mine"
context=$out
expect "kubectl uses its tunnel" 0 kubectl --kubeconfig "$mine" get namespace default -o name
contains "and reaches the virtual cluster" "$out" "namespace/default"
expect "connections as JSON" 0 "$vcl" connections -o json
contains "lists it" "$out" "\"context\":\"$context\""
pid=$(grep -o '"pid":[0-9]*' <<<"$out" | cut -d: -f2)
log=$(grep -o '"log":"[^"]*"' <<<"$out" | cut -d'"' -f4)
contains "its log says where it listens" "$(cat "$log")" "listening on https://127.0.0.1:"
contains "its record is private" "$(stat -c %a "${log%.log}.json" "${log%/*}" | tr '\n' ' ')" "600 700"
expect "its record holds no credentials" 1 grep -qE "BEGIN|key-data" "${log%.log}.json" "$log"
expect "a second connect finds it" 0 "$vcl" connect "$name" -n "$namespace" --background --kubeconfig "$mine" --context "$before"
expect "connections" 0 "$vcl" connections
contains "has the same process" "$out" " $pid "
expect "and only it" 0 test "$(wc -l <<<"$out")" = 2
expect "disconnect ends it" 0 "$vcl" disconnect "$name" -n "$namespace" --kubeconfig "$mine"
expect "its process is gone" 1 runs "$pid"
expect "so is its context" 1 grep -q "$context" "$mine"
expect "and its record" 1 test -e "${log%.log}.json"
expect "connect in the background for a file" 0 "$vcl" connect "$name" -n "$namespace" --kubeconfig "$mine" --background --print
contains "prints it" "$out" "server: https://127.0.0.1:"
expect "disconnect without a context" 0 "$vcl" disconnect "$name" -n "$namespace" --kubeconfig "$mine"
expect "ends it, too" 0 "$vcl" connections -o json
contains "so that none is left" "$out" "[]"
expect "run always runs, whatever the current context" 0 "$vcl" run "$name" -- "$vcl" list

# shellcheck disable=SC2016
"$vcl" run "$name" -- sh -c 'trap "exit 9" USR1; : >"$TMPDIR/begun"; while :; do sleep 0.1; done' &
runner=$!
for _ in $(seq 300); do [ -e "$TMPDIR/begun" ] && break; sleep 0.1; done
kill -USR1 "$runner"
got=0
wait "$runner" || got=$?
expect "a signal to vcl reaches the program" 0 test "$got" = 9
if compgen -G "$TMPDIR/vcl-kubeconfig-*" >/dev/null || compgen -G "$TMPDIR/libvcluster-*" >/dev/null; then
    echo "FAILED: kubeconfigs are left in $TMPDIR" >&2
    exit 1
fi

if command -v helm >/dev/null; then
    expect "helm list" 0 helm list -A
    contains "shows the release" "$out" "$name"
    contains "as deployed" "$out" "deployed"
    expect "helm status" 0 helm status "$name" -n "$namespace"
    expect "helm get manifest" 0 helm get manifest "$name" -n "$namespace"
    contains "has the workload" "$out" "kind: StatefulSet"
    expect "helm get values" 0 helm get values "$name" -n "$namespace"
    contains "has the user's values" "$out" "volumeClaim"
else
    echo "SKIPPED: helm is not there: its view of the release is not checked" >&2
fi

expect "connect in the background once more" 0 "$vcl" connect "$name" -n "$namespace" --background --update-current --kubeconfig "$mine"
context=$out
expect "connections" 0 "$vcl" connections -o json
pid=$(grep -o '"pid":[0-9]*' <<<"$out" | cut -d: -f2)
log=$(grep -o '"log":"[^"]*"' <<<"$out" | cut -d'"' -f4)
kubectl --kubeconfig "$mine" get namespaces --watch >"$TMPDIR/watch" 2>&1 & # the deletion finds it in use
watcher=$!
for _ in $(seq 300); do grep -q default "$TMPDIR/watch" && break; sleep 0.1; done
expect "a program holds on to the tunnel" 0 grep -q default "$TMPDIR/watch"
expect "delete" 0 "$vcl" delete "$name"
for _ in $(seq 300); do runs "$pid" || break; sleep 0.1; done
expect "the process ends with the virtual cluster" 1 runs "$pid"
kill "$watcher" 2>/dev/null || true # it ends with the tunnel, but need not be the first to notice
wait "$watcher" 2>/dev/null || true
expect "and takes its context away" 1 grep -q "$context" "$mine"
expect "the context before is current once more" 0 kubectl --kubeconfig "$mine" config current-context
contains "as it was" "$out" "$before"
expect "its log says why it ended" 0 grep -q "the virtual cluster is deleted" "$log"
expect "the connection is not listed any more" 0 "$vcl" connections -o json
contains "nor any other" "$out" "[]"
expect "its record is gone, too" 1 test -e "${log%.log}.json"
expect "delete again" 1 "$vcl" delete "$name" -n "$namespace" -q
expect "delete again with --missing-ok" 0 "$vcl" delete "$name" -n "$namespace" -q --missing-ok
expect "list is JSON" 0 "$vcl" list -o json -n "$namespace"
contains "and empty" "$out" "[]"

# What others made: the manifests of the chart, applied by kubectl. It need not run for this.
other=e2e-vcl-adopted
labels=(--set controlPlane.statefulSet.labels.step=one)
kubectl create namespace "$other" >/dev/null
"$vcl" template "$other" -n "$other" --chart "$chart" "${fast[@]}" "${labels[@]}" >"$TMPDIR/manifests.yaml"
kubectl apply -n "$other" -f "$TMPDIR/manifests.yaml" >/dev/null
uid=$(kubectl get statefulset "$other" -n "$other" -o 'jsonpath={.metadata.uid}/{.metadata.generation}')
expect "adopt as a dry run" 0 "$vcl" adopt "$other" -n "$other" --dry-run
contains "says who made it" "$out" "adopt, made by manifests"
expect "and changes nothing" 1 kubectl get secret "sh.helm.release.v1.$other.v1" -n "$other"
kubectl scale statefulset "$other" -n "$other" --replicas 2 >/dev/null
expect "adopt what differs" 1 "$vcl" adopt "$other" -n "$other" -q
contains "names the difference" "$(cat "$TMPDIR/stderr")" "StatefulSet/$other.spec.replicas"
kubectl scale statefulset "$other" -n "$other" --replicas 1 >/dev/null
kubectl label statefulset "$other" -n "$other" argocd.argoproj.io/instance=e2e-app >/dev/null
expect "adopt what Argo CD makes" 1 "$vcl" adopt "$other" -n "$other" -q
contains "says where to change it" "$(cat "$TMPDIR/stderr")" "Git repository of the Application 'e2e-app'"
expect "adopt" 0 "$vcl" adopt "$other" -n "$other" --take-over --owner e2e -q
contains "tells whose it was" "$out" "made by argocd"
expect "its workload is the same" 0 kubectl get statefulset "$other" -n "$other" \
    -o 'jsonpath={.metadata.uid}/{.metadata.generation} {.metadata.labels}'
contains "and was not restarted" "$out" "${uid%/*}/$((${uid#*/} + 2)) "
expect "without the mark" 1 grep -q argocd <<<"$out"
expect "plan of the same values" 0 "$vcl" plan "$other" -n "$other" "${fast[@]}" "${labels[@]}"
contains "finds nothing to do" "$out" "none: 0 changes"
expect "an upgrade meets no other field manager" 0 "$vcl" ensure "$other" -n "$other" --wait=false -q \
    --set controlPlane.statefulSet.labels.step=two
expect "and changes it" 0 kubectl get statefulset "$other" -n "$other" -o 'jsonpath={.metadata.labels.step}'
contains "as asked" "$out" "two"
expect "delete of an adopted one" 0 "$vcl" delete "$other" -n "$other" -q
expect "leaves nothing" 0 kubectl get all,secret,role -n "$other" -o name
contains "at all" "[$out]" "[]"

# Several at once, each in a namespace of its own.
several=(e2e-vcl-one e2e-vcl-two)
each() { sort <<<"$out" | tr '\n' ';'; }
expect "create several" 0 "$vcl" create "${several[@]}" --distribution embedded "${fast[@]}" --wait=false
contains "tells of each" "$(each)" "e2e-vcl-one is installed;e2e-vcl-two is installed;"
expect "ensure several, one of which is refused" 1 "$vcl" ensure "${several[@]}" e2e-vcl-N --distribution embedded \
    "${fast[@]}" --wait=false
contains "tells of those that are as they are wanted" "$(each)" "e2e-vcl-one is installed;e2e-vcl-two is installed;"
contains "and of what is refused" "$(cat "$TMPDIR/stderr")" "'e2e-vcl-N'"
expect "extend several, one of which is missing" 1 "$vcl" extend "${several[@]}" e2e-vcl-none --ttl 1h
contains "tells of those that are there" "$(each)" "e2e-vcl-one is extended;e2e-vcl-two is extended;"
contains "and which is missing" "$(cat "$TMPDIR/stderr")" "extend virtual cluster 'e2e-vcl-none'"
expect "delete several" 0 "$vcl" delete "${several[@]}"
contains "tells of each, too" "$(each)" "e2e-vcl-one is deleted;e2e-vcl-two is deleted;"
echo "$checks checks passed"
