/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watch as a machine of two states: LISTING goes through the pages of a list and tells how it
 * differs from what was told before; WATCHING reads events from a stream. A cut stream is opened
 * again at the last resourceVersion; a version that is too old goes back to LISTING. Where the
 * server serves it, the stream itself begins with all that is (sendInitialEvents), and the sweep
 * that ends a list follows its bookmark. One thread at a time.
 */
#include "kube/watch.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/watch_private.h"

enum {
    WATCH_SECONDS = 300,
    FIRST_BACKOFF_MS = 200,
    MAX_BACKOFF_MS = 5000,
    MAX_ASKED_S = 60,
    /* A stream cannot be opened although the server answers: its version may be from the future
     * (a store that was restored), so list again. */
    MAX_OPEN_FAILURES = 3,
    /* Answers that break the protocol, in a row, until that is taken for lasting. */
    MAX_PROTOCOL_FAILURES = 5
};

void vcl_watch_start_over(vcl_watch *watch)
{
    vcl_http_stream_close(watch->stream);
    watch->stream = NULL;
    vcl_watch_lines_reset(&watch->lines);
    vcl_pager_done(&watch->pager);
    vcl_json_free_secret(vcl_steal(&watch->page));
    watch->initial = watch->streamed && !atomic_load(&watch->kube->lists_only);
    watch->listing = !watch->initial;
    watch->sweeping = false;
    watch->swept = 0;
    watch->round++;
    watch->open_failures = 0;
}

static bool copy_string(const char **slot, const char *text)
{
    *slot = vcl_strdup(text);
    return *slot || !text;
}

static bool copy_query(vcl_list_query *to, const vcl_list_query *from)
{
    *to = (vcl_list_query){ .metadata_only = from->metadata_only,
                            .page_size = from->page_size,
                            .trim = from->trim,
                            .message = from->message };
    return copy_string(&to->api_version, from->api_version) && copy_string(&to->kind, from->kind) &&
           copy_string(&to->namespace_name, from->namespace_name) &&
           copy_string(&to->label_selector, from->label_selector) &&
           copy_string(&to->field_selector, from->field_selector);
}

/* The strings of the copy are ours, although the type says const. */
static void free_query(vcl_list_query *query)
{
    const char *const strings[] = { query->api_version, query->kind, query->namespace_name,
                                    query->label_selector, query->field_selector };

    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        char *text;

        memcpy(&text, &strings[i], sizeof(text));
        free(text);
    }
}

int vcl_watch_open(vcl_kube *kube,
                   const vcl_list_query *query,
                   int flags,
                   vcl_watch **out_watch,
                   vcluster_error **error)
{
    vcl_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return vcl_no_memory(error);
    watch->kube = kube;
    watch->keep = (flags & VCL_WATCH_KEEP) != 0;
    watch->streamed = (flags & VCL_WATCH_STREAMED) != 0;
    watch->seconds = WATCH_SECONDS;
    vcl_pager_init(&watch->pager, &watch->query);
    vcl_watch_lines_init(&watch->lines);
    vcl_known_init(&watch->known);
    if (!copy_query(&watch->query, query)) {
        vcl_watch_close(watch);
        return vcl_no_memory(error);
    }
    vcl_watch_start_over(watch);
    *out_watch = watch;
    return VCLUSTER_OK;
}

void vcl_watch_close(vcl_watch *watch)
{
    if (!watch)
        return;
    vcl_http_stream_close(watch->stream);
    vcl_pager_done(&watch->pager);
    vcl_json_free_secret(watch->page);
    vcl_json_free_secret(watch->held);
    vcl_json_free_secret(watch->told);
    vcl_watch_lines_done(&watch->lines);
    vcl_known_done(&watch->known);
    free_query(&watch->query);
    free(watch->version);
    free(watch);
}

bool vcl_watch_is_late(const vcl_watch *watch, int64_t now_ms)
{
    return now_ms >= watch->stream_ends_ms || (watch->initial && now_ms >= watch->initial_ends_ms);
}

int64_t vcl_watch_due_ms(const vcl_watch *watch, int *out_fd)
{
    *out_fd = -1;
    if (watch->held || watch->listing || !watch->stream)
        return watch->retry_at_ms;
    if (vcl_watch_lines_pending(&watch->lines))
        return 0;
    *out_fd = vcl_http_stream_fd(watch->stream);
    return watch->initial && watch->initial_ends_ms < watch->stream_ends_ms ? watch->initial_ends_ms
                                                                            : watch->stream_ends_ms;
}

