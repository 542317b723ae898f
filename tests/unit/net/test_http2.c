/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP/2 servers that end, refuse and fall silent: what was not looked at is sent again whatever
 * the verb, what may have been carried out only where the verb allows it, and a connection on which
 * nothing comes any more is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "net/client.h"
#include "net/websocket.h"
#include "net_fixture.h"
#include "test_await.h"
#include "test_frames.h"
#include "test_http2.h"

enum { REFUSED_STREAM = 7, INTERNAL_ERROR = 2 };

/* The number of requests that a server has looked at is kept in the fixture's marks. */
static void answer_all(test_conn *conn, fixture *f)
{
    for (uint32_t stream; (stream = test_http2_request(conn)) != 0;) {
        atomic_fetch_add(&f->marks, 1);
        (void)test_http2_answer(conn, stream, "{}");
    }
}

/* ---- What the servers do on their first connection ---- */

static void go_away_before(test_conn *conn, int number, void *data)
{
    if (!test_http2_begin(conn))
        return;
    if (number == 1 && test_http2_request(conn))
        (void)test_http2_goaway(conn, 0);
    answer_all(conn, data);
}

static void go_away_after(test_conn *conn, int number, void *data)
{
    fixture *f = data;

    if (!test_http2_begin(conn))
        return;
    if (number == 1) {
        uint32_t stream = test_http2_request(conn);
        atomic_fetch_add(&f->marks, 1);
        (void)test_http2_goaway(conn, stream);
        return;
    }
    answer_all(conn, f);
}

static void go_away_and_answer(test_conn *conn, int number, void *data)
{
    fixture *f = data;

    if (!test_http2_begin(conn))
        return;
    if (number == 1) {
        uint32_t stream = test_http2_request(conn);
        atomic_fetch_add(&f->marks, 1);
        (void)test_http2_goaway(conn, stream);
        (void)test_http2_answer(conn, stream, "{}");
        test_conn_wait_closed(conn);
        return;
    }
    answer_all(conn, f);
}

static void refuse_second(test_conn *conn, int number, void *data)
{
    fixture *f = data;
    uint32_t stream;

    if (!test_http2_begin(conn))
        return;
    if (number == 1 && (stream = test_http2_request(conn)) != 0) {
        atomic_fetch_add(&f->marks, 1);
        (void)test_http2_answer(conn, stream, "{}");
        stream = test_http2_request(conn);
        (void)test_http2_reset(conn, stream, REFUSED_STREAM);
    }
    answer_all(conn, f);
}

static void fail_first(test_conn *conn, int number, void *data)
{
    fixture *f = data;
    uint32_t stream;

    (void)number;
    if (!test_http2_begin(conn))
        return;
    if (atomic_load(&f->marks) == 0 && (stream = test_http2_request(conn)) != 0) {
        atomic_fetch_add(&f->marks, 1);
        (void)test_http2_reset(conn, stream, INTERNAL_ERROR);
    }
    answer_all(conn, f);
}

/* Behind each second request of the first connections, with whatever else is under way. */
static void go_away_often(test_conn *conn, int number, void *data)
{
    fixture *f = data;
    uint32_t stream = 0;

    if (!test_http2_begin(conn))
        return;
    for (int i = 0; number <= 20 && i < 2 && (stream = test_http2_request(conn)) != 0; i++) {
        atomic_fetch_add(&f->marks, 1);
        if (i == 1)
            (void)test_http2_goaway(conn, stream);
        (void)test_http2_answer(conn, stream, "{}");
    }
    if (number <= 20)
        test_conn_wait_closed(conn);
    else
        answer_all(conn, f);
}

static void fall_silent(test_conn *conn, int number, void *data)
{
    fixture *f = data;
    uint32_t stream;

    if (!test_http2_begin(conn))
        return;
    if (number == 1 && (stream = test_http2_request(conn)) != 0) {
        atomic_fetch_add(&f->marks, 1);
        (void)test_http2_answer(conn, stream, "{}");
        test_conn_wait_closed(conn);
        return;
    }
    answer_all(conn, f);
}

static fixture *start_http2(test_raw serve)
{
    fixture *f = start_raw(serve);

    assert_int_equal(make(f), 0);
    return f;
}

