/* SPDX-License-Identifier: Apache-2.0 */
/* Quotas, limit ranges, values and nodes of the host, asked for at once; see fits.h. */
#include "vcluster/tenant/fits.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "base/str.h"
#include "data/report.h"
#include "quota/fits.h"
#include "release/operation.h"
#include "release/release.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"

void vcl_host_limits_done(vcl_host_limits *limits)
{
    cJSON_Delete(limits->quotas);
    cJSON_Delete(limits->limit_ranges);
    vcluster_sync_rules_free(limits->rules);
    *limits = (vcl_host_limits){ 0 };
}

/* What the jobs have in common. */
typedef struct reader {
    vcluster_client *client;
    const vcluster_instance *instance;
    vcl_host_limits *limits;
} reader;

static int list_items(const reader *self,
                      vcl_call *call,
                      const vcl_list_query *query,
                      cJSON **out_items,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;

    int status = vcl_kube_list(self->client->kube, call, query, &list, error);
    if (status < 0)
        return status;
    cJSON *items = vcl_json_get(list, "items");
    *out_items = items ? cJSON_DetachItemViaPointer(list, items) : cJSON_CreateArray();
    return *out_items ? 0 : vcl_no_memory(error);
}

static int read_quotas(vcl_call *call, void *data, vcluster_error **error)
{
    const reader *self = data;
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "ResourceQuota",
                                   .namespace_name = self->instance->namespace_name };

    return list_items(self, call, &query, &self->limits->quotas, error);
}

static int read_limit_ranges(vcl_call *call, void *data, vcluster_error **error)
{
    const reader *self = data;
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "LimitRange",
                                   .namespace_name = self->instance->namespace_name };

    return list_items(self, call, &query, &self->limits->limit_ranges, error);
}

static int read_rules(vcl_call *call, void *data, vcluster_error **error)
{
    const reader *self = data;
    VCL_AUTO_PTR(vcluster_release) release = NULL;

    int status = vcl_release_get(self->client->kube, call, self->instance->name,
                                 self->instance->namespace_name, 0, &release, error);
    if (status < 0)
        return vcl_wrap(error, status, "read its values");
    return vcl_sync_rules_read(NULL, vcl_json_get(release->tree, "config"), &self->limits->rules,
                               error);
}

static int count_node(const cJSON *item, void *data, vcluster_error **error)
{
    (void)item;
    (void)error;
    (*(int64_t *)data)++;
    return 0;
}

static int read_nodes(vcl_call *call, void *data, vcluster_error **error)
{
    const reader *self = data;
    const vcl_list_query query = { .api_version = "v1", .kind = "Node", .metadata_only = true };
    vcluster_error *failure = NULL;
    int64_t count = 0;

    int status =
        vcl_kube_list_each(self->client->kube, call, &query, count_node, &count, NULL, &failure);
    self->limits->nodes = status == VCLUSTER_E_PERMISSION ? -1 : count;
    if (status == 0 || status == VCLUSTER_E_PERMISSION) {
        vcluster_error_free(failure);
        return 0;
    }
    if (error)
        *error = failure;
    else
        vcluster_error_free(failure);
    return status;
}

static int first_failure(vcl_job *jobs, size_t count, vcluster_error **error)
{
    for (size_t i = 0; i < count; i++) {
        if (jobs[i].status == 0)
            continue;
        if (error)
            *error = vcl_steal(&jobs[i].error);
        return jobs[i].status;
    }
    return 0;
}

int vcl_host_limits_read(vcluster_client *client,
                         vcl_call *call,
                         const vcluster_instance *instance,
                         bool with_nodes,
                         vcl_host_limits *out_limits,
                         vcluster_error **error)
{
    reader self = { client, instance, out_limits };
    vcl_job jobs[] = { { .fn = read_quotas, .data = &self },
                       { .fn = read_limit_ranges, .data = &self },
                       { .fn = read_rules, .data = &self },
                       { .fn = read_nodes, .data = &self } };
    size_t count = sizeof(jobs) / sizeof(jobs[0]) - !with_nodes;

    int status = vcl_parallel_run(call, jobs, count, error);
    if (status == 0)
        status = first_failure(jobs, count, error);
    for (size_t i = 0; i < count; i++)
        vcluster_error_free(jobs[i].error);
    return status;
}

static bool has_kind(const cJSON *manifests, const char *kind)
{
    for (const cJSON *object = manifests->child; object; object = object->next) {
        if (vcl_streq(vcl_json_find_string(object, "kind", NULL), kind))
            return true;
    }
    return false;
}

static void remark(const vcluster_instance *instance, int64_t nodes, vcluster_report *report)
{
    if (vcl_streq(instance->distribution, "embedded"))
        vcl_report_add(report, &(vcl_finding_facts){
                                   .rule = "not-copied",
                                   .severity = VCLUSTER_SEVERITY_INFO,
                                   .message = "the embedded control plane copies nothing to the "
                                              "host; counted is what upstream's would copy" });
    if (nodes < 0)
        vcl_report_add(
            report, &(vcl_finding_facts){ .rule = "nodes-unknown",
                                          .severity = VCLUSTER_SEVERITY_WARNING,
                                          .message = "the nodes of the host may not be listed: a "
                                                     "DaemonSet counts as one pod",
                                          .remedy = "say how many nodes there are" });
}

int vcl_instance_fits(const vcl_instance_fits_request *request,
                      vcl_call *call,
                      vcluster_report *report,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    VCL_AUTO_HOST_LIMITS limits = { 0 };
    bool with_nodes = request->nodes == 0 && has_kind(request->manifests, "DaemonSet");

    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &instance, error);
    if (status == 0)
        status = vcl_host_limits_read(request->client, call, instance, with_nodes, &limits, error);
    if (status < 0)
        return status;
    int64_t nodes = request->nodes ? request->nodes : limits.nodes;
    const vcl_fits_request fits = { .quotas = limits.quotas,
                                    .limit_ranges = limits.limit_ranges,
                                    .manifests = request->manifests,
                                    .expand = { limits.rules, nodes > 0 ? nodes : 1 } };
    remark(instance, limits.nodes, report);
    return vcl_fits(&fits, report, error);
}
