/* SPDX-License-Identifier: Apache-2.0 */
/* Audits: what is left over (leftovers.c), removed one by one where that is asked for. */
#include "vcluster/upkeep/audit.h"

#include "base/str.h"
#include "release/record.h"
#include "vcluster/changes.h"
#include "vcluster/names.h"

static bool was_seen(const vcl_leftovers *all, const cJSON *object)
{
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);

    for (size_t i = 0; i < all->traces.count; i++) {
        const cJSON *seen = all->traces.items[i].object;
        if (vcl_streq(vcl_json_find_string(seen, "metadata", "uid", NULL), uid))
            return true;
    }
    return false;
}

/* Whoever makes a virtual cluster writes its release record first. 1: somebody does. */
static int is_alive(const vcl_audit_request *request,
                    vcl_call *call,
                    const vcl_leftovers *all,
                    const char *namespace_name,
                    const char *name,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;
    vcl_auto_free char *selector = vcl_format("owner=helm,name=%s", vcl_str(name));

    if (!selector)
        return vcl_no_memory(error);
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "Secret",
                                   .namespace_name = namespace_name,
                                   .label_selector = selector,
                                   .metadata_only = true };
    int status = vcl_kube_list(request->kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        if (vcl_record_is_claimed(item) || !was_seen(all, item))
            return 1;
    }
    return 0;
}

/* What will have gone before its namespace is asked for; afterwards it has. */
static bool will_go(const vcl_audit_request *request, const vcl_leftovers *all, const cJSON *object)
{
    const char *uid = vcl_json_find_string(object, "metadata", "uid", NULL);

    for (size_t i = 0; request->beforehand && i < all->count; i++) {
        const vcl_leftover *leftover = &all->items[i];
        if (!leftover->refusal && (request->volumes_too || !leftover->holds_data) &&
            vcl_streq(vcl_json_find_string(leftover->trace->object, "metadata", "uid", NULL), uid))
            return true;
    }
    return false;
}

/* 1: there is one that is not about to go. */
static int has_any(const vcl_audit_request *request,
                   vcl_call *call,
                   const vcl_leftovers *all,
                   const vcl_list_query *query,
                   vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;

    int status = vcl_kube_list(request->kube, call, query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        if (!vcl_json_find_string(item, "metadata", "deletionTimestamp", NULL) &&
            !will_go(request, all, item))
            return 1;
    }
    return 0;
}

/* A namespace takes everything in it along. 1: something is in it that must stay. */
static int must_namespace_stay(const vcl_audit_request *request,
                               vcl_call *call,
                               const vcl_leftovers *all,
                               const char *name,
                               const char **out_why,
                               vcluster_error **error)
{
    static const struct {
        const char *api_version;
        const char *kind;
        const char *selector;
        const char *why;
    } kinds[] = { { "v1", "Secret", "owner=helm", "there is a Helm release in it" },
                  { "v1", "Pod", NULL, "there are pods in it" },
                  { "apps/v1", "StatefulSet", NULL, "there is a StatefulSet in it" },
                  { "apps/v1", "Deployment", NULL, "there is a Deployment in it" },
                  { "v1", "PersistentVolumeClaim", NULL, "there are volumes in it" } };
    int status = 0;

    for (size_t i = 0; status == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (request->volumes_too && vcl_streq(kinds[i].kind, "PersistentVolumeClaim"))
            continue;
        const vcl_list_query query = { .api_version = kinds[i].api_version,
                                       .kind = kinds[i].kind,
                                       .namespace_name = name,
                                       .label_selector = kinds[i].selector,
                                       .metadata_only = true };
        *out_why = kinds[i].why;
        status = has_any(request, call, all, &query, error);
    }
    return status;
}

/* Where the caller deletes one itself, its own record tells nothing. */
static bool is_callers_own(const vcl_audit_request *request, const char *namespace_name)
{
    return request->of && (request->held || request->beforehand) &&
           vcl_streq(request->of->namespace_name, namespace_name);
}

