/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ensures for which there is nothing to do; see ensure_unchanged.h. The lists of instances, of
 * release records and of namespaces are consistent ones, never those of a cache that may lag. An
 * ensure of its own reads the same objects one after the other, so that a delete or an upgrade
 * which begins in between is seen, or not seen, by both alike: its first write goes to the record
 * or to the namespace.
 */
#include "vcluster/lifecycle/ensure_unchanged.h"

#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/str.h"
#include "kube/proto_kinds.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/ensure_look.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

enum { PAGE_SIZE = 1000 };

/* One request, and what was seen of its virtual cluster. */
typedef struct candidate {
    const vcl_ensure_request *request;
    char *namespace_name;
    bool *unchanged; /* out */
    bool out;        /* asked for twice, or its namespace goes */
    vcl_record *record;
} candidate;

typedef struct host_look {
    vcluster_client *client;
    candidate *items; /* by namespace and name */
    size_t count;
    vcluster_instance_list *instances;
    const vcluster_chart *chart; /* of which the digest is known */
    char digest[VCL_SHA256_HEX_SIZE];
} host_look;

static void look_done(host_look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        free(look->items[i].namespace_name);
        vcl_record_free(look->items[i].record);
    }
    free(look->items);
    vcluster_instance_list_free(look->instances);
}

static int order(const char *namespace_a, const char *name_a, const candidate *b)
{
    int first = strcmp(namespace_a, b->namespace_name);

    return first ? first : strcmp(name_a, b->request->name);
}

static int compare(const void *a, const void *b)
{
    const candidate *left = a;

    return order(left->namespace_name, left->request->name, b);
}

/* The first one that does not stand before the name. */
static size_t find(const host_look *look, const char *namespace_name, const char *name)
{
    size_t low = 0;
    size_t high = look->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order(namespace_name, name, &look->items[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static candidate *find_exactly(const host_look *look, const char *namespace_name, const char *name)
{
    size_t at = find(look, namespace_name, name);

    return at < look->count && order(namespace_name, name, &look->items[at]) == 0 ? &look->items[at]
                                                                                  : NULL;
}

static int take_requests(host_look *look,
                         const vcl_ensure_request *requests,
                         size_t count,
                         bool *out_unchanged,
                         vcluster_error **error)
{
    look->items = calloc(count, sizeof(*look->items));
    if (!look->items)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        const vcl_ensure_request *request = &requests[i];
        candidate *item = &look->items[look->count];

        if (!request->name)
            continue;
        *item = (candidate){ .request = request, .unchanged = &out_unchanged[i] };
        item->namespace_name =
            vcl_namespace_for(request->namespace_name, look->client->namespace_name, request->name);
        if (!item->namespace_name)
            return vcl_no_memory(error);
        look->count++;
    }
    if (look->count)
        qsort(look->items, look->count, sizeof(*look->items), compare);
    for (size_t i = 1; i < look->count; i++) {
        if (compare(&look->items[i - 1], &look->items[i]) == 0)
            look->items[i - 1].out = look->items[i].out = true;
    }
    return VCLUSTER_OK;
}

/* ---- The three looks ---- */

static int list_instances(vcl_call *call, void *data, vcluster_error **error)
{
    const vcl_instance_query all = { 0 };
    host_look *look = data;

    return vcl_instances_list(look->client, call, &all, &look->instances, error);
}

/* The newest record of each. */
static int note_record(const cJSON *item, void *data, vcluster_error **error)
{
    const host_look *look = data;
    const char *name = vcl_json_find_string(item, "metadata", "labels", "name", NULL);
    const char *where = vcl_str(vcl_json_find_string(item, "metadata", "namespace", NULL));
    candidate *found = name ? find_exactly(look, where, name) : NULL;

    if (!found ||
        (found->record && vcl_record_revision(found->record->secret) >= vcl_record_revision(item)))
        return VCLUSTER_OK;
    vcl_record_free(vcl_steal(&found->record));
    return vcl_record_open(name, where, item, &found->record, error);
}

/* Those that are superseded are never the newest. */
static int list_records(vcl_call *call, void *data, vcluster_error **error)
{
    const host_look *look = data;
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "Secret",
                                   .label_selector = "owner=helm,status!=superseded",
                                   .metadata_only = true,
                                   .message = &vcl_proto_metadata,
                                   .page_size = PAGE_SIZE };

    return vcl_kube_list_each(look->client->kube, call, &query, note_record, data, NULL, error);
}

static int note_namespace(const cJSON *item, void *data, vcluster_error **error)
{
    const host_look *look = data;
    const char *name = vcl_str(vcl_json_find_string(item, "metadata", "name", NULL));

    (void)error;
    if (!vcl_json_find_string(item, "metadata", "deletionTimestamp", NULL))
        return VCLUSTER_OK;
    for (size_t i = find(look, name, "");
         i < look->count && vcl_streq(look->items[i].namespace_name, name); i++)
        look->items[i].out = true;
    return VCLUSTER_OK;
}

static int list_namespaces(vcl_call *call, void *data, vcluster_error **error)
{
    const host_look *look = data;
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "Namespace",
                                   .metadata_only = true,
                                   .message = &vcl_proto_metadata,
                                   .page_size = PAGE_SIZE };

    return vcl_kube_list_each(look->client->kube, call, &query, note_namespace, data, NULL, error);
}

