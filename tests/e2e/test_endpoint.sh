#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The ways to a virtual cluster on a real host: a node port and the Service's DNS name as they are; load balancer, Ingress and
# TLSRoute with the status that their controllers would write, and traffic through a proxy that passes TLS through by name.
# usage: test_endpoint.sh VCL SNI_PROXY FIXTURES
set -euo pipefail
vcl=$1
sni_proxy=$2
fixtures=$3

if [ -z "${VCLUSTER_TEST_KUBECONFIG:-}" ]; then
    echo "SKIPPED: VCLUSTER_TEST_KUBECONFIG is not set; scripts/test sets it" >&2
    exit 77
fi
if [ "$(id -u)" != 0 ]; then
    echo "SKIPPED: load balancers listen on port 443, which needs root" >&2
    exit 77
fi
export KUBECONFIG=$VCLUSTER_TEST_KUBECONFIG
export TMPDIR
TMPDIR=$(mktemp -d)
export XDG_RUNTIME_DIR=$TMPDIR
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY
name=e2e-way
namespace=vcluster-e2e-endpoint
ingress_host=ingress.dev.test
route_host=route.dev.test
balancer=127.0.77.1
controller=127.0.77.2
gateway=127.0.77.3

checks=0
expect() { # WHAT CODE COMMAND...: exit code; output to $out
    local what=$1 code=$2 got=0
    shift 2
    out=$("$@" 2>"$TMPDIR/stderr") || got=$?
    if [ "$got" != "$code" ]; then
        echo "FAILED: $what: exit code $got instead of $code" >&2
        printf '%s\n' "$out" >&2
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

background=()
crds=()
clean_up() {
    local process
    for process in "${background[@]}"; do
        kill "$process" 2>/dev/null || true
    done
    "$vcl" delete "$name" -n "$namespace" --missing-ok -q >/dev/null 2>&1 || true
    kubectl delete namespace "$namespace" --ignore-not-found >/dev/null 2>&1 || true
    for process in "${crds[@]}"; do
        kubectl delete crd "$process" --ignore-not-found --wait=false >/dev/null 2>&1 || true
    done
    rm -rf "$TMPDIR"
}
trap clean_up EXIT

start_proxy() { # ADDRESS NAME=HOST:PORT...
    "$sni_proxy" "$1:443" "${@:2}" >"$TMPDIR/proxy-$1" 2>&1 &
    background+=($!)
    until grep -q ready "$TMPDIR/proxy-$1"; do
        if ! kill -0 "${background[-1]}" 2>/dev/null; then
            echo "FAILED: no proxy on $1: $(cat "$TMPDIR/proxy-$1")" >&2
            exit 1
        fi
        read -rt 0.05 <> <(:) || true
    done
}
set_status() { # KIND NAME JSON
    kubectl patch "$1" "$2" -n "$namespace" --subresource=status --type=merge -p "{\"status\":$3}" >/dev/null
}
# shellcheck disable=SC2120 # its arguments are given by way of expect
way() { "$vcl" endpoint "$name" -n "$namespace" "$@"; }
use() { # WHAT: a kubeconfig for others leads there
    expect "kubeconfig by $1" 0 "$vcl" kubeconfig "$name" -n "$namespace" -o "$TMPDIR/out"
    contains "has its address" "$(cat "$TMPDIR/out")" "server: $2"
    expect "kubectl gets through by $1" 0 kubectl --kubeconfig "$TMPDIR/out" get namespace default -o name
    contains "verifying the certificate" "$(grep -c insecure "$TMPDIR/out" || true)" 0
}

# The Gateway API's own definitions, from its Go module; else our few lines for them.
install_crds() {
    local version=v1.5.0 folder=$fixtures/gateway files=("$fixtures/gateway/crds.yaml") module
    if command -v go >/dev/null &&
        module=$(cd "$TMPDIR" && go mod download -json "sigs.k8s.io/gateway-api@$version" 2>/dev/null); then
        folder=$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$module")/config/crd/standard
        files=("$folder"/gateway.networking.k8s.io_{gateways,tlsroutes}.yaml)
    fi
    echo "Gateway API: $folder"
    for file in "${files[@]}"; do
        for crd in $(kubectl create -f "$file" --dry-run=client -o jsonpath='{.metadata.name}'); do
            kubectl get crd "$crd" >/dev/null 2>&1 || crds+=("$crd")
        done
        kubectl apply --server-side -f "$file" >/dev/null
    done
    kubectl wait --for=condition=Established crd/tlsroutes.gateway.networking.k8s.io \
        crd/gateways.gateway.networking.k8s.io --timeout=60s >/dev/null
}

kubectl create namespace "$namespace" >/dev/null
install_crds
expect "create, with an Ingress and a TLSRoute" 0 "$vcl" create "$name" -n "$namespace" --distribution embedded -q \
    --set controlPlane.statefulSet.persistence.volumeClaim.enabled=false \
    --set controlPlane.ingress.enabled=true,controlPlane.ingress.host="$ingress_host" \
    --set controlPlane.tlsRoute.enabled=true,controlPlane.tlsRoute.host="$route_host" \
    --set 'controlPlane.tlsRoute.parentRefs[0].name=gate'

expect "endpoint of one that is not exposed" 0 way
contains "is the tunnel" "$out" "* tunnel"
contains "for there is no load balancer" "$out" "is of type ClusterIP"
expect "kubeconfig for others is refused" 1 "$vcl" kubeconfig "$name" -n "$namespace"
contains "with what to do" "$(cat "$TMPDIR/stderr")" "set controlPlane.service.spec.type to LoadBalancer"

# A tunnel is what the proxies lead to while the Service has no port outside.
"$vcl" connect "$name" -n "$namespace" --tunnel --print >"$TMPDIR/tunnel" 2>/dev/null &
background+=($!)
until grep -q current-context "$TMPDIR/tunnel"; do read -rt 0.05 <> <(:) || true; done
inside=$(sed -n 's,.*server: https://,,p' "$TMPDIR/tunnel")
start_proxy "$controller" "$ingress_host=$inside"
start_proxy "$gateway" "$route_host=$inside"

set_status ingress "$name" "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"$controller\"}]}}"
expect "endpoint behind an Ingress controller" 0 way
contains "is the Ingress" "$out" "* ingress       https://$controller as $ingress_host"
use ingress "https://$controller"
set_status ingress "$name" '{"loadBalancer":{"ingress":null}}'

kubectl apply -n "$namespace" -f - >/dev/null <<Y
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: gate}
spec:
  gatewayClassName: none
  listeners: [{name: tls, protocol: TLS, port: 443, tls: {mode: Passthrough}}]
