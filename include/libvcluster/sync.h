/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file sync.h
 * Sync rules: what a configuration copies from a virtual cluster to its host and back, rule by
 * rule; and how objects are named on the host.
 */
#ifndef LIBVCLUSTER_SYNC_H
#define LIBVCLUSTER_SYNC_H

#include <libvcluster/check.h>
#include <libvcluster/plan.h>

VCLUSTER_BEGIN_DECLS

/** What a configuration says of a rule. */
typedef enum vcluster_sync_state {
    VCLUSTER_SYNC_OFF = 1, /**< nothing is copied */
    VCLUSTER_SYNC_ON = 2,  /**< objects are copied */
    VCLUSTER_SYNC_AUTO = 3 /**< on where another key needs it: vcluster_sync_rule_active() */
} vcluster_sync_state;

/** Name of a ::vcluster_sync_state: "off", "on", "auto". A constant string. @since 0.1 */
VCLUSTER_API const char *vcluster_sync_state_name(int state);

/** The rules of one configuration. Immutable; freed with vcluster_sync_rules_free(). */
typedef struct vcluster_sync_rules vcluster_sync_rules;

/** One rule. Borrowed from its rules, as are all its texts. */
typedef struct vcluster_sync_rule vcluster_sync_rule;

/**
 * Read the sync rules of a configuration.
 *
 * The rules are those of the chart's values.yaml (keys of `sync.toHost` and `sync.fromHost`, and
 * what customResources name): a version of the chart with more of them needs no other version of
 * this library, which then has no more to say of them than the chart's schema does. The embedded
 * control plane copies nothing, and its chart has no rules of its own: those of upstream's chart
 * VCLUSTER_UPSTREAM_CHART_VERSION are told for it, as without a chart.
 *
 * @param chart           NULL for what the library knows of VCLUSTER_UPSTREAM_CHART_VERSION
 * @param config          the user's values, or NULL for defaults
 * @param[out] out_rules  freed with vcluster_sync_rules_free()
 * @return 0. Expected: CONFIG (a rule that is neither on, off nor auto; all findings).
 * Non-blocking. Thread-safe. @since 0.1
 * @snippet examples/sync.c sync
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_sync_rules_new(const vcluster_chart *chart,
                                                            const vcluster_config *config,
                                                            vcluster_sync_rules **out_rules,
                                                            vcluster_error **error);

/** Free rules; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_sync_rules_free(vcluster_sync_rules *rules);

/** Number of rules. @since 0.1 */
VCLUSTER_API size_t vcluster_sync_rules_size(const vcluster_sync_rules *rules);

/** Rule number @p index: those of toHost first, each in the order of the chart; or NULL.
 * @since 0.1 */
VCLUSTER_API const vcluster_sync_rule *vcluster_sync_rules_at(const vcluster_sync_rules *rules,
                                                              size_t index);

/**
 * Find a rule by any usual spelling of its kind: "pvc", "PersistentVolumeClaim",
 * "persistentvolumeclaims".
 *
 * @param direction      "toHost", "fromHost", or NULL where only one has the kind
 * @param[out] out_rule  borrowed from the rules
 * @return 0. Expected: INVALID_ARGUMENT (both directions have it; no such direction), NOT_FOUND
 *         (the message names the nearest). Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_sync_rules_find(const vcluster_sync_rules *rules,
                                                             const char *direction,
                                                             const char *resource,
                                                             const vcluster_sync_rule **out_rule,
                                                             vcluster_error **error);

/** All rules as a JSON array of objects: direction, resource, kind, path, state, default, active,
 * settings, rights, licence, description. Freed with vcluster_free(). @return 0 or NO_MEMORY.
 * @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_sync_rules_to_json(const vcluster_sync_rules *rules,
                                                                char **out_json,
                                                                vcluster_error **error);

/** "toHost" or "fromHost". @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_direction(const vcluster_sync_rule *rule);

/** The key: "persistentVolumeClaims", "gatewayApi.httpRoutes",
 * "customResources.certificates.cert-manager.io". @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_resource(const vcluster_sync_rule *rule);

/** Kind of the objects, such as "Pod", or "" where it is not known. @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_kind(const vcluster_sync_rule *rule);

/** Path in the values, such as "sync.toHost.pods"; dots inside a key are escaped as `--set` wants
 * them. @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_path(const vcluster_sync_rule *rule);

/** The ::vcluster_sync_state. @since 0.1 */
VCLUSTER_API int vcluster_sync_rule_state(const vcluster_sync_rule *rule);

/** The ::vcluster_sync_state without the user's values; 0 for one that only they have. @since 0.1
 */
VCLUSTER_API int vcluster_sync_rule_default(const vcluster_sync_rule *rule);

/** Whether objects are copied: the state, with auto decided. @since 0.1 */
VCLUSTER_API bool vcluster_sync_rule_active(const vcluster_sync_rule *rule);

/** Everything else that is set for the rule (selector, mappings, patches, ...) as a JSON object.
 * @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_settings(const vcluster_sync_rule *rule);

/** Rights on the whole host that an active rule needs, such as "get, list, watch nodes"; "" where
 * those in its namespace do. @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_rights(const vcluster_sync_rule *rule);

/** The licence of upstream that an active rule needs: "free" (a login), "scale" (a paid tier), or
 * "". @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_licence(const vcluster_sync_rule *rule);

/** What the rule does, in one line. @since 0.1 */
VCLUSTER_API const char *vcluster_sync_rule_description(const vcluster_sync_rule *rule);

