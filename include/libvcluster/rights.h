/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file rights.h
 * The smallest role with which an operation can be carried out.
 */
#ifndef LIBVCLUSTER_RIGHTS_H
#define LIBVCLUSTER_RIGHTS_H

#include <libvcluster/chart.h>
#include <libvcluster/config.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_rights(). */
typedef struct vcluster_rights_options {
    size_t struct_size;
    /** The only host namespace to work in: what can be is a Role there. NULL: any, which takes a
     * ClusterRole, and a creation may make the namespace and a deletion remove it. */
    const char *namespace_name;
    const char *role_name;       /**< NULL: "vcluster-operator" */
    const vcluster_chart *chart; /**< whose objects are made; NULL: the embedded distribution's */
    /** Service account that the roles are bound to; NULL: no bindings are printed. */
    const char *service_account;
    const char *service_account_namespace; /**< NULL: namespace_name, else "default" */
} vcluster_rights_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RIGHTS_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_rights_options)                                             \
    }

/**
 * Print the smallest Role and ClusterRole with which operations can be carried out on the host, as
 * YAML for kubectl apply. Nothing is asked of any host.
 *
 * Operations are "list" (also get and watch), "wait", "why", "describe", "connect" (also tunnel,
 * kubeconfig, run), "endpoint", "create", "ensure" (also upgrades and sync rules; who makes a role
 * must hold what it grants, so that depends on the configuration), "pause", "resume", "extend",
 * "delete", "reap", "snapshot", "restore", "request-snapshot" (of upstream's control plane: also
 * what it was asked for, what is kept at a URL, and to delete that), "restore-from", "quota",
 * "adopt" (with the values and the chart it was made with; it looks at the objects of Argo CD, Flux
 * and Cluster API, too) and "audit" (always on the whole host, with the removal of what it finds);
 * and of pods of any kind "logs", "exec" and "port-forward".
 *
 * @param operations  names between spaces or commas, such as "create delete"
 * @param config      values of the virtual clusters that are made, or NULL for the defaults
 * @param options     NULL for defaults
 * @param[out] out_yaml  freed with vcluster_free()
 * @param[out] error     may be NULL
 * @return 0. Expected: INVALID_ARGUMENT (no such operation: the message lists them), CONFIG.
 * Non-blocking. Thread-safe. @since 0.1
 * @snippet examples/rights.c rights
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_rights(const char *operations,
                                                    const vcluster_config *config,
                                                    const vcluster_rights_options *options,
                                                    char **out_yaml,
                                                    vcluster_error **error);

VCLUSTER_END_DECLS

#endif
