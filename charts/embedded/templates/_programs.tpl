{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* Command lines and environment of the programs in the control plane's pod. */ -}}

{{- /* What the runtime knows besides config.yaml. */ -}}
{{- define "embedded.runtimeEnv" -}}
- name: VCLUSTER_NAME
  value: {{ .Release.Name | quote }}
- name: POD_NAMESPACE
  valueFrom:
    fieldRef:
      fieldPath: metadata.namespace
- name: POD_IPS
  valueFrom:
    fieldRef:
      fieldPath: status.podIPs
{{- with .Values.controlPlane.statefulSet.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "embedded.smallResources" -}}
requests:
  cpu: {{ . }}
  memory: 16Mi
  ephemeral-storage: 1Mi
limits:
  memory: 64Mi
  ephemeral-storage: 64Mi
{{- end -}}

{{- /* The store listens on a socket in a folder that only this pod sees. etcd insists on an address to advertise to other
       members; there are none, and nobody listens there. */ -}}
{{- define "embedded.storeArgs" -}}
{{- $store := .Values.controlPlane.backingStore -}}
{{- $kind := include "embedded.store" . -}}
{{- if eq $kind "etcd" -}}
{{- $own := list
  (printf "--name=%s" .Release.Name)
  "--data-dir=/data/etcd"
  "--listen-client-urls=unix:///run/store/store.sock"
  "--advertise-client-urls=http://127.0.0.1:2379"
  "--listen-peer-urls=http://127.0.0.1:2380"
  "--initial-advertise-peer-urls=http://127.0.0.1:2380"
  (printf "--initial-cluster=%s=http://127.0.0.1:2380" .Release.Name)
  (printf "--snapshot-count=%d" (int ($store.etcd.embedded.snapshotCount | default 10000)))
  "--log-level=warn" -}}
{{- include "embedded.args" (dict "own" $own "extra" $store.etcd.embedded.extraArgs) -}}
{{- else -}}
{{- $own := list "--listen-address=unix:///run/store/store.sock" "--metrics-bind-address=0" -}}
{{- $extra := $store.database.external.extraArgs -}}
{{- if eq $kind "sqlite" -}}
{{- $own = append $own "--endpoint=sqlite:///data/state.db?_journal_mode=WAL&_busy_timeout=30000&_synchronous=NORMAL&_txlock=immediate&_stmt_cache_size=20&cache=shared" -}}
{{- $extra = $store.database.embedded.extraArgs -}}
{{- end -}}
{{- include "embedded.args" (dict "own" $own "extra" $extra) -}}
{{- end -}}
{{- end -}}

{{- /* An etcd in a pod of its own: only who has a certificate of its authority may talk to it. */ -}}
{{- define "embedded.deployedEtcdArgs" -}}
{{- $etcd := printf "%s-etcd" .Release.Name -}}
{{- $own := list
  (printf "--name=%s-0" $etcd)
  "--data-dir=/data/etcd"
  "--listen-client-urls=https://0.0.0.0:2379"
  (printf "--advertise-client-urls=https://%s-0.%s-headless.%s:2379" $etcd $etcd .Release.Namespace)
  "--listen-peer-urls=http://127.0.0.1:2380"
  "--initial-advertise-peer-urls=http://127.0.0.1:2380"
  (printf "--initial-cluster=%s-0=http://127.0.0.1:2380" $etcd)
  "--listen-metrics-urls=http://0.0.0.0:2381"
  "--client-cert-auth=true"
  "--trusted-ca-file=/pki/etcd-ca.crt"
  "--cert-file=/pki/etcd-server.crt"
  "--key-file=/pki/etcd-server.key"
  "--snapshot-count=10000"
  "--log-level=warn" -}}
{{- include "embedded.args" (dict "own" $own "extra" .Values.controlPlane.backingStore.etcd.deploy.statefulSet.extraArgs) -}}
{{- end -}}

{{- /* How kube-apiserver reaches its store. */ -}}
{{- define "embedded.storeClientArgs" -}}
{{- if eq (include "embedded.store" .) "etcd-deploy" -}}
- --etcd-servers=https://{{ .Release.Name }}-etcd:2379
- --etcd-cafile=/pki/etcd-ca.crt
- --etcd-certfile=/pki/apiserver-etcd-client.crt
- --etcd-keyfile=/pki/apiserver-etcd-client.key
{{- else -}}
- --etcd-servers=unix:///run/store/store.sock
{{- end -}}
{{- end -}}

{{- define "embedded.apiServerArgs" -}}
{{- $proxy := .Values.controlPlane.proxy -}}
{{- $domain := .Values.networking.advanced.clusterDomain | default "cluster.local" -}}
{{- $own := list
  "--advertise-address=$(POD_IP)"
  "--allow-privileged=true"
  "--authorization-mode=Node,RBAC"
  (printf "--bind-address=%s" ($proxy.bindAddress | default "0.0.0.0"))
  "--client-ca-file=/pki/client-ca.crt"
  "--enable-bootstrap-token-auth=true"
  "--endpoint-reconciler-type=none"
  "--kubelet-certificate-authority=/pki/server-ca.crt"
  "--kubelet-client-certificate=/pki/apiserver-kubelet-client.crt"
  "--kubelet-client-key=/pki/apiserver-kubelet-client.key"
  "--kubelet-preferred-address-types=InternalIP"
  "--profiling=false"
  "--proxy-client-cert-file=/pki/front-proxy-client.crt"
  "--proxy-client-key-file=/pki/front-proxy-client.key"
  "--requestheader-allowed-names=front-proxy-client"
  "--requestheader-client-ca-file=/pki/front-proxy-ca.crt"
  "--requestheader-extra-headers-prefix=X-Remote-Extra-"
  "--requestheader-group-headers=X-Remote-Group"
  "--requestheader-username-headers=X-Remote-User"
  (printf "--secure-port=%s" (include "embedded.port" .))
  (printf "--service-account-issuer=https://kubernetes.default.svc.%s" $domain)
  "--service-account-key-file=/pki/sa.pub"
  "--service-account-signing-key-file=/pki/sa.key"
  (printf "--service-cluster-ip-range=%s" (include "embedded.serviceCIDR" .))
  "--tls-cert-file=/pki/apiserver.crt"
  "--tls-private-key-file=/pki/apiserver.key" -}}
{{- $own = concat $own (fromYamlArray (include "embedded.storeClientArgs" .)) -}}
{{- include "embedded.args" (dict "own" $own "extra" .Values.controlPlane.distro.k8s.apiServer.extraArgs) -}}
{{- end -}}

{{- /* Without authentication and authorization kubeconfigs it waits for an API server that is not up yet; with them it
       ends at once. The request rate is raised because the built-in one delays a fresh cluster by four seconds. */ -}}
{{- define "embedded.controllerManagerArgs" -}}
{{- $own := list
  "--bind-address=127.0.0.1"
  "--cluster-name=kubernetes"
  "--cluster-signing-cert-file=/pki/ca.crt"
  "--cluster-signing-key-file=/pki/ca.key"
  "--controllers=*,-nodeipam,-nodelifecycle,-persistentvolume-binder,-attachdetach,-persistentvolume-expander,-cloud-node-lifecycle,-ttl"
  "--kube-api-burst=600"
  "--kube-api-qps=300"
  "--kubeconfig=/pki/controller-manager.conf"
  "--leader-elect=false"
  "--profiling=false"
  "--root-ca-file=/pki/server-ca.crt"
  "--service-account-private-key-file=/pki/sa.key"
  (printf "--service-cluster-ip-range=%s" (include "embedded.serviceCIDR" .))
  "--tls-cert-file=/pki/apiserver.crt"
  "--tls-private-key-file=/pki/apiserver.key"
  "--use-service-account-credentials=true" -}}
{{- include "embedded.args" (dict "own" $own "extra" .Values.controlPlane.distro.k8s.controllerManager.extraArgs) -}}
{{- end -}}
