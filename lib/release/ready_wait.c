/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting until objects are ready: each that is not is asked for again, at first often, then every
 * second. While a workload is not ready its pods are looked at, and the events of those that have
 * none, so that a reason that waiting cannot mend ends the wait.
 */
#include "release/ready_wait.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "release/ready.h"
#include "release/trouble.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 1000, LOOK_MS = 1000, OUTAGE_MS = 30000 };

typedef struct item {
    vcl_object_key key; /* borrowed from the set's objects and the client's table */
    bool ready;
    char *why; /* it is not */
    int64_t looked_ms;
    vcl_trouble_memory trouble;
} item;

typedef struct waiter {
    const vcl_ready_request *request;
    vcl_kube *kube;
    item *items;
    size_t count;
    const char **names; /* of the workloads, for the events */
    vcl_events events;
    int64_t events_ms;
    int64_t outage_since_ms; /* 0: the host answers */
} waiter;

static void waiter_done(waiter *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->items[i].why);
    free(self->items);
    free(self->names);
    vcl_events_done(&self->events);
}

static bool makes_pods(const char *kind)
{
    static const char *const kinds[] = {
        "DaemonSet", "Deployment", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (vcl_streq(kinds[i], kind))
            return true;
    }
    return false;
}

static int collect(waiter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_apply_set *set = self->request->set;
    size_t total = (size_t)cJSON_GetArraySize(set->objects);
    size_t named = 0;
    const cJSON *object;

    self->items = calloc(total + 1, sizeof(*self->items));
    self->names = calloc(total + 1, sizeof(*self->names));
    if (!self->items || !self->names)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (object, set->objects) {
        vcl_object_key *key = &self->items[self->count].key;

        if (!vcl_ready_has_rule(vcl_json_find_string(object, "apiVersion", NULL),
                                vcl_json_find_string(object, "kind", NULL), self->request->jobs))
            continue;
        int status = vcl_apply_key(set, call, object, key, error);
        if (status < 0)
            return status;
        self->count++;
        if (makes_pods(key->kind) && vcl_streq(key->namespace_name, set->namespace_name))
            self->names[named++] = key->name;
    }
    if (named == 0)
        return VCLUSTER_OK;
    self->events = (vcl_events){ .kube = self->kube,
                                 .names = self->names,
                                 .namespace_name = set->namespace_name,
                                 .seen = cJSON_CreateObject() };
    self->events_ms = vcl_monotonic_ms();
    return self->events.seen ? VCLUSTER_OK : vcl_no_memory(error);
}

/* "a=b,c in (d,e)": what matchLabels and matchExpressions of a workload say. */
static char *selector_of(const cJSON *workload)
{
    const cJSON *selector = vcl_json_find(workload, "spec", "selector", NULL);
    const cJSON *labels = vcl_json_get(selector, "matchLabels");
    VCL_AUTO_BUF text = { 0 };
    const cJSON *label;

    if (vcl_streq(vcl_json_find_string(workload, "kind", NULL), "ReplicationController"))
        labels = selector;
    vcl_buf_init(&text, 4096);
    cJSON_ArrayForEach (label, labels) {
        if (cJSON_IsString(label))
            (void)vcl_buf_addf(&text, "%s%s=%s", text.size ? "," : "", label->string,
                               label->valuestring);
    }
    return text.size ? vcl_buf_steal(&text) : NULL;
}

static int list_of(const waiter *self,
                   vcl_call *call,
                   const item *one,
                   const cJSON *workload,
                   const char *kind,
                   cJSON **out_list,
                   vcluster_error **error)
{
    vcl_auto_free char *selector = selector_of(workload);
    vcl_list_query query = { .api_version = vcl_streq(kind, "Pod") ? "v1" : "apps/v1",
                             .kind = kind,
                             .namespace_name = one->key.namespace_name,
                             .label_selector = selector };

    if (!selector)
        return VCLUSTER_OK;
    return vcl_kube_list(self->kube, call, &query, out_list, error);
}

/* Whether a controller of that uid owns the object. */
static bool is_owned_by(const cJSON *object, const char *uid)
{
    const cJSON *owner;

    cJSON_ArrayForEach (owner, vcl_json_find(object, "metadata", "ownerReferences", NULL)) {
        if (vcl_json_find_bool(owner, false, "controller", NULL) &&
            vcl_streq(vcl_json_find_string(owner, "uid", NULL), uid))
            return true;
    }
    return false;
}

