/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching one selection of objects: its first state, then what changes, with bookmarks; after a
 * cut or 410 the difference of the state then is told, so that nothing is lost or told twice.
 * cache.h is what others use.
 */
#ifndef VCL_KUBE_WATCH_H
#define VCL_KUBE_WATCH_H

#include "kube/api.h"

typedef enum vcl_event_type {
    VCL_EVENT_ADDED,
    VCL_EVENT_MODIFIED,
    VCL_EVENT_DELETED
} vcl_event_type;

typedef struct vcl_change {
    vcl_event_type type;
    const cJSON *object; /* until the next call */
} vcl_change;

typedef struct vcl_watch vcl_watch;

enum {
    VCL_WATCH_KEEP = 1, /* the objects stay, for vcl_watch_each() */
    VCL_WATCH_STREAMED =
        2 /* the first state as events, where the server serves that, else a list */
};

int vcl_watch_open(vcl_kube *kube,
                   const vcl_list_query *query,
                   int flags,
                   vcl_watch **out_watch,
                   vcluster_error **error);
/* The next change that is there, without waiting for one, although a list or the opening of a
 * stream takes its time. Returns 1; 0 when there is none, or when the first state is complete; or
 * an error that waiting cannot mend. */
int vcl_watch_next(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error);
/* When to ask next: the monotonic time, or earlier when *out_fd (-1: none) is readable. */
int64_t vcl_watch_due_ms(const vcl_watch *watch, int *out_fd);
/* Whether all objects of the first state have been told. */
bool vcl_watch_synced(const vcl_watch *watch);
/* Call fn for each object that is kept until it returns non-zero, which is returned. */
typedef int (*vcl_object_fn)(const cJSON *object, void *data);
int vcl_watch_each(const vcl_watch *watch, vcl_object_fn fn, void *data);
void vcl_watch_close(vcl_watch *watch);

#endif
