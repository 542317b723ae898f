#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A first exercise with vcl: two virtual clusters, what one of them has the other does not see.
# With the embedded control plane pods stay Pending; the steps that look at them on the host are
# named and left out.
# usage: hands-on.sh NAME
set -euo pipefail
one=${1:?usage: hands-on.sh NAME} two=$1-2
trap 'vcl delete "$one" "$two" --missing-ok' EXIT

expect() { # WHAT WANTED FOUND
    [ "$2" = "$3" ] || { echo "$1: expected '$2', found '$3'" >&2 && exit 1; }
    echo "ok: $1"
}
namespaces() { vcl run "$1" -- kubectl get namespaces -o name | sort | tr '\n' ' '; }
fresh='namespace/default namespace/kube-node-lease namespace/kube-public namespace/kube-system '

vcl create "$one" --distribution embedded --ttl 1h
expect "a new one has its own namespaces only" "$fresh" "$(namespaces "$one")"

vcl run "$one" -- kubectl create namespace demo
vcl run "$one" -- kubectl create deployment web --image=nginx --replicas=2 -n demo
vcl run "$one" -- kubectl wait deployment/web -n demo --timeout=2m --for='jsonpath={.status.replicas}=2'
phases=$(vcl run "$one" -- kubectl get pods -n demo -o 'jsonpath={.items[*].status.phase}')
expect "its controllers made two pods, which nothing runs" "Pending Pending" "$phases"

echo "skipped: pods of 'web' on the host with rewritten names (the embedded control plane runs none)"
vcl list | grep -q "^$one " && echo "ok: the host lists it"

vcl create "$two" --distribution embedded --ttl 1h
expect "the second knows nothing of 'demo'" "$fresh" "$(namespaces "$two")"

vcl delete "$one" "$two"
vcl list | grep "^$one" && exit 1
echo "ok: both are gone"
