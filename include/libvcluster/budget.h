/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file budget.h
 * Budgets: what all virtual clusters of a host are promised together, against what there is; and
 * whether one more fits, before it is made.
 */
#ifndef LIBVCLUSTER_BUDGET_H
#define LIBVCLUSTER_BUDGET_H

#include <libvcluster/chart.h>
#include <libvcluster/client.h>
#include <libvcluster/config.h>
#include <libvcluster/report.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_budget_read() and vcluster_budget_admit(). */
typedef struct vcluster_budget_options {
    size_t struct_size;            /**< set by ::VCLUSTER_BUDGET_OPTIONS_INIT */
    int64_t timeout_ms;            /**< 0: default of the client, -1: none */
    vcluster_cancel *cancel;       /**< may be NULL; must outlive the call */
    vcluster_progress_fn progress; /**< may be NULL */
    void *user_data;               /**< handed to progress */
    /** What all virtual clusters together may be promised, as a map in YAML or JSON: {cpu: 64,
     * memory: 256Gi, pods: 500}. NULL: what the nodes of the host have for pods. */
    const char *budget;
    /** How much of what the nodes have may be promised, in percent, at most 1000; 0: 100. Not with
     * a budget. */
    int64_t overcommit_percent;
    /** Of vcluster_budget_admit(): the virtual cluster that is to be made. One of that name that is
     * there is not counted: it is changed. May be NULL. */
    const char *name;
    /** Its host namespace; NULL: wherever it is. */
    const char *namespace_name;
} vcluster_budget_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_BUDGET_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_budget_options)                                             \
    }

/** What there is of each resource, and who is promised how much of it. Immutable. */
typedef struct vcluster_budget vcluster_budget;

/** One resource. Borrowed from its ::vcluster_budget, as its strings are; amounts are Kubernetes
 * quantities ("1500m", "16Gi"). */
typedef struct vcluster_budget_entry vcluster_budget_entry;

/**
 * What the virtual clusters of a host are promised.
 *
 * A virtual cluster is promised what the ResourceQuotas in its namespace allow: of several, the
 * least; those with scopes bind a part of its pods only and promise nothing. Of a resource that no
 * quota bounds, it counts with what its pods request now. Virtual clusters that share a namespace
 * share its promise.
 *
 * Nodes count that are ready, not cordoned, and without a taint NoSchedule or NoExecute. What pods
 * outside of virtual clusters request is taken from them.
 *
 * "cpu", "memory", "storage" and "ephemeral-storage" are what quotas call "requests.cpu", and so
 * on; "count/pods" is "pods".
 *
 * @param client   of a host; must be allowed to list across all namespaces
 * @param options  may be NULL
 * @param[out] out_budget  an entry for each resource of the budget; freed with
 *                         vcluster_budget_free()
 * @return 0. Expected: CONFIG (a budget that cannot be read, with all findings), PERMISSION,
 * TIMEOUT, CANCELLED, UNAVAILABLE. Blocking: six requests and, without a budget, one more, all at
 * once (further pages of long lists behind them). Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_budget_read(vcluster_client *client,
                                                         const vcluster_budget_options *options,
                                                         vcluster_budget **out_budget,
                                                         vcluster_error **error);

/**
 * Whether a virtual cluster with these values would still fit, before it is made. It asks for what
 * its ResourceQuota would allow; of a resource that this does not bound, for what its control plane
 * requests. Nothing is reserved: of two that ask at once, both may be told yes.
 *
 * Findings have a resource as their path, and one of these rules:
 *
 * - "budget-exceeded", an error: how much is asked for, promised and left, and who holds the most
 * - "quota-missing", a warning: nothing bounds what it uses of the resource
 * - "others-unbounded", a warning: there are virtual clusters that no quota bounds
 *
 * @param config   its values; NULL: none but the chart's
 * @param chart    its chart; NULL: upstream's, as far as the library knows it
 * @param options  may be NULL
 * @param[out] out_budget  as vcluster_budget_read(), with what is asked for and the findings
 * @return 0, whether it fits or not: see vcluster_budget_fits(). Expected: as
 * vcluster_budget_read(); PRECONDITION (the name stands in several namespaces). Blocking: the
 * requests of vcluster_budget_read(). Thread-safe. @since 0.1
 * @snippet examples/budget.c admit
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_budget_admit(vcluster_client *client,
                                                          const vcluster_config *config,
                                                          const vcluster_chart *chart,
                                                          const vcluster_budget_options *options,
                                                          vcluster_budget **out_budget,
                                                          vcluster_error **error);

/** Free it with its entries; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_budget_free(vcluster_budget *budget);

/** Number of resources. @since 0.1 */
VCLUSTER_API size_t vcluster_budget_size(const vcluster_budget *budget);

/** Entry number @p index, or NULL. @since 0.1 */
VCLUSTER_API const vcluster_budget_entry *vcluster_budget_at(const vcluster_budget *budget,
                                                             size_t index);

/** The resource, such as "requests.cpu" or "pods". @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_resource(const vcluster_budget_entry *entry);

/** What there is: the budget's, or what may be promised of the nodes. @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_total(const vcluster_budget_entry *entry);

/** What pods outside of virtual clusters request; "0" with a budget. @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_elsewhere(const vcluster_budget_entry *entry);

/** What the virtual clusters are promised. @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_promised(const vcluster_budget_entry *entry);

/** What they use of it now. @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_used(const vcluster_budget_entry *entry);

/** What is left to be promised; "0" where it is too much already. @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_left(const vcluster_budget_entry *entry);

/** What the new one asks for; "0" from vcluster_budget_read(). @since 0.1 */
VCLUSTER_API const char *vcluster_budget_entry_asked(const vcluster_budget_entry *entry);

/** Whether there is no error among the findings: what was asked for fits, or nothing was.
 * @since 0.1 */
VCLUSTER_API bool vcluster_budget_fits(const vcluster_budget *budget);

/** Number of findings of vcluster_budget_admit(). @since 0.1 */
VCLUSTER_API size_t vcluster_budget_finding_count(const vcluster_budget *budget);

/** Finding number @p index, or NULL. Borrowed. @since 0.1 */
VCLUSTER_API const vcluster_finding *vcluster_budget_finding_at(const vcluster_budget *budget,
                                                                size_t index);

/**
 * Print it as JSON: {"fits", "resources": [{"resource", "total", "elsewhere", "promised", "used",
 * "left", "asked"}], "clusters": [{"namespace", "names": [...], "promised": {...}, "used": {...},
 * "unbounded": [...]}], "findings": [...]}, the findings as vcluster_report_to_json() has them. Of
 * the clusters those stand in front that hold the most of the resource of which the smallest part
 * is left; "unbounded" are the resources that no quota bounds.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_budget_to_json(const vcluster_budget *budget, char **out_json, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
