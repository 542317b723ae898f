/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small cache: some selections of objects as the server has them, each kept so by a watch. Each
 * change is told once, whatever is cut, expires or is refused for a while in between; what the last
 * changes were leads to what a list would say. One thread at a time.
 */
#ifndef VCL_KUBE_CACHE_H
#define VCL_KUBE_CACHE_H

#include "base/cleanup.h"
#include "kube/watch.h"

enum { VCL_CACHE_MAX_SOURCES = VCL_CALL_MAX_FDS };

/* One selection. */
typedef struct vcl_cache_source {
    vcl_list_query query; /* copied */
    bool optional;        /* a user who may not read it goes on without */
    bool keep;            /* the objects stay, for vcl_cache_each(); else only which there are */
    bool lasting;         /* for long: the whole state comes as events where that is served */
} vcl_cache_source;

typedef struct vcl_cache_change {
    size_t source;
    vcl_event_type type;
    const cJSON *object; /* until the next call; NULL: the user may not read the source, no more of
                            it will come */
} vcl_cache_change;

typedef struct vcl_cache vcl_cache;

/* Nothing is asked for yet. */
int vcl_cache_open(vcl_kube *kube,
                   const vcl_cache_source *sources,
                   size_t count,
                   vcl_cache **out_cache,
                   vcluster_error **error);
/* The next change, waiting at most wait_ms for it (< 0: until the deadline). Returns 1; 0 when the
 * time has passed, and once when the first state is complete; or an error that waiting cannot mend.
 * Nothing is lost by an error of time: go on with another call. */
int vcl_cache_next(vcl_cache *cache,
                   vcl_call *call,
                   int64_t wait_ms,
                   vcl_cache_change *out_change,
                   vcluster_error **error);
/* Whether all that was there at first has been told. */
bool vcl_cache_synced(const vcl_cache *cache);
/* Call fn for each object of a source that keeps them, until it returns non-zero, which is
 * returned. In no order; the objects stay until the next call of vcl_cache_next(). */
int vcl_cache_each(const vcl_cache *cache, size_t source, vcl_object_fn fn, void *data);
void vcl_cache_close(vcl_cache *cache);
VCL_DEFINE_CLEANUP(vcl_cache, vcl_cache_close);

#endif
