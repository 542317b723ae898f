/* SPDX-License-Identifier: Apache-2.0 */
/* Accepting a virtual cluster that is there, as it is or changed; see ensurer.h. */
#include "base/limits.h"
#include "base/str.h"
#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/effective.h"
#include "vcluster/lifecycle/ensurer.h"
#include "vcluster/lifecycle/pause.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/lifecycle/upgrade.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/settle.h"

enum { RESTORES = 3 }; /* that one call waits for, one after the other */

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

int vcl_ensurer_use_existing(ensurer *self, vcl_call *call, vcluster_error **error)
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
        status = vcl_ensurer_write_lease(self, call, error);
    if (status == 0)
        status = unpause(self, call, different, error);
    if (status < 0)
        return status;
    if (different && !self->look.record)
        status = accept_foreign(self, call, error);
    else if (different)
        status = vcl_upgrade(&upgrade, call, error);
    if (status >= 0 && !self->look.existing) {
        int leased = vcl_ensurer_write_lease(self, call, error);
        status = leased < 0 ? leased : status;
    }
    if (status != 0) /* upgraded, and waited for */
        return status < 0 ? status : VCLUSTER_OK;
    return wait_existing(self, call, error);
}

/* A restore has the control plane scaled down for a while: not by the user, so it is waited for.
 * One that was killed is for the same restore to complete: going on from here would put other
 * values over its record. */
int vcl_ensurer_await_restore(ensurer *self, vcl_call *call, vcluster_error **error)
{
    vcl_ensure_look *seen = &self->look;
    int status = VCLUSTER_OK;

    for (int round = 0;
         round < RESTORES && status >= 0 && vcl_restore_is_at_work(seen->existing, seen->record);
         round++) {
        status = vcl_record_wait(self->kube, call, seen->record, error);
        if (status >= 0)
            status = vcl_ensurer_look(self, call, error);
        if (status == 0 && !vcl_ensure_is_complete(seen))
            return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "it is gone");
    }
    if (status == 0 && vcl_restore_is_unfinished(seen->existing, seen->record))
        return vcl_restore_refuse_unfinished(self->request->name, error);
    return status;
}