/* A PATCH that may be sent twice, as server-side apply is. */
static int apply(fixture *f)
{
    return send_request(f, &(vcl_http_request){ .method = "PATCH",
                                                .path = "/",
                                                .content_type = "application/apply-patch+yaml",
                                                .body = "{}",
                                                .body_size = 2,
                                                .idempotent = true });
}

/* ---- Tests ---- */

static void what_goaway_left_out_is_sent_again(void **state)
{
    fixture *f = start_http2(go_away_before);

    (void)state;
    assert_int_equal(apply(f), 0);
    assert_int_equal(f->response.status, 200);
    assert_int_equal(atomic_load(&f->marks), 1);
    assert_int_equal(test_server_connections(f->server), 2);
    stop(f);
}

static void refused_stream_is_sent_again(void **state)
{
    fixture *f = start_http2(refuse_second);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(apply(f), 0);
    assert_int_equal(atomic_load(&f->marks), 2);
    stop(f);
}

/* curl does not say whether the server looked at it, so that the caller has to look. */
static void post_that_goaway_left_out_is_the_callers_to_send_again(void **state)
{
    fixture *f = start_http2(go_away_before);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_true(vcluster_error_retryable(f->error));
    assert_int_equal(atomic_load(&f->marks), 0);
    assert_int_equal(post(f, "/", "{}"), 0);
    assert_int_equal(atomic_load(&f->marks), 1);
    stop(f);
}

static void post_that_goaway_took_in_is_not_sent_again(void **state)
{
    fixture *f = start_http2(go_away_after);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_true(vcluster_error_retryable(f->error));
    assert_int_equal(atomic_load(&f->marks), 1);
    stop(f);
}

static void get_that_goaway_took_in_is_sent_again(void **state)
{
    fixture *f = start_http2(go_away_after);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(atomic_load(&f->marks), 2);
    stop(f);
}

static void answer_behind_goaway_is_taken_and_the_connection_left(void **state)
{
    fixture *f = start_http2(go_away_and_answer);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), 0);
    assert_int_equal(post(f, "/", "{}"), 0);
    assert_int_equal(atomic_load(&f->marks), 2);
    assert_int_equal(test_server_connections(f->server), 2);
    stop(f);
}

static void post_that_the_server_gave_up_is_not_sent_again(void **state)
{
    fixture *f = start_http2(fail_first);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(atomic_load(&f->marks), 1);
    stop(f);
}

typedef struct sender {
    fixture *f;
    bool idempotent;
    int failures;
} sender;

static void *send_ten(void *data)
{
    sender *self = data;

    for (int i = 0; i < 10; i++) {
        vcl_http_request request = { .method = "POST",
                                     .path = "/",
                                     .content_type = "application/json",
                                     .body = "{}",
                                     .body_size = 2,
                                     .idempotent = self->idempotent };
        vcl_http_response response = { 0 };
        vcl_call call;

        vcl_call_init(&call, 20000, 20000, NULL, NULL, NULL);
        self->failures += vcl_http_send(self->f->http, &call, &request, &response, NULL) < 0;
        vcl_http_response_done(&response);
    }
    return NULL;
}

