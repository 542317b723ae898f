/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host objects of a virtual cluster: those with its marker, told by their annotations. The name of
 * an object is never taken apart: the rule that makes it cannot be turned round. What carries the
 * marker only because a controller copied labels is told apart, and so are two objects that claim
 * to be the same one inside.
 */
#include "vcluster/rules/host_objects.h"

#include <string.h>

#include "base/parallel.h"
#include "base/str.h"
#include "sync/translate.h"

#define MARKER "vcluster.loft.sh/managed-by"
#define OBJECT "vcluster.loft.sh/object-"

/* Kinds that are synced to a host. Some are not served everywhere, and those of the whole host are
 * not for everybody to list. */
static const struct kind {
    const char *api_version;
    const char *kind;
    bool everywhere; /* in every cluster */
    bool wide;       /* of the whole host */
} kinds[] = {
    { "v1", "Pod", true, false },
    { "v1", "Service", true, false },
    { "v1", "Endpoints", true, false },
    { "v1", "PersistentVolumeClaim", true, false },
    { "v1", "ConfigMap", true, false },
    { "v1", "Secret", true, false },
    { "v1", "ServiceAccount", true, false },
    { "discovery.k8s.io/v1", "EndpointSlice", true, false },
    { "networking.k8s.io/v1", "Ingress", true, false },
    { "networking.k8s.io/v1", "NetworkPolicy", true, false },
    { "policy/v1", "PodDisruptionBudget", true, false },
    { "gateway.networking.k8s.io/v1", "Gateway", false, false },
    { "gateway.networking.k8s.io/v1", "HTTPRoute", false, false },
    { "v1", "PersistentVolume", true, true },
    { "storage.k8s.io/v1", "StorageClass", true, true },
    { "scheduling.k8s.io/v1", "PriorityClass", true, true },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* One list on its way. */
typedef struct listing {
    vcl_kube *kube;
    const struct kind *kind;
    const char *namespace_name;
    const char *selector;
    cJSON *list;
} listing;

static int run_listing(vcl_call *call, void *data, vcluster_error **error)
{
    listing *self = data;
    const vcl_list_query query = { .api_version = self->kind->api_version,
                                   .kind = self->kind->kind,
                                   .namespace_name = self->kind->wide ? NULL : self->namespace_name,
                                   .label_selector = self->selector,
                                   .metadata_only = true };

    return vcl_kube_list(self->kube, call, &query, &self->list, error);
}

/* Whether the objects of a kind may stay unknown. */
static bool may_fail(const struct kind *kind, int status)
{
    return (status == VCLUSTER_E_NOT_FOUND && !kind->everywhere) ||
           (status == VCLUSTER_E_PERMISSION && kind->wide);
}

static const char *annotation(const cJSON *object, const char *what)
{
    vcl_auto_free char *key = vcl_format(OBJECT "%s", what);

    return key ? vcl_str(vcl_json_find_string(object, "metadata", "annotations", key, NULL)) : "";
}

static bool agrees(const char *said, const char *is)
{
    return !*said || vcl_streq(said, is);
}

/* What keeps a host object from standing for one inside; "" for nothing. */
static const char *wrong_with(const cJSON *object, const char *name, const char *namespace_name)
{
    const vcl_sync_owner owner = { .name = name, .namespace_name = namespace_name };
    const char *kind = vcl_str(vcl_json_find_string(object, "kind", NULL));
    const char *inside = annotation(object, "name");
    vcl_auto_free char *of_kind = vcl_format("Kind=%s", kind);

    if (!*inside)
        return "it has the label of a synced object, but does not say of which";
    if (!agrees(annotation(object, "host-name"),
                vcl_str(vcl_json_find_string(object, "metadata", "name", NULL))) ||
        !agrees(annotation(object, "host-namespace"),
                vcl_str(vcl_json_find_string(object, "metadata", "namespace", NULL))) ||
        (of_kind && *annotation(object, "kind") && !strstr(annotation(object, "kind"), of_kind)))
        return "it is a copy of a synced object, made by somebody else";
    vcl_auto_free char *wanted =
        vcl_translate_name(&owner, kind, annotation(object, "namespace"), inside);
    return wanted && vcl_streq(wanted, vcl_json_find_string(object, "metadata", "name", NULL))
               ? ""
               : "its name is not the one that the rule gives";
}

/* Endpoints of a synced Service with a selector are the host's own: its controllers gave them the
 * Service's labels. */
bool vcl_host_object_is_derived(const cJSON *object)
{
    const cJSON *labels = vcl_json_find(object, "metadata", "labels", NULL);

    return !*annotation(object, "name") &&
           (vcl_json_get(labels, "endpoints.kubernetes.io/managed-by") ||
            vcl_json_get(labels, "endpointslice.kubernetes.io/managed-by"));
}

cJSON *vcl_host_object_tell(const cJSON *object, const char *name, const char *namespace_name)
{
    cJSON *entry = cJSON_CreateObject();
    const cJSON *metadata = vcl_json_get(object, "metadata");
    const char *texts[][2] = {
        { "apiVersion", vcl_json_find_string(object, "apiVersion", NULL) },
        { "kind", vcl_json_find_string(object, "kind", NULL) },
        { "namespace", vcl_json_find_string(metadata, "namespace", NULL) },
        { "name", vcl_json_find_string(metadata, "name", NULL) },
        { "virtualNamespace", annotation(object, "namespace") },
        { "virtualName", annotation(object, "name") },
        { "note", wrong_with(object, name, namespace_name) },
    };
    bool ok = entry != NULL;

    for (size_t i = 0; ok && i < sizeof(texts) / sizeof(texts[0]); i++)
        ok = vcl_json_set_string(entry, texts[i][0], vcl_str(texts[i][1]));
    if (ok)
        return entry;
    cJSON_Delete(entry);
    return NULL;
}

/* A kind and a name inside, for finding those that are there twice. */
static int compare(const cJSON *a, const cJSON *b)
{
    static const char *const keys[] = { "kind", "virtualNamespace", "virtualName", "name" };
    int order = 0;

    for (size_t i = 0; order == 0 && i < sizeof(keys) / sizeof(keys[0]); i++)
        order = strcmp(vcl_str(vcl_json_find_string(a, keys[i], NULL)),
                       vcl_str(vcl_json_find_string(b, keys[i], NULL)));
    return order;
}

static int by_order(const void *a, const void *b)
{
    return compare(*(const cJSON *const *)a, *(const cJSON *const *)b);
}

static bool is_twin(const cJSON *a, const cJSON *b)
{
    return !*vcl_str(vcl_json_find_string(b, "note", NULL)) &&
           vcl_streq(vcl_json_find_string(a, "kind", NULL),
                     vcl_json_find_string(b, "kind", NULL)) &&
           *vcl_str(vcl_json_find_string(a, "virtualName", NULL)) &&
           vcl_streq(vcl_json_find_string(a, "virtualName", NULL),
                     vcl_json_find_string(b, "virtualName", NULL)) &&
           vcl_streq(vcl_json_find_string(a, "virtualNamespace", NULL),
                     vcl_json_find_string(b, "virtualNamespace", NULL));
}

bool vcl_host_objects_mark(cJSON *list)
{
    for (cJSON *item = list->child; item && item->next; item = item->next) {
        vcl_auto_free char *note =
            is_twin(item, item->next)
                ? vcl_format("'%s' stands for the same object",
                             vcl_str(vcl_json_find_string(item, "name", NULL)))
                : NULL;
        if (note && !vcl_json_set_string(item->next, "note", note))
            return false;
    }
    return true;
}

/* Sort by detaching everything and putting it back. */
static bool sort_list(cJSON *list)
{
    size_t count = (size_t)cJSON_GetArraySize(list);
    vcl_auto_free cJSON **items = calloc(count ? count : 1, sizeof(cJSON *));

    if (!items)
        return false;
    for (size_t i = 0; i < count; i++)
        items[i] = cJSON_DetachItemFromArray(list, 0);
    qsort(items, count, sizeof(cJSON *), by_order);
    for (size_t i = 0; i < count; i++)
        (void)cJSON_AddItemToArray(list, items[i]);
    return true;
}

static int gather(const listing *lists,
                  const char *name,
                  const char *namespace_name,
                  cJSON **out_list,
                  vcluster_error **error)
{
    VCL_AUTO_JSON *all = cJSON_CreateArray();
    const cJSON *object = NULL;

    for (size_t i = 0; i < KINDS; i++) {
        cJSON_ArrayForEach (object, vcl_json_get(lists[i].list, "items")) {
            if (!vcl_host_object_is_derived(object) &&
                !vcl_json_append(all, vcl_host_object_tell(object, name, namespace_name)))
                return vcl_no_memory(error);
        }
    }
    if (!all || !sort_list(all) || !vcl_host_objects_mark(all))
        return vcl_no_memory(error);
    *out_list = vcl_steal(&all);
    return 0;
}

/* What of a virtual cluster is asked for. */
typedef struct query {
    vcl_kube *kube;
    const char *name;
    const char *namespace_name;
    const cJSON *wanted; /* kinds as keys; NULL: all */
} query;

/* List all that is wanted at once; lists and jobs have room for KINDS. Both hold something even
 * when this fails. */
static int list_kinds(const query *self,
                      vcl_call *call,
                      listing *lists,
                      vcl_job *jobs,
                      size_t *out_count,
                      vcluster_error **error)
{
    const vcl_sync_owner owner = { .name = self->name, .namespace_name = self->namespace_name };
    vcl_auto_free char *marker = vcl_sync_marker(&owner, false);
    vcl_auto_free char *wide = vcl_sync_marker(&owner, true);
    vcl_auto_free char *selector = vcl_format(MARKER "=%s", vcl_str(marker));
    vcl_auto_free char *wide_selector = vcl_format(MARKER "=%s", vcl_str(wide));
    size_t count = 0;

    if (!marker || !wide || !selector || !wide_selector)
        return vcl_no_memory(error);
    for (size_t i = 0; i < KINDS; i++) {
        if (self->wanted && !vcl_json_get(self->wanted, kinds[i].kind))
            continue;
        lists[count] = (listing){ .kube = self->kube,
                                  .kind = &kinds[i],
                                  .namespace_name = self->namespace_name,
                                  .selector = kinds[i].wide ? wide_selector : selector };
        jobs[count] = (vcl_job){ .fn = run_listing, .data = &lists[count] };
        count++;
    }
    *out_count = count;
    return vcl_parallel_run(call, jobs, count, error);
}

/* The first job that failed with what may not be passed over. */
static int first_failure(const listing *lists, vcl_job *jobs, size_t count, vcluster_error **error)
{
    int status = 0;

    for (size_t i = 0; i < count; i++) {
        if (status == 0 && jobs[i].status < 0 && !may_fail(lists[i].kind, jobs[i].status))
            status = vcl_error_pass(error, &jobs[i].error, jobs[i].status);
        vcluster_error_free(jobs[i].error);
    }
    return status;
}

int vcl_host_objects_list(vcl_kube *kube,
                          vcl_call *call,
                          const char *name,
                          const char *namespace_name,
                          cJSON **out_list,
                          vcluster_error **error)
{
    const query all = { .kube = kube, .name = name, .namespace_name = namespace_name };
    listing lists[KINDS] = { 0 };
    vcl_job jobs[KINDS] = { 0 };
    size_t count = 0;

    int status = list_kinds(&all, call, lists, jobs, &count, error);
    vcluster_error **first = status == 0 ? error : NULL;
    int failure = first_failure(lists, jobs, count, first);
    status = status < 0 ? status : failure;
    if (status == 0)
        status = gather(lists, name, namespace_name, out_list, error);
    for (size_t i = 0; i < count; i++)
        cJSON_Delete(lists[i].list);
    return status;
}

/* What may not be listed, or is not served, stays unknown. */
static int
tell_kinds(const listing *lists, vcl_job *jobs, size_t count, cJSON *found, vcluster_error **error)
{
    int status = 0;

    for (size_t i = 0; i < count && status == 0; i++) {
        const cJSON *items = vcl_json_get(lists[i].list, "items");
        if (jobs[i].status < 0 && jobs[i].status != VCLUSTER_E_PERMISSION &&
            jobs[i].status != VCLUSTER_E_NOT_FOUND)
            status = vcl_error_pass(error, &jobs[i].error, jobs[i].status);
        else if (jobs[i].status == 0 &&
                 !vcl_json_set(found, lists[i].kind->kind, cJSON_CreateBool(items && items->child)))
            status = vcl_no_memory(error);
    }
    return status;
}

int vcl_host_objects_kinds(vcl_kube *kube,
                           vcl_call *call,
                           const vcl_sync_owner *owner,
                           const cJSON *wanted,
                           cJSON **out_found,
                           vcluster_error **error)
{
    const query some = { kube, owner->name, owner->namespace_name, wanted };
    VCL_AUTO_JSON *found = cJSON_CreateObject();
    listing lists[KINDS] = { 0 };
    vcl_job jobs[KINDS] = { 0 };
    size_t count = 0;

    if (!found)
        return vcl_no_memory(error);
    int status = list_kinds(&some, call, lists, jobs, &count, error);
    if (status == 0)
        status = tell_kinds(lists, jobs, count, found, error);
    for (size_t i = 0; i < count; i++) {
        vcluster_error_free(jobs[i].error);
        cJSON_Delete(lists[i].list);
    }
    if (status == 0)
        *out_found = vcl_steal(&found);
    return status;
}
