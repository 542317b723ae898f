#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl quota on a running virtual cluster: given, changed, looked at, taken away.
set -euo pipefail
vcl=$1
examples=$2

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
namespace=libvcluster-e2e-quota

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
trap clean_up EXIT
clean_up

code=0
message=$("$vcl" quota set team "$examples/team.yaml" -n "$namespace" 2>&1) || code=$?
[[ $code:$message = 1:*"'team'"* ]] || fail "one that is not there: $code: $message"

"$vcl" create team -n "$namespace" --distribution embedded -q
"$vcl" quota fits team "$examples/web.yaml" -n "$namespace" | grep -q '^everything fits$' || fail "without a quota it does not fit"

"$vcl" quota set team "$examples/team.yaml" -n "$namespace" -q
[ "$(hard 'limits\.cpu')" ] || fail "there is no quota on limits.cpu"
kubectl get limitrange vc-team -n "$namespace" >/dev/null || fail "there is no limit range"
kubectl get networkpolicy vc-cp-team vc-work-team -n "$namespace" >/dev/null || fail "there are no network policies"
before=$(hard 'requests\.cpu')

sed 's/cpu: "8"/cpu: "1"/' "$examples/team.yaml" | "$vcl" quota set team - -n "$namespace" -q
[ "$(hard 'requests\.cpu')" != "$before" ] || fail "a changed tenant does not change the quota"
# The control plane runs, the team has one CPU: 2.4 do not fit.
deadline=$((SECONDS + 60))
until [ "$(kubectl get resourcequota vc-team -n "$namespace" -o 'jsonpath={.status.hard.requests\.cpu}')" = "$(hard 'requests\.cpu')" ]; do
    [ $SECONDS -lt $deadline ] || fail "the quota was not counted within a minute"
    sleep 0.2
done
"$vcl" quota show team -n "$namespace" | grep -q '^vc-team *pods *' && fail "a quota on pods that nobody set"
"$vcl" quota show team -n "$namespace" | grep -Eq '^vc-team +requests.cpu .* 1$' ||
    fail "the team does not have its whole CPU left: $("$vcl" quota show team -n "$namespace")"
code=0
message=$("$vcl" quota fits team "$examples/web.yaml" -n "$namespace") || code=$?
[[ $code:$message = 1:*"Pod of Deployment/web: quota 'vc-team' is exceeded: requests.cpu: 2400m wanted"* ]] ||
    fail "fits says $code: $message"
[[ $message = *"[not-copied]"* ]] || fail "it does not say that the embedded control plane copies nothing: $message"

# Of the whole host: this one is promised its quota, and gives it back when it is changed.
"$vcl" quota show --all --budget cpu=100k,memory=1Pi -o json >/tmp/vcl-quota-all.$$
promised=$(python3 -c 'import json, sys
for one in json.load(open(sys.argv[1]))["clusters"]:
    if one["namespace"] == sys.argv[2]: print(one["names"][0], one["promised"]["requests.cpu"])' \
    /tmp/vcl-quota-all.$$ "$namespace")
rm -f /tmp/vcl-quota-all.$$
[ "$promised" = "team $(hard 'requests\.cpu')" ] || fail "it is promised '$promised', not its quota $(hard 'requests\.cpu')"
"$vcl" quota show --all | grep -q '^requests.cpu ' || fail "the nodes have no CPUs"
code=0
message=$("$vcl" quota admit "$examples/team.yaml" --budget cpu=8) || code=$?
[[ $code:$message = 1:*"8220m asked for"*"[budget-exceeded]"*"it does not fit" ]] || fail "admit says $code: $message"
"$vcl" quota admit "$examples/team.yaml" --budget cpu=100k,memory=1Pi | grep -q '^it fits$' || fail "a huge budget is too small"

"$vcl" quota remove team -n "$namespace" -q
[ -z "$(kubectl get resourcequota,limitrange,networkpolicy -n "$namespace" -o name)" ] || fail "something is left"
"$vcl" wait team -n "$namespace" -q >/dev/null
echo "e2e_quota: fine"
