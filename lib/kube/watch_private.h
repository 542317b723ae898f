/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a watch: the machine (watch.c) and where its changes come from (watch_source.c). */
#ifndef VCL_KUBE_WATCH_PRIVATE_H
#define VCL_KUBE_WATCH_PRIVATE_H

#include "kube/pager.h"
#include "kube/watch.h"
#include "kube/watch_known.h"
#include "kube/watch_lines.h"

struct vcl_watch {
    vcl_kube *kube;
    vcl_list_query query; /* strings are owned */

    bool listing;
    bool synced;
    vcl_pager pager;
    cJSON *page;    /* what of it is not told yet */
    cJSON *held;    /* an object whose predecessor of the same name was told as deleted first */
    bool sweeping;  /* all pages are told; now what vanished */
    size_t swept;   /* slot of `known` */
    uint64_t round; /* number of the list */
    vcl_known_map known;

    char *version; /* to resume from */
    vcl_http_stream *stream;
    vcl_watch_lines lines;
    bool progressed;        /* since the stream was opened */
    int64_t seconds;        /* the server ends a stream after so many to twice as many */
    int64_t stream_ends_ms; /* where it has not by then, it is dead */

    int64_t backoff_ms;
    int64_t retry_at_ms;
    int open_failures;
    int protocol_failures;
};

/* One change on its way to the caller. */
typedef struct vcl_change {
    vcl_event_type type;
    cJSON *object;
} vcl_change;

/* One step of telling a list, or of reading the stream until end_ms. Returns 1 with a change, 0
 * without, or an error. */
int vcl_watch_step_list(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error);
int vcl_watch_step_stream(
    vcl_watch *watch, vcl_call *call, int64_t end_ms, vcl_change *out, vcluster_error **error);
/* Tell the held object. */
int vcl_watch_step_held(vcl_watch *watch, vcl_change *out, vcluster_error **error);

/* Close the stream; it is opened again at the last version. */
void vcl_watch_close_stream(vcl_watch *watch);
/* Something came from the server: failures before it do not count any more. */
void vcl_watch_progress(vcl_watch *watch);
/* Wait longer before the next try. */
void vcl_watch_back_off(vcl_watch *watch);

#endif
