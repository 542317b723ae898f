#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl quota from the outside; it needs no cluster.
set -euo pipefail
vcl=$1
examples=$2

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

code=0
message=$("$vcl" quota fits --constraints "$examples/team-quota.yaml" "$examples/web.yaml") || code=$?
[[ $code:$message = 1:*"requests.cpu: 2400m wanted, 0 of 2 used"*"[quota-exceeded]"* ]] || fail "fits says $code: $message"
sed 's/800m/600m/' "$examples/web.yaml" |
    "$vcl" quota fits --constraints "$examples/team-quota.yaml" - | grep -q '^everything fits$' || fail "less does not fit"
message=$("$vcl" quota fits --constraints "$examples/team-quota.yaml" "$examples/web.yaml" -o json) || true
[[ $message = *'"rule":"quota-exceeded"'* ]] || fail "no JSON form: $message"
code=0
"$vcl" quota fits only-one 2>/dev/null || code=$?
[ "$code" = 2 ] || fail "a missing argument is no usage error"
code=0
message=$("$vcl" quota fits --constraints /does/not/exist "$examples/web.yaml" 2>&1) || code=$?
[[ $code:$message = 1:*"No such file"* ]] || fail "a missing file: $code: $message"
values=$("$vcl" quota set "$examples/team.yaml" --set controlPlane.coredns.enabled=false)
[[ $values = *"requests.cpu: 8200m"*"resourceQuota"* || $values = *"resourceQuota"*"requests.cpu: 8200m"* ]] ||
    fail "set does not print the values: $values"
code=0
message=$(sed 's/memory: 16Gi/memry: -1/' "$examples/team.yaml" | "$vcl" quota set - 2>&1) || code=$?
[[ $code:$message = 1:*"spec.resourceQuota.memry"*"did you mean 'memory'"* ]] || fail "a wrong key: $code: $message"
