/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ensure: look, plan, record, apply, wait. Everything that can be refused is refused before the
 * first write. From the record on every step is idempotent, so that the same call completes what a
 * killed one began: the record says "pending-install" until the cluster is usable. One that was
 * completed before is upgraded, if it differs: see upgrade.h.
 */
#include "vcluster/lifecycle/ensure.h"

#include "base/limits.h"
#include "base/str.h"
#include "release/apply.h"
#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/effective.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/delete.h"
#include "vcluster/lifecycle/ensure_look.h"
#include "vcluster/lifecycle/namespace.h"
#include "vcluster/lifecycle/pause.h"
#include "vcluster/lifecycle/plan.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/lifecycle/sole.h"
#include "vcluster/lifecycle/upgrade.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"
#include "vcluster/preflight/preflight.h"
#include "vcluster/settle.h"

enum { RESTORES = 3 }; /* that one call waits for, one after the other */

typedef struct ensurer {
    const vcl_ensure_request *request;
    vcl_kube *kube;
    vcl_plan plan;
    vcl_ensure_look look; /* its record is ours, from the first write on */
    bool resumed;         /* an unfinished install is taken up again */
    bool wants_snapshot;
    vcluster_instance *snapshot; /* for the caller */
} ensurer;

static void ensurer_done(ensurer *self)
{
    vcl_plan_done(&self->plan);
    vcl_ensure_look_done(&self->look);
    vcluster_instance_free(self->snapshot);
}

static int look(ensurer *self, vcl_call *call, vcluster_error **error)
{
    return vcl_ensure_look_around(self->request, call, self->plan.namespace_name, &self->look,
                                  error);
}

static int already_exists(const ensurer *self, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_ALREADY_EXISTS,
                    "virtual cluster '%s' exists in namespace '%s' already; use ensure to accept "
                    "an existing one",
                    self->request->name, self->plan.namespace_name);
}

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

/* What the caller gets: as the host has it now. */
static int take_snapshot(ensurer *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) found = NULL;

    if (!self->wants_snapshot || self->snapshot)
        return VCLUSTER_OK;
    int status = vcl_instance_find(self->request->client, call, self->request->name,
                                   self->plan.namespace_name, &found, error);
    if (status < 0)
        return status;
    /* It has just answered, which its probes may not have noticed yet. */
    if (!self->request->no_wait) {
        found->ready = true;
        if (!vcl_str_replace(&found->status, "Running"))
            return vcl_no_memory(error);
    }
    self->snapshot = vcl_steal(&found);
    return VCLUSTER_OK;
}

/* The workload says until when it is wanted as soon as there is one. */
static int write_lease(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;

    if (!vcl_lease_is_set(&request->lease))
        return VCLUSTER_OK;
    return vcl_lease_extend(request->client, call, request->name, self->plan.namespace_name,
                            &request->lease, NULL, error);
}

static int install_locked(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;

    int status = apply(self, call, error);
    if (status == 0)
        status = write_lease(self, call, error);
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
        status = take_snapshot(self, call, error);
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

/* 1: another call has finished the work meanwhile. */
static int install(ensurer *self, vcl_call *call, vcluster_error **error)
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

/* Whether more is asked for than is there: seen in the lists, but for a chart that was asked for,
 * which may have to be fetched. 1: it may be. */
static int differs(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    char digest[VCL_SHA256_HEX_SIZE] = "";
    int status = VCLUSTER_OK;

    if (self->look.existing && vcl_record_is_deployed(self->look.record) &&
        (request->chart || request->chart_source || request->chart_version)) {
        status =
            vcl_plan_choose(&self->plan, request, call, self->look.existing->distribution, error);
        if (status == 0)
            status = vcl_wanted_chart_digest(self->plan.chart, digest, error);
    }
    return status < 0 ? status : vcl_ensure_differs(request, &self->look, digest, error);
}

/* One that was made without a record cannot be changed here, but it may be as it is wanted. */
static int accept_foreign(const ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    cJSON *wanted = NULL;

    int status = vcl_wanted_values(
        request, vcl_streq(self->look.existing->distribution, "embedded"), NULL, &wanted, error);
    if (status == 0 && wanted->child)
        status = vcl_effective_check(request->client->kube, call, request->name,
                                     self->plan.namespace_name, wanted, error);
    vcl_json_free_secret(wanted);
    return status;
}

/* A paused one: resumed where that was asked for, refused where it is in the way. */
static int unpause(const ensurer *self, vcl_call *call, bool different, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    const vcluster_instance *existing = self->look.existing;

    if (!existing || (!existing->paused && existing->replicas != 0))
        return VCLUSTER_OK;
    if (request->resume) {
        vcl_pause_request resume = { .client = request->client,
                                     .name = request->name,
                                     .namespace_name = existing->namespace_name,
                                     .no_wait = true };
        return vcl_resume(&resume, call, error);
    }
    if (request->no_wait && !different)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "virtual cluster '%s' is %s: resume it first, or ask for resume", request->name,
                    existing->paused ? "paused" : "scaled down");
}

