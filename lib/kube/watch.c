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
#include "kube/client.h"
#include "kube/pager.h"
#include "kube/watch_known.h"
#include "kube/watch_lines.h"

enum {
    FIRST_BACKOFF_MS = 200,
    MAX_BACKOFF_MS = 5000,
    OPEN_TIMEOUT_MS = 30000,
    /* The server ends a watch after 5 to 10 minutes, so that a dead connection is noticed. */
    MIN_WATCH_SECONDS = 300,
    /* A stream cannot be opened although the server answers: its version may be from the future
     * (a store that was restored), so list again. */
    MAX_OPEN_FAILURES = 3,
    /* Answers that break the protocol, in a row, until that is taken for lasting. */
    MAX_PROTOCOL_FAILURES = 5
};

struct vcl_watch {
    vcl_kube *kube;
    vcl_list_query query; /* strings are owned */

    bool listing;
    bool synced;
    vcl_pager pager;
    cJSON *page;     /* what of it is not told yet */
    bool sweeping;   /* all pages are told; now what vanished */
    size_t swept;    /* slot of `known` */
    uint64_t round;  /* number of the list */
    vcl_known_map known;

    char *version; /* to resume from */
    vcl_http_stream *stream;
    vcl_watch_lines lines;
    bool progressed; /* since the stream was opened */

    int64_t backoff_ms;
    int64_t retry_at_ms;
    int open_failures;
    int protocol_failures;
};

/* One change on its way to the caller. */
typedef struct change {
    vcl_event_type type;
    cJSON *object;
} change;

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
    return copy_string(&to->api_version, from->api_version) &&
           copy_string(&to->kind, from->kind) &&
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

int vcl_watch_open(vcl_kube *kube, const vcl_list_query *query, vcl_watch **out_watch,
                   vcluster_error **error)
{
    vcl_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return vcl_no_memory(error);
    watch->kube = kube;
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
    vcl_watch_lines_done(&watch->lines);
    vcl_known_done(&watch->known);
    free_query(&watch->query);
    free(watch->version);
    free(watch);
}

bool vcl_watch_synced(const vcl_watch *watch)
{
    return watch->synced;
}

static void made_progress(vcl_watch *watch)
{
    watch->progressed = true;
    watch->backoff_ms = 0;
    watch->open_failures = 0;
    watch->protocol_failures = 0;
}

static void back_off(vcl_watch *watch)
{
    watch->backoff_ms = watch->backoff_ms ? watch->backoff_ms * 2 : FIRST_BACKOFF_MS;
    if (watch->backoff_ms > MAX_BACKOFF_MS)
        watch->backoff_ms = MAX_BACKOFF_MS;
    watch->retry_at_ms = vcl_monotonic_ms() + watch->backoff_ms / 2 +
                         vcl_kube_random(watch->backoff_ms / 2 + 1);
}

/* An object as the server has it now. Sets *out to a change, unless that was told before. */
static int note_object(vcl_watch *watch, cJSON *object, change *out, vcluster_error **error)
{
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);
    vcl_known *known = vcl_known_find(&watch->known, uid);

    if (known && vcl_streq(known->version, version)) {
        known->round = watch->round;
        cJSON_Delete(object);
        return 0;
    }
    bool is_new = !known;
    int status = vcl_known_put(&watch->known, object, watch->round, error);
    if (status < 0) {
        cJSON_Delete(object);
        return status;
    }
    *out = (change){ is_new ? VCL_EVENT_ADDED : VCL_EVENT_MODIFIED, object };
    return 1;
}

/* What is still known of an object that vanished while nobody watched. */
static int vanished(const vcl_watch *watch, const vcl_known *known, change *out,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *object = cJSON_CreateObject();
    bool ok = vcl_json_set_string(object, "apiVersion", watch->query.api_version) &&
              vcl_json_set_string(object, "kind", watch->query.kind);
    cJSON *metadata = ok ? vcl_json_object(object, "metadata") : NULL;

    ok = metadata && vcl_json_set_string(metadata, "name", known->name) &&
         vcl_json_set_string(metadata, "uid", known->uid) &&
         vcl_json_set_string(metadata, "resourceVersion", known->version);
    if (ok && *known->namespace_name)
        ok = vcl_json_set_string(metadata, "namespace", known->namespace_name);
    if (!ok)
        return vcl_no_memory(error);
    *out = (change){ VCL_EVENT_DELETED, vcl_steal(&object) };
    return 1;
}

