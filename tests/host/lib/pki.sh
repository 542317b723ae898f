# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The node's certificate authority, its certificates and the kubeconfigs made of them.

make_pki() {
    local pki=$run/pki
    [ -s "$run/kubeconfig" ] && return
    rm -rf "$pki"
    mkdir -p "$pki"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$name-ca" \
        -keyout "$pki/ca.key" -out "$pki/ca.crt" 2>/dev/null
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$pki/sa.key" 2>/dev/null
    openssl pkey -in "$pki/sa.key" -pubout -out "$pki/sa.pub"
    local service=kubernetes.default.svc.cluster.local
    make_certificate apiserver /CN=kube-apiserver \
        "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:$service,IP:127.0.0.1,IP:$node_address,IP:$api_service_address"
    make_certificate kubelet "/O=system:nodes/CN=system:node:$name" "DNS:$name,IP:$node_address"
    make_certificate admin /O=system:masters/CN=admin
    make_certificate controller-manager /CN=system:kube-controller-manager
    make_certificate scheduler /CN=system:kube-scheduler
    make_certificate proxy /CN=system:kube-proxy
    make_certificate front-proxy /CN=front-proxy-client
    local user
    for user in kubelet controller-manager scheduler proxy; do
        write_kubeconfig "$user" >"$pki/$user.kubeconfig"
    done
    write_kubeconfig admin >"$run/kubeconfig"
}

# make_certificate FILE SUBJECT [ALTERNATIVE-NAMES]
make_certificate() {
    local file=$run/pki/$1 names=${3:-}
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$2" \
        -keyout "$file.key" -out "$file.csr" 2>/dev/null
    openssl x509 -req -in "$file.csr" -CA "$run/pki/ca.crt" -CAkey "$run/pki/ca.key" -CAcreateserial -days 3650 \
        -out "$file.crt" -extfile <(
            echo keyUsage=digitalSignature,keyEncipherment
            echo extendedKeyUsage=serverAuth,clientAuth
            echo "${names:+subjectAltName=$names}"
        ) 2>/dev/null
    rm "$file.csr"
}

write_kubeconfig() {
    local pki=$run/pki
    cat <<Y
apiVersion: v1
kind: Config
clusters:
  - name: $name
    cluster:
      server: https://$node_address:6443
      certificate-authority-data: $(base64 -w0 "$pki/ca.crt")
users:
  - name: $1
    user:
      client-certificate-data: $(base64 -w0 "$pki/$1.crt")
      client-key-data: $(base64 -w0 "$pki/$1.key")
contexts:
  - name: $name
    context: {cluster: $name, user: $1}
current-context: $name
Y
}
