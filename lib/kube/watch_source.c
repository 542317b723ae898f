/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the changes of a watch come from: the pages of a list, compared with what was told before,
 * and the events of a stream, which may begin with all that is.
 */
#include "base/clock.h"
#include "base/str.h"
#include "kube/watch_private.h"

enum {
    OPEN_TIMEOUT_MS = 30000,
    /* How much later than it should the end of a stream may come. */
    MAX_LATE_MS = 15000,
    /* How long the events that tell the whole state may pause. */
    INITIAL_SILENCE_MS = 10000
};

/* Lend an object to the caller. */
static int tell(vcl_watch *watch, vcl_event_type type, cJSON *object, vcl_change *out)
{
    watch->told = object;
    *out = (vcl_change){ type, object };
    return 1;
}

/* What is known of an object that vanished while nobody watched. Frees it. */
static int vanished(vcl_watch *watch, vcl_known *gone, vcl_change *out, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_known) known = gone;

    if (known->object)
        return tell(watch, VCL_EVENT_DELETED, vcl_steal(&known->object), out);

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
    return tell(watch, VCL_EVENT_DELETED, vcl_steal(&object), out);
}

/* An object as the server has it now. Sets *out to a change, unless that was told before. One that
 * was deleted and made again is told as both, in this order. */
static int note_object(vcl_watch *watch, cJSON *object, vcl_change *out, vcluster_error **error)
{
    VCL_AUTO_JSON *owned = object;
    const char *uid = vcl_str(vcl_json_find_string(object, "metadata", "uid", NULL));
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);
    vcl_known *known = vcl_known_find(&watch->known, object);

    if (known && !vcl_streq(known->uid, uid)) {
        watch->held = vcl_steal(&owned);
        return vanished(watch, vcl_known_take(&watch->known, object), out, error);
    }
    if (known && vcl_streq(known->version, version)) {
        known->round = watch->round;
        return 0;
    }
    vcl_event_type type = known ? VCL_EVENT_MODIFIED : VCL_EVENT_ADDED;
    int status = vcl_known_put(&watch->known, object, watch->round, error);
    if (status < 0)
        return status;
    if (!watch->keep)
        return tell(watch, type, vcl_steal(&owned), out);
    vcl_known_find(&watch->known, object)->object = vcl_steal(&owned);
    *out = (vcl_change){ type, object };
    return 1;
}

int vcl_watch_step_held(vcl_watch *watch, vcl_change *out, vcluster_error **error)
{
    return note_object(watch, vcl_steal(&watch->held), out, error);
}

/* When all that is was told: tell what vanished, then go over to watching. */
static int sweep(vcl_watch *watch, vcl_change *out, vcluster_error **error)
{
    vcl_known *known = vcl_known_take_stale(&watch->known, watch->round, &watch->swept);

    if (known)
        return vanished(watch, known, out, error);
    watch->listing = false;
    watch->synced = true;
    watch->sweeping = false;
    return 0;
}

int vcl_watch_step_list(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error)
{
    cJSON *items = vcl_json_get(watch->page, "items");

    if (items && items->child)
        return note_object(watch, cJSON_DetachItemViaPointer(items, items->child), out, error);
    if (watch->sweeping)
        return sweep(watch, out, error);

    vcl_json_free_secret(vcl_steal(&watch->page));
    int status = vcl_pager_next(&watch->pager, watch->kube, call, &watch->page, error);
    if (status < 0)
        return status;
    vcl_watch_progress(watch);
    if (status == 0) {
        watch->sweeping = true;
        if (!vcl_str_replace(&watch->version, watch->pager.resource_version))
            return vcl_no_memory(error);
    }
    return 0;
}

static int
build_path(vcl_watch *watch, vcl_call *call, int64_t seconds, vcl_buf *path, vcluster_error **error)
{
    int status = vcl_query_path(watch->kube, call, &watch->query, path, error);

    if (status < 0)
        return status;
    vcl_query_add(path, "watch", "1");
    if (watch->initial) {
        vcl_query_add(path, "sendInitialEvents", "true");
        vcl_query_add(path, "resourceVersionMatch", "NotOlderThan");
    } else {
        vcl_query_add(path, "resourceVersion", watch->version);
    }
    vcl_query_add(path, "allowWatchBookmarks", "true");
    vcl_query_add_int(path, "timeoutSeconds", seconds);
    return vcl_kube_check_buf(path, error);
}

static int
request_stream(vcl_watch *watch, vcl_call *call, const char *path, vcluster_error **error)
{
    vcl_http_response not_ok = { 0 };
    vcl_http_request request = { .method = "GET",
                                 .path = path,
                                 .accept = watch->query.metadata_only ? VCL_ACCEPT_METADATA : NULL,
                                 .no_waiting = true };
    vcl_call part;

    vcl_call_init_part(&part, call, OPEN_TIMEOUT_MS);
    int status =
        vcl_http_stream_open(watch->kube->http, &part, &request, &watch->stream, &not_ok, error);
    call->ticked_ms = part.ticked_ms;
    call->stopped = call->stopped || part.stopped;
    if (status == VCLUSTER_OK && !watch->stream) {
        watch->asked_s = not_ok.retry_after_s;
        status = vcl_kube_status_error(&request, &not_ok, error);
    }
    vcl_http_response_done(&not_ok);
    return status;
}

