/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file audit.h
 * Audits: what lies on a host and belongs to no living virtual cluster, and its removal.
 */
#ifndef LIBVCLUSTER_AUDIT_H
#define LIBVCLUSTER_AUDIT_H

#include <libvcluster/plan.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_audit(). */
typedef struct vcluster_audit_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress; /**< told of each removal */
    void *user_data;
    /** Look only into this namespace, and at nothing cluster-scoped but itself; NULL: everywhere.
     */
    const char *namespace_name;
    /** What is younger is left out, since somebody may be about to make a virtual cluster of it;
     * 0: 600; -1: nothing is left out. Ages are told by the clock of this machine. */
    int64_t grace_s;
    uint64_t remove;      /**< 1: remove what is found, but for what holds data */
    uint64_t volumes_too; /**< 1: with remove, also volume claims, volumes, and the namespaces that
                               hold any: their data is lost */
} vcluster_audit_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_AUDIT_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(vcluster_audit_options)                                              \
    }

/**
 * Find what virtual clusters left behind on a host, and remove it if asked.
 *
 * A virtual cluster lives while it has a workload, paused or not, or an operation is at work on its
 * release record. Found are objects of its chart (also ClusterRoles and their bindings), volume
 * claims, release records without a workload, kubeconfig Secrets, what a syncer marked, and
 * namespaces that the library or upstream's CLI made. What cannot be attributed for certain counts
 * as owned. What is being deleted already is left out.
 *
 * The plan's operation is "audit". An object that stays is a change LEAK, of impact DATALOSS where
 * its removal would lose data, REFUSED where it must not be removed or could not be; one that was
 * removed is REMOVE: its deletion was asked for, under its uid, and not waited for.
 *
 * @param options  NULL for defaults
 * @param[out] out_plan  freed with vcluster_plan_free()
 * @return 0, also when something was found. If any list fails nothing is removed. Expected:
 *         PERMISSION (the lists of all kinds must be allowed), UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/audit.c audit
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_audit(vcluster_client *client,
                                                   const vcluster_audit_options *options,
                                                   vcluster_plan **out_plan,
                                                   vcluster_error **error);

VCLUSTER_END_DECLS

#endif
