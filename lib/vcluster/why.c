/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at everything that tells why a virtual cluster is not ready: seven requests at once,
 * then, only where the first ones call for it, the virtual cluster itself, storage classes, nodes
 * and logs. What it means is classify.h's.
 */
#include "vcluster/why.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/parallel.h"
#include "base/str.h"
#include "release/classify.h"
#include "release/pod_state.h"
#include "release/trouble.h"
#include "vcluster/client.h"
#include "vcluster/connect/access.h"
#include "vcluster/connect/usable.h"
#include "vcluster/instance.h"
#include "vcluster/names.h"

enum { JUST_STARTED_SECONDS = 30 };
enum { PLACE, STATEFUL_SETS, DEPLOYMENTS, PODS, EVENTS, CLAIMS, RECORDS, READS };

/* One list, or the namespace. */
typedef struct reading {
    vcl_kube *kube;
    const char *member; /* of the recording */
    vcl_list_query query;
    cJSON *result;
} reading;

typedef struct looker {
    vcluster_client *client;
    const char *name;
    const char *namespace_name;
    cJSON *recording;
    bool answers; /* the virtual cluster itself, before the host knows that it is ready */
    vcl_buf note;
} looker;

static int read_one(vcl_call *call, void *data, vcluster_error **error)
{
    reading *self = data;
    VCL_AUTO_JSON *list = NULL;

    if (vcl_streq(self->query.kind, "Namespace")) {
        vcl_object_key key = { "v1", "Namespace", NULL, self->query.namespace_name };
        return vcl_kube_get(self->kube, call, &key, &self->result, error);
    }
    int status = vcl_kube_list(self->kube, call, &self->query, &list, error);
    if (status == 0)
        self->result = cJSON_DetachItemFromObjectCaseSensitive(list, "items");
    return status;
}

/* What may not be read is told; a namespace that is not there is a finding; the rest is an error.
 */
static int settle(looker *self, reading *one, vcl_job *job, vcluster_error **error)
{
    bool place = vcl_streq(one->member, "place");
    bool missing = place && job->status == VCLUSTER_E_NOT_FOUND;
    bool vital = vcl_streq(one->member, "StatefulSet") || vcl_streq(one->member, "Deployment") ||
                 vcl_streq(one->member, "pods");

    if (job->status < 0 && !missing && (vital || job->status != VCLUSTER_E_PERMISSION))
        return vcl_error_pass(error, &job->error, job->status);
    if (job->status == VCLUSTER_E_PERMISSION) {
        (void)vcl_buf_addf(&self->note, "%s%ss may not be read", self->note.size ? "; " : "",
                           one->query.kind);
        return VCLUSTER_OK;
    }
    cJSON *value = missing ? cJSON_CreateNull() : vcl_steal(&one->result);
    return value && vcl_json_set(self->recording, one->member, value) ? VCLUSTER_OK
                                                                      : vcl_no_memory(error);
}

static int
read_all(looker *self, vcl_call *call, reading *readings, size_t count, vcluster_error **error)
{
    vcl_job jobs[READS] = { 0 };

    for (size_t i = 0; i < count; i++) {
        readings[i].kube = self->client->kube;
        jobs[i] = (vcl_job){ .fn = read_one, .data = &readings[i] };
    }
    int status = vcl_parallel_run(call, jobs, count, error);
    for (size_t i = 0; i < count; i++) {
        if (status == 0)
            status = settle(self, &readings[i], &jobs[i], error);
        cJSON_Delete(readings[i].result);
        vcluster_error_free(jobs[i].error);
    }
    return status;
}

static vcl_list_query
all_of(const char *api_version, const char *kind, const char *ns, const char *selector)
{
    return (vcl_list_query){
        .api_version = api_version, .kind = kind, .namespace_name = ns, .label_selector = selector
    };
}

