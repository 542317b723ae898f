/* SPDX-License-Identifier: Apache-2.0 */
/* The constant table of common kinds; see kinds.h. */
#include "kube/kinds.h"

#include "base/str.h"

#define CORE "v1"
#define APPS "apps/v1"
#define BATCH "batch/v1"
#define RBAC "rbac.authorization.k8s.io/v1"
#define NETWORKING "networking.k8s.io/v1"
#define STORAGE "storage.k8s.io/v1"
#define ADMISSION "admissionregistration.k8s.io/v1"

static const vcl_resource kinds[] = {
    { CORE, "ConfigMap", "configmaps", true },
    { CORE, "Endpoints", "endpoints", true },
    { CORE, "Event", "events", true },
    { CORE, "LimitRange", "limitranges", true },
    { CORE, "Namespace", "namespaces", false },
    { CORE, "Node", "nodes", false },
    { CORE, "PersistentVolume", "persistentvolumes", false },
    { CORE, "PersistentVolumeClaim", "persistentvolumeclaims", true },
    { CORE, "Pod", "pods", true },
    { CORE, "PodTemplate", "podtemplates", true },
    { CORE, "ReplicationController", "replicationcontrollers", true },
    { CORE, "ResourceQuota", "resourcequotas", true },
    { CORE, "Secret", "secrets", true },
    { CORE, "Service", "services", true },
    { CORE, "ServiceAccount", "serviceaccounts", true },
    { APPS, "ControllerRevision", "controllerrevisions", true },
    { APPS, "DaemonSet", "daemonsets", true },
    { APPS, "Deployment", "deployments", true },
    { APPS, "ReplicaSet", "replicasets", true },
    { APPS, "StatefulSet", "statefulsets", true },
    { BATCH, "CronJob", "cronjobs", true },
    { BATCH, "Job", "jobs", true },
    { RBAC, "ClusterRole", "clusterroles", false },
    { RBAC, "ClusterRoleBinding", "clusterrolebindings", false },
    { RBAC, "Role", "roles", true },
    { RBAC, "RoleBinding", "rolebindings", true },
    { NETWORKING, "Ingress", "ingresses", true },
    { NETWORKING, "IngressClass", "ingressclasses", false },
    { NETWORKING, "NetworkPolicy", "networkpolicies", true },
    { "policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", true },
    { "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", true },
    { STORAGE, "CSIDriver", "csidrivers", false },
    { STORAGE, "CSINode", "csinodes", false },
    { STORAGE, "CSIStorageCapacity", "csistoragecapacities", true },
    { STORAGE, "StorageClass", "storageclasses", false },
    { STORAGE, "VolumeAttachment", "volumeattachments", false },
    { "apiextensions.k8s.io/v1", "CustomResourceDefinition", "customresourcedefinitions", false },
    { "apiregistration.k8s.io/v1", "APIService", "apiservices", false },
    { "coordination.k8s.io/v1", "Lease", "leases", true },
    { "discovery.k8s.io/v1", "EndpointSlice", "endpointslices", true },
    { "events.k8s.io/v1", "Event", "events", true },
    { "scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", false },
    { "node.k8s.io/v1", "RuntimeClass", "runtimeclasses", false },
    { "certificates.k8s.io/v1", "CertificateSigningRequest", "certificatesigningrequests", false },
    { "authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews", false },
    { "authentication.k8s.io/v1", "TokenReview", "tokenreviews", false },
    { "authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", false },
    { "authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews", false },
    { "authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews", false },
    { ADMISSION, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", false },
    { ADMISSION, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", false },
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

const vcl_resource *vcl_kinds_find(const char *api_version, const char *kind)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (vcl_streq(kinds[i].kind, kind) && vcl_streq(kinds[i].api_version, api_version))
            return &kinds[i];
    }
    return NULL;
}

const vcl_resource *vcl_kinds_find_plural(const char *api_version, const char *plural)
{
    for (size_t i = 0; i < KIND_COUNT; i++) {
        if (vcl_streq(kinds[i].plural, plural) && vcl_streq(kinds[i].api_version, api_version))
            return &kinds[i];
    }
    return NULL;
}

size_t vcl_kinds_count(void)
{
    return KIND_COUNT;
}

const vcl_resource *vcl_kinds_at(size_t index)
{
    return &kinds[index];
}