/* Until it is usable; one that is so by the list is not asked. */
static int wait_existing(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    vcl_wait_request wait = { .client = request->client,
                              .name = request->name,
                              .namespace_name = self->plan.namespace_name };
    int status = VCLUSTER_OK;

    if (self->look.existing->ready && self->look.existing->settled &&
        !self->look.existing->paused) {
        if (self->wants_snapshot)
            self->snapshot = vcl_steal(&self->look.existing);
        return VCLUSTER_OK;
    }
    if (request->no_wait)
        return VCLUSTER_OK;
    if (!self->look.existing->settled)
        status = vcl_wait_settled(&wait, call, error);
    return status < 0 ? status : vcl_wait_ready(&wait, call, error);
}

static int use_existing(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;
    const char *wanted = request->distribution;
    vcl_upgrade_request upgrade = { .ensure = request,
                                    .namespace_name = self->plan.namespace_name,
                                    .existing = self->look.existing };

    if (wanted && self->look.existing && !vcl_streq(wanted, self->look.existing->distribution))
        return vcl_plan_choose(&self->plan, request, call, self->look.existing->distribution,
                               error);
    int different = differs(self, call, error);
    int status = different < 0 ? different : VCLUSTER_OK;
    if (status == 0 && self->look.existing) /* before what may take long */
        status = write_lease(self, call, error);
    if (status == 0)
        status = unpause(self, call, different, error);
    if (status < 0)
        return status;
    if (different && !self->look.record)
        status = accept_foreign(self, call, error);
    else if (different)
        status = vcl_upgrade(&upgrade, call, error);
    if (status >= 0 && !self->look.existing) {
        int leased = write_lease(self, call, error);
        status = leased < 0 ? leased : status;
    }
    if (status != 0) /* upgraded, and waited for */
        return status < 0 ? status : VCLUSTER_OK;
    return wait_existing(self, call, error);
}

/* A restore has the control plane scaled down for a while: not by the user, so it is waited for.
 * One that was killed is for the same restore to complete: going on from here would put other
 * values over its record. */
static int await_restore(ensurer *self, vcl_call *call, vcluster_error **error)
{
    vcl_ensure_look *seen = &self->look;
    int status = VCLUSTER_OK;

    for (int round = 0;
         round < RESTORES && status >= 0 && vcl_restore_is_at_work(seen->existing, seen->record);
         round++) {
        status = vcl_record_wait(self->kube, call, seen->record, error);
        if (status >= 0)
            status = look(self, call, error);
        if (status == 0 && !vcl_ensure_is_complete(seen))
            return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "it is gone");
    }
    if (status == 0 && vcl_restore_is_unfinished(seen->existing, seen->record))
        return vcl_restore_refuse_unfinished(self->request->name, error);
    return status;
}

/* What another call has made while this one waited for it. */
static int look_again(ensurer *self, vcl_call *call, vcluster_error **error)
{
    int status = look(self, call, error);
    if (status == 0 && !self->look.existing)
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "another call made virtual cluster '%s' and somebody deleted it at once",
                        self->request->name);
    return status;
}

/* One that was there and is not found any more: has somebody deleted it meanwhile? */
static int tell_deleted(ensurer *self, vcl_call *call, vcluster_error **why, vcluster_error **error)
{
    int status = look(self, call, error);

    if (status < 0)
        return status;
    if (self->look.record || self->look.existing)
        return vcl_error_pass(error, why, VCLUSTER_E_NOT_FOUND);
    return vcl_fail(error, VCLUSTER_E_CONFLICT,
                    "somebody deleted virtual cluster '%s' at this moment: repeat the call to make "
                    "it anew",
                    self->request->name);
}

/* Whoever may not even look is told of all that is missing, where a preflight was asked for. */
static int look_or_refuse(ensurer *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = look(self, call, &why);
    if (status == VCLUSTER_E_PERMISSION && self->request->preflight) {
        int refused = vcl_preflight_refuse(self->request, call, error);
        if (refused < 0)
            return refused;
    }
    return vcl_error_pass(error, &why, status);
}

static int ensure(ensurer *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    int status = vcl_wanted_check(self->request, error);
    if (status == 0)
        status = vcl_plan_place(&self->plan, self->request, error);
    if (status == 0)
        status = look_or_refuse(self, call, error);
    if (status < 0)
        return status;

    bool complete = vcl_ensure_is_complete(&self->look);
    if (!complete) {
        status = install(self, call, error);
        complete = status == 1;
        if (complete)
            status = look_again(self, call, error);
    }
    if (status < 0 || !complete)
        return status;
    if (self->request->must_be_new)
        return already_exists(self, error);
    status = await_restore(self, call, &why);
    if (status == 0)
        status = use_existing(self, call, &why);
    if (status == 0)
        status = take_snapshot(self, call, &why);
    return status == VCLUSTER_E_NOT_FOUND ? tell_deleted(self, call, &why, error)
                                          : vcl_error_pass(error, &why, status);
}

int vcl_ensure(const vcl_ensure_request *request,
               vcl_call *call,
               vcluster_instance **out_instance,
               vcluster_error **error)
{
    ensurer self = { .request = request,
                     .kube = request->client->kube,
                     .wants_snapshot = out_instance != NULL };

    int status = ensure(&self, call, error);
    if (status == 0 && out_instance)
        *out_instance = vcl_steal(&self.snapshot);
    ensurer_done(&self);
    return status;
}
