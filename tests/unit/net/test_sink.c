/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are taken while they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "data/encoding.h"
#include "net/client.h"
#include "net_fixture.h"

enum { BODY = 4 << 20, SLOW_PIECES = 20, AT_ONCE = 4 };

/* What came out of an answer. */
typedef struct taken {
    int begun;
    size_t pieces;
    size_t largest;
    size_t size; /* since it was begun */
    bool whole;  /* each byte is the one that was sent */
    size_t fail_at;
    vcluster_cancel *cancel; /* triggered by the first piece; may be NULL */
} taken;

static char pattern(size_t at)
{
    return (char)('a' + at % 23);
}

static int on_begin(void *data, vcluster_error **error)
{
    taken *self = data;

    (void)error;
    self->begun++;
    self->size = 0;
    self->whole = true;
    return 0;
}

static int on_take(const char *bytes, size_t size, void *data, vcluster_error **error)
{
    taken *self = data;

    if (self->pieces++ < SLOW_PIECES)
        (void)usleep(1000); /* the server is faster */
    self->largest = size > self->largest ? size : self->largest;
    for (size_t i = 0; i < size; i++)
        self->whole = self->whole && bytes[i] == pattern(self->size + i);
    self->size += size;
    if (self->cancel)
        vcluster_cancel_trigger(self->cancel);
    if (self->fail_at && self->size >= self->fail_at)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "that is no list");
    return 0;
}

