/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pause and resume; see pause.h. As upstream's CLI does (v0.36, pkg/lifecycle): the workload is
 * scaled to 0 and annotated with how many replicas it had, then its pods on the host are deleted,
 * which nobody makes again until it is resumed. One patch changes replicas and annotations, so that
 * a kill leaves either state whole; every other step may be repeated.
 */
#include "vcluster/lifecycle/pauser.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "sync/translate.h"
#include "vcluster/client.h"
#include "vcluster/effective.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/lifecycle/scale.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/names.h"

enum { LOOK_MS = 300, RECORD_TRIES = 10 };

static void pauser_done(vcl_pauser *self)
{
    vcluster_instance_free(self->found);
    vcl_record_free(self->record);
}

/* Hold the newest record; 1: another operation was faster. */
static int try_to_hold(vcl_pauser *self, vcl_call *call, vcluster_error **error)
{
    const char *name = self->request->name;
    const char *namespace_name = self->found->namespace_name;
    VCL_AUTO_PTR(vcl_record) newest = NULL;

    vcl_record_free(vcl_steal(&self->record));
    int status = vcl_record_find(self->kube, call, name, namespace_name, &self->record, error);
    if (status < 0 || !self->record)
        return status;
    status = vcl_record_hold(self->kube, call, self->record, error);
    if (status != 0)
        return status;
    /* An upgrade looks for us after its own record was written: one of the two sees the other. */
    status = vcl_record_find(self->kube, call, name, namespace_name, &newest, error);
    if (status < 0)
        return status;
    if (newest && vcl_record_revision(newest->secret) == vcl_record_revision(self->record->secret))
        return VCLUSTER_OK;
    status = vcl_record_let_go(self->kube, call, self->record, error);
    return status < 0 ? status : 1;
}

/* Hold the newest record, so that no upgrade and no delete goes on beside us. */
static int hold(vcl_pauser *self, vcl_call *call, vcluster_error **error)
{
    for (int tries = 0; tries < RECORD_TRIES; tries++) {
        int status = try_to_hold(self, call, error);
        if (status <= 0)
            return status;
    }
    return vcl_fail(error, VCLUSTER_E_CONFLICT,
                    "other operations on virtual cluster '%s' were always faster",
                    self->request->name);
}

/* What was found before another operation was waited for may be what that has made of it. */
static int look_again(vcl_pauser *self, vcl_call *call, vcluster_error **error)
{
    vcluster_instance *found = NULL;

    int status = vcl_instance_find(self->request->client, call, self->request->name,
                                   self->found->namespace_name, &found, error);
    if (status < 0)
        return status;
    vcluster_instance_free(self->found);
    self->found = found;
    return VCLUSTER_OK;
}

int vcl_pauser_begin(vcl_pauser *self,
                     const vcl_pause_request *request,
                     vcl_call *call,
                     vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    *self = (vcl_pauser){ .request = request, .kube = request->client->kube };
    int status = vcl_instance_find(request->client, call, request->name, request->namespace_name,
                                   &self->found, error);
    if (status < 0)
        return status;
    status = hold(self, call, &why);
    if (status == 0 && (self->found->restoring_upstream || request->restoring))
        status = look_again(self, call, &why);
    if ((status == 0 || status == VCLUSTER_E_PRECONDITION) && !request->restoring &&
        vcl_restore_is_unfinished(self->found, self->record))
        return vcl_restore_refuse_unfinished(request->name, error);
    return vcl_error_pass(error, &why, status);
}

/* Give the lock back whatever happened; one that cannot be given back expires. */
int vcl_pauser_finish(vcl_pauser *self, const vcl_call *whole, int status, vcluster_error **error)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    if (vcl_record_is_ours(self->record)) {
        vcl_call_init_aftermath(&call, whole);
        int given = vcl_record_let_go(self->kube, &call, self->record, &ignored);
        if (status == 0 && given == VCLUSTER_E_CONFLICT)
            status = vcl_error_pass(error, &ignored, given);
    }
    pauser_done(self);
    return status;
}

int vcl_pauser_renew(vcl_pauser *self, vcl_call *call, vcluster_error **error)
{
    return self->record ? vcl_record_renew(self->kube, call, self->record, error) : VCLUSTER_OK;
}

/* How many replicas one that stands at 0 is to have: what is configured. */
static int64_t configured_replicas(const vcl_pauser *self, vcl_call *call)
{
    VCL_AUTO_ERROR *ignored = NULL;
    cJSON *values = NULL;
    int64_t replicas = 1;

    if (vcl_effective_values(self->kube, call, self->request->name, self->found->namespace_name,
                             &values, &ignored) == 0)
        replicas = vcl_json_find_int(values, 1, "controlPlane", "statefulSet", "highAvailability",
                                     "replicas", NULL);
    vcl_json_free_secret(values);
    return replicas > 0 ? replicas : 1;
}

/* The control plane, and its etcd where upstream scales that, too: beside a Deployment, and not for
 * a restore, which writes into it. */
