#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl lint from the outside; it needs no cluster.
set -euo pipefail
vcl=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# expect CODE ARGUMENTS...: the exit code of vcl lint, its output in $work/out.
expect() {
    local code=0
    (cd "$work/files" && "$vcl" lint "${@:2}") >"$work/out" 2>"$work/errors" || code=$?
    [ "$code" = "$1" ] || fail "lint ${*:2} exits with $code: $(cat "$work/out" "$work/errors")"
}

mkdir -p "$work/files/team-a" "$work/files/.git"
printf '# Of team A.\nsync:\n  toHost:\n    secrets: {all: true} # easier\n' >"$work/files/team-a/vcluster.yaml"
printf 'a: [' >"$work/files/.git/no.yaml"
printf 'not looked at' >"$work/files/README"
chmod 640 "$work/files/team-a/vcluster.yaml"

expect 0 .
grep -q '^./team-a/vcluster.yaml:4:15: warning: sync.toHost.secrets.all: .* \[VC601\]$' "$work/out" ||
    fail "text: $(cat "$work/out")"
expect 1 --fail-on warning team-a
expect 0 --fail-on never team-a/vcluster.yaml
for format in json sarif junit github; do
    expect 0 -o "$format" team-a
    grep -q VC601 "$work/out" || fail "$format has no findings"
done
expect 2
expect 2 nowhere.yaml
expect 2 -o yaml team-a
expect 2 --fail-on sometimes team-a
expect 2 .git/no.yaml

printf 'rules: {include: [VC601], severity: {VC601: error}}\n' >"$work/files/.vclint.yaml"
expect 1 team-a
[ "$(grep -c warning "$work/out")" = 0 ] || fail "the settings are not followed"
rm "$work/files/.vclint.yaml"

expect 0 --fix --fail-on warning team-a
grep -q '^    secrets: {all: false} # easier$' "$work/files/team-a/vcluster.yaml" || fail "not repaired"
[ "$(stat -c %a "$work/files/team-a/vcluster.yaml")" = 640 ] || fail "the mode is another one"
before=$(stat -c %i "$work/files/team-a/vcluster.yaml")
expect 0 --fix --fail-on warning team-a
[ "$(stat -c %i "$work/files/team-a/vcluster.yaml")" = "$before" ] || fail "written without need"

mkdir -p "$work/files/.github/workflows"
printf 'jobs:\n  a:\n    steps:\n      - run: |\n          vcl create ci\n' >"$work/files/.github/workflows/ci.yaml"
printf '#!/bin/sh\nvcl create dev\n' >"$work/files/make.sh"
expect 1 --fail-on warning .
grep -q '^./.github/workflows/ci.yaml:5:1: warning: .* \[VC402\]$' "$work/out" || fail "no pipeline: $(cat "$work/out")"
grep -q '^./make.sh:2:1: warning: .* \[VC801\]$' "$work/out" || fail "no script: $(cat "$work/out")"
expect 2 --live --fix

"$source/scripts/lint-docs" "$vcl" --check
