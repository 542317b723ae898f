/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing virtual clusters: four lists at once, however many clusters there are, joined here.
 * Upstream's CLI sends 2N+3 requests for the same. What they say together is compose.c's.
 */
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/str.h"
#include "kube/proto_kinds.h"
#include "vcluster/client.h"
#include "vcluster/compose.h"
#include "vcluster/instance.h"
#include "vcluster/names.h"

/* Of an item stands in memory what vcl_compose_trim() leaves, so that pages may be large. */
enum { PAGE_SIZE = 500, METADATA_PAGE_SIZE = 1000, MAX_INSTANCES = 200000 };

typedef struct part_list {
    vcl_instance_part *items;
    size_t count;
} part_list;

typedef struct lister {
    vcl_kube *kube;
    vcl_list_query query;
    vcluster_instance_list instances; /* of workloads */
    part_list parts;                  /* of pods and Secrets */
    size_t certain;                   /* so many of either came with complete pages */
} lister;

static void *grow(void *items, size_t count, size_t size)
{
    /* Doubling at powers of two keeps the number of reallocations logarithmic. */
    if (count & (count - 1))
        return items;
    if (count >= MAX_INSTANCES)
        return NULL;
    return realloc(items, (count ? count * 2 : 1) * size);
}

static int add_workload(const cJSON *item, void *data, vcluster_error **error)
{
    lister *self = data;
    vcluster_instance_list *list = &self->instances;
    vcluster_instance *grown = grow(list->items, list->count, sizeof(*grown));

    if (!grown)
        return vcl_no_memory(error);
    list->items = grown;
    int made = vcl_compose_workload(item, self->query.kind, &list->items[list->count], error);
    list->count += made > 0;
    return made < 0 ? made : VCLUSTER_OK;
}

static int add_part(const cJSON *item, void *data, vcluster_error **error)
{
    lister *self = data;
    part_list *list = &self->parts;
    vcl_instance_part *grown = grow(list->items, list->count, sizeof(*grown));

    if (!grown)
        return vcl_no_memory(error);
    list->items = grown;
    int made = vcl_streq(self->query.kind, "Pod")
                   ? vcl_compose_pod(item, &list->items[list->count], error)
                   : vcl_compose_secret(item, &list->items[list->count], error);
    list->count += made > 0;
    return made < 0 ? made : VCLUSTER_OK;
}

static void begin_page(bool again, void *data)
{
    lister *self = data;

    while (again && self->instances.count > self->certain)
        vcl_instance_done(&self->instances.items[--self->instances.count]);
    while (again && self->parts.count > self->certain)
        vcl_instance_part_done(&self->parts.items[--self->parts.count]);
    self->certain = self->instances.count + self->parts.count; /* one of them is 0 */
}

static int list_kind(vcl_call *call, void *data, vcluster_error **error)
{
    lister *self = data;
    bool parts = vcl_streq(self->query.kind, "Pod") || vcl_streq(self->query.kind, "Secret");
    const vcl_kube_taker taker = { .page = begin_page,
                                   .item = parts ? add_part : add_workload,
                                   .data = self };

    return vcl_kube_list_take(self->kube, call, &self->query, &taker, error);
}

static void lister_done(lister *self)
{
    for (size_t i = 0; i < self->instances.count; i++)
        vcl_instance_done(&self->instances.items[i]);
    free(self->instances.items);
    for (size_t i = 0; i < self->parts.count; i++)
        vcl_instance_part_done(&self->parts.items[i]);
    free(self->parts.items);
}

static int compare_names(const char *namespace_a,
                         const char *name_a,
                         const char *namespace_b,
                         const char *name_b)
{
    int order = strcmp(namespace_a, namespace_b);

    return order ? order : strcmp(name_a, name_b);
}

static int compare_instances(const void *a, const void *b)
{
    const vcluster_instance *left = a;
    const vcluster_instance *right = b;

    return compare_names(left->namespace_name, left->name, right->namespace_name, right->name);
}

static int compare_part(const void *key, const void *item)
{
    const vcl_instance_part *wanted = key;
    const vcluster_instance *instance = item;

    return compare_names(wanted->namespace_name, wanted->name, instance->namespace_name,
                         instance->name);
}

static bool join_part(vcluster_instance_list *list, const vcl_instance_part *added)
{
    vcluster_instance *instance = list->count == 0 ? NULL
                                                   : bsearch(added, list->items, list->count,
                                                             sizeof(*list->items), compare_part);

    return !instance || vcl_compose_join(instance, added);
}

