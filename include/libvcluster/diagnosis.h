/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file diagnosis.h
 * Why a virtual cluster is not ready: causes with a stable code, the object, the event, the
 * evidence and a remedy.
 */
#ifndef LIBVCLUSTER_DIAGNOSIS_H
#define LIBVCLUSTER_DIAGNOSIS_H

#include <libvcluster/instance.h>

VCLUSTER_BEGIN_DECLS

/**
 * Why a virtual cluster is not ready. Values are frozen; new ones may be added. Each has a stable
 * code, vcluster_reason_code(), which is its name in lower case with '-'.
 */
typedef enum vcluster_reason {
    VCLUSTER_REASON_NONE = 0,

    VCLUSTER_REASON_NOT_FOUND = 1,         /**< no such virtual cluster: wrong context? */
    VCLUSTER_REASON_NAMESPACE_MISSING = 2, /**< the host namespace is gone: wrong context? */
    VCLUSTER_REASON_NAMESPACE_GOING = 3,   /**< the host namespace is being deleted */
    VCLUSTER_REASON_DELETING = 4,          /**< the virtual cluster is being deleted */
    VCLUSTER_REASON_PAUSED = 5,            /**< paused */
    VCLUSTER_REASON_SLEEPING = 6,          /**< put to sleep by upstream's platform */
    VCLUSTER_REASON_SCALED_DOWN = 7,       /**< no replicas are wanted, but it is not paused */
    VCLUSTER_REASON_UNFINISHED = 8,        /**< an install or upgrade is at work or was killed */
    VCLUSTER_REASON_STARTING = 9,          /**< nothing is wrong: it takes its time */

    VCLUSTER_REASON_UNSCHEDULABLE = 20,    /**< no node, for a reason that has no code */
    VCLUSTER_REASON_NO_CPU = 21,           /**< no node has so much CPU left */
    VCLUSTER_REASON_NO_MEMORY = 22,        /**< no node has so much memory left */
    VCLUSTER_REASON_NO_RESOURCE = 23,      /**< another resource is short: disk, a device */
    VCLUSTER_REASON_TAINT = 24,            /**< nodes have taints that are not tolerated */
    VCLUSTER_REASON_NODE_SELECTOR = 25,    /**< no node matches selector or node affinity */
    VCLUSTER_REASON_POD_AFFINITY = 26,     /**< affinity to, or spread between, other pods */
    VCLUSTER_REASON_HOST_PORT = 27,        /**< the port is taken on every node */
    VCLUSTER_REASON_TOO_MANY_PODS = 28,    /**< nodes have their maximum of pods */
    VCLUSTER_REASON_VOLUME_NODE = 29,      /**< its volume is on a node it cannot go to */
    VCLUSTER_REASON_CORDONED = 30,         /**< nodes are cordoned */
    VCLUSTER_REASON_SCHEDULING_GATED = 31, /**< somebody holds the pod back by a gate */
    VCLUSTER_REASON_NO_SCHEDULER = 32,     /**< nothing schedules the pod */
    VCLUSTER_REASON_NODE_NOT_READY = 40,   /**< its node, or every node, is not ready */
    VCLUSTER_REASON_NODE_PRESSURE = 41,    /**< nodes are short of memory, disk or processes */
    VCLUSTER_REASON_EVICTED = 42,          /**< the node evicted the pod */
    VCLUSTER_REASON_POD_FAILED = 43,       /**< the pod failed as a whole */

    VCLUSTER_REASON_QUOTA_EXCEEDED = 50,          /**< a ResourceQuota is used up */
    VCLUSTER_REASON_QUOTA_UNSPECIFIED = 51,       /**< a ResourceQuota wants limits or requests */
    VCLUSTER_REASON_LIMIT_RANGE = 52,             /**< a LimitRange refuses the pod */
    VCLUSTER_REASON_ADMISSION_DENIED = 53,        /**< a webhook or policy refuses the pod */
    VCLUSTER_REASON_WEBHOOK_UNREACHABLE = 54,     /**< a webhook does not answer */
    VCLUSTER_REASON_POD_SECURITY = 55,            /**< the namespace's pod security level */
    VCLUSTER_REASON_SERVICE_ACCOUNT_MISSING = 56, /**< the pod's ServiceAccount is missing */
    VCLUSTER_REASON_PRIORITY_CLASS_MISSING = 57,  /**< the pod's PriorityClass is missing */
    VCLUSTER_REASON_POD_REFUSED = 58,             /**< the host refuses the pod otherwise */
    VCLUSTER_REASON_POD_NOT_MADE = 59,            /**< no pod, and nobody says why */

    VCLUSTER_REASON_IMAGE_NOT_FOUND = 70,  /**< the registry has no such image */
    VCLUSTER_REASON_IMAGE_AUTH = 71,       /**< the registry wants credentials */
    VCLUSTER_REASON_IMAGE_REGISTRY = 72,   /**< the node cannot reach the registry */
    VCLUSTER_REASON_IMAGE_RATE_LIMIT = 73, /**< the registry refuses so many pulls */
    VCLUSTER_REASON_IMAGE_NAME = 74,       /**< the image name cannot be read */
    VCLUSTER_REASON_IMAGE_NEVER_PULL = 75, /**< not on the node, and pulling is forbidden */
    VCLUSTER_REASON_IMAGE_PLATFORM = 76,   /**< the image is for other machines */
    VCLUSTER_REASON_IMAGE_PULL = 77,       /**< the pull fails otherwise */

    VCLUSTER_REASON_VOLUME_NO_CLASS = 90,      /**< no StorageClass, and no default one */
    VCLUSTER_REASON_VOLUME_CLASS_MISSING = 91, /**< the StorageClass does not exist */
    VCLUSTER_REASON_VOLUME_PROVISIONER = 92,   /**< the provisioner fails or is missing */
    VCLUSTER_REASON_VOLUME_UNBOUND = 93,       /**< the claim waits for a volume */
    VCLUSTER_REASON_VOLUME_LOST = 94,          /**< the claim's volume is gone */
    VCLUSTER_REASON_VOLUME_MOUNT = 95,         /**< the volume cannot be attached or mounted */
    VCLUSTER_REASON_CLAIM_MISSING = 96,        /**< the claim is missing */

    VCLUSTER_REASON_CONFIG_MISSING = 110,   /**< a Secret, ConfigMap or key is missing */
    VCLUSTER_REASON_CONTAINER_CREATE = 111, /**< the container cannot be made or started */
    VCLUSTER_REASON_SANDBOX = 112,          /**< the node cannot set up the pod's network */
    VCLUSTER_REASON_CRASH = 113,            /**< a container ends again and again */
    VCLUSTER_REASON_OUT_OF_MEMORY = 114,    /**< a container was killed for its memory */
    VCLUSTER_REASON_INIT_FAILED = 115,      /**< an init container ends again and again */
    VCLUSTER_REASON_PROBE_FAILING = 116,    /**< a container runs and fails its probes */

    VCLUSTER_REASON_LICENCE = 130,             /**< the configuration needs upstream's licence */
    VCLUSTER_REASON_RBAC = 131,                /**< the control plane lacks a right on the host */
    VCLUSTER_REASON_DNS = 132,                 /**< a name cannot be resolved */
    VCLUSTER_REASON_CONFIG_INVALID = 133,      /**< it refuses its configuration at start */
    VCLUSTER_REASON_CERTIFICATE_EXPIRED = 134, /**< a certificate has expired */
    VCLUSTER_REASON_CERTIFICATE_INVALID = 135, /**< a certificate is not trusted or for others */
    VCLUSTER_REASON_PORT_IN_USE = 136,         /**< its port is taken inside the pod or host */
    VCLUSTER_REASON_STORE_UNREACHABLE = 137,   /**< etcd or the database does not answer */
    VCLUSTER_REASON_DISK_FULL = 138            /**< no space is left on its volume */
} vcluster_reason;

