/* SPDX-License-Identifier: Apache-2.0 */
/* Who carries a request out: its own thread where it is alone, the I/O thread otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bell.h"
#include "net/client.h"
#include "net_fixture.h"
#include "test_await.h"

enum { THREADS = 6, EACH = 25 };

static bool has_thread(const fixture *f)
{
    return f->http->reactor.started;
}

/* The next requests may be on their way at once: before its first answer, curl does not know
 * whether the server takes several on one connection, and waits. */
static void get_acquainted(fixture *f)
{
    assert_int_equal(get(f, "/"), 0);
}

/* An answer waits until the test marks the fixture, however long that takes. */
static void answer_when_marked(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    if (strcmp(request->path, "/slow") == 0)
        (void)test_await(atomic_load(&f->marks) > 0);
    test_conn_answer(conn, 200, "", "{}");
}

static void a_lone_request_needs_no_thread(void **state)
{
    fixture *f = start(answer_ok, true);

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(get(f, "/"), 0);
        assert_int_equal(f->response.status, 200);
    }
    assert_false(has_thread(f));
    assert_int_equal(test_server_connections(f->server), 1);
    stop(f);
}

static void an_answer_in_pieces_is_the_threads(void **state)
{
    fixture *f = start(answer_ok, false);
    vcl_http_stream *stream = NULL;
    vcl_http_request request = { .method = "GET", .path = "/" };

    (void)state;
    assert_int_equal(make(f), 0);
    assert_int_equal(
        vcl_http_stream_open(f->http, &f->call, &request, &stream, &f->response, &f->error), 0);
    assert_true(has_thread(f));
    assert_int_equal(get(f, "/"), 0); /* whoever drives now */
    vcl_http_stream_close(stream);
    assert_int_equal(get(f, "/"), 0);
    stop(f);
}

typedef struct asker {
    fixture *f;
    int good;
    pthread_t thread;
} asker;

static void *ask_many(void *data)
{
    asker *self = data;
    vcl_http_request request = { .method = "GET", .path = "/" };

    for (int i = 0; i < EACH; i++) {
        vcl_http_response response = { 0 };
        vcl_call call;

        vcl_call_init(&call, 30000, 30000, NULL, NULL, NULL);
        if (vcl_http_send(self->f->http, &call, &request, &response, NULL) == 0)
            self->good += response.status == 200;
        vcl_http_response_done(&response);
    }
    return NULL;
}

static void many_askers_take_turns(void **state)
{
    fixture *f = start(answer_ok, true);
    asker askers[THREADS];

    (void)state;
    assert_int_equal(make(f), 0);
    for (int i = 0; i < THREADS; i++) {
        askers[i] = (asker){ .f = f };
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_many, &askers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(askers[i].thread, NULL);
        assert_int_equal(askers[i].good, EACH);
    }
    assert_int_equal(test_server_requests(f->server), THREADS * EACH);
    assert_int_equal(f->http->reactor.transfers, 0);
    stop(f);
}

static void *get_slowly(void *data)
{
    asker *self = data;

    self->good = get(self->f, "/slow") == 0;
    return NULL;
}

/* The one that drives finishes while another's request is on its way: the thread takes it over. */
static void who_is_left_is_not_forgotten(void **state)
{
    fixture *f = start(answer_when_marked, false);
    asker slow = { .f = f };
    vcl_http_request request = { .method = "GET", .path = "/" };
    vcl_http_response response = { 0 };

    (void)state;
    get_acquainted(f);
    assert_int_equal(pthread_create(&slow.thread, NULL, get_slowly, &slow), 0);
    assert_true(test_await(test_server_requests(f->server) >= 2));
    vcl_call call;
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    assert_int_equal(vcl_http_send(f->http, &call, &request, &response, NULL), 0);
    vcl_http_response_done(&response);
    atomic_store(&f->marks, 1);
    (void)pthread_join(slow.thread, NULL);
    assert_true(slow.good);
    stop(f);
}

static vcluster_cancel *token_of_handler;

static void trigger_token(int number)
{
    (void)number;
    vcluster_cancel_trigger(token_of_handler);
}

typedef struct kicker {
    fixture *f;
    pthread_t target;
} kicker;

static void *kick(void *data)
{
    kicker *self = data;

    (void)test_await(test_server_requests(self->f->server) > 0);
    (void)pthread_kill(self->target, SIGUSR1);
    return NULL;
}

static void a_signal_handler_may_cancel_it(void **state)
{
    fixture *f = start(answer_when_marked, false);
    kicker self = { .f = f, .target = pthread_self() };
    struct sigaction action = { .sa_handler = trigger_token };
    pthread_t thread;

    (void)state;
    assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
    assert_int_equal(vcluster_cancel_new(&token_of_handler, NULL), 0);
    vcl_call_init(&f->call, -1, -1, token_of_handler, NULL, NULL);
    assert_int_equal(pthread_create(&thread, NULL, kick, &self), 0);
    assert_int_equal(get(f, "/slow"), VCLUSTER_E_CANCELLED);
    (void)pthread_join(thread, NULL);
    assert_false(has_thread(f));

    vcl_call_init(&f->call, 10000, 10000, NULL, NULL, NULL);
    atomic_store(&f->marks, 1);
    vcl_error_clear(&f->error);
    assert_int_equal(get(f, "/slow"), 0);
    vcluster_cancel_free(token_of_handler);
    stop(f);
}

static void its_deadline_ends_it(void **state)
{
    fixture *f = start(answer_when_marked, false);

    (void)state;
    vcl_call_init(&f->call, 50, 50, NULL, NULL, NULL);
    assert_int_equal(get(f, "/slow"), VCLUSTER_E_TIMEOUT);
    assert_false(has_thread(f));
    assert_int_equal(f->http->reactor.transfers, 0);
    atomic_store(&f->marks, 1);
    stop(f);
}

/* Asks for something itself before it lets the answer come. */
static int ask_inside(const vcluster_progress *progress, void *data)
{
    fixture *f = data;
    vcl_http_request request = { .method = "GET", .path = "/inside" };
    vcl_http_response response = { 0 };
    vcl_call call;

    (void)progress;
    vcl_call_init(&call, 10000, 10000, NULL, NULL, NULL);
    assert_int_equal(vcl_http_send(f->http, &call, &request, &response, NULL), 0);
    vcl_http_response_done(&response);
    atomic_fetch_add(&f->marks, 1);
    return 0;
}

static void progress_is_told_and_may_ask(void **state)
{
    fixture *f = start(answer_when_marked, false);

    (void)state;
    get_acquainted(f);
    vcl_call_init(&f->call, 20000, 20000, NULL, ask_inside, f);
    assert_int_equal(get(f, "/slow"), 0);
    assert_true(atomic_load(&f->marks) > 0);
    assert_true(has_thread(f));
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lone_request_needs_no_thread),
        cmocka_unit_test(an_answer_in_pieces_is_the_threads),
        cmocka_unit_test(many_askers_take_turns),
        cmocka_unit_test(who_is_left_is_not_forgotten),
        cmocka_unit_test(a_signal_handler_may_cancel_it),
        cmocka_unit_test(its_deadline_ends_it),
        cmocka_unit_test(progress_is_told_and_may_ask),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