/* After the last page: tell what vanished, then go over to watching. */
static int sweep(vcl_watch *watch, change *out, vcluster_error **error)
{
    vcl_known *known = vcl_known_take_stale(&watch->known, watch->round, &watch->swept);

    if (known) {
        int status = vanished(watch, known, out, error);
        free(known);
        return status;
    }
    watch->listing = false;
    watch->synced = true;
    watch->sweeping = false;
    return 0;
}

static int step_list(vcl_watch *watch, vcl_call *call, change *out, vcluster_error **error)
{
    cJSON *items = vcl_json_get(watch->page, "items");

    if (items && items->child)
        return note_object(watch, cJSON_DetachItemViaPointer(items, items->child), out, error);
    if (watch->sweeping)
        return sweep(watch, out, error);

    cJSON_Delete(watch->page);
    watch->page = NULL;
    int status = vcl_pager_next(&watch->pager, watch->kube, call, &watch->page, error);
    if (status < 0)
        return status;
    made_progress(watch);
    if (status == 0) {
        watch->sweeping = true;
        if (!vcl_str_replace(&watch->version, watch->pager.resource_version))
            return vcl_no_memory(error);
    }
    return 0;
}

/* Run a part of the call with a time limit of its own, and bring back what it changed. */
static void end_part(vcl_call *call, const vcl_call *part)
{
    call->ticked_ms = part->ticked_ms;
    call->stopped = call->stopped || part->stopped;
}

static int open_stream(vcl_watch *watch, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_BUF path = { 0 };
    vcl_http_response not_ok = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = vcl_query_path(watch->kube, call, &watch->query, &path, error);
    if (status < 0)
        return status;
    vcl_query_add(&path, "watch", "1");
    vcl_query_add(&path, "resourceVersion", watch->version);
    vcl_query_add(&path, "allowWatchBookmarks", "true");
    vcl_query_add_int(&path, "timeoutSeconds",
                      MIN_WATCH_SECONDS + vcl_kube_random(MIN_WATCH_SECONDS));
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;

    vcl_call part;
    vcl_call_init_part(&part, call, OPEN_TIMEOUT_MS);
    vcl_http_request request = { .method = "GET",
                                 .path = vcl_buf_text(&path),
                                 .accept = watch->query.metadata_only ? VCL_ACCEPT_METADATA : NULL };
    status = vcl_http_stream_open(watch->kube->http, &part, &request, &watch->stream, &not_ok,
                                  error);
    end_part(call, &part);
    if (status == VCLUSTER_OK && !watch->stream)
        status = vcl_kube_status_error(&request, &not_ok, error);
    vcl_http_response_done(&not_ok);
    watch->open_failures = status < 0 ? watch->open_failures + 1 : 0;
    watch->progressed = false;
    vcl_watch_lines_reset(&watch->lines);
    return status;
}

/* A Status inside the stream, as the error that it would be outside. */
static int error_event(const cJSON *object, vcluster_error **error)
{
    vcl_http_request request = { .method = "GET", .path = "/?watch=1" };
    vcl_http_response response = { .status = (int)vcl_json_find_int(object, 500, "code", NULL) };
    vcl_auto_free char *text = vcl_json_print(object);

    vcl_buf_init(&response.body, VCL_KUBE_MAX_PATH);
    if (!text)
        return vcl_no_memory(error);
    (void)vcl_buf_add(&response.body, text); /* too long: told without its text */
    if (response.status < 300)
        response.status = 500;
    int status = vcl_kube_status_error(&request, &response, error);
    vcl_buf_done(&response.body);
    return status;
}

