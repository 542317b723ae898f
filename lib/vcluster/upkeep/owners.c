/* SPDX-License-Identifier: Apache-2.0 */
/* Which virtual clusters live, and what is theirs; see owners.h. */
#include "vcluster/upkeep/owners.h"

#include <stdlib.h>

#include "base/str.h"
#include "sync/translate.h"
#include "vcluster/names.h"

void vcl_owners_done(vcl_owners *owners)
{
    for (size_t i = 0; i < owners->count; i++) {
        free(owners->items[i].name);
        free(owners->items[i].namespace_name);
        free(owners->items[i].marker);
    }
    free(owners->items);
    *owners = (vcl_owners){ 0 };
}

int vcl_owners_add(vcl_owners *owners,
                   const char *name,
                   const char *namespace_name,
                   vcluster_error **error)
{
    const vcl_sync_owner made_for = { .name = name, .namespace_name = namespace_name };

    if (!(owners->count & (owners->count - 1))) { /* doubling at powers of two */
        size_t room = owners->count ? owners->count * 2 : 1;
        vcl_owner *grown = realloc(owners->items, room * sizeof(*grown));
        if (!grown)
            return vcl_no_memory(error);
        owners->items = grown;
    }
    vcl_owner added = { .name = vcl_strdup(name),
                        .namespace_name = vcl_strdup(namespace_name),
                        .marker = vcl_sync_marker(&made_for, true) };
    owners->items[owners->count++] = added;
    return added.name && added.namespace_name && added.marker ? VCLUSTER_OK : vcl_no_memory(error);
}

void vcl_owners_drop(vcl_owners *owners, const char *name, const char *namespace_name)
{
    size_t kept = 0;

    for (size_t i = 0; i < owners->count; i++) {
        vcl_owner *owner = &owners->items[i];
        if (!vcl_streq(owner->name, name) || !vcl_streq(owner->namespace_name, namespace_name)) {
            owners->items[kept++] = *owner;
            continue;
        }
        free(owner->name);
        free(owner->namespace_name);
        free(owner->marker);
    }
    owners->count = kept;
}

static int add_workload(const cJSON *item, void *data, vcluster_error **error)
{
    const char *name = vcl_json_find_string(item, "metadata", "labels", VCL_LABEL_RELEASE, NULL);
    const char *space = vcl_json_find_string(item, "metadata", "namespace", NULL);

    return name && space ? vcl_owners_add(data, name, space, error) : VCLUSTER_OK;
}

int vcl_owners_find(vcl_kube *kube,
                    vcl_call *call,
                    const char *namespace_name,
                    vcl_owners *out_owners,
                    vcluster_error **error)
{
    static const char *const kinds[] = { "StatefulSet", "Deployment" };
    int status = VCLUSTER_OK;

    out_owners->everywhere = !namespace_name;
    for (size_t i = 0; status == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const vcl_list_query query = { .api_version = "apps/v1",
                                       .kind = kinds[i],
                                       .namespace_name = namespace_name,
                                       .label_selector = VCL_SELECTOR_ALL,
                                       .metadata_only = true };
        status = vcl_kube_list_each(kube, call, &query, add_workload, out_owners, NULL, error);
    }
    return status;
}

const vcl_owner *
vcl_owners_get(const vcl_owners *owners, const char *name, const char *namespace_name)
{
    for (size_t i = 0; i < owners->count; i++) {
        const vcl_owner *owner = &owners->items[i];
        if (vcl_streq(owner->name, name) &&
            (!namespace_name || vcl_streq(owner->namespace_name, namespace_name)))
            return owner;
    }
    return NULL;
}

static bool has_marker(const vcl_owners *owners, const char *marker)
{
    for (size_t i = 0; marker && i < owners->count; i++) {
        if (vcl_streq(owners->items[i].marker, marker))
            return true;
    }
    return false;
}

/* A namespace that a syncer made, or imported, by its label. */
static const char *marker_of_namespace(const vcl_traces *traces, const char *name)
{
    for (size_t i = 0; i < traces->count; i++) {
        const vcl_trace *trace = &traces->items[i];
        if (trace->kind->mark == VCL_TRACE_NAMESPACE && vcl_streq(vcl_trace_name(trace), name))
            return vcl_trace_label(trace, VCL_LABEL_MANAGED_BY);
    }
    return NULL;
}

static bool has_synced(const vcl_owners *owners, const vcl_traces *traces, const vcl_trace *trace)
{
    const char *space = vcl_trace_namespace(trace);
    const char *label = vcl_trace_label(trace, VCL_LABEL_MANAGED_BY);

    if (!space || has_marker(owners, label))
        return has_marker(owners, label);
    if (vcl_owners_get(owners, label, space))
        return true;
    const char *marker = marker_of_namespace(traces, space);
    /* Of a namespace alone it cannot be told whether that other one lives. */
    return marker && (!owners->everywhere || has_marker(owners, marker));
}

/* Copies of the kubeconfig may be in any namespace, under any name. */
static bool has_kubeconfig(const vcl_owners *owners, const vcl_trace *trace)
{
    const char *name = vcl_trace_instance(trace);
    vcl_auto_free char *published = vcl_format("vc-%s", name);
    vcl_auto_free char *certificates = vcl_format("%s-certs", name);
    bool at_home = vcl_streq(vcl_trace_name(trace), published) ||
                   vcl_streq(vcl_trace_name(trace), certificates);

    if (at_home)
        return vcl_owners_get(owners, name, vcl_trace_namespace(trace));
    return !owners->everywhere || vcl_owners_get(owners, name, NULL);
}

static bool has_namespace(const vcl_owners *owners, const vcl_trace *trace)
{
    const char *marker = vcl_trace_label(trace, VCL_LABEL_MANAGED_BY);

    if (has_marker(owners, marker) || (marker && !owners->everywhere))
        return true;
    for (size_t i = 0; i < owners->count; i++) {
        if (vcl_streq(owners->items[i].namespace_name, vcl_trace_name(trace)))
            return true;
    }
    return false;
}

bool vcl_owners_have(const vcl_owners *owners, const vcl_traces *traces, const vcl_trace *trace)
{
    switch (trace->kind->mark) {
    case VCL_TRACE_SYNCED:
        return has_synced(owners, traces, trace);
    case VCL_TRACE_KUBECONFIG:
        return has_kubeconfig(owners, trace);
    case VCL_TRACE_NAMESPACE:
        return has_namespace(owners, trace);
    case VCL_TRACE_RELEASE:
    case VCL_TRACE_RECORD:
        break;
    }
    const char *space = trace->kind->cluster_scoped
                            ? vcl_trace_annotation(trace, VCL_ANNOTATION_RELEASE_NAMESPACE)
                            : vcl_trace_namespace(trace);
    return vcl_owners_get(owners, vcl_trace_instance(trace), space) != NULL;
}
