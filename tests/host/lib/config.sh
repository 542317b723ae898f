# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The node's configuration files. Paths are those the node's processes see (node.sh lays them out), the same for every
# host and independent of where the state folder lies.

readonly service_range=10.96.0.0/16
readonly api_service_address=10.96.0.1
readonly dns_service_address=10.96.0.10
readonly pod_range=10.244.0.0/24

write_config() {
    mkdir -p "$run/config/cni"
    containerd_config >"$run/config/containerd.toml"
    network_config >"$run/config/cni/10-bridge.conflist"
    kubelet_config >"$run/config/kubelet.yaml"
    # For pods that ask for the node's resolver: there is none, and they should learn it at once.
    echo "nameserver 127.0.0.1" >"$run/config/resolv.conf"
}

# Not being able to lower an OOM score (no CAP_SYS_RESOURCE) is fatal to every container unless restricted.
containerd_config() {
    cat <<Y
version = 2

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.10"
  restrict_oom_score_adj = true

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/run/debs/usr/lib/cni"
    conf_dir = "/run/node/config/cni"
Y
}

network_config() {
    cat <<Y
{
  "cniVersion": "0.4.0",
  "name": "$machine_name",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "pods",
      "isGateway": true,
      "ipMasq": true,
      "hairpinMode": true,
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni",
        "ranges": [[{"subnet": "$pod_range"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
      }
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
Y
}

# The kubelet shares the disk and memory with everything else on the machine, so it evicts late and collects no images.
kubelet_config() {
    cat <<Y
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication:
  anonymous: {enabled: false}
  webhook: {enabled: true}
  x509: {clientCAFile: /run/node/pki/ca.crt}
authorization: {mode: Webhook}
tlsCertFile: /run/node/pki/kubelet.crt
tlsPrivateKeyFile: /run/node/pki/kubelet.key
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
cgroupDriver: cgroupfs
cgroupRoot: /$machine_name
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
clusterDNS: [$dns_service_address]
clusterDomain: cluster.local
resolvConf: /run/node/config/resolv.conf
maxPods: 200
kubeAPIQPS: 100
kubeAPIBurst: 200
evictionHard:
  memory.available: 100Mi
  nodefs.available: 1%
  nodefs.inodesFree: 1%
  imagefs.available: 1%
imageGCHighThresholdPercent: 100
Y
}
