/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading all that the host tells about one virtual cluster; see describe.h. Finding it costs the
 * four lists of a get; then five jobs go on at once, and only where they call for it, why it is not
 * ready is asked, and whose the used quota is. What may not be read is told, and is no error.
 */
#include "vcluster/describe/describe.h"

#include "base/limits.h"
#include "base/parallel.h"
#include "base/str.h"
#include "release/history.h"
#include "vcluster/client.h"
#include "vcluster/effective.h"
#include "vcluster/lifecycle/upgrade_rules.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

typedef struct describer {
    vcluster_client *client;
    vcluster_description *made;
} describer;

static const char *name_of(const describer *self)
{
    return self->made->instance->name;
}

static const char *place_of(const describer *self)
{
    return self->made->instance->namespace_name;
}

/* ---- The jobs: each fills members of the description that no other one touches ---- */

static bool is_control_plane(const cJSON *pod)
{
    const char *app = vcl_json_find_string(pod, "metadata", "labels", "app", NULL);

    return vcl_streq(app, "vcluster") || vcl_streq(app, "vcluster-etcd");
}

static int read_components(vcl_call *call, void *data, vcluster_error **error)
{
    describer *self = data;
    vcl_auto_free char *selector = vcl_format("release=%s", name_of(self));
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = place_of(self),
                             .label_selector = selector };
    VCL_AUTO_JSON *list = NULL;
    cJSON *next = NULL;

    if (!selector)
        return vcl_no_memory(error);
    int status = vcl_kube_list(self->client->kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON *pods = vcl_json_get(list, "items");
    for (cJSON *pod = pods ? pods->child : NULL; pod; pod = next) {
        next = pod->next;
        if (!is_control_plane(pod))
            cJSON_Delete(cJSON_DetachItemViaPointer(pods, pod));
    }
    return vcl_components_of(pods, &self->made->components, error);
}

static int read_values(vcl_call *call, void *data, vcluster_error **error)
{
    describer *self = data;
    vcluster_description *made = self->made;
    cJSON *values = NULL;

    int status = vcl_effective_values(self->client->kube, call, name_of(self), place_of(self),
                                      &values, error);
    if (status < 0)
        return status;
    made->store = vcl_store_of(values);
    made->effective_values = vcl_values_shown(values);
    status = made->effective_values ? vcl_sync_rules_read(NULL, values, &made->rules, error)
                                    : vcl_no_memory(error);
    vcl_json_free_secret(values);
    return status;
}

static bool take_release(vcluster_description *made, const cJSON *item, const cJSON *release)
{
    const cJSON *chart = vcl_json_find(release, "chart", "metadata", NULL);
    const cJSON *config = vcl_json_get(release, "config");
    VCL_AUTO_JSON *none = cJSON_IsObject(config) ? NULL : cJSON_CreateObject();

    made->revision = vcl_record_revision(item);
    made->maker = vcl_json_find(item, "metadata", "annotations", VCL_ANNOTATION_WISH, NULL)
                      ? "libvcluster"
                      : "Helm";
    made->user_values = vcl_values_shown(none ? none : config);
    return made->user_values && vcl_str_replace(&made->release_status, vcl_history_status(item)) &&
           vcl_str_replace(&made->chart_name, vcl_json_find_string(chart, "name", NULL)) &&
           vcl_str_replace(&made->chart_version, vcl_json_find_string(chart, "version", NULL));
}

static int read_release(vcl_call *call, void *data, vcluster_error **error)
{
    describer *self = data;
    vcl_history history = { .kube = self->client->kube,
                            .name = name_of(self),
                            .namespace_name = place_of(self) };
    cJSON *release = NULL;

    int status = vcl_history_read(&history, call, error);
    const cJSON *item = status == 0 ? vcl_history_newest(&history) : NULL;
    if (item)
        status = vcl_history_load(&history, call, item, NULL, &release, error);
    if (item && status == 0 && !take_release(self->made, item, release))
        status = vcl_no_memory(error);
    vcl_json_free_secret(release);
    vcl_history_done(&history);
    return status;
}

