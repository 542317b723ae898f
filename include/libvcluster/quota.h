/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quota.h
 * Quota: whether objects fit into what ResourceQuotas and LimitRanges leave; the quota of a tenant;
 * who uses how much.
 */
#ifndef LIBVCLUSTER_QUOTA_H
#define LIBVCLUSTER_QUOTA_H

#include <libvcluster/chart.h>
#include <libvcluster/client.h>
#include <libvcluster/config.h>
#include <libvcluster/instance.h>
#include <libvcluster/report.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_quota_fits() and vcluster_instance_fits(). */
typedef struct vcluster_fits_options {
    size_t struct_size;            /**< set by ::VCLUSTER_FITS_OPTIONS_INIT */
    int64_t timeout_ms;            /**< 0: default of the client, -1: none */
    vcluster_cancel *cancel;       /**< may be NULL; must outlive the call */
    vcluster_progress_fn progress; /**< may be NULL */
    void *user_data;               /**< handed to progress */
    const char *namespace_name;    /**< host namespace; NULL: wherever it is. Live only */
    int64_t nodes; /**< pods of a DaemonSet; 0: nodes of the host, or 1 where no host is asked */
} vcluster_fits_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_FITS_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(vcluster_fits_options)                                               \
    }

/**
 * Whether objects would be admitted into a namespace with quotas and limit ranges, decided as the
 * API server does: one after the other in the order of the text, limit ranges first, what was
 * admitted being used up for the rest. Workloads count by the pods and claims that become of them.
 * Nothing is sent anywhere.
 *
 * Findings have the path "KIND/NAME" and one of the rules "quota-exceeded", "quota-unspecified" (a
 * quota counts what a container does not set) and "limit-range". No finding: everything fits. A
 * warning "limit-range-order" says that several limit ranges have different defaults for a pod:
 * the API server takes any of them, here it is the first.
 *
 * @param constraints  ResourceQuotas and LimitRanges as YAML documents, as a List or as JSON;
 *                     `status.used` counts where it is there; other kinds are passed over
 * @param manifests    the objects, in the same forms
 * @param config       values of the virtual cluster that they are meant for: only what it copies
 *                     counts on its host. NULL: they go into the namespace itself
 * @param options      may be NULL
 * @param[out] out_report  freed with vcluster_report_free()
 * @return 0. Expected: CONFIG (text that cannot be read, with the line), INVALID_ARGUMENT (a
 * quantity that is none). Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_quota_fits(const char *constraints,
                                                        const char *manifests,
                                                        const vcluster_config *config,
                                                        const vcluster_fits_options *options,
                                                        vcluster_report **out_report,
                                                        vcluster_error **error);

/**
 * Whether objects would fit into a virtual cluster, as vcluster_quota_fits() with the quotas and
 * limit ranges of its host namespace, what is used of them now, and its sync rules. Quotas inside
 * of it are the business of its own API server.
 *
 * One more finding, of severity info, says where nothing at all is copied ("not-copied": the
 * embedded control plane); the objects are counted as upstream would copy them. Of severity
 * warning: the nodes of the host may not be listed ("nodes-unknown"; a DaemonSet counts one pod).
 *
 * @param name  of the virtual cluster
 * @return 0. Expected: as vcluster_quota_fits(); NOT_FOUND, PERMISSION, TIMEOUT, UNAVAILABLE.
 * Blocking: five requests, most of them at once. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_fits(vcluster_client *client,
                                                           const char *name,
                                                           const char *manifests,
                                                           const vcluster_fits_options *options,
                                                           vcluster_report **out_report,
                                                           vcluster_error **error);

/**
 * Set the values of a tenant's virtual cluster from a document such as
 *
 *     kind: TeamCluster
 *     metadata: {name: team-payments}
 *     spec:
 *       team: payments
 *       kubernetesVersion: "1.35"
 *       resourceQuota: {cpu: "8", memory: 16Gi, pods: 50}
 *
 * ResourceQuota, LimitRange and network policies are switched on. The quota is what the team may
 * use, and on top of it what the control plane itself uses, so that there is always room for it.
 * "cpu", "memory" and "ephemeral-storage" are what the team may request; its limits may be twice
 * that, as in upstream's defaults, unless "limits.cpu" says otherwise. Any other key of a
 * ResourceQuota is allowed; of "pods" and "count/pods", which count the same, the one that is not
 * given is taken out of the chart's defaults. `preset: small`, `medium` or `large` stands for a
 * quota, which resourceQuota changes. The network policies close link-local addresses, too (where
 * clouds hand out credentials of the node); `networkIsolation: false` leaves policies alone.
 *
 * On a running virtual cluster vcluster_instance_ensure() puts the values into force.
 *
 * @param config  changed; untouched on failure
 * @param tenant  the document as YAML or JSON
 * @param chart   chart whose control plane it will be: its needs are read from its manifests.
 *                NULL: those of upstream's chart, as far as the library knows it
 * @param[out] out_name  metadata.name, or else the team: a name for the virtual cluster; freed with
 *                       vcluster_free(); may be NULL
 * @return 0. Expected: CONFIG, with everything that is wrong as findings (unknown keys with the
 * nearest known one, negative and absurd quantities). Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_config_set_tenant(vcluster_config *config,
                                                               const char *tenant,
                                                               const vcluster_chart *chart,
                                                               char **out_name,
                                                               vcluster_error **error);

/** What quotas allow in the namespace of a virtual cluster, and what is used. Immutable. */
typedef struct vcluster_usage vcluster_usage;

