/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which traces are left over: those that no living virtual cluster owns. The traces are listed
 * before the workloads, so that what was made meanwhile finds its owner; and an operation at work
 * on a release record counts as one.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "chart/release.h"
#include "release/record.h"
#include "vcluster/compose.h"
#include "vcluster/names.h"
#include "vcluster/upkeep/audit.h"

typedef struct seeker {
    const vcl_audit_request *request;
    vcl_call *call;
    vcl_leftovers *found;
    vcl_owners owners;
    vcl_owners only; /* request->of */
    cJSON *charts;   /* "NAMESPACE/RELEASE": whether that is a virtual cluster's */
} seeker;

void vcl_leftovers_done(vcl_leftovers *leftovers)
{
    for (size_t i = 0; i < leftovers->count; i++) {
        free(leftovers->items[i].reason);
        free(leftovers->items[i].refusal);
    }
    free(leftovers->items);
    vcl_traces_done(&leftovers->traces);
    *leftovers = (vcl_leftovers){ 0 };
}

const vcl_leftover *vcl_leftovers_get(const vcl_leftovers *leftovers, const vcl_trace *trace)
{
    for (size_t i = 0; i < leftovers->count; i++) {
        if (leftovers->items[i].trace == trace)
            return &leftovers->items[i];
    }
    return NULL;
}

static bool is_young(const seeker *self, const vcl_trace *trace)
{
    int64_t made = 0;

    if (self->request->grace_s < 0)
        return false;
    return !vcl_parse_rfc3339(
               vcl_json_find_string(trace->object, "metadata", "creationTimestamp", NULL), &made) ||
           made > vcl_wall_seconds() - self->request->grace_s;
}

/* A record on which somebody is at work stands for a virtual cluster that is being made, or taken
 * away; Helm does not say whether it still is. */
static bool is_at_work(const seeker *self, const vcl_trace *record)
{
    const char *status = vcl_trace_label(record, "status");

    return vcl_record_is_claimed(record->object) ||
           (vcl_starts_with(status, "pending-") && is_young(self, record));
}

/* The work on the one that is being deleted is the caller's, or will be. */
static bool is_of_caller(const seeker *self, const vcl_trace *record)
{
    const vcl_audit_request *request = self->request;

    return request->of && (request->held || request->beforehand) &&
           vcl_streq(vcl_trace_instance(record), request->of->name) &&
           vcl_streq(vcl_trace_namespace(record), request->of->namespace_name);
}

static int add_operations(seeker *self, vcluster_error **error)
{
    const vcl_traces *traces = &self->found->traces;
    int status = VCLUSTER_OK;

    for (size_t i = 0; status == 0 && i < traces->count; i++) {
        const vcl_trace *trace = &traces->items[i];
        const char *space = vcl_trace_namespace(trace);
        if (trace->kind->mark == VCL_TRACE_RECORD && space && is_at_work(self, trace) &&
            !is_of_caller(self, trace))
            status =
                vcl_owners_add(&self->owners, vcl_str(vcl_trace_instance(trace)), space, error);
    }
    return status;
}

static bool is_chart_name(const char *name)
{
    static const char *const names[] = { "vcluster",     "vcluster-embedded", "vcluster-k8s",
                                         "vcluster-k0s", "vcluster-eks",      "vcluster-pro" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_streq(name, names[i]))
            return true;
    }
    return false;
}

/* Read a record for the name of its chart; one that has gone, or cannot be read, is none of ours.
 */
static int read_chart(seeker *self, const vcl_trace *trace, bool *out_ours, vcluster_error **error)
{
    const vcl_object_key key = vcl_trace_key(trace);
    VCL_AUTO_ERROR *why = NULL;
    cJSON *secret = NULL;
    cJSON *release = NULL;

    *out_ours = false;
    int status = vcl_kube_get(self->request->kube, self->call, &key, &secret, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status == 0 && vcl_release_decode(secret, &release, NULL) == 0)
        *out_ours = is_chart_name(vcl_json_find_string(release, "chart", "metadata", "name", NULL));
    vcl_json_free_secret(secret);
    vcl_json_free_secret(release);
    return vcl_error_pass(error, &why, status);
}

/* 1: the record is a virtual cluster's; 0: of any other chart. */
static int is_ours(seeker *self, const vcl_trace *trace, vcluster_error **error)
{
    bool ours = vcl_trace_label(trace, VCL_LABEL_INSTANCE) != NULL;

    if (ours)
        return 1;
    vcl_auto_free char *release = vcl_format("%s/%s", vcl_str(vcl_trace_namespace(trace)),
                                             vcl_str(vcl_trace_instance(trace)));
    if (!release)
        return vcl_no_memory(error);
    const cJSON *known = vcl_json_get(self->charts, release);
    if (known)
        return cJSON_IsTrue(known);
    int status = read_chart(self, trace, &ours, error);
    if (status < 0)
        return status;
    return vcl_json_set(self->charts, release, cJSON_CreateBool(ours)) ? ours
                                                                       : vcl_no_memory(error);
}

/* Of all namespaces, only those that were made for a virtual cluster. */
static bool is_made(const vcl_trace *trace)
{
    return vcl_trace_label(trace, VCL_LABEL_INSTANCE) ||
           vcl_trace_label(trace, VCL_LABEL_MANAGED_BY) ||
           vcl_streq(vcl_trace_annotation(trace, VCL_ANNOTATION_CREATED), "true");
}

