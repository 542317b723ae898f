/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A watch as a machine of two states: LISTING goes through the pages of a list and tells how it
 * differs from what was told before; WATCHING reads events from a stream. A cut stream is opened
 * again at the last resourceVersion; a version that is too old goes back to LISTING. One thread at
 * a time.
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
    /* A stream cannot be opened although the server answers: its version may be from the future
     * (a store that was restored), so list again. */
    MAX_OPEN_FAILURES = 3,
    /* Answers that break the protocol, in a row, until that is taken for lasting. */
    MAX_PROTOCOL_FAILURES = 5
};

static void start_list(vcl_watch *watch)
{
    vcl_http_stream_close(watch->stream);
    watch->stream = NULL;
    vcl_watch_lines_reset(&watch->lines);
    vcl_pager_done(&watch->pager);
    cJSON_Delete(watch->page);
    watch->page = NULL;
    watch->listing = true;
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
    to->metadata_only = from->metadata_only;
    to->page_size = from->page_size;
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
                   vcl_watch **out_watch,
                   vcluster_error **error)
{
    vcl_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return vcl_no_memory(error);
    watch->kube = kube;
    watch->seconds = WATCH_SECONDS;
    vcl_pager_init(&watch->pager, &watch->query);
    vcl_watch_lines_init(&watch->lines);
    vcl_known_init(&watch->known);
    if (!copy_query(&watch->query, query)) {
        vcl_watch_close(watch);
        return vcl_no_memory(error);
    }
    start_list(watch);
    *out_watch = watch;
    return VCLUSTER_OK;
}

void vcl_watch_close(vcl_watch *watch)
{
    if (!watch)
        return;
    vcl_http_stream_close(watch->stream);
    vcl_pager_done(&watch->pager);
    cJSON_Delete(watch->page);
    cJSON_Delete(watch->held);
    vcl_watch_lines_done(&watch->lines);
    vcl_known_done(&watch->known);
    free_query(&watch->query);
    free(watch->version);
    free(watch);
}

int64_t vcl_watch_due_ms(const vcl_watch *watch, int *out_fd)
{
    *out_fd = -1;
    if (watch->held || watch->listing || !watch->stream)
        return watch->retry_at_ms;
    if (vcl_watch_lines_has_one(&watch->lines))
        return 0;
    *out_fd = vcl_http_stream_fd(watch->stream);
    return watch->stream_ends_ms;
}

bool vcl_watch_synced(const vcl_watch *watch)
{
    return watch->synced;
}

void vcl_watch_progress(vcl_watch *watch)
{
    watch->progressed = true;
    watch->backoff_ms = 0;
    watch->open_failures = 0;
    watch->protocol_failures = 0;
}

void vcl_watch_back_off(vcl_watch *watch)
{
    watch->backoff_ms = watch->backoff_ms ? watch->backoff_ms * 2 : FIRST_BACKOFF_MS;
    if (watch->backoff_ms > MAX_BACKOFF_MS)
        watch->backoff_ms = MAX_BACKOFF_MS;
    watch->retry_at_ms =
        vcl_monotonic_ms() + watch->backoff_ms / 2 + vcl_kube_random(watch->backoff_ms / 2 + 1);
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

/* Decide how to go on after an error; false: it is the caller's. */
static bool recover(vcl_watch *watch, vcl_call *call, const vcluster_error *failure)
{
    bool expired = vcl_is_expired(failure);

    if (!expired && !is_transient(watch, call, failure))
        return false;
    vcl_watch_close_stream(watch);
    /* A page that is cut short is asked for again by the pager; anything else begins anew. */
    if (expired || watch->open_failures >= MAX_OPEN_FAILURES)
        start_list(watch);
    vcl_watch_back_off(watch);
    return true;
}

/* Wait for the time of the next try, at most until end_ms. Returns 1 when it may be tried. */
static int wait_for_retry(vcl_watch *watch, vcl_call *call, int64_t end_ms, vcluster_error **error)
{
    int64_t now_ms = vcl_monotonic_ms();

    if (watch->retry_at_ms <= now_ms)
        return 1;
    int64_t until_ms = watch->retry_at_ms < end_ms ? watch->retry_at_ms : end_ms;
    int status = until_ms > now_ms ? vcl_call_sleep(call, until_ms - now_ms, error) : 0;
    if (status < 0)
        return status;
    return vcl_monotonic_ms() >= watch->retry_at_ms;
}

/* One step; see vcl_watch_next() for what it returns. */
static int
step(vcl_watch *watch, vcl_call *call, int64_t end_ms, vcl_change *out, vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    int status = wait_for_retry(watch, call, end_ms, error);

    if (status <= 0)
        return status;
    if (watch->held)
        status = vcl_watch_step_held(watch, out, &failure);
    else if (watch->listing)
        status = vcl_watch_step_list(watch, call, out, &failure);
    else
        status = vcl_watch_step_stream(watch, call, end_ms, out, &failure);
    if (status >= 0 || recover(watch, call, failure))
        return status > 0;
    if (error)
        *error = vcl_steal(&failure);
    return status;
}

int vcl_watch_next(vcl_watch *watch,
                   vcl_call *call,
                   int64_t wait_ms,
                   vcl_event_type *out_type,
                   cJSON **out_object,
                   vcluster_error **error)
{
    int64_t end_ms = wait_ms < 0 ? INT64_MAX : vcl_monotonic_ms() + wait_ms;
    vcl_change told = { VCL_EVENT_ADDED, NULL };

    for (;;) {
        int status = vcl_call_check(call, error);
        if (status < 0)
            return status;
        status = step(watch, call, end_ms, &told, error);
        if (status < 0)
            return status;
        if (status > 0) {
            *out_type = told.type;
            *out_object = told.object;
            return 1;
        }
        /* A list that goes on is not cut short: its requests end with the call's deadline. */
        bool busy = watch->listing && watch->retry_at_ms <= vcl_monotonic_ms();
        if (!busy && vcl_monotonic_ms() >= end_ms)
            return 0;
    }
}