/* Append the Deployments to the StatefulSets. */
static bool concatenate(vcluster_instance_list *to, vcluster_instance_list *from)
{
    if (from->count == 0)
        return true;
    vcluster_instance *grown = realloc(to->items, (to->count + from->count) * sizeof(*grown));
    if (!grown)
        return false;
    to->items = grown;
    memcpy(grown + to->count, from->items, from->count * sizeof(*grown));
    to->count += from->count;
    from->count = 0;
    return true;
}

enum { STATEFUL_SETS, DEPLOYMENTS, PODS, SECRETS, LISTS };

/* Takes the workloads out of the listers. */
static int join(lister listers[LISTS],
                const vcl_job jobs[LISTS],
                vcluster_instance_list **out_list,
                vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance_list) list = calloc(1, sizeof(*list));
    if (!list)
        return vcl_no_memory(error);
    *list = listers[STATEFUL_SETS].instances;
    listers[STATEFUL_SETS].instances = (vcluster_instance_list){ 0 };
    if (!concatenate(list, &listers[DEPLOYMENTS].instances))
        return vcl_no_memory(error);
    if (list->count)
        qsort(list->items, list->count, sizeof(*list->items), compare_instances);

    /* Secrets first: a sleeping one's pods run. */
    for (int l = SECRETS; l >= PODS; l--) {
        for (size_t i = 0; i < listers[l].parts.count; i++) {
            if (!join_part(list, &listers[l].parts.items[i]))
                return vcl_no_memory(error);
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        if (!vcl_compose_finish(&list->items[i], jobs[PODS].status == 0, jobs[SECRETS].status == 0))
            return vcl_no_memory(error);
    }
    *out_list = vcl_steal(&list);
    return VCLUSTER_OK;
}

/* A list of workloads that failed is an error: "nothing there" would be a lie. Pods and Secrets
 * that may not be read leave their part unknown; any other failure is an error too. */
static int first_failure(vcl_job jobs[LISTS], vcluster_error **error)
{
    for (int l = 0; l < LISTS; l++) {
        bool hidden = l >= PODS && jobs[l].status == VCLUSTER_E_PERMISSION;
        if (jobs[l].status == 0 || hidden)
            continue;
        if (error)
            *error = vcl_steal(&jobs[l].error);
        return jobs[l].status;
    }
    return VCLUSTER_OK;
}

int vcl_instances_list(vcluster_client *client,
                       vcl_call *call,
                       const vcl_instance_query *query,
                       vcluster_instance_list **out_list,
                       vcluster_error **error)
{
    static const struct {
        const char *api_version;
        const char *kind;
        const vcl_proto_message *message;
    } kinds[LISTS] = {
        { "apps/v1", "StatefulSet", &vcl_proto_stateful_set },
        { "apps/v1", "Deployment", &vcl_proto_deployment },
        { "v1", "Pod", &vcl_proto_pod },
        { "v1", "Secret", &vcl_proto_metadata },
    };
    lister listers[LISTS];
    vcl_job jobs[LISTS];

    vcl_auto_free char *selector = query->name ? vcl_format("app=vcluster,release=%s", query->name)
                                               : vcl_strdup(VCL_SELECTOR_ALL);
    if (!selector)
        return vcl_no_memory(error);
    for (int l = 0; l < LISTS; l++) {
        listers[l] =
            (lister){ .kube = client->kube,
                      .query = { .api_version = kinds[l].api_version,
                                 .kind = kinds[l].kind,
                                 .namespace_name = query->namespace_name,
                                 .label_selector = selector,
                                 .metadata_only = l == SECRETS,
                                 .trim = vcl_compose_trim,
                                 .message = kinds[l].message,
                                 .page_size = l == SECRETS ? METADATA_PAGE_SIZE : PAGE_SIZE } };
        jobs[l] = (vcl_job){ .fn = list_kind, .data = &listers[l] };
    }

    int status = vcl_parallel_run(call, jobs, LISTS, error);
    if (status == 0)
        status = first_failure(jobs, error);
    if (status == 0)
        status = join(listers, jobs, out_list, error);
    for (int l = 0; l < LISTS; l++) {
        lister_done(&listers[l]);
        vcluster_error_free(jobs[l].error);
    }
    return status;
}