static int look_at_host(host_look *look, vcl_call *call, vcluster_error **error)
{
    /* What the second notes is a record, the third only sets `out`. */
    vcl_job jobs[] = { { .fn = list_instances, .data = look },
                       { .fn = list_records, .data = look },
                       { .fn = list_namespaces, .data = look } };
    enum { JOBS = sizeof(jobs) / sizeof(jobs[0]) };

    int status = vcl_parallel_run(call, jobs, JOBS, error);
    for (int j = 0; j < JOBS; j++) {
        if (status == VCLUSTER_OK && jobs[j].status < 0)
            status = vcl_error_pass(error, &jobs[j].error, jobs[j].status);
        vcluster_error_free(jobs[j].error);
    }
    return status;
}

/* ---- The answer ---- */

/* Whether what an ensure does with an existing one, other than to compare wishes, is nothing. */
static bool is_at_rest(const vcl_ensure_request *request, const vcluster_instance *existing)
{
    if (request->must_be_new || vcl_lease_is_set(&request->lease) || request->chart_source ||
        request->chart_version)
        return false;
    if (request->distribution && !vcl_streq(request->distribution, existing->distribution))
        return false;
    return !existing->paused && existing->replicas != 0 &&
           (request->no_wait || (existing->ready && existing->settled));
}

static const char *digest_of(host_look *look, const vcluster_chart *chart)
{
    if (!chart)
        return "";
    if (look->chart == chart)
        return look->digest;
    if (vcl_wanted_chart_digest(chart, look->digest, NULL) < 0)
        return NULL;
    look->chart = chart;
    return look->digest;
}

static bool is_unchanged(host_look *look, const candidate *item, vcluster_instance *existing)
{
    const vcl_ensure_request *request = item->request;
    const vcl_ensure_look seen = { .place = { .exists = true },
                                   .record = item->record,
                                   .existing = existing };

    if (item->out || !vcl_record_is_deployed(item->record) || !is_at_rest(request, existing) ||
        vcl_wanted_check(request, NULL) < 0)
        return false;
    const char *digest = digest_of(look, request->chart);
    return digest && vcl_ensure_differs(request, &seen, digest, NULL) == 0;
}

/* Whether the namespace of an instance, which the list is sorted by, has another one. */
static bool has_neighbour(const vcluster_instance_list *list, size_t index)
{
    const char *name = list->items[index].namespace_name;

    return (index > 0 && vcl_streq(list->items[index - 1].namespace_name, name)) ||
           (index + 1 < list->count && vcl_streq(list->items[index + 1].namespace_name, name));
}

int vcl_ensure_find_unchanged(vcluster_client *client,
                              vcl_call *call,
                              const vcl_ensure_request *requests,
                              size_t count,
                              bool *out_unchanged,
                              vcluster_error **error)
{
    host_look look = { .client = client };

    int status = take_requests(&look, requests, count, out_unchanged, error);
    if (status == VCLUSTER_OK)
        status = look_at_host(&look, call, error);
    for (size_t i = 0; status == VCLUSTER_OK && i < look.instances->count; i++) {
        vcluster_instance *existing = &look.instances->items[i];
        const candidate *item = find_exactly(&look, existing->namespace_name, existing->name);

        if (item && !has_neighbour(look.instances, i))
            *item->unchanged = is_unchanged(&look, item, existing);
    }
    look_done(&look);
    return status;
}
