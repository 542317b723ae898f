/* SPDX-License-Identifier: Apache-2.0 */
/* Who drives the loop, its thread, and the jobs that other threads hand over; see reactor.h. */
#include "net/loop.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "net/client.h"
#include "net/easy.h"
#include "net/reactor.h"

bool vcl_reactor_init(vcl_reactor *reactor)
{
    if (pthread_mutex_init(&reactor->lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&reactor->job_done, NULL) != 0) {
        (void)pthread_mutex_destroy(&reactor->lock);
        return false;
    }
    if (pthread_cond_init(&reactor->left, NULL) != 0) {
        (void)pthread_cond_destroy(&reactor->job_done);
        (void)pthread_mutex_destroy(&reactor->lock);
        return false;
    }
    return true;
}

void vcl_reactor_done(vcl_reactor *reactor)
{
    (void)pthread_mutex_lock(&reactor->lock);
    bool started = reactor->started;
    reactor->ending = true;
    (void)pthread_cond_signal(&reactor->left);
    (void)pthread_mutex_unlock(&reactor->lock);

    if (started) {
        (void)curl_multi_wakeup(reactor->multi);
        (void)pthread_join(reactor->thread, NULL);
    }
    vcl_streams_done(&reactor->streams);
    vcl_reactor_drop_events(reactor);
    if (reactor->multi)
        (void)curl_multi_cleanup(reactor->multi);
    (void)pthread_cond_destroy(&reactor->left);
    (void)pthread_cond_destroy(&reactor->job_done);
    (void)pthread_mutex_destroy(&reactor->lock);
}

/* ---- A turn ---- */

static vcl_job *take_job(vcl_reactor *reactor)
{
    (void)pthread_mutex_lock(&reactor->lock);
    vcl_job *job = reactor->first_job;
    reactor->woken = job != NULL;
    if (job) {
        reactor->first_job = job->next;
        if (!job->next)
            reactor->last_job = NULL;
    }
    (void)pthread_mutex_unlock(&reactor->lock);
    return job;
}

static void run_jobs(vcl_http *http)
{
    vcl_reactor *reactor = &http->reactor;
    vcl_job *job;

    while ((job = take_job(reactor))) {
        bool waited = job->waited;

        job->fn(http, job->data);
        if (!waited)
            continue;
        (void)pthread_mutex_lock(&reactor->lock);
        job->done = true;
        (void)pthread_cond_broadcast(&reactor->job_done);
        (void)pthread_mutex_unlock(&reactor->lock);
    }
}

static void tell_finished(CURLM *multi)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(multi, &left))) {
        void *private = NULL;
        CURLcode result = message->data.result;

        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private) != CURLE_OK)
            continue;
        vcl_easy_user *user = private;
        user->finished(user, result); /* the message is gone once its handle is removed */
    }
}

void vcl_reactor_turn(vcl_http *http)
{
    vcl_reactor *reactor = &http->reactor;
    int running;

    vcl_reactor_fire_timers(reactor);
    run_jobs(http);
    if (reactor->streams.multi) { /* whose sockets were served while waiting */
        vcl_streams_turn(&reactor->streams);
        tell_finished(reactor->streams.multi);
    }
    (void)curl_multi_perform(reactor->multi, &running);
    tell_finished(reactor->multi);
}

/* ---- Who drives ---- */

/* With the lock held. */
static void drive(vcl_reactor *reactor)
{
    reactor->driven = true;
    reactor->driver = pthread_self();
    reactor->unfinished = false;
}

/* Whether something is left; of the driver, with the lock held. */
static bool is_unfinished(vcl_reactor *reactor)
{
    return reactor->first_job || reactor->transfers > 0 || vcl_reactor_has_events(reactor);
}

/* The thread's part: wait until there is something to do that nobody else does. false: the end. */
static bool wait_for_work(vcl_reactor *reactor)
{
    (void)pthread_mutex_lock(&reactor->lock);
    while (reactor->driven || !(reactor->first_job || reactor->unfinished || reactor->ending))
        (void)pthread_cond_wait(&reactor->left, &reactor->lock);
    bool end = reactor->ending && !reactor->first_job;
    if (!end)
        drive(reactor);
    (void)pthread_mutex_unlock(&reactor->lock);
    return !end;
}

/* Whether the thread drives on; it does not where nothing is left, or the end has come. */
static bool goes_on(vcl_reactor *reactor)
{
    (void)pthread_mutex_lock(&reactor->lock);
    reactor->unfinished = is_unfinished(reactor);
    bool on = reactor->unfinished && !(reactor->ending && !reactor->first_job);
    reactor->driven = on;
    (void)pthread_mutex_unlock(&reactor->lock);
    return on;
}

static void *loop_main(void *data)
{
    vcl_http *http = data;
    vcl_reactor *reactor = &http->reactor;

    while (wait_for_work(reactor)) {
        vcl_reactor_turn(http);
        while (goes_on(reactor)) {
            vcl_reactor_wait(reactor, -1, INT64_MAX);
            vcl_reactor_turn(http);
        }
    }
    return NULL;
}