static int open_stream(vcl_watch *watch, vcl_call *call, vcluster_error **error)
{
    int64_t seconds = watch->seconds + vcl_kube_random(watch->seconds);
    int64_t late_ms = seconds * 1000 < MAX_LATE_MS ? seconds * 1000 : MAX_LATE_MS;
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = build_path(watch, call, seconds, &path, error);
    if (status < 0)
        return status;
    status = request_stream(watch, call, vcl_buf_text(&path), error);
    if (status < 0) {
        watch->open_failures++;
        return status;
    }
    watch->stream_ends_ms = vcl_monotonic_ms() + seconds * 1000 + late_ms;
    watch->initial_ends_ms = vcl_monotonic_ms() + INITIAL_SILENCE_MS;
    watch->open_failures = 0;
    watch->progressed = false;
    return VCLUSTER_OK;
}

/* A Status inside the stream, as the error that it would be outside. */
static int error_event(vcl_watch *watch, const cJSON *object, vcluster_error **error)
{
    vcl_http_request request = { .method = "GET", .path = "/?watch=1" };
    vcl_http_response response = { .status = (int)vcl_json_find_int(object, 500, "code", NULL) };
    vcl_auto_free char *text = vcl_json_print(object);

    watch->asked_s = vcl_json_find_int(object, 0, "details", "retryAfterSeconds", NULL);
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

/* The bookmark behind which only changes follow: now what vanished is told. */
static void note_bookmark(vcl_watch *watch, const cJSON *object)
{
    const char *end =
        vcl_json_find_string(object, "metadata", "annotations", "k8s.io/initial-events-end", NULL);

    if (!watch->initial || !vcl_streq(end, "true"))
        return;
    watch->initial = false;
    watch->listing = true;
    watch->sweeping = true;
}

static int note_deleted(vcl_watch *watch, cJSON *object, vcl_change *out)
{
    VCL_AUTO_JSON *owned = object;
    const vcl_known *known = vcl_known_find(&watch->known, object);
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);

    if (!known || !vcl_streq(known->uid, vcl_str(uid)))
        return 0; /* told already, by the difference of a list */
    vcl_known_free(vcl_known_take(&watch->known, object));
    return tell(watch, VCL_EVENT_DELETED, vcl_steal(&owned), out);
}

/* The object is ours; whatever becomes of it, it is handed on or freed. */
static int take_event(vcl_watch *watch,
                      vcl_raw_event_type type,
                      cJSON *object,
                      vcl_change *out,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *owned = object;
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);

    if (type == VCL_RAW_ERROR)
        return error_event(watch, object, error);
    vcl_watch_progress(watch);
    watch->initial_ends_ms = vcl_monotonic_ms() + INITIAL_SILENCE_MS;
    if (!vcl_str_empty(version) && !vcl_str_replace(&watch->version, version))
        return vcl_no_memory(error);
    if (type == VCL_RAW_BOOKMARK)
        note_bookmark(watch, object);
    if (type == VCL_RAW_BOOKMARK || type == VCL_RAW_OTHER)
        return 0;

    if (watch->query.trim)
        watch->query.trim(object);
    if (!vcl_json_set_string(object, "apiVersion", watch->query.api_version) ||
        !vcl_json_set_string(object, "kind", watch->query.kind))
        return vcl_no_memory(error);
    return type == VCL_RAW_DELETED ? note_deleted(watch, vcl_steal(&owned), out)
                                   : note_object(watch, vcl_steal(&owned), out, error);
}

void vcl_watch_end_stream(vcl_watch *watch)
{
    /* Half of a whole state does not tell what vanished. */
    bool cut_short = watch->stream && watch->initial;

    vcl_http_stream_close(watch->stream);
    watch->stream = NULL;
    vcl_watch_lines_reset(&watch->lines);
    if (!cut_short)
        return;
    watch->streamed = false;
    vcl_watch_start_over(watch);
}

/* Take what has arrived, or see that nothing will. */
static int read_stream(vcl_watch *watch, vcl_call *call, vcluster_error **error)
{
    if (!vcl_http_stream_ready(watch->stream)) {
        if (!vcl_watch_is_late(watch, vcl_monotonic_ms()))
            return 0;
        /* A peer that has gone without a word, or one that does not say where the state ends. */
        vcl_watch_end_stream(watch);
        return 0;
    }
    int status = vcl_http_stream_read(watch->stream, call, &watch->lines.buf, error);
    if (status != 0)
        return status < 0 ? status : 0;
    vcl_watch_end_stream(watch);
    if (!watch->progressed) /* a server that ends each watch at once */
        vcl_watch_back_off(watch);
    return 0;
}

int vcl_watch_step_stream(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error)
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
        return read_stream(watch, call, error);
    status = vcl_watch_event_parse(line, size, &type, &object, error);
    return status < 0 ? status : take_event(watch, type, object, out, error);
}
