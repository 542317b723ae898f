/* SPDX-License-Identifier: Apache-2.0 */
/* What carries the marks of virtual clusters; see traces.h. */
#include "vcluster/upkeep/traces.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/parallel.h"
#include "base/str.h"
#include "vcluster/names.h"

#define RBAC "rbac.authorization.k8s.io/v1"
#define NETWORKING "networking.k8s.io/v1"

#define OF_CHART "app=vcluster,release"
#define OF_ETCD "app=vcluster-etcd,release"
#define OF_KUBECONFIG "app=vcluster,vcluster-name"

static const struct {
    vcl_trace_kind kind;
    const char *selector;
} entries[] = {
    { { "v1", "Pod", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { "v1", "Service", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "Service", VCL_TRACE_RELEASE, false }, OF_ETCD },
    { { "v1", "Service", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { "apps/v1", "StatefulSet", VCL_TRACE_RELEASE, false }, OF_ETCD },
    { { "v1", "ServiceAccount", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "ServiceAccount", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { RBAC, "RoleBinding", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { RBAC, "Role", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "ConfigMap", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "ConfigMap", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { "v1", "ResourceQuota", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "LimitRange", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { NETWORKING, "NetworkPolicy", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { NETWORKING, "NetworkPolicy", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { NETWORKING, "Ingress", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { NETWORKING, "Ingress", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { "policy/v1", "PodDisruptionBudget", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "policy/v1", "PodDisruptionBudget", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { "v1", "Secret", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "Secret", VCL_TRACE_KUBECONFIG, false }, OF_KUBECONFIG },
    { { "v1", "Secret", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { "v1", "PersistentVolumeClaim", VCL_TRACE_RELEASE, false }, OF_CHART },
    { { "v1", "PersistentVolumeClaim", VCL_TRACE_RELEASE, false }, OF_ETCD },
    { { "v1", "PersistentVolumeClaim", VCL_TRACE_SYNCED, false }, VCL_LABEL_MANAGED_BY },
    { { RBAC, "ClusterRoleBinding", VCL_TRACE_RELEASE, true }, OF_CHART },
    { { RBAC, "ClusterRole", VCL_TRACE_RELEASE, true }, OF_CHART },
    { { RBAC, "ClusterRole", VCL_TRACE_SYNCED, true }, VCL_LABEL_MANAGED_BY },
    { { "scheduling.k8s.io/v1", "PriorityClass", VCL_TRACE_SYNCED, true }, VCL_LABEL_MANAGED_BY },
    { { "storage.k8s.io/v1", "StorageClass", VCL_TRACE_SYNCED, true }, VCL_LABEL_MANAGED_BY },
    { { "v1", "PersistentVolume", VCL_TRACE_SYNCED, true }, VCL_LABEL_MANAGED_BY },
    { { "v1", "Secret", VCL_TRACE_RECORD, false }, "owner=helm,name" },
    { { "v1", "Namespace", VCL_TRACE_NAMESPACE, true }, NULL },
};
enum { ENTRIES = sizeof(entries) / sizeof(entries[0]), MAX_TRACES = 200000 };

typedef struct finder {
    vcl_kube *kube;
    const vcl_trace_query *query;
    const char *marker; /* of the owner */
    size_t entry;
    cJSON *items; /* an array */
} finder;

void vcl_traces_done(vcl_traces *traces)
{
    for (size_t i = 0; i < traces->count; i++)
        cJSON_Delete(traces->items[i].object);
    free(traces->items);
    *traces = (vcl_traces){ 0 };
}

const char *vcl_trace_name(const vcl_trace *trace)
{
    return vcl_str(vcl_json_find_string(trace->object, "metadata", "name", NULL));
}

const char *vcl_trace_namespace(const vcl_trace *trace)
{
    return vcl_json_find_string(trace->object, "metadata", "namespace", NULL);
}

const char *vcl_trace_label(const vcl_trace *trace, const char *key)
{
    return vcl_json_find_string(trace->object, "metadata", "labels", key, NULL);
}

const char *vcl_trace_annotation(const vcl_trace *trace, const char *key)
{
    return vcl_json_find_string(trace->object, "metadata", "annotations", key, NULL);
}

bool vcl_trace_is(const vcl_trace *trace, const char *kind)
{
    return vcl_streq(trace->kind->kind, kind);
}

bool vcl_trace_is_volume(const vcl_trace *trace)
{
    return vcl_trace_is(trace, "PersistentVolumeClaim") || vcl_trace_is(trace, "PersistentVolume");
}

const char *vcl_trace_instance(const vcl_trace *trace)
{
    switch (trace->kind->mark) {
    case VCL_TRACE_RELEASE:
        return vcl_trace_label(trace, VCL_LABEL_RELEASE);
    case VCL_TRACE_KUBECONFIG:
        return vcl_trace_label(trace, VCL_LABEL_KUBECONFIG_OF);
    case VCL_TRACE_SYNCED:
        return trace->kind->cluster_scoped ? NULL : vcl_trace_label(trace, VCL_LABEL_MANAGED_BY);
    case VCL_TRACE_RECORD:
        return vcl_trace_label(trace, "name");
    case VCL_TRACE_NAMESPACE:
        return vcl_trace_label(trace, VCL_LABEL_INSTANCE);
    }
    return NULL;
}

vcl_object_key vcl_trace_key(const vcl_trace *trace)
{
    return (vcl_object_key){ .api_version = trace->kind->api_version,
                             .kind = trace->kind->kind,
                             .namespace_name = vcl_trace_namespace(trace),
                             .name = vcl_trace_name(trace) };
}

static int keep_item(const cJSON *item, void *data, vcluster_error **error)
{
    finder *self = data;
    const cJSON *metadata = vcl_json_get(item, "metadata");
    /* Copies that controllers of the host make of synced objects inherit the label only. */
    bool inherited =
        entries[self->entry].kind.mark == VCL_TRACE_SYNCED &&
        !vcl_json_find_string(metadata, "annotations", VCL_ANNOTATION_OBJECT_NAME, NULL);

    if (inherited)
        return VCLUSTER_OK;
    cJSON *kept = cJSON_CreateObject();
    return kept && vcl_json_set(kept, "metadata", vcl_json_copy(metadata)) &&
                   vcl_json_append(self->items, kept)
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

/* The one namespace; a list of all of them may not be allowed. */
static int find_namespace(finder *self, vcl_call *call, vcluster_error **error)
{
    const vcl_object_key key = { .api_version = "v1",
                                 .kind = "Namespace",
                                 .name = self->query->namespace_name };
    VCL_AUTO_JSON *object = NULL;

    int status = vcl_kube_get_metadata(self->kube, call, &key, &object, error);
    return status < 0 ? status : keep_item(object, self, error);
}

/* Whether it may lie outside of the namespace of its owner. */
static bool is_outside(const vcl_trace_kind *kind)
{
    return kind->cluster_scoped || kind->mark == VCL_TRACE_KUBECONFIG;
}

/* What marks an object as the owner's; every selector ends with the key for it. */
static char *selector_of(const finder *self)
{
    const vcl_trace_kind *kind = &entries[self->entry].kind;
    const char *selector = entries[self->entry].selector;
    const vcl_sync_owner *owner = self->query->owner;
    bool by_marker = kind->cluster_scoped && kind->mark != VCL_TRACE_RELEASE;

    if (!owner)
        return vcl_strdup(vcl_str(selector));
    return vcl_format("%s=%s", selector ? selector : VCL_LABEL_MANAGED_BY,
                      by_marker ? self->marker : owner->name);
}

static int find_entry(vcl_call *call, void *data, vcluster_error **error)
{
    finder *self = data;
    const vcl_trace_kind *kind = &entries[self->entry].kind;
    const vcl_sync_owner *owner = self->query->owner;
    vcl_auto_free char *selector = selector_of(self);
    const char *space = self->query->namespace_name;

    self->items = cJSON_CreateArray();
    if (!self->items || !selector)
        return vcl_no_memory(error);
    if (space && kind->mark == VCL_TRACE_NAMESPACE)
        return find_namespace(self, call, error);
    if (space && kind->cluster_scoped)
        return VCLUSTER_OK;
    const vcl_list_query query = { .api_version = kind->api_version,
                                   .kind = kind->kind,
                                   .namespace_name =
                                       owner && !is_outside(kind) ? owner->namespace_name : space,
                                   .label_selector = *selector ? selector : NULL,
                                   .metadata_only = true };
    return vcl_kube_list_each(self->kube, call, &query, keep_item, self, NULL, error);
}

/* Move what was found into one array. */
static int gather(finder finders[ENTRIES], vcl_traces *traces, vcluster_error **error)
{
    size_t count = 0;

    for (size_t i = 0; i < ENTRIES; i++)
        count += (size_t)cJSON_GetArraySize(finders[i].items);
    if (count > MAX_TRACES)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "more than %d objects carry marks of virtual clusters; go namespace by "
                        "namespace",
                        MAX_TRACES);
    traces->items = calloc(count ? count : 1, sizeof(*traces->items));
    if (!traces->items)
        return vcl_no_memory(error);
    for (size_t i = 0; i < ENTRIES; i++) {
        while (finders[i].items->child)
            traces->items[traces->count++] =
                (vcl_trace){ .kind = &entries[i].kind,
                             .object = cJSON_DetachItemViaPointer(finders[i].items,
                                                                  finders[i].items->child) };
    }
    return VCLUSTER_OK;
}

/* A user of one namespace may not look outside of it, and could make nothing there. */
static int first_failure(const vcl_trace_query *query,
                         vcl_job jobs[ENTRIES],
                         vcl_traces *traces,
                         vcluster_error **error)
{
    for (size_t i = 0; i < ENTRIES; i++) {
        if (jobs[i].status == VCLUSTER_E_PERMISSION && query->owner && is_outside(&entries[i].kind))
            traces->hidden = true;
        else if (jobs[i].status < 0)
            return vcl_error_pass(error, &jobs[i].error, jobs[i].status);
    }
    return VCLUSTER_OK;
}

int vcl_traces_find(vcl_kube *kube,
                    vcl_call *call,
                    const vcl_trace_query *query,
                    vcl_traces *out_traces,
                    vcluster_error **error)
{
    vcl_auto_free char *marker = query->owner ? vcl_sync_marker(query->owner, true) : NULL;
    finder finders[ENTRIES];
    vcl_job jobs[ENTRIES];

    if (query->owner && !marker)
        return vcl_no_memory(error);
    for (size_t i = 0; i < ENTRIES; i++) {
        finders[i] = (finder){ .kube = kube, .query = query, .marker = marker, .entry = i };
        jobs[i] = (vcl_job){ .fn = find_entry, .data = &finders[i] };
    }
    int status = vcl_parallel_run(call, jobs, ENTRIES, error);
    if (status == 0)
        status = first_failure(query, jobs, out_traces, error);
    for (size_t i = 0; i < ENTRIES; i++)
        vcluster_error_free(jobs[i].error);
    if (status == 0)
        status = gather(finders, out_traces, error);
    for (size_t i = 0; i < ENTRIES; i++)
        cJSON_Delete(finders[i].items);
    return status;
}
