/* SPDX-License-Identifier: Apache-2.0 */
/* Blocking jobs on short-lived threads; see parallel.h. */
#include "base/parallel.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

typedef struct worker {
    pthread_t thread;
    bool started;
    vcl_call call;
    vcl_job *job;
    atomic_size_t *left;
    vcluster_cancel *done; /* triggered by the last worker: a descriptor that can be polled */
} worker;

static void *work(void *data)
{
    worker *self = data;

    self->job->status = self->job->fn(&self->call, self->job->data, &self->job->error);
    if (atomic_fetch_sub(self->left, 1) == 1)
        vcluster_cancel_trigger(self->done);
    return NULL;
}

static bool start(worker *self)
{
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    self->started = pthread_create(&self->thread, NULL, work, self) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return self->started;
}

static void cleanup_cancel(vcluster_cancel **cancel)
{
    vcluster_cancel_free(*cancel);
}

int vcl_parallel_run(vcl_call *call, vcl_job *jobs, size_t count, vcluster_error **error)
{
    __attribute__((cleanup(cleanup_cancel))) vcluster_cancel *done = NULL;
    __attribute__((cleanup(cleanup_cancel))) vcluster_cancel *stop = NULL;
    atomic_size_t left = count;

    if (count == 0)
        return VCLUSTER_OK;
    int status = vcluster_cancel_new(&done, error);
    if (status == 0)
        status = vcluster_cancel_new(&stop, error);
    if (status < 0)
        return status;
    vcl_auto_free worker *workers = calloc(count, sizeof(*workers));
    if (!workers)
        return vcl_no_memory(error);

    for (size_t i = 0; i < count; i++) {
        workers[i] = (worker){ .call = *call, .job = &jobs[i], .left = &left, .done = done };
        workers[i].call.progress = NULL;
        workers[i].call.cancel = stop;
        if (!start(&workers[i])) {
            workers[i].call.cancel = call->cancel;
            (void)work(&workers[i]); /* no thread to be had: slower, but the same result */
        }
    }

    /* The jobs end by themselves at the deadline. They have a token of their own, so that a
     * progress callback that asks to stop ends them as well as the caller's token does. */
    status = vcl_call_poll(call, vcl_cancel_fd(done), -1, error);
    if (status < 0 && status != VCLUSTER_E_TIMEOUT)
        vcluster_cancel_trigger(stop);
    for (size_t i = 0; i < count; i++) {
        if (workers[i].started)
            (void)pthread_join(workers[i].thread, NULL);
    }
    bool late = status == VCLUSTER_E_TIMEOUT;
    if (late)
        vcl_error_clear(error);
    return status < 0 && !late ? status : VCLUSTER_OK;
}
