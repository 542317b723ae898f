/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when answers fail, come late, or many threads ask: limits, retries, deadlines. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "net_fixture.h"
#include "test_await.h"

static void answer_cut(test_conn *conn, const test_request *request, void *data)
{
    (void)request;
    (void)data;
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    test_conn_close(conn, false);
}

static void answer_large(test_conn *conn, const test_request *request, void *data)
{
    static const char block[65536] = { 0 };

    (void)data;
    int blocks = vcl_streq(request->path, "/exact") ? 1 : 1100;
    (void)test_conn_printf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
                           (size_t)blocks * sizeof(block));
    for (int i = 0; i < blocks && test_conn_write(conn, block, sizeof(block)); i++)
        ;
}

static void answer_busy_once(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number == 1)
        test_conn_answer(conn, 429, "Retry-After: 0\r\n", "slow down");
    else
        test_conn_answer(conn, 200, "", request->body);
}

static void answer_busy(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    bool late = vcl_streq(request->path, "/late");
    test_conn_answer(conn, 503, late ? "Retry-After: 30\r\n" : "Retry-After: 0\r\n", "busy");
}

static void lose_two(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number <= 2)
        test_conn_close(conn, true);
    else
        test_conn_answer(conn, 200, "", "third");
}

static void lose_second(test_conn *conn, const test_request *request, void *data)
{
    (void)data;
    if (request->number == 2)
        test_conn_close(conn, true);
    else
        test_conn_answer(conn, 200, "", "ok");
}

static void stall(test_conn *conn, const test_request *request, void *data)
{
    fixture *f = data;

    (void)request;
    atomic_store(&f->marks, 1);
    test_conn_wait_closed(conn);
}

static void cut_body_is_an_error(void **state)
{
    fixture *f = start(answer_cut, true);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "cut after 10 bytes");
    assert_int_equal(test_server_requests(f->server), 1);
    assert_int_equal(f->response.status, 0);
    stop(f);
}

static void too_large_body_names_the_limit(void **state)
{
    fixture *f = start(answer_large, false);

    (void)state;
    assert_int_equal(get(f, "/"), VCLUSTER_E_PROTOCOL);
    assert_says(f, "67108864 bytes");
    assert_int_equal(
        send_request(
            f, &(vcl_http_request){ .method = "GET", .path = "/exact", .max_response = 65536 }),
        0);
    assert_int_equal(f->response.body.size, 65536);
    assert_int_equal(
        send_request(
            f, &(vcl_http_request){ .method = "GET", .path = "/exact", .max_response = 65535 }),
        VCLUSTER_E_PROTOCOL);
    assert_says(f, "65535 bytes");
    stop(f);
}

static void retry_after_is_followed_for_any_verb(void **state)
{
    fixture *f = start(answer_busy_once, false);

    (void)state;
    assert_int_equal(post(f, "/", "again"), 0);
    assert_int_equal(f->response.status, 200);
    assert_body(f, "again");
    assert_int_equal(vcl_http_request_count(f->http), 2);
    assert_logged(f, "answered 429: again in ");
    stop(f);
}

