/* SPDX-License-Identifier: Apache-2.0 */
/* Long answers read piece by piece, against a small server in this program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "net_fixture.h"
#include "test_await.h"

enum { FLOOD_BLOCKS = 320, BLOCK = 65536 };

static const vcl_http_request watch = { .method = "GET", .path = "/watch" };

static int open_stream(fixture *f, vcl_http_stream **out_stream)
{
    if (!f->http)
        assert_int_equal(make(f), 0);
    vcl_error_clear(&f->error);
    return vcl_http_stream_open(f->http, &f->call, &watch, out_stream, &f->response, &f->error);
}

static bool send_chunk(test_conn *conn, const char *text)
{
    return test_conn_printf(conn, "%zx\r\n%s\r\n", strlen(text), text);
}

static void begin_chunks(test_conn *conn)
{
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
}

/* Sends the second piece only after the test has seen the first. */
static void two_pieces(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    (void)request;
    begin_chunks(conn);
    (void)test_await(atomic_load(&f->marks)); /* the head came alone */
    (void)send_chunk(conn, "first");
    (void)test_await(atomic_load(&f->marks) >= 2);
    (void)send_chunk(conn, "second");
    (void)test_conn_printf(conn, "0\r\n\r\n");
}

static void one_piece_then_cut(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    begin_chunks(conn);
    (void)send_chunk(conn, "first");
    test_conn_close(conn, false);
}

static void one_piece_then_silence(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    begin_chunks(conn);
    (void)send_chunk(conn, "first");
    test_conn_wait_closed(conn);
}

/* 20 MiB of numbered blocks; the count of those written is in marks. Other paths get a short
 * answer. */
static void flood(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;
    char *block = calloc(1, BLOCK);

    if (!vcl_streq(request->path, "/watch")) {
        test_conn_answer(conn, 200, "", "short");
        free(block);
        return;
    }
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n",
                           FLOOD_BLOCKS * BLOCK);
    for (int i = 0; i < FLOOD_BLOCKS; i++) {
        memset(block, 'a' + i % 26, BLOCK);
        if (!test_conn_write(conn, block, BLOCK))
            break;
        atomic_fetch_add(&f->marks, 1);
    }
    free(block);
}

static void refuse(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 410, "Content-Type: application/json\r\n", "{\"reason\":\"Expired\"}");
}

/* 429 twice, then a stream that ends at once. */
static void put_off_twice(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number <= 2) {
        test_conn_answer(conn, 429, "Retry-After: 0\r\n", "later");
        return;
    }
    begin_chunks(conn);
    (void)test_conn_printf(conn, "0\r\n\r\n");
}

static void put_off_for_an_hour(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_answer(conn, 503, "Retry-After: 3600\r\n", "later");
}

static void answer_nothing(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    test_conn_close(conn, true);
}

static void pieces_are_read_as_they_come(void **state)
{
    fixture *f = start(two_pieces, true);
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(open_stream(f, &stream), 0);
    atomic_store(&f->marks, 1);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_string_equal(buf.data, "first");
    atomic_store(&f->marks, 2);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_string_equal(buf.data, "firstsecond");
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 0);
    vcl_http_stream_close(stream);
    assert_logged(f, "1 GET /watch 200 ");
    stop(f);
}

static void cut_stream_is_an_error_after_what_came(void **state)
{
    fixture *f = start(one_piece_then_cut, true);
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(open_stream(f, &stream), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_string_equal(buf.data, "first");
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error),
                     VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "cut after 5 bytes");
    vcl_http_stream_close(stream);
    stop(f);
}

static void slow_reader_holds_the_sender_back(void **state)
{
    fixture *f = start(flood, true);
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;
    size_t total = 0;
    int status;

    (void)state;
    vcl_buf_init(&buf, 4 << 20);
    assert_int_equal(open_stream(f, &stream), 0);

    /* Without a reader the sender comes to a stop; other calls go on meanwhile. */
    int before;
    do {
        before = atomic_load(&f->marks);
        for (int i = 0; i < 5; i++) {
            assert_int_equal(get(f, "/other"), 0);
            assert_body(f, "short");
            (void)usleep(10000);
        }
    } while (before != atomic_load(&f->marks));
    assert_in_range(before, 1, FLOOD_BLOCKS - 1);

    while ((status = vcl_http_stream_read(stream, &f->call, &buf, &f->error)) == 1) {
        assert_in_range(buf.size, 1, 2 << 20);
        for (size_t i = 0; i < buf.size; i += 4096)
            assert_int_equal(buf.data[i], 'a' + (int)((total + i) / BLOCK) % 26);
        total += buf.size;
        vcl_buf_reset(&buf);
    }
    assert_int_equal(status, 0);
    assert_int_equal(total, FLOOD_BLOCKS * BLOCK);
    vcl_http_stream_close(stream);
    stop(f);
}

