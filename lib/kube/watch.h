/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching a kind: list, then watch from there with bookmarks; after a cut or 410 the difference of
 * a new list is told, so that no state is lost or told twice.
 */
#ifndef VCL_KUBE_WATCH_H
#define VCL_KUBE_WATCH_H

#include "kube/api.h"

typedef enum vcl_event_type {
    VCL_EVENT_ADDED,
    VCL_EVENT_MODIFIED,
    VCL_EVENT_DELETED
} vcl_event_type;

typedef struct vcl_watch vcl_watch;

int vcl_watch_open(vcl_kube *kube,
                   const vcl_list_query *query,
                   vcl_watch **out_watch,
                   vcluster_error **error);
/* The next change, waiting for it. *out_object is owned by the caller. `wait_ms` < 0: until the
 * deadline. Returns 1, or 0 when wait_ms passed, or an error that waiting cannot mend. The first
 * call lists. */
int vcl_watch_next(vcl_watch *watch,
                   vcl_call *call,
                   int64_t wait_ms,
                   vcl_event_type *out_type,
                   cJSON **out_object,
                   vcluster_error **error);
/* For those who wait for several watches: the monotonic time at which vcl_watch_next() has work to
 * do, or earlier when *out_fd (-1: none) is readable. 0: now. */
int64_t vcl_watch_due_ms(const vcl_watch *watch, int *out_fd);
/* Whether all objects of the first list have been told. */
bool vcl_watch_synced(const vcl_watch *watch);
void vcl_watch_close(vcl_watch *watch);

#endif
