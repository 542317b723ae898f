/* SPDX-License-Identifier: Apache-2.0 */
/* What a delete does not reach, and how it goes along all the same; see leaks.h. */
#include "vcluster/lifecycle/leaks.h"

#include "base/str.h"
#include "release/order.h"
#include "vcluster/client.h"
#include "vcluster/names.h"

/* An object that changes each time it is looked at is somebody's. */
enum { MAX_ROUNDS = 5 };

static int fate_of_namespace(const deleter *self, const vcl_trace *trace, const char **out_reason)
{
    bool imported = vcl_streq(vcl_trace_annotation(trace, VCL_ANNOTATION_IMPORTED), "true");

    if (vcl_streq(vcl_trace_name(trace), self->namespace_name))
        return 0; /* a delete decides on it by other marks */
    *out_reason = imported ? "it was there before it was imported" : "a namespace of its own";
    return imported ? VCLUSTER_ACTION_KEEP : VCLUSTER_ACTION_LEAK;
}

static int
fate_of(const deleter *self, bool namespace_goes, const vcl_trace *trace, const char **out_reason)
{
    bool at_home = vcl_streq(vcl_trace_namespace(trace), self->namespace_name);
    const char *of_release = vcl_trace_annotation(trace, VCL_ANNOTATION_RELEASE_NAMESPACE);
    bool is_claim = vcl_trace_is(trace, "PersistentVolumeClaim");

    *out_reason = "it goes with its namespace";
    if (at_home && (namespace_goes || self->place.going))
        return VCLUSTER_ACTION_REMOVE;
    *out_reason = "helm.sh/resource-policy: keep";
    if (vcl_object_is_kept(trace->object))
        return VCLUSTER_ACTION_KEEP;
    switch (trace->kind->mark) {
    case VCL_TRACE_RECORD:
        *out_reason = "the release record goes last";
        return VCLUSTER_ACTION_REMOVE;
    case VCL_TRACE_KUBECONFIG:
        *out_reason = at_home ? "access to it" : "a copy of its kubeconfig, or of a namesake's";
        return at_home ? VCLUSTER_ACTION_REMOVE : VCLUSTER_ACTION_LEAK;
    case VCL_TRACE_RELEASE:
        if (trace->kind->cluster_scoped && !vcl_streq(of_release, self->namespace_name))
            return 0;
        *out_reason = self->record ? "it is not in the manifest of the release" : "by its labels";
        return !self->record && !is_claim && vcl_deleter_takes(trace->kind->kind)
                   ? VCLUSTER_ACTION_REMOVE
                   : VCLUSTER_ACTION_LEAK;
    case VCL_TRACE_SYNCED:
        *out_reason = "the host removes it with the Service that owns it";
        if (vcl_json_find(trace->object, "metadata", "ownerReferences", NULL))
            return VCLUSTER_ACTION_REMOVE;
        *out_reason = "a copy from the virtual cluster that nothing owns";
        return VCLUSTER_ACTION_LEAK;
    case VCL_TRACE_NAMESPACE:
        break;
    }
    return fate_of_namespace(self, trace, out_reason);
}

int vcl_trace_fate(const deleter *self,
                   bool namespace_goes,
                   const vcl_trace *trace,
                   const char **out_reason)
{
    int action = fate_of(self, namespace_goes, trace, out_reason);

    if (action != VCLUSTER_ACTION_LEAK ||
        !vcl_json_find_string(trace->object, "metadata", "deletionTimestamp", NULL))
        return action;
    *out_reason = "it is being deleted already";
    return VCLUSTER_ACTION_REMOVE;
}

/* As an audit asks, for this one only. */
static vcl_audit_request request_of(const deleter *self, const vcl_sync_owner *owner)
{
    return (vcl_audit_request){ .kube = self->kube,
                                .grace_s = -1,
                                .volumes_too = !self->request->keep_volumes,
                                .of = owner,
                                .gitops_too = self->request->gitops_too };
}

static vcl_sync_owner owner_of(const deleter *self)
{
    return (vcl_sync_owner){ .name = self->request->name, .namespace_name = self->namespace_name };
}

/* Objects of the release go, or stay, by what its manifest says. 1: it is one. */
static int
is_of_release(const deleter *self, vcl_call *call, const vcl_trace *trace, vcluster_error **error)
{
    const vcl_apply_set set = vcl_deleter_objects(self);
    const cJSON *object;

    cJSON_ArrayForEach (object, self->objects) {
        vcl_object_key key;
        if (!vcl_trace_is(trace, vcl_str(vcl_json_find_string(object, "kind", NULL))))
            continue;
        int status = vcl_apply_key(&set, call, object, &key, error);
        if (status < 0)
            return status;
        if (vcl_streq(key.name, vcl_trace_name(trace)) &&
            vcl_streq(vcl_str(key.namespace_name), vcl_str(vcl_trace_namespace(trace))))
            return 1;
    }
    return 0;
}