/* Nothing can be done before something arrives or the time has come. */
static bool is_idle(const vcl_watch *watch)
{
    int64_t now_ms = vcl_monotonic_ms();
    int fd;

    return vcl_watch_due_ms(watch, &fd) > now_ms &&
           (fd < 0 || !vcl_http_stream_ready(watch->stream));
}

bool vcl_watch_synced(const vcl_watch *watch)
{
    return watch->synced;
}

typedef struct visit {
    vcl_object_fn fn;
    void *data;
} visit;

static int visit_object(const vcl_known *known, void *data)
{
    const visit *self = data;

    return known->object ? self->fn(known->object, self->data) : 0;
}

int vcl_watch_each(const vcl_watch *watch, vcl_object_fn fn, void *data)
{
    visit self = { fn, data };

    return vcl_known_each(&watch->known, visit_object, &self);
}

void vcl_watch_progress(vcl_watch *watch)
{
    watch->progressed = true;
    watch->backoff_ms = 0;
    watch->open_failures = 0;
    watch->protocol_failures = 0;
}

/* At least what the server asks for, but not the same for all whom it asks at once. */
void vcl_watch_back_off(vcl_watch *watch)
{
    int64_t asked_ms = (watch->asked_s < MAX_ASKED_S ? watch->asked_s : MAX_ASKED_S) * 1000;

    watch->asked_s = 0;
    watch->backoff_ms = watch->backoff_ms ? watch->backoff_ms * 2 : FIRST_BACKOFF_MS;
    if (watch->backoff_ms > MAX_BACKOFF_MS)
        watch->backoff_ms = MAX_BACKOFF_MS;
    int64_t own_ms = watch->backoff_ms / 2 + vcl_kube_random(watch->backoff_ms / 2 + 1);
    int64_t wait_ms = asked_ms + (asked_ms > 0 ? vcl_kube_random(asked_ms / 4 + 1) : 0);
    watch->retry_at_ms = vcl_monotonic_ms() + (wait_ms > own_ms ? wait_ms : own_ms);
}

/* Whether waiting can mend an error. */
static bool is_transient(vcl_watch *watch, vcl_call *call, const vcluster_error *failure)
{
    int code = vcluster_error_code(failure);

    if (code == VCLUSTER_E_PROTOCOL)
        return ++watch->protocol_failures < MAX_PROTOCOL_FAILURES;
    if (code == VCLUSTER_E_TIMEOUT)
        return vcl_call_left_ms(call) > 0;
    return code == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(failure);
}

/* A server that does not tell its whole state as events says so by 422, or, where its store lacks
 * what that takes, by an internal error inside the stream: those are remembered. Anything else that
 * it answers is left to a list, which either works or says it better. */
static bool is_refused(vcl_watch *watch, const vcluster_error *failure)
{
    int http = vcluster_error_http_status(failure);

    if (!watch->initial || http == 0 || http == 429 || vcl_is_expired(failure))
        return false;
    if (http == 422 || http == 500)
        atomic_store(&watch->kube->lists_only, true);
    watch->streamed = false;
    return true;
}

/* Decide how to go on after an error; false: it is the caller's. */
static bool recover(vcl_watch *watch, vcl_call *call, const vcluster_error *failure)
{
    bool expired = vcl_is_expired(failure);
    bool refused = is_refused(watch, failure);

    if (!expired && !refused && !is_transient(watch, call, failure))
        return false;
    /* A page that is cut short is asked for again by the pager; anything else begins anew. */
    vcl_watch_end_stream(watch);
    if (expired || watch->initial || watch->open_failures >= MAX_OPEN_FAILURES)
        vcl_watch_start_over(watch);
    if (!refused)
        vcl_watch_back_off(watch);
    return true;
}

/* One step; see vcl_watch_next() for what it returns. */
static int step(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    int status;

    if (watch->held)
        status = vcl_watch_step_held(watch, out, &failure);
    else if (watch->listing)
        status = vcl_watch_step_list(watch, call, out, &failure);
    else
        status = vcl_watch_step_stream(watch, call, out, &failure);
    if (status >= 0 || recover(watch, call, failure))
        return status > 0;
    return vcl_error_pass(error, &failure, status);
}

int vcl_watch_next(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error)
{
    bool synced = watch->synced;

    vcl_json_free_secret(vcl_steal(&watch->told));
    while (!is_idle(watch) && watch->synced == synced) {
        int status = vcl_call_check(call, error);
        if (status == VCLUSTER_OK)
            status = step(watch, call, out, error);
        if (status != 0)
            return status;
    }
    return 0;
}
