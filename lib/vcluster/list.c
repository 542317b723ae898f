/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing virtual clusters: four lists at once, however many clusters there are, joined here.
 * Upstream's CLI sends 2N+3 requests for the same. Status and version as its list computes them
 * (v0.36), plus a readiness that is true.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/parallel.h"
#include "base/str.h"
#include "release/pod_state.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"
#include "vcluster/names.h"

/* Small pages: a full StatefulSet takes some 40 KiB as a tree. */
enum { PAGE_SIZE = 250, MAX_INSTANCES = 200000 };

/* What one pod, or the metadata of one configuration Secret, adds to a virtual cluster. */
typedef struct part {
    char *namespace_name;
    char *name;
    char *status; /* of a pod; NULL for a Secret */
    bool ready;
    bool sleeping;
} part;

typedef struct part_list {
    part *items;
    size_t count;
} part_list;

typedef struct lister {
    vcl_kube *kube;
    vcl_list_query query;
    vcluster_instance_list instances; /* of workloads */
    part_list parts;                  /* of pods and Secrets */
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

static const char *metadata(const cJSON *object, const char *map, const char *key)
{
    return vcl_json_find_string(object, "metadata", map, key, NULL);
}

static char *copy_namespace(const cJSON *object)
{
    return vcl_strdup(vcl_str(vcl_json_find_string(object, "metadata", "namespace", NULL)));
}

static bool is_paused(const cJSON *workload)
{
    return vcl_streq(metadata(workload, "annotations", VCL_ANNOTATION_PAUSED), "true") ||
           vcl_streq(metadata(workload, "labels", VCL_LABEL_SLEEP), "true");
}

static bool fill_versions(vcluster_instance *instance, const cJSON *pod_spec)
{
    /* Upstream keeps Kubernetes in the init container "kubernetes", we in "kube-apiserver". */
    static const char *const kubernetes[] = { "kube-apiserver", "kubernetes" };
    VCL_AUTO_BUF tag = { 0 };

    vcl_buf_init(&tag, VCL_MAX_MESSAGE);
    if (!vcl_pod_spec_image_tag(pod_spec, "syncer", &tag) ||
        !vcl_str_replace(&instance->version, vcl_buf_text(&tag)))
        return false;
    for (int i = 0; i < 2 && vcl_str_empty(instance->kubernetes_version); i++) {
        if (!vcl_pod_spec_image_tag(pod_spec, kubernetes[i], &tag) ||
            !vcl_str_replace(&instance->kubernetes_version, vcl_buf_text(&tag)))
            return false;
    }
    return true;
}

static int add_workload(const cJSON *item, void *data, vcluster_error **error)
{
    lister *self = data;
    vcluster_instance_list *list = &self->instances;
    const char *name = metadata(item, "labels", VCL_LABEL_RELEASE);

    if (vcl_str_empty(name))
        return VCLUSTER_OK;
    vcluster_instance *grown = grow(list->items, list->count, sizeof(*grown));
    if (!grown)
        return vcl_no_memory(error);
    list->items = grown;

    const char *distribution = metadata(item, "annotations", VCL_ANNOTATION_DISTRIBUTION);
    vcluster_instance *instance = &list->items[list->count++];
    *instance = (vcluster_instance){
        .name = vcl_strdup(name),
        .namespace_name = copy_namespace(item),
        .distribution = vcl_strdup(distribution ? distribution : "upstream"),
        .workload_kind = vcl_strdup(self->query.kind),
        .replicas = vcl_json_find_int(item, 1, "spec", "replicas", NULL),
        .paused = is_paused(item),
        .guarded = vcl_streq(metadata(item, "annotations", VCL_ANNOTATION_GUARD), "true"),
    };
    (void)vcl_parse_rfc3339(vcl_json_find_string(item, "metadata", "creationTimestamp", NULL),
                            &instance->created);
    if (!instance->name || !instance->namespace_name || !instance->distribution ||
        !instance->workload_kind ||
        !fill_versions(instance, vcl_json_find(item, "spec", "template", "spec", NULL)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static part *add_part(lister *self, const cJSON *item, const char *name)
{
    part *grown = grow(self->parts.items, self->parts.count, sizeof(*grown));
    if (!grown)
        return NULL;
    self->parts.items = grown;

    part *added = &grown[self->parts.count++];
    *added = (part){
        .namespace_name = copy_namespace(item),
        .name = vcl_strdup(name),
    };
    return added->namespace_name && added->name ? added : NULL;
}

static int add_pod(const cJSON *item, void *data, vcluster_error **error)
{
    const char *name = metadata(item, "labels", VCL_LABEL_RELEASE);
    VCL_AUTO_BUF status = { 0 };

    if (vcl_str_empty(name))
        return VCLUSTER_OK;
    part *added = add_part(data, item, name);
    vcl_buf_init(&status, VCL_MAX_MESSAGE);
    if (!added || !vcl_pod_status(item, &status))
        return vcl_no_memory(error);
    added->status = vcl_buf_steal(&status);
    added->ready = vcl_pod_ready(item);
    return added->status ? VCLUSTER_OK : vcl_no_memory(error);
}

/* Only Secrets that carry a sign of sleep are kept. */
static int add_secret(const cJSON *item, void *data, vcluster_error **error)
{
    static const char prefix[] = "vc-config-";
    const char *secret = vcl_json_find_string(item, "metadata", "name", NULL);

    if (!vcl_starts_with(secret, prefix) ||
        !metadata(item, "annotations", VCL_ANNOTATION_SLEEP_TYPE))
        return VCLUSTER_OK;
    part *added = add_part(data, item, secret + strlen(prefix));
    if (!added)
        return vcl_no_memory(error);
    added->sleeping = true;
    return VCLUSTER_OK;
}

static int list_kind(vcl_call *call, void *data, vcluster_error **error)
{
    lister *self = data;
    vcl_kube_item_fn add = add_workload;

    if (vcl_streq(self->query.kind, "Pod"))
        add = add_pod;
    else if (vcl_streq(self->query.kind, "Secret"))
        add = add_secret;
    return vcl_kube_list_each(self->kube, call, &self->query, add, self, NULL, error);
}

static void lister_done(lister *self)
{
    for (size_t i = 0; i < self->instances.count; i++)
        vcl_instance_done(&self->instances.items[i]);
    free(self->instances.items);
    for (size_t i = 0; i < self->parts.count; i++) {
        free(self->parts.items[i].namespace_name);
        free(self->parts.items[i].name);
        free(self->parts.items[i].status);
    }
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
    const part *wanted = key;
    const vcluster_instance *instance = item;

    return compare_names(wanted->namespace_name, wanted->name, instance->namespace_name,
                         instance->name);
}

static bool add_note(vcluster_instance *instance, const char *text)
{
    char *note = vcl_str_empty(instance->note) ? vcl_strdup(text)
                                               : vcl_format("%s; %s", instance->note, text);
    if (!note)
        return false;
    free(instance->note);
    instance->note = note;
    return true;
}

/* A paused one stays "Paused" whatever its pods do: its annotation comes first. */
static bool join_part(vcluster_instance_list *list, const part *added)
{
    vcluster_instance *instance = list->count == 0 ? NULL
                                                   : bsearch(added, list->items, list->count,
                                                             sizeof(*list->items), compare_part);
    if (!instance)
        return true;
    instance->ready = instance->ready || added->ready;
    if (instance->paused)
        return true;
    if (added->sleeping)
        return vcl_str_replace(&instance->status, "Sleeping (workloads only)");
    if (instance->status && vcl_starts_with(instance->status, "Sleeping"))
        return true;
    return vcl_str_replace(&instance->status, added->status);
}

static bool finish(vcluster_instance *instance, bool pods_known, bool secrets_known)
{
    if (instance->paused)
        return vcl_str_replace(&instance->status, "Paused");
    if (!pods_known && !add_note(instance, "its pods could not be read: status and readiness are "
                                           "unknown"))
        return false;
    if (!secrets_known && !add_note(instance, "its Secrets could not be read: sleep is unknown"))
        return false;
    if (vcl_streq(instance->distribution, "embedded") &&
        !add_note(instance, "workloads do not run in the embedded distribution of this version"))
        return false;
    if (!instance->status && pods_known && instance->replicas == 0)
        return vcl_str_replace(&instance->status, "ScaledDown");
    return true;
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
        if (!finish(&list->items[i], jobs[PODS].status == 0, jobs[SECRETS].status == 0))
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
    } kinds[LISTS] = {
        { "apps/v1", "StatefulSet" },
        { "apps/v1", "Deployment" },
        { "v1", "Pod" },
        { "v1", "Secret" },
    };
    lister listers[LISTS];
    vcl_job jobs[LISTS];

    vcl_auto_free char *selector = query->name ? vcl_format("app=vcluster,release=%s", query->name)
                                               : vcl_strdup(VCL_SELECTOR_ALL);
    if (!selector)
        return vcl_no_memory(error);
    for (int l = 0; l < LISTS; l++) {
        listers[l] = (lister){ .kube = client->kube,
                               .query = { .api_version = kinds[l].api_version,
                                          .kind = kinds[l].kind,
                                          .namespace_name = query->namespace_name,
                                          .label_selector = selector,
                                          .metadata_only = l == SECRETS,
                                          .page_size = l == SECRETS ? 0 : PAGE_SIZE } };
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
