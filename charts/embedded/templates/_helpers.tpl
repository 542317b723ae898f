{{- /* SPDX-License-Identifier: Apache-2.0 */ -}}
{{- /* Names, labels, versions, images and arguments that several templates share. */ -}}

{{- define "embedded.labels" -}}
app: vcluster
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | trunc 63 | trimSuffix "-" | quote }}
release: {{ .Release.Name | quote }}
heritage: {{ .Release.Service | quote }}
{{- end -}}

{{- /* Of what belongs to a deployed etcd: no workload of a list of virtual clusters. */ -}}
{{- define "embedded.etcdLabels" -}}
app: vcluster-etcd
chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | trunc 63 | trimSuffix "-" | quote }}
release: {{ .Release.Name | quote }}
heritage: {{ .Release.Service | quote }}
{{- end -}}

{{- /* The annotations of an object, or nothing. Takes a dict: root, own. */ -}}
{{- define "embedded.annotations" -}}
{{- $all := merge dict (deepCopy (.own | default dict)) (deepCopy (.root.Values.controlPlane.advanced.globalMetadata.annotations | default dict)) -}}
{{- if $all -}}
{{- toYaml $all -}}
{{- end -}}
{{- end -}}

{{- define "embedded.serviceAccountName" -}}
{{- $account := .Values.controlPlane.advanced.serviceAccount -}}
{{- if $account.name -}}
{{- $account.name -}}
{{- else if $account.enabled -}}
{{- printf "vc-%s" .Release.Name -}}
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- /* The version of Kubernetes as the tag of its images: "1.34", "v1.34" and "1.34.4" become v1.34.4. */ -}}
{{- define "embedded.kubernetesVersion" -}}
{{- $known := dict "1.35" "v1.35.4" "1.34" "v1.34.4" -}}
{{- $given := .Values.controlPlane.distro.k8s.version | default "v1.35.4" | toString -}}
{{- $parts := splitList "." (trimPrefix "v" $given) -}}
{{- $minor := "" -}}
{{- if gt (len $parts) 1 -}}
{{- $minor = printf "%s.%s" (index $parts 0) (index $parts 1) -}}
{{- end -}}
{{- if not (hasKey $known $minor) -}}
{{- fail (printf "controlPlane.distro.k8s.version: Kubernetes '%s' is not available in the embedded distribution; use 1.35 or 1.34, or leave it out" $given) -}}
{{- end -}}
{{- if eq (len $parts) 2 -}}
{{- index $known $minor -}}
{{- else -}}
{{- printf "v%s" (trimPrefix "v" $given) -}}
{{- end -}}
{{- end -}}

{{- /* REGISTRY/NAME:TAG. Takes a dict: root, registry, name, tag. */ -}}
{{- define "embedded.image" -}}
{{- $registry := .root.Values.controlPlane.advanced.defaultImageRegistry | default .registry | toString -}}
{{- if $registry -}}
{{- trimSuffix "/" $registry -}}/
{{- end -}}
{{- .name -}}:{{- .tag -}}
{{- end -}}

{{- /* An image of Kubernetes. Takes a dict: root, program. Upstream's bundle image (loft-sh/kubernetes) does not fit
       here, so that a values file which names it is read as if it did not. */ -}}
{{- define "embedded.kubernetesImage" -}}
{{- $image := .root.Values.controlPlane.distro.k8s.image -}}
{{- $tag := include "embedded.kubernetesVersion" .root -}}
{{- $repository := $image.repository | default "" | toString -}}
{{- if eq (first (splitList "/" $repository)) "loft-sh" -}}
{{- include "embedded.image" (dict "root" .root "registry" "registry.k8s.io" "name" .program "tag" $tag) -}}
{{- else -}}
{{- $name := .program -}}
{{- if $repository -}}
{{- $name = printf "%s/%s" $repository .program -}}
{{- end -}}
{{- include "embedded.image" (dict "root" .root "registry" $image.registry "name" $name "tag" ($image.tag | default $tag)) -}}
{{- end -}}
{{- end -}}

{{- /* The image of the runtime; upstream's own (loft-sh/...) is passed over likewise. */ -}}
{{- define "embedded.runtimeImage" -}}
{{- $image := .Values.controlPlane.statefulSet.image -}}
{{- $repository := $image.repository | default "libvcluster/runtime" | toString -}}
{{- if eq (first (splitList "/" $repository)) "loft-sh" -}}
{{- include "embedded.image" (dict "root" . "registry" "ghcr.io" "name" "libvcluster/runtime" "tag" .Chart.AppVersion) -}}
{{- else -}}
{{- include "embedded.image" (dict "root" . "registry" $image.registry "name" $repository "tag" ($image.tag | default .Chart.AppVersion)) -}}
{{- end -}}
{{- end -}}

