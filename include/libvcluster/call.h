/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file call.h
 * What every blocking call has in common: deadline, cancel token, progress.
 *
 * The options of every blocking call begin with the same five members as ::vcluster_call_options.
 * All members are pointers or 64-bit integers, zero means default, and new members are only ever
 * appended: `struct_size` tells the library which ones the caller knows.
 */
#ifndef LIBVCLUSTER_CALL_H
#define LIBVCLUSTER_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libvcluster/error.h>

VCLUSTER_BEGIN_DECLS

/** A token that stops calls. May be given to several calls at once; triggering it is permanent. */
typedef struct vcluster_cancel vcluster_cancel;

/**
 * Make a cancel token.
 *
 * @param[out] out_cancel  freed by the caller with vcluster_cancel_free() once no call uses it
 * @param[out] error       may be NULL
 * @return 0, NO_MEMORY, or UNAVAILABLE when no descriptor is left. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_cancel_new(vcluster_cancel **out_cancel,
                                                        vcluster_error **error);

/**
 * Stop every call that was given the token, now and later; they return CANCELLED.
 *
 * Non-blocking. May be called from any thread and from a signal handler. @since 0.1
 */
VCLUSTER_API void vcluster_cancel_trigger(vcluster_cancel *cancel);

/** Whether the token was triggered. Thread-safe. @since 0.1 */
VCLUSTER_API bool vcluster_cancel_triggered(const vcluster_cancel *cancel);

/** Free a token that no running call uses; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_cancel_free(vcluster_cancel *cancel);

/** What a call is doing. */
typedef enum vcluster_step {
    /** Nothing new: a sign of life, at least four times a second while a call waits. */
    VCLUSTER_STEP_TICK = 0,
    /** The namespace is made, or waited for. */
    VCLUSTER_STEP_NAMESPACE = 1,
    /** The Helm release record is written. */
    VCLUSTER_STEP_RELEASE = 2,
    /** An object of the chart is applied. */
    VCLUSTER_STEP_OBJECT = 3,
    /** The control-plane pod exists, or was given a node. */
    VCLUSTER_STEP_POD = 4,
    /** An image is pulled, or was pulled. */
    VCLUSTER_STEP_IMAGE = 5,
    /** A container started. */
    VCLUSTER_STEP_CONTAINER = 6,
    /** The API server of the virtual cluster answers. */
    VCLUSTER_STEP_API = 7,
    /** The kubeconfig Secret is there. */
    VCLUSTER_STEP_KUBECONFIG = 8,
    /** The virtual cluster is ready. */
    VCLUSTER_STEP_READY = 9,
    /** Objects are deleted, or waited for until they are gone. */
    VCLUSTER_STEP_DELETE = 10,
    /** Another operation on the same virtual cluster is waited for. */
    VCLUSTER_STEP_LOCK = 11,
    /** What will be done, and what should be known of it, before anything is touched. */
    VCLUSTER_STEP_PLAN = 12,
    /** A workload is scaled down or up. */
    VCLUSTER_STEP_SCALE = 13
} vcluster_step;

/** One report of progress. Borrowed: it is valid during the callback only. */
typedef struct vcluster_progress vcluster_progress;

/**
 * Called on the thread of the blocking call, with no lock held; it may call the library.
 *
 * @return 0 to go on, anything else to stop the call with CANCELLED
 */
typedef int (*vcluster_progress_fn)(const vcluster_progress *progress, void *user_data);

/** The ::vcluster_step. @since 0.1 */
VCLUSTER_API int vcluster_progress_step(const vcluster_progress *progress);

/** Name of a ::vcluster_step, such as "namespace". A constant string. @since 0.1 */
VCLUSTER_API const char *vcluster_step_name(int step);

/** The object concerned, such as "pod/dev-0", or "". Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_progress_object(const vcluster_progress *progress);

/** What happened, for a person; "" for a tick. Borrowed. @since 0.1 */
VCLUSTER_API const char *vcluster_progress_message(const vcluster_progress *progress);

/** Milliseconds since the call began. @since 0.1 */
VCLUSTER_API int64_t vcluster_progress_elapsed_ms(const vcluster_progress *progress);

/** Options of a blocking call that has nothing else to choose. */
typedef struct vcluster_call_options {
    size_t struct_size;            /**< set by ::VCLUSTER_CALL_OPTIONS_INIT */
    int64_t timeout_ms;            /**< 0: default of the client, -1: none */
    vcluster_cancel *cancel;       /**< may be NULL; must outlive the call */
    vcluster_progress_fn progress; /**< may be NULL */
    void *user_data;               /**< handed to progress */
} vcluster_call_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_CALL_OPTIONS_INIT                                                                 \
    {                                                                                              \
        .struct_size = sizeof(vcluster_call_options)                                               \
    }

VCLUSTER_END_DECLS

#endif
