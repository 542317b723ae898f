/* SPDX-License-Identifier: Apache-2.0 */
/* A server that plays a script; see watch_script.h. */
#include "watch_script.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

static void chunk(test_conn *conn, const char *text, size_t size)
{
    test_conn_printf(conn, "%zx\r\n", size);
    test_conn_write(conn, text, size);
    test_conn_printf(conn, "\r\n");
}

static void answer_watch(test_conn *conn, const watch_answer *answer)
{
    const char *body = answer->body ? answer->body : "";
    size_t size = strlen(body);
    size_t piece = answer->piece ? answer->piece : size;

    if (answer->status) {
        test_conn_answer(conn, answer->status, vcl_str(answer->headers), body);
        return;
    }
    test_conn_printf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0; at < size; at += piece)
        chunk(conn, body + at, size - at < piece ? size - at : piece);
    switch (answer->then) {
    case HOLD:
        test_conn_wait_closed(conn);
        break;
    case END_STREAM:
        test_conn_printf(conn, "0\r\n\r\n");
        break;
    case CUT:
        test_conn_printf(conn, "100\r\n{\"type\":\"ADD");
        test_conn_close(conn, false);
        break;
    case RESET:
        test_conn_close(conn, true);
        break;
    }
}

static void play(test_conn *conn, const test_request *request, void *data)
{
    script *plan = data;
    const char *version = strstr(request->path, "resourceVersion=");
    bool initial = strstr(request->path, "sendInitialEvents=true") != NULL;

    if (strstr(request->path, "watch=1")) {
        /* Without a version: as new as can be. */
        assert_true(initial == (version == NULL));
        assert_true(initial == (strstr(request->path, "resourceVersionMatch=NotOlderThan") != 0));
        assert_non_null(strstr(request->path, "allowWatchBookmarks=true"));
        plan->initial_count += initial;
        if (version)
            (void)snprintf(plan->last_version, sizeof(plan->last_version), "%.*s",
                           (int)strcspn(version + 16, "&"), version + 16);
        int number = plan->watch_count < MAX_ANSWERS - 1 ? plan->watch_count++ : MAX_ANSWERS - 1;
        answer_watch(conn, &plan->watches[number]);
        return;
    }
    int number = plan->list_count < MAX_ANSWERS - 1 ? plan->list_count++ : MAX_ANSWERS - 1;
    const char *body = plan->lists[number];
    int status = plan->list_status[number] ? plan->list_status[number] : 200;
    test_conn_answer(conn, status, "Content-Type: application/json\r\n", body ? body : "");
}

void open_source(fixture *f, script *plan, bool keep, bool lasting)
{
    test_server_options options = { .handler = play, .data = plan };
    vcluster_error *error = NULL;
    const vcl_cache_source source = {
        .query = { .api_version = "v1", .kind = "Pod", .namespace_name = "x" },
        .keep = keep,
        .lasting = lasting,
    };

    f->object = NULL;
    f->server = test_server_start(&options);
    vcl_auto_free char *url = vcl_strdup(test_server_url(f->server));
    vcl_endpoint endpoint = { .server = url };
    assert_int_equal(vcl_kube_new(&endpoint, NULL, NULL, &f->kube, &error), 0);
    assert_int_equal(vcl_cache_open(f->kube, &source, 1, &f->cache, &error), 0);
}

void open_fixture(fixture *f, script *plan)
{
    open_source(f, plan, false, false);
}

void close_fixture(fixture *f)
{
    vcl_cache_close(f->cache);
    cJSON_Delete(f->object);
    vcl_kube_free(f->kube);
    test_server_stop(f->server);
}

int next(fixture *f, int64_t wait_ms, vcl_event_type *type, vcluster_error **error)
{
    vcl_cache_change change = { 0 };
    vcl_call call;
    bool synced;
    int status;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    do {
        synced = vcl_cache_synced(f->cache);
        status = vcl_cache_next(f->cache, &call, wait_ms, &change, error);
    } while (status == 0 && vcl_cache_synced(f->cache) != synced);
    if (status > 0) {
        *type = change.type;
        cJSON_Delete(f->object);
        f->object = vcl_json_copy(change.object);
    }
    return status;
}

const char *name_of(const fixture *f)
{
    return vcl_str(vcl_json_find_string(f->object, "metadata", "name", NULL));
}

void expect(fixture *f, vcl_event_type type, const char *name)
{
    vcluster_error *error = NULL;
    vcl_event_type seen = VCL_EVENT_ADDED;

    if (next(f, -1, &seen, &error) != 1)
        fail_msg("%s", vcluster_error_to_string(error));
    assert_string_equal(name_of(f), name);
    assert_int_equal(seen, type);
    assert_string_equal(vcl_json_find_string(f->object, "kind", NULL), "Pod");
}

void expect_nothing(fixture *f)
{
    vcluster_error *error = NULL;
    vcl_event_type type;
    int status = next(f, 50, &type, &error);

    if (status != 0)
        fail_msg("%s", status > 0 ? name_of(f) : vcluster_error_to_string(error));
}
