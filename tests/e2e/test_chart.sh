#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# vcl chart and vcl template from the outside: a release from install to uninstall, what is printed of it, what helm sees.
set -euo pipefail
vcl=$1
charts=$2

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
work=$(mktemp -d)
export XDG_CACHE_HOME=$work/cache XDG_CONFIG_HOME=$work/config
hello=$charts/hello
namespace=libvcluster-e2e-chart

checks=0
expect() { # WHAT CODE COMMAND...: exit code; output to $out, errors to $err
    local what=$1 code=$2 got=0
    shift 2
    out=$("$@" 2>"$work/stderr") || got=$?
    err=$(cat "$work/stderr")
    if [ "$got" != "$code" ]; then
        printf 'FAILED: %s: exit code %s instead of %s\n%s\n%s\n' "$what" "$got" "$code" "$out" "$err" >&2
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
equals() { # WHAT TEXT EXPECTED
    if [ "$2" != "$3" ]; then
        printf 'FAILED: %s:\n%s\ninstead of\n%s\n' "$1" "$2" "$3" >&2
        exit 1
    fi
    checks=$((checks + 1))
}
chart() { # COMMAND RELEASE ...: in our namespace, without progress
    "$vcl" chart "$@" -n "$namespace" -q
}
clean_up() {
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    chart uninstall web --missing-ok >/dev/null 2>&1 || true
    kubectl delete namespace "$namespace" --ignore-not-found --wait=false >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean_up EXIT
clean_up
mkdir -p "$work"

expect "no command of chart is a usage error" 2 "$vcl" chart
expect "an unknown one, too" 2 "$vcl" chart explode web
contains "and is named" "$err" "chart explode"
expect "a missing chart is a usage error" 2 "$vcl" chart install web
expect "a revision is a number" 2 "$vcl" chart rollback web first
expect "a history has a length" 2 "$vcl" chart upgrade web "$hello" --history-max many

expect "a chart is looked into" 0 "$vcl" chart show values "$hello"
contains "with its comments" "$out" "# What is said."
expect "its schema" 0 "$vcl" chart show schema "$hello"
contains "is shown" "$out" '"additionalProperties": false'
expect "its metadata" 0 "$vcl" chart show chart "$hello"
contains "is JSON" "$out" '"name":"hello"'
expect "something else is a usage error" 2 "$vcl" chart show all "$hello"
expect "a chart that is not there" 1 "$vcl" chart pull "$work/none"

values=$work/values.yaml
printf 'names: [sun, moon]\n' >"$values"
printf 'file' >"$work/text"
sets=(-f "$values" --set 'names[2]=mars' --set-json 'names=["earth","venus"]' --set-string 'names[0]=io'
    --set-file "names[1]=$work/text" --set-literal 'greeting=a,b' --set greeting=overridden)
expect "forms of --set are applied in Helm's order" 0 "$vcl" template web "$hello" "${sets[@]}"
contains "text over JSON" "$out" 'io: "a,b, io!"'
contains "the text of a file" "$out" 'file: "a,b, file!"'
contains "an element" "$out" 'mars: "a,b, mars!"'
expect "values that the schema forbids" 1 "$vcl" template web "$hello" --set names=x,colour=red
contains "are found" "$err" "names: "
contains "all of them" "$err" "colour"
expect "unless it is not asked" 0 "$vcl" template web "$hello" --set colour=red --skip-schema-validation

if command -v helm >/dev/null; then
    for options in "" "-n team-a" "--is-upgrade" "--no-hooks" "--set greeting=Bye" "-f $values"; do
        # shellcheck disable=SC2086
        expect "vcl template $options" 0 "$vcl" template web "$hello" $options --kube-version 1.33
        ours=$out
        # shellcheck disable=SC2086
        expect "helm template $options" 0 helm template web "$hello" $options --kube-version 1.33
        equals "the bytes of helm template $options" "$ours" "$out"
    done
else
    echo "SKIPPED: helm is not there: its view is not checked" >&2
fi

serve() { # FOLDER: a web server on a free port; its URL in $url, its process in $server
    coproc web { exec python3 -u -m http.server --bind 127.0.0.1 --directory "$1" 0 2>/dev/null; }
    # shellcheck disable=SC2154 # coproc sets it
    server=$web_PID
    local line
    # shellcheck disable=SC2154
    read -r line <&"${web[0]}"
    [[ $line =~ port\ ([0-9]+) ]]
    url=http://127.0.0.1:${BASH_REMATCH[1]}
}

if command -v helm >/dev/null && command -v python3 >/dev/null; then
    mkdir "$work/repo"
    for version in 0.1.0 0.1.5 0.2.0 0.3.0-rc.1; do
        helm package "$hello" --version "$version" -d "$work/repo" >/dev/null
    done
    helm repo index "$work/repo"
    serve "$work/repo"
    expect "the newest chart of a repository" 0 "$vcl" chart pull hello --repo "$url"
    equals "is no pre-release" "$out" "hello 0.2.0"
    expect "unless asked" 0 "$vcl" chart pull hello --repo "$url" --devel
    equals "for one" "$out" "hello 0.3.0-rc.1"
    expect "a constraint" 0 "$vcl" chart pull hello --repo "$url" --version '~0.1'
    equals "chooses" "$out" "hello 0.1.5"
    expect "a chart that the repository does not have" 1 "$vcl" chart pull helo --repo "$url"
    contains "is not there, but its neighbour is" "$err" "hello"
    expect "a version it does not have" 1 "$vcl" chart pull hello --repo "$url" --version 7
    expect "an archive by its URL" 0 "$vcl" chart show values "$url/hello-0.1.0.tgz"
    contains "is a chart, too" "$out" "greeting: Hello"
    expect "rendering from a repository" 0 "$vcl" template web hello --repo "$url" --version 0.1.0
    ours=$out
    expect "helm" 0 helm template web hello --repo "$url" --version 0.1.0
    equals "renders the same" "$ours" "$out"
    mkdir -p "$XDG_CONFIG_HOME/libvcluster"
    printf 'charts: {upstream: {source: "%s/hello-0.2.0.tgz"}}\n' "$url" >"$XDG_CONFIG_HOME/libvcluster/config.yaml"
    expect "upstream's chart from where the user says" 0 "$vcl" chart pull vcluster
    equals "is that one" "$out" "hello 0.2.0"
    kill "$server"
    server=
    expect "what was fetched once needs no server" 0 "$vcl" chart pull hello --repo "$url" --version 0.1.5
    expect "but for --no-cache" 1 "$vcl" chart pull hello --repo "$url" --version 0.1.5 --no-cache
else
    echo "SKIPPED: helm or python3 is not there: no repository is read" >&2
fi

expect "a namespace that is not there" 1 chart install web "$hello"
expect "a dry run" 0 chart install web "$hello" --create-namespace --dry-run
contains "prints manifests" "$out" 'world: "Hello, world!"'
expect "and leaves nothing" 1 chart status web
expect "install" 0 chart install web "$hello" --create-namespace --wait
contains "says what became of it" "$out" "web: deployed, revision 1 in namespace $namespace, chart hello 0.1.0"
contains "with its notes" "$out" "web says Hello to world."
equals "the object is there" "$(kubectl get configmap web-greetings -n "$namespace" -o 'jsonpath={.data.world}')" "Hello, world!"
expect "install again" 1 chart install web "$hello"
expect "a diff of nothing" 0 chart diff web "$hello"
equals "says so" "$out" "no changes"
expect "a diff" 0 chart diff web "$hello" --set greeting=Bye --set-json 'names=["moon"]'
contains "names the object" "$out" "~ v1 ConfigMap $namespace/web-greetings"
contains "what comes" "$out" '+ .data.moon: "Bye, moon!"'
contains "what goes" "$out" '- .data.world: "Hello, world!"'
expect "a diff of one value" 0 chart diff web "$hello" --set greeting=Bye
contains "has both sides" "$out" '~ .data.world: "Hello, world!" -> "Bye, world!"'
expect "a diff as JSON" 0 chart diff web "$hello" --set greeting=Bye -o json
contains "is the library's" "$out" '"path":".data.world"'

expect "upgrade" 0 "$vcl" chart upgrade web "$hello" -n "$namespace" --set greeting=Bye
contains "reports progress" "$err" "applied"
expect "upgrade with the values of last time" 0 chart upgrade web "$hello" --reuse-values --set-json 'names=["moon"]' -o json
contains "is revision 3 as JSON" "$out" '"revision":3,"status":"deployed"'
equals "both hold" "$(kubectl get configmap web-greetings -n "$namespace" -o 'jsonpath={.data}')" '{"moon":"Bye, moon!"}'
expect "upgrade without them" 0 chart upgrade web "$hello" --reset-values --description "as at first"
expect "history" 0 chart history web
equals "has a line for each revision and one above" "$(wc -l <<<"$out")" 5
contains "and descriptions" "$out" "as at first"
expect "rollback" 0 chart rollback web 2
contains "is a new revision" "$out" "revision 5"
expect "an old revision is read" 0 chart status web 2 -o json
contains "as what it has become" "$out" '"revision":2,"status":"superseded"'
expect "one that is not there is not" 1 chart status web 77
expect "upgrade of what is not there" 1 chart upgrade other "$hello"
expect "installs when asked" 0 chart upgrade other "$hello" --install --history-max 2
expect "history as JSON" 0 chart history other -o json
contains "is a list" "$out" '[
  {"name":"other"'
expect "and goes" 0 chart uninstall other --wait

if command -v helm >/dev/null; then
    expect "helm history" 0 helm history web -n "$namespace"
    contains "reads ours" "$out" "Rollback to 2"
    expect "helm upgrade" 0 helm upgrade web "$hello" -n "$namespace" --set greeting=Helm
    expect "upgrade of what helm made" 0 chart upgrade web "$hello" --set greeting=Again
    contains "goes on counting" "$out" "revision 7"
    expect "helm status" 0 helm status web -n "$namespace"
    contains "sees it deployed" "$out" "STATUS: deployed"
fi

expect "uninstall with history" 0 chart uninstall web --keep-history
expect "its record is kept" 0 chart status web
contains "as uninstalled" "$out" "web: uninstalled"
expect "uninstall for good" 0 chart uninstall web
expect "again" 1 chart uninstall web
expect "again with --missing-ok" 0 chart uninstall web --missing-ok
expect "nothing is left" 0 kubectl get configmap,secret -n "$namespace" -o name
equals "but what the cluster makes" "$(grep -v kube-root-ca.crt <<<"$out" || true)" ""
echo "$checks checks passed"
