/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two operations at once on a virtual cluster that runs, one of them a snapshot or a restore, the
 * second a little after the first: one waits for the other, or fails with CONFLICT, and has changed
 * nothing then. What is there in the end is what one order of them makes.
 *
 * One round of each pair; VCLUSTER_PAIR_ROUNDS=8 for more, each with another delay and another
 * first.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "host_state.h"
#include "pod_operations.h"

enum { STEP_MS = 300, TIMEOUT_MS = 240000 };

typedef void run_function(vcluster_client *client, int64_t timeout_ms, answer *out);

typedef struct runner {
    run_function *run;
    int after_ms;
    answer given;
} runner;

/* What two of them came to: the one that the pair is about, and the other. */
typedef struct round_end {
    runner state;
    runner other;
} round_end;

static void *run_later(void *data)
{
    runner *self = data;
    const struct timespec pause = { .tv_sec = self->after_ms / 1000,
                                    .tv_nsec = self->after_ms % 1000 * 1000000L };

    (void)nanosleep(&pause, NULL);
    self->run(e2e_host(), TIMEOUT_MS, &self->given);
    return NULL;
}

static void run_both(round_end *both, int round)
{
    runner *runners[2] = { &both->state, &both->other };
    pthread_t threads[2];

    runners[(round + 1) % 2]->after_ms = (round / 2 + 1) * STEP_MS;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, run_later, runners[i]), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
}

static bool is_done(const runner *self)
{
    return self->given.status == VCLUSTER_OK;
}

/* One that did not work was refused, and not both were. */
static void check_answers(const round_end *both)
{
    const runner *runners[2] = { &both->state, &both->other };

    for (int i = 0; i < 2; i++) {
        if (!is_done(runners[i]) && runners[i]->given.status != VCLUSTER_E_CONFLICT)
            fail_msg("%s", runners[i]->given.text);
    }
    if (!is_done(&both->state) && !is_done(&both->other))
        fail_msg("both are refused: %s; %s", both->state.given.text, both->other.given.text);
}

static bool is_gone(void)
{
    return !e2e_exists(e2e_host(), "v1", "Namespace", NULL, pod_operations_space);
}

static void tell(const char *pair, const round_end *both)
{
    print_message("%s: %s %s, %s %s\n", pair, vcluster_status_name(both->state.given.status),
                  both->state.given.text, vcluster_status_name(both->other.given.status),
                  both->other.given.text);
}

static int rounds(void)
{
    const char *given = getenv("VCLUSTER_PAIR_ROUNDS");
    int count = 1;

    if (given)
        assert_int_equal(sscanf(given, "%d", &count), 1);
    return count;
}

/* The state of the host fails the test by itself where a lock or two deployed records are left. */
static void check_at_rest(void)
{
    free(host_state_read(pod_operations_space));
}

/* ---- Snapshot and ... ---- */

static void with_snapshot(const char *pair, run_function *other)
{
    for (int round = 0; round < rounds(); round++) {
        round_end both = { .state.run = pod_operations_snapshot, .other.run = other };

        pod_operations_make_one();
        pod_operations_forget();
        run_both(&both, round);
        tell(pair, &both);
        check_answers(&both);
        assert_true(is_done(&both.other)); /* a snapshot is in nobody's way */
        if (is_done(&both.state))
            pod_operations_check_file();
        else
            assert_false(pod_operations_has_file());
        check_at_rest();
        assert_true(is_gone() == (other == pod_operations_delete));
    }
}

static void a_snapshot_and_a_delete(void **state)
{
    (void)state;
    with_snapshot("snapshot and delete", pod_operations_delete);
}

static void a_snapshot_and_an_upgrade(void **state)
{
    (void)state;
    with_snapshot("snapshot and upgrade", pod_operations_upgrade);
}

static char aside[] = "/tmp/vcluster-pod-pairs-XXXXXX";

/* Not into the file that is restored at the same time. */
static void run_snapshot_aside(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = pod_operations_space;
    int status =
        vcluster_instance_snapshot(client, OPERATION_NAME, aside, &options, &out->told, &error);
    answer_set(out, status, error);
}

static void a_snapshot_and_a_restore(void **state)
{
    int fd = mkstemp(aside);

    (void)state;
    assert_true(fd >= 0);
    (void)close(fd);
    for (int round = 0; round < rounds(); round++) {
        round_end both = { .state.run = pod_operations_restore, .other.run = run_snapshot_aside };
        vcluster_error *error = NULL;
        char *json = NULL;

        pod_operations_make_one();
        pod_operations_with_file();
        run_both(&both, round);
        tell("restore and snapshot", &both);
        check_answers(&both);
        assert_true(is_done(&both.state));
        if (is_done(&both.other)) {
            e2e_ok(vcluster_snapshot_describe(aside, &json, &error), error);
            assert_string_equal(json, both.other.given.told);
        }
        vcluster_free(json);
        answer_done(&both.other.given);
        pod_operations_check_content();
        check_at_rest();
    }
    (void)unlink(aside);
}

/* ---- Restore and ... ---- */

static void a_restore_and_an_upgrade(void **state)
{
    (void)state;
    for (int round = 0; round < rounds(); round++) {
        round_end both = { .state.run = pod_operations_restore,
                           .other.run = pod_operations_upgrade };

        pod_operations_make_one();
        pod_operations_with_file();
        run_both(&both, round);
        tell("restore and ensure", &both);
        check_answers(&both);
        if (is_done(&both.state))
            pod_operations_check_content();
        char *found = host_state_read(pod_operations_space);
        assert_true((strstr(found, "odd") != NULL) == is_done(&both.other));
        free(found);
    }
}

static void a_restore_and_a_delete(void **state)
{
    (void)state;
    for (int round = 0; round < rounds(); round++) {
        round_end both = { .state.run = pod_operations_restore,
                           .other.run = pod_operations_delete };

        pod_operations_make_one();
        pod_operations_with_file();
        run_both(&both, round);
        tell("restore and delete", &both);
        check_answers(&both);
        check_at_rest();
        if (!is_done(&both.state))
            assert_true(is_gone());
        else if (!is_done(&both.other) || !is_gone())
            pod_operations_check_content(); /* gone, and made anew */
    }
}

static int begin(void **state)
{
    (void)state;
    operations_clean();
    return 0;
}

static int finish(void **state)
{
    (void)state;
    operations_clean();
    e2e_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_snapshot_and_an_upgrade), cmocka_unit_test(a_snapshot_and_a_restore),
        cmocka_unit_test(a_restore_and_an_upgrade),  cmocka_unit_test(a_snapshot_and_a_delete),
        cmocka_unit_test(a_restore_and_a_delete),
    };

    E2E_NEEDS_HOST();
    operations_begin("vcluster-e2e-pod-pairs");
    return cmocka_run_group_tests(tests, begin, finish);
}
