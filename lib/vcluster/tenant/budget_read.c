/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The books of a host, from six lists or seven: those of virtual clusters, quotas, pods and nodes.
 * Of each object only its amounts stay in memory.
 */
#include "vcluster/tenant/budget.h"

#include "base/parallel.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"

void vcl_books_done(vcl_books *books)
{
    vcl_ledger_done(&books->ledger);
    vcl_resources_done(&books->total);
    *books = (vcl_books){ 0 };
}

/* What each list leaves; joined when all are there. */
typedef struct reader {
    vcluster_client *client;
    vcluster_instance_list *instances;
    cJSON *quotas;
    vcl_ledger ledger;   /* of pods */
    vcl_resources nodes; /* what they have */
} reader;

static void reader_done(reader *self)
{
    vcluster_instance_list_free(self->instances);
    cJSON_Delete(self->quotas);
    vcl_ledger_done(&self->ledger);
    vcl_resources_done(&self->nodes);
}
#define AUTO_READER __attribute__((cleanup(reader_done))) reader

static int list_instances(vcl_call *call, void *data, vcluster_error **error)
{
    reader *self = data;
    const vcl_instance_query all = { 0 };

    return vcl_instances_list(self->client, call, &all, &self->instances, error);
}

static int list_kind(const reader *self,
                     vcl_call *call,
                     const char *kind,
                     vcl_kube_item_fn take,
                     void *data,
                     vcluster_error **error)
{
    const vcl_list_query query = { .api_version = "v1", .kind = kind };

    return vcl_kube_list_each(self->client->kube, call, &query, take, data, NULL, error);
}

static int keep_quota(const cJSON *item, void *data, vcluster_error **error)
{
    return vcl_json_append(data, vcl_json_copy(item)) ? 0 : vcl_no_memory(error);
}

static int list_quotas(vcl_call *call, void *data, vcluster_error **error)
{
    reader *self = data;

    return list_kind(self, call, "ResourceQuota", keep_quota, self->quotas, error);
}

static int add_pod(const cJSON *item, void *data, vcluster_error **error)
{
    return vcl_ledger_add_pod(data, item, error);
}

static int list_pods(vcl_call *call, void *data, vcluster_error **error)
{
    reader *self = data;

    return list_kind(self, call, "Pod", add_pod, &self->ledger, error);
}

static int add_node(const cJSON *item, void *data, vcluster_error **error)
{
    return vcl_nodes_add(data, item, error);
}

static int list_nodes(vcl_call *call, void *data, vcluster_error **error)
{
    reader *self = data;

    return list_kind(self, call, "Node", add_node, &self->nodes, error);
}

static int
take_total(vcl_resources *nodes, int64_t percent, vcl_books *books, vcluster_error **error)
{
    for (size_t i = 0; i < nodes->size; i++) {
        if (!vcl_quantity_scale(&nodes->items[i].amount, percent, 100))
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                            "%lld percent of the nodes' %s is too much to be added up",
                            (long long)percent, nodes->items[i].name);
    }
    if (nodes->size == 0)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "no node of the host is ready and takes pods: give a budget");
    books->total = *nodes;
    *nodes = (vcl_resources){ 0 };
    return 0;
}

static int join(reader *self, int64_t percent, vcl_books *books, vcluster_error **error)
{
    int status = 0;

    if (books->of_nodes)
        status = take_total(&self->nodes, percent, books, error);
    books->ledger = self->ledger;
    self->ledger = (vcl_ledger){ 0 };
    for (const cJSON *quota = self->quotas->child; status == 0 && quota; quota = quota->next)
        status = vcl_ledger_add_quota(&books->ledger, quota, error);
    for (size_t i = 0; status == 0 && i < self->instances->count; i++)
        status = vcl_ledger_add_cluster(&books->ledger, self->instances->items[i].namespace_name,
                                        self->instances->items[i].name, error);
    return status;
}

static int run_all(vcl_call *call, vcl_job *jobs, size_t count, vcluster_error **error)
{
    int status = vcl_parallel_run(call, jobs, count, error);

    for (size_t i = 0; i < count; i++) {
        if (status == 0 && jobs[i].status < 0) {
            status = jobs[i].status;
            if (error)
                *error = vcl_steal(&jobs[i].error);
        }
        vcluster_error_free(jobs[i].error);
    }
    return status;
}

int vcl_books_read(vcluster_client *client,
                   vcl_call *call,
                   int64_t percent,
                   vcl_books *books,
                   vcluster_error **error)
{
    AUTO_READER self = { .client = client, .quotas = cJSON_CreateArray() };
    vcl_job jobs[] = { { .fn = list_instances, .data = &self },
                       { .fn = list_quotas, .data = &self },
                       { .fn = list_pods, .data = &self },
                       { .fn = list_nodes, .data = &self } };

    if (!self.quotas)
        return vcl_no_memory(error);
    books->of_nodes = books->total.size == 0;
    int status = run_all(call, jobs, sizeof(jobs) / sizeof(jobs[0]) - !books->of_nodes, error);
    return status < 0 ? status : join(&self, percent, books, error);
}