/* The same body, compressed; cut in the middle where the request says so. */
static void answer_gzip(test_conn *conn, bool cut)
{
    char *body = malloc(BODY);
    char *packed = NULL;
    size_t size = 0;

    for (size_t i = 0; body && i < BODY; i++)
        body[i] = pattern(i);
    if (body && vcl_gzip(body, BODY, &packed, &size, NULL) == 0 &&
        test_conn_printf(
            conn, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %zu\r\n\r\n", size))
        (void)test_conn_write(conn, packed, cut ? size / 2 : size);
    if (cut)
        test_conn_close(conn, true);
    free(packed);
    free(body);
}

/* The path says what: "/cut" once, "/gzip", "/gzip-cut" once, "/none" 404, "/open" without end. */
static void answer_much(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char piece[4096];
    bool cut = strcmp(request->path, "/cut") == 0 && atomic_fetch_add(&f->marks, 1) == 0;

    if (strcmp(request->path, "/none") == 0) {
        test_conn_answer(conn, 404, "", "{\"message\":\"not here\"}");
        return;
    }
    if (strncmp(request->path, "/gzip", 5) == 0) {
        answer_gzip(conn, request->path[5] && atomic_fetch_add(&f->marks, 1) == 0);
        return;
    }
    if (strcmp(request->path, "/open") == 0) {
        (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
        test_conn_wait_closed(conn);
        return;
    }
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", BODY);
    for (size_t sent = 0; sent < BODY; sent += sizeof(piece)) {
        for (size_t i = 0; i < sizeof(piece); i++)
            piece[i] = pattern(sent + i);
        if (cut && sent >= BODY / 2) {
            test_conn_close(conn, true);
            return;
        }
        if (!test_conn_write(conn, piece, sizeof(piece)))
            return;
    }
}

static int take(fixture *f, const char *path, size_t max, taken *out)
{
    const vcl_http_sink sink = { .begin = on_begin, .take = on_take, .data = out };
    const vcl_http_request request = {
        .method = "GET", .path = path, .sink = &sink, .max_response = max
    };

    return send_request(f, &request);
}

/* However slow it is: what it has not taken does not stand in memory. */
static void a_sink_gets_small_pieces(void **state)
{
    fixture *f = start(answer_much, true);
    taken all = { 0 };

    (void)state;
    assert_int_equal(take(f, "/", 0, &all), 0);
    assert_int_equal(f->response.status, 200);
    assert_int_equal(f->response.body.size, 0);
    assert_int_equal(all.begun, 1);
    assert_int_equal(all.size, BODY);
    assert_true(all.whole);
    assert_in_range(all.largest, 1, CURL_MAX_WRITE_SIZE);
    stop(f);
}

static void a_lone_answer_is_taken_by_who_asked(void **state)
{
    fixture *f = start(answer_much, false);
    taken all = { 0 };

    (void)state;
    assert_int_equal(take(f, "/", 0, &all), 0);
    assert_int_equal(all.size, BODY);
    assert_false(f->http->reactor.started);
    stop(f);
}

static void what_was_cut_begins_anew(void **state)
{
    fixture *f = start(answer_much, true);
    taken all = { 0 };

    (void)state;
    assert_int_equal(take(f, "/cut", 0, &all), 0);
    assert_int_equal(all.begun, 2);
    assert_int_equal(all.size, BODY);
    assert_true(all.whole);
    stop(f);
}

static void what_was_compressed_comes_in_small_pieces(void **state)
{
    static const char *const paths[] = { "/gzip", "/gzip-cut" };
    fixture *f = start(answer_much, false);

    (void)state;
    for (int cut = 0; cut < 2; cut++) {
        taken all = { 0 };

        assert_int_equal(take(f, paths[cut], 0, &all), 0);
        assert_int_equal(all.begun, 1 + cut);
        assert_int_equal(all.size, BODY);
        assert_true(all.whole);
        assert_in_range(all.largest, 1, CURL_MAX_WRITE_SIZE);
    }
    taken part = { 0 }; /* what it unpacks to is what counts */
    assert_int_equal(take(f, "/gzip", BODY - 1, &part), VCLUSTER_E_PROTOCOL);
    stop(f);
}

typedef struct taker {
    fixture *f;
    taken all;
    int status;
    pthread_t thread;
} taker;

static void *take_beside_others(void *data)
{
    taker *self = data;
    const vcl_http_sink sink = { .begin = on_begin, .take = on_take, .data = &self->all };
    const vcl_http_request request = { .method = "GET", .path = "/", .sink = &sink };
    vcl_http_response response = { 0 };
    vcl_call call;

    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    self->status = vcl_http_send(self->f->http, &call, &request, &response, NULL);
    vcl_http_response_done(&response);
    return NULL;
}

/* One thread receives for all. */
static void several_at_once_get_what_is_theirs(void **state)
{
    fixture *f = start(answer_much, true);
    taker takers[AT_ONCE] = { 0 };

    (void)state;
    assert_int_equal(make(f), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        takers[i].f = f;
        assert_int_equal(pthread_create(&takers[i].thread, NULL, take_beside_others, &takers[i]),
                         0);
    }
    for (int i = 0; i < AT_ONCE; i++) /* all, before one may fail: they write to this stack */
        assert_int_equal(pthread_join(takers[i].thread, NULL), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        assert_int_equal(takers[i].status, 0);
        assert_int_equal(takers[i].all.size, BODY);
        assert_true(takers[i].all.whole);
    }
    stop(f);
}

static void an_error_of_the_sink_ends_the_request(void **state)
{
    fixture *f = start(answer_much, true);
    taken all = { .fail_at = BODY / 4 };

    (void)state;
    assert_int_equal(take(f, "/list", 0, &all), VCLUSTER_E_PROTOCOL);
    assert_says(f, "GET /list");
    assert_says(f, "that is no list");
    assert_int_equal(all.begun, 1);
    assert_in_range(all.size, BODY / 4, BODY / 4 + CURL_MAX_WRITE_SIZE);
    assert_int_equal(get(f, "/none"), 0); /* and nothing but it */
    stop(f);
}

static void an_answer_beyond_the_limit_is_refused(void **state)
{
    fixture *f = start(answer_much, true);
    taken all = { 0 };

    (void)state;
    assert_int_equal(take(f, "/", BODY - 1, &all), VCLUSTER_E_PROTOCOL);
    assert_says(f, "larger than the limit of 4194303 bytes");
    assert_true(all.size < BODY);
    stop(f);
}

static void an_answer_of_another_status_is_collected(void **state)
{
    fixture *f = start(answer_much, true);
    taken all = { 0 };

    (void)state;
    assert_int_equal(take(f, "/none", 0, &all), 0);
    assert_int_equal(f->response.status, 404);
    assert_body(f, "{\"message\":\"not here\"}");
    assert_int_equal(all.pieces, 0);
    stop(f);
}

/* The deadline passes in the middle: nothing is taken once the caller has its error. */
static void a_deadline_ends_the_taking(void **state)
{
    fixture *f = start(answer_much, true);
    taken all = { 0 };

    (void)state;
    assert_int_equal(get(f, "/none"), 0);
    vcl_call_init(&f->call, 5, 5, NULL, NULL, NULL);
    assert_int_equal(take(f, "/", 0, &all), VCLUSTER_E_TIMEOUT);
    size_t size = all.size;
    /* Whoever carries this request out would carry on the other one, too, if it were not over. */
    vcl_call_init(&f->call, 10000, 10000, NULL, NULL, NULL);
    assert_int_equal(get(f, "/none"), 0);
    assert_int_equal(all.size, size);
    assert_true(size < BODY);
    stop(f);
}

/* Whoever receives, the one who asked or the thread that a stream keeps busy. */
static void a_cancel_ends_the_taking(void **state)
{
    fixture *f = start(answer_much, true);
    vcl_http_request open = { .method = "GET", .path = "/open" };
    vcl_http_stream *stream = NULL;

    (void)state;
    for (int beside = 0; beside < 2; beside++) {
        taken all = { 0 };

        if (beside)
            assert_int_equal(
                vcl_http_stream_open(f->http, &f->call, &open, &stream, &f->response, &f->error),
                0);
        assert_int_equal(vcluster_cancel_new(&all.cancel, NULL), 0);
        vcl_call_init(&f->call, 10000, 10000, all.cancel, NULL, NULL);
        assert_int_equal(take(f, "/", 0, &all), VCLUSTER_E_CANCELLED);
        assert_int_equal(all.begun, 1);
        assert_in_range(all.size, 1, BODY - 1);
        vcl_call_init(&f->call, 10000, 10000, NULL, NULL, NULL);
        vcluster_cancel_free(all.cancel);
        assert_int_equal(get(f, "/none"), 0);
    }
    assert_true(f->http->reactor.started);
    vcl_http_stream_close(stream);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_gets_small_pieces),
        cmocka_unit_test(a_lone_answer_is_taken_by_who_asked),
        cmocka_unit_test(what_was_cut_begins_anew),
        cmocka_unit_test(what_was_compressed_comes_in_small_pieces),
        cmocka_unit_test(several_at_once_get_what_is_theirs),
        cmocka_unit_test(an_error_of_the_sink_ends_the_request),
        cmocka_unit_test(an_answer_beyond_the_limit_is_refused),
        cmocka_unit_test(an_answer_of_another_status_is_collected),
        cmocka_unit_test(a_deadline_ends_the_taking),
        cmocka_unit_test(a_cancel_ends_the_taking),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
