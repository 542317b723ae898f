/* SPDX-License-Identifier: Apache-2.0 */
/* A thread with a deep stack; see stack.h. */
#include "base/stack.h"

#include <pthread.h>
#include <signal.h>

#include "base/limits.h"

typedef struct deep_run {
    void (*fn)(void *data);
    void *data;
} deep_run;

static void *deep_main(void *data)
{
    const deep_run *run = data;

    run->fn(run->data);
    return NULL;
}

bool vcl_run_on_deep_stack(void (*fn)(void *data), void *data)
{
    deep_run run = { .fn = fn, .data = data };
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t before;
    sigset_t all;

    if (pthread_attr_init(&attributes) != 0)
        return false;
    (void)pthread_attr_setstacksize(&attributes, VCL_STACK_SIZE);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&thread, &attributes, deep_main, &run) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attributes);
    if (started)
        (void)pthread_join(thread, NULL);
    return started;
}