/**
 * Switch a rule on or off, and change its settings, in a configuration. The exact key is written,
 * whatever the spelling.
 *
 * @param config    changed; untouched on failure
 * @param chart     as in vcluster_sync_rules_new()
 * @param direction as in vcluster_sync_rules_find()
 * @param resource  as there; "customResources.PLURAL.GROUP" and "PLURAL.GROUP" make a new rule
 * @param state     a ::vcluster_sync_state, or 0 to leave it
 * @param settings  a JSON object that is merged into the rule's, such as
 *                  {"selector":{"all":true}}; NULL for none
 * @return 0. Expected: NOT_FOUND, INVALID_ARGUMENT (no object; auto for a rule that has none).
 * Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_sync_set(vcluster_config *config,
                                                      const vcluster_chart *chart,
                                                      const char *direction,
                                                      const char *resource,
                                                      int state,
                                                      const char *settings,
                                                      vcluster_error **error);

/**
 * Compare what two configurations copy: one change for each rule that starts (ADD) or stops
 * (REMOVE) to copy or is set otherwise (MODIFY), of kind "Values" with the key as its path; and
 * with a chart, one for each right on the host that the control plane gets or loses, of kind "Role"
 * (in its namespace) or "ClusterRole" (on the whole host), named by the resource.
 *
 * @param chart    as in vcluster_sync_rules_new(); NULL tells no rights
 * @param before   values, or NULL for defaults: the user's, or those of vcluster_instance_config()
 * @param after    the same
 * @param options  name, namespace_name and kubernetes_version count; NULL for defaults
 * @param[out] out_plan  freed with vcluster_plan_free(); its operation is "upgrade" or "none"
 * @return 0. Expected: CONFIG (a rule is neither on nor off, the chart refuses the values).
 * Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_sync_diff(const vcluster_chart *chart,
                                                       const vcluster_config *before,
                                                       const vcluster_config *after,
                                                       const vcluster_check_options *options,
                                                       vcluster_plan **out_plan,
                                                       vcluster_error **error);

/**
 * Change the rules of a running virtual cluster and wait until they are in force: its control plane
 * has started with them and answers. The values are laid over those that it runs with, checked as
 * by vcluster_config_check(), and refused before anything is touched if there is an error.
 *
 * @param config             what is to change, such as vcluster_sync_set() makes of an empty one
 * @param options            as in vcluster_instance_ensure()
 * @param[out] out_instance  freed with vcluster_instance_free(); may be NULL
 * @return 0. Expected: NOT_FOUND (there is no such virtual cluster: none is made), CONFIG (with all
 *         findings), and those of vcluster_instance_ensure().
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_sync_apply(vcluster_client *client,
                                                        const char *name,
                                                        const vcluster_config *config,
                                                        const vcluster_ensure_options *options,
                                                        vcluster_instance **out_instance,
                                                        vcluster_error **error);

/**
 * Read the values that a virtual cluster runs with: its chart's defaults with the user's on them.
 *
 * @param options          as in vcluster_instance_get()
 * @param[out] out_config  freed with vcluster_config_free()
 * @return 0. Expected: NOT_FOUND, PERMISSION, PROTOCOL (they cannot be read), UNAVAILABLE, TIMEOUT,
 *         CANCELLED. Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_config(vcluster_client *client,
                         const char *name,
                         const vcluster_instance_options *options,
                         vcluster_config **out_config,
                         vcluster_error **error);

/**
 * List the objects on the host that stand for objects of a virtual cluster, told by upstream's
 * label and annotations: a JSON array of {"apiVersion", "kind", "namespace", "name",
 * "virtualNamespace", "virtualName", "note"}, ordered by kind and virtual name. A note that is not
 * "" says why one is not what it seems: a copy that another controller made, a name that the rule
 * does not give, a second object for the same one inside. Kinds of the whole host that the user may
 * not list are left out, and so are the endpoints that the host itself makes of a copied Service.
 *
 * @param options        as in vcluster_instance_get()
 * @param[out] out_json  freed with vcluster_free()
 * @return 0. Expected: NOT_FOUND, PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_host_objects(vcluster_client *client,
                               const char *name,
                               const vcluster_instance_options *options,
                               char **out_json,
                               vcluster_error **error);

/**
 * The name on the host of an object of a virtual cluster, by upstream's rule: at most 63 bytes, cut
 * and hashed where it would be longer. The way back is by annotations only
 * (vcluster_instance_host_objects()): different objects may have names that look alike.
 *
 * @param vcluster_name     name of the virtual cluster
 * @param host_namespace    its host namespace; used for cluster-scoped kinds only
 * @param kind              such as "Pod"
 * @param namespace_name    in the virtual cluster; NULL for cluster-scoped kinds
 * @param name              in the virtual cluster
 * @param[out] out_name     freed with vcluster_free()
 * @return 0, INVALID_ARGUMENT or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_host_name(const char *vcluster_name,
                                                       const char *host_namespace,
                                                       const char *kind,
                                                       const char *namespace_name,
                                                       const char *name,
                                                       char **out_name,
                                                       vcluster_error **error);

VCLUSTER_END_DECLS

#endif
