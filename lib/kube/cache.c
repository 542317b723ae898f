/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small cache; see cache.h. Each source rides out cuts by itself (watch.h); here they are asked
 * in turn, whichever has something, and one change is handed out at a time.
 */
#include "kube/cache.h"

#include "base/clock.h"
#include "kube/watch_private.h"

void vcl_cache_close(vcl_cache *cache)
{
    if (!cache)
        return;
    for (size_t i = 0; i < cache->count; i++)
        vcl_watch_close(cache->watches[i]);
    free(cache);
}

int vcl_cache_open(vcl_kube *kube,
                   const vcl_cache_source *sources,
                   size_t count,
                   vcl_cache **out_cache,
                   vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_cache) cache = calloc(1, sizeof(*cache));

    if (!cache)
        return vcl_no_memory(error);
    if (count > VCL_CACHE_MAX_SOURCES)
        return vcl_fail(error, VCLUSTER_E_INTERNAL, "a cache of %zu sources", count);
    for (size_t i = 0; i < count; i++) {
        int flags =
            (sources[i].keep ? VCL_WATCH_KEEP : 0) | (sources[i].lasting ? VCL_WATCH_STREAMED : 0);

        int status = vcl_watch_open(kube, &sources[i].query, flags, &cache->watches[i], error);
        if (status < 0)
            return status;
        cache->optional[i] = sources[i].optional;
        cache->count = i + 1;
    }
    *out_cache = vcl_steal(&cache);
    return VCLUSTER_OK;
}

/* Ask one source. Returns 1, 0 when it has nothing, or an error. */
static int
ask(vcl_cache *cache, size_t source, vcl_call *call, vcl_cache_change *out, vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    vcl_change change = { 0 };

    int status = vcl_watch_next(cache->watches[source], call, &change, &failure);
    if (status == VCLUSTER_E_PERMISSION && cache->optional[source]) {
        vcl_watch_close(cache->watches[source]);
        cache->watches[source] = NULL;
        status = 1;
    }
    if (status < 0)
        return vcl_error_pass(error, &failure, status);
    if (status > 0)
        *out = (vcl_cache_change){ source, change.type, change.object };
    return status;
}

/* Each source, beginning behind the one that had the last change. */
static int ask_all(vcl_cache *cache, vcl_call *call, vcl_cache_change *out, vcluster_error **error)
{
    for (size_t i = 0; i < cache->count; i++) {
        size_t source = (cache->turn + i) % cache->count;

        if (!cache->watches[source])
            continue;
        int status = ask(cache, source, call, out, error);
        if (status != 0) {
            cache->turn = (source + 1) % cache->count;
            return status;
        }
    }
    return 0;
}

static bool all_synced(const vcl_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++) {
        if (cache->watches[i] && !vcl_watch_synced(cache->watches[i]))
            return false;
    }
    return true;
}

/* Until a source has something or wants to try again, at most until end_ms. */
static int
wait_for_sources(vcl_cache *cache, vcl_call *call, int64_t end_ms, vcluster_error **error)
{
    int fds[VCL_CACHE_MAX_SOURCES];
    int64_t due_ms = end_ms;

    for (size_t i = 0; i < cache->count; i++) {
        fds[i] = -1;
        int64_t at_ms =
            cache->watches[i] ? vcl_watch_due_ms(cache->watches[i], &fds[i]) : INT64_MAX;
        due_ms = at_ms < due_ms ? at_ms : due_ms;
    }
    int64_t left_ms = due_ms - vcl_monotonic_ms();
    if (left_ms < 0)
        left_ms = 0;
    return vcl_call_poll_any(call, fds, cache->count, due_ms == INT64_MAX ? -1 : left_ms, error);
}

int vcl_cache_next(vcl_cache *cache,
                   vcl_call *call,
                   int64_t wait_ms,
                   vcl_cache_change *out_change,
                   vcluster_error **error)
{
    int64_t end_ms = wait_ms < 0 ? INT64_MAX : vcl_monotonic_ms() + wait_ms;

    for (;;) {
        int status = vcl_call_check(call, error);
        if (status == VCLUSTER_OK)
            status = ask_all(cache, call, out_change, error);
        if (status != 0)
            return status;
        bool complete = !cache->synced && all_synced(cache);
        cache->synced = cache->synced || complete;
        if (complete || vcl_monotonic_ms() >= end_ms)
            return 0;
        status = wait_for_sources(cache, call, end_ms, error);
        if (status < 0)
            return status;
    }
}

bool vcl_cache_synced(const vcl_cache *cache)
{
    return cache->synced;
}

int vcl_cache_each(const vcl_cache *cache, size_t source, vcl_object_fn fn, void *data)
{
    return cache->watches[source] ? vcl_watch_each(cache->watches[source], fn, data) : 0;
}
