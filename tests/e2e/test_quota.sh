#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl quota on a running virtual cluster: given, changed, looked at, taken away. On upstream's control plane pods run, too,
# and the host's admission has the last word on what fits.
# usage: test_quota.sh VCL EXAMPLES, or on-upstream VCL test_quota.sh VCL EXAMPLES
set -euo pipefail
vcl=$1
examples=$2
values=${VCLUSTER_TEST_UPSTREAM_VALUES:-} # set by on-upstream

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
namespace=libvcluster-e2e-quota${values:+-upstream}
distribution=(--distribution embedded)
[ -z "$values" ] || distribution=(-f "$values")
work=$(mktemp -d)

fail() {
    echo "FAILED: $*" >&2
    exit 1
}
hard() { # KEY: of the quota
    kubectl get resourcequota vc-team -n "$namespace" -o "jsonpath={.spec.hard.$1}"
}
clean_up() {
    "$vcl" delete team -n "$namespace" --missing-ok -q >/dev/null 2>&1 || true
}
trap 'clean_up; rm -rf "$work"' EXIT
clean_up

until_so() { # WHAT COMMAND...: within a minute
    local what=$1 deadline=$((SECONDS + 60))
    shift
    until "$@" >"$work/last" 2>&1; do
        [ $SECONDS -lt $deadline ] || fail "$what: $(cat "$work/last")"
        sleep 0.2
    done
}
counted() { # the host has counted all that the quota names
    [ "$(kubectl get resourcequota vc-team -n "$namespace" -o 'jsonpath={.status.hard.requests\.cpu}')" = "$(hard 'requests\.cpu')" ]
}
shows() { # RESOURCE LEFT
    "$vcl" quota show team -n "$namespace" | tee /dev/stderr | grep -Eq "^vc-team +$1 .* $2\$"
}
tenant() { # CPUS: the example's team with another wish
    sed "s/cpu: \"8\"/cpu: \"$1\"/" "$examples/team.yaml"
}

code=0
message=$("$vcl" quota set team "$examples/team.yaml" -n "$namespace" 2>&1) || code=$?
[[ $code:$message = 1:*"'team'"* ]] || fail "one that is not there: $code: $message"

# Made as the team asks for it.
"$vcl" quota set "$examples/team.yaml" "${distribution[@]}" >"$work/values.yaml"
"$vcl" create team -n "$namespace" "${distribution[@]}" -f "$work/values.yaml" --timeout 400s -q
[ "$(hard 'limits\.cpu')" ] || fail "there is no quota on limits.cpu"
kubectl get limitrange vc-team -n "$namespace" >/dev/null || fail "there is no limit range"
kubectl get networkpolicy vc-cp-team vc-work-team -n "$namespace" >/dev/null || fail "there are no network policies"
before=$(hard 'requests\.cpu')

tenant 1 | "$vcl" quota set team - -n "$namespace" --timeout 400s -q
[ "$(hard 'requests\.cpu')" != "$before" ] || fail "a changed tenant does not change the quota"
# The control plane runs, the team has one CPU: 2.4 do not fit.
until_so "the quota was not counted" counted
until_so "the team does not have its whole CPU left" shows requests.cpu 1
"$vcl" quota show team -n "$namespace" | grep -q '^vc-team *pods *' && fail "a quota on pods that nobody set"
code=0
message=$("$vcl" quota fits team "$examples/web.yaml" -n "$namespace") || code=$?
[[ $code:$message = 1:*"Pod of Deployment/web: quota 'vc-team' is exceeded: requests.cpu: 2400m wanted"* ]] ||
    fail "fits says $code: $message"
[ -n "$values" ] || [[ $message = *"[not-copied]"* ]] ||
    fail "it does not say that the embedded control plane copies nothing: $message"

