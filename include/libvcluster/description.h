/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file description.h
 * Descriptions: everything that its host tells about one virtual cluster, read at one moment.
 */
#ifndef LIBVCLUSTER_DESCRIPTION_H
#define LIBVCLUSTER_DESCRIPTION_H

#include <libvcluster/diagnosis.h>
#include <libvcluster/endpoint.h>
#include <libvcluster/instance.h>
#include <libvcluster/quota.h>
#include <libvcluster/sync.h>

VCLUSTER_BEGIN_DECLS

/** What was found. Immutable; freed with vcluster_description_free(). What its functions give is
 * borrowed from it. */
typedef struct vcluster_description vcluster_description;

/** One container of the control plane. Borrowed from its description, as its texts are. */
typedef struct vcluster_component vcluster_component;

/**
 * Describe one virtual cluster: what a list tells, and who makes it, its release, its store, the
 * containers of its control plane, the ways that lead to it (not tried: see
 * vcluster_instance_endpoint()), what its quotas leave, what it copies to the host and back, the
 * values given by the user and those in force, and why it is not ready, if it is not.
 *
 * After the four lists of vcluster_instance_get() everything is asked for at once, some ten
 * requests; seven more tell why it is not ready, six more whose the used quota is. A part that the
 * user may not read is left out and named in the note.
 *
 * @param client   host cluster
 * @param name     name of the virtual cluster
 * @param options  NULL for defaults
 * @param[out] out_description  freed with vcluster_description_free()
 * @param[out] error            may be NULL
 * @return 0. Expected: NOT_FOUND, PRECONDITION (several namespaces have the name), PERMISSION
 *         (workloads may not be listed), UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/describe.c describe
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_describe(vcluster_client *client,
                           const char *name,
                           const vcluster_instance_options *options,
                           vcluster_description **out_description,
                           vcluster_error **error);

/** Free a description and all that was borrowed from it; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_description_free(vcluster_description *description);

/** What a list tells: name, namespace, status, readiness, versions, age, expiry, owner.
 * @since 0.1 */
VCLUSTER_API const vcluster_instance *
vcluster_description_instance(const vcluster_description *description);

/** Who makes it: "Argo CD", "Flux", "libvcluster", "Helm" (or what runs it: upstream's CLI, Cluster
 * API), or "" where it has no release record and nobody left a mark. @since 0.1 */
VCLUSTER_API const char *vcluster_description_maker(const vcluster_description *description);

/** Name of its chart, or "" without a release record. @since 0.1 */
VCLUSTER_API const char *vcluster_description_chart_name(const vcluster_description *description);

/** Version of its chart, or "". @since 0.1 */
VCLUSTER_API const char *
vcluster_description_chart_version(const vcluster_description *description);

/** Newest revision of its release, or 0 without a release record. @since 0.1 */
VCLUSTER_API int64_t vcluster_description_revision(const vcluster_description *description);

/** Status of that revision, such as "deployed", or "". @since 0.1 */
VCLUSTER_API const char *
vcluster_description_release_status(const vcluster_description *description);

/** Where its objects are kept: "SQLite", "embedded etcd", "deployed etcd", "external etcd",
 * "external database"; "" where the values may not be read. @since 0.1 */
VCLUSTER_API const char *vcluster_description_store(const vcluster_description *description);

/** Number of containers of the control plane. @since 0.1 */
VCLUSTER_API size_t vcluster_description_component_count(const vcluster_description *description);

/** Container number @p index in the order of pods, or NULL. @since 0.1 */
VCLUSTER_API const vcluster_component *
vcluster_description_component_at(const vcluster_description *description, size_t index);

/** Name of the container, such as "syncer". @since 0.1 */
VCLUSTER_API const char *vcluster_component_name(const vcluster_component *component);

/** Name of its pod. @since 0.1 */
VCLUSTER_API const char *vcluster_component_pod(const vcluster_component *component);

/** Its image. @since 0.1 */
VCLUSTER_API const char *vcluster_component_image(const vcluster_component *component);

/** "Running", or why it does not: "CrashLoopBackOff", "Completed", "Waiting", ... @since 0.1 */
VCLUSTER_API const char *vcluster_component_state(const vcluster_component *component);

/** Whether its probes say that it is ready. @since 0.1 */
VCLUSTER_API bool vcluster_component_ready(const vcluster_component *component);

/** How often it was started again. @since 0.1 */
VCLUSTER_API int64_t vcluster_component_restarts(const vcluster_component *component);

/** Number of ways to it that were looked at; 0 while it is paused or has no kubeconfig Secret.
 * @since 0.1 */
VCLUSTER_API size_t vcluster_description_endpoint_count(const vcluster_description *description);

/** Way number @p index, the better one first, or NULL. One that has an URL may lead there: none was
 * tried. @since 0.1 */
VCLUSTER_API const vcluster_endpoint_candidate *
vcluster_description_endpoint_at(const vcluster_description *description, size_t index);

/** What quotas allow in its namespace, and who uses how much; NULL where there is no quota, or it
 * may not be read. @since 0.1 */
VCLUSTER_API const vcluster_usage *
vcluster_description_usage(const vcluster_description *description);

/** The sync rules in force; NULL where the values may not be read. @since 0.1 */
VCLUSTER_API const vcluster_sync_rules *
vcluster_description_sync_rules(const vcluster_description *description);

/** Why it is not ready; NULL where it is. @since 0.1 */
VCLUSTER_API const vcluster_diagnosis *
vcluster_description_diagnosis(const vcluster_description *description);

/** The values that users gave, as a JSON object; "" without a release record. In place of what
 * looks like a secret stands "(hidden)": vcluster_instance_config() has it. @since 0.1 */
VCLUSTER_API const char *vcluster_description_user_values(const vcluster_description *description);

/** The values in force, the chart's with the user's on them, in the same form; "" where they may
 * not be read. @since 0.1 */
VCLUSTER_API const char *
vcluster_description_effective_values(const vcluster_description *description);

/** What the user should know, and what could not be read; "" when there is nothing. @since 0.1 */
VCLUSTER_API const char *vcluster_description_note(const vcluster_description *description);

/**
 * Print a description as a JSON object: the members of vcluster_instance_to_json(), and "maker",
 * "release" {"chart", "version", "revision", "status"}, "store", "components" [{"pod", "name",
 * "image", "state", "ready", "restarts"}], "endpoints" [{"kind", "url", "tlsServerName",
 * "reason"}], "quota" (as vcluster_usage_to_json(); null: none), "syncRules" {"toHost": [...],
 * "fromHost": [...]} with those that are active, "causes" (as in vcluster_diagnosis_to_json()) and
 * "values" {"user", "effective"}.
 *
 * @param[out] out_json  freed with vcluster_free()
 * @return 0 or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_description_to_json(
    const vcluster_description *description, char **out_json, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
