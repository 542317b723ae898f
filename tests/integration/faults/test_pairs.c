/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two operations on one virtual cluster at once, the second a little later each round: one waits
 * for the other, or fails with CONFLICT. What they answer and what is there in the end is what they
 * make one after the other, in either order; they never interleave.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host_state.h"
#include "operations.h"

enum { ROUNDS = 6, STEP_MS = 40, TIMEOUT_MS = 120000 };

/* How one operation of a pair went, and what both left. */
typedef struct outcome {
    int first;
    int second;
    char *state;
} outcome;

typedef struct runner {
    const operation *what;
    int after_ms;
    answer given;
} runner;

static void *run_later(void *data)
{
    runner *self = data;
    const struct timespec pause = { .tv_nsec = self->after_ms * 1000000L };

    (void)nanosleep(&pause, NULL);
    self->what->run(e2e_host(), TIMEOUT_MS, &self->given);
    return NULL;
}

static void outcome_done(outcome *self)
{
    free(self->state);
    *self = (outcome){ 0 };
}

/* One after the other; second may be NULL. */
static outcome in_turn(const operation *prepared, const operation *first, const operation *second)
{
    outcome made = { 0 };
    answer given = { 0 };

    prepared->prepare();
    first->run(e2e_host(), TIMEOUT_MS, &given);
    made.first = given.status;
    answer_done(&given);
    if (second)
        second->run(e2e_host(), TIMEOUT_MS, &given);
    made.second = given.status;
    answer_done(&given);
    made.state = host_state_read(operations_space());
    return made;
}

static bool same(const outcome *is, int first, int second, const char *state)
{
    return is->first == first && is->second == second && strcmp(is->state, state) == 0;
}

static void check_pair(const operation *one, const operation *other)
{
    outcome forth = in_turn(one, one, other);
    outcome back = in_turn(one, other, one);
    outcome only_one = in_turn(one, one, NULL);
    outcome only_other = in_turn(one, other, NULL);
    int counts[4] = { 0 };

    for (int round = 0; round < ROUNDS * 2; round++) {
        runner runners[2] = { { .what = one }, { .what = other } };
        pthread_t threads[2];
        outcome made = { 0 };

        one->prepare();
        runners[round % 2].after_ms = round / 2 * STEP_MS;
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, run_later, &runners[i]), 0);
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_join(threads[i], NULL), 0);
        made.first = runners[0].given.status;
        made.second = runners[1].given.status;
        made.state = host_state_read(operations_space());
        int way = same(&made, forth.first, forth.second, forth.state)                    ? 0
                  : same(&made, back.second, back.first, back.state)                     ? 1
                  : same(&made, only_one.first, VCLUSTER_E_CONFLICT, only_one.state)     ? 2
                  : same(&made, VCLUSTER_E_CONFLICT, only_other.first, only_other.state) ? 3
                                                                                         : -1;
        if (way < 0)
            fail_msg("%s and %s at once, round %d: %s (%s) and %s (%s) leave\n%s", one->name,
                     other->name, round, vcluster_status_name(made.first), runners[0].given.text,
                     vcluster_status_name(made.second), runners[1].given.text, made.state);
        counts[way]++;
        outcome_done(&made);
    }
    print_message("%s and %s at once: as one after the other %d and %d times, refused %d and %d\n",
                  one->name, other->name, counts[0], counts[1], counts[3], counts[2]);
    outcome_done(&forth);
    outcome_done(&back);
    outcome_done(&only_one);
    outcome_done(&only_other);
}

static void a_pause_and_an_upgrade(void **state)
{
    (void)state;
    check_pair(operation_find("pause"), operation_find("upgrade"));
}

static void a_reap_and_an_extension(void **state)
{
    (void)state;
    check_pair(operation_find("reap"), operation_find("extend"));
}

static void a_delete_and_a_pause(void **state)
{
    (void)state;
    check_pair(operation_find("delete"), operation_find("pause"));
}

static void two_upgrades(void **state)
{
    (void)state;
    check_pair(operation_find("upgrade"), operation_find("upgrade"));
}

static void a_delete_and_an_upgrade(void **state)
{
    (void)state;
    check_pair(operation_find("delete"), operation_find("upgrade"));
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
        cmocka_unit_test(a_pause_and_an_upgrade),  cmocka_unit_test(a_reap_and_an_extension),
        cmocka_unit_test(a_delete_and_a_pause),    cmocka_unit_test(two_upgrades),
        cmocka_unit_test(a_delete_and_an_upgrade),
    };

    E2E_NEEDS_HOST();
    operations_begin("vcluster-e2e-pairs");
    return cmocka_run_group_tests(tests, begin, finish);
}