static void stream_can_be_closed_while_held_back(void **state)
{
    fixture *f = start(flood, true);
    vcl_http_stream *stream = NULL;

    (void)state;
    assert_int_equal(open_stream(f, &stream), 0);
    assert_true(test_await(atomic_load(&f->marks) >= 16));
    vcl_http_stream_close(stream);
    assert_int_equal(get(f, "/other"), 0);
    stop(f);
}

static void full_buffer_names_its_limit(void **state)
{
    fixture *f = start(one_piece_then_silence, false);
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 4);
    assert_int_equal(open_stream(f, &stream), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_string_equal(buf.data, "firs");
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), VCLUSTER_E_PROTOCOL);
    assert_says(f, "4 bytes");
    vcl_buf_reset(&buf);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, NULL), 1);
    assert_string_equal(buf.data, "t");
    vcl_http_stream_close(stream);
    stop(f);
}

static void other_answer_is_collected(void **state)
{
    fixture *f = start(refuse, true);
    vcl_http_stream *stream = NULL;

    (void)state;
    assert_int_equal(open_stream(f, &stream), 0);
    assert_null(stream);
    assert_int_equal(f->response.status, 410);
    assert_string_equal(f->response.content_type, "application/json");
    assert_body(f, "{\"reason\":\"Expired\"}");
    stop(f);
}

static void stream_is_opened_when_the_server_wants_it(void **state)
{
    fixture *f = start(put_off_twice, true);
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(open_stream(f, &stream), 0);
    assert_non_null(stream);
    assert_int_equal(test_server_requests(f->server), 3);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 0);
    vcl_http_stream_close(stream);
    stop(f);
}

static void who_waits_for_other_things_too_gets_the_answer(void **state)
{
    fixture *f = start(put_off_twice, true);
    const vcl_http_request request = { .method = "GET", .path = "/watch", .no_waiting = true };
    vcl_http_stream *stream = NULL;

    (void)state;
    assert_int_equal(make(f), 0);
    assert_int_equal(
        vcl_http_stream_open(f->http, &f->call, &request, &stream, &f->response, &f->error), 0);
    assert_null(stream);
    assert_int_equal(f->response.status, 429);
    assert_int_equal(test_server_requests(f->server), 1);
    stop(f);
}

static void pause_beyond_the_deadline_is_not_waited_for(void **state)
{
    fixture *f = start(put_off_for_an_hour, true);
    vcl_http_stream *stream = NULL;

    (void)state;
    assert_int_equal(open_stream(f, &stream), 0);
    assert_null(stream);
    assert_int_equal(f->response.status, 503);
    assert_int_equal(f->response.retry_after_s, 3600);
    assert_int_equal(test_server_requests(f->server), 1);
    stop(f);
}

static void lost_connection_is_told_by_open(void **state)
{
    fixture *f = start(answer_nothing, true);
    vcl_http_stream *stream = NULL;

    (void)state;
    assert_int_equal(open_stream(f, &stream), VCLUSTER_E_UNAVAILABLE);
    assert_null(stream);
    assert_says(f, "GET /watch: the connection to 'localhost:");
    stop(f);
}

static void silent_stream_ends_with_the_deadline(void **state)
{
    fixture *f = start(one_piece_then_silence, true);
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(open_stream(f, &stream), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    vcl_call_init(&f->call, 50, 0, NULL, NULL, NULL);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), VCLUSTER_E_TIMEOUT);
    vcl_http_stream_close(stream);
    stop(f);
}

static void *trigger(void *data)
{
    (void)usleep(20000);
    vcluster_cancel_trigger(data);
    return NULL;
}

static void cancel_token_ends_a_silent_read(void **state)
{
    fixture *f = start(one_piece_then_silence, true);
    vcl_http_stream *stream = NULL;
    vcluster_cancel *cancel = NULL;
    pthread_t thread;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(vcluster_cancel_new(&cancel, NULL), 0);
    vcl_call_init(&f->call, -1, 0, cancel, NULL, NULL);
    assert_int_equal(open_stream(f, &stream), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    (void)pthread_create(&thread, NULL, trigger, cancel);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), VCLUSTER_E_CANCELLED);
    (void)pthread_join(thread, NULL);
    vcl_http_stream_close(stream);
    vcluster_cancel_free(cancel);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_read_as_they_come),
        cmocka_unit_test(cut_stream_is_an_error_after_what_came),
        cmocka_unit_test(slow_reader_holds_the_sender_back),
        cmocka_unit_test(stream_can_be_closed_while_held_back),
        cmocka_unit_test(full_buffer_names_its_limit),
        cmocka_unit_test(other_answer_is_collected),
        cmocka_unit_test(stream_is_opened_when_the_server_wants_it),
        cmocka_unit_test(who_waits_for_other_things_too_gets_the_answer),
        cmocka_unit_test(pause_beyond_the_deadline_is_not_waited_for),
        cmocka_unit_test(lost_connection_is_told_by_open),
        cmocka_unit_test(silent_stream_ends_with_the_deadline),
        cmocka_unit_test(cancel_token_ends_a_silent_read),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