static int look_first(looker *self, vcl_call *call, vcluster_error **error)
{
    const char *ns = self->namespace_name;
    vcl_auto_free char *selector = vcl_format("app=vcluster,release=%s", self->name);
    vcl_auto_free char *of_release = vcl_format("owner=helm,name=%s", self->name);
    reading readings[READS] = {
        [PLACE] = { .member = "place", .query = all_of("v1", "Namespace", ns, NULL) },
        [STATEFUL_SETS] = { .member = "StatefulSet",
                            .query = all_of("apps/v1", "StatefulSet", ns, selector) },
        [DEPLOYMENTS] = { .member = "Deployment",
                          .query = all_of("apps/v1", "Deployment", ns, selector) },
        [PODS] = { .member = "pods", .query = all_of("v1", "Pod", ns, selector) },
        [EVENTS] = { .member = "events", .query = all_of("v1", "Event", ns, NULL) },
        [CLAIMS] = { .member = "claims", .query = all_of("v1", "PersistentVolumeClaim", ns, NULL) },
        [RECORDS] = { .member = "records", .query = all_of("v1", "Secret", ns, of_release) },
    };

    if (!selector || !of_release)
        return vcl_no_memory(error);
    readings[RECORDS].query.metadata_only = true;
    return read_all(self, call, readings, READS, error);
}

/* The workload, from whichever list has it: null when neither has. Claims of others go. */
static int join(looker *self, vcluster_error **error)
{
    static const char *const kinds[] = { "StatefulSet", "Deployment" };
    cJSON *workload = NULL;
    cJSON *next = NULL;
    cJSON *claims = vcl_json_get(self->recording, "claims");

    for (int i = 0; i < 2; i++) {
        cJSON *found = vcl_json_get(self->recording, kinds[i]);
        if (!workload && cJSON_GetArraySize(found) > 0)
            workload = cJSON_DetachItemFromArray(found, 0);
        vcl_json_remove(self->recording, kinds[i]);
    }
    for (cJSON *claim = claims ? claims->child : NULL; claim; claim = next) {
        next = claim->next;
        if (!vcl_is_volume_claim_of(vcl_name_of(claim), self->name))
            cJSON_Delete(cJSON_DetachItemViaPointer(claims, claim));
    }
    return vcl_json_set(self->recording, "workload", workload ? workload : cJSON_CreateNull())
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

static bool is_pending(const cJSON *item)
{
    return vcl_streq(vcl_json_find_string(item, "status", "phase", NULL), "Pending");
}

static bool any(const cJSON *array, bool (*test)(const cJSON *item))
{
    const cJSON *item;

    cJSON_ArrayForEach (item, array) {
        if (test(item))
            return true;
    }
    return false;
}

static bool is_troubled(const cJSON *pod)
{
    return !vcl_pod_ready(pod);
}

/* What only those need who have that trouble. */
static int look_closer(looker *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *pods = vcl_json_get(self->recording, "pods");
    reading readings[2];
    size_t count = 0;
    cJSON *logs = NULL;

    if (any(vcl_json_get(self->recording, "claims"), is_pending))
        readings[count++] =
            (reading){ .member = "classes",
                       .query = all_of("storage.k8s.io/v1", "StorageClass", NULL, NULL) };
    if (any(pods, is_troubled))
        readings[count++] =
            (reading){ .member = "nodes", .query = all_of("v1", "Node", NULL, NULL) };
    int status = count ? read_all(self, call, readings, count, error) : VCLUSTER_OK;
    if (status == 0)
        status = vcl_trouble_logs(self->client->kube, call, pods, true, &logs, error);
    if (status == 0 && !vcl_json_set(self->recording, "logs", logs))
        status = vcl_no_memory(error);
    return status;
}

static bool is_wanted(const cJSON *workload)
{
    return cJSON_IsObject(workload) &&
           !vcl_json_find_string(workload, "metadata", "deletionTimestamp", NULL) &&
           vcl_json_find_int(workload, 1, "spec", "replicas", NULL) != 0;
}

/* Usable means that a pod is ready and nobody wants it otherwise. */
static bool is_ready(const cJSON *recording)
{
    const cJSON *pod;

    if (!is_wanted(vcl_json_get(recording, "workload")))
        return false;
    cJSON_ArrayForEach (pod, vcl_json_get(recording, "pods")) {
        if (vcl_pod_ready(pod) && !vcl_json_find_string(pod, "metadata", "deletionTimestamp", NULL))
            return true;
    }
    return false;
}

/* Its API server runs, but so briefly that the node may not have asked its readiness probe yet. */
static bool has_just_started(const cJSON *pod)
{
    const cJSON *item;
    int64_t started = 0;

    cJSON_ArrayForEach (item, vcl_json_find(pod, "status", "containerStatuses", NULL)) {
        const char *time = vcl_json_find_string(item, "state", "running", "startedAt", NULL);
        int64_t this_one = 0;
        if (vcl_json_find_int(item, 0, "restartCount", NULL) > 0)
            return false;
        if (time && vcl_parse_rfc3339(time, &this_one) && this_one > started)
            started = this_one;
    }
    return vcl_usable_may_answer(pod) &&
           !vcl_json_find_string(pod, "metadata", "deletionTimestamp", NULL) &&
           llabs(vcl_wall_seconds() - started) <= JUST_STARTED_SECONDS;
}

static bool is_starting(const cJSON *recording)
{
    return is_wanted(vcl_json_get(recording, "workload")) &&
           any(vcl_json_get(recording, "pods"), has_just_started);
}

/* What create waits for: it is ready as soon as it answers so. Whoever may not ask it is told what
 * the host knows. */
static int ask(looker *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    VCL_AUTO_PTR(vcluster_client) inner = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status =
        vcl_access_read(self->client->kube, call, self->name, self->namespace_name, &access, &why);
    if (status == 0)
        status = vcl_access_open(self->client, access, NULL, &inner, &why);
    if (status == 0)
        status = vcl_usable_answers(inner, call, &why);
    if (status > 0)
        status = vcl_usable_started(inner, call, &why);
    if (status == VCLUSTER_E_CANCELLED || status == VCLUSTER_E_TIMEOUT)
        return vcl_error_pass(error, &why, status);
    self->answers = status > 0;
    return VCLUSTER_OK;
}

static int conclude(looker *self, vcluster_diagnosis **out_diagnosis, vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_diagnosis) made = calloc(1, sizeof(*made));
    vcl_scene scene;

    if (!made)
        return vcl_no_memory(error);
    made->name = vcl_strdup(self->name);
    made->namespace_name = vcl_strdup(self->namespace_name);
    made->note = vcl_strdup(vcl_buf_text(&self->note));
    made->ready = self->answers || is_ready(self->recording);
    if (!made->name || !made->namespace_name || !made->note)
        return vcl_no_memory(error);
    vcl_scene_of(self->recording, &scene);
    scene.name = self->name;
    scene.namespace_name = self->namespace_name;
    scene.context = self->client->context;
    scene.now = vcl_wall_seconds();
    int status = made->ready ? VCLUSTER_OK : vcl_classify(&scene, &made->causes, error);
    if (status == 0)
        *out_diagnosis = vcl_steal(&made);
    return status;
}

