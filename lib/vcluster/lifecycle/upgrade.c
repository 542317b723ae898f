/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Upgrading an existing virtual cluster; see upgrade.h. The values are decided on the revision that
 * was read; where another operation has made a newer one by the time that everything is known, all
 * is decided anew, so that nobody's change is lost.
 */
#include "vcluster/lifecycle/upgrade.h"

#include "base/str.h"
#include "data/values.h"
#include "release/history.h"
#include "release/operation.h"
#include "vcluster/client.h"
#include "vcluster/config.h"
#include "vcluster/lifecycle/plan.h"
#include "vcluster/lifecycle/upgrade_rules.h"
#include "vcluster/lifecycle/wait.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"
#include "vcluster/settle.h"

typedef struct upgrader {
    const vcl_upgrade_request *request;
    vcl_ensure_request wish; /* as given, but for the chart that is kept */
    vcl_history history;
    const cJSON *base; /* the revision to start from; borrowed from the history */
    cJSON *current;    /* its release */
    vcl_plan plan;     /* chart and values of the next one */
    cJSON *labels;
    cJSON *annotations;
    char *host_version;
    bool chart_asked;
    bool moved; /* another operation has made a newer revision meanwhile */
} upgrader;

static void upgrader_done(upgrader *self)
{
    vcl_history_done(&self->history);
    vcl_json_free_secret(self->current);
    vcl_plan_done(&self->plan);
    cJSON_Delete(self->labels);
    cJSON_Delete(self->annotations);
    free(self->host_version);
}

static const char *running_version(const upgrader *self)
{
    const vcluster_instance *existing = self->request->existing;

    return existing ? vcl_str(existing->kubernetes_version) : "";
}

static const char *recorded_chart(const upgrader *self, const char *key)
{
    return vcl_str(vcl_json_find_string(self->current, "chart", "metadata", key, NULL));
}

static bool is_embedded(const upgrader *self)
{
    return vcl_streq(recorded_chart(self, "name"), "vcluster-embedded");
}

/* What is deployed; where an upgrade was cut short at its very end nothing is, then it is the
 * newest that was tried before. As release/deploy_plan.c chooses. */
static const cJSON *find_base(const vcl_history *history)
{
    const cJSON *item = vcl_history_deployed(history);

    if (item)
        return item;
    item = vcl_history_newest(history);
    if (item && vcl_starts_with(vcl_history_status(item), "pending-"))
        item = vcl_history_below(history, vcl_record_revision(item));
    const char *state = item ? vcl_history_status(item) : "";
    return vcl_streq(state, "failed") || vcl_streq(state, "superseded") ? item : NULL;
}

static int read_base(upgrader *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *wish = &self->wish;

    self->history = (vcl_history){ .kube = wish->client->kube,
                                   .name = wish->name,
                                   .namespace_name = self->request->namespace_name };
    int status = vcl_history_read(&self->history, call, error);
    if (status < 0)
        return status;
    self->base = find_base(&self->history);
    if (!self->base)
        return vcl_fail(error, VCLUSTER_E_CONFLICT,
                        "the release record of virtual cluster '%s' changed while it was read: "
                        "try again",
                        wish->name);
    return vcl_history_load(&self->history, call, self->base, NULL, &self->current, error);
}

static const cJSON *recorded_values(const upgrader *self)
{
    const cJSON *config = vcl_json_get(self->current, "config");

    return cJSON_IsObject(config) ? config : NULL;
}

static bool same_values(const upgrader *self)
{
    const cJSON *before = recorded_values(self);

    return before ? vcl_json_equal(before, self->plan.user_values) : !self->plan.user_values->child;
}

/* 1: it is the one that is installed. */
static int same_chart(const upgrader *self, vcluster_error **error)
{
    const char *known =
        vcl_json_find_string(self->base, "metadata", "annotations", VCL_ANNOTATION_CHART, NULL);
    char digest[VCL_SHA256_HEX_SIZE];

    if (!known) /* made by Helm, or by the install of an earlier version */
        return vcl_streq(vcluster_chart_name(self->plan.chart), recorded_chart(self, "name")) &&
               vcl_streq(vcluster_chart_version(self->plan.chart), recorded_chart(self, "version"));
    int status = vcl_wanted_chart_digest(self->plan.chart, digest, error);
    return status < 0 ? status : vcl_streq(known, digest);
}

/* Whether what is deployed is the newest that was tried, and its workload is there. */
static bool is_sound(const upgrader *self)
{
    return self->request->existing && self->base == vcl_history_newest(&self->history) &&
           vcl_streq(vcl_history_status(self->base), "deployed");
}

/* The chart that was asked for, else the one that is installed. */
static int choose_chart(upgrader *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request *given = self->request->ensure;

    self->chart_asked = given->chart || given->chart_source || given->chart_version;
    if (!self->chart_asked && !is_embedded(self)) {
        if (!vcl_streq(recorded_chart(self, "name"), "vcluster"))
            return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                            "it was made from the chart '%s': give that chart to change it",
                            recorded_chart(self, "name"));
        self->wish.chart_version = recorded_chart(self, "version");
    }
    return vcl_plan_choose(&self->plan, &self->wish, call,
                           is_embedded(self) ? "embedded" : "upstream", error);
}

