/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of reasons; see reason.h. docs/diagnosis.md shows it, and a test compares them. */
#include "release/reason.h"

/* Volumes that are still being made look like a pod that no node takes for some seconds, and an
 * autoscaler may bring a node: patience, but not for ever. */
enum { AT_ONCE = 0, MOMENT_MS = 5000, SCHEDULE_MS = 20000, REPAIR_MS = 60000 };

#define UNAVAILABLE VCLUSTER_E_UNAVAILABLE
#define PRECONDITION VCLUSTER_E_PRECONDITION
#define QUOTA VCLUSTER_E_QUOTA

static const vcl_reason reasons[] = {
    { VCLUSTER_REASON_NOT_FOUND, "not-found", VCLUSTER_E_NOT_FOUND, AT_ONCE, false,
      "check the name, the namespace and the context of the host" },
    { VCLUSTER_REASON_NAMESPACE_MISSING, "namespace-missing", VCLUSTER_E_NOT_FOUND, AT_ONCE, false,
      "check the namespace and the context of the host" },
    { VCLUSTER_REASON_NAMESPACE_GOING, "namespace-going", PRECONDITION, AT_ONCE, false,
      "wait until the namespace is gone, then create the virtual cluster again" },
    { VCLUSTER_REASON_DELETING, "deleting", PRECONDITION, AT_ONCE, false,
      "let the deletion finish, then create it again" },
    { VCLUSTER_REASON_PAUSED, "paused", PRECONDITION, AT_ONCE, false, "resume it" },
    { VCLUSTER_REASON_SLEEPING, "sleeping", PRECONDITION, AT_ONCE, false,
      "wake it up through the platform that put it to sleep" },
    { VCLUSTER_REASON_SCALED_DOWN, "scaled-down", PRECONDITION, AT_ONCE, false,
      "resume it, or scale its workload to at least one replica" },
    { VCLUSTER_REASON_UNFINISHED, "unfinished", VCLUSTER_E_CONFLICT, VCL_GRACE_EVER, true,
      "let the operation finish; if it was killed, make the same call again" },
    { VCLUSTER_REASON_STARTING, "starting", UNAVAILABLE, VCL_GRACE_EVER, true, "wait" },

    { VCLUSTER_REASON_UNSCHEDULABLE, "unschedulable", UNAVAILABLE, SCHEDULE_MS, true,
      "add a node, or make room on one" },
    { VCLUSTER_REASON_NO_CPU, "no-cpu", UNAVAILABLE, SCHEDULE_MS, true,
      "add a node, make room on one, or lower the CPU requests of the control plane" },
    { VCLUSTER_REASON_NO_MEMORY, "no-memory", UNAVAILABLE, SCHEDULE_MS, true,
      "add a node, make room on one, or lower the memory requests of the control plane" },
    { VCLUSTER_REASON_NO_RESOURCE, "no-resource", UNAVAILABLE, SCHEDULE_MS, true,
      "add a node that has the resource, or do not request it" },
    { VCLUSTER_REASON_TAINT, "taint", UNAVAILABLE, SCHEDULE_MS, true,
      "remove the taint, or tolerate it in controlPlane.statefulSet.scheduling.tolerations" },
    { VCLUSTER_REASON_NODE_SELECTOR, "node-selector", UNAVAILABLE, SCHEDULE_MS, true,
      "label a node accordingly, or change controlPlane.statefulSet.scheduling" },
    { VCLUSTER_REASON_POD_AFFINITY, "pod-affinity", UNAVAILABLE, SCHEDULE_MS, true,
      "add a node, or relax affinity and spread in controlPlane.statefulSet.scheduling" },
    { VCLUSTER_REASON_HOST_PORT, "host-port", UNAVAILABLE, SCHEDULE_MS, true,
      "free the port, choose another, or add a node" },
    { VCLUSTER_REASON_TOO_MANY_PODS, "too-many-pods", UNAVAILABLE, SCHEDULE_MS, true,
      "add a node, or remove pods" },
    { VCLUSTER_REASON_VOLUME_NODE, "volume-node", UNAVAILABLE, SCHEDULE_MS, false,
      "let the pod go to the node of its volume, or delete the volume claim (and its data)" },
    { VCLUSTER_REASON_CORDONED, "cordoned", UNAVAILABLE, SCHEDULE_MS, true,
      "uncordon a node, or add one" },
    { VCLUSTER_REASON_SCHEDULING_GATED, "scheduling-gated", UNAVAILABLE, REPAIR_MS, true,
      "see who set the scheduling gate, and why it is not lifted" },
    { VCLUSTER_REASON_NO_SCHEDULER, "no-scheduler", UNAVAILABLE, REPAIR_MS, true,
      "see that the host's scheduler runs, and that the pod's schedulerName exists" },
    { VCLUSTER_REASON_NODE_NOT_READY, "node-not-ready", UNAVAILABLE, REPAIR_MS, true,
      "repair or replace the node" },
    { VCLUSTER_REASON_NODE_PRESSURE, "node-pressure", UNAVAILABLE, REPAIR_MS, true,
      "free memory, disk or processes on the node, or add a node" },
    { VCLUSTER_REASON_EVICTED, "evicted", UNAVAILABLE, MOMENT_MS, true,
      "free what the node is short of, or request what the control plane needs" },
    { VCLUSTER_REASON_POD_FAILED, "pod-failed", UNAVAILABLE, MOMENT_MS, false,
      "see the events of the pod" },

    { VCLUSTER_REASON_QUOTA_EXCEEDED, "quota-exceeded", QUOTA, AT_ONCE, false,
      "raise the quota, or lower the requests" },
    { VCLUSTER_REASON_QUOTA_UNSPECIFIED, "quota-unspecified", QUOTA, AT_ONCE, false,
      "set these requests and limits for the control plane, or add a LimitRange with defaults" },
    { VCLUSTER_REASON_LIMIT_RANGE, "limit-range", QUOTA, AT_ONCE, false,
      "change the LimitRange, or the requests and limits of the control plane" },
    { VCLUSTER_REASON_ADMISSION_DENIED, "admission-denied", PRECONDITION, AT_ONCE, false,
      "satisfy the policy, or except the namespace from it" },
    { VCLUSTER_REASON_WEBHOOK_UNREACHABLE, "webhook-unreachable", PRECONDITION, SCHEDULE_MS, true,
      "repair the webhook, or except the namespace from it" },
    { VCLUSTER_REASON_POD_SECURITY, "pod-security", PRECONDITION, AT_ONCE, false,
      "label the namespace with a lower pod-security.kubernetes.io/enforce level, or restrict the "
      "control plane's securityContext" },
    { VCLUSTER_REASON_SERVICE_ACCOUNT_MISSING, "service-account-missing", PRECONDITION, MOMENT_MS,
      false, "make the ServiceAccount, or let the chart make one" },
    { VCLUSTER_REASON_PRIORITY_CLASS_MISSING, "priority-class-missing", PRECONDITION, AT_ONCE,
      false, "make the PriorityClass, or name another" },
    { VCLUSTER_REASON_POD_REFUSED, "pod-refused", PRECONDITION, AT_ONCE, false,
      "see the message of the host" },
    { VCLUSTER_REASON_POD_NOT_MADE, "pod-not-made", UNAVAILABLE, VCL_GRACE_EVER, true,
      "see that the host's controller manager runs" },

    { VCLUSTER_REASON_IMAGE_NOT_FOUND, "image-not-found", UNAVAILABLE, AT_ONCE, false,
      "check the image name and tag, and that the node can reach its registry" },
    { VCLUSTER_REASON_IMAGE_AUTH, "image-auth", UNAVAILABLE, AT_ONCE, false,
      "check the image name, or give the ServiceAccount an image pull Secret" },
    { VCLUSTER_REASON_IMAGE_REGISTRY, "image-registry", UNAVAILABLE, AT_ONCE, true,
      "see that the node can reach and resolve the registry, or load the image onto the node" },
    { VCLUSTER_REASON_IMAGE_RATE_LIMIT, "image-rate-limit", UNAVAILABLE, REPAIR_MS, true,
      "log in at the registry, use a mirror, or wait" },
    { VCLUSTER_REASON_IMAGE_NAME, "image-name", UNAVAILABLE, AT_ONCE, false,
      "check the image name" },
    { VCLUSTER_REASON_IMAGE_NEVER_PULL, "image-never-pull", UNAVAILABLE, AT_ONCE, false,
      "load the image onto the node" },
    { VCLUSTER_REASON_IMAGE_PLATFORM, "image-platform", UNAVAILABLE, AT_ONCE, false,
      "use an image for the architecture of the node, or select other nodes" },
    { VCLUSTER_REASON_IMAGE_PULL, "image-pull", UNAVAILABLE, AT_ONCE, true,
      "check the image name and that the node can reach its registry" },

    { VCLUSTER_REASON_VOLUME_NO_CLASS, "volume-no-class", PRECONDITION, MOMENT_MS, false,
      "make a StorageClass the default, name one, or disable the volume claim" },
    { VCLUSTER_REASON_VOLUME_CLASS_MISSING, "volume-class-missing", PRECONDITION, MOMENT_MS, false,
      "name a StorageClass that exists; the claim must be deleted for that" },
    { VCLUSTER_REASON_VOLUME_PROVISIONER, "volume-provisioner", UNAVAILABLE, REPAIR_MS, true,
      "see the log of the provisioner of the StorageClass" },
    { VCLUSTER_REASON_VOLUME_UNBOUND, "volume-unbound", UNAVAILABLE, VCL_GRACE_EVER, true,
      "see that the provisioner of the StorageClass runs, or make a matching volume" },
    { VCLUSTER_REASON_VOLUME_LOST, "volume-lost", UNAVAILABLE, AT_ONCE, false,
      "delete the claim (its data is gone), or restore the volume" },
    { VCLUSTER_REASON_VOLUME_MOUNT, "volume-mount", UNAVAILABLE, REPAIR_MS, true,
      "see the message: another node may hold the volume, or its driver may be missing" },
    { VCLUSTER_REASON_CLAIM_MISSING, "claim-missing", UNAVAILABLE, SCHEDULE_MS, false,
      "make the claim; a StatefulSet makes its own when its pod is deleted" },

    { VCLUSTER_REASON_CONFIG_MISSING, "config-missing", UNAVAILABLE, MOMENT_MS, false,
      "a ConfigMap, Secret or key is missing: make it, or correct its name" },
    { VCLUSTER_REASON_CONTAINER_CREATE, "container-create", UNAVAILABLE, MOMENT_MS, false,
      "see the events of the pod; command, mounts and securityContext are the usual causes" },
    { VCLUSTER_REASON_SANDBOX, "sandbox", UNAVAILABLE, REPAIR_MS, true,
      "see the network plugin of the node" },
    { VCLUSTER_REASON_CRASH, "crash", UNAVAILABLE, AT_ONCE, false, "see the log of the container" },
    { VCLUSTER_REASON_OUT_OF_MEMORY, "out-of-memory", UNAVAILABLE, AT_ONCE, false,
      "raise the memory limit of the container" },
    { VCLUSTER_REASON_INIT_FAILED, "init-failed", UNAVAILABLE, AT_ONCE, false,
      "see the log of the init container" },
    { VCLUSTER_REASON_PROBE_FAILING, "probe-failing", UNAVAILABLE, VCL_GRACE_EVER, true,
      "see the log of the container; it may only be slow" },

    { VCLUSTER_REASON_LICENCE, "licence", PRECONDITION, AT_ONCE, false,
      "remove what needs the licence from the values, or log in to upstream's platform" },
    { VCLUSTER_REASON_RBAC, "rbac", VCLUSTER_E_PERMISSION, AT_ONCE, false,
      "give the ServiceAccount of the control plane that right: rbac.role or rbac.clusterRole" },
    { VCLUSTER_REASON_DNS, "dns", UNAVAILABLE, AT_ONCE, true,
      "see that the host's DNS runs and that network policies let the pod reach it" },
    { VCLUSTER_REASON_CONFIG_INVALID, "config-invalid", VCLUSTER_E_CONFIG, AT_ONCE, false,
      "correct the values" },
    { VCLUSTER_REASON_CERTIFICATE_EXPIRED, "certificate-expired", UNAVAILABLE, AT_ONCE, false,
      "rotate the certificates of the virtual cluster" },
    { VCLUSTER_REASON_CERTIFICATE_INVALID, "certificate-invalid", UNAVAILABLE, AT_ONCE, false,
      "see which certificate is meant: of the store, the host or a webhook" },
    { VCLUSTER_REASON_PORT_IN_USE, "port-in-use", UNAVAILABLE, AT_ONCE, false,
      "do not let two containers, or the host network, use one port" },
    { VCLUSTER_REASON_STORE_UNREACHABLE, "store-unreachable", UNAVAILABLE, SCHEDULE_MS, true,
      "see that etcd or the database runs, and check its address and credentials" },
    { VCLUSTER_REASON_DISK_FULL, "disk-full", UNAVAILABLE, AT_ONCE, false,
      "enlarge the volume, or free space on it" },
};

enum { REASONS = sizeof(reasons) / sizeof(reasons[0]) };

const vcl_reason *vcl_reason_find(int id)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (reasons[i].id == id)
            return &reasons[i];
    }
    return NULL;
}

const vcl_reason *vcl_reason_all(size_t *out_count)
{
    *out_count = REASONS;
    return reasons;
}