static void busy_answer_is_returned_in_the_end(void **state)
{
    fixture *f = start(answer_busy, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(f->response.status, 503);
    assert_body(f, "busy");
    assert_int_equal(test_server_requests(f->server), 11);

    /* To wait would only end in a timeout: the answer says more. */
    assert_int_equal(get(f, "/late"), 0);
    assert_int_equal(f->response.status, 503);
    assert_int_equal(test_server_requests(f->server), 12);
    stop(f);
}

static void lost_connection_is_tried_again_for_get(void **state)
{
    fixture *f = start(lose_two, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_body(f, "third");
    assert_int_equal(test_server_requests(f->server), 3);
    stop(f);
}

static int closed_way(void *data, vcluster_error **error)
{
    fixture *f = data;

    return atomic_load(&f->marks) ? vcl_fail(error, VCLUSTER_E_PERMISSION, "the way is closed")
                                  : VCLUSTER_OK;
}

static void lost_connection_is_explained_by_who_knows_why(void **state)
{
    fixture *f = start(lose_two, true);

    (void)state;
    assert_int_equal(make(f), VCLUSTER_OK);
    vcl_http_set_obstacle(f->http, closed_way, f);
    atomic_store(&f->marks, 1);
    assert_int_equal(get(f, "/x"), VCLUSTER_E_PERMISSION);
    assert_says(f, "GET /x: the way is closed");
    assert_int_equal(test_server_requests(f->server), 1); /* no other try would fare better */
    vcl_error_clear(&f->error);
    atomic_store(&f->marks, 0);
    assert_int_equal(get(f, "/x"), VCLUSTER_OK);
    assert_body(f, "third");
    stop(f);
}

static void lost_connection_is_not_tried_again_for_post(void **state)
{
    fixture *f = start(lose_two, false);

    (void)state;
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_says(f, "was lost before an answer came");
    assert_int_equal(test_server_requests(f->server), 1);
    stop(f);
}

/* curl by itself would send it again, since the connection was used before. */
static void post_on_a_reused_connection_is_sent_once(void **state)
{
    fixture *f = start(lose_second, false);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    assert_int_equal(post(f, "/", "{}"), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(test_server_requests(f->server), 2);
    stop(f);
}

static void idempotent_post_is_sent_again(void **state)
{
    fixture *f = start(lose_two, false);

    (void)state;
    assert_int_equal(send_request(f, &(vcl_http_request){ .method = "PATCH",
                                                          .path = "/",
                                                          .body = "{}",
                                                          .body_size = 2,
                                                          .idempotent = true }),
                     0);
    assert_body(f, "third");
    stop(f);
}

static void deadline_ends_a_stalled_call(void **state)
{
    fixture *f = start(stall, true);

    (void)state;
    vcl_call_init(&f->call, 100, 100, NULL, NULL, NULL);
    int64_t began_ms = vcl_monotonic_ms();
    assert_int_equal(get(f, "/"), VCLUSTER_E_TIMEOUT);
    int64_t took_ms = vcl_monotonic_ms() - began_ms;
    assert_in_range(took_ms, 99, 1000);
    assert_says(f, "GET /: the deadline of 100 ms passed");
    stop(f);
}

static void *trigger_when_stalled(void *data)
{
    fixture *f = data;

    (void)test_await(atomic_load(&f->marks));
    f->call.started_ms = vcl_monotonic_ms(); /* used by the test only */
    vcluster_cancel_trigger(f->call.cancel);
    return NULL;
}

static void cancel_token_ends_a_stalled_call_at_once(void **state)
{
    fixture *f = start(stall, true);
    vcluster_cancel *cancel = NULL;
    pthread_t thread;

    (void)state;
    assert_int_equal(vcluster_cancel_new(&cancel, NULL), 0);
    vcl_call_init(&f->call, -1, 0, cancel, NULL, NULL);
    assert_int_equal(make(f), 0);
    (void)pthread_create(&thread, NULL, trigger_when_stalled, f);
    assert_int_equal(get(f, "/"), VCLUSTER_E_CANCELLED);
    int64_t ended_ms = vcl_monotonic_ms();
    (void)pthread_join(thread, NULL);
    assert_in_range(ended_ms - f->call.started_ms, 0, 100);
    stop(f);
    vcluster_cancel_free(cancel);
}

typedef struct worker {
    fixture *f;
    pthread_t thread;
    int good;
} worker;

static void *work(void *data)
{
    worker *w = data;

    for (int i = 0; i < 25; i++) {
        vcl_call call;
        vcl_http_response response = { 0 };
        vcl_call_init(&call, 10000, 0, NULL, NULL, NULL);
        int status =
            vcl_http_send(w->f->http, &call, &(vcl_http_request){ .method = "GET", .path = "/" },
                          &response, NULL);
        w->good += status == 0 && response.status == 200;
        vcl_http_response_done(&response);
    }
    return NULL;
}

static void eight_threads_share_a_client(void **state)
{
    fixture *f = start(answer_ok, true);
    worker workers[8];

    (void)state;
    assert_int_equal(make(f), 0);
    for (int i = 0; i < 8; i++) {
        workers[i] = (worker){ .f = f };
        (void)pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (int i = 0; i < 8; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        assert_int_equal(workers[i].good, 25);
    }
    assert_int_equal(vcl_http_request_count(f->http), 200);
    assert_in_range(test_server_connections(f->server), 1, 8);
    stop(f);
}

static void child_of_a_fork_gets_unsupported(void **state)
{
    fixture *f = start(answer_ok, true);

    (void)state;
    assert_int_equal(get(f, "/"), 0);
    /* The child's answer comes through a pipe: its exit code is a memory checker's, which sees what
     * the parent's threads own as lost. */
    int pipes[2];
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        int status =
            vcl_http_send(f->http, &f->call, &(vcl_http_request){ .method = "GET", .path = "/" },
                          &f->response, NULL);
        vcl_http_free(f->http);
        (void)!write(pipes[1], &status, sizeof(status));
        _exit(0);
    }
    int result = 0;
    (void)close(pipes[1]);
    assert_int_equal(read(pipes[0], &result, sizeof(result)), sizeof(result));
    (void)close(pipes[0]);
    assert_int_equal(result, VCLUSTER_E_UNSUPPORTED);
    assert_int_equal(waitpid(child, NULL, 0), child);

    assert_int_equal(get(f, "/"), 0); /* the parent's connection lives on */
    assert_int_equal(test_server_connections(f->server), 1);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_body_is_an_error),
        cmocka_unit_test(too_large_body_names_the_limit),
        cmocka_unit_test(retry_after_is_followed_for_any_verb),
        cmocka_unit_test(busy_answer_is_returned_in_the_end),
        cmocka_unit_test(lost_connection_is_tried_again_for_get),
        cmocka_unit_test(lost_connection_is_explained_by_who_knows_why),
        cmocka_unit_test(lost_connection_is_not_tried_again_for_post),
        cmocka_unit_test(post_on_a_reused_connection_is_sent_once),
        cmocka_unit_test(idempotent_post_is_sent_again),
        cmocka_unit_test(deadline_ends_a_stalled_call),
        cmocka_unit_test(cancel_token_ends_a_stalled_call_at_once),
        cmocka_unit_test(eight_threads_share_a_client),
        cmocka_unit_test(child_of_a_fork_gets_unsupported),
    };

    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
