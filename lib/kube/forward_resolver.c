/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that finds the pods of forwards; see forward_resolver.h. */
#include "kube/forward_resolver.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/client.h"
#include "net/loop.h"

enum { LIST_TIMEOUT_MS = 10000 };

struct vcl_resolver {
    vcl_kube *kube;
    vcl_list_query query;
    vcl_resolver_fn fn;
    void *data;

    /* Guarded by the mutex of all. */
    vcl_resolver *next;
    bool asked;
    int64_t listed_ms; /* when the last list began */
    int64_t not_before_ms;
};

/* ---- A list and its answer ---- */

static bool is_ready(const cJSON *pod)
{
    const cJSON *condition = NULL;

    cJSON_ArrayForEach (condition, vcl_json_find(pod, "status", "conditions", NULL)) {
        if (vcl_streq(vcl_json_find_string(condition, "type", NULL), "Ready"))
            return vcl_streq(vcl_json_find_string(condition, "status", NULL), "True");
    }
    return false;
}

const char *vcl_resolver_pick(const cJSON *pods, bool *out_ready)
{
    const cJSON *pod = NULL;
    const char *best = NULL;
    const char *best_time = "";
    bool best_ready = false;

    cJSON_ArrayForEach (pod, vcl_json_get(pods, "items")) {
        const char *made =
            vcl_str(vcl_json_find_string(pod, "metadata", "creationTimestamp", NULL));
        bool ready = is_ready(pod);

        if (vcl_json_find(pod, "metadata", "deletionTimestamp", NULL) ||
            !vcl_streq(vcl_json_find_string(pod, "status", "phase", NULL), "Running"))
            continue;
        /* Times of the API are all in UTC, so that text compares as time does. */
        if (best && (ready < best_ready || (ready == best_ready && strcmp(made, best_time) <= 0)))
            continue;
        best = vcl_json_find_string(pod, "metadata", "name", NULL);
        best_time = made;
        best_ready = ready;
    }
    *out_ready = best_ready;
    return best;
}

static void
find_pod(const vcl_resolver *resolver, vcluster_cancel *cancel, vcl_resolver_answer *out)
{
    VCL_AUTO_JSON *pods = NULL;
    vcl_call call;
    const vcl_list_query *query = &resolver->query;

    vcl_call_init(&call, LIST_TIMEOUT_MS, LIST_TIMEOUT_MS, cancel, NULL, NULL);
    if (vcl_kube_list(resolver->kube, &call, query, &pods, &out->error) < 0)
        return;
    const char *name = vcl_resolver_pick(pods, &out->ready);
    if (name)
        out->pod = vcl_strdup(name);
    else
        (void)vcl_fail(&out->error, VCLUSTER_E_UNAVAILABLE,
                       "no pod of '%s' is running in namespace '%s'",
                       query->label_selector ? query->label_selector : query->field_selector,
                       query->namespace_name);
}

typedef struct delivery {
    vcl_resolver *resolver;
    vcl_resolver_answer answer;
} delivery;

static void deliver(vcl_http *http, void *data)
{
    delivery *self = data;
    vcl_resolver *resolver = self->resolver;
    vcl_resolvers *all = &resolver->kube->resolvers;

    (void)http;
    pthread_mutex_lock(&all->mutex);
    resolver->asked = false; /* what is asked from now on is a new question */
    pthread_mutex_unlock(&all->mutex);
    resolver->fn(&self->answer, resolver->data);
}

/* The mutex is held, and given back meanwhile. */
static void work_for(vcl_resolvers *all, vcl_resolver *resolver)
{
    delivery self = { .resolver = resolver };
    vcluster_cancel *cancel = NULL;

    resolver->listed_ms = vcl_monotonic_ms();
    if (vcluster_cancel_new(&cancel, &self.answer.error) == VCLUSTER_OK)
        all->cancel = cancel;
    all->busy = resolver;
    pthread_mutex_unlock(&all->mutex);
    if (cancel)
        find_pod(resolver, cancel, &self.answer);
    (void)vcl_loop_run(vcl_kube_http(resolver->kube), deliver, &self, NULL);
    free(self.answer.pod);
    vcluster_error_free(self.answer.error);

    pthread_mutex_lock(&all->mutex);
    all->busy = NULL;
    all->cancel = NULL;
    vcluster_cancel_free(cancel);
    pthread_cond_broadcast(&all->changed);
}

/* ---- The thread ---- */