static int read_ways(vcl_call *call, void *data, vcluster_error **error)
{
    describer *self = data;
    VCL_AUTO_PTR(vcl_access) access = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (self->made->instance->paused || self->made->instance->replicas == 0)
        return VCLUSTER_OK;
    int status =
        vcl_access_read(self->client->kube, call, name_of(self), place_of(self), &access, &why);
    if (status == VCLUSTER_E_PRECONDITION) /* not published yet */
        return VCLUSTER_OK;
    return status < 0 ? vcl_error_pass(error, &why, status)
                      : vcl_endpoint_find(self->client, call, access, &self->made->ways, error);
}

/* Who uses how much is asked only where there is a quota. */
static int read_quota(vcl_call *call, void *data, vcluster_error **error)
{
    describer *self = data;
    vcl_list_query query = { .api_version = "v1",
                             .kind = "ResourceQuota",
                             .namespace_name = place_of(self),
                             .metadata_only = true };
    VCL_AUTO_JSON *list = NULL;

    int status = vcl_kube_list(self->client->kube, call, &query, &list, error);
    if (status < 0 || cJSON_GetArraySize(vcl_json_get(list, "items")) == 0)
        return status;
    return vcl_usage_read(self->client, call, self->made->instance, &self->made->usage, error);
}

static int read_reasons(vcl_call *call, void *data, vcluster_error **error)
{
    describer *self = data;

    if (self->made->instance->ready)
        return VCLUSTER_OK;
    return vcl_why(self->client, call, name_of(self), place_of(self), &self->made->diagnosis,
                   error);
}

/* ---- All of them ---- */

static const struct {
    vcl_job_fn fn;
    const char *what;
} parts[] = {
    { read_components, "its pods" },
    { read_values, "the values in force" },
    { read_release, "its release record" },
    { read_ways, "its kubeconfig" },
    { read_quota, "its quota" },
    { read_reasons, "why it is not ready" },
};
enum { PARTS = sizeof(parts) / sizeof(parts[0]) };

/* What is missing or may not be read is a part of the answer. */
static int settle(vcl_job *job, const char *what, vcl_buf *note, vcluster_error **error)
{
    bool gone = job->status == VCLUSTER_E_NOT_FOUND;

    if (job->status < 0 && !gone && job->status != VCLUSTER_E_PERMISSION)
        return vcl_error_pass(error, &job->error, job->status);
    if (job->status < 0)
        (void)vcl_buf_addf(note, "%s%s %s", note->size ? "; " : "", what,
                           gone ? "cannot be found" : "may not be read");
    return VCLUSTER_OK;
}

static int read_parts(describer *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_BUF note = { 0 };
    vcl_job jobs[PARTS];

    vcl_buf_init(&note, VCL_MAX_MESSAGE);
    (void)vcl_buf_addf(&note, "%s", vcl_str(self->made->instance->note));
    for (size_t i = 0; i < PARTS; i++)
        jobs[i] = (vcl_job){ .fn = parts[i].fn, .data = self };
    int status = vcl_parallel_run(call, jobs, PARTS, error);
    for (size_t i = 0; i < PARTS; i++) {
        if (status == 0)
            status = settle(&jobs[i], parts[i].what, &note, error);
        vcluster_error_free(jobs[i].error);
    }
    if (status == 0 && !vcl_str_replace(&self->made->note, vcl_buf_text(&note)))
        status = vcl_no_memory(error);
    return status;
}

int vcl_describe(vcluster_client *client,
                 vcl_call *call,
                 const char *name,
                 const char *namespace_name,
                 vcluster_description **out_description,
                 vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_description) made = calloc(1, sizeof(*made));
    describer self = { .client = client, .made = made };

    if (!made)
        return vcl_no_memory(error);
    int status = vcl_instance_find(client, call, name, namespace_name, &made->instance, error);
    if (status == 0)
        status = read_parts(&self, call, error);
    if (status < 0)
        return status;
    if (made->instance->gitops)
        made->maker = made->instance->gitops;
    *out_description = vcl_steal(&made);
    return VCLUSTER_OK;
}