int vcl_leftover_stays(const vcl_audit_request *request,
                       vcl_call *call,
                       const vcl_leftovers *all,
                       const vcl_leftover *leftover,
                       const char **out_why,
                       vcluster_error **error)
{
    const vcl_trace *trace = leftover->trace;
    const char *space = vcl_trace_namespace(trace);

    *out_why = leftover->refusal;
    if (leftover->refusal)
        return 1;
    if (trace->kind->mark == VCL_TRACE_NAMESPACE)
        return must_namespace_stay(request, call, all, vcl_trace_name(trace), out_why, error);
    if (!space && trace->kind->mark == VCL_TRACE_RELEASE)
        space = vcl_trace_annotation(trace, VCL_ANNOTATION_RELEASE_NAMESPACE);
    if (is_callers_own(request, space))
        return 0;
    *out_why = "a virtual cluster is being made in its place";
    return space ? is_alive(request, call, all, space, vcl_trace_instance(trace), error) : 0;
}

int vcl_leftover_remove(vcl_kube *kube,
                        vcl_call *call,
                        const vcl_leftover *leftover,
                        vcluster_error **error)
{
    const vcl_trace *trace = leftover->trace;
    const vcl_object_key key = vcl_trace_key(trace);
    const char *version = vcl_json_find_string(trace->object, "metadata", "resourceVersion", NULL);
    VCL_AUTO_ERROR *failure = NULL;
    /* The state of a pod goes on changing. */
    const vcl_kube_delete_options options = {
        .uid = vcl_json_find_string(trace->object, "metadata", "uid", NULL),
        .resource_version = vcl_trace_is(trace, "Pod") ? NULL : version,
        .grace_seconds = -1,
        .may_repeat = true
    };

    int status = vcl_kube_delete(kube, call, &key, &options, &failure);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &failure, status);
    vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
    return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, shown, "deletion asked for");
}

/* 1: it stays, and *out_why says why; an audit goes on with the others. */
static int remove_one(const vcl_audit_request *request,
                      vcl_call *call,
                      const vcl_leftovers *all,
                      const vcl_leftover *leftover,
                      char **out_why,
                      vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    const char *why = NULL;

    int status = vcl_leftover_stays(request, call, all, leftover, &why, error);
    if (status < 0)
        return status;
    if (status == 0)
        status = vcl_leftover_remove(request->kube, call, leftover, &failure);
    if (status == VCLUSTER_E_CONFLICT)
        why = "it was changed meanwhile: look again";
    else if (status == VCLUSTER_E_PERMISSION)
        why = vcluster_error_message(failure);
    else if (status <= 0)
        return vcl_error_pass(error, &failure, status);
    *out_why = vcl_strdup(why);
    return *out_why ? 1 : vcl_no_memory(error);
}

/* What holds data goes only where that is asked for; a namespace says so itself. */
static bool is_to_go(const vcl_audit_request *request, const vcl_leftover *leftover)
{
    return request->remove && (request->volumes_too || !leftover->holds_data);
}

static int tell(const vcl_leftover *leftover,
                bool removed,
                const char *refusal,
                vcluster_plan *plan,
                vcluster_error **error)
{
    const vcl_object_key key = vcl_trace_key(leftover->trace);
    vcl_auto_free char *reason = refusal ? vcl_format("%s; it stays: %s", leftover->reason, refusal)
                                         : vcl_strdup(leftover->reason);
    int impact = leftover->holds_data ? VCLUSTER_IMPACT_DATALOSS : VCLUSTER_IMPACT_NONE;
    const vcl_change change = { .action = removed ? VCLUSTER_ACTION_REMOVE : VCLUSTER_ACTION_LEAK,
                                .impact = refusal ? VCLUSTER_IMPACT_REFUSED : impact,
                                .api_version = key.api_version,
                                .kind = key.kind,
                                .namespace_name = key.namespace_name,
                                .name = key.name,
                                .reason = reason };

    return reason ? vcl_plan_add(plan, &change, error) : vcl_no_memory(error);
}

int vcl_audit(const vcl_audit_request *request,
              vcl_call *call,
              vcluster_plan **out_plan,
              vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_plan) plan = NULL;
    __attribute__((cleanup(vcl_leftovers_done))) vcl_leftovers found = { 0 };

    int status = vcl_plan_new("audit", &plan, error);
    if (status == 0)
        status = vcl_leftovers_find(request, call, &found, error);
    for (size_t i = 0; status == 0 && i < found.count; i++) {
        const vcl_leftover *leftover = &found.items[i];
        bool goes = is_to_go(request, leftover);
        vcl_auto_free char *why = NULL;

        if (goes)
            status = remove_one(request, call, &found, leftover, &why, error);
        if (status >= 0)
            status = tell(leftover, goes && !why, why ? why : leftover->refusal, plan, error);
    }
    if (status == 0)
        *out_plan = vcl_steal(&plan);
    return status;
}
