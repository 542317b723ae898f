/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file fake.h
 * A host cluster in memory, for the unit tests of programs that use this library. No network, no
 * Kubernetes: the client speaks HTTP over sockets inside the process, so that everything above is
 * what it is with a real host: creating, listing, connecting, upgrading, pausing and deleting
 * virtual clusters, releases of charts, and any objects.
 *
 * What it is: objects with resourceVersions, selectors, pages and watches (an object that begins or
 * stops to match a selector is told as ADDED or DELETED, the state as events where that is asked
 * for), creation, replacement, patches and server-side apply, dry runs, finalizers, owners and
 * evictions; the kinds of Kubernetes and those of CustomResourceDefinitions. There are the
 * namespaces of a new cluster, one node and a default StorageClass. Workloads get pods that are
 * ready at once, jobs have succeeded, claims are bound; a control plane gets a virtual cluster of
 * its own, which can be opened.
 *
 * What it is not: nothing is scheduled, pulled or run, objects are not validated or given defaults,
 * everybody may do everything, quotas and policies are stored but not enforced. Server-side apply
 * keeps what each manager applied last: it takes away what a manager no longer names, and a field
 * of another is a conflict unless forced; but lists are one value, other writes (replace, patch)
 * own nothing, and objects have no managedFields. Nothing is copied between a virtual cluster and
 * its host, exec and snapshots are answered with 501. There is no TLS: credentials are never sent.
 */
#ifndef LIBVCLUSTER_FAKE_H
#define LIBVCLUSTER_FAKE_H

#include <libvcluster/client.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_client_new_fake(). */
typedef struct vcluster_fake_options {
    size_t struct_size;
    /** As in ::vcluster_client_options. */
    int64_t timeout_ms;
    /** What the host says its version is; NULL: "v1.35.4". */
    const char *kubernetes_version;
    /** Manifests in YAML that are there from the start, over what a new cluster has; NULL: none. A
     * CustomResourceDefinition stands in front of its objects. */
    const char *objects;
    /** A fault script, see vcluster_fake_set_faults(); NULL: none. */
    const char *faults;
    /** Namespace of the client's context; NULL: none. */
    const char *namespace_name;
    /** Log callback; may be NULL. */
    vcluster_log_fn log;
    /** Handed to log. */
    void *log_user_data;
    /** Called with log_user_data when the client is gone; may be NULL. */
    void (*log_destroy)(void *user_data);
} vcluster_fake_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_FAKE_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(vcluster_fake_options)                                               \
    }

/**
 * Make a client of a new fake host, which goes with the last reference to the client. Every call of
 * this library takes it.
 *
 * @param options          NULL for defaults
 * @param[out] out_client  given back with vcluster_client_unref()
 * @param[out] error       may be NULL
 * @return 0. Expected: CONFIG (objects or faults that cannot be read, with findings).
 *
 * Does not block. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_client_new_fake(const vcluster_fake_options *options,
                                                             vcluster_client **out_client,
                                                             vcluster_error **error);

/**
 * Let requests to the fake host fail. The script is a list of rules in YAML or JSON, in place of
 * the one before. Each rule counts the requests that it fits, from now on, and acts on the one
 * numbered `at` and those behind it, `times` in all; of several the first acts.
 *
 * - `method`: such as PATCH; not said: any
 * - `path`: a pattern as in a shell, whose `*` also stands for `/`, for the path without query
 * - `cluster`: "NAMESPACE/NAME" for the API server of that virtual cluster; not said: the host's
 * - `at`: 1 when not said; `times`: 1 when not said, 0: always
 * - `status`: answered instead of what was asked for, with `reason` (not said: as an API server
 *   calls that status) and `message`;
 *   `retryAfter`: seconds, told in a header
 * - `delayMs`: before anything else is done
 * - `cut`: the connection ends `before` the request is carried out, `after` it, or in the middle of
 *   the `answer`
 *
 * @param client  of vcluster_client_new_fake(); else INVALID_ARGUMENT
 * @param script  NULL or "": no faults any more
 * @return 0. Expected: CONFIG (with a finding for each mistake); the old script stays then.
 *
 * Does not block. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_fake_set_faults(vcluster_client *client, const char *script, vcluster_error **error);

/**
 * Store objects on the fake host as they are, without a request: over what is there, also their
 * status. The fake's controllers act on them.
 *
 * @param client     of vcluster_client_new_fake(); else INVALID_ARGUMENT
 * @param manifests  YAML, several documents if need be
 * @return 0. Expected: CONFIG (not readable, or of a kind that is not known).
 *
 * Does not block. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_fake_put(vcluster_client *client, const char *manifests, vcluster_error **error);

/**
 * The requests that the fake host has got, in their order: a JSON list of
 * {"cluster", "method", "path", "status"}. `cluster` is "" for the host, "NAMESPACE/NAME" for the
 * API server of a virtual cluster; `path` is with its query; `status` 0 means that the connection
 * ended without an answer. At most 100,000 are kept.
 *
 * @param client         of vcluster_client_new_fake(); else INVALID_ARGUMENT
 * @param forget         non-zero: those that were told are told no more
 * @param[out] out_json  freed with vcluster_free()
 * @return 0
 *
 * Does not block. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_fake_requests(vcluster_client *client,
                                                           int forget,
                                                           char **out_json,
                                                           vcluster_error **error);

VCLUSTER_END_DECLS

#endif
