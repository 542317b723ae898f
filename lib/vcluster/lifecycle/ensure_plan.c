/* SPDX-License-Identifier: Apache-2.0 */
/* What an ensure would do, as a plan: it looks as ensure.c does, and stops before the first write.
 */
#include "base/str.h"
#include "release/operation.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/ensure_look.h"
#include "vcluster/lifecycle/plan.h"
#include "vcluster/lifecycle/restoring.h"
#include "vcluster/lifecycle/upgrade.h"
#include "vcluster/lifecycle/wanted.h"

/* One that is new, or that an install left unfinished. */
static int plan_install(const vcl_ensure_request *request,
                        vcl_call *call,
                        vcl_plan *wanted,
                        bool unfinished,
                        vcluster_plan **out_plan,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_plan) plan = NULL;
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;
    vcl_release_inside inside = { 0 };
    cJSON *changes = NULL;

    options.no_hooks = 1;
    options.skip_crds = 1;
    options.create_namespace = 1;
    options.install = 1;
    options.take_over = request->take_over;
    int status = vcl_wanted_values(request, vcl_streq(wanted->distribution, "embedded"), NULL,
                                   &wanted->user_values, error);
    if (status == 0)
        status = vcl_plan_check(wanted, request, NULL, NULL, error);
    if (status == 0)
        status = vcl_plan_new(unfinished ? "complete" : "create", &plan, error);
    if (status == 0)
        status = vcl_plan_add_no_effect(wanted, request->name, plan, error);
    if (status < 0)
        return status;
    vcl_release_request release = { .kube = request->client->kube,
                                    .name = request->name,
                                    .namespace_name = wanted->namespace_name,
                                    .chart = wanted->chart,
                                    .user_values = wanted->user_values,
                                    .options = options,
                                    .inside = &inside };
    status = vcl_release_changes(&release, call, &changes, error);
    if (status == 0)
        status = vcl_upgrade_add_changes(plan, request->name, changes, error);
    vcl_json_free_secret(changes);
    if (status == 0)
        *out_plan = vcl_steal(&plan);
    return status;
}

static int plan_existing(const vcl_ensure_request *request,
                         vcl_call *call,
                         const vcl_plan *wanted,
                         const vcluster_instance *existing,
                         const vcl_record *record,
                         vcluster_plan **out_plan,
                         vcluster_error **error)
{
    vcl_upgrade_request upgrade = { .ensure = request,
                                    .namespace_name = wanted->namespace_name,
                                    .existing = existing };

    if (existing && vcl_record_is_deployed(record) && !vcl_wanted_anything(request))
        return vcl_plan_new("none", out_plan, error);
    if (!record)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "it was made without a Helm release (by GitOps, say): it is changed where "
                        "it is made");
    return vcl_upgrade_plan(&upgrade, call, out_plan, error);
}

static int make_plan(const vcl_ensure_request *request,
                     vcl_call *call,
                     vcl_plan *wanted,
                     const vcl_ensure_look *look,
                     vcluster_plan **out_plan,
                     vcluster_error **error)
{
    const vcluster_instance *existing = look->existing;
    bool complete = vcl_ensure_is_complete(look);

    if (complete && vcl_restore_is_unfinished(existing, look->record) &&
        !vcl_restore_is_at_work(existing, look->record))
        return vcl_restore_refuse_unfinished(request->name, error);
    if (complete && !request->distribution)
        return plan_existing(request, call, wanted, existing, look->record, out_plan, error);
    int status =
        vcl_plan_choose(wanted, request, call, existing ? existing->distribution : NULL, error);
    if (status < 0)
        return status;
    if (complete)
        return plan_existing(request, call, wanted, existing, look->record, out_plan, error);
    return plan_install(request, call, wanted, look->record != NULL, out_plan, error);
}

int vcl_ensure_plan(const vcl_ensure_request *request,
                    vcl_call *call,
                    vcluster_plan **out_plan,
                    vcluster_error **error)
{
    __attribute__((cleanup(vcl_plan_done))) vcl_plan wanted = { 0 };
    __attribute__((cleanup(vcl_ensure_look_done))) vcl_ensure_look look = { 0 };

    int status = vcl_wanted_check(request, error);
    if (status == 0)
        status = vcl_plan_place(&wanted, request, error);
    if (status == 0)
        status = vcl_ensure_look_around(request, call, wanted.namespace_name, &look, error);
    return status < 0 ? status : make_plan(request, call, &wanted, &look, out_plan, error);
}