inside() { "$vcl" run team -n "$namespace" -q -- kubectl "$@"; }
pods_of() { # NAME REPLICAS: a Deployment whose pods take 0.1 CPU each
    cat <<YAML
apiVersion: apps/v1
kind: Deployment
metadata: {name: $1, namespace: default}
spec:
  replicas: $2
  selector: {matchLabels: {app: $1}}
  template:
    metadata: {labels: {app: $1}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: pause
          image: registry.k8s.io/pause:3.10
          resources: {requests: {cpu: 100m, memory: 8Mi}, limits: {cpu: 100m, memory: 16Mi}}
YAML
}
fits() { "$vcl" quota fits team "$work/more.yaml" -n "$namespace"; }
refused() { # the host refuses it, and the virtual cluster says why
    inside get events -n default --field-selector reason=SyncError -o 'jsonpath={.items[*].message}' |
        grep 'pods "more-.*exceeded quota: vc-team'
}
# What pods of the team use, in thousandths of a CPU, by what the library says uses the quota.
used_by_pods() {
    "$vcl" quota show team -n "$namespace" -o json | python3 -c '
import json, sys
pods = [one for one in json.load(sys.stdin)["objects"] if one["kind"] == "Pod" and one["namespace"] == "default"]
assert all(one["hostName"] == "%s-x-default-x-team" % one["name"] for one in pods), pods
print(sum(int(one["uses"]["requests.cpu"].removesuffix("m")) for one in pods))'
}
three_run() { [ "$(used_by_pods)" = 300 ]; }

# A quota that is full of pods that run: what fits() says is what admission does.
run_pods() {
    tenant 300m | "$vcl" quota set team - -n "$namespace" --timeout 400s -q
    until_so "the quota was not counted" counted
    pods_of web 3 | inside apply -f - >/dev/null
    inside rollout status deployment/web --timeout=3m >/dev/null || fail "three pods do not run: $(inside get events)"
    until_so "three pods do not fill the quota" shows requests.cpu 0
    until_so "three pods do not use what they ask for" three_run

    pods_of more 1 >"$work/more.yaml"
    code=0
    message=$(fits) || code=$?
    [[ $code:$message = 1:*"Pod of Deployment/more: quota 'vc-team' is exceeded: requests.cpu: 100m wanted"* ]] ||
        fail "one pod too many: fits says $code: $message"
    inside apply -f "$work/more.yaml" >/dev/null
    until_so "the pod that is too many is not refused" refused
    kubectl get pods -n "$namespace" -o name | grep 'pod/more-' && fail "the pod that is too many is on the host"
    inside delete -f "$work/more.yaml" >/dev/null

    # The control plane keeps its share, however full the quota is.
    kubectl delete pod team-0 -n "$namespace" >/dev/null
    "$vcl" wait team -n "$namespace" --timeout 300s -q >/dev/null || fail "the control plane does not come back into a full quota"
    three_run || fail "pods went with the control plane"

    inside scale deployment/web --replicas=2 >/dev/null
    until_so "one pod less, and one more does not fit" fits
    inside apply -f "$work/more.yaml" >/dev/null
    inside rollout status deployment/more --timeout=3m >/dev/null || fail "what fits does not run: $(inside get events)"

    # Changed while they run: they go on, and there is room again.
    kubectl get pods -n "$namespace" -l vcluster.loft.sh/managed-by=team -o name >"$work/before"
    tenant 1 | "$vcl" quota set team - -n "$namespace" --timeout 400s -q
    kubectl get pods -n "$namespace" -l vcluster.loft.sh/managed-by=team -o name | diff "$work/before" - ||
        fail "a changed quota takes pods with it"
    until_so "the quota was not counted" counted
    fits >/dev/null || fail "there is no room in a larger quota"
}
[ -z "$values" ] || run_pods

# Of the whole host: this one is promised its quota, and gives it back when it is changed.
"$vcl" quota show --all --budget cpu=100k,memory=1Pi -o json >"$work/all"
promised=$(python3 -c 'import json, sys
for one in json.load(open(sys.argv[1]))["clusters"]:
    if one["namespace"] == sys.argv[2]: print(one["names"][0], one["promised"]["requests.cpu"])' \
    "$work/all" "$namespace")
[ "$promised" = "team $(hard 'requests\.cpu')" ] || fail "it is promised '$promised', not its quota $(hard 'requests\.cpu')"
"$vcl" quota show --all | grep -q '^requests.cpu ' || fail "the nodes have no CPUs"
code=0
message=$("$vcl" quota admit "$examples/team.yaml" --budget cpu=8) || code=$?
[[ $code:$message = 1:*"8220m asked for"*"[budget-exceeded]"*"it does not fit" ]] || fail "admit says $code: $message"
"$vcl" quota admit "$examples/team.yaml" --budget cpu=100k,memory=1Pi | grep -q '^it fits$' || fail "a huge budget is too small"

"$vcl" quota remove team -n "$namespace" --timeout 400s -q
[ -z "$(kubectl get resourcequota,limitrange,networkpolicy -n "$namespace" -o name)" ] || fail "something is left"
"$vcl" wait team -n "$namespace" -q >/dev/null
"$vcl" quota fits team "$examples/web.yaml" -n "$namespace" | grep -q '^everything fits$' || fail "without a quota it does not fit"

# Given to one that runs without.
"$vcl" quota set team "$examples/team.yaml" -n "$namespace" --timeout 400s -q
[ "$(hard 'requests\.cpu')" = "$before" ] || fail "the same tenant has another quota: $(hard 'requests\.cpu'), not $before"
kubectl get networkpolicy vc-cp-team vc-work-team -n "$namespace" >/dev/null || fail "there are no network policies"
echo "e2e_quota: fine"
