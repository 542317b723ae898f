#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A first exercise with vcl: two virtual clusters, what one of them has the other does not see, and
# what the host sees of both.
# With the embedded control plane pods stay Pending; the steps that look at them on the host are
# named and left out. VALUES are for upstream's, which runs them.
# usage: hands-on.sh NAME [VALUES [IMAGE]]
set -euo pipefail
one=${1:?usage: hands-on.sh NAME [VALUES [IMAGE]]} two=$1-2 values=${2:-} image=${3:-nginx}
how=(--distribution embedded)
[ -z "$values" ] || how=(--distribution upstream -f "$values")
trap 'vcl delete "$one" "$two" --missing-ok' EXIT

expect() { # WHAT WANTED FOUND
    [ "$2" = "$3" ] || { echo "$1: expected '$2', found '$3'" >&2 && exit 1; }
    echo "ok: $1"
}
namespaces() { vcl run "$1" -- kubectl get namespaces -o name | sort | tr '\n' ' '; }
phases() { vcl run "$1" -- kubectl get pods -n demo -o 'jsonpath={.items[*].status.phase}'; }
fresh='namespace/default namespace/kube-node-lease namespace/kube-public namespace/kube-system '

vcl create "$one" "${how[@]}" --ttl 1h
expect "a new one has its own namespaces only" "$fresh" "$(namespaces "$one")"

vcl run "$one" -- kubectl create namespace demo
vcl run "$one" -- kubectl create deployment web --image="$image" --replicas=2 -n demo
vcl run "$one" -- kubectl wait deployment/web -n demo --timeout=2m --for='jsonpath={.status.replicas}=2'
if [ -z "$values" ]; then
    expect "its controllers made two pods, which nothing runs" "Pending Pending" "$(phases "$one")"
    echo "skipped: pods of 'web' on the host with rewritten names (the embedded control plane runs none)"
else
    vcl run "$one" -- kubectl rollout status deployment/web -n demo --timeout=3m
    expect "its two pods run" "Running Running" "$(phases "$one")"
    on_host=$(kubectl get pods -n "vcluster-$one" -o name | grep -c "^pod/web-.*-x-demo-x-$one\$")
    expect "the host runs them, under names of its own" 2 "$on_host"
    expect "and knows no namespace 'demo'" "" "$(kubectl get namespace demo -o name --ignore-not-found)"
fi
vcl list | grep -q "^$one " && echo "ok: the host lists it"

vcl create "$two" "${how[@]}" --ttl 1h
expect "the second knows nothing of 'demo'" "$fresh" "$(namespaces "$two")"

vcl delete "$one" "$two"
vcl list | grep -E "^($one|$two) " && exit 1
echo "ok: both are gone"
