/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file kubeconfig.h
 * Kubeconfigs on disk: a file of its own, or one context in the file that kubectl uses.
 *
 * Files are written whole or not at all (a new file in the same folder, renamed; in place only
 * where that cannot be), behind symbolic links, and under the lock FILE.lock that kubectl takes,
 * too. The lock is waited for, 5 s at most; one whose holder died is broken, that of another
 * program when it is 30 s old. In a file that is there already only the entries of one name are
 * touched: comments, order, layout and unknown fields of everything else stay as they are.
 */
#ifndef LIBVCLUSTER_KUBECONFIG_H
#define LIBVCLUSTER_KUBECONFIG_H

#include <libvcluster/call.h>

VCLUSTER_BEGIN_DECLS

/**
 * Write a kubeconfig to a file that only this user can read (mode 0600, or less where the file was
 * stricter). Folders that are missing are made.
 *
 * @param text     a kubeconfig, as vcluster_instance_kubeconfig() gives it
 * @param path     of the file, which is replaced
 * @param options  NULL for defaults: 30 s
 * @return 0. Expected: UNAVAILABLE (its lock is held; retryable), PERMISSION, CONFIG (the path is a
 *         folder).
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_kubeconfig_save(const char *text,
                                                             const char *path,
                                                             const vcluster_call_options *options,
                                                             vcluster_error **error);

/** Options of vcluster_kubeconfig_merge(). */
typedef struct vcluster_kubeconfig_merge_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    /** The file; NULL: as kubectl does the first of $KUBECONFIG that exists (the last when none
     * does), without the variable ~/.kube/config. */
    const char *path;
    const char *context_name; /**< of cluster, user and context; NULL: that of the text */
    uint64_t set_current;     /**< 1: make it the current context; the one before is remembered */
    uint64_t replace;         /**< 1: also take the place of entries that somebody else made */
} vcluster_kubeconfig_merge_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_KUBECONFIG_MERGE_OPTIONS_INIT                                                     \
    {                                                                                              \
        .struct_size = sizeof(vcluster_kubeconfig_merge_options)                                   \
    }

/**
 * Put the current context of a self-contained kubeconfig into the user's: one cluster, one user and
 * one context of the same name. They carry an extension named "libvcluster", which kubectl keeps
 * and by which vcluster_kubeconfig_remove() knows them again; doing it once more renews them.
 *
 * @param text              as vcluster_instance_kubeconfig() or vcluster_tunnel_kubeconfig() give
 * it
 * @param options           NULL for defaults
 * @param[out] out_context  name of the context, freed with vcluster_free(); may be NULL
 * @return 0. Expected: ALREADY_EXISTS (entries of that name are not from here), CONFIG (text or
 * file are malformed), UNSUPPORTED (the file is written with anchors or tags in the way),
 *         UNAVAILABLE (the lock; retryable), PERMISSION. The file is untouched on failure.
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_kubeconfig_merge(const char *text,
                          const vcluster_kubeconfig_merge_options *options,
                          char **out_context,
                          vcluster_error **error);

/** Options of vcluster_kubeconfig_remove(). */
typedef struct vcluster_kubeconfig_remove_options {
    size_t struct_size;
    int64_t timeout_ms;
    vcluster_cancel *cancel;
    vcluster_progress_fn progress;
    void *user_data;
    const char *path;           /**< the file; NULL: all that kubectl reads */
    const char *context_name;   /**< the context; or else */
    const char *name;           /**< the virtual cluster; neither: the current context */
    const char *namespace_name; /**< its host namespace; NULL: any */
    const char *host_context;   /**< context of its host; NULL: any */
    uint64_t missing_ok;        /**< 1: success when there is none */
} vcluster_kubeconfig_remove_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_KUBECONFIG_REMOVE_OPTIONS_INIT                                                    \
    {                                                                                              \
        .struct_size = sizeof(vcluster_kubeconfig_remove_options)                                  \
    }

/**
 * Take out what vcluster_kubeconfig_merge() put in, and nothing else: a cluster or user that
 * another context uses by now stays. Where the context is the current one, the one before it
 * becomes current again if it is still there, else none is.
 *
 * @param options           NULL for defaults: the current context
 * @param[out] out_context  name of the context that was removed, NULL when there was none; freed
 *                          with vcluster_free(); may be NULL
 * @return 0. Expected: NOT_FOUND, PRECONDITION (the context is not from here; several contexts are
 *         of that virtual cluster), and those of vcluster_kubeconfig_merge().
 * Blocking. Thread-safe. Cancellable. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_kubeconfig_remove(
    const vcluster_kubeconfig_remove_options *options, char **out_context, vcluster_error **error);

VCLUSTER_END_DECLS

#endif