/** How sure a cause is. */
typedef enum vcluster_certainty {
    VCLUSTER_CERTAINTY_POSSIBLE = 1, /**< it would explain what is seen */
    VCLUSTER_CERTAINTY_LIKELY = 2,   /**< the objects point to it */
    VCLUSTER_CERTAINTY_CERTAIN = 3   /**< the objects say so */
} vcluster_certainty;

/** Code of a reason, such as "image-not-found"; "unknown" for a value that is none. A constant.
 * Non-blocking. Thread-safe. @since 0.1 */
VCLUSTER_API const char *vcluster_reason_code(int reason);

/** Name of a ::vcluster_certainty: "possible", "likely", "certain"; "unknown" for a value that is
 * none. A constant. Non-blocking. Thread-safe. @since 0.1 */
VCLUSTER_API const char *vcluster_certainty_name(int certainty);

/** What was found out about one virtual cluster. Immutable; freed with vcluster_diagnosis_free().
 */
typedef struct vcluster_diagnosis vcluster_diagnosis;

/** One possible cause. Borrowed from the diagnosis it came with, as are all its texts. */
typedef struct vcluster_cause vcluster_cause;

/**
 * Find out why a virtual cluster is not ready.
 *
 * Looks once at its workload, pods, events, volume claims and namespace, and at nodes, storage
 * classes and the last lines of a log where those tell more; changes nothing. One whose containers
 * began less than 30 s ago is asked itself, through its kubeconfig Secret and a tunnel, since the
 * host may not have probed it yet; without the rights for that it goes by the host. A virtual
 * cluster that does not exist is a diagnosis too (::VCLUSTER_REASON_NOT_FOUND), for the most
 * frequent cause is a wrong context. vcluster_instance_wait(), vcluster_instance_ensure() and
 * vcluster_instance_create() use the same rules, and fail with the first certain cause that
 * waiting does not mend: its code is the rule of the error's finding.
 *
 * @param client   host cluster
 * @param name     name of the virtual cluster
 * @param options  NULL for defaults
 * @param[out] out_diagnosis  freed with vcluster_diagnosis_free()
 * @param[out] error          may be NULL
 * @return 0. Expected: PERMISSION (pods and workloads may not be read), PRECONDITION (several
 *         namespaces have the name), UNAUTHENTICATED, UNAVAILABLE, TIMEOUT, CANCELLED.
 *
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/why.c why
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_why(vcluster_client *client,
                                                          const char *name,
                                                          const vcluster_instance_options *options,
                                                          vcluster_diagnosis **out_diagnosis,
                                                          vcluster_error **error);

/** Free a diagnosis; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_diagnosis_free(vcluster_diagnosis *diagnosis);

/** Whether the virtual cluster is ready: then there are no causes. @since 0.1 */
VCLUSTER_API bool vcluster_diagnosis_ready(const vcluster_diagnosis *diagnosis);

