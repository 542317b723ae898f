/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @file batch.h
 * Batches: one operation each on many virtual clusters, a few at once, over one set of connections.
 */
#ifndef LIBVCLUSTER_BATCH_H
#define LIBVCLUSTER_BATCH_H

#include <libvcluster/lease.h>
#include <libvcluster/snapshot.h>

VCLUSTER_BEGIN_DECLS

/** Operations to carry out. For one thread at a time; freed with vcluster_batch_free(). */
typedef struct vcluster_batch vcluster_batch;

/** Make an empty batch. @return 0 or NO_MEMORY. Non-blocking. @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_batch_new(vcluster_batch **out_batch,
                                                       vcluster_error **error);

/** Free a batch; NULL is allowed. @since 0.1 */
VCLUSTER_API void vcluster_batch_free(vcluster_batch *batch);

/** Number of operations in it. @since 0.1 */
VCLUSTER_API size_t vcluster_batch_size(const vcluster_batch *batch);

/**
 * Add vcluster_instance_ensure(). As with the other functions that add: the name and the options
 * are copied, but what the options point to, and @p config, are borrowed until the last
 * vcluster_batch_run() has returned; their cancel token and progress callback are not used.
 *
 * @return 0, INVALID_ARGUMENT or NO_MEMORY. Non-blocking. @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_ensure(vcluster_batch *batch,
                          const char *name,
                          const vcluster_config *config,
                          const vcluster_ensure_options *options,
                          vcluster_error **error);

/** Add vcluster_instance_create(). @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_create(vcluster_batch *batch,
                          const char *name,
                          const vcluster_config *config,
                          const vcluster_ensure_options *options,
                          vcluster_error **error);

/** Add vcluster_instance_wait(). @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_wait(vcluster_batch *batch,
                        const char *name,
                        const vcluster_instance_options *options,
                        vcluster_error **error);

/** Add vcluster_instance_extend(). @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_extend(vcluster_batch *batch,
                          const char *name,
                          const vcluster_extend_options *options,
                          vcluster_error **error);

/** Add vcluster_instance_delete(). @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_delete(vcluster_batch *batch,
                          const char *name,
                          const vcluster_delete_options *options,
                          vcluster_error **error);

/** Add vcluster_instance_pause(). @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_batch_add_pause(vcluster_batch *batch,
                                                             const char *name,
                                                             const vcluster_pause_options *options,
                                                             vcluster_error **error);

/** Add vcluster_instance_resume(). @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_batch_add_resume(vcluster_batch *batch,
                                                              const char *name,
                                                              const vcluster_pause_options *options,
                                                              vcluster_error **error);

/**
 * Add vcluster_instance_snapshot(). The path is copied; a descriptor among the options must stay
 * open until the last vcluster_batch_run() has returned, and is for this operation alone.
 * vcluster_snapshot_describe() tells what a file has become. @return as
 * vcluster_batch_add_ensure().
 * @since 0.1
 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_snapshot(vcluster_batch *batch,
                            const char *name,
                            const char *path,
                            const vcluster_snapshot_options *options,
                            vcluster_error **error);

/** Add vcluster_instance_restore(); path and descriptor as in vcluster_batch_add_snapshot().
 * @return as vcluster_batch_add_ensure(). @since 0.1 */
VCLUSTER_API VCLUSTER_NODISCARD int
vcluster_batch_add_restore(vcluster_batch *batch,
                           const char *name,
                           const char *path,
                           const vcluster_snapshot_options *options,
                           vcluster_error **error);

/** Options of vcluster_batch_run(). */
typedef struct vcluster_batch_options {
    size_t struct_size;
    int64_t timeout_ms; /**< of the whole run; 0: none but the operations' own */
    vcluster_cancel *cancel;
    vcluster_progress_fn progress; /**< gets signs of life only */
    void *user_data;
    int64_t parallel;       /**< operations at once, at most 256; 0: 16 */
    uint64_t stop_on_error; /**< 1: begin no more once one has failed; those that run are ended */
} vcluster_batch_options;
/** Sets struct_size; everything else is at its default. */
#define VCLUSTER_BATCH_OPTIONS_INIT                                                                \
    {                                                                                              \
        .struct_size = sizeof(vcluster_batch_options)                                              \
    }

/**
 * Carry out the operations of a batch, begun in their order, told as they end.
 *
 * That operations fail is told to @p on_result, and is no failure of the run. Two operations on one
 * virtual cluster at once wait for each other, or fail with CONFLICT, as always.
 *
 * Eight ensures or more, and nothing else, share one look at the whole host, taken when the run
 * begins: those that are found as they are wanted by it need no request of their own. All others,
 * and all where the user may not list StatefulSets, Secrets or namespaces of the whole host, are
 * carried out one by one.
 *
 * @param options    NULL for defaults
 * @param on_result  told of each operation that was begun, on this thread; non-zero ends the run
 * @param result_data  handed to on_result
 * @return 0 when all were carried out, or on_result or stop_on_error ended the run. Expected:
 *         TIMEOUT, CANCELLED.
 * Blocking. Thread-safe for different batches. Cancellable. @since 0.1
 * @snippet examples/batch.c batch
 */
VCLUSTER_API VCLUSTER_NODISCARD int vcluster_batch_run(vcluster_client *client,
                                                       const vcluster_batch *batch,
                                                       const vcluster_batch_options *options,
                                                       vcluster_result_fn on_result,
                                                       void *result_data,
                                                       vcluster_error **error);

VCLUSTER_END_DECLS

#endif
