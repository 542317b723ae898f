/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding what an install or upgrade has to do; see deploy.h. */
#include "release/deploy.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "chart/release.h"

void vcl_deploy_done(vcl_deploy *self)
{
    vcl_history_done(&self->history);
    vcl_record_free(vcl_steal(&self->resumed));
    vcl_json_free_secret(vcl_steal(&self->current));
    vcl_prepared_done(&self->prepared);
    vcl_rollout_done(&self->rollout);
    self->rollout = (vcl_rollout){ 0 };
    self->base = NULL;
}

static int in_use(const vcl_deploy *self, const cJSON *newest, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_ALREADY_EXISTS,
                    "release '%s' exists in namespace '%s' (revision %lld, %s): upgrade it, or "
                    "choose another name",
                    self->request->name, self->request->namespace_name,
                    (long long)vcl_record_revision(newest), vcl_history_status(newest));
}

static int missing(const vcl_deploy *self, const cJSON *newest, vcluster_error **error)
{
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                    "release '%s' in namespace '%s' %s: install it, or ask for install",
                    self->request->name, self->request->namespace_name,
                    newest ? "has no revision that is deployed" : "does not exist");
}

/* An operation is recorded as being at work: wait for it. What is left pending then is of a dead
 * process. 1: it is not pending any more. */
static int
wait_for_other(vcl_deploy *self, vcl_call *call, const cJSON *newest, vcluster_error **error)
{
    const vcl_release_request *request = self->request;

    int status =
        vcl_record_open(request->name, request->namespace_name, newest, &self->resumed, error);
    if (status == 0)
        status = vcl_record_wait(request->kube, call, self->resumed, error);
    if (status != 0)
        return status;
    if (!vcl_record_is_pending(self->resumed))
        return 1;
    if (vcl_streq(self->resumed->status, "uninstalling"))
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "release '%s' in namespace '%s' was being uninstalled when that was cut "
                        "short: uninstall it again first",
                        request->name, request->namespace_name);
    return vcl_record_refuse_helm(self->resumed, request->options.take_over != 0, error);
}

/* The revision that an upgrade starts from: the one that is deployed, else the newest that was
 * tried. before: only revisions below this one. */
static const cJSON *find_base(const vcl_history *history, int64_t before)
{
    const cJSON *deployed = vcl_history_deployed(history);
    const cJSON *newest = vcl_history_below(history, before);
    const char *state = newest ? vcl_history_status(newest) : "";

    if (deployed)
        return deployed;
    return vcl_streq(state, "failed") || vcl_streq(state, "superseded") ? newest : NULL;
}

static int
decide_pending(vcl_deploy *self, vcl_call *call, const cJSON *newest, vcluster_error **error)
{
    int64_t revision = vcl_record_revision(newest);

    int status = wait_for_other(self, call, newest, error);
    if (status != 0)
        return status;
    self->revision = revision;
    if (vcl_streq(self->resumed->status, "pending-install"))
        return VCLUSTER_OK; /* completed by whoever comes */
    self->base = find_base(&self->history, revision);
    if (!self->may_upgrade)
        return in_use(self, newest, error);
    return self->base ? VCLUSTER_OK : missing(self, newest, error);
}

/* What is to be done, by what is recorded: an install where base is NULL, else an upgrade. */
static int decide(vcl_deploy *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *newest = vcl_history_newest(&self->history);
    const char *state = newest ? vcl_history_status(newest) : NULL;

    self->revision = newest ? vcl_record_revision(newest) + 1 : 1;
    if (self->revision > INT32_MAX)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "a revision of the release has no usable number");
    if (!newest)
        return self->may_install ? VCLUSTER_OK : missing(self, NULL, error);
    if (vcl_record_is_claimed(newest) && !self->waited && !vcl_starts_with(state, "pending-") &&
        !vcl_streq(state, "uninstalling")) {
        int status = wait_for_other(self, call, newest, error);
        self->waited = status > 0;
        return status;
    }
    if (vcl_starts_with(state, "pending-") || vcl_streq(state, "uninstalling"))
        return decide_pending(self, call, newest, error);
    if (!self->may_upgrade)
        return in_use(self, newest, error);
    self->base = vcl_streq(state, "uninstalled") ? NULL : find_base(&self->history, INT64_MAX);
    if (self->base)
        return VCLUSTER_OK;
    return self->may_install && vcl_streq(state, "uninstalled") ? VCLUSTER_OK
                                                                : missing(self, newest, error);
}

static int add_revision(vcl_deploy *self, vcl_call *call, const cJSON *item, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;
    cJSON *release = NULL;

    int status = vcl_history_load(&self->history, call, item, NULL, &release, &why);
    if (status == 0)
        status = vcl_rollout_add_previous(&self->rollout, release, &why);
    vcl_json_free_secret(release);
    if (status == VCLUSTER_E_NOT_FOUND) /* dropped meanwhile */
        return VCLUSTER_OK;
    return vcl_error_pass(error, &why, status);
}