/** One resource of one quota. Borrowed from its ::vcluster_usage, as its strings are; amounts are
 * Kubernetes quantities ("1500m", "16Gi"). */
typedef struct vcluster_usage_entry vcluster_usage_entry;

/**
 * What the ResourceQuotas in the host namespace of a virtual cluster allow, what is used of it, and
 * by whom. Used and hard amounts are those that the API server's controllers have counted.
 *
 * @param name     of the virtual cluster
 * @param options  may be NULL
 * @param[out] out_usage  freed with vcluster_usage_free(); without entries where there is no quota
 * @return 0. Expected: NOT_FOUND, PERMISSION, TIMEOUT, UNAVAILABLE. Blocking: ten requests, most of
 * them at once. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_usage(vcluster_client *client,
                        const char *name,
                        const vcluster_instance_options *options,
                        vcluster_usage **out_usage,
                        vcluster_error **error);

/** Free it with its entries; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_usage_free(vcluster_usage *usage);

/** Number of entries: one for each resource of each quota. @since 0.1 */
VCLUSTER_API size_t vcluster_usage_size(const vcluster_usage *usage);

/** Entry number @p index, or NULL. @since 0.1 */
VCLUSTER_API const vcluster_usage_entry *vcluster_usage_at(const vcluster_usage *usage,
                                                           size_t index);

/** Name of the ResourceQuota. @since 0.1 */
VCLUSTER_API const char *vcluster_usage_entry_quota(const vcluster_usage_entry *entry);

/** The resource, such as "requests.cpu" or "count/pods". @since 0.1 */
VCLUSTER_API const char *vcluster_usage_entry_resource(const vcluster_usage_entry *entry);

/** What is allowed. @since 0.1 */
VCLUSTER_API const char *vcluster_usage_entry_hard(const vcluster_usage_entry *entry);

/** What is used, by all together. @since 0.1 */
VCLUSTER_API const char *vcluster_usage_entry_used(const vcluster_usage_entry *entry);

/** What pods, claims, Services, Secrets and ConfigMaps use of it that were not copied from inside:
 * those of the control plane, and whatever else is in its namespace. @since 0.1 */
VCLUSTER_API const char *vcluster_usage_entry_control_plane(const vcluster_usage_entry *entry);

/** What is left; "0" where more is used than allowed. @since 0.1 */
VCLUSTER_API const char *vcluster_usage_entry_left(const vcluster_usage_entry *entry);

/**
 * Print it as JSON: {"resources": [{"quota", "resource", "hard", "used", "controlPlane", "left"}],
 * "objects": [{"kind", "namespace", "name", "hostName", "uses": {...}}]}, the objects being those
 * of the virtual cluster that were copied to the host, with their names inside.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_usage_to_json(const vcluster_usage *usage, char **out_json, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
