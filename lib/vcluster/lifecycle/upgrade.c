/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upgrading an existing virtual cluster; see upgrade.h. The values are decided on the revision that
 * was read; where another operation has made a newer one by the time that everything is known, all
 * is decided anew, so that nobody's change is lost.
 */
#include "vcluster/lifecycle/upgrade.h"

#include "base/str.h"
#include "data/values.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/upgrade_rules.h"
#include "vcluster/lifecycle/upgrader.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"
#include "vcluster/settle.h"

static int refuse(const cJSON *changes, const char *release, vcluster_error **error)
{
    VCL_AUTO_ERROR *found = NULL;
    const cJSON *change;

    cJSON_ArrayForEach (change, changes) {
        const char *why = NULL;
        int impact = vcl_upgrade_impact(release, change, NULL, &why);
        if (impact < VCLUSTER_IMPACT_DATALOSS)
            continue;
        vcl_auto_free char *path =
            vcl_format("%s/%s", vcl_str(vcl_json_find_string(change, "kind", NULL)),
                       vcl_str(vcl_json_find_string(change, "name", NULL)));
        const char *said = vcl_json_find_string(change, "reason", NULL);
        if (!found)
            (void)vcl_fail(&found, VCLUSTER_E_PRECONDITION,
                           "the virtual cluster cannot be changed in this way");
        vcl_error_add_finding(&found, vcl_str(path), 0,
                              impact == VCLUSTER_IMPACT_REFUSED ? "refused-by-host" : "data-loss",
                              VCLUSTER_SEVERITY_ERROR, said ? said : vcl_str(why), NULL);
    }
    return found ? vcl_error_pass(error, &found, VCLUSTER_E_PRECONDITION) : VCLUSTER_OK;
}

/* Whether a pod of the control plane will be made anew. */
static bool restarts(const char *release, const cJSON *changes)
{
    const cJSON *change;
    const cJSON *field;
    const char *why = NULL;

    cJSON_ArrayForEach (change, changes) {
        cJSON_ArrayForEach (field, vcl_json_get(change, "fields")) {
            if (vcl_upgrade_impact(release, change, vcl_json_find_string(field, "path", NULL),
                                   &why) == VCLUSTER_IMPACT_RESTART)
                return true;
        }
    }
    return false;
}

static int
announce(const upgrader *self, vcl_call *call, const cJSON *changes, vcluster_error **error)
{
    const char *name = self->wish.name;
    const char *running = vcl_upgrader_running_version(self);
    VCL_AUTO_JSON *complete = NULL;
    int status = VCLUSTER_OK;

    if (!restarts(name, changes))
        return vcl_call_report(call, error, VCLUSTER_STEP_PLAN, name,
                               "%d objects change, the control plane goes on running",
                               cJSON_GetArraySize(changes));
    status =
        vcl_values_coalesce(self->plan.chart->values, self->plan.user_values, &complete, error);
    if (status < 0)
        return status;
    const char *wanted = vcl_wanted_version(complete);
    if (*running && *wanted && !vcl_streq(running, wanted))
        return vcl_call_report(call, error, VCLUSTER_STEP_PLAN, name,
                               "the control plane restarts: Kubernetes %s becomes %s", running,
                               wanted);
    return vcl_call_report(call, error, VCLUSTER_STEP_PLAN, name,
                           "the control plane restarts: its configuration changes");
}

/* What a restore does to the workload meanwhile must not be taken for what is in the way for good:
 * it is waited for, and all is decided anew. */
static bool await_holder(upgrader *self, vcl_call *call)
{
    VCL_AUTO_PTR(vcl_record) newest = NULL;
    VCL_AUTO_ERROR *ignored = NULL;

    if (vcl_record_find(self->wish.client->kube, call, self->wish.name,
                        self->request->namespace_name, &newest, &ignored) < 0 ||
        !newest || !vcl_record_is_claimed(newest->secret))
        return false;
    self->moved = vcl_record_wait(self->wish.client->kube, call, newest, &ignored) >= 0;
    return self->moved;
}

