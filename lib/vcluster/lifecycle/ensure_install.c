/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a virtual cluster: plan, record, apply, wait; see ensurer.h. From the record on every step
 * is idempotent, and the record says "pending-install" until the cluster is usable.
 */
#include "base/limits.h"
#include "base/str.h"
#include "release/apply.h"
#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/delete.h"
#include "vcluster/lifecycle/ensurer.h"
#include "vcluster/lifecycle/namespace.h"
#include "vcluster/lifecycle/sole.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/preflight/preflight.h"

static int report_plan(const ensurer *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *path;

    cJSON_ArrayForEach (path, self->plan.no_effect) {
        int status = vcl_call_report(call, error, VCLUSTER_STEP_RELEASE, self->request->name,
                                     "values key '%s' has no effect in the embedded distribution",
                                     path->valuestring);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int plan(ensurer *self, vcl_call *call, vcluster_error **error)
{
    vcl_auto_free char *version = NULL;

    self->plan.checked = true;
    int status = vcl_kube_version(self->kube, call, &version, error);
    if (status == 0)
        status = vcl_plan_render(&self->plan, self->request, call,
                                 self->look.existing ? self->look.existing->distribution : NULL,
                                 version, error);
    return status < 0 ? status : report_plan(self, call, error);
}

/* Another virtual cluster was given the namespace while we looked: our record goes, so that nothing
 * is left of the attempt. */
static int
give_way(ensurer *self, const vcl_call *whole, vcluster_error **why, vcluster_error **error)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    vcl_call_init_aftermath(&call, whole);
    if (vcl_record_delete(self->kube, &call, self->request->name, self->plan.namespace_name,
                          &ignored) == 0)
        vcl_record_free(vcl_steal(&self->look.record));
    return vcl_error_pass(error, why, VCLUSTER_E_PRECONDITION);
}

/* Write a new record with our lock on it. */
static int record_new(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const char *name = self->request->name;
    const char *namespace_name = self->plan.namespace_name;
    VCL_AUTO_ERROR *why = NULL;
    cJSON *secret = NULL;

    int status = vcl_plan_encode(&self->plan, self->request, 1, "pending-install", &secret, error);
    if (status < 0)
        return status;
    if (!vcl_sole_mark(secret, name) || !vcl_lease_mark(secret, &self->request->lease)) {
        vcl_json_free_secret(secret);
        return vcl_no_memory(error);
    }
    status = vcl_record_create(self->kube, call, name, namespace_name, secret, &self->look.record,
                               error);
    if (status < 0)
        return status;
    status = vcl_sole_check(self->kube, call, name, namespace_name, self->look.record, &why);
    if (status == VCLUSTER_E_PRECONDITION)
        return give_way(self, call, &why, error);
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    return vcl_call_report(call, error, VCLUSTER_STEP_RELEASE, name, "release record written");
}

/* Write the record with our lock on it: a new one, or the unfinished one that is there. 1: another
 * call, which was waited for, has finished the work. */
static int record(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    cJSON *secret = NULL;

    if (self->look.record) {
        VCL_AUTO_ERROR *why = NULL;
        int status = vcl_record_lock(self->kube, call, self->look.record, "pending-install",
                                     request->take_over, &why);
        if (status == VCLUSTER_E_NOT_FOUND) /* a delete that was waited for has ended */
            vcl_record_free(vcl_steal(&self->look.record));
        else if (status != 0)
            return vcl_error_pass(error, &why, status);
    }
    if (self->look.record) {
        self->resumed = true;
        int status = vcl_plan_encode(&self->plan, request,
                                     (int)vcl_record_revision(self->look.record->secret),
                                     "pending-install", &secret, error);
        if (status == 0 && !vcl_lease_mark(secret, &request->lease))
            status = vcl_no_memory(error);
        if (status == 0)
            status = vcl_record_replace(self->kube, call, self->look.record, secret, error);
        vcl_json_free_secret(secret);
        return status < 0 ? status
                          : vcl_call_report(call, error, VCLUSTER_STEP_RELEASE, request->name,
                                            "unfinished release record taken up again");
    }
    return record_new(self, call, error);
}

/* Another call may have written the record between our look and our write: look again, once. */
static int record_or_join(ensurer *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = record(self, call, &why);
    if (status == VCLUSTER_E_ALREADY_EXISTS && !self->look.record) {
        status = vcl_record_find(self->kube, call, self->request->name, self->plan.namespace_name,
                                 &self->look.record, error);
        if (status == 0 && self->look.record)
            return vcl_record_is_deployed(self->look.record) ? 1 : record(self, call, error);
        if (status == 0) /* a Secret of that name is in the way, but it is no release record */
            status = VCLUSTER_E_ALREADY_EXISTS;
    }
    if (status < 0 && error && !*error)
        *error = vcl_steal(&why);
    return status;
}

static int apply(ensurer *self, vcl_call *call, vcluster_error **error)
{
    vcl_apply_set set = { .kube = self->kube,
                          .release = self->request->name,
                          .namespace_name = self->plan.namespace_name,
                          .objects = self->plan.rendered.objects };

    return vcl_apply_objects(&set, call, self->look.record, error);
}

static int check_foreign(ensurer *self, vcl_call *call, vcluster_error **error)
{
    vcl_apply_set set = { .kube = self->kube,
                          .release = self->request->name,
                          .namespace_name = self->plan.namespace_name,
                          .objects = self->plan.rendered.objects };

    /* What is in a namespace that goes, goes with it. */
    return self->look.place.exists && !self->look.place.going
               ? vcl_apply_check_foreign(&set, call, error)
               : VCLUSTER_OK;
}

/* Give the lock back whatever happened, in a short call of its own: the deadline may have passed
 * and the token may be triggered. Failing here loses nothing: the lock expires. */
static void abandon(ensurer *self, const vcl_call *whole, const vcluster_error *why)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    if (!vcl_record_is_ours(self->look.record))
        return;
    vcl_call_init_aftermath(&call, whole);
    (void)vcl_record_finish(self->kube, &call, self->look.record, "failed",
                            why ? vcluster_error_to_string(why) : "install failed", &ignored);
}

