/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ensure: look, plan, record, apply, wait. Everything that can be refused is refused before the
 * first write. From the record on every step is idempotent, so that the same call completes what a
 * killed one began: the record says "pending-install" until the cluster is usable. One that was
 * completed before is upgraded, if it differs: see upgrade.h.
 */
#include "vcluster/lifecycle/ensure.h"

#include "base/str.h"
#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/ensurer.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/preflight/preflight.h"

static void ensurer_done(ensurer *self)
{
    vcl_plan_done(&self->plan);
    vcl_ensure_look_done(&self->look);
    vcluster_instance_free(self->snapshot);
}

int vcl_ensurer_look(ensurer *self, vcl_call *call, vcluster_error **error)
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

int vcl_ensurer_take_snapshot(ensurer *self, vcl_call *call, vcluster_error **error)
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

int vcl_ensurer_write_lease(ensurer *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *request = self->request;

    if (!vcl_lease_is_set(&request->lease))
        return VCLUSTER_OK;
    return vcl_lease_extend(request->client, call, request->name, self->plan.namespace_name,
                            &request->lease, NULL, error);
}

/* What another call has made while this one waited for it. */
static int look_again(ensurer *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_ensurer_look(self, call, error);
    if (status == 0 && !self->look.existing)
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "another call made virtual cluster '%s' and somebody deleted it at once",
                        self->request->name);
    return status;
}

/* One that was there and is not found any more: has somebody deleted it meanwhile? */
static int tell_deleted(ensurer *self, vcl_call *call, vcluster_error **why, vcluster_error **error)
{
    int status = vcl_ensurer_look(self, call, error);

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

    int status = vcl_ensurer_look(self, call, &why);
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
        status = vcl_ensurer_install(self, call, error);
        complete = status == 1;
        if (complete)
            status = look_again(self, call, error);
    }
    if (status < 0 || !complete)
        return status;
    if (self->request->must_be_new)
        return already_exists(self, error);
    status = vcl_ensurer_await_restore(self, call, &why);
    if (status == 0)
        status = vcl_ensurer_use_existing(self, call, &why);
    if (status == 0)
        status = vcl_ensurer_take_snapshot(self, call, &why);
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
