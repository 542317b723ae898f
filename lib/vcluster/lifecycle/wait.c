/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until a virtual cluster can be used. Two things go on at once on the calling thread: the
 * pods are watched, for progress and for troubles; and as soon as the API server's container runs,
 * the kubeconfig Secret and then the API itself are tried every 100 ms.
 */
#include "vcluster/lifecycle/wait.h"

#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/cache.h"
#include "release/classify.h"
#include "release/pod_state.h"
#include "release/trouble.h"
#include "vcluster/connect/access.h"
#include "vcluster/connect/usable.h"
#include "vcluster/names.h"

enum { TRY_MS = 100, EVENTS_MS = 1000, OUTAGE_MS = 30000 };

typedef struct waiter {
    vcluster_client *client;
    const char *name;
    const char *namespace_name;
    vcl_cache *cache; /* its pods */
    const cJSON *pod; /* the newest that is not being deleted; of the cache */
    cJSON *told;      /* what was reported: an object with a key for each thing */
    vcl_events events;
    vcl_trouble_memory trouble;
    int64_t events_ms;
    vcluster_client *inner;
    bool answered;
    int64_t outage_since_ms; /* 0: the host answers */
} waiter;

static void waiter_done(waiter *self)
{
    vcluster_client_unref(self->inner);
    vcl_cache_close(self->cache);
    cJSON_Delete(self->told);
    vcl_events_done(&self->events);
}

/* Report something once. */
static int tell(waiter *self,
                vcl_call *call,
                int step,
                const char *what,
                const char *message,
                vcluster_error **error)
{
    vcl_auto_free char *key = vcl_format("%s/%s", what, message);

    if (!key)
        return vcl_no_memory(error);
    if (vcl_json_get(self->told, key))
        return VCLUSTER_OK;
    if (!vcl_json_set(self->told, key, cJSON_CreateTrue()))
        return vcl_no_memory(error);
    return vcl_call_report(call, error, step, what, "%s", message);
}