static int
look(looker *self, vcl_call *call, vcluster_diagnosis **out_diagnosis, vcluster_error **error)
{
    if (!self->recording)
        return vcl_no_memory(error);
    int status = look_first(self, call, error);
    if (status == 0)
        status = join(self, error);
    if (status == 0 && !is_ready(self->recording) && is_starting(self->recording))
        status = ask(self, call, error);
    if (status == 0 && !self->answers)
        status = look_closer(self, call, error);
    return status < 0 ? status : conclude(self, out_diagnosis, error);
}

/* Where it is; where it would be when it is nowhere. */
static int find_place(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      char **out_namespace,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_instance_find(client, call, name, NULL, &found, &why);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &why, status);
    *out_namespace = found ? vcl_strdup(found->namespace_name)
                           : vcl_namespace_for(NULL, client->namespace_name, name);
    return *out_namespace ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_why(vcluster_client *client,
            vcl_call *call,
            const char *name,
            const char *namespace_name,
            vcluster_diagnosis **out_diagnosis,
            vcluster_error **error)
{
    vcl_auto_free char *place = NULL;
    int status = VCLUSTER_OK;

    if (!namespace_name)
        status = find_place(client, call, name, &place, error);
    if (status < 0)
        return status;
    looker self = { .client = client,
                    .name = name,
                    .namespace_name = namespace_name ? namespace_name : place,
                    .recording = cJSON_CreateObject() };
    vcl_buf_init(&self.note, VCL_MAX_MESSAGE);
    status = look(&self, call, out_diagnosis, error);
    vcl_buf_done(&self.note);
    cJSON_Delete(self.recording);
    return status;
}
