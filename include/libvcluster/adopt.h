/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file adopt.h
 * Adoption: virtual clusters that others made, taken into the care of this library.
 */
#ifndef LIBVCLUSTER_ADOPT_H
#define LIBVCLUSTER_ADOPT_H

#include <libvcluster/plan.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_instance_adopt(). */
typedef struct vcluster_adopt_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress; /**< told of each object that is taken over */
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    /** The chart it was made from, for one without a Helm release; NULL: of the embedded
     * distribution the one in the library, else upstream's in the version that its labels name. */
    const vcluster_chart *chart;
    const char *chart_source;  /**< as in ::vcluster_ensure_options */
    const char *chart_version; /**< the same */
    int64_t ttl_s;             /**< it expires so many seconds from now; 0: as it is */
    int64_t expires_at;        /**< it expires then; 0: as it is */
    const char *owner;         /**< NULL: as it is; "": nobody */
    uint64_t dry_run;          /**< 1: tell what would be done, and change nothing */
    /** 1: also one that Argo CD, Flux or Cluster API makes: their marks are removed from its
     * objects. What would make it again must stand still (automated sync off, suspended, paused),
     * and stays. */
    uint64_t take_over;
    /** 1: where its objects differ from what its chart makes of its values, they are changed to
     * that, which may restart the control plane; 0: such a one is refused. */
    uint64_t align;
} vcluster_adopt_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_ADOPT_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(vcluster_adopt_options)                                              \
    }

/**
 * Put a virtual cluster that others made under the care of this library: one of upstream's CLI, of
 * Helm, of manifests that were applied, or of a controller that no longer looks after it.
 *
 * Afterwards upgrades, pauses and deletes work as on one's own, and an ensure with the values it
 * was made with finds nothing to do. Where there is a Helm release, it is marked. Where there is
 * none, one is recorded: what the chart makes of the values in Secret vc-config-NAME, which must be
 * what is there. It goes on running. A call that was cut short is completed by the same call; one
 * that is adopted already is a success.
 *
 * The plan tells what was done, or would be, and vcluster_plan_origin() who made it. With dry_run
 * what would be refused is a change of impact REFUSED; otherwise it is an error before anything is
 * touched.
 *
 * @param config    the values it was made with; NULL: as its release, or Secret vc-config-NAME, has
 *                  them, as far as they differ from the chart's
 * @param options   NULL for defaults
 * @param[out] out_plan  operation "adopt", or "none" where there is nothing to do; freed with
 *                       vcluster_plan_free(); may be NULL
 * @return 0. Expected: NOT_FOUND, PRECONDITION (a controller would undo it, it differs from its
 *         chart or its values, it is paused, another virtual cluster is in its namespace; with a
 *         finding for each), CONFLICT (somebody changes it at this moment), PERMISSION, TIMEOUT,
 *         CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/adopt.c adopt
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_adopt(vcluster_client *client,
                                                            const char *name,
                                                            const vcluster_config *config,
                                                            const vcluster_adopt_options *options,
                                                            vcluster_plan **out_plan,
                                                            vcluster_error **error);

/**
 * Who made the virtual cluster of an adoption's plan: "libvcluster", "cli" (upstream's), "helm",
 * "cluster-api", "argocd", "flux", or "manifests" that were applied; "" for other plans. A constant
 * string. @since 0.1
 */
VCLUSTER_API const char *vcluster_plan_origin(const vcluster_plan *plan);

VCLUSTER_END_DECLS

#endif
