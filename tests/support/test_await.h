/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting for what another thread does: test_await(condition) looks again and again, and gives up
 * after a time in which even a very busy machine has done it. Its value is whether the condition
 * came to hold; on the thread of a test it is asserted, so that a defect fails and does not hang.
 */
#ifndef TEST_AWAIT_H
#define TEST_AWAIT_H

#include <stdbool.h>
#include <time.h>

enum { TEST_PATIENCE_S = 60 };

typedef struct test_patience {
    time_t until_s; /* monotonic; 0: nothing was waited for yet */
} test_patience;

/* Let some time pass; false when that was enough. */
static inline bool test_wait_more(test_patience *patience)
{
    const struct timespec pause = { .tv_nsec = 500000 };
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    if (patience->until_s == 0)
        patience->until_s = now.tv_sec + TEST_PATIENCE_S;
    (void)nanosleep(&pause, NULL);
    return now.tv_sec < patience->until_s;
}

#define test_await(condition)                                                                      \
    __extension__({                                                                                \
        test_patience test_left = { 0 };                                                           \
        bool test_holds = (condition);                                                             \
        while (!test_holds && test_wait_more(&test_left))                                          \
            test_holds = (condition);                                                              \
        test_holds;                                                                                \
    })

#endif