int vcl_leaks_look(deleter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_sync_owner owner = owner_of(self);
    vcl_audit_request request = request_of(self, &owner);
    const char *reason = NULL;

    request.beforehand = true;
    vcl_leftovers_done(&self->leaks);
    int status = vcl_leftovers_find(&request, call, &self->leaks, error);
    for (size_t i = 0; status == 0 && i < self->leaks.count; i++) {
        const vcl_trace *trace = self->leaks.items[i].trace;
        if (vcl_trace_fate(self, false, trace, &reason) != VCLUSTER_ACTION_LEAK)
            continue;
        status = vcl_leak_refusal(self, call, trace, &reason, error);
        if (status == 0 && !reason)
            return 1;
    }
    return status;
}

int vcl_leak_refusal(const deleter *self,
                     vcl_call *call,
                     const vcl_trace *trace,
                     const char **out_refusal,
                     vcluster_error **error)
{
    const vcl_leftover *leak = vcl_leftovers_get(&self->leaks, trace);
    const vcl_sync_owner owner = owner_of(self);
    vcl_audit_request request = request_of(self, &owner);

    request.beforehand = true;
    *out_refusal = NULL;
    if (leak && leak->holds_data && !request.volumes_too)
        *out_refusal = "volumes are kept";
    else if (!leak)
        *out_refusal = "another virtual cluster may own it";
    if (*out_refusal)
        return VCLUSTER_OK;
    int status = vcl_leftover_stays(&request, call, &self->leaks, leak, out_refusal, error);
    if (status == 0)
        *out_refusal = NULL;
    return status < 0 ? status : VCLUSTER_OK;
}

/* A claim at home would be taken over by the next of that name, so that it must be gone. */
static int
wait_claim_gone(deleter *self, vcl_call *call, const vcl_trace *trace, vcluster_error **error)
{
    const vcl_object_key key = vcl_trace_key(trace);

    if (!vcl_trace_is(trace, "PersistentVolumeClaim") ||
        !vcl_streq(key.namespace_name, self->namespace_name))
        return VCLUSTER_OK;
    return vcl_wait_gone_locked(self->kube, call, vcl_deleter_lock(self), &key,
                                vcl_json_find_string(trace->object, "metadata", "uid", NULL),
                                error);
}

static int remove_leak(deleter *self,
                       vcl_call *call,
                       const vcl_audit_request *request,
                       const vcl_leftovers *found,
                       const vcl_leftover *leak,
                       vcluster_error **error)
{
    const vcl_object_key key = vcl_trace_key(leak->trace);
    const char *why = NULL;

    vcl_record *lock = vcl_deleter_lock(self);
    int status = lock ? vcl_record_renew(self->kube, call, lock, error) : VCLUSTER_OK;
    if (status == 0)
        status = vcl_leftover_stays(request, call, found, leak, &why, error);
    if (status == 1) {
        vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
        return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, shown, "it stays: %s", why);
    }
    if (status == 0)
        status = vcl_leftover_remove(self->kube, call, leak, error);
    return status < 0 ? vcl_wrap(error, status, "remove the leftover %s '%s'", key.kind, key.name)
                      : wait_claim_gone(self, call, leak->trace, error);
}

/* CONFLICT: one was changed after it was found. */
static int remove_found(deleter *self,
                        vcl_call *call,
                        const vcl_audit_request *request,
                        bool namespace_goes,
                        vcluster_error **error)
{
    __attribute__((cleanup(vcl_leftovers_done))) vcl_leftovers found = { 0 };
    const char *reason = NULL;

    int status = vcl_leftovers_find(request, call, &found, error);
    for (size_t i = 0; status == 0 && i < found.count; i++) {
        const vcl_leftover *leak = &found.items[i];
        if ((leak->holds_data && !request->volumes_too) ||
            vcl_trace_fate(self, namespace_goes, leak->trace, &reason) != VCLUSTER_ACTION_LEAK)
            continue;
        status = is_of_release(self, call, leak->trace, error);
        if (status == 0)
            status = remove_leak(self, call, request, &found, leak, error);
        else if (status == 1)
            status = VCLUSTER_OK;
    }
    return status;
}

int vcl_leaks_remove(deleter *self, vcl_call *call, bool namespace_goes, vcluster_error **error)
{
    const vcl_sync_owner owner = owner_of(self);
    vcl_audit_request request = request_of(self, &owner);
    VCL_AUTO_ERROR *why = NULL;
    int status = VCLUSTER_E_CONFLICT;

    request.held = self->place.going || vcl_deleter_lock(self);
    for (int round = 0; status == VCLUSTER_E_CONFLICT && round < MAX_ROUNDS; round++) {
        vcl_error_clear(&why);
        status = remove_found(self, call, &request, namespace_goes, &why);
    }
    return vcl_error_pass(error, &why, status);
}
