/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file plan.h
 * Plans: what an ensure or a delete would do, change by change, without doing it.
 */
#ifndef LIBVCLUSTER_PLAN_H
#define LIBVCLUSTER_PLAN_H

#include <libvcluster/instance.h>

VCLUSTER_BEGIN_DECLS

/** What an operation would do. Immutable; freed with vcluster_plan_free(). */
typedef struct vcluster_plan vcluster_plan;

/** One change of a plan. Borrowed from it. */
typedef struct vcluster_change vcluster_change;

/** What becomes of the object of a change. */
typedef enum vcluster_action {
    VCLUSTER_ACTION_ADD = 1,    /**< it is made */
    VCLUSTER_ACTION_MODIFY = 2, /**< one of its fields, see vcluster_change_path() */
    VCLUSTER_ACTION_REMOVE = 3, /**< it goes */
    VCLUSTER_ACTION_KEEP = 4,   /**< it stays, on purpose */
    VCLUSTER_ACTION_LEAK = 5    /**< it would be left behind */
} vcluster_action;

/** What a change means for whoever uses the virtual cluster, from harmless to impossible. */
typedef enum vcluster_impact {
    VCLUSTER_IMPACT_NONE = 1,     /**< it has no effect */
    VCLUSTER_IMPACT_LIVE = 2,     /**< it takes effect without an interruption */
    VCLUSTER_IMPACT_RESTART = 3,  /**< the control plane restarts */
    VCLUSTER_IMPACT_DATALOSS = 4, /**< data is lost */
    VCLUSTER_IMPACT_REFUSED = 5   /**< the library or the host refuses it */
} vcluster_impact;

/** Free a plan and its changes; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_plan_free(vcluster_plan *plan);

/** What would be done: "create", "complete" (an unfinished creation), "upgrade", "none", "delete",
 * "audit" or "adopt". Borrowed, as all strings of a plan. @since 0.1 */
VCLUSTER_API const char *vcluster_plan_operation(const vcluster_plan *plan);

/** The gravest ::vcluster_impact of its changes; 0 without any. @since 0.1 */
VCLUSTER_API int vcluster_plan_impact(const vcluster_plan *plan);

/** Number of changes. @since 0.1 */
VCLUSTER_API size_t vcluster_plan_size(const vcluster_plan *plan);

/** Change number @p index, or NULL. @since 0.1 */
VCLUSTER_API const vcluster_change *vcluster_plan_at(const vcluster_plan *plan, size_t index);

/** The ::vcluster_action. @since 0.1 */
VCLUSTER_API int vcluster_change_action(const vcluster_change *change);

/** The ::vcluster_impact. @since 0.1 */
VCLUSTER_API int vcluster_change_impact(const vcluster_change *change);

/** apiVersion of the object; "" where the change is one of the values. @since 0.1 */
VCLUSTER_API const char *vcluster_change_api_version(const vcluster_change *change);

/** Kind of the object, or "Values". @since 0.1 */
VCLUSTER_API const char *vcluster_change_kind(const vcluster_change *change);

/** Namespace of the object, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_change_namespace(const vcluster_change *change);

/** Name of the object. @since 0.1 */
VCLUSTER_API const char *vcluster_change_name(const vcluster_change *change);

/** The field, such as ".spec.replicas", or "" for the whole object. @since 0.1 */
VCLUSTER_API const char *vcluster_change_path(const vcluster_change *change);

/** The field as it is, as JSON, or "" where there is none. Contents of Secrets are never told.
 * @since 0.1 */
VCLUSTER_API const char *vcluster_change_before(const vcluster_change *change);

/** The field as it would be, as JSON, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_change_after(const vcluster_change *change);

/** Why, for a person; what the host said of a refused one. @since 0.1 */
VCLUSTER_API const char *vcluster_change_reason(const vcluster_change *change);

/** Name of a ::vcluster_action, such as "modify". A constant string. @since 0.1 */
VCLUSTER_API const char *vcluster_action_name(int action);

/** Name of a ::vcluster_impact: "none", "live", "restart", "dataloss", "refused". A constant
 * string.
 * @since 0.1 */
VCLUSTER_API const char *vcluster_impact_name(int impact);

/**
 * Print a plan as JSON: {"operation", "origin", "impact", "changes": [{"action", "impact",
 * "apiVersion", "kind", "namespace", "name", "path", "before", "after", "reason"}]}; what is empty
 * is left out.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_plan_to_json(const vcluster_plan *plan, char **out_json, vcluster_error **error);

/**
 * Print a plan for a person: a line for each object, the changed fields below it.
 *
 * @param[out] out_text  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_plan_to_text(const vcluster_plan *plan, char **out_text, vcluster_error **error);

/**
 * Tell what vcluster_instance_ensure() with the same arguments would do; nothing is changed.
 *
 * Each object is sent to the host as a dry run, so that what admission refuses is a change of
 * impact REFUSED; in a namespace that does not exist yet nothing can be tried. A plan with such a
 * change is a success of this call.
 *
 * @param options  as for the ensure; no_wait, atomic and resume change nothing
 * @param[out] out_plan  freed with vcluster_plan_free()
 * @return 0. Expected: as vcluster_instance_ensure() before it touches anything.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_plan(vcluster_client *client,
                                                           const char *name,
                                                           const vcluster_config *config,
                                                           const vcluster_ensure_options *options,
                                                           vcluster_plan **out_plan,
                                                           vcluster_error **error);

/**
 * Tell what vcluster_instance_delete() with the same arguments would do; nothing is changed.
 *
 * Changes are REMOVE (of impact DATALOSS for volumes), KEEP, and LEAK: what carries the marks of
 * the virtual cluster and would be left behind, for vcluster_audit() to remove afterwards. With
 * leftovers_too those are REMOVE, but for what has to stay: the reason says why. One that is
 * protected, or that Argo CD or Flux makes, has a change of impact REFUSED on its workload.
 *
 * @param options  as for the delete; no_wait changes nothing. NULL for defaults
 * @param[out] out_plan  freed with vcluster_plan_free(); operation "none" where missing_ok is set
 *                       and there is nothing
 * @return 0. Expected: NOT_FOUND, PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_plan_delete(vcluster_client *client,
                              const char *name,
                              const vcluster_delete_options *options,
                              vcluster_plan **out_plan,
                              vcluster_error **error);

VCLUSTER_END_DECLS

#endif
