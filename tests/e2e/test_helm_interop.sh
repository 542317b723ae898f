#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Releases go back and forth between vcl and helm: each lists, shows, upgrades, rolls back and uninstalls what the other made.
# usage: test_helm_interop.sh VCL [HELM]; HELM is helm (3) or helm4.
set -euo pipefail
vcl=$1
program=${2:-helm}
chart=$(dirname "${BASH_SOURCE[0]}")/../fixtures/release/life

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
if ! command -v "$program" >/dev/null || ! command -v kubectl >/dev/null; then
    echo "SKIPPED: needs $program and kubectl" >&2
    exit 77
fi
helm() { command "$program" "$@"; }
case $(helm version --template '{{.Version}}') in
v3.*)
    every=(-a)
    comparable() { cat; }
    ;;
*) # helm 4 lists all of them anyway; it leaves out empty documents, and orders and spaces them in its own way
    every=()
    comparable() { grep -vxE '|---|# Source: .*' | sort; }
    ;;
esac
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
temporary=$(mktemp -d)
export HELM_CACHE_HOME=$temporary/cache HELM_CONFIG_HOME=$temporary/config HELM_DATA_HOME=$temporary/data
namespace=e2e-interop-$program
ns=(-n "$namespace")

checks=0
expect() { # WHAT CODE COMMAND...: exit code; output to $out
    local what=$1 code=$2 got=0
    shift 2
    out=$("$@" 2>"$temporary/stderr") || got=$?
    if [ "$got" != "$code" ]; then
        echo "FAILED: $what: exit code $got instead of $code" >&2
        cat "$temporary/stderr" >&2
        exit 1
    fi
    checks=$((checks + 1))
}
same() { # WHAT IS SHOULD-BE
    if [ "$2" != "$3" ]; then
        printf 'FAILED: %s: "%s" instead of "%s"\n' "$1" "$2" "$3" >&2
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
text_of() { kubectl get configmap "$1-text" "${ns[@]}" -o 'jsonpath={.data.text}'; }
more_of() { kubectl get configmap "$1-text" "${ns[@]}" -o 'jsonpath={.data.more}'; }
there() { kubectl get "$@" "${ns[@]}" --ignore-not-found -o name; }
revision_of() { helm list "${ns[@]}" "${every[@]}" -o json --filter "^$1\$" | sed -n 's/.*"revision":"\([0-9]*\)".*/\1/p'; }
status_of() { helm list "${ns[@]}" "${every[@]}" -o json --filter "^$1\$" | sed -n 's/.*"status":"\([a-z-]*\)".*/\1/p'; }

clean_up() {
    kubectl delete namespace "$namespace" --ignore-not-found >/dev/null 2>&1 || true
    rm -rf "$temporary"
}
trap clean_up EXIT
kubectl delete namespace "$namespace" --ignore-not-found >/dev/null

# What vcl installs, helm reads.
expect "vcl installs" 0 "$vcl" chart install ours "$chart" "${ns[@]}" --create-namespace --set text=first -q
expect "helm lists it" 0 helm list "${ns[@]}" -o json
contains "with its chart" "$out" '"chart":"life-0.1.0"'
same "as deployed" "$(status_of ours)" deployed
expect "helm shows its status" 0 helm status ours "${ns[@]}"
contains "with the notes" "$out" "ours says first."
expect "helm shows the values" 0 helm get values ours "${ns[@]}" -o json
same "that the user gave" "$out" '{"text":"first"}'
expect "helm shows the manifest" 0 helm get manifest ours "${ns[@]}"
ours=$out
expect "helm installs a twin" 0 helm install ours2 "$chart" "${ns[@]}" --set text=first
expect "helm shows the twin" 0 helm get manifest ours2 "${ns[@]}"
same "whose manifest is the same" "$(grep -v found: <<<"${out//ours2/ours}" | comparable)" \
    "$(grep -v found: <<<"$ours" | comparable)"
expect "vcl uninstalls what helm installed" 0 "$vcl" chart uninstall ours2 "${ns[@]}" -q
same "and nothing is left of it" "$(there configmap ours2-text service ours2 secret ours2-secret sh.helm.release.v1.ours2.v1)" ""

# helm changes it.
expect "helm upgrades it" 0 helm upgrade ours "$chart" "${ns[@]}" --set text=second,extra=false
same "its text is the new one" "$(text_of ours)" second
same "what left the chart is gone" "$(there configmap ours-extra)$(more_of ours)" ""
expect "helm rolls it back" 0 helm rollback ours 1 "${ns[@]}"
same "to the first text" "$(text_of ours)" first
same "with what was there then" "$(there configmap ours-extra)" configmap/ours-extra

# vcl changes what helm wrote last.
expect "vcl reads the history" 0 "$vcl" chart history ours "${ns[@]}" -o json
contains "of helm's revisions" "$out" "Rollback to 1"
expect "vcl shows the difference" 0 "$vcl" chart diff ours "$chart" "${ns[@]}" --set text=third,extra=false -o json
contains "of a field that goes" "$out" '".data.more"'
expect "vcl upgrades" 0 "$vcl" chart upgrade ours "$chart" "${ns[@]}" --set text=third,extra=false -q
same "the text" "$(text_of ours)" third
same "and removes what helm wrote by client-side apply" "$(there configmap ours-extra)$(more_of ours)" ""
expect "vcl rolls back to what helm recorded" 0 "$vcl" chart rollback ours 2 "${ns[@]}" -q
same "to that text" "$(text_of ours)" second
same "all revisions are there" "$(revision_of ours)" 5
expect "helm uninstalls it" 0 helm uninstall ours "${ns[@]}"
same "and nothing is left" "$(there configmap ours-text service ours secret ours-secret)$(status_of ours)" ""

# The reverse, three times back and forth.
expect "helm installs" 0 helm install theirs "$chart" "${ns[@]}" --set text=zero
expect "vcl refuses to install over it" 1 "$vcl" chart install theirs "$chart" "${ns[@]}"
contains "and says why" "$(cat "$temporary/stderr")" "exists in namespace"
for round in 1 2 3; do
    expect "vcl upgrades ($round)" 0 "$vcl" chart upgrade theirs "$chart" "${ns[@]}" --set "text=v$round,extra=false" -q
    same "the text is vcl's" "$(text_of theirs)" "v$round"
    same "without the extra" "$(more_of theirs)$(there configmap theirs-extra)" ""
    expect "helm upgrades ($round)" 0 helm upgrade theirs "$chart" "${ns[@]}" --set "text=h$round"
    same "the text is helm's" "$(text_of theirs)" "h$round"
    same "with the extra" "$(more_of theirs)$(there configmap theirs-extra)" yesconfigmap/theirs-extra
    expect "vcl rolls back ($round)" 0 "$vcl" chart rollback theirs "${ns[@]}" -q
    same "to its own" "$(text_of theirs)" "v$round"
    expect "helm rolls back ($round)" 0 helm rollback theirs "${ns[@]}"
    same "to its own" "$(text_of theirs)" "h$round"
done
same "every step is a revision; the oldest were dropped" "$(revision_of theirs) $(helm history theirs "${ns[@]}" --max 100 -o json | grep -o '"revision"' | wc -l)" "13 10"
expect "only one is deployed" 0 helm history theirs "${ns[@]}" --max 100 -o json
same "the last" "$(grep -o '"status":"deployed"' <<<"$out" | wc -l)" 1
expect "vcl uninstalls it, keeping the history" 0 "$vcl" chart uninstall theirs "${ns[@]}" --keep-history -q
same "as helm sees it" "$(status_of theirs)" uninstalled
expect "helm rolls back what is uninstalled" 0 helm rollback theirs "${ns[@]}"
same "which is there again" "$(there configmap theirs-text)" configmap/theirs-text
expect "helm uninstalls it" 0 helm uninstall theirs "${ns[@]}" --keep-history
expect "vcl installs it again by upgrade" 0 "$vcl" chart upgrade theirs "$chart" "${ns[@]}" --install --set text=again -q
same "the text" "$(text_of theirs)" again
same "is deployed" "$(status_of theirs)" deployed
expect "vcl uninstalls it" 0 "$vcl" chart uninstall theirs "${ns[@]}" -q
same "and no record is left" "$(kubectl get secrets "${ns[@]}" -l owner=helm -o name)" ""

# Hooks and failures, as the other one sees them.
expect "vcl runs hooks" 0 "$vcl" chart install hooked "$chart" "${ns[@]}" --set hooks.pre-install=1,hookPolicy=hook-succeeded -q --wait
same "and deletes those that succeeded" "$(there job hooked-pre-install)" ""
expect "helm shows the hooks" 0 helm get hooks hooked "${ns[@]}"
contains "with their source" "$out" "# Source: life/templates/hooks.yaml"
expect "a hook that fails" 1 "$vcl" chart upgrade hooked "$chart" "${ns[@]}" --reuse-values --set hooks.pre-upgrade=1 --set-literal 'hookCommand=echo broken; exit 3' -q
contains "is named with its last word" "$(cat "$temporary/stderr")" "its last log line: broken"
same "helm sees the failure" "$(status_of hooked)" failed
expect "helm upgrades what failed" 0 helm upgrade hooked "$chart" "${ns[@]}"
same "it is deployed" "$(status_of hooked)" deployed
expect "vcl uninstalls" 0 "$vcl" chart uninstall hooked "${ns[@]}" -q

# What belongs to another release, or to nobody, is left alone.
kubectl create configmap taken-text "${ns[@]}" --from-literal=text=mine >/dev/null
expect "a foreign object is refused" 1 "$vcl" chart install taken "$chart" "${ns[@]}" -q
contains "and named" "$(cat "$temporary/stderr")" "ConfigMap/taken-text"
same "nothing was made" "$(there service taken)$(there secret sh.helm.release.v1.taken.v1)$(text_of taken)" mine
kubectl delete namespace "$namespace" >/dev/null

echo "$checks checks are fine"
