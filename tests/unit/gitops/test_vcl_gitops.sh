#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl render from the outside; it needs no cluster.
set -euo pipefail
vcl=$1
fixtures=$(dirname "$0")/../../fixtures/gitops
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

"$vcl" render "$fixtures/flux/spec.yaml" -o "$folder/flux" >"$folder/written"
diff -r "$fixtures/flux/files" "$folder/flux" || fail "the folder is not what it should be"
[ "$(wc -l <"$folder/written")" = 4 ] || fail "not every file is told"
"$vcl" import "$folder/flux/" team-alpha | "$vcl" render - -o "$folder/again" >/dev/null
diff -r "$folder/flux" "$folder/again" || fail "what import prints makes other files"
for line in "owner: payments@example.com" "kind: TeamCluster" '    cpu: "8"'; do
    "$vcl" import "$fixtures/team-cluster/files" | grep -qx "$line" || fail "import does not print '$line'"
done
code=0
message=$("$vcl" import "$folder/flux" other 2>&1) || code=$?
[[ $code:$message = 1:*"no file describes"* ]] || fail "import of a name that is not there: $message"
code=0
"$vcl" import "$folder/none" 2>/dev/null || code=$?
[ "$code" = 1 ] || fail "import of a missing folder exits with $code"
"$vcl" render - <"$fixtures/flux/spec.yaml" | grep -q '^# clusters/team-alpha/release.yaml$' ||
    fail "stdin is not rendered to stdout"
"$vcl" render --format argocd -o json "$fixtures/flux/spec.yaml" |
    grep -q '^{"clusters/team-alpha/application.yaml":"# Made' || fail "no JSON of another format"
"$vcl" render "$fixtures/cluster/spec.yaml" -o "$folder/cluster" >/dev/null
[ "$(stat -c %a "$folder"/cluster/clusters/team-alpha/cluster-secret.yaml)" = 600 ] ||
    fail "others can read credentials"
code=0
message=$(echo '{name: a, chart: {version: latest}}' | "$vcl" render - 2>&1) || code=$?
[[ $code:$message = 1:*chart.version* ]] || fail "a version that is not pinned: $message"
code=0
"$vcl" render "$folder/none" 2>/dev/null || code=$?
[ "$code" = 1 ] || fail "a missing file exits with $code"
