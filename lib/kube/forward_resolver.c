/* SPDX-License-Identifier: Apache-2.0 */
/* The thread that finds the pod of a forward; see forward_resolver.h. */
#include "kube/forward_resolver.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/bell.h"
#include "base/clock.h"
#include "base/str.h"

enum { LIST_TIMEOUT_MS = 10000 };

struct vcl_resolver {
    vcl_kube *kube;
    vcl_list_query query;
    vcluster_cancel *cancel; /* ends a list on its way */
    vcl_bell bell;
    pthread_t thread;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool stopping;
    bool asked;
    bool answered;
    int64_t listed_ms; /* when the last list began */
    int64_t not_before_ms;
    vcl_resolver_answer answer;
};

void vcl_resolver_answer_done(vcl_resolver_answer *answer)
{
    free(answer->pod);
    vcluster_error_free(answer->error);
    *answer = (vcl_resolver_answer){ 0 };
}

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

static void find_pod(vcl_resolver *resolver, vcl_resolver_answer *out)
{
    VCL_AUTO_JSON *pods = NULL;
    vcl_call call;
    const vcl_list_query *query = &resolver->query;

    *out = (vcl_resolver_answer){ 0 };
    vcl_call_init(&call, LIST_TIMEOUT_MS, LIST_TIMEOUT_MS, resolver->cancel, NULL, NULL);
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

/* Until a question may be asked; false: the end. The mutex is held. */
static bool wait_for_question(vcl_resolver *resolver)
{
    for (;;) {
        int64_t now_ms = vcl_monotonic_ms();

        if (resolver->stopping)
            return false;
        if (!resolver->asked) {
            pthread_cond_wait(&resolver->changed, &resolver->mutex);
        } else if (now_ms < resolver->not_before_ms) {
            struct timespec until = { .tv_sec = resolver->not_before_ms / 1000,
                                      .tv_nsec = resolver->not_before_ms % 1000 * 1000000 };
            pthread_cond_timedwait(&resolver->changed, &resolver->mutex, &until);
        } else {
            return true;
        }
    }
}

static void *run(void *data)
{
    vcl_resolver *resolver = data;

    pthread_mutex_lock(&resolver->mutex);
    while (wait_for_question(resolver)) {
        vcl_resolver_answer answer;

        resolver->listed_ms = vcl_monotonic_ms();
        pthread_mutex_unlock(&resolver->mutex);
        find_pod(resolver, &answer);
        pthread_mutex_lock(&resolver->mutex);
        vcl_resolver_answer_done(&resolver->answer);
        resolver->answer = answer;
        resolver->answered = true;
        resolver->asked = false;
        vcl_bell_ring(&resolver->bell);
    }
    pthread_mutex_unlock(&resolver->mutex);
    return NULL;
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

/* The program's signals are not for this thread. */
static bool start_thread(vcl_resolver *resolver)
{
    sigset_t all;
    sigset_t before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&resolver->thread, NULL, run, resolver) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

static int start(vcl_resolver *resolver, vcluster_error **error)
{
    int status = vcluster_cancel_new(&resolver->cancel, error);

    if (status < 0)
        return status;
    if (!vcl_bell_init(&resolver->bell)) {
        vcluster_cancel_free(resolver->cancel);
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor is left for a forward");
    }
    if (pthread_mutex_init(&resolver->mutex, NULL) == 0) {
        if (init_condition(&resolver->changed)) {
            if (start_thread(resolver))
                return VCLUSTER_OK;
            pthread_cond_destroy(&resolver->changed);
        }
        pthread_mutex_destroy(&resolver->mutex);
    }
    vcl_bell_done(&resolver->bell);
    vcluster_cancel_free(resolver->cancel);
    return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no thread is left for a forward");
}

int vcl_resolver_new(vcl_kube *kube,
                     const vcl_list_query *query,
                     vcl_resolver **out_resolver,
                     vcluster_error **error)
{
    vcl_resolver *resolver = calloc(1, sizeof(*resolver));

    if (!resolver)
        return vcl_no_memory(error);
    resolver->kube = kube;
    resolver->query = *query;
    int status = start(resolver, error);
    if (status < 0) {
        free(resolver);
        return status;
    }
    *out_resolver = resolver;
    return VCLUSTER_OK;
}

void vcl_resolver_free(vcl_resolver *resolver)
{
    if (!resolver)
        return;
    pthread_mutex_lock(&resolver->mutex);
    resolver->stopping = true;
    pthread_cond_broadcast(&resolver->changed);
    pthread_mutex_unlock(&resolver->mutex);
    vcluster_cancel_trigger(resolver->cancel);
    pthread_join(resolver->thread, NULL);

    pthread_cond_destroy(&resolver->changed);
    pthread_mutex_destroy(&resolver->mutex);
    vcl_bell_done(&resolver->bell);
    vcluster_cancel_free(resolver->cancel);
    vcl_resolver_answer_done(&resolver->answer);
    free(resolver);
}

int vcl_resolver_fd(const vcl_resolver *resolver)
{
    return resolver->bell.read_fd;
}

void vcl_resolver_ask(vcl_resolver *resolver, int64_t pause_ms)
{
    pthread_mutex_lock(&resolver->mutex);
    if (!resolver->asked) {
        resolver->asked = true;
        resolver->not_before_ms = resolver->listed_ms ? resolver->listed_ms + pause_ms : 0;
        pthread_cond_broadcast(&resolver->changed);
    }
    pthread_mutex_unlock(&resolver->mutex);
}

bool vcl_resolver_take(vcl_resolver *resolver, vcl_resolver_answer *out_answer)
{
    pthread_mutex_lock(&resolver->mutex);
    bool answered = resolver->answered;
    vcl_bell_quiet(&resolver->bell);
    if (answered) {
        *out_answer = resolver->answer;
        resolver->answer = (vcl_resolver_answer){ 0 };
        resolver->answered = false;
    }
    pthread_mutex_unlock(&resolver->mutex);
    return answered;
}
