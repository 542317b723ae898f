/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the release (of one without, those that the control plane reads) and lists of the host,
 * asked for at once; see lint_live.h. */
#include "vcluster/rules/lint_live.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/parallel.h"
#include "base/str.h"
#include "release/operation.h"
#include "release/release.h"
#include "vcluster/client.h"
#include "vcluster/effective.h"
#include "vcluster/instance.h"
#include "vcluster/rules/host_objects.h"

enum { QUOTAS, RANGES, POLICIES, NODES, PLUGINS, LISTS, VALUES = LISTS, VERSION, JOBS };

typedef struct reader {
    vcluster_client *client;
    const vcluster_instance *instance;
    cJSON *values;
    cJSON *synced;
    char *kubernetes_version;
} reader;

/* One list of the host. */
typedef struct listing {
    const reader *of;
    vcl_list_query query;
    bool optional; /* who may not list it gets fewer findings; without the others, wrong ones */
    cJSON *items;
} listing;

static void keep_metadata(cJSON *item)
{
    vcl_json_remove(item, "status");
    vcl_json_remove(item, "spec");
    vcl_json_remove(vcl_json_get(item, "metadata"), "annotations");
    vcl_json_remove(vcl_json_get(item, "metadata"), "managedFields");
}

static int read_list(vcl_call *call, void *data, vcluster_error **error)
{
    listing *self = data;
    VCL_AUTO_ERROR *why = NULL;
    VCL_AUTO_JSON *list = NULL;

    int status = vcl_kube_list(self->of->client->kube, call, &self->query, &list, &why);
    if (status == VCLUSTER_E_PERMISSION && self->optional)
        return 0;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    self->items = cJSON_DetachItemFromObjectCaseSensitive(list, "items");
    return 0;
}