static int
review(void *data, vcl_call *call, int64_t base, const cJSON *changes, vcluster_error **error)
{
    upgrader *self = data;

    if (base != vcl_record_revision(self->base)) {
        self->moved = true;
        return 1;
    }
    VCL_AUTO_ERROR *why = NULL;
    int status = refuse(changes, self->wish.name, &why);
    if (status == VCLUSTER_E_PRECONDITION && await_holder(self, call))
        return 1;
    return status < 0 ? vcl_error_pass(error, &why, status) : announce(self, call, changes, error);
}

/* Whoever paused it after it was looked at was first: the new revision must not start it again. */
static int refuse_paused(void *data, vcl_call *call, vcluster_error **error)
{
    const upgrader *self = data;
    const vcluster_instance *existing = self->request->existing;
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    if (!existing)
        return VCLUSTER_OK;
    vcl_object_key key = { "apps/v1", existing->workload_kind, existing->namespace_name,
                           existing->name };
    int status = vcl_kube_get_metadata(self->wish.client->kube, call, &key, &found, &why);
    if (status < 0)
        return status == VCLUSTER_E_NOT_FOUND ? VCLUSTER_OK : vcl_error_pass(error, &why, status);
    const char *paused =
        vcl_json_find_string(found, "metadata", "annotations", VCL_ANNOTATION_PAUSED, NULL);
    if (!vcl_streq(paused, "true"))
        return VCLUSTER_OK;
    if (self->wish.resume)
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "virtual cluster '%s' was paused by another call at this moment: try again",
                        self->wish.name);
    return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                    "virtual cluster '%s' was paused at this moment: resume it first, or ask for "
                    "resume",
                    self->wish.name);
}

static int wait_usable(void *data, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    const upgrader *self = data;
    vcl_wait_request wait = { .client = self->wish.client,
                              .name = self->wish.name,
                              .namespace_name = self->request->namespace_name,
                              .record = record };

    int status = vcl_wait_settled(&wait, call, error);
    return status < 0 ? status : vcl_wait_ready(&wait, call, error);
}

static int tell_skew(upgrader *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_JSON *complete = NULL;

    int status = vcl_kube_version(self->wish.client->kube, call, &self->host_version, error);
    if (status == 0)
        status =
            vcl_values_coalesce(self->plan.chart->values, self->plan.user_values, &complete, error);
    if (status < 0)
        return status;
    vcl_auto_free char *skew =
        vcl_upgrade_host_skew(vcl_wanted_version(complete), self->host_version);
    return skew ? vcl_call_report(call, error, VCLUSTER_STEP_PLAN, self->wish.name, "%s", skew)
                : VCLUSTER_OK;
}

static int mark(upgrader *self, vcluster_error **error)
{
    self->labels = cJSON_CreateObject();
    if (!self->labels || !vcl_json_set_string(self->labels, VCL_LABEL_INSTANCE, self->wish.name))
        return vcl_no_memory(error);
    return vcl_wanted_annotations(self->request->ensure, self->plan.chart, self->chart_asked,
                                  &self->annotations, error);
}

static int carry_out(upgrader *self, vcl_call *call, vcluster_error **error)
{
    vcl_release_request release;
    vcl_release_inside inside = {
        .data = self, .review = review, .recorded = refuse_paused, .wait = wait_usable
    };

    int status = vcl_upgrader_check(self, error);
    if (status == 0)
        status = tell_skew(self, call, error);
    if (status == 0)
        status = mark(self, error);
    if (status < 0)
        return status;
    inside.labels = self->labels;
    inside.annotations = self->annotations;
    vcl_upgrader_release(self, &release);
    release.inside = &inside;
    return vcl_release_upgrade(&release, call, NULL, error);
}

int vcl_upgrade(const vcl_upgrade_request *request, vcl_call *call, vcluster_error **error)
{
    for (;;) {
        __attribute__((cleanup(vcl_upgrader_done))) upgrader self = { 0 };

        vcl_upgrader_begin(&self, request);
        int status = vcl_upgrader_read(&self, call, error);
        if (status == 0)
            status = vcl_upgrader_decide(&self, call, error);
        if (status != 0)
            return status < 0 ? status : VCLUSTER_OK;
        status = carry_out(&self, call, error);
        if (status < 0 || !self.moved)
            return status < 0 ? status : 1;
        status = vcl_call_check(call, error);
        if (status < 0)
            return status;
    }
}
