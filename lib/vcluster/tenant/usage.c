/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Used and hard amounts as the quotas say them, and whose they are: what the syncer copied says so
 * by its annotations; the rest is the control plane's and whatever else is in the namespace.
 */
#include "vcluster/tenant/usage.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/parallel.h"
#include "base/str.h"
#include "quota/scope.h"
#include "quota/usage.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"

#define ANNOTATION "vcluster.loft.sh/object-"

static void entry_done(vcluster_usage_entry *entry)
{
    free(entry->quota);
    free(entry->resource);
    free(entry->hard);
    free(entry->used);
    free(entry->control_plane);
    free(entry->left);
}

void vcluster_usage_free(vcluster_usage *usage)
{
    if (!usage)
        return;
    for (size_t i = 0; i < usage->size; i++)
        entry_done(&usage->items[i]);
    free(usage->items);
    cJSON_Delete(usage->tree);
    free(usage);
}

static const char *annotation_of(const cJSON *object, const char *key)
{
    return vcl_json_find_string(object, "metadata", "annotations", key, NULL);
}

static bool is_copied(const cJSON *object)
{
    return annotation_of(object, ANNOTATION "name") != NULL;
}

/* What of the objects that a quota covers is not copied from inside. */
static int
sum_own(const cJSON *quota, const cJSON *objects, vcl_resources *sum, vcluster_error **error)
{
    int status = 0;

    for (const cJSON *object = objects->child; status == 0 && object; object = object->next) {
        if (!is_copied(object) && vcl_quota_covers(quota, object))
            status = vcl_usage_add(sum, object, error);
    }
    return status;
}

static char *print(const vcl_quantity *amount)
{
    const vcl_quantity none = { 0 };
    char text[VCL_QUANTITY_TEXT];

    vcl_quantity_print(amount ? amount : &none, text);
    return vcl_strdup(text);
}

/* hard - used, and nothing where more is used than allowed. */
static char *print_left(const vcl_quantity *hard, const vcl_quantity *used)
{
    vcl_quantity left = *hard;

    if (used && !vcl_quantity_subtract(&left, used))
        return NULL;
    if (left.nano < 0)
        left.nano = 0;
    return print(&left);
}

static int add_entry(vcluster_usage *usage,
                     const char *quota,
                     const vcl_amount *hard,
                     const vcl_quantity *used,
                     const vcl_quantity *own,
                     vcluster_error **error)
{
    vcluster_usage_entry *entry = &usage->items[usage->size++];
    *entry = (vcluster_usage_entry){ .quota = vcl_strdup(quota),
                                     .resource = vcl_strdup(hard->name),
                                     .hard = print(&hard->amount),
                                     .used = print(used),
                                     .control_plane = print(own),
                                     .left = print_left(&hard->amount, used) };
    return entry->quota && entry->resource && entry->hard && entry->used && entry->control_plane &&
                   entry->left
               ? 0
               : vcl_no_memory(error);
}

static int
add_quota(vcluster_usage *usage, const cJSON *quota, const cJSON *objects, vcluster_error **error)
{
    VCL_AUTO_RESOURCES hard = { 0 };
    VCL_AUTO_RESOURCES used = { 0 };
    VCL_AUTO_RESOURCES own = { 0 };
    const char *name = vcl_str(vcl_json_find_string(quota, "metadata", "name", NULL));

    int status = vcl_resources_read(&hard, vcl_json_find(quota, "spec", "hard", NULL), error);
    if (status == 0)
        status = vcl_resources_read(&used, vcl_json_find(quota, "status", "used", NULL), error);
    if (status == 0)
        status = sum_own(quota, objects, &own, error);
    for (size_t i = 0; status == 0 && i < hard.size; i++)
        status =
            add_entry(usage, name, &hard.items[i], vcl_resources_get(&used, hard.items[i].name),
                      vcl_resources_get(&own, hard.items[i].name), error);
    return status < 0 ? vcl_wrap(error, status, "read ResourceQuota '%s'", name) : 0;
}

/* {"kind", "namespace", "name", "hostName", "uses"} of a copied object. */
static int add_object(cJSON *list, const cJSON *object, vcluster_error **error)
{
    VCL_AUTO_JSON *entry = cJSON_CreateObject();
    VCL_AUTO_RESOURCES uses = { 0 };
    const char *namespace_name = annotation_of(object, ANNOTATION "namespace");

    int status = vcl_usage_add(&uses, object, error);
    if (status < 0)
        return status;
    bool ok =
        entry && vcl_json_set_string(entry, "kind", vcl_json_find_string(object, "kind", NULL)) &&
        (!namespace_name || vcl_json_set_string(entry, "namespace", namespace_name)) &&
        vcl_json_set_string(entry, "name", annotation_of(object, ANNOTATION "name")) &&
        vcl_json_set_string(entry, "hostName",
                            vcl_str(vcl_json_find_string(object, "metadata", "name", NULL))) &&
        vcl_json_set(entry, "uses", vcl_resources_to_json(&uses)) &&
        vcl_json_append(list, vcl_steal(&entry));
    return ok ? 0 : vcl_no_memory(error);
}

