#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# node.sh RUN KUBERNETES STORE DEBS NAME ADDRESS SERVICES: process 1 of a node. It runs in namespaces of its own (network,
# mount, process, UTS, IPC), lays out the files as the daemons expect them, starts the daemons and starts again what
# ends. Killing it ends everything: the kernel then ends every process and undoes every mount of the namespaces.
#
# RUN         the host's run folder, seen inside as /run/node
# KUBERNETES  folder with the Kubernetes programs, seen inside as /run/bin
# STORE       folder with etcd, seen inside as /run/store
# DEBS        unpacked Debian packages, seen inside as /run/debs
set -eu

run=$1 kubernetes=$2 store=$3 debs=$4 name=$5 address=$6 services=$7

# The machine's /proc is still mounted: this is how the machine calls us, and since when we run.
read -ra self </proc/self/stat
echo "${self[0]} ${self[21]}" >"$run/pid"

# Without notes in /run/mount, which is the machine's at first and ours later.
mount() { command mount --no-mtab "$@"; }

lay_out_files() {
    local stage=$run/stage
    mkdir -p "$stage" "$run/var-lib" "$run/var-log" "$run/log"
    mount -t tmpfs -o mode=755 tmpfs "$stage"
    mkdir -p "$stage"/{node,bin,store,debs,daemons,lock,netns,sysctl}
    mount --bind "$run" "$stage/node"
    mount --bind "$kubernetes" "$stage/bin"
    mount --bind "$store" "$stage/store"
    mount --bind "$debs" "$stage/debs"
    mount --move "$stage" /run
    [ /var/run -ef /run ] || mount --rbind /run /var/run
    # Everything that containerd, the kubelet and CNI keep under their usual paths lands in the run folder.
    mount --bind /run/node/var-lib /var/lib
    mount --bind /run/node/var-log /var/log
    mount -t proc -o nosuid,nodev,noexec proc /proc
    keep_sysctls
    hostname "$name"
    # Volumes with mount propagation need a shared tree.
    mount --make-rshared /
}

# The kubelet insists on some values of the whole machine (panic at once, ...). It finds them, and changes nothing.
keep_sysctls() {
    local key value
    while read -r key value; do
        [ -e "/proc/sys/$key" ] || continue
        echo "$value" >"/run/sysctl/${key//\//.}"
        mount --bind "/run/sysctl/${key//\//.}" "/proc/sys/$key"
    done <<Y
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
Y
}

# daemon NAME COMMAND...: keep it running; its log lies in the run folder, its process id in /run/daemons.
daemon() {
    local daemon=$1 code
    shift
    while :; do
        code=0
        "$@" >>"/run/node/log/$daemon.log" 2>&1 &
        echo $! >"/run/daemons/$daemon"
        wait $! || code=$?
        echo "--- $daemon ended with $code, starting it again" >>"/run/node/log/$daemon.log"
        sleep 0.5
    done &
}

api_is_ready() {
    kubectl --kubeconfig=/run/node/kubeconfig get --raw=/readyz >/dev/null 2>&1
}

start_store() {
    # In memory: a test host need not outlive the machine, and etcd waits for the disk at every write.
    daemon etcd etcd --data-dir=/run/etcd --log-level=warn --quota-backend-bytes=8589934592 \
        --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
        --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
        --initial-cluster=default=http://127.0.0.1:2380
}

start_api_server() {
    local pki=/run/node/pki
    daemon kube-apiserver kube-apiserver \
        --etcd-servers=http://127.0.0.1:2379 \
        --advertise-address="$address" --secure-port=6443 --service-cluster-ip-range="$services" \
        --tls-cert-file=$pki/apiserver.crt --tls-private-key-file=$pki/apiserver.key --client-ca-file=$pki/ca.crt \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
        --service-account-issuer=https://kubernetes.default.svc.cluster.local \
        --service-account-key-file=$pki/sa.pub --service-account-signing-key-file=$pki/sa.key \
        --kubelet-certificate-authority=$pki/ca.crt --kubelet-preferred-address-types=InternalIP \
        --kubelet-client-certificate=$pki/admin.crt --kubelet-client-key=$pki/admin.key \
        --requestheader-client-ca-file=$pki/ca.crt --requestheader-allowed-names=front-proxy-client \
        --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \
        --requestheader-extra-headers-prefix=X-Remote-Extra- \
        --proxy-client-cert-file=$pki/front-proxy.crt --proxy-client-key-file=$pki/front-proxy.key
}

# Generous request budgets: tests delete whole namespaces and wait for the garbage collector.
start_controllers() {
    local pki=/run/node/pki kubeconfig
    kubeconfig=$pki/controller-manager.kubeconfig
    daemon kube-controller-manager kube-controller-manager \
        --kubeconfig=$kubeconfig --authentication-kubeconfig=$kubeconfig --authorization-kubeconfig=$kubeconfig \
        --leader-elect=false --use-service-account-credentials=true --controllers='*' \
        --kube-api-qps=300 --kube-api-burst=600 \
        --service-account-private-key-file=$pki/sa.key --root-ca-file=$pki/ca.crt \
        --cluster-signing-cert-file=$pki/ca.crt --cluster-signing-key-file=$pki/ca.key
    kubeconfig=$pki/scheduler.kubeconfig
    daemon kube-scheduler kube-scheduler \
        --kubeconfig=$kubeconfig --authentication-kubeconfig=$kubeconfig --authorization-kubeconfig=$kubeconfig \
        --leader-elect=false --kube-api-qps=300 --kube-api-burst=600
}

start_node_agents() {
    local pki=/run/node/pki
    daemon kubelet kubelet --config=/run/node/config/kubelet.yaml --kubeconfig=$pki/kubelet.kubeconfig \
        --hostname-override="$name" --node-ip="$address"
    daemon kube-proxy kube-proxy --kubeconfig=$pki/proxy.kubeconfig --hostname-override="$name" \
        --proxy-mode=iptables --cluster-cidr=10.244.0.0/24 --conntrack-max-per-core=0 --oom-score-adj=0 \
        --kube-api-qps=100 --kube-api-burst=200
}

lay_out_files
cd /
start_store
daemon containerd containerd --config /run/node/config/containerd.toml --log-level warn
start_api_server
until api_is_ready; do sleep 0.1; done
start_controllers
start_node_agents

# Process 1 adopts what its children leave behind; `wait` collects it.
while :; do
    wait -n || true
done