{{- define "embedded.etcdImage" -}}
{{- $image := .Values.controlPlane.backingStore.etcd.deploy.statefulSet.image -}}
{{- include "embedded.image" (dict "root" . "registry" $image.registry "name" $image.repository "tag" $image.tag) -}}
{{- end -}}

{{- define "embedded.kineImage" -}}
{{- include "embedded.image" (dict "root" . "registry" "docker.io" "name" "rancher/kine" "tag" "v0.17.5") -}}
{{- end -}}

{{- /* Where the objects are kept: sqlite, database, etcd (in the control plane's pod) or etcd-deploy (in its own). */ -}}
{{- define "embedded.store" -}}
{{- $store := .Values.controlPlane.backingStore -}}
{{- if eq (toString $store.etcd.external.enabled) "true" -}}
{{- fail "controlPlane.backingStore.etcd.external is not available in the embedded distribution; use etcd.deploy, database.external or SQLite" -}}
{{- end -}}
{{- $chosen := list -}}
{{- if eq (toString $store.database.embedded.enabled) "true" -}}
{{- $chosen = append $chosen "sqlite" -}}
{{- end -}}
{{- if eq (toString $store.database.external.enabled) "true" -}}
{{- $chosen = append $chosen "database" -}}
{{- end -}}
{{- if eq (toString $store.etcd.embedded.enabled) "true" -}}
{{- $chosen = append $chosen "etcd" -}}
{{- end -}}
{{- if eq (toString $store.etcd.deploy.enabled) "true" -}}
{{- $chosen = append $chosen "etcd-deploy" -}}
{{- end -}}
{{- if gt (len $chosen) 1 -}}
{{- fail (printf "controlPlane.backingStore: only one store can be enabled, not %s" (join " and " $chosen)) -}}
{{- end -}}
{{- if and (eq (first $chosen | default "") "database") (not $store.database.external.dataSource) -}}
{{- fail "controlPlane.backingStore.database.external.dataSource is missing: it says where the database is" -}}
{{- end -}}
{{- first $chosen | default "sqlite" -}}
{{- end -}}

{{- /* "true" when the data lies on a persistent volume. */ -}}
{{- define "embedded.hasClaim" -}}
{{- $enabled := toString .Values.controlPlane.statefulSet.persistence.volumeClaim.enabled -}}
{{- if eq $enabled "true" -}}
true
{{- else if and (eq $enabled "auto") (has (include "embedded.store" .) (list "sqlite" "etcd")) -}}
true
{{- end -}}
{{- end -}}

{{- /* "true" when the data of a deployed etcd lies on a persistent volume. */ -}}
{{- define "embedded.etcdHasClaim" -}}
{{- if ne (toString .Values.controlPlane.backingStore.etcd.deploy.statefulSet.persistence.volumeClaim.enabled) "false" -}}
true
{{- end -}}
{{- end -}}

{{- define "embedded.port" -}}
{{- .Values.controlPlane.proxy.port | default 8443 | int -}}
{{- end -}}

{{- define "embedded.serviceCIDR" -}}
{{- .Values.networking.serviceCIDR | default "10.96.0.0/16" -}}
{{- end -}}

{{- /* The security context of every container. Upstream's default, user 0, is passed over: nothing here needs root, and
       a values file that spells out upstream's defaults should not ask for it. */ -}}
{{- define "embedded.security" -}}
{{- $context := deepCopy (.Values.controlPlane.statefulSet.security.containerSecurityContext | default dict) -}}
{{- range $key := list "runAsUser" "runAsGroup" -}}
{{- if eq (toString (index $context $key)) "0" -}}
{{- $_ := unset $context $key -}}
{{- end -}}
{{- end -}}
{{- toYaml $context -}}
{{- end -}}

{{- /* Arguments of a program as a list; one that the user gives replaces ours of the same name. Takes a dict: own, extra. */ -}}
{{- define "embedded.args" -}}
{{- $extra := .extra | default list -}}
{{- $named := dict -}}
{{- range $extra -}}
{{- $_ := set $named (first (splitList "=" .)) "given" -}}
{{- end -}}
{{- $all := list -}}
{{- range .own -}}
{{- if not (hasKey $named (first (splitList "=" .))) -}}
{{- $all = append $all . -}}
{{- end -}}
{{- end -}}
{{- toYaml (concat $all $extra) -}}
{{- end -}}