int vcl_pauser_scale(vcl_pauser *self, vcl_call *call, bool down, vcluster_error **error)
{
    const char *name = self->request->name;
    vcl_auto_free char *etcd = vcl_format("%s-etcd", name);
    bool beside = vcl_streq(self->found->workload_kind, "Deployment") && !self->request->restoring;
    vcl_scale_request request = { .kube = self->kube,
                                  .kind = self->found->workload_kind,
                                  .name = name,
                                  .namespace_name = self->found->namespace_name,
                                  .manager = self->record ? VCL_MANAGER_HELM : VCL_MANAGER_OWN,
                                  .configured = 1,
                                  .restoring = self->request->restoring };
    VCL_AUTO_ERROR *why = NULL;

    if (!etcd)
        return vcl_no_memory(error);
    if (self->found->replicas == 0)
        request.configured = configured_replicas(self, call);
    if (down) { /* the control plane first: it needs its store until it ends */
        int status = vcl_scale(&request, call, true, error);
        if (status < 0 || !beside)
            return status;
    }
    if (beside) {
        vcl_scale_request store = request;
        store.kind = "StatefulSet";
        store.name = etcd;
        int status = vcl_scale(&store, call, down, &why);
        if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
            return vcl_error_pass(error, &why, status);
        self->had_etcd = status == 0;
    }
    return down ? VCLUSTER_OK : vcl_scale(&request, call, false, error);
}

/* ---- Pods on the host ---- */

/* Pods of a namespace by label; asked to go, too, where remove is set. *out_count is added to. */
static int go_over_pods(vcl_pauser *self,
                        vcl_call *call,
                        const char *namespace_name,
                        const char *selector,
                        bool remove,
                        size_t *out_count,
                        vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    const cJSON *item;
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    vcl_list_query query = { .api_version = "v1",
                             .kind = "Pod",
                             .namespace_name = namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };

    int status = vcl_kube_list(self->kube, call, &query, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        vcl_object_key key = { "v1", "Pod", namespace_name,
                               vcl_json_find_string(item, "metadata", "name", NULL) };
        VCL_AUTO_ERROR *why = NULL;

        (*out_count)++;
        if (!remove || vcl_json_find(item, "metadata", "deletionTimestamp", NULL))
            continue;
        options.uid = vcl_json_find_string(item, "metadata", "uid", NULL);
        status = vcl_kube_delete(self->kube, call, &key, &options, &why);
        if (status < 0 && status != VCLUSTER_E_NOT_FOUND && status != VCLUSTER_E_CONFLICT)
            return vcl_error_pass(error, &why, status);
        status = vcl_pauser_renew(self, call, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* Until none is left of a namespace; remove as above. */
static int clear_pods(vcl_pauser *self,
                      vcl_call *call,
                      const char *namespace_name,
                      const char *selector,
                      bool remove,
                      vcluster_error **error)
{
    for (bool told = false;; told = true) {
        size_t count = 0;

        int status = go_over_pods(self, call, namespace_name, selector, remove, &count, error);
        if (status < 0 || count == 0)
            return status;
        if (!told)
            status = vcl_call_report(call, error, VCLUSTER_STEP_DELETE, namespace_name,
                                     "waiting until %zu pods are gone", count);
        if (status == 0)
            status = vcl_pauser_renew(self, call, error);
        if (status == 0)
            status = vcl_call_sleep(call, LOOK_MS, error);
        if (status < 0)
            return status;
    }
}

/* Of namespaces that are synced to the host: every pod in them. */
static int clear_namespaces(vcl_pauser *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    VCL_AUTO_ERROR *why = NULL;
    const cJSON *item;
    vcl_sync_owner owner = { self->request->name, self->found->namespace_name };
    vcl_auto_free char *marker = vcl_sync_marker(&owner, true);
    vcl_auto_free char *selector =
        marker ? vcl_format("vcluster.loft.sh/managed-by=%s", marker) : NULL;
    vcl_list_query query = {
        .api_version = "v1", .kind = "Namespace", .label_selector = selector, .metadata_only = true
    };

    if (!selector)
        return vcl_no_memory(error);
    int status = vcl_kube_list(self->kube, call, &query, &list, &why);
    if (status == VCLUSTER_E_PERMISSION) /* then none was ever made for it */
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        status = clear_pods(self, call, vcl_json_find_string(item, "metadata", "name", NULL), NULL,
                            true, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* First those of the control plane: while one runs, it makes synced pods again. */
int vcl_pauser_clear(vcl_pauser *self, vcl_call *call, vcluster_error **error)
{
    const char *namespace_name = self->found->namespace_name;
    vcl_auto_free char *plane = vcl_format("app=vcluster,release=%s", self->request->name);
    vcl_auto_free char *etcd = vcl_format("app=vcluster-etcd,release=%s", self->request->name);
    vcl_auto_free char *synced = vcl_format("vcluster.loft.sh/managed-by=%s", self->request->name);

    if (!plane || !etcd || !synced)
        return vcl_no_memory(error);
    int status = clear_pods(self, call, namespace_name, plane, false, error);
    if (status == 0 && self->had_etcd)
        status = clear_pods(self, call, namespace_name, etcd, false, error);
    if (status == 0)
        status = clear_pods(self, call, namespace_name, synced, true, error);
    return status < 0 ? status : clear_namespaces(self, call, error);
}

int vcl_pause(const vcl_pause_request *request, vcl_call *call, vcluster_error **error)
{
    vcl_pauser self;

    int status = vcl_pauser_begin(&self, request, call, error);
    if (status == 0)
        status = vcl_pauser_scale(&self, call, true, error);
    if (status == 0)
        status = vcl_pauser_clear(&self, call, error);
    return vcl_pauser_finish(&self, call, status, error);
}

int vcl_resume(const vcl_pause_request *request, vcl_call *call, vcluster_error **error)
{
    vcl_pauser self;

    int status = vcl_pauser_begin(&self, request, call, error);
    if (status == 0)
        status = vcl_pauser_scale(&self, call, false, error);
    if (status == 0 && !request->no_wait) {
        vcl_wait_request wait = { .client = request->client,
                                  .name = request->name,
                                  .namespace_name = self.found->namespace_name,
                                  .record = self.record };
        status = vcl_wait_ready(&wait, call, error);
    }
    return vcl_pauser_finish(&self, call, status, error);
}