/* 1: nobody owns it; 0: somebody does, or it cannot be known. */
static int is_left_over(seeker *self, const vcl_trace *trace, vcluster_error **error)
{
    if (vcl_json_find_string(trace->object, "metadata", "deletionTimestamp", NULL) ||
        is_young(self, trace) || vcl_owners_have(&self->owners, &self->found->traces, trace))
        return 0;
    if (self->request->of && !vcl_owners_have(&self->only, &self->found->traces, trace))
        return 0;
    if (trace->kind->mark == VCL_TRACE_NAMESPACE)
        return is_made(trace);
    return trace->kind->mark == VCL_TRACE_RECORD ? is_ours(self, trace, error) : 1;
}

static const char *what_ended(const vcl_trace *trace)
{
    const char *status = vcl_trace_label(trace, "status");

    if (vcl_streq(status, "uninstalling"))
        return "a deletion that did not end";
    return vcl_streq(status, "deployed") ? "a release without a workload"
                                         : "a creation or upgrade that did not end";
}

static char *reason_of(const vcl_trace *trace)
{
    const char *name = vcl_trace_instance(trace);

    switch (trace->kind->mark) {
    case VCL_TRACE_RELEASE:
        return vcl_format("made for the virtual cluster '%s', which is gone", name);
    case VCL_TRACE_KUBECONFIG:
        return vcl_format("access to the virtual cluster '%s', which is gone", name);
    case VCL_TRACE_SYNCED:
        return vcl_format("a copy from the virtual cluster '%s', which is gone",
                          vcl_str(vcl_trace_label(trace, VCL_LABEL_MANAGED_BY)));
    case VCL_TRACE_RECORD:
        return vcl_format("%s: virtual cluster '%s'", what_ended(trace), name);
    case VCL_TRACE_NAMESPACE:
        return name ? vcl_format("made for the virtual cluster '%s', which is gone", name)
                    : vcl_strdup("made for a virtual cluster that is gone");
    }
    return NULL;
}

static char *refusal_of(const seeker *self, const vcl_trace *trace)
{
    const char *gitops = self->request->gitops_too ? NULL : vcl_gitops_of(trace->object);

    if (gitops)
        return vcl_format("%s would make it again: remove it from its repository", gitops);
    if (vcl_streq(vcl_trace_annotation(trace, VCL_ANNOTATION_IMPORTED), "true"))
        return vcl_strdup("it was there before it was imported into a virtual cluster");
    return NULL;
}

static int add_leftover(seeker *self, const vcl_trace *trace, vcluster_error **error)
{
    vcl_leftovers *found = self->found;
    vcl_leftover *added = &found->items[found->count++]; /* there is room for all traces */

    *added = (vcl_leftover){ .trace = trace,
                             .holds_data = vcl_trace_is_volume(trace),
                             .reason = reason_of(trace),
                             .refusal = refusal_of(self, trace) };
    return added->reason ? VCLUSTER_OK : vcl_no_memory(error);
}

/* By namespace, in the order in which they may go: records before what they speak of, so that who
 * makes one of the same name anew finds nothing half-done; cluster-scoped ones last. */
static int compare(const void *a, const void *b)
{
    const vcl_trace *left = ((const vcl_leftover *)a)->trace;
    const vcl_trace *right = ((const vcl_leftover *)b)->trace;
    const char *left_space = vcl_trace_namespace(left);
    const char *right_space = vcl_trace_namespace(right);

    if (!left_space != !right_space)
        return left_space ? -1 : 1;
    int order = strcmp(vcl_str(left_space), vcl_str(right_space));
    if (order == 0)
        order = (right->kind->mark == VCL_TRACE_RECORD) - (left->kind->mark == VCL_TRACE_RECORD);
    return order ? order : (left > right) - (left < right);
}

/* Who lives: to be asked for after the traces. */
static int find_owners(seeker *self, vcluster_error **error)
{
    const vcl_audit_request *request = self->request;
    const vcl_sync_owner *of = request->of;

    int status =
        vcl_owners_find(request->kube, self->call, request->namespace_name, &self->owners, error);
    if (status == 0 && of && request->beforehand)
        vcl_owners_drop(&self->owners, of->name, of->namespace_name);
    if (status == 0)
        status = add_operations(self, error);
    if (status < 0 || !of)
        return status;
    self->only.everywhere = true;
    return vcl_owners_add(&self->only, of->name, of->namespace_name, error);
}

static int seek(seeker *self, vcluster_error **error)
{
    const vcl_audit_request *request = self->request;
    vcl_leftovers *found = self->found;

    const vcl_trace_query query = { .namespace_name = request->namespace_name };
    int status = vcl_traces_find(request->kube, self->call, &query, &found->traces, error);
    if (status == 0)
        status = find_owners(self, error);
    if (status < 0)
        return status;
    size_t count = found->traces.count;
    vcl_leftover *items = calloc(count ? count : 1, sizeof(*items));
    if (!items)
        return vcl_no_memory(error);
    found->items = items;
    for (size_t i = 0; i < count; i++) {
        const vcl_trace *trace = &found->traces.items[i];
        status = is_left_over(self, trace, error);
        if (status == 1)
            status = add_leftover(self, trace, error);
        if (status < 0)
            return status;
    }
    if (found->count)
        qsort(found->items, found->count, sizeof(*found->items), compare);
    return VCLUSTER_OK;
}

int vcl_leftovers_find(const vcl_audit_request *request,
                       vcl_call *call,
                       vcl_leftovers *out_leftovers,
                       vcluster_error **error)
{
    seeker self = {
        .request = request, .call = call, .found = out_leftovers, .charts = cJSON_CreateObject()
    };

    int status = self.charts ? seek(&self, error) : vcl_no_memory(error);
    vcl_owners_done(&self.owners);
    vcl_owners_done(&self.only);
    cJSON_Delete(self.charts);
    return status;
}
