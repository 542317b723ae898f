/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file quota.h
 * Quota: whether objects fit into what ResourceQuotas and LimitRanges leave.
 */
#ifndef LIBVCLUSTER_QUOTA_H
#define LIBVCLUSTER_QUOTA_H

#include <libvcluster/client.h>
#include <libvcluster/config.h>
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
 * quota counts what a container does not set) and "limit-range". No finding: everything fits.
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

VCLUSTER_END_DECLS

#endif