static int read_values(vcl_call *call, void *data, vcluster_error **error)
{
    reader *self = data;
    const vcluster_instance *instance = self->instance;
    VCL_AUTO_PTR(vcluster_release) release = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_release_get(self->client->kube, call, instance->name, instance->namespace_name,
                                 0, &release, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return vcl_effective_values(self->client->kube, call, instance->name,
                                    instance->namespace_name, &self->values, error);
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    const cJSON *config = vcl_json_get(release->tree, "config");
    self->values = cJSON_IsObject(config) ? vcl_json_copy(config) : cJSON_CreateObject();
    return self->values ? 0 : vcl_no_memory(error);
}

static int read_version(vcl_call *call, void *data, vcluster_error **error)
{
    reader *self = data;

    return vcl_kube_version(self->client->kube, call, &self->kubernetes_version, error);
}

/* What the tenant has on the host of what the values ask for; usually they ask for nothing. */
static int read_synced(reader *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_instance *instance = self->instance;
    const vcl_sync_owner owner = { .name = instance->name,
                                   .namespace_name = instance->namespace_name };
    VCL_AUTO_JSON *asked = vcl_lint_kinds_asked(self->values);

    if (!asked)
        return vcl_no_memory(error);
    if (!asked->child || vcl_streq(instance->distribution, "embedded"))
        return 0;
    return vcl_host_objects_kinds(self->client->kube, call, &owner, asked, &self->synced, error);
}

/* What belongs to the release is told by its values. */
static bool is_own(const cJSON *item, const vcluster_instance *instance)
{
    return vcl_streq(
        vcl_json_find_string(item, "metadata", "annotations", "meta.helm.sh/release-name", NULL),
        instance->name);
}

static int read_file(const vcluster_instance *instance,
                     const char *suffix,
                     const char *text,
                     vcl_lint_file **out_file,
                     vcluster_error **error)
{
    vcl_auto_free char *name =
        vcl_format("%s/%s%s", instance->namespace_name, instance->name, suffix);

    return name ? vcl_lint_file_read(name, text, strlen(text), out_file, error)
                : vcl_no_memory(error);
}

static int make_host_file(const reader *self,
                          const listing *lists,
                          vcl_lint_file **out_file,
                          vcluster_error **error)
{
    VCL_AUTO_BUF text = { 0 };
    const cJSON *item = NULL;

    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    for (size_t i = 0; i < LISTS; i++) {
        cJSON_ArrayForEach (item, lists[i].items) {
            vcl_auto_free char *json = is_own(item, self->instance) ? NULL : vcl_json_print(item);
            if (json)
                vcl_buf_addf(&text, "---\n%s\n", json);
        }
    }
    if (vcl_buf_failed(&text))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the host has too many nodes and network plugins");
    return read_file(self->instance, " host", vcl_buf_text(&text), out_file, error);
}

static int
make_files(reader *self, const listing *lists, vcl_lint_file **out_files, vcluster_error **error)
{
    VCL_AUTO_LINT_FILE *host = NULL;
    VCL_AUTO_LINT_FILE *file = NULL;
    vcl_auto_free char *text = vcl_json_print(self->values);

    int status = text ? make_host_file(self, lists, &host, error) : vcl_no_memory(error);
    if (status == 0)
        status = read_file(self->instance, "", text, &file, error);
    if (status == 0 && vcl_streq(self->instance->distribution, "embedded"))
        status = vcluster_chart_embedded(&file->chart, error);
    if (status < 0 || !host || !file)
        return status;
    host->live = file->live = true;
    file->cluster_name = vcl_strdup(self->instance->name);
    file->namespace_name = vcl_strdup(self->instance->namespace_name);
    file->kubernetes_version = vcl_strdup(self->kubernetes_version);
    file->synced = vcl_steal(&self->synced);
    if (!file->cluster_name || !file->namespace_name)
        return vcl_no_memory(error);
    file->next = vcl_steal(&host);
    *out_files = vcl_steal(&file);
    return 0;
}

static int run_jobs(reader *self, listing *lists, vcl_call *call, vcluster_error **error)
{
    vcl_job jobs[JOBS] = { [VALUES] = { .fn = read_values, .data = self },
                           [VERSION] = { .fn = read_version, .data = self } };

    for (size_t i = 0; i < LISTS; i++)
        jobs[i] = (vcl_job){ .fn = read_list, .data = &lists[i] };
    int status = vcl_parallel_run(call, jobs, JOBS, error);
    for (size_t i = 0; i < JOBS; i++) {
        if (status == 0 && jobs[i].status < 0)
            status = vcl_error_pass(error, &jobs[i].error, jobs[i].status);
        vcluster_error_free(jobs[i].error);
    }
    return status;
}

int vcl_lint_live_read(vcluster_client *client,
                       vcl_call *call,
                       const char *name,
                       const char *namespace_name,
                       vcl_lint_file **out_files,
                       vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;

    int status = vcl_instance_find(client, call, name, namespace_name, &instance, error);
    if (status < 0)
        return status;
    reader self = { .client = client, .instance = instance };
    const char *place = instance->namespace_name;
    listing lists[LISTS] = {
        [QUOTAS] = { &self,
                     { .api_version = "v1", .kind = "ResourceQuota", .namespace_name = place },
                     false,
                     NULL },
        [RANGES] = { &self,
                     { .api_version = "v1", .kind = "LimitRange", .namespace_name = place },
                     false,
                     NULL },
        [POLICIES] = { &self,
                       { .api_version = "networking.k8s.io/v1",
                         .kind = "NetworkPolicy",
                         .namespace_name = place },
                       false,
                       NULL },
        [NODES] = { &self,
                    { .api_version = "v1", .kind = "Node", .trim = keep_metadata },
                    true,
                    NULL },
        [PLUGINS] = { &self,
                      { .api_version = "apps/v1", .kind = "DaemonSet", .trim = keep_metadata },
                      true,
                      NULL },
    };
    status = run_jobs(&self, lists, call, error);
    if (status == 0)
        status = read_synced(&self, call, error);
    if (status == 0)
        status = make_files(&self, lists, out_files, error);
    for (size_t i = 0; i < LISTS; i++)
        cJSON_Delete(lists[i].items);
    cJSON_Delete(self.synced);
    vcl_json_free_secret(self.values);
    vcl_free_secret(self.kubernetes_version);
    return status;
}
