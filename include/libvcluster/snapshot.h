/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file snapshot.h
 * Snapshots of a virtual cluster's state: all its objects as they were at one moment, in one file
 * (its form is described in docs/snapshots.md), and the way back, into the same virtual cluster or
 * another one; and those that upstream's control plane keeps by itself, at a URL.
 *
 * A file holds secrets: those of the virtual cluster, and the keys of its certificate authority and
 * service accounts. Of the workloads' volumes it holds nothing.
 */
#ifndef LIBVCLUSTER_SNAPSHOT_H
#define LIBVCLUSTER_SNAPSHOT_H

#include <libvcluster/instance.h>

VCLUSTER_BEGIN_DECLS

/** Options of vcluster_instance_snapshot() and vcluster_instance_restore(). */
typedef struct vcluster_snapshot_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    uint64_t use_fd;            /**< 1: fd in place of a path */
    int64_t fd; /**< file, pipe or socket that is written to, or read to its end; not closed */
} vcluster_snapshot_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_SNAPSHOT_OPTIONS_INIT                                                             \
    {                                                                                              \
        .struct_size = sizeof(vcluster_snapshot_options)                                           \
    }

/**
 * Take a snapshot of a running virtual cluster, which goes on being used meanwhile.
 *
 * The file appears under its name when it is whole (until then PATH.part is written, which a later
 * call writes anew), with mode 0600. What is written to a descriptor is whole only when the call
 * returns 0; a cut one is refused by a restore.
 *
 * @param path           of the file, replaced if it is there; NULL with options->use_fd
 * @param options        NULL for defaults
 * @param[out] out_json  what vcluster_snapshot_describe() says about it; may be NULL; freed with
 *                       vcluster_free()
 * @param[out] error     may be NULL
 * @return 0. Expected: NOT_FOUND, PRECONDITION (not running, or made by an older chart), CONFLICT
 *         (deleted, upgraded, paused or restored meanwhile: take it again), UNSUPPORTED (state in
 * an external database: the message has the command that backs it up; upstream's distribution: see
 * vcluster_instance_request_snapshot()), PERMISSION (get and create on pods/exec, get on secrets),
 * INVALID_ARGUMENT (a path that cannot be written), UNAVAILABLE, TIMEOUT, CANCELLED. Blocking.
 * Thread-safe. Cancellable. @since 0.1
 * @snippet examples/snapshot.c snapshot
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_snapshot(vcluster_client *client,
                           const char *name,
                           const char *path,
                           const vcluster_snapshot_options *options,
                           char **out_json,
                           vcluster_error **error);

/**
 * Put the state of a snapshot in the place of that of a virtual cluster, and wait until it is
 * ready.
 *
 * The file is read and checked whole before anything is touched. A virtual cluster that does not
 * exist is made first, with the values that the snapshot's had. Its control plane is down while the
 * data are replaced, which happens at one stroke: killed at any moment, it has its old data or the
 * new ones, and the same call completes the work. Tokens of service accounts stay valid. Under the
 * name and in the namespace that the snapshot was taken from the certificate authority comes back,
 * too; elsewhere the virtual cluster keeps its own, so that nobody's credentials open both.
 *
 * @param name               of the virtual cluster that is to have the state
 * @param path               of the file; NULL with options->use_fd
 * @param options            NULL for defaults
 * @param[out] out_instance  may be NULL
 * @param[out] error         may be NULL
 * @return 0. Expected: INVALID_ARGUMENT, PROTOCOL (no snapshot, cut or damaged), PRECONDITION
 *         (taken from a newer Kubernetes, or one that is too old; another kind of store; no volume
 *         claim; not running), CONFLICT (another operation holds the lock), UNSUPPORTED (upstream's
 *         distribution), PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/snapshot.c restore
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_restore(vcluster_client *client,
                          const char *name,
                          const char *path,
                          const vcluster_snapshot_options *options,
                          vcluster_instance **out_instance,
                          vcluster_error **error);

/**
 * Check a file whole and tell what it is.
 *
 * @param[out] out_json  an object: name, namespace, distribution, kubernetesVersion, store
 *                       ("sqlite" or "etcd"), created (RFC 3339), size (of the data in bytes),
 * sha256 (of the data); no secrets; freed with vcluster_free()
 * @return 0. Expected: NOT_FOUND, PROTOCOL (no snapshot, cut or damaged), UNSUPPORTED (of a newer
 *         version of this library). Blocking on the disk. Thread-safe. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_snapshot_describe(const char *path, char **out_json, vcluster_error **error);

/** Options of vcluster_instance_request_snapshot() and vcluster_instance_delete_snapshot(). */
typedef struct vcluster_snapshot_request_options {
    size_t struct_size;
    int64_t timeout_ms; /**< 0: default of the client, else 300,000; -1: none */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *namespace_name; /**< as in ::vcluster_instance_options */
    uint64_t no_wait;           /**< 1: return when the control plane is asked */
} vcluster_snapshot_request_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_SNAPSHOT_REQUEST_OPTIONS_INIT                                                     \
    {                                                                                              \
        .struct_size = sizeof(vcluster_snapshot_request_options)                                   \
    }