static cJSON *entry_to_json(const vcluster_usage_entry *entry)
{
    cJSON *object = cJSON_CreateObject();

    if (object && vcl_json_set_string(object, "quota", entry->quota) &&
        vcl_json_set_string(object, "resource", entry->resource) &&
        vcl_json_set_string(object, "hard", entry->hard) &&
        vcl_json_set_string(object, "used", entry->used) &&
        vcl_json_set_string(object, "controlPlane", entry->control_plane) &&
        vcl_json_set_string(object, "left", entry->left))
        return object;
    cJSON_Delete(object);
    return NULL;
}

static int make_tree(vcluster_usage *usage, const cJSON *objects, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = cJSON_CreateObject();
    VCL_AUTO_JSON *entries = cJSON_CreateArray();
    VCL_AUTO_JSON *copied = cJSON_CreateArray();
    bool ok = tree && entries && copied;
    int status = 0;

    for (size_t i = 0; ok && i < usage->size; i++)
        ok = vcl_json_append(entries, entry_to_json(&usage->items[i]));
    for (const cJSON *object = objects->child; ok && status == 0 && object; object = object->next)
        status = is_copied(object) ? add_object(copied, object, error) : 0;
    if (status < 0)
        return status;
    ok = ok && vcl_json_set(tree, "resources", vcl_steal(&entries)) &&
         vcl_json_set(tree, "objects", vcl_steal(&copied));
    if (!ok)
        return vcl_no_memory(error);
    usage->tree = vcl_steal(&tree);
    return 0;
}

/* One for each resource of each quota. */
static size_t count_entries(const cJSON *quotas)
{
    size_t count = 0;

    for (const cJSON *quota = quotas->child; quota; quota = quota->next)
        count += (size_t)cJSON_GetArraySize(vcl_json_find(quota, "spec", "hard", NULL));
    return count;
}

int vcl_usage_of(const cJSON *quotas,
                 const cJSON *objects,
                 vcluster_usage **out_usage,
                 vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_usage) usage = calloc(1, sizeof(*usage));
    int status = 0;

    if (usage)
        usage->items = calloc(count_entries(quotas) + 1, sizeof(*usage->items));
    if (!usage || !usage->items)
        return vcl_no_memory(error);
    for (const cJSON *quota = quotas->child; status == 0 && quota; quota = quota->next)
        status = add_quota(usage, quota, objects, error);
    if (status == 0)
        status = make_tree(usage, objects, error);
    if (status == 0)
        *out_usage = vcl_steal(&usage);
    return status;
}

/* ---- Asking the host ---- */

/* Kinds that quotas count; of the first three the specs matter. */
static const struct {
    const char *kind;
    bool metadata_only;
} kinds[] = {
    { "ResourceQuota", false }, { "Pod", false },   { "PersistentVolumeClaim", false },
    { "Service", false },       { "Secret", true }, { "ConfigMap", true },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

typedef struct lister {
    vcl_kube *kube;
    vcl_list_query query;
    cJSON *items;
} lister;

static int take_item(const cJSON *item, void *data, vcluster_error **error)
{
    lister *self = data;
    cJSON *copy = vcl_json_copy(item);

    /* Only metadata of it came: it says of what kind that is. */
    if (copy && self->query.metadata_only &&
        (!vcl_json_set_string(copy, "kind", self->query.kind) ||
         !vcl_json_set_string(copy, "apiVersion", self->query.api_version))) {
        cJSON_Delete(copy);
        return vcl_no_memory(error);
    }
    return copy && vcl_json_append(self->items, copy) ? 0 : vcl_no_memory(error);
}

static int list_kind(vcl_call *call, void *data, vcluster_error **error)
{
    lister *self = data;

    return vcl_kube_list_each(self->kube, call, &self->query, take_item, self, NULL, error);
}

static bool move_items(cJSON *from, cJSON *to)
{
    while (from->child) {
        if (!vcl_json_append(to, cJSON_DetachItemViaPointer(from, from->child)))
            return false;
    }
    return true;
}

static int join(lister *listers, vcl_job *jobs, vcluster_usage **out_usage, vcluster_error **error)
{
    VCL_AUTO_JSON *objects = cJSON_CreateArray();

    for (size_t i = 0; i < KINDS; i++) {
        if (jobs[i].status < 0) {
            if (error)
                *error = vcl_steal(&jobs[i].error);
            return jobs[i].status;
        }
        if (!objects || (i > 0 && !move_items(listers[i].items, objects)))
            return vcl_no_memory(error);
    }
    return vcl_usage_of(listers[0].items, objects, out_usage, error);
}

int vcl_usage_read(vcluster_client *client,
                   vcl_call *call,
                   const vcluster_instance *instance,
                   vcluster_usage **out_usage,
                   vcluster_error **error)
{
    lister listers[KINDS];
    vcl_job jobs[KINDS];
    bool ok = true;

    for (size_t i = 0; i < KINDS; i++) {
        listers[i] = (lister){ .kube = client->kube,
                               .query = { .api_version = "v1",
                                          .kind = kinds[i].kind,
                                          .namespace_name = instance->namespace_name,
                                          .metadata_only = kinds[i].metadata_only },
                               .items = cJSON_CreateArray() };
        jobs[i] = (vcl_job){ .fn = list_kind, .data = &listers[i] };
        ok = ok && listers[i].items;
    }
    int status = ok ? vcl_parallel_run(call, jobs, KINDS, error) : vcl_no_memory(error);
    if (status == 0)
        status = join(listers, jobs, out_usage, error);
    for (size_t i = 0; i < KINDS; i++) {
        cJSON_Delete(listers[i].items);
        vcluster_error_free(jobs[i].error);
    }
    return status;
}
