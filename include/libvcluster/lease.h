/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file lease.h
 * Leases: virtual clusters that are wanted for a time, and the reaper that deletes them then.
 *
 * The time stands on the host, as an annotation of the control plane's workload: libvcluster.dev/
 * expires-at, and libvcluster.dev/owner besides. What carries none is never touched.
 */
#ifndef LIBVCLUSTER_LEASE_H
#define LIBVCLUSTER_LEASE_H

#include <libvcluster/instance.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_instance_extend(). Exactly one of ttl_s, expires_at and never is needed. */
typedef struct vcluster_extend_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    int64_t ttl_s;              /**< it expires so many seconds from now */
    int64_t expires_at;         /**< it expires then: seconds since 1970, in the future */
    uint64_t never;             /**< 1: it does not expire any more */
    uint64_t only_later;        /**< 1: an expiry that is later already stays: for heartbeats */
    const char *owner;          /**< NULL: as it is; "": nobody */
} vcluster_extend_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_EXTEND_OPTIONS_INIT                                                               \
    {                                                                                              \
        .struct_size = sizeof(vcluster_extend_options)                                             \
    }

/**
 * Set the time at which a virtual cluster expires, also of one that did not expire until now.
 *
 * Either this or a vcluster_reap() at the same moment comes first: when it returns 0, no reaper
 * deletes the virtual cluster before the new time.
 *
 * @param[out] out_instance  as it is now; may be NULL
 * @return 0. Expected: INVALID_ARGUMENT (a time in the past), NOT_FOUND, CONFLICT (it has expired,
 *         and a reaper is at work), PERMISSION.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_instance_extend(vcluster_client *client,
                                                             const char *name,
                                                             const vcluster_extend_options *options,
                                                             vcluster_instance **out_instance,
                                                             vcluster_error **error);

/** What came of one operation of many. Borrowed: valid during the callback only. */
typedef struct vcluster_result vcluster_result;

/** Name of the virtual cluster. Borrowed, as all strings. @since 0.1 */
VCLUSTER_API const char *vcluster_result_name(const vcluster_result *result);

/** Host namespace as far as it was named, or "". @since 0.1 */
VCLUSTER_API const char *vcluster_result_namespace(const vcluster_result *result);

/** What was done: "ensure", "create", "wait", "extend", "pause", "resume", "delete", "snapshot",
 * "restore"; "none" where a reaper only tells what it would delete. @since 0.1 */
VCLUSTER_API const char *vcluster_result_operation(const vcluster_result *result);

/** Number of the operation in its batch, from 0. @since 0.1 */
VCLUSTER_API size_t vcluster_result_index(const vcluster_result *result);

/** 0 or the negative ::vcluster_status. @since 0.1 */
VCLUSTER_API int vcluster_result_status(const vcluster_result *result);

/** Why it failed, or NULL. @since 0.1 */
VCLUSTER_API const vcluster_error *vcluster_result_error(const vcluster_result *result);

/**
 * Told of one result, on the thread of the call, with no lock held.
 *
 * @return 0 to go on, anything else to end the call
 */
typedef int (*vcluster_result_fn)(const vcluster_result *result, void *result_data);

/** Options of vcluster_reap(). */
typedef struct vcluster_reap_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; with interval_ms: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< NULL: all namespaces */
    const char *owner;          /**< only those of this owner; NULL: of anybody */
    int64_t grace_s;            /**< delete what has expired so many seconds ago */
    int64_t parallel;           /**< deletions at once, at most 256; 0: 4 */
    int64_t interval_ms;        /**< look again so long after each round, until ended; 0: once */
    uint64_t dry_run;           /**< 1: tell what would be deleted */
} vcluster_reap_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_REAP_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(vcluster_reap_options)                                               \
    }

/**
 * Delete the virtual clusters that have expired, and what a killed reaper or a killed creation of
 * one left.
 *
 * Any number of reapers may run at once. One that was extended up to the moment of its deletion
 * stays; one that carries loft.sh/non-deletable, or that Argo CD or Flux makes, is told as failed
 * with PRECONDITION. Times are compared with the clock of this machine.
 *
 * @param options    NULL for defaults
 * @param on_result  told of each that was deleted, or could not be; may be NULL
 * @param result_data  handed to on_result
 * @return 0, also when deletions failed, and when on_result ended it. Expected: PERMISSION,
 *         UNAVAILABLE (where it looks once), TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/reap.c reap
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_reap(vcluster_client *client,
                                                  const vcluster_reap_options *options,
                                                  vcluster_result_fn on_result,
                                                  void *result_data,
                                                  vcluster_error **error);

/** Options of vcluster_reap_manifest(). */
typedef struct vcluster_reap_manifest_options {
    size_t struct_size;
    const char *namespace_name; /**< where the CronJob runs; NULL: "default" */
    const char *image;          /**< an image with `vcl` in its path; needed */
    const char *schedule;       /**< as of cron; NULL: every five minutes */
    int64_t grace_s;            /**< as in ::vcluster_reap_options */
    const char *only_namespace; /**< reap this namespace only; NULL: all */
} vcluster_reap_manifest_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_REAP_MANIFEST_OPTIONS_INIT                                                        \
    {                                                                                              \
        .struct_size = sizeof(vcluster_reap_manifest_options)                                      \
    }

/**
 * Print a CronJob that runs `vcl reap`, with the account and the smallest role it needs, as YAML.
 *
 * @param[out] out_yaml  freed with vcluster_free()
 * @return 0, INVALID_ARGUMENT or NO_MEMORY. Non-blocking. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_reap_manifest(
    const vcluster_reap_manifest_options *options, char **out_yaml, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
