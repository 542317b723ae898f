/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a delete would do, as a plan: what goes, what stays on purpose, and what carries the marks
 * of the virtual cluster but is not reached by a delete. Nothing is locked or written.
 */
#include "base/str.h"
#include "release/order.h"
#include "vcluster/changes.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/leaks.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/names.h"

typedef struct delete_planner {
    deleter self;
    vcl_call *call;
    vcluster_plan *plan;
    bool goes; /* the namespace does */
} delete_planner;

static int add(delete_planner *planner,
               int action,
               int impact,
               const vcl_object_key *key,
               const char *reason,
               vcluster_error **error)
{
    const vcl_change change = { .action = action,
                                .impact = impact,
                                .api_version = key->api_version,
                                .kind = key->kind,
                                .namespace_name = key->namespace_name,
                                .name = key->name,
                                .reason = reason };

    return vcl_plan_add(planner->plan, &change, error);
}

/* That nothing at all would be done. */
static int add_guard(delete_planner *planner, vcluster_error **error)
{
    const vcluster_instance *instance = planner->self.instance;
    VCL_AUTO_ERROR *why = NULL;

    if (!instance || vcl_delete_guard(instance, planner->self.request->gitops_too, &why) == 0)
        return VCLUSTER_OK;
    const vcl_object_key key = { .api_version = "apps/v1",
                                 .kind = instance->workload_kind,
                                 .namespace_name = instance->namespace_name,
                                 .name = instance->workload_name };
    return add(planner, VCLUSTER_ACTION_KEEP, VCLUSTER_IMPACT_REFUSED, &key,
               vcluster_error_message(why), error);
}