Y
set_status gateway gate "{\"addresses\":[{\"type\":\"IPAddress\",\"value\":\"$gateway\"}]}"
expect "endpoint behind a Gateway" 0 way
contains "is the TLSRoute" "$out" "* tls-route     https://$gateway as $route_host"
use tls-route "https://$gateway"
refused='[{"parentRef":{"name":"gate"},"controllerName":"e2e.test/gate","conditions":[{"type":"Accepted","status":"False",
"reason":"NoMatchingParent","message":"no listener fits","lastTransitionTime":"2026-01-01T00:00:00Z"}]}]'
set_status tlsroute "$name" "{\"parents\":$refused}"
expect "endpoint of a route that no Gateway takes" 0 way
contains "is the tunnel again" "$out" "* tunnel"
contains "and says why" "$out" "no listener fits"

# Inside the host, by the DNS name of the Service.
image=$(kubectl get statefulset "$name" -n "$namespace" -o jsonpath='{.spec.template.spec.initContainers[0].image}')
kubectl create rolebinding way --clusterrole=admin --serviceaccount="$namespace:default" -n "$namespace" >/dev/null
kubectl run way -n "$namespace" --image="$image" --restart=Never --image-pull-policy=IfNotPresent --command -- \
    vcl endpoint "$name" -n "$namespace" >/dev/null
kubectl wait pod/way -n "$namespace" --for=jsonpath='{.status.phase}'=Succeeded --timeout=60s >/dev/null || true
contains "from inside it is the Service" "$(kubectl logs way -n "$namespace")" "* service       https://$name.$namespace.svc"

kubectl patch service "$name" -n "$namespace" -p '{"spec":{"type":"NodePort"}}' >/dev/null
port=$(kubectl get service "$name" -n "$namespace" -o jsonpath='{.spec.ports[0].nodePort}')
node=$(kubectl get pod "$name-0" -n "$namespace" -o jsonpath='{.status.hostIP}')
for _ in $(seq 300); do # the node listens when its kube-proxy has seen the change
    # shellcheck disable=SC2119
    way | grep -q '^\* node-port' && break
    read -rt 0.05 <> <(:) || true
done
expect "endpoint of a node port" 0 way
contains "is the one to take" "$out" "* node-port"
expect "endpoint of a node port, as JSON" 0 way -o json
contains "is the node" "$out" "\"kind\":\"node-port\",\"url\":\"https://$node:$port\""
use node-port "https://$node:$port"
expect "connect returns at once" 0 "$vcl" connect "$name" -n "$namespace" -v
contains "with a line of shell" "$out" "export KUBECONFIG="
contains "which way was taken" "$(cat "$TMPDIR/stderr")" "is reached at https://$node:$port (node-port)"
contains "and why not another" "$(cat "$TMPDIR/stderr")" "is of type NodePort"
expect "and what it leaves works" 0 env "${out#export }" kubectl get namespace default -o name

kubectl patch service "$name" -n "$namespace" -p '{"spec":{"type":"LoadBalancer"}}' >/dev/null
expect "endpoint of a load balancer without an address" 0 way
contains "is still the node" "$out" "* node-port"
start_proxy "$balancer" "-=$node:$port"
set_status service "$name" "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"$balancer\",\"ipMode\":\"Proxy\"}]}}"
expect "endpoint of a load balancer" 0 way
contains "is its address, under a name of every certificate" "$out" \
    "* load-balancer https://$balancer as kubernetes.default.svc"
contains "and the node is not needed" "$out" "it is not needed: 'load-balancer' comes first"
use load-balancer "https://$balancer"

# Whoever else answers there is found out: here the host's own API server.
stranger=127.0.77.4
start_proxy "$stranger" "-=$(kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}' | sed 's,.*//,,')"
set_status service "$name" "{\"loadBalancer\":{\"ingress\":[{\"ip\":\"$stranger\",\"ipMode\":\"Proxy\"}]}}"
expect "endpoint of a load balancer that leads elsewhere" 0 way
contains "is the node" "$out" "* node-port"
contains "because of its certificate" "$out" "its certificate is not of this virtual cluster"

expect "delete" 0 "$vcl" delete "$name" -n "$namespace" -q
expect "the Ingress and the TLSRoute are gone" 0 kubectl get ingress,tlsroute -n "$namespace" -o name
contains "both" "[$out]" "[]"
echo "$checks checks passed"