/* Returns how many of forty requests of four threads failed. */
static int send_from_four_threads(fixture *f, bool idempotent)
{
    pthread_t threads[4];
    sender senders[4];
    int failures = 0;

    for (size_t i = 0; i < 4; i++) {
        senders[i] = (sender){ .f = f, .idempotent = idempotent };
        assert_int_equal(pthread_create(&threads[i], NULL, send_ten, &senders[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        failures += senders[i].failures;
    }
    return failures;
}

static void server_that_goes_away_again_and_again_costs_no_request(void **state)
{
    fixture *f = start_http2(go_away_often);

    (void)state;
    assert_int_equal(send_from_four_threads(f, true), 0);
    assert_int_equal(atomic_load(&f->marks), 40); /* it looks at none twice */
    stop(f);
}

static void no_post_is_doubled_by_a_server_that_goes_away(void **state)
{
    fixture *f = start_http2(go_away_often);

    (void)state;
    int failures = send_from_four_threads(f, false);
    assert_int_equal(atomic_load(&f->marks), 40 - failures);
    stop(f);
}

static int get_within(fixture *f, int64_t timeout_ms)
{
    vcl_call_init(&f->call, timeout_ms, timeout_ms, NULL, NULL, NULL);
    return get(f, "/");
}

static void silent_connection_is_left(void **state)
{
    fixture *f = start_http2(fall_silent);

    (void)state;
    assert_int_equal(get_within(f, 10000), 0);
    for (int i = 0; i < 2; i++) { /* it may only be slow */
        assert_int_equal(get_within(f, 30), VCLUSTER_E_TIMEOUT);
        assert_int_equal(test_server_connections(f->server), 1);
    }
    f->http->silence_ms = 1;
    assert_int_equal(get_within(f, 30), VCLUSTER_E_TIMEOUT);
    assert_int_equal(get_within(f, 10000), 0);
    assert_int_equal(test_server_connections(f->server), 2);
    stop(f);
}

/* A watch over HTTP/1.1: the second event comes when the server has looked at two requests. */
static void send_two_events(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    (void)request;
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "5\r\nfirst\r\n");
    (void)test_await(atomic_load(&f->marks) >= 2);
    (void)test_conn_printf(conn, "6\r\nsecond\r\n0\r\n\r\n");
}

/* Ends its connection with the first answer. */
static void go_away_with_first(test_conn *conn, int number, void *data)
{
    fixture *f = data;
    uint32_t stream;

    (void)number;
    if (!test_http2_begin(conn))
        return;
    if (atomic_load(&f->marks) == 0 && (stream = test_http2_request(conn)) != 0) {
        (void)test_http2_goaway(conn, stream);
        (void)test_http2_answer(conn, stream, "{}");
        test_conn_wait_closed(conn);
        return;
    }
    answer_all(conn, f);
}

/* The connection of the stream is the only one left to a server that is known to speak HTTP/2, and
 * no request may be put on it: it would take a part of the stream's answer for its own. */
static void no_request_gets_onto_the_connection_of_a_stream(void **state)
{
    fixture *f = start_mixed(send_two_events, go_away_with_first);
    const vcl_http_request watch = { .method = "GET", .path = "/watch" };
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(make(f), 0);
    assert_int_equal(
        vcl_http_stream_open(f->http, &f->call, &watch, &stream, &f->response, &f->error), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_string_equal(buf.data, "first");
    assert_int_equal(get(f, "/"), 0);
    atomic_store(&f->marks, 1);
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "{}");
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_string_equal(buf.data, "firstsecond");
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 0);
    assert_int_equal(test_server_connections(f->server), 3);
    vcl_http_stream_close(stream);
    stop(f);
}

/* ---- Beside a WebSocket ---- */

static void hold_websocket(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    test_frames_upgrade(conn, request, "p", "");
    test_conn_wait_closed(conn);
}

/* One request, then four at a time: none of these is answered before the others have come, too. */
static void answer_four_at_once(test_conn *conn, int number, void *data)
{
    uint32_t streams[4];

    (void)data;
    if (!test_http2_begin(conn))
        return;
    if (number == 1)
        (void)test_http2_answer(conn, test_http2_request(conn), "{}");
    for (;;) {
        for (int i = 0; i < 4; i++) {
            streams[i] = test_http2_request(conn);
            if (streams[i] == 0)
                return;
        }
        for (int i = 0; i < 4; i++)
            (void)test_http2_answer(conn, streams[i], "{}");
    }
}

/* The fixture's marks tell where it is: 1 open, 2 closed. */
static void on_open(vcl_websocket *socket, const char *protocol, void *data)
{
    fixture *f = data;

    (void)socket;
    (void)protocol;
    atomic_store(&f->marks, 1);
}

static void on_message(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data)
{
    (void)socket;
    (void)bytes;
    (void)size;
    (void)data;
}

static void on_drain(vcl_websocket *socket, void *data)
{
    (void)socket;
    (void)data;
}

static void on_close(vcl_websocket *socket, const vcluster_error *error, void *data)
{
    fixture *f = data;

    (void)socket;
    (void)error;
    atomic_store(&f->marks, 2);
}

typedef struct opener {
    fixture *f;
    vcl_websocket *socket;
} opener;

static void open_websocket(vcl_http *http, void *data)
{
    static const vcl_websocket_events events = {
        .on_open = on_open, .on_message = on_message, .on_drain = on_drain, .on_close = on_close
    };
    opener *self = data;

    (void)vcl_websocket_open(http, "/", "p", &events, self->f, &self->socket, NULL);
}

static void close_websocket(vcl_http *http, void *data)
{
    opener *self = data;

    (void)http;
    vcl_websocket_close(self->socket);
}

/* It speaks HTTP/1.1 to the same server, which must not be taken for the server's best. */
static void requests_share_a_connection_beside_a_websocket(void **state)
{
    fixture *f = start_mixed(hold_websocket, answer_four_at_once);
    opener self = { .f = f };

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(vcl_loop_run(f->http, open_websocket, &self, &f->error), 0);
    assert_true(test_await(atomic_load(&f->marks) > 0));
    assert_int_equal(atomic_load(&f->marks), 1);
    assert_int_equal(send_from_four_threads(f, true), 0);
    assert_int_equal(test_server_connections(f->server), 2);
    assert_int_equal(vcl_loop_run(f->http, close_websocket, &self, &f->error), 0);
    stop(f);
}

/* The marks are the WebSocket's here. */
static void answer_unmarked(test_conn *conn, int number, void *data)
{
    (void)number;
    (void)data;
    if (!test_http2_begin(conn))
        return;
    for (uint32_t stream; (stream = test_http2_request(conn)) != 0;)
        (void)test_http2_answer(conn, stream, "{}");
}

/* Of the server nothing is known yet, and curl learns nothing from a WebSocket: the request must
 * not wait until it does. */
static void a_request_is_answered_beside_a_websocket_that_came_first(void **state)
{
    fixture *f = start_mixed(hold_websocket, answer_unmarked);
    opener self = { .f = f };

    (void)state;
    assert_int_equal(make(f), 0);
    assert_int_equal(vcl_loop_run(f->http, open_websocket, &self, &f->error), 0);
    assert_int_equal(get(f, "/"), 0);
    assert_true(test_await(atomic_load(&f->marks) > 0));
    assert_int_equal(atomic_load(&f->marks), 1);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(test_server_connections(f->server), 2);
    assert_int_equal(vcl_loop_run(f->http, close_websocket, &self, &f->error), 0);
    stop(f);
}

static void hold_stream(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                 "5\r\nfirst\r\n");
    test_conn_wait_closed(conn);
}

