/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the changes of a watch come from: the pages of a list, compared with what was told before,
 * and the events of a stream.
 */
#include "base/clock.h"
#include "base/str.h"
#include "kube/watch_private.h"

enum {
    OPEN_TIMEOUT_MS = 30000,
    /* How much later than it should the end of a stream may come. */
    MAX_LATE_MS = 15000
};

/* What is still known of an object that vanished while nobody watched. */
static int
vanished(const vcl_watch *watch, const vcl_known *known, vcl_change *out, vcluster_error **error)
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
    *out = (vcl_change){ VCL_EVENT_DELETED, vcl_steal(&object) };
    return 1;
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
        vcl_auto_free vcl_known *old = vcl_known_take(&watch->known, object);
        watch->held = vcl_steal(&owned);
        return vanished(watch, old, out, error);
    }
    if (known && vcl_streq(known->version, version)) {
        known->round = watch->round;
        return 0;
    }
    vcl_event_type type = known ? VCL_EVENT_MODIFIED : VCL_EVENT_ADDED;
    int status = vcl_known_put(&watch->known, object, watch->round, error);
    if (status < 0)
        return status;
    *out = (vcl_change){ type, vcl_steal(&owned) };
    return 1;
}

int vcl_watch_step_held(vcl_watch *watch, vcl_change *out, vcluster_error **error)
{
    return note_object(watch, vcl_steal(&watch->held), out, error);
}

/* After the last page: tell what vanished, then go over to watching. */
static int sweep(vcl_watch *watch, vcl_change *out, vcluster_error **error)
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

int vcl_watch_step_list(vcl_watch *watch, vcl_call *call, vcl_change *out, vcluster_error **error)
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
    vcl_watch_progress(watch);
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
    int64_t seconds = watch->seconds + vcl_kube_random(watch->seconds);
    vcl_query_add_int(&path, "timeoutSeconds", seconds);
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;

    vcl_call part;
    vcl_call_init_part(&part, call, OPEN_TIMEOUT_MS);
    vcl_http_request request = { .method = "GET",
                                 .path = vcl_buf_text(&path),
                                 .accept =
                                     watch->query.metadata_only ? VCL_ACCEPT_METADATA : NULL };
    status =
        vcl_http_stream_open(watch->kube->http, &part, &request, &watch->stream, &not_ok, error);
    end_part(call, &part);
    if (status == VCLUSTER_OK && !watch->stream)
        status = vcl_kube_status_error(&request, &not_ok, error);
    vcl_http_response_done(&not_ok);
    watch->open_failures = status < 0 ? watch->open_failures + 1 : 0;
    watch->progressed = false;
    int64_t late_ms = seconds * 1000 < MAX_LATE_MS ? seconds * 1000 : MAX_LATE_MS;
    watch->stream_ends_ms = vcl_monotonic_ms() + seconds * 1000 + late_ms;
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
static int take_event(vcl_watch *watch,
                      vcl_raw_event_type type,
                      cJSON *object,
                      vcl_change *out,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *owned = object;
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);

    if (type == VCL_RAW_ERROR)
        return error_event(object, error);
    vcl_watch_progress(watch);
    if (!vcl_str_empty(version) && !vcl_str_replace(&watch->version, version))
        return vcl_no_memory(error);
    if (type == VCL_RAW_BOOKMARK || type == VCL_RAW_OTHER)
        return 0;

    if (!vcl_json_set_string(object, "apiVersion", watch->query.api_version) ||
        !vcl_json_set_string(object, "kind", watch->query.kind))
        return vcl_no_memory(error);
    if (type != VCL_RAW_DELETED)
        return note_object(watch, vcl_steal(&owned), out, error);
    vcl_known *known = vcl_known_find(&watch->known, object);
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);
    if (!known || !vcl_streq(known->uid, vcl_str(uid)))
        return 0; /* told already, by the difference of a list */
    free(vcl_known_take(&watch->known, object));
    *out = (vcl_change){ VCL_EVENT_DELETED, vcl_steal(&owned) };
    return 1;
}

void vcl_watch_close_stream(vcl_watch *watch)
{
    vcl_http_stream_close(watch->stream);
    watch->stream = NULL;
    vcl_watch_lines_reset(&watch->lines);
}

/* Read more, at most until end_ms. Time that is up is no error here. */
static int read_stream(vcl_watch *watch, vcl_call *call, int64_t end_ms, vcluster_error **error)
{
    int64_t now_ms = vcl_monotonic_ms();
    int64_t left_ms = (end_ms < watch->stream_ends_ms ? end_ms : watch->stream_ends_ms) - now_ms;
    VCL_AUTO_ERROR *failure = NULL;
    vcl_call part;

    /* At least a moment: what has arrived already must be seen. */
    vcl_call_init_part(&part, call, left_ms > 0 ? left_ms : 1);
    int status = vcl_http_stream_read(watch->stream, &part, &watch->lines.buf, &failure);
    end_part(call, &part);
    if (status > 0)
        return 0;
    if (status == VCLUSTER_E_TIMEOUT && vcl_call_left_ms(call) > 0) {
        /* A peer that has gone without a word: the server would have ended the stream. */
        if (vcl_monotonic_ms() >= watch->stream_ends_ms)
            vcl_watch_close_stream(watch);
        return 0;
    }
    if (status == VCLUSTER_OK) {
        vcl_watch_close_stream(watch);
        if (!watch->progressed) /* a server that ends each watch at once */
            vcl_watch_back_off(watch);
        return 0;
    }
    if (error)
        *error = vcl_steal(&failure);
    return status;
}

int vcl_watch_step_stream(
    vcl_watch *watch, vcl_call *call, int64_t end_ms, vcl_change *out, vcluster_error **error)
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
