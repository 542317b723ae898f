/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that are taken while they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

#include "net/client.h"
#include "net_fixture.h"

enum { BODY = 8 << 20, SLOW_PIECES = 20 };

/* What came out of an answer. */
typedef struct taken {
    int begun;
    size_t pieces;
    size_t largest;
    size_t size; /* since it was begun */
    bool whole;  /* each byte is the one that was sent */
    size_t fail_at;
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
    if (self->fail_at && self->size >= self->fail_at)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "that is no list");
    return 0;
}

/* The path says what: "/cut" once, "/none" 404. */
static void answer_much(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char piece[4096];
    bool cut = strcmp(request->path, "/cut") == 0 && atomic_fetch_add(&f->marks, 1) == 0;

    if (strcmp(request->path, "/none") == 0) {
        test_conn_answer(conn, 404, "", "{\"message\":\"not here\"}");
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
    assert_says(f, "larger than the limit of 8388607 bytes");
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
    (void)usleep(2000);
    assert_int_equal(all.size, size);
    assert_true(size < BODY);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sink_gets_small_pieces),
        cmocka_unit_test(a_lone_answer_is_taken_by_who_asked),
        cmocka_unit_test(what_was_cut_begins_anew),
        cmocka_unit_test(an_error_of_the_sink_ends_the_request),
        cmocka_unit_test(an_answer_beyond_the_limit_is_refused),
        cmocka_unit_test(an_answer_of_another_status_is_collected),
        cmocka_unit_test(a_deadline_ends_the_taking),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
