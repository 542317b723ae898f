/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file resource.h
 * Any Kubernetes object, as JSON text, in any cluster a client stands for.
 *
 * Kinds are named by apiVersion and kind ("apps/v1", "StatefulSet"); the resource name is looked up
 * by the API server's discovery, which is cached in the client. Namespaced kinds need a namespace,
 * cluster-scoped ones take NULL.
 */
#ifndef LIBVCLUSTER_RESOURCE_H
#define LIBVCLUSTER_RESOURCE_H

#include <libvcluster/client.h>

VCLUSTER_BEGIN_DECLS

/**
 * Get one object.
 *
 * @param[out] out_json  JSON as the API server has written it; freed with vcluster_free()
 * @return 0. Expected: NOT_FOUND, PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_resource_get(vcluster_client *client,
                                                          const char *api_version,
                                                          const char *kind,
                                                          const char *namespace_name,
                                                          const char *name,
                                                          const vcluster_call_options *options,
                                                          char **out_json,
                                                          vcluster_error **error);

/** Options of vcluster_resource_list() and vcluster_resource_watch(). */
typedef struct vcluster_resource_list_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: all namespaces */
    const char *label_selector; /**< such as "app=vcluster,release"; NULL: all */
    const char *field_selector; /**< such as "metadata.name=dev"; NULL: all */
    uint64_t metadata_only;     /**< 1: only metadata of each object travels */
    int64_t page_size;          /**< objects a request; 0: 500 */
} vcluster_resource_list_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RESOURCE_LIST_OPTIONS_INIT                                                        \
    {                                                                                              \
        .struct_size = sizeof(vcluster_resource_list_options)                                      \
    }

/**
 * List objects of one kind, page by page.
 *
 * @param[out] out_json  one List object with all items, freed with vcluster_free()
 * @return 0. Expected: PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_resource_list(vcluster_client *client,
                       const char *api_version,
                       const char *kind,
                       const vcluster_resource_list_options *options,
                       char **out_json,
                       vcluster_error **error);

/** Options of vcluster_resource_apply() and vcluster_resource_patch(). */
typedef struct vcluster_resource_apply_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< for namespaced objects that name none themselves */
    const char *field_manager;  /**< NULL: "libvcluster" */
    uint64_t force;             /**< 1: take over fields of other managers */
    uint64_t dry_run;           /**< 1: checked by the server, not stored */
} vcluster_resource_apply_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT                                                       \
    {                                                                                              \
        .struct_size = sizeof(vcluster_resource_apply_options)                                     \
    }

/**
 * Apply one object by server-side apply: it is made, or changed to have these fields.
 *
 * @param manifest       one object as JSON or YAML, with apiVersion, kind and metadata.name
 * @param[out] out_json  the object as stored, freed with vcluster_free(); may be NULL
 * @return 0. Expected: CONFIG (no object), CONFLICT (a field belongs to another manager), QUOTA,
 *         PERMISSION, NOT_FOUND (namespace or kind), UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_resource_apply(vcluster_client *client,
                        const char *manifest,
                        const vcluster_resource_apply_options *options,
                        char **out_json,
                        vcluster_error **error);

/**
 * Change one object by a JSON merge patch (RFC 7386).
 *
 * `namespace_name` of the options is not used.
 * @return as vcluster_resource_apply(). Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_resource_patch(vcluster_client *client,
                        const char *api_version,
                        const char *kind,
                        const char *namespace_name,
                        const char *name,
                        const char *patch_json,
                        const vcluster_resource_apply_options *options,
                        char **out_json,
                        vcluster_error **error);

/** Options of vcluster_resource_delete(). */
typedef struct vcluster_resource_delete_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *propagation; /**< "Background" (default), "Foreground" or "Orphan" */
    const char *uid;         /**< only the object with this uid; NULL: any */
    uint64_t wait;           /**< 1: until the object is gone */
} vcluster_resource_delete_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT                                                      \
    {                                                                                              \
        .struct_size = sizeof(vcluster_resource_delete_options)                                    \
    }

/**
 * Delete one object.
 *
 * @return 0. Expected: NOT_FOUND, CONFLICT (another uid), PERMISSION, UNAVAILABLE, TIMEOUT,
 *         CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_resource_delete(vcluster_client *client,
                         const char *api_version,
                         const char *kind,
                         const char *namespace_name,
                         const char *name,
                         const vcluster_resource_delete_options *options,
                         vcluster_error **error);

/**
 * One change. Called on the thread of vcluster_resource_watch(), with no lock held.
 *
 * @param type  "ADDED", "MODIFIED" or "DELETED"
 * @param json  the object; borrowed, valid during the callback only
 * @return 0 to go on, anything else to end the watch
 */
typedef int (*vcluster_resource_event_fn)(const char *type, const char *json, void *event_data);

/**
 * Watch objects of one kind: first an ADDED for each that exists, then every change. Cuts are
 * ridden out: after one, changes that were missed are told as the difference of two lists.
 *
 * @param on_event    called for each change
 * @param event_data  handed to on_event
 * @return 0 when on_event ended it. Expected: TIMEOUT (the deadline is the length of the watch),
 *         CANCELLED, PERMISSION, NOT_FOUND (kind).
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_resource_watch(vcluster_client *client,
                        const char *api_version,
                        const char *kind,
                        const vcluster_resource_list_options *options,
                        vcluster_resource_event_fn on_event,
                        void *event_data,
                        vcluster_error **error);

VCLUSTER_END_DECLS

#endif
