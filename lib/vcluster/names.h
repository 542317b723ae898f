/* SPDX-License-Identifier: Apache-2.0 */
/* Names, labels and annotations of virtual clusters on the host: upstream's, and our own. */
#ifndef VCL_VCLUSTER_NAMES_H
#define VCL_VCLUSTER_NAMES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"

/* Of upstream's control plane, on a request of a snapshot that it has not finished with. */
#define VCL_FINALIZER_SNAPSHOT "vcluster.loft.sh/snapshot-controller"
#define VCL_LABEL_RELEASE "release"
#define VCL_SELECTOR_ALL "app=vcluster,release"

/* On namespaces that upstream's CLI, or this library, made. */
#define VCL_ANNOTATION_CREATED "vcluster.loft.sh/created"
/* On namespaces that this library made: for which virtual cluster. A label, to find it again. */
#define VCL_LABEL_INSTANCE "libvcluster.dev/instance"
/* On workloads: which distribution; missing means upstream. */
#define VCL_ANNOTATION_DISTRIBUTION "libvcluster.dev/distribution"
/* On workloads: when an unfinished install was taken up again. */
#define VCL_ANNOTATION_RESUMED "libvcluster.dev/resumed-at"
/* On workloads, and on the release record until there is a workload: until when it is wanted (RFC
 * 3339), and by whom. */
#define VCL_ANNOTATION_EXPIRES_AT "libvcluster.dev/expires-at"
#define VCL_ANNOTATION_OWNER "libvcluster.dev/owner"
/* On both: it has expired, and its deletion has begun. Never taken off again. */
#define VCL_ANNOTATION_REAPING "libvcluster.dev/reaping"
/* On workloads, by those who make them from a repository. */
#define VCL_ANNOTATION_ARGO "argocd.argoproj.io/tracking-id"
#define VCL_LABEL_ARGO "argocd.argoproj.io/instance"
#define VCL_LABEL_FLUX_HELM "helm.toolkit.fluxcd.io/name"
#define VCL_LABEL_FLUX_KUSTOMIZE "kustomize.toolkit.fluxcd.io/name"
/* On workloads, by upstream. */
#define VCL_ANNOTATION_PAUSED "loft.sh/paused"
#define VCL_ANNOTATION_GUARD "loft.sh/non-deletable"
#define VCL_LABEL_SLEEP "loft.sh/sleep-mode"
#define VCL_ANNOTATION_SLEEP_TYPE "sleepmode.loft.sh/sleep-type"

/* On what a syncer makes on the host: whose it is, and what it is a copy of. */
#define VCL_LABEL_MANAGED_BY "vcluster.loft.sh/managed-by"
#define VCL_ANNOTATION_OBJECT_NAME "vcluster.loft.sh/object-name"
#define VCL_ANNOTATION_IMPORTED "vcluster.loft.sh/object-imported"
/* On the Secrets with a virtual cluster's kubeconfig and certificates. */
#define VCL_LABEL_KUBECONFIG_OF "vcluster-name"
/* On what Helm, or this library, makes of a chart. */
#define VCL_ANNOTATION_RELEASE_NAMESPACE "meta.helm.sh/release-namespace"

#define VCL_MANAGER_OWN "libvcluster"

/* A name for a new or existing virtual cluster: DNS-1035 label, at most VCL_MAX_NAME. */
int vcl_name_check(const char *name, vcluster_error **error);
/* A namespace: DNS label. NULL passes. */
int vcl_namespace_check(const char *namespace_name, vcluster_error **error);

/* Upstream's rule: the given one; else the context's unless that is "" or "default"; else
 * "vcluster-NAME". NULL when memory is short. */
char *vcl_namespace_for(const char *given, const char *of_context, const char *name);

/* "vcluster_NAME_NAMESPACE_HOSTCONTEXT". */
char *vcl_context_name(const char *name, const char *namespace_name, const char *host_context);

/* Whether claim is "PREFIX-NAME-<digits>" or "PREFIX-NAME-etcd-<digits>": a volume claim of the
 * control plane, never that of a namesake such as NAME-1. */
bool vcl_is_volume_claim_of(const char *claim, const char *name);

#endif
