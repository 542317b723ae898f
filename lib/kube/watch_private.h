/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a watch: the machine (watch.c) and where its changes come from (watch_source.c);
 * and of a cache, which is some watches. */
#ifndef VCL_KUBE_WATCH_PRIVATE_H
#define VCL_KUBE_WATCH_PRIVATE_H

#include "kube/cache.h"
#include "kube/pager.h"
#include "kube/watch_known.h"
#include "kube/watch_lines.h"

struct vcl_watch {
    vcl_kube *kube;
    vcl_list_query query; /* strings are owned */
    bool keep;
    bool streamed; /* the whole state comes as events; false once that was refused or cut short */

    bool listing; /* the pages of a list, or the sweep behind them or the events */
    bool initial; /* the stream tells the whole state */
    bool synced;
    vcl_pager pager;
    cJSON *page;    /* what of it is not told yet */
    cJSON *held;    /* an object whose predecessor of the same name was told as deleted first */
    bool sweeping;  /* all that is was told; now what vanished */
    size_t swept;   /* slot of `known` */
    uint64_t round; /* number of the list */
    vcl_known_map known;
    cJSON *told; /* lent until the next call */

    char *version; /* to resume from */
    vcl_http_stream *stream;
    vcl_watch_lines lines;
    bool progressed;         /* since the stream was opened */
    int64_t seconds;         /* the server ends a stream after so many to twice as many */
    int64_t stream_ends_ms;  /* where it has not by then, it is dead */
    int64_t initial_ends_ms; /* where the whole state goes on by then, its end does not come */

    int64_t backoff_ms;
    int64_t retry_at_ms;
    int64_t asked_s; /* the server wants to be left alone for so long; 0: it did not say */
    int open_failures;
    int protocol_failures;
};

struct vcl_cache {
    vcl_watch *watches[VCL_CACHE_MAX_SOURCES]; /* NULL: the user may not read it */
    bool optional[VCL_CACHE_MAX_SOURCES];
    size_t count;
    size_t turn; /* which is asked first */
    bool synced;
};

/* One step of telling a list, or of reading the stream. Returns 1 with a change, 0 without, or an
 * error. */
int vcl_watch_step_list(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error);
int vcl_watch_step_stream(vcl_watch *watch,
                          vcl_call *call,
                          vcl_change *out,
                          vcluster_error **error);
/* Tell the held object. */
int vcl_watch_step_held(vcl_watch *watch, vcl_change *out, vcluster_error **error);

/* Begin with the whole state anew. */
void vcl_watch_start_over(vcl_watch *watch);
/* Whether the time of the stream is up. */
bool vcl_watch_is_late(const vcl_watch *watch, int64_t now_ms);
/* A stream is over: it is opened again at the last version, or all is told anew, by a list, where
 * it has not told its whole state. */
void vcl_watch_end_stream(vcl_watch *watch);
/* Something came from the server: failures before it do not count any more. */
void vcl_watch_progress(vcl_watch *watch);
/* Wait longer before the next try. */
void vcl_watch_back_off(vcl_watch *watch);

#endif