static const char *revision_of(const cJSON *object)
{
    return vcl_json_find_string(object, "metadata", "annotations",
                                "deployment.kubernetes.io/revision", NULL);
}

/* While a Deployment rolls, its own numbers mix old and new pods: its newest ReplicaSet tells. */
static int check_rolling(waiter *self,
                         vcl_call *call,
                         const item *one,
                         const cJSON *deployment,
                         vcl_buf *why,
                         vcluster_error **error)
{
    const char *uid = vcl_json_find_string(deployment, "metadata", "uid", NULL);
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *failure = NULL;
    const cJSON *set;

    int status = list_of(self, call, one, deployment, "ReplicaSet", &list, &failure);
    if (status == VCLUSTER_E_PERMISSION)
        return VCL_NOT_READY;
    if (status < 0)
        return vcl_error_pass(error, &failure, status);
    cJSON_ArrayForEach (set, vcl_json_get(list, "items")) {
        if (is_owned_by(set, uid) && vcl_streq(revision_of(set), revision_of(deployment)))
            return (int)vcl_ready_check(deployment, set, why);
    }
    return VCL_NOT_READY;
}

/* A vcl_readiness, or an error. */
static int
check(waiter *self, vcl_call *call, item *one, const cJSON *object, vcluster_error **error)
{
    VCL_AUTO_BUF why = { 0 };

    vcl_buf_init(&why, 1024);
    int state = (int)vcl_ready_check(object, NULL, &why);
    int64_t updated = vcl_json_find_int(object, 0, "status", "updatedReplicas", NULL);
    if (state == VCL_NOT_READY && vcl_streq(one->key.kind, "Deployment") && updated > 0 &&
        updated < vcl_json_find_int(object, 0, "status", "replicas", NULL))
        state = check_rolling(self, call, one, object, &why, error);
    if (state >= 0 && !vcl_str_replace(&one->why, vcl_buf_text(&why)))
        return vcl_no_memory(error);
    return state;
}

static bool is_going(const cJSON *pod)
{
    return vcl_json_find_string(pod, "metadata", "deletionTimestamp", NULL) != NULL;
}

/* Leave out those that are being deleted. */
static void drop_going(cJSON *pods)
{
    cJSON *next = NULL;

    for (cJSON *pod = pods ? pods->child : NULL; pod; pod = next) {
        next = pod->next;
        if (is_going(pod))
            cJSON_Delete(cJSON_DetachItemViaPointer(pods, pod));
    }
}

/* The pods of a workload, or the pod itself. A Job makes another pod for one that failed. */
static int look_at_pods(waiter *self,
                        vcl_call *call,
                        item *one,
                        const cJSON *object,
                        bool *out_any,
                        vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *failure = NULL;
    vcl_trouble_query query = { .kube = self->kube,
                                .of_job = vcl_streq(one->key.kind, "Job"),
                                .memory = &one->trouble };

    *out_any = true;
    if (vcl_streq(one->key.kind, "Pod")) {
        list = cJSON_CreateArray();
        if (!list || !vcl_json_append(list, vcl_json_copy(object)))
            return vcl_no_memory(error);
        query.pods = list;
        return vcl_trouble_check(&query, call, error);
    }
    int status = list_of(self, call, one, object, "Pod", &list, &failure);
    if (status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &failure, status);
    drop_going(vcl_json_get(list, "items"));
    query.pods = vcl_json_get(list, "items");
    *out_any = cJSON_GetArraySize(query.pods) > 0;
    return vcl_trouble_check(&query, call, error);
}

static int look_for_trouble(
    waiter *self, vcl_call *call, item *one, const cJSON *object, vcluster_error **error)
{
    int64_t now_ms = vcl_monotonic_ms();
    bool any = true;

    if (now_ms - one->looked_ms < LOOK_MS ||
        (!makes_pods(one->key.kind) && !vcl_streq(one->key.kind, "Pod")))
        return VCLUSTER_OK;
    one->looked_ms = now_ms;
    int status = look_at_pods(self, call, one, object, &any, error);
    if (status == 0 && !any && self->events.kube && now_ms - self->events_ms >= LOOK_MS) {
        self->events_ms = now_ms;
        status = vcl_events_look(&self->events, call, error);
    }
    return status < 0 ? vcl_wrap(error, status, "wait for %s '%s'", one->key.kind, one->key.name)
                      : status;
}

