/* SPDX-License-Identifier: Apache-2.0 */
/* Install and upgrade, once it is known what there is to do; see deploy.h. */
#include "release/deploy.h"

#include "base/str.h"

/* Definitions, namespace, record: the first writes. 1: somebody else was faster. */
static int begin(vcl_deploy *self, vcl_call *call, vcluster_error **error)
{
    vcl_rollout *rollout = &self->rollout;

    int status = vcl_apply_definitions(self->request->kube, call, rollout->definitions, error);
    if (status == 0)
        status = vcl_space_ensure(self->request, call, &self->space, error);
    if (status < 0)
        return status;
    bool made = status > 0;
    if (rollout->fresh && !made) {
        /* It was not there when we looked, and somebody else has made it. */
        rollout->fresh = false;
        status = vcl_rollout_check(rollout, call, error);
        if (status < 0)
            return status;
    }
    return vcl_rollout_record(rollout, call, &self->resumed, error);
}

/* A call to mend what the given one has done: as long as that had, and it cannot be stopped. */
static void init_mending(vcl_call *mending, const vcl_call *call)
{
    int64_t span_ms = call->deadline_ms == INT64_MAX ? -1 : call->deadline_ms - call->started_ms;

    vcl_call_init(mending, span_ms, span_ms, NULL, NULL, NULL);
}

/* The last revision that worked. */
static int64_t last_good(const vcl_history *history)
{
    const cJSON *item;
    int64_t found = 0;

    cJSON_ArrayForEach (item, history->items) {
        const char *state = vcl_history_status(item);
        if (vcl_streq(state, "deployed") || vcl_streq(state, "superseded"))
            found = vcl_record_revision(item);
    }
    return found;
}

/* Whether the failure is recorded, which is made up for where the deadline has passed; if not,
 * another operation has taken the release over. */
static bool is_still_ours(vcl_deploy *self, vcl_call *mending, const vcluster_error *why)
{
    VCL_AUTO_ERROR *ignored = NULL;

    if (!vcl_record_is_ours(self->rollout.record))
        return true;
    int status = vcl_record_finish(self->request->kube, mending, self->rollout.record, "failed",
                                   why ? vcluster_error_to_string(why) : "failed", &ignored);
    if (status == VCLUSTER_E_CONFLICT)
        return vcl_record_was_written(self->request->kube, mending, self->rollout.record);
    return status != VCLUSTER_E_NOT_FOUND;
}

/* Atomic: take a failed install away, or go back from a failed upgrade. why is told in any case. */
static int mend(vcl_deploy *self,
                const vcl_call *call,
                int status,
                vcluster_error **why,
                vcluster_error **error)
{
    vcl_release_request request = *self->request;
    int64_t good = last_good(&self->history);
    VCL_AUTO_ERROR *failure = NULL;
    const char *what = self->base ? "was rolled back" : "was uninstalled";
    vcl_call mending;
    int mended;

    init_mending(&mending, call);
    request.options.atomic = 0;
    request.options.description = NULL;
    request.revision = good;
    if (!is_still_ours(self, &mending, *why))
        return vcl_error_pass(error, why, status);
    vcl_record_free(vcl_steal(&self->rollout.record));
    if (self->base && good == 0) {
        what = "has no earlier revision that worked to go back to";
        mended = VCLUSTER_OK;
    } else if (self->base) {
        request.options.wait = status != VCLUSTER_E_CANCELLED;
        mended = vcl_release_rollback(&request, &mending, NULL, &failure);
    } else {
        request.options.keep_history = 0;
        request.options.missing_ok = 1;
        request.options.wait = 0;
        mended = vcl_release_uninstall(&request, &mending, &failure);
    }
    (void)vcl_error_pass(error, why, status);
    if (mended < 0)
        return vcl_wrap(error, status, "atomic %s, which could not be undone (%s)",
                        self->base ? "upgrade" : "install",
                        failure ? vcluster_error_message(failure) : "");
    return vcl_wrap(error, status, "atomic %s, which %s", self->base ? "upgrade" : "install", what);
}

/* 1: the caller inside the library wants nothing done. */
static int review(const vcl_deploy *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_inside *inside = self->request->inside;
    cJSON *changes = NULL;

    if (!inside || !inside->review)
        return VCLUSTER_OK;
    int status = vcl_deploy_compare(self, call, true, &changes, error);
    if (status == 0)
        status = inside->review(inside->data, call,
                                self->base ? vcl_record_revision(self->base) : 0, changes, error);
    vcl_json_free_secret(changes);
    return status;
}

/* 1: everything has changed meanwhile; look again. */
static int
attempt(vcl_deploy *self, vcl_call *call, vcluster_release **out_release, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_deploy_plan(self, call, error);
    if (status != 0)
        return status;
    if (self->request->options.dry_run) {
        status = vcl_rollout_try(&self->rollout, call, error);
        return status < 0 ? status : vcl_rollout_result(&self->rollout, out_release, error);
    }
    status = review(self, call, error);
    if (status != 0)
        return status < 0 ? status : VCLUSTER_OK;
    status = begin(self, call, error);
    if (status != 0)
        return status;
    status = vcl_rollout_run(&self->rollout, call, &why);
    if (status < 0 && self->request->options.atomic)
        return mend(self, call, status, &why, error);
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    return vcl_rollout_result(&self->rollout, out_release, error);
}

static int
deploy(vcl_deploy *self, vcl_call *call, vcluster_release **out_release, vcluster_error **error)
{
    int status;

    do {
        status = attempt(self, call, out_release, error);
        vcl_deploy_done(self);
        if (status > 0) {
            int checked = vcl_call_check(call, error);
            status = checked < 0 ? checked : status;
        }
    } while (status > 0);
    return status;
}

int vcl_release_install(const vcl_release_request *request,
                        vcl_call *call,
                        vcluster_release **out_release,
                        vcluster_error **error)
{
    vcl_deploy self = { .request = request, .may_install = true };

    return deploy(&self, call, out_release, error);
}

int vcl_release_upgrade(const vcl_release_request *request,
                        vcl_call *call,
                        vcluster_release **out_release,
                        vcluster_error **error)
{
    vcl_deploy self = { .request = request,
                        .may_install = request->options.install != 0,
                        .may_upgrade = true };

    return deploy(&self, call, out_release, error);
}