static int install_locked(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;

    int status = apply(self, call, error);
    if (status == 0)
        status = vcl_ensurer_write_lease(self, call, error);
    if (status == 0 && !request->no_wait) {
        vcl_wait_request wait = { .client = request->client,
                                  .name = request->name,
                                  .namespace_name = self->plan.namespace_name,
                                  .record = self->look.record,
                                  .resumed = self->resumed };
        status = vcl_wait_ready(&wait, call, error);
    }
    /* Last what ends the work: a create that failed behind it could not be repeated. */
    if (status == 0)
        status = vcl_ensurer_take_snapshot(self, call, error);
    if (status == 0)
        status = vcl_record_finish(self->kube, call, self->look.record, "deployed",
                                   "Install complete", error);
    return status;
}

/* Atomic: what was made goes again, in a call of its own that is as long as this one was. */
static int undo(const ensurer *self, const vcl_call *whole, int failed, vcluster_error **error)
{
    int64_t span_ms = whole->deadline_ms == INT64_MAX ? -1 : whole->deadline_ms - whole->started_ms;
    vcl_delete_request request = { .client = self->request->client,
                                   .name = self->request->name,
                                   .namespace_name = self->plan.namespace_name,
                                   .missing_ok = true };
    VCL_AUTO_ERROR *why = NULL;
    vcl_call call;

    vcl_call_init(&call, span_ms, span_ms, NULL, NULL, NULL);
    int status = vcl_delete(&request, &call, &why);
    if (status < 0)
        return vcl_wrap(error, failed, "atomic creation, which could not be undone (%s)",
                        why ? vcluster_error_message(why) : "");
    return vcl_wrap(error, failed, "atomic creation, which was undone");
}

int vcl_ensurer_install(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    VCL_AUTO_ERROR *why = NULL;

    int status = request->preflight ? vcl_preflight_refuse(request, call, error) : VCLUSTER_OK;
    if (status == 0)
        status = plan(self, call, error);
    if (status == 0)
        status = check_foreign(self, call, error);
    if (status == 0)
        status = vcl_namespace_ensure(self->kube, call, self->plan.namespace_name,
                                      self->request->name, &self->look.place, error);
    if (status < 0)
        return status;

    status = record_or_join(self, call, &why);
    if (status == 0)
        status = install_locked(self, call, &why);
    if (status >= 0)
        return status;
    bool ours = vcl_record_is_ours(self->look.record);
    abandon(self, call, why);
    (void)vcl_error_pass(error, &why, status);
    return ours && request->atomic ? undo(self, call, status, error) : status;
}