/* With all signals blocked from its first instruction on, since a thread inherits the mask. */
static int start_thread(vcl_http *http)
{
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    int failure = pthread_create(&http->reactor.thread, NULL, loop_main, http);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
#ifdef __linux__
    if (failure == 0)
        (void)pthread_setname_np(http->reactor.thread, "vcluster-io");
#endif
    return failure;
}

/* With the lock held. */
static bool make_multi(vcl_reactor *reactor)
{
    if (reactor->multi)
        return true;
    reactor->multi = curl_multi_init();
    if (!reactor->multi)
        return false;
    (void)curl_multi_setopt(reactor->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    (void)curl_multi_setopt(reactor->multi, CURLMOPT_MAXCONNECTS, 64L);
    return true;
}

/* With the lock held. */
static int start(vcl_http *http, vcluster_error **error)
{
    vcl_reactor *reactor = &http->reactor;

    if (reactor->started)
        return VCLUSTER_OK;
    if (!make_multi(reactor))
        return vcl_no_memory(error);

    int failure = start_thread(http);
    if (failure != 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "the I/O thread cannot be started: %s",
                        strerror(failure));
    reactor->started = true;
    return VCLUSTER_OK;
}

/* Before 7.88.1 curl lets OpenSSL write to a socket itself, which may raise SIGPIPE: the thread
 * blocks it, a caller may not know of it. */
static bool may_lead(void)
{
    return vcl_easy_curl_version() >= 0x075801;
}

bool vcl_reactor_take(vcl_http *http)
{
    vcl_reactor *reactor = &http->reactor;

    if (!vcl_http_is_ours(http) || !may_lead())
        return false;
    (void)pthread_mutex_lock(&reactor->lock);
    bool taken = !reactor->driven && !reactor->first_job && !reactor->unfinished &&
                 make_multi(reactor) && vcl_reactor_reserve(reactor);
    if (taken)
        drive(reactor);
    (void)pthread_mutex_unlock(&reactor->lock);
    return taken;
}

int vcl_reactor_leave(vcl_http *http, vcluster_error **error)
{
    vcl_reactor *reactor = &http->reactor;

    (void)pthread_mutex_lock(&reactor->lock);
    reactor->unfinished = is_unfinished(reactor);
    int status = reactor->unfinished ? start(http, error) : VCLUSTER_OK;
    if (status == VCLUSTER_OK)
        reactor->driven = false;
    if (reactor->unfinished)
        (void)pthread_cond_signal(&reactor->left);
    (void)pthread_mutex_unlock(&reactor->lock);
    return status;
}

/* ---- Jobs of others ---- */

/* With the lock held: somebody looks for jobs now. */
static void wake(vcl_reactor *reactor)
{
    if (!reactor->driven)
        (void)pthread_cond_signal(&reactor->left);
    else if (!reactor->woken)
        (void)curl_multi_wakeup(reactor->multi);
    reactor->woken = reactor->driven;
}

int vcl_reactor_post(vcl_http *http, vcl_job *job, vcluster_error **error)
{
    vcl_reactor *reactor = &http->reactor;

    if (!vcl_http_is_ours(http))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "the client was made before fork(): make a new one in the child");

    (void)pthread_mutex_lock(&reactor->lock);
    int status = start(http, error);
    if (status == VCLUSTER_OK) {
        job->next = NULL;
        if (reactor->last_job)
            reactor->last_job->next = job;
        else
            reactor->first_job = job;
        reactor->last_job = job;
        wake(reactor);
    }
    (void)pthread_mutex_unlock(&reactor->lock);
    return status;
}

static bool on_loop_thread(vcl_http *http)
{
    vcl_reactor *reactor = &http->reactor;

    if (!vcl_http_is_ours(http))
        return false;
    (void)pthread_mutex_lock(&reactor->lock);
    bool inside = reactor->driven && pthread_equal(reactor->driver, pthread_self());
    (void)pthread_mutex_unlock(&reactor->lock);
    return inside;
}

int vcl_loop_run(vcl_http *http,
                 void (*fn)(vcl_http *http, void *data),
                 void *data,
                 vcluster_error **error)
{
    vcl_reactor *reactor = &http->reactor;
    vcl_job job = { .fn = fn, .data = data, .waited = true };

    if (on_loop_thread(http)) {
        fn(http, data);
        return VCLUSTER_OK;
    }

    int status = vcl_reactor_post(http, &job, error);
    if (status < 0)
        return status;

    (void)pthread_mutex_lock(&reactor->lock);
    while (!job.done)
        (void)pthread_cond_wait(&reactor->job_done, &reactor->lock);
    (void)pthread_mutex_unlock(&reactor->lock);
    return VCLUSTER_OK;
}