/* A version of Kubernetes that nobody asked for stays, whatever the chart's default is now. */
static int keep_version(upgrader *self, vcluster_error **error)
{
    const char *running = running_version(self);
    const vcl_ensure_request *wish = &self->wish;
    VCL_AUTO_JSON *complete = NULL;
    bool asked =
        wish->kubernetes_version || (wish->config && *vcl_wanted_version(wish->config->values));

    if (asked || vcl_str_empty(running))
        return VCLUSTER_OK;
    int status =
        vcl_values_coalesce(self->plan.chart->values, self->plan.user_values, &complete, error);
    if (status < 0 || vcl_streq(vcl_wanted_version(complete), running))
        return status;
    return vcl_wanted_set_version(self->plan.user_values, running) ? VCLUSTER_OK
                                                                   : vcl_no_memory(error);
}

static int check_rules(upgrader *self, vcluster_error **error)
{
    VCL_AUTO_JSON *none = cJSON_CreateObject();
    cJSON *before = NULL;
    cJSON *after = NULL;
    const cJSON *defaults = vcl_json_find(self->current, "chart", "values", NULL);
    const cJSON *config = recorded_values(self);

    int status = none ? vcl_values_coalesce(defaults ? defaults : none, config ? config : none,
                                            &before, error)
                      : vcl_no_memory(error);
    if (status == 0)
        status =
            vcl_values_coalesce(self->plan.chart->values, self->plan.user_values, &after, error);
    if (status == 0)
        status = vcl_upgrade_check_values(before, after, running_version(self), is_embedded(self),
                                          error);
    if (status == 0)
        status = vcl_plan_check(&self->plan, &self->wish, config ? config : none, NULL, error);
    vcl_json_free_secret(before);
    vcl_json_free_secret(after);
    return status;
}

/* What the next revision consists of. 1: it is what is there already. */
static int decide(upgrader *self, vcl_call *call, vcluster_error **error)
{
    bool kept_chart = !self->wish.chart && !self->wish.chart_source && !self->wish.chart_version;

    int status = vcl_wanted_values(&self->wish, is_embedded(self), recorded_values(self),
                                   &self->plan.user_values, error);
    if (status < 0)
        return status;
    if (kept_chart && is_sound(self) && same_values(self))
        return 1;
    status = choose_chart(self, call, error);
    if (status == 0)
        status = keep_version(self, error);
    if (status == 0 && is_sound(self) && same_values(self)) {
        int same = self->chart_asked ? same_chart(self, error) : 1;
        if (same != 0)
            return same;
    }
    return status;
}

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
    const char *running = running_version(self);
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

static void fill_release(const upgrader *self, vcl_release_request *out_request)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;

    /* Hooks and crds/ of another chart are left out, as at the creation. */
    options.no_hooks = 1;
    options.skip_crds = 1;
    options.value_policy = VCLUSTER_VALUES_RESET;
    options.wait = !self->wish.no_wait;
    options.atomic = self->wish.atomic;
    options.take_over = self->wish.take_over;
    *out_request = (vcl_release_request){ .kube = self->wish.client->kube,
                                          .name = self->wish.name,
                                          .namespace_name = self->request->namespace_name,
                                          .chart = self->plan.chart,
                                          .user_values = self->plan.user_values,
                                          .options = options };
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

    int status = check_rules(self, error);
    if (status == 0)
        status = tell_skew(self, call, error);
    if (status == 0)
        status = mark(self, error);
    if (status < 0)
        return status;
    inside.labels = self->labels;
    inside.annotations = self->annotations;
    fill_release(self, &release);
    release.inside = &inside;
    return vcl_release_upgrade(&release, call, NULL, error);
}

static void begin(upgrader *self, const vcl_upgrade_request *request)
{
    *self = (upgrader){ .request = request, .wish = *request->ensure };
}

int vcl_upgrade(const vcl_upgrade_request *request, vcl_call *call, vcluster_error **error)
{
    for (;;) {
        __attribute__((cleanup(upgrader_done))) upgrader self = { 0 };

        begin(&self, request);
        int status = read_base(&self, call, error);
        if (status == 0)
            status = decide(&self, call, error);
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

/* ---- The same as a plan ---- */

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

    fill_release(self, &release);
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
    __attribute__((cleanup(upgrader_done))) upgrader self = { 0 };
    VCL_AUTO_PTR(vcluster_plan) plan = NULL;
    VCL_AUTO_ERROR *refused = NULL;
    VCL_AUTO_ERROR *why = NULL;

    begin(&self, request);
    int status = read_base(&self, call, error);
    if (status == 0)
        status = decide(&self, call, error);
    if (status < 0)
        return status;
    if (status > 0)
        return vcl_plan_new("none", out_plan, error);
    status = vcl_plan_new("upgrade", &plan, error);
    if (status == 0)
        status = vcl_plan_add_no_effect(&self.plan, request->ensure->name, plan, error);
    if (status < 0)
        return status;
    int checked = check_rules(&self, &refused);
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
