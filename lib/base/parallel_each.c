/* SPDX-License-Identifier: Apache-2.0 */
/* Many jobs on a few threads, told one by one on the calling thread; see parallel.h. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/bell.h"
#include "base/parallel.h"

typedef struct ended {
    size_t index;
    int status;
    vcluster_error *error;
} ended;

typedef struct pool {
    const vcl_parallel_each *each;
    vcl_call call; /* as the jobs get it */
    vcluster_cancel *stop;
    vcl_bell bell;
    pthread_t *threads;
    size_t thread_count;
    pthread_mutex_t mutex; /* guards what follows */
    ended *queue;          /* in the order in which they ended */
    size_t queued;
    size_t told;
    size_t next; /* the next to begin */
    bool stopping;
} pool;

static bool begin_next(pool *self, size_t *out_index)
{
    (void)pthread_mutex_lock(&self->mutex);
    bool found = !self->stopping && self->next < self->each->count;
    if (found)
        *out_index = self->next++;
    (void)pthread_mutex_unlock(&self->mutex);
    return found;
}

static void *work(void *data)
{
    pool *self = data;
    size_t index;

    while (begin_next(self, &index)) {
        vcl_call call = self->call;
        ended result = { .index = index };

        result.status = self->each->run(&call, index, self->each->data, &result.error);
        (void)pthread_mutex_lock(&self->mutex);
        self->queue[self->queued++] = result;
        /* At once, not when it is told: else this thread would have begun the next by then. */
        if (result.status < 0 && self->each->stop_on_failure)
            self->stopping = true;
        vcl_bell_ring(&self->bell);
        (void)pthread_mutex_unlock(&self->mutex);
    }
    return NULL;
}

static void stop(pool *self)
{
    (void)pthread_mutex_lock(&self->mutex);
    self->stopping = true;
    (void)pthread_mutex_unlock(&self->mutex);
    vcluster_cancel_trigger(self->stop);
}

/* Tell what has ended; whether more will. */
static bool tell(pool *self, bool *asked_to_stop)
{
    for (;;) {
        (void)pthread_mutex_lock(&self->mutex);
        bool has_one = self->told < self->queued;
        ended result = has_one ? self->queue[self->told++] : (ended){ 0 };
        bool more = self->told < self->next || (!self->stopping && self->next < self->each->count);
        if (!has_one)
            vcl_bell_quiet(&self->bell);
        (void)pthread_mutex_unlock(&self->mutex);
        if (!has_one)
            return more;
        if (self->each->done(result.index, result.status, result.error, self->each->data) != 0) {
            *asked_to_stop = true;
            stop(self);
        }
        vcluster_error_free(result.error);
    }
}

static void start_threads(pool *self)
{
    size_t width = self->each->width < self->each->count ? self->each->width : self->each->count;
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    while (self->thread_count < width &&
           pthread_create(&self->threads[self->thread_count], NULL, work, self) == 0)
        self->thread_count++;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

static int run(pool *self, vcl_call *call, vcluster_error **error)
{
    bool asked = false;
    int status = VCLUSTER_OK;

    start_threads(self);
    if (self->thread_count == 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no thread can be started");
    while (tell(self, &asked)) {
        /* What has passed the deadline ends by itself, and is told. */
        int polled = status < 0 || asked ? vcl_call_poll(&self->call, self->bell.read_fd, -1, NULL)
                                         : vcl_call_poll(call, self->bell.read_fd, -1, error);
        if (polled < 0 && status == VCLUSTER_OK && !asked) {
            status = polled;
            stop(self);
            break;
        }
        if (polled < 0)
            break;
    }
    for (size_t i = 0; i < self->thread_count; i++)
        (void)pthread_join(self->threads[i], NULL);
    (void)tell(self, &asked);
    return status < 0 ? status : asked ? 1 : VCLUSTER_OK;
}

int vcl_parallel_each_run(vcl_call *call, const vcl_parallel_each *each, vcluster_error **error)
{
    pool self = { .each = each, .call = *call, .bell = VCL_BELL_NONE };

    if (each->count == 0)
        return VCLUSTER_OK;
    int status = vcluster_cancel_new(&self.stop, error);
    if (status < 0)
        return status;
    self.call.progress = NULL;
    self.call.cancel = self.stop;
    self.queue = calloc(each->count, sizeof(*self.queue));
    self.threads = calloc(each->width ? each->width : 1, sizeof(*self.threads));
    (void)pthread_mutex_init(&self.mutex, NULL);
    if (!self.queue || !self.threads)
        status = vcl_no_memory(error);
    else if (!vcl_bell_init(&self.bell))
        status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor is left");
    else
        status = run(&self, call, error);
    (void)pthread_mutex_destroy(&self.mutex);
    vcl_bell_done(&self.bell);
    free(self.queue);
    free(self.threads);
    vcluster_cancel_free(self.stop);
    return status;
}