/* The object is ours; whatever becomes of it, it is handed on or freed. */
static int take_event(vcl_watch *watch, vcl_raw_event_type type, cJSON *object, change *out,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *owned = object;
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);

    if (type == VCL_RAW_ERROR)
        return error_event(object, error);
    made_progress(watch);
    if (!vcl_str_empty(version) && !vcl_str_replace(&watch->version, version))
        return vcl_no_memory(error);
    if (type == VCL_RAW_BOOKMARK || type == VCL_RAW_OTHER)
        return 0;

    if (!vcl_json_set_string(object, "apiVersion", watch->query.api_version) ||
        !vcl_json_set_string(object, "kind", watch->query.kind))
        return vcl_no_memory(error);
    if (type != VCL_RAW_DELETED)
        return note_object(watch, vcl_steal(&owned), out, error);
    if (!vcl_known_remove(&watch->known, vcl_json_find_string(object, "metadata", "uid", NULL)))
        return 0;
    *out = (change){ VCL_EVENT_DELETED, vcl_steal(&owned) };
    return 1;
}

static void close_stream(vcl_watch *watch)
{
    vcl_http_stream_close(watch->stream);
    watch->stream = NULL;
    vcl_watch_lines_reset(&watch->lines);
}

/* Read more, at most until end_ms. Time that is up is no error here. */
static int read_stream(vcl_watch *watch, vcl_call *call, int64_t end_ms, vcluster_error **error)
{
    int64_t left_ms = end_ms == INT64_MAX ? INT64_MAX : end_ms - vcl_monotonic_ms();
    VCL_AUTO_ERROR *failure = NULL;
    vcl_call part;

    /* At least a moment: what has arrived already must be seen. */
    vcl_call_init_part(&part, call, left_ms > 0 ? left_ms : 1);
    int status = vcl_http_stream_read(watch->stream, &part, &watch->lines.buf, &failure);
    end_part(call, &part);
    if (status > 0)
        return 0;
    if (status == VCLUSTER_E_TIMEOUT && vcl_call_left_ms(call) > 0)
        return 0;
    if (status == VCLUSTER_OK) {
        close_stream(watch);
        if (!watch->progressed) /* a server that ends each watch at once */
            back_off(watch);
        return 0;
    }
    if (error)
        *error = vcl_steal(&failure);
    return status;
}

static int step_watch(vcl_watch *watch, vcl_call *call, int64_t end_ms, change *out,
                      vcluster_error **error)
{
    const char *line = NULL;
    size_t size = 0;
    vcl_raw_event_type type = VCL_RAW_OTHER;
    cJSON *object = NULL;

    if (!watch->stream)
        return open_stream(watch, call, error);
    int status = vcl_watch_lines_next(&watch->lines, &line, &size, error);
    if (status < 0)
        return status;
    if (status == 0)
        return read_stream(watch, call, end_ms, error);
    status = vcl_watch_event_parse(line, size, &type, &object, error);
    return status < 0 ? status : take_event(watch, type, object, out, error);
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
    close_stream(watch);
    /* A page that is cut short is asked for again by the pager; anything else begins anew. */
    if (expired || watch->open_failures >= MAX_OPEN_FAILURES)
        start_list(watch);
    back_off(watch);
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
static int step(vcl_watch *watch, vcl_call *call, int64_t end_ms, change *out,
                vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    int status = wait_for_retry(watch, call, end_ms, error);

    if (status <= 0)
        return status;
    status = watch->listing ? step_list(watch, call, out, &failure)
                            : step_watch(watch, call, end_ms, out, &failure);
    if (status >= 0 || recover(watch, call, failure))
        return status > 0;
    if (error)
        *error = vcl_steal(&failure);
    return status;
}

int vcl_watch_next(vcl_watch *watch, vcl_call *call, int64_t wait_ms, vcl_event_type *out_type,
                   cJSON **out_object, vcluster_error **error)
{
    int64_t end_ms = wait_ms < 0 ? INT64_MAX : vcl_monotonic_ms() + wait_ms;
    change told = { VCL_EVENT_ADDED, NULL };

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