static int add_object(delete_planner *planner, const cJSON *object, vcluster_error **error)
{
    const vcl_apply_set set = vcl_deleter_objects(&planner->self);
    VCL_AUTO_ERROR *why = NULL;
    VCL_AUTO_JSON *stored = NULL;
    vcl_object_key key;

    int status = vcl_apply_key(&set, planner->call, object, &key, &why);
    if (status == 0)
        status = vcl_kube_get_metadata(planner->self.kube, planner->call, &key, &stored, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    bool kept = vcl_object_is_kept(object);
    return add(planner, kept ? VCLUSTER_ACTION_KEEP : VCLUSTER_ACTION_REMOVE, VCLUSTER_IMPACT_NONE,
               &key, kept ? "helm.sh/resource-policy: keep" : "an object of its release", error);
}

static int add_objects(delete_planner *planner, vcluster_error **error)
{
    deleter *self = &planner->self;
    const cJSON *object;

    if (!self->record)
        return VCLUSTER_OK;
    int status = vcl_record_read(self->kube, planner->call, self->record, error);
    if (status == 0)
        status = vcl_deleter_read(self, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (object, self->objects) {
        status = add_object(planner, object, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int add_claims(delete_planner *planner, vcluster_error **error)
{
    const deleter *self = &planner->self;
    bool stay = self->request->keep_volumes;
    const char *lost = vcl_restore_is_unfinished(self->instance, self->record)
                           ? "the state of the virtual cluster is in it, and what a restore that "
                             "was not finished has put there"
                           : "the state of the virtual cluster is in it";
    const cJSON *claim;

    cJSON_ArrayForEach (claim, self->claims) {
        const vcl_object_key key = { .api_version = "v1",
                                     .kind = "PersistentVolumeClaim",
                                     .namespace_name = self->namespace_name,
                                     .name = claim->valuestring };
        int status = add(planner, stay ? VCLUSTER_ACTION_KEEP : VCLUSTER_ACTION_REMOVE,
                         stay ? VCLUSTER_IMPACT_NONE : VCLUSTER_IMPACT_DATALOSS, &key,
                         stay ? "volumes are kept" : lost, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* The pod of a restore that was killed: the workload owns it. */
static int add_restore_pod(delete_planner *planner, vcluster_error **error)
{
    const deleter *self = &planner->self;
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;

    if (!self->instance || (!self->instance->restoring && !self->instance->restoring_upstream))
        return VCLUSTER_OK;
    vcl_auto_free char *selector =
        vcl_format("app in (vcluster-restore,vcluster-snapshot)," VCL_LABEL_RELEASE "=%s",
                   self->request->name);
    const vcl_list_query query = { .api_version = "v1",
                                   .kind = "Pod",
                                   .namespace_name = self->namespace_name,
                                   .label_selector = selector,
                                   .metadata_only = true };
    int status = selector ? vcl_kube_list(self->kube, planner->call, &query, &list, error)
                          : vcl_no_memory(error);
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        const vcl_object_key key = { .api_version = "v1",
                                     .kind = "Pod",
                                     .namespace_name = self->namespace_name,
                                     .name = vcl_json_find_string(item, "metadata", "name", NULL) };
        if (status == 0)
            status = add(planner, VCLUSTER_ACTION_REMOVE, VCLUSTER_IMPACT_NONE, &key,
                         "of a restore; it goes with the control plane's workload", error);
    }
    return status;
}

static bool is_planned(const vcluster_plan *plan, const vcl_object_key *key)
{
    for (size_t i = 0; i < plan->count; i++) {
        const vcluster_change *known = &plan->items[i];
        if (known->impact != VCLUSTER_IMPACT_REFUSED && vcl_streq(known->kind, key->kind) &&
            vcl_streq(known->name, key->name) &&
            vcl_streq(known->namespace_name, vcl_str(key->namespace_name)))
            return true;
    }
    return false;
}

/* What would leak goes, too, where that is asked for and nothing is in the way. */
static int add_leak(delete_planner *planner,
                    const vcl_trace *trace,
                    const char *reason,
                    vcluster_error **error)
{
    const vcl_object_key key = vcl_trace_key(trace);
    const char *refusal = NULL;

    int status = vcl_leak_refusal(&planner->self, planner->call, trace, &refusal, error);
    if (status < 0)
        return status;
    vcl_auto_free char *told =
        vcl_format(refusal ? "%s; it stays: %s" : "%s", reason, vcl_str(refusal));
    if (!told)
        return vcl_no_memory(error);
    bool lost = !refusal && vcl_trace_is_volume(trace);
    return add(planner, refusal ? VCLUSTER_ACTION_LEAK : VCLUSTER_ACTION_REMOVE,
               lost ? VCLUSTER_IMPACT_DATALOSS : VCLUSTER_IMPACT_NONE, &key, told, error);
}

static int add_trace(delete_planner *planner, const vcl_trace *trace, vcluster_error **error)
{
    const deleter *self = &planner->self;
    const vcl_object_key key = vcl_trace_key(trace);
    const char *reason = NULL;

    if (is_planned(planner->plan, &key))
        return VCLUSTER_OK;
    int action = vcl_trace_fate(self, planner->goes, trace, &reason);
    if (action == VCLUSTER_ACTION_LEAK && self->request->leftovers_too)
        return add_leak(planner, trace, reason, error);
    if (action == 0)
        return VCLUSTER_OK;
    bool lost = action == VCLUSTER_ACTION_REMOVE && vcl_trace_is_volume(trace);
    return add(planner, action, lost ? VCLUSTER_IMPACT_DATALOSS : VCLUSTER_IMPACT_NONE, &key,
               reason, error);
}

static int add_listed(delete_planner *planner, const vcl_sync_owner *owner, vcluster_error **error)
{
    const vcl_trace_query query = { .owner = owner };
    __attribute__((cleanup(vcl_traces_done))) vcl_traces traces = { 0 };

    int status = vcl_traces_find(planner->self.kube, planner->call, &query, &traces, error);
    for (size_t i = 0; status == 0 && i < traces.count; i++)
        status = add_trace(planner, &traces.items[i], error);
    if (status == 0 && traces.hidden) {
        const vcl_object_key key = { .api_version = "v1", .kind = "Namespace", .name = "*" };
        status = add(planner, VCLUSTER_ACTION_LEAK, VCLUSTER_IMPACT_NONE, &key,
                     "what lies outside of its namespace may not be listed by this user", error);
    }
    return status;
}

/* Where leftovers go, too, all of the host was looked at (vcl_leaks_look()). */
static int add_traces(delete_planner *planner, vcluster_error **error)
{
    const deleter *self = &planner->self;
    const vcl_sync_owner owner = { .name = self->request->name,
                                   .namespace_name = self->namespace_name };
    __attribute__((cleanup(vcl_owners_done))) vcl_owners only = { .everywhere = true };

    if (!self->request->leftovers_too)
        return add_listed(planner, &owner, error);
    int status = vcl_owners_add(&only, owner.name, owner.namespace_name, error);
    for (size_t i = 0; status == 0 && i < self->leaks.traces.count; i++) {
        const vcl_trace *trace = &self->leaks.traces.items[i];
        if (vcl_owners_have(&only, &self->leaks.traces, trace))
            status = add_trace(planner, trace, error);
    }
    return status;
}

static int add_namespace(delete_planner *planner, vcluster_error **error)
{
    const deleter *self = &planner->self;
    const vcl_object_key key = { .api_version = "v1",
                                 .kind = "Namespace",
                                 .name = self->namespace_name };
    bool goes = planner->goes || self->place.going;
    bool asked = self->request->keep_volumes || self->request->keep_namespace;
    const char *why = !self->place.ours ? "it was not made for the virtual cluster"
                      : asked           ? "it is kept, as asked for"
                                        : "there is another virtual cluster in it";

    return add(planner, goes ? VCLUSTER_ACTION_REMOVE : VCLUSTER_ACTION_KEEP, VCLUSTER_IMPACT_NONE,
               &key, goes ? "made for the virtual cluster, with all that is in it" : why, error);
}

static int plan_found(delete_planner *planner, vcluster_error **error)
{
    deleter *self = &planner->self;

    int status = vcl_deleter_find(self, planner->call, error);
    if (status == 0)
        status = vcl_deleter_check_remains(self, planner->call, error);
    if (status < 0)
        return status;
    bool anything = status == 1;
    status = vcl_plan_new(anything ? "delete" : "none", &planner->plan, error);
    if (status < 0 || !anything)
        return status;
    status = add_guard(planner, error);
    if (status == 0)
        status = vcl_deleter_namespace_goes(self, planner->call, &planner->goes, error);
    if (status == 0)
        status = add_objects(planner, error);
    if (status == 0)
        status = add_claims(planner, error);
    if (status == 0)
        status = add_restore_pod(planner, error);
    if (status == 0)
        status = add_traces(planner, error);
    return status < 0 ? status : add_namespace(planner, error);
}

int vcl_delete_plan(const vcl_delete_request *request,
                    vcl_call *call,
                    vcluster_plan **out_plan,
                    vcluster_error **error)
{
    delete_planner planner = { .self = { .request = request, .kube = request->client->kube },
                               .call = call };

    int status = plan_found(&planner, error);
    if (status == 0)
        *out_plan = vcl_steal(&planner.plan);
    vcluster_plan_free(planner.plan);
    vcl_deleter_done(&planner.self);
    return status;
}