/**
 * Ask upstream's control plane (0.29 and later) for a snapshot that it takes and keeps by itself,
 * as `vcluster snapshot create` does, and wait until it is kept. vcluster_instance_restore_from()
 * brings it back, and so does `vcluster restore`.
 *
 * The request is a ConfigMap in the host namespace, which the control plane deletes after a day,
 * and a Secret with the settings of the store, which it deletes at the end. A request that is still
 * at work for the same URL is given up for the new one.
 *
 * @param url            container:///PATH (a file in the control plane's pod: below /data on its
 *                       volume), s3://BUCKET/KEY, or oci://[USER:PASSWORD@]REGISTRY/REPOSITORY;
 * with the parameters of upstream's CLI, as ?region=...&access-key-id=BASE64. Credentials are those
 * in the URL, else the control plane's own; they go into the Secret, and into nothing else
 * @param options        NULL for defaults
 * @param[out] out_json  an object as in vcluster_instance_snapshot_requests(); may be NULL; freed
 *                       with vcluster_free()
 * @return 0. Expected: INVALID_ARGUMENT (no such URL, an unknown parameter), UNSUPPORTED (the
 *         embedded distribution; https://, an Azure blob), NOT_FOUND, PRECONDITION (too old, or not
 *         running), UNAVAILABLE (the control plane says why it failed), CONFLICT (a later request
 *         took its place, or somebody deleted it), PERMISSION (create on Secrets and ConfigMaps,
 *         list and watch on ConfigMaps), TIMEOUT, CANCELLED: then the control plane goes on.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/snapshot_url.c request
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_request_snapshot(vcluster_client *client,
                                   const char *name,
                                   const char *url,
                                   const vcluster_snapshot_request_options *options,
                                   char **out_json,
                                   vcluster_error **error);

/**
 * List what upstream's control plane was asked to keep in the last day, the oldest first, also by
 * upstream's CLI.
 *
 * @param options        NULL for defaults
 * @param[out] out_json  an array of objects: name, url (without credentials), phase ("Requested",
 *                       then upstream's words: "CreatingEtcdBackup", "Completed", "Failed",
 *                       "PartiallyFailed", "Canceling", "Canceled", "Deleting",
 *                       "DeletingEtcdBackup", "Deleted"; "Unknown" for what cannot be read),
 * created (RFC 3339), error; freed with vcluster_free()
 * @return 0. Expected: NOT_FOUND, PERMISSION, UNAVAILABLE, TIMEOUT, CANCELLED.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_snapshot_requests(vcluster_client *client,
                                    const char *name,
                                    const vcluster_instance_options *options,
                                    char **out_json,
                                    vcluster_error **error);

/**
 * List the snapshots that are kept at a URL, as upstream's control plane (0.29 and later) finds
 * them there: it looks with its own credentials, or those in the URL, into its own volume or the
 * store.
 *
 * @param url            as in vcluster_instance_request_snapshot(): a file (a name that ends with
 *                       tar.gz, there or not), whose folder is looked at, or a folder; a key, whose
 *                       prefix is; or a repository
 * @param options        NULL for defaults
 * @param[out] out_json  an array of objects: name, url (without credentials), created (RFC 3339);
 *                       freed with vcluster_free()
 * @return 0. Expected: INVALID_ARGUMENT, UNSUPPORTED (the embedded distribution; https://),
 * NOT_FOUND, PRECONDITION (too old, or not running), UNAVAILABLE (the control plane says why it
 * cannot look there), PERMISSION (get and create on pods/exec), TIMEOUT, CANCELLED. Blocking.
 * Thread-safe. Cancellable. @since 0.1
 * @snippet examples/snapshot_url.c stored
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_stored_snapshots(vcluster_client *client,
                                   const char *name,
                                   const char *url,
                                   const vcluster_instance_options *options,
                                   char **out_json,
                                   vcluster_error **error);

/**
 * Have upstream's control plane (0.29 and later) delete a snapshot that it keeps, and wait until it
 * has done so.
 *
 * It is asked by a request, as for one to be taken; vcluster_instance_snapshot_requests() lists it.
 *
 * @param url            as in vcluster_instance_request_snapshot()
 * @param options        NULL for defaults
 * @param[out] out_json  an object as in vcluster_instance_snapshot_requests(); may be NULL; freed
 *                       with vcluster_free()
 * @return 0. Expected: as of vcluster_instance_request_snapshot(); INVALID_ARGUMENT also for a file
 *         whose name does not end with tar.gz, UNAVAILABLE also where there is no such file.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/snapshot_url.c delete
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_delete_snapshot(vcluster_client *client,
                                  const char *name,
                                  const char *url,
                                  const vcluster_snapshot_request_options *options,
                                  char **out_json,
                                  vcluster_error **error);

/**
 * Put a snapshot that is kept at a URL in the place of the state of an upstream virtual cluster
 * (0.23 and later), as `vcluster restore` does, and wait until it is ready.
 *
 * Its control plane is scaled down, its pods on the host are deleted, and a pod of its image, with
 * upstream's own program, replaces the data; then it is scaled up. Refused beforehand, with nothing
 * touched: one that does not fit, or a file where nothing is kept. When the program fails it puts
 * the old data back (not those of a deployed or an external etcd), and the control plane is started
 * with them. Once it has begun it is not stopped: after a TIMEOUT, a CANCELLED or a kill the
 * control plane stays down and the same call completes the work. Where somebody else has stopped it
 * in the middle, the control plane stays down until a restore from this URL or another succeeds.
 *
 * @param name               of the virtual cluster that is to have the state; it must be there
 * @param url                as in vcluster_instance_request_snapshot(). Credentials in it go into a
 *                           Secret, which is deleted at the end
 * @param options            NULL for defaults; timeout_ms: 300,000 by default
 * @param[out] out_instance  may be NULL
 * @param[out] error         may be NULL
 * @return 0. Expected: INVALID_ARGUMENT, UNSUPPORTED (the embedded distribution, see
 *         vcluster_instance_restore(); https://; data in the volumes of several replicas),
 *         NOT_FOUND, PRECONDITION (too old, paused, not running, no volume claim), CONFLICT
 *         (another operation holds the lock; a pod of upstream's CLI works on its data),
 *         UNAVAILABLE (the program says why it failed), PERMISSION, TIMEOUT, CANCELLED.
 *
 * Blocking. Thread-safe. Cancellable. @since 0.1
 * @snippet examples/snapshot_url.c restore
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_instance_restore_from(vcluster_client *client,
                               const char *name,
                               const char *url,
                               const vcluster_instance_options *options,
                               vcluster_instance **out_instance,
                               vcluster_error **error);

VCLUSTER_END_DECLS

#endif