static int tell_containers(waiter *self, vcl_call *call, const char *list, vcluster_error **error)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_find(self->pod, "status", list, NULL)) {
        const char *container = vcl_str(vcl_json_find_string(item, "name", NULL));
        bool has_image = !vcl_str_empty(vcl_json_find_string(item, "imageID", NULL));
        bool started = vcl_json_find(item, "state", "running", NULL) ||
                       vcl_json_find(item, "state", "terminated", NULL);

        int status = VCLUSTER_OK;
        if (has_image)
            status = tell(self, call, VCLUSTER_STEP_IMAGE,
                          vcl_str(vcl_json_find_string(item, "image", NULL)),
                          "image is on the node", error);
        if (status == 0 && started)
            status =
                tell(self, call, VCLUSTER_STEP_CONTAINER, container, "container started", error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int tell_pod(waiter *self, vcl_call *call, vcluster_error **error)
{
    const char *node = vcl_json_find_string(self->pod, "spec", "nodeName", NULL);
    const char *pod = vcl_str(vcl_json_find_string(self->pod, "metadata", "name", NULL));
    vcl_auto_free char *what = vcl_format("pod/%s", pod);

    if (!what)
        return vcl_no_memory(error);
    int status = tell(self, call, VCLUSTER_STEP_POD, what, "pod made", error);
    if (status == 0 && !vcl_str_empty(node)) {
        vcl_auto_free char *message = vcl_format("pod scheduled to node '%s'", node);
        status = message ? tell(self, call, VCLUSTER_STEP_POD, what, message, error)
                         : vcl_no_memory(error);
    }
    if (status == 0)
        status = tell_containers(self, call, "initContainerStatuses", error);
    if (status == 0)
        status = tell_containers(self, call, "containerStatuses", error);
    return status;
}

static int take_newer(const cJSON *pod, void *data)
{
    const cJSON **newest = data;
    const char *made = vcl_str(vcl_json_find_string(pod, "metadata", "creationTimestamp", NULL));
    const char *than = vcl_json_find_string(*newest, "metadata", "creationTimestamp", NULL);

    if (!vcl_json_find_string(pod, "metadata", "deletionTimestamp", NULL) &&
        strcmp(made, vcl_str(than)) >= 0)
        *newest = pod;
    return 0;
}

/* 1: usable; 0: not yet. */
static int probe_api(waiter *self, vcl_call *call, vcluster_error **error)
{
    if (!self->answered) {
        int status = vcl_usable_answers(self->inner, call, error);
        if (status <= 0)
            return status;
        self->answered = true;
        status = tell(self, call, VCLUSTER_STEP_API, self->name, "the API server answers", error);
        if (status < 0)
            return status;
    }
    return vcl_usable_started(self->inner, call, error);
}

/* 1: usable; 0: not yet. */
static int try_access(waiter *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!self->inner) {
        int status = vcl_access_read(self->client->kube, call, self->name, self->namespace_name,
                                     &access, &why);
        if (status == VCLUSTER_E_PRECONDITION)
            return 0;
        if (status == 0)
            status = vcl_access_open(self->client, access, NULL, &self->inner, &why);
        if (status < 0)
            return vcl_error_pass(error, &why, status);
        status =
            tell(self, call, VCLUSTER_STEP_KUBECONFIG, self->name, "kubeconfig published", error);
        if (status < 0)
            return status;
    }
    return probe_api(self, call, error);
}

static int look_at_events(waiter *self, vcl_call *call, vcluster_error **error)
{
    int64_t now_ms = vcl_monotonic_ms();

    if (now_ms - self->events_ms < EVENTS_MS)
        return VCLUSTER_OK;
    self->events_ms = now_ms;
    return vcl_events_read(&self->events, call, error);
}

/* Whether what is seen of the pod and in events ends the wait. */
static int check(waiter *self, vcl_call *call, vcluster_error **error)
{
    cJSON *pods = self->pod ? cJSON_CreateArrayReference(self->pod) : NULL;
    vcl_trouble_query query = { .kube = self->client->kube,
                                .pods = pods,
                                .events = self->events.recent,
                                .memory = &self->trouble };

    if (self->pod && !pods)
        return vcl_no_memory(error);
    int status = vcl_trouble_check(&query, call, error);
    cJSON_Delete(pods);
    return status;
}

/* A host that cannot answer now is given some time: its API server may be starting anew. What the
 * pods' own troubles say has a reason and no HTTP status. */
static int
ride_out(waiter *self, vcl_call *call, int status, vcluster_error **why, vcluster_error **error)
{
    bool outage = status == VCLUSTER_E_UNAVAILABLE && vcluster_error_retryable(*why) &&
                  (vcluster_error_http_status(*why) || !vcluster_error_reason(*why));
    int64_t now_ms = vcl_monotonic_ms();

    if (!outage) {
        self->outage_since_ms = 0;
        return vcl_error_pass(error, why, status);
    }
    if (!self->outage_since_ms)
        self->outage_since_ms = now_ms;
    if (now_ms - self->outage_since_ms > OUTAGE_MS)
        return vcl_error_pass(error, why, status);
    return vcl_call_sleep(call, EVENTS_MS / 2, error);
}

static int step(waiter *self, vcl_call *call, vcluster_error **error)
{
    vcl_cache_change change;

    int status = vcl_cache_next(self->cache, call, TRY_MS, &change, error);
    self->pod = NULL;
    (void)vcl_cache_each(self->cache, 0, take_newer, &self->pod);
    if (status > 0)
        status = self->pod ? tell_pod(self, call, error) : VCLUSTER_OK;
    if (status == 0)
        status = check(self, call, error);
    if (status == 0 && vcl_usable_may_answer(self->pod))
        return try_access(self, call, error);
    if (status == 0)
        status = look_at_events(self, call, error);
    return status;
}

/* What the pod and its events point to, however uncertain; "" if nothing. */
static void add_cause(const waiter *self, vcl_buf *text)
{
    VCL_AUTO_CAUSES causes = { 0 };
    VCL_AUTO_ERROR *ignored = NULL;
    cJSON *pods = self->pod ? cJSON_CreateArrayReference(self->pod) : NULL;
    vcl_scene scene = { .pods = pods, .events = self->events.recent };

    if (vcl_classify(&scene, &causes, &ignored) == 0 && causes.count > 0)
        (void)vcl_buf_addf(text, "; %s (%s)", causes.items[0].message,
                           causes.items[0].reason->remedy);
    cJSON_Delete(pods);
}

/* A deadline says little: add what the pod was doing when it passed. */
static int explain_timeout(const waiter *self, vcluster_error **error)
{
    VCL_AUTO_BUF state = { 0 };
    vcluster_error *cause = error ? *error : NULL;

    vcl_buf_init(&state, VCL_MAX_MESSAGE);
    if (self->pod)
        (void)vcl_pod_status(self->pod, &state);
    else
        (void)vcl_buf_add(&state, "not there");
    if (self->inner)
        (void)vcl_buf_add(&state, self->answered ? "; its API server was still starting"
                                                 : "; its API server did not answer yet");
    add_cause(self, &state);
    if (error)
        *error = NULL;
    int status = vcl_fail(error, VCLUSTER_E_TIMEOUT,
                          "virtual cluster '%s' was not ready in time; its pod was: %s", self->name,
                          vcl_buf_text(&state));
    vcl_error_set_cause(error, cause);
    return status;
}

/* A controller that was refused the pod tries again after a pause that grows to minutes; a change
 * of its object makes it try at once. */
static int nudge(const waiter *self, vcl_call *call, vcluster_error **error)
{
    static const char *const kinds[] = { "StatefulSet", "Deployment" };
    vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    char now[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    vcl_auto_free char *patch =
        vcl_format("{\"metadata\":{\"annotations\":{\"" VCL_ANNOTATION_RESUMED "\":\"%s\"}}}", now);
    if (!patch)
        return vcl_no_memory(error);
    for (size_t i = 0; i < 2; i++) {
        vcl_object_key key = { "apps/v1", kinds[i], self->namespace_name, self->name };
        VCL_AUTO_ERROR *why = NULL;

        int status = vcl_kube_patch(self->client->kube, call, &key, "application/merge-patch+json",
                                    patch, &options, NULL, &why);
        if (status != VCLUSTER_E_NOT_FOUND) {
            return vcl_error_pass(error, &why, status);
        }
    }
    return VCLUSTER_OK;
}

static int begin(waiter *self, vcl_call *call, bool resumed, vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("app=vcluster,release=%s", self->name);
    const vcl_cache_source pods = { .query = { .api_version = "v1",
                                               .kind = "Pod",
                                               .namespace_name = self->namespace_name,
                                               .label_selector = selector },
                                    .keep = true };

    if (!selector || !self->told || !self->events.seen)
        return vcl_no_memory(error);
    int status = vcl_events_begin(&self->events, call, error);
    if (status == 0 && resumed)
        status = nudge(self, call, error);
    return status < 0 ? status : vcl_cache_open(self->client->kube, &pods, 1, &self->cache, error);
}

int vcl_wait_ready(const vcl_wait_request *request, vcl_call *call, vcluster_error **error)
{
    waiter self = { .client = request->client,
                    .name = request->name,
                    .namespace_name = request->namespace_name,
                    .told = cJSON_CreateObject(),
                    .events = { .kube = request->client->kube,
                                .names = (const char *const[]){ request->name, NULL },
                                .namespace_name = request->namespace_name,
                                .seen = cJSON_CreateObject() },
                    .events_ms = vcl_monotonic_ms() };
    int status = VCLUSTER_OK;
    while (status == 0) {
        VCL_AUTO_ERROR *why = NULL;

        if (!self.cache)
            status = begin(&self, call, request->resumed, &why);
        if (status == 0)
            status = step(&self, call, &why);
        if (status == 0 && request->record)
            status = vcl_record_renew(request->client->kube, call, request->record, &why);
        status = ride_out(&self, call, status, &why, error);
    }
    if (status == VCLUSTER_E_TIMEOUT)
        status = explain_timeout(&self, error);
    if (status > 0)
        status = tell(&self, call, VCLUSTER_STEP_READY, self.name, "ready", error);
    waiter_done(&self);
    return status;
}
