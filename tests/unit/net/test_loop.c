/* SPDX-License-Identifier: Apache-2.0 */
/* The I/O thread: jobs, descriptors, timers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/clock.h"
#include "net/loop.h"

typedef struct probe {
    vcl_http *http;
    pthread_t thread;
    sigset_t blocked;
    int runs;
    int order[8];
    int count;
    int fds[2];
    vcl_watch_fd *watch;
    vcl_watch_fd *other;
    vcl_timer *timer;
    vcl_bell done;
    char byte;
} probe;

static void setup(probe *p)
{
    char server[] = "http://localhost:1";

    *p = (probe){ .fds = { -1, -1 } };
    assert_int_equal(vcl_http_new(&(vcl_endpoint){ .server = server }, NULL, NULL, &p->http, NULL),
                     0);
    assert_true(vcl_bell_init(&p->done));
    assert_int_equal(pipe(p->fds), 0);
}

static void teardown(probe *p)
{
    vcl_http_free(p->http);
    vcl_bell_done(&p->done);
    (void)close(p->fds[0]);
    (void)close(p->fds[1]);
}

static void run(probe *p, void (*fn)(vcl_http *http, void *data))
{
    assert_int_equal(vcl_loop_run(p->http, fn, p, NULL), 0);
}

static void wait_done(probe *p)
{
    struct pollfd fd = { .fd = p->done.read_fd, .events = POLLIN };

    assert_int_equal(poll(&fd, 1, 5000), 1);
    vcl_bell_quiet(&p->done);
}

static void note_thread(vcl_http *http, void *data)
{
    probe *p = data;

    (void)http;
    p->runs++;
    p->thread = pthread_self();
    (void)pthread_sigmask(SIG_SETMASK, NULL, &p->blocked);
}

static void run_twice_inside(vcl_http *http, void *data)
{
    assert_int_equal(vcl_loop_run(http, note_thread, data, NULL), 0);
    note_thread(http, data);
}

static void job_runs_on_another_thread_with_signals_blocked(void **state)
{
    probe p;

    (void)state;
    setup(&p);
    run(&p, note_thread);
    assert_int_equal(p.runs, 1);
    assert_false(pthread_equal(p.thread, pthread_self()));
    assert_int_equal(sigismember(&p.blocked, SIGINT), 1);
    assert_int_equal(sigismember(&p.blocked, SIGPIPE), 1);
    run(&p, run_twice_inside); /* a job may run another one */
    assert_int_equal(p.runs, 3);
    teardown(&p);
}

static void on_readable(vcl_watch_fd *watch, short revents, void *data)
{
    probe *p = data;

    assert_int_equal(revents, POLLIN);
    assert_int_equal(read(p->fds[0], &p->byte, 1), 1);
    p->runs++;
    vcl_loop_remove_fd(watch);
    if (p->other) /* which must not be called any more in the same turn */
        vcl_loop_remove_fd(p->other);
    p->other = NULL;
    vcl_bell_ring(&p->done);
}

static void add_two_watches(vcl_http *http, void *data)
{
    probe *p = data;

    p->watch = vcl_loop_add_fd(http, p->fds[0], POLLIN, on_readable, p);
    p->other = vcl_loop_add_fd(http, p->fds[0], 0, on_readable, p);
    assert_non_null(p->watch);
    assert_non_null(p->other);
}

static void nothing(vcl_http *http, void *data)
{
    (void)http;
    (void)data;
}

static void watch_is_called_and_may_remove_others(void **state)
{
    probe p;

    (void)state;
    setup(&p);
    run(&p, add_two_watches);
    assert_int_equal(write(p.fds[1], "ab", 2), 2);
    wait_done(&p);
    run(&p, nothing); /* and none is called for the second byte */
    run(&p, nothing);
    assert_int_equal(p.runs, 1);
    assert_int_equal(p.byte, 'a');
    teardown(&p);
}

static void add_idle_watch(vcl_http *http, void *data)
{
    probe *p = data;

    p->watch = vcl_loop_add_fd(http, p->fds[0], 0, on_readable, p);
}

static void wake_watch(vcl_http *http, void *data)
{
    probe *p = data;

    (void)http;
    vcl_loop_set_events(p->watch, POLLIN);
}

static void events_can_be_turned_on_later(void **state)
{
    probe p;

    (void)state;
    setup(&p);
    run(&p, add_idle_watch);
    assert_int_equal(write(p.fds[1], "a", 1), 1);
    run(&p, nothing);
    run(&p, nothing);
    run(&p, wake_watch);
    wait_done(&p);
    assert_int_equal(p.runs, 1);
    teardown(&p);
}

static void note_number(probe *p, int number)
{
    p->order[p->count++] = number;
    if (p->count == 3)
        vcl_bell_ring(&p->done);
}

static void first_timer(void *data)
{
    note_number(data, 1);
}

static void second_timer(void *data)
{
    probe *p = data;

    vcl_loop_remove_timer(p->timer); /* itself: allowed, does nothing */
    note_number(p, 2);
}

static void third_timer(void *data)
{
    note_number(data, 3);
}

static void never_timer(void *data)
{
    note_number(data, 9);
}

static void add_timers(vcl_http *http, void *data)
{
    probe *p = data;
    int64_t now_ms = vcl_monotonic_ms();

    (void)vcl_loop_add_timer(http, now_ms + 20, third_timer, p);
    vcl_timer *never = vcl_loop_add_timer(http, now_ms + 5, never_timer, p);
    (void)vcl_loop_add_timer(http, now_ms - 5, first_timer, p);
    p->timer = vcl_loop_add_timer(http, now_ms + 10, second_timer, p);
    (void)vcl_loop_add_timer(http, now_ms + 600000, never_timer, p);
    vcl_loop_remove_timer(never);
    vcl_loop_remove_timer(NULL);
}

static void timers_fire_in_order(void **state)
{
    probe p;

    (void)state;
    setup(&p);
    run(&p, add_timers);
    wait_done(&p);
    teardown(&p);
    assert_int_equal(p.order[0], 1);
    assert_int_equal(p.order[1], 2);
    assert_int_equal(p.order[2], 3);
    assert_int_equal(p.count, 3);
}

static void *run_many(void *data)
{
    probe *p = data;

    for (int i = 0; i < 200; i++)
        (void)vcl_loop_run(p->http, note_thread, p, NULL);
    return NULL;
}

static void many_threads_may_run_jobs(void **state)
{
    probe p;
    pthread_t threads[4];

    (void)state;
    setup(&p);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &p), 0);
    for (int i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(p.runs, 800);
    teardown(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(job_runs_on_another_thread_with_signals_blocked),
        cmocka_unit_test(watch_is_called_and_may_remove_others),
        cmocka_unit_test(events_can_be_turned_on_later),
        cmocka_unit_test(timers_fire_in_order),
        cmocka_unit_test(many_threads_may_run_jobs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