/* What may be on the cluster of revisions before: the one that is deployed, and whatever was tried
 * and failed since then or was cut short. */
static int add_previous(vcl_deploy *self, vcl_call *call, vcluster_error **error)
{
    int64_t from = self->base ? vcl_record_revision(self->base) : 0;
    const cJSON *item;

    if (self->current) {
        int status = vcl_rollout_add_previous(&self->rollout, self->current, error);
        if (status < 0)
            return status;
    }
    cJSON_ArrayForEach (item, self->history.items) {
        bool resumed = self->resumed && vcl_record_revision(item) == self->revision;

        if (!resumed &&
            (vcl_record_revision(item) <= from || !vcl_streq(vcl_history_status(item), "failed")))
            continue;
        int status = add_revision(self, call, item, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static int64_t first_deployed(const vcl_deploy *self, int64_t now)
{
    int64_t seconds = now;

    (void)vcl_parse_rfc3339(vcl_json_find_string(self->current, "info", "first_deployed", NULL),
                            &seconds);
    return seconds;
}

/* The JSON of the new revision. */
static int build(vcl_deploy *self, vcluster_error **error)
{
    const vcl_rendered *rendered = &self->prepared.rendered;
    int64_t now = vcl_wall_seconds();
    vcl_release_info info = { .name = self->request->name,
                              .namespace_name = self->request->namespace_name,
                              .revision = (int)self->revision,
                              .status = self->rollout.pending,
                              .description =
                                  self->base ? "Preparing upgrade" : "Initial install underway",
                              .first_deployed = first_deployed(self, now),
                              .last_deployed = now,
                              .chart_metadata = rendered->record_metadata,
                              .chart_values = rendered->record_values };
    cJSON *release = NULL;

    int status = vcl_release_build(&info, &self->prepared.chart, self->prepared.user_values,
                                   rendered->manifest, &release, error);
    if (status < 0)
        return status;
    self->rollout.release = release;
    cJSON *about = vcl_json_object(release, "info");
    if (!about || !vcl_json_set_string(release, "apply_method", "ssa") ||
        (rendered->hooks.count &&
         !vcl_json_set(release, "hooks", vcl_hooks_to_json(&rendered->hooks))) ||
        (!vcl_str_empty(rendered->notes) && !vcl_json_set_string(about, "notes", rendered->notes)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static void fill_rollout(vcl_deploy *self)
{
    bool upgrade = self->base != NULL;
    vcl_rollout *rollout = &self->rollout;

    rollout->request = self->request;
    rollout->history = &self->history;
    rollout->verb = upgrade ? "Upgrade" : "Release";
    rollout->pending = upgrade ? "pending-upgrade" : "pending-install";
    rollout->complete = upgrade ? "Upgrade complete" : "Install complete";
    rollout->before = upgrade ? VCL_HOOK_PRE_UPGRADE : VCL_HOOK_PRE_INSTALL;
    rollout->after = upgrade ? VCL_HOOK_POST_UPGRADE : VCL_HOOK_POST_INSTALL;
    rollout->annotations = self->request->inside ? self->request->inside->annotations : NULL;
    rollout->fresh = self->may_install && !upgrade && (!self->space.exists || self->space.going);
}

static int render(vcl_deploy *self, vcl_call *call, vcluster_error **error)
{
    vcl_rollout *rollout = &self->rollout;

    int status = VCLUSTER_OK;
    if (self->base)
        status = vcl_history_load(&self->history, call, self->base, NULL, &self->current, error);
    if (status == 0)
        status = vcl_prepare(self->request, call, self->current, (int)self->revision,
                             &self->prepared, error);
    fill_rollout(self);
    if (status == 0)
        status = build(self, error);
    if (status < 0)
        return status;
    rollout->objects = vcl_steal(&self->prepared.objects);
    rollout->definitions = vcl_steal(&self->prepared.definitions);
    rollout->hooks = self->prepared.rendered.hooks;
    self->prepared.rendered.hooks = (vcl_hooks){ 0 };
    return add_previous(self, call, error);
}

int vcl_deploy_plan(vcl_deploy *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;
    int status = VCLUSTER_OK;

    self->history = (vcl_history){ .kube = request->kube,
                                   .name = request->name,
                                   .namespace_name = request->namespace_name };
    self->space = (vcl_space){ .exists = true };
    if (!self->may_upgrade)
        status = vcl_space_look(request, call, &self->space, error);
    if (status == 0 && self->space.exists && !self->space.going)
        status = vcl_history_read(&self->history, call, error);
    if (status == 0)
        status = decide(self, call, error);
    if (status == 0 && self->may_upgrade && !self->base)
        status = vcl_space_look(request, call, &self->space, error);
    if (status == 0)
        status = render(self, call, error);
    if (status == 0)
        status = vcl_rollout_check(&self->rollout, call, error);
    return status;
}