static int fail_never(const item *one, vcluster_error **error)
{
    int status = vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "%s '%s' will not become ready: %s",
                          one->key.kind, one->key.name, vcl_str(one->why));

    vcl_error_set_reason(error, "NotReady");
    return status;
}

static int step_one(waiter *self, vcl_call *call, item *one, vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;

    int status = vcl_kube_get(self->kube, call, &one->key, &object, error);
    if (status < 0)
        return status;
    status = check(self, call, one, object, error);
    if (status < 0)
        return status;
    if (status == VCL_NEVER_READY)
        return fail_never(one, error);
    if (status == VCL_NOT_READY)
        return look_for_trouble(self, call, one, object, error);
    one->ready = true;
    vcl_auto_free char *shown = vcl_format("%s/%s", one->key.kind, one->key.name);
    return vcl_call_report(call, error, VCLUSTER_STEP_READY, shown, "ready");
}

/* 1: all are ready. */
static int step(waiter *self, vcl_call *call, vcluster_error **error)
{
    bool all = true;

    for (size_t i = 0; i < self->count; i++) {
        item *one = &self->items[i];

        if (one->ready)
            continue;
        int status = step_one(self, call, one, error);
        if (status == 0)
            status = vcl_record_renew(self->kube, call, self->request->record, error);
        if (status < 0)
            return status;
        all = all && one->ready;
    }
    return all ? 1 : 0;
}

/* A host that cannot answer now is given some time: its API server may be starting anew. What is
 * found out about pods has a reason and no HTTP status. */
static int ride_out(waiter *self, int status, vcluster_error **why, vcluster_error **error)
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
    vcl_error_clear(why);
    return VCLUSTER_OK;
}

/* A deadline says little: name what was not ready, one finding each. */
static int explain_timeout(const waiter *self, vcluster_error **error)
{
    vcluster_error *cause = error ? vcl_steal(error) : NULL;
    const item *first = NULL;
    size_t waiting = 0;

    for (size_t i = 0; i < self->count; i++) {
        waiting += !self->items[i].ready;
        if (!self->items[i].ready && !first)
            first = &self->items[i];
    }
    int status = vcl_fail(error, VCLUSTER_E_TIMEOUT,
                          "%zu of %zu objects were not ready in time: %s '%s': %s", waiting,
                          self->count, first ? first->key.kind : "", first ? first->key.name : "",
                          vcl_str(first ? first->why : NULL));
    for (size_t i = 0; i < self->count; i++) {
        const item *one = &self->items[i];
        vcl_auto_free char *path = vcl_format("%s/%s", one->key.kind, one->key.name);
        if (!one->ready)
            vcl_error_add_finding(error, path, 0, "not-ready", VCLUSTER_SEVERITY_ERROR,
                                  vcl_str(one->why), NULL);
    }
    vcl_error_set_cause(error, cause);
    return status;
}

static int wait_all(waiter *self, vcl_call *call, vcluster_error **error)
{
    int64_t pause_ms = FIRST_PAUSE_MS;

    for (;;) {
        VCL_AUTO_ERROR *why = NULL;

        int status = step(self, call, &why);
        if (status > 0)
            return VCLUSTER_OK;
        status = ride_out(self, status, &why, error);
        if (status == 0)
            status = vcl_call_sleep(call, pause_ms, error);
        if (status < 0)
            return status;
        pause_ms = pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
    }
}

int vcl_ready_wait(const vcl_ready_request *request, vcl_call *call, vcluster_error **error)
{
    waiter self = { .request = request, .kube = request->set->kube };

    int status = collect(&self, call, error);
    if (status == 0 && self.events.kube)
        status = vcl_events_begin(&self.events, call, error);
    if (status == 0)
        status = wait_all(&self, call, error);
    if (status == VCLUSTER_E_TIMEOUT)
        status = explain_timeout(&self, error);
    waiter_done(&self);
    return status;
}