/** Host namespace that was looked into. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_diagnosis_namespace(const vcluster_diagnosis *diagnosis);

/** What could not be looked at, such as "events may not be read"; "" when nothing is missing.
 * Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_diagnosis_note(const vcluster_diagnosis *diagnosis);

/** Number of causes; at least one unless it is ready. @since 0.1 */
VCLUSTER_API size_t vcluster_diagnosis_size(const vcluster_diagnosis *diagnosis);

/** Cause number @p index, the best one first, or NULL. Borrowed. @since 0.1 */
VCLUSTER_API const vcluster_cause *vcluster_diagnosis_at(const vcluster_diagnosis *diagnosis,
                                                         size_t index);

/** The diagnosis as a JSON object, freed with vcluster_free(). @return 0 or NO_MEMORY. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_diagnosis_to_json(const vcluster_diagnosis *diagnosis,
                                                               char **out_json,
                                                               vcluster_error **error);

/** The ::vcluster_reason. @since 0.1 */
VCLUSTER_API int vcluster_cause_reason(const vcluster_cause *cause);

/** The ::vcluster_certainty. @since 0.1 */
VCLUSTER_API int vcluster_cause_certainty(const vcluster_cause *cause);

/** The ::vcluster_status that a waiting call fails with because of this. @since 0.1 */
VCLUSTER_API int vcluster_cause_status(const vcluster_cause *cause);

/** What is wrong, as one sentence. @since 0.1 */
VCLUSTER_API const char *vcluster_cause_message(const vcluster_cause *cause);

/** The object it is about, such as "Pod/dev-0" or "PersistentVolumeClaim/data-dev-0". @since 0.1 */
VCLUSTER_API const char *vcluster_cause_object(const vcluster_cause *cause);

/** The container of the pod, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_cause_container(const vcluster_cause *cause);

/** The event that says so, as "REASON: MESSAGE", or "". @since 0.1 */
VCLUSTER_API const char *vcluster_cause_event(const vcluster_cause *cause);

/** What else shows it: a line of a log, the message of a condition; or "". @since 0.1 */
VCLUSTER_API const char *vcluster_cause_evidence(const vcluster_cause *cause);

/** What to do. @since 0.1 */
VCLUSTER_API const char *vcluster_cause_remedy(const vcluster_cause *cause);

/** Whether it may pass by itself, without anyone changing anything. @since 0.1 */
VCLUSTER_API bool vcluster_cause_waiting_helps(const vcluster_cause *cause);

VCLUSTER_END_DECLS

#endif
