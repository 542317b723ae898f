/* SPDX-License-Identifier: Apache-2.0 */
/* What an upgrade would do; see upgrade.h. */
#include "base/str.h"
#include "vcluster/lifecycle/upgrade_rules.h"
#include "vcluster/lifecycle/upgrader.h"

static int add_change(vcluster_plan *plan,
                      const char *release,
                      const cJSON *change,
                      const cJSON *field,
                      vcluster_error **error)
{
    const char *what = vcl_json_find_string(change, "change", NULL);
    const char *path = vcl_json_find_string(field, "path", NULL);
    const char *reason = NULL;
    vcl_change made = { .action = vcl_streq(what, "add")      ? VCLUSTER_ACTION_ADD
                                  : vcl_streq(what, "delete") ? VCLUSTER_ACTION_REMOVE
                                                              : VCLUSTER_ACTION_MODIFY,
                        .api_version = vcl_json_find_string(change, "apiVersion", NULL),
                        .kind = vcl_json_find_string(change, "kind", NULL),
                        .namespace_name = vcl_json_find_string(change, "namespace", NULL),
                        .name = vcl_json_find_string(change, "name", NULL),
                        .path = path,
                        .before = vcl_json_get(field, "old"),
                        .after = vcl_json_get(field, "new") };

    made.impact = vcl_upgrade_impact(release, change, path, &reason);
    made.reason = vcl_json_find_string(change, "reason", NULL);
    if (!made.reason)
        made.reason = reason;
    return vcl_plan_add(plan, &made, error);
}

int vcl_upgrade_add_changes(vcluster_plan *plan,
                            const char *release,
                            const cJSON *changes,
                            vcluster_error **error)
{
    const cJSON *change;
    const cJSON *field;

    cJSON_ArrayForEach (change, changes) {
        const cJSON *fields = vcl_json_get(change, "fields");
        int status = VCLUSTER_OK;
        if (!fields || !fields->child)
            status = add_change(plan, release, change, NULL, error);
        cJSON_ArrayForEach (field, fields) {
            if (status == 0)
                status = add_change(plan, release, change, field, error);
        }
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* The findings of an error as refused values. */
static int
add_refused(upgrader *self, vcluster_plan *plan, const vcluster_error *why, vcluster_error **error)
{
    for (size_t i = 0; i < vcluster_error_finding_count(why); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(why, i);
        vcl_auto_free char *reason = vcl_format("%s; %s", vcluster_finding_message(finding),
                                                vcluster_finding_remedy(finding));
        vcl_change change = { .action = VCLUSTER_ACTION_MODIFY,
                              .impact = VCLUSTER_IMPACT_REFUSED,
                              .kind = "Values",
                              .name = self->wish.name,
                              .path = vcluster_finding_path(finding),
                              .reason = reason };
        int status = vcl_plan_add(plan, &change, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int compare(upgrader *self, vcl_call *call, vcluster_plan *plan, vcluster_error **error)
{
    vcl_release_request release;
    vcl_release_inside inside = { 0 };
    cJSON *changes = NULL;

    vcl_upgrader_release(self, &release);
    release.inside = &inside;
    int status = vcl_release_changes(&release, call, &changes, error);
    if (status == 0)
        status = vcl_upgrade_add_changes(plan, self->wish.name, changes, error);
    vcl_json_free_secret(changes);
    return status;
}

int vcl_upgrade_plan(const vcl_upgrade_request *request,
                     vcl_call *call,
                     vcluster_plan **out_plan,
                     vcluster_error **error)
{
    __attribute__((cleanup(vcl_upgrader_done))) upgrader self = { 0 };
    VCL_AUTO_PTR(vcluster_plan) plan = NULL;
    VCL_AUTO_ERROR *refused = NULL;
    VCL_AUTO_ERROR *why = NULL;

    vcl_upgrader_begin(&self, request);
    int status = vcl_upgrader_read(&self, call, error);
    if (status == 0)
        status = vcl_upgrader_decide(&self, call, error);
    if (status < 0)
        return status;
    if (status > 0)
        return vcl_plan_new("none", out_plan, error);
    status = vcl_plan_new("upgrade", &plan, error);
    if (status == 0)
        status = vcl_plan_add_no_effect(&self.plan, request->ensure->name, plan, error);
    if (status < 0)
        return status;
    int checked = vcl_upgrader_check(&self, &refused);
    if (checked < 0 && vcluster_error_finding_count(refused) == 0)
        return vcl_error_pass(error, &refused, checked);
    status = add_refused(&self, plan, refused, error);
    if (status == 0)
        status = compare(&self, call, plan, &why);
    /* What is refused anyway need not be rendered. */
    if (status < 0 && checked == 0)
        return vcl_error_pass(error, &why, status);
    *out_plan = vcl_steal(&plan);
    return VCLUSTER_OK;
}