static vcl_resolver *next_to_ask(const vcl_resolvers *all)
{
    vcl_resolver *next = NULL;

    for (vcl_resolver *r = all->first; r; r = r->next) {
        if (r->asked && (!next || r->not_before_ms < next->not_before_ms))
            next = r;
    }
    return next;
}

static void *run(void *data)
{
    vcl_resolvers *all = data;

    pthread_mutex_lock(&all->mutex);
    while (!all->stopping) {
        vcl_resolver *next = next_to_ask(all);

        if (!next) {
            pthread_cond_wait(&all->changed, &all->mutex);
        } else if (vcl_monotonic_ms() < next->not_before_ms) {
            struct timespec until = { .tv_sec = next->not_before_ms / 1000,
                                      .tv_nsec = next->not_before_ms % 1000 * 1000000 };
            pthread_cond_timedwait(&all->changed, &all->mutex, &until);
        } else {
            work_for(all, next);
        }
    }
    pthread_mutex_unlock(&all->mutex);
    return NULL;
}

/* The program's signals are not for this thread. The mutex is held. */
static bool start_thread(vcl_resolvers *all)
{
    sigset_t every;
    sigset_t before;

    if (all->pid)
        return true;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    bool ok = pthread_create(&all->thread, NULL, run, all) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (ok)
        all->pid = getpid();
    return ok;
}

/* A condition that counts on the clock that never jumps, as vcl_monotonic_ms() does. */
static bool init_condition(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;

    if (pthread_condattr_init(&attributes) != 0)
        return false;
    bool ok = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
              pthread_cond_init(condition, &attributes) == 0;
    pthread_condattr_destroy(&attributes);
    return ok;
}

bool vcl_resolvers_init(vcl_resolvers *all)
{
    if (pthread_mutex_init(&all->mutex, NULL) != 0)
        return false;
    if (init_condition(&all->changed))
        return true;
    pthread_mutex_destroy(&all->mutex);
    return false;
}

void vcl_resolvers_done(vcl_resolvers *all)
{
    if (all->pid && all->pid != getpid()) /* the thread is the parent's, and may hold the mutex */
        return;
    if (all->pid) {
        pthread_mutex_lock(&all->mutex);
        all->stopping = true;
        pthread_cond_broadcast(&all->changed);
        pthread_mutex_unlock(&all->mutex);
        pthread_join(all->thread, NULL);
    }
    pthread_cond_destroy(&all->changed);
    pthread_mutex_destroy(&all->mutex);
}

/* ---- Who asks ---- */

int vcl_resolver_new(vcl_kube *kube,
                     const vcl_list_query *query,
                     vcl_resolver_fn fn,
                     void *data,
                     vcl_resolver **out_resolver,
                     vcluster_error **error)
{
    vcl_resolvers *all = &kube->resolvers;
    vcl_resolver *resolver = calloc(1, sizeof(*resolver));

    if (!resolver)
        return vcl_no_memory(error);
    *resolver = (vcl_resolver){ .kube = kube, .query = *query, .fn = fn, .data = data };
    pthread_mutex_lock(&all->mutex);
    bool started = start_thread(all);
    if (started) {
        resolver->next = all->first;
        all->first = resolver;
    }
    pthread_mutex_unlock(&all->mutex);
    if (!started) {
        free(resolver);
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no thread is left for a forward");
    }
    *out_resolver = resolver;
    return VCLUSTER_OK;
}

void vcl_resolver_free(vcl_resolver *resolver)
{
    if (!resolver)
        return;
    vcl_resolvers *all = &resolver->kube->resolvers;
    vcl_resolver **slot = &all->first;

    pthread_mutex_lock(&all->mutex);
    resolver->asked = false;
    if (all->busy == resolver && all->cancel)
        vcluster_cancel_trigger(all->cancel);
    while (all->busy == resolver)
        pthread_cond_wait(&all->changed, &all->mutex);
    while (*slot != resolver)
        slot = &(*slot)->next;
    *slot = resolver->next;
    pthread_mutex_unlock(&all->mutex);
    free(resolver);
}

void vcl_resolver_ask(vcl_resolver *resolver, int64_t pause_ms)
{
    vcl_resolvers *all = &resolver->kube->resolvers;

    pthread_mutex_lock(&all->mutex);
    if (!resolver->asked) {
        resolver->asked = true;
        resolver->not_before_ms = resolver->listed_ms ? resolver->listed_ms + pause_ms : 0;
        pthread_cond_broadcast(&all->changed);
    }
    pthread_mutex_unlock(&all->mutex);
}
