/* SPDX-License-Identifier: Apache-2.0 */
/* What an upgrade makes of what is there; see upgrader.h. */
#include "vcluster/lifecycle/upgrader.h"

#include "base/str.h"
#include "data/values.h"
#include "vcluster/client.h"
#include "vcluster/config.h"
#include "vcluster/lifecycle/upgrade_rules.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

void vcl_upgrader_begin(upgrader *self, const vcl_upgrade_request *request)
{
    *self = (upgrader){ .request = request, .wish = *request->ensure };
}

void vcl_upgrader_done(upgrader *self)
{
    vcl_history_done(&self->history);
    vcl_json_free_secret(self->current);
    vcl_plan_done(&self->plan);
    cJSON_Delete(self->labels);
    cJSON_Delete(self->annotations);
    free(self->host_version);
}

const char *vcl_upgrader_running_version(const upgrader *self)
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

int vcl_upgrader_read(upgrader *self, vcl_call *call, vcluster_error **error)
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
    const char *running = vcl_upgrader_running_version(self);
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

int vcl_upgrader_check(upgrader *self, vcluster_error **error)
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
        status = vcl_upgrade_check_values(before, after, vcl_upgrader_running_version(self),
                                          is_embedded(self), error);
    if (status == 0)
        status = vcl_plan_check(&self->plan, &self->wish, config ? config : none, NULL, error);
    vcl_json_free_secret(before);
    vcl_json_free_secret(after);
    return status;
}

int vcl_upgrader_decide(upgrader *self, vcl_call *call, vcluster_error **error)
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

void vcl_upgrader_release(const upgrader *self, vcl_release_request *out_request)
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