/* Nor must what a stream has agreed on. */
static void requests_share_a_connection_beside_a_stream(void **state)
{
    fixture *f = start_mixed(hold_stream, answer_four_at_once);
    const vcl_http_request watch = { .method = "GET", .path = "/watch" };
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF buf;

    (void)state;
    vcl_buf_init(&buf, 1000);
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(
        vcl_http_stream_open(f->http, &f->call, &watch, &stream, &f->response, &f->error), 0);
    assert_int_equal(vcl_http_stream_read(stream, &f->call, &buf, &f->error), 1);
    assert_int_equal(send_from_four_threads(f, true), 0);
    assert_int_equal(test_server_connections(f->server), 2);
    vcl_http_stream_close(stream);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_goaway_left_out_is_sent_again),
        cmocka_unit_test(refused_stream_is_sent_again),
        cmocka_unit_test(post_that_goaway_left_out_is_the_callers_to_send_again),
        cmocka_unit_test(post_that_goaway_took_in_is_not_sent_again),
        cmocka_unit_test(get_that_goaway_took_in_is_sent_again),
        cmocka_unit_test(answer_behind_goaway_is_taken_and_the_connection_left),
        cmocka_unit_test(post_that_the_server_gave_up_is_not_sent_again),
        cmocka_unit_test(server_that_goes_away_again_and_again_costs_no_request),
        cmocka_unit_test(no_post_is_doubled_by_a_server_that_goes_away),
        cmocka_unit_test(silent_connection_is_left),
        cmocka_unit_test(no_request_gets_onto_the_connection_of_a_stream),
        cmocka_unit_test(requests_share_a_connection_beside_a_websocket),
        cmocka_unit_test(requests_share_a_connection_beside_a_stream),
        cmocka_unit_test(a_request_is_answered_beside_a_websocket_that_came_first),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
