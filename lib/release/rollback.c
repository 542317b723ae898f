/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rollback: an earlier revision once more, as a new one. Helm 3.21: pkg/action/rollback.go. What
 * was deployed until now stays "deployed" when it fails.
 */
#include "base/clock.h"
#include "base/str.h"
#include "release/operation.h"
#include "release/order.h"
#include "release/rollout.h"

typedef struct roller {
    const vcl_release_request *request;
    vcl_history history;
    vcl_record *resumed; /* a pending revision whose holder is dead */
    int64_t revision;    /* the new one */
    const cJSON *newest; /* the one to go back from; borrowed */
    const cJSON *target;
    char *description;
    vcl_rollout rollout;
} roller;

static void roller_done(roller *self)
{
    vcl_history_done(&self->history);
    vcl_record_free(vcl_steal(&self->resumed));
    vcl_rollout_done(&self->rollout);
    self->rollout = (vcl_rollout){ 0 };
    free(vcl_steal(&self->description));
}

/* A pending revision: wait for whoever is at work on it. 1: it is not pending any more. */
static int decide_pending(roller *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;

    int status = vcl_record_open(request->name, request->namespace_name, self->newest,
                                 &self->resumed, error);
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
    status = vcl_record_refuse_helm(self->resumed, request->options.take_over != 0, error);
    self->revision = vcl_record_revision(self->newest);
    /* A rollback that was cut short goes back from where it began. */
    if (status == 0 && vcl_streq(self->resumed->status, "pending-rollback"))
        self->newest = vcl_history_below(&self->history, self->revision);
    return status;
}

static int decide(roller *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;
    int status = VCLUSTER_OK;

    self->newest = vcl_history_newest(&self->history);
    if (!self->newest)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "release '%s' in namespace '%s' does not exist", request->name,
                        request->namespace_name);
    const char *state = vcl_history_status(self->newest);
    self->revision = vcl_record_revision(self->newest) + 1;
    if (self->revision > INT32_MAX)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "a revision of the release has no usable number");
    if (vcl_starts_with(state, "pending-") || vcl_streq(state, "uninstalling"))
        status = decide_pending(self, call, error);
    if (status != 0)
        return status;

    int64_t from = self->newest ? vcl_record_revision(self->newest) : 0;
    self->target = request->revision > 0 ? vcl_history_at(&self->history, request->revision)
                                         : vcl_history_below(&self->history, from);
    /* One that is pending was never complete. */
    if (self->target && !(self->resumed && vcl_record_revision(self->target) == self->revision))
        return VCLUSTER_OK;
    if (request->revision > 0)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "release '%s' has no revision %lld",
                        request->name, (long long)request->revision);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                    "release '%s' has no revision before the newest one", request->name);
}

/* The JSON of the target becomes that of the new revision. */
static int turn(roller *self, cJSON *release, const char *first_deployed, vcluster_error **error)
{
    char now[VCL_RFC3339_SIZE];
    cJSON *info = vcl_json_object(release, "info");
    const char *wanted = self->request->options.description;

    vcl_rfc3339(vcl_wall_seconds(), -1, now);
    self->description =
        vcl_format("Rollback to %lld", (long long)vcl_record_revision(self->target));
    if (!info || !self->description || !vcl_json_set_string(info, "last_deployed", now) ||
        !vcl_json_set_string(info, "deleted", "") ||
        !vcl_json_set_string(info, "description", wanted ? wanted : self->description) ||
        !vcl_json_set_string(info, "status", "pending-rollback") ||
        (first_deployed && !vcl_json_set_string(info, "first_deployed", first_deployed)) ||
        !vcl_json_set_int(release, "version", self->revision) ||
        !vcl_json_set_string(release, "apply_method", "ssa"))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static int load_target(roller *self, vcl_call *call, vcluster_error **error)
{
    vcl_rollout *rollout = &self->rollout;
    VCL_AUTO_JSON *newest = NULL;

    int status =
        vcl_history_load(&self->history, call, self->target, NULL, &rollout->release, error);
    if (status == 0)
        status = vcl_objects_parse(vcl_json_find_string(rollout->release, "manifest", NULL),
                                   &rollout->objects, error);
    if (status == 0)
        status =
            vcl_hooks_from_json(vcl_json_get(rollout->release, "hooks"), &rollout->hooks, error);
    if (status == 0)
        status = vcl_history_load(&self->history, call, self->newest, NULL, &newest, error);
    if (status == 0)
        status = turn(self, rollout->release,
                      vcl_json_find_string(newest, "info", "first_deployed", NULL), error);
    return status;
}

/* Whatever may be there: of the revision that is deployed, and of those after it. */
static int add_previous(roller *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *deployed = vcl_history_deployed(&self->history);
    int64_t from = vcl_record_revision(deployed ? deployed : self->newest);
    const cJSON *item;

    cJSON_ArrayForEach (item, self->history.items) {
        cJSON *release = NULL;

        if (vcl_record_revision(item) < from || vcl_streq(vcl_history_status(item), "uninstalled"))
            continue;
        int status = vcl_history_load(&self->history, call, item, NULL, &release, error);
        if (status == 0)
            status = vcl_rollout_add_previous(&self->rollout, release, error);
        vcl_json_free_secret(release);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* 1: look again. */
static int
attempt(roller *self, vcl_call *call, vcluster_release **out_release, vcluster_error **error)
{
    const vcl_release_request *request = self->request;

    self->history = (vcl_history){ .kube = request->kube,
                                   .name = request->name,
                                   .namespace_name = request->namespace_name };
    self->rollout = (vcl_rollout){ .request = request,
                                   .history = &self->history,
                                   .verb = "Rollback",
                                   .pending = "pending-rollback",
                                   .before = VCL_HOOK_PRE_ROLLBACK,
                                   .after = VCL_HOOK_POST_ROLLBACK };
    int status = vcl_history_read(&self->history, call, error);
    if (status == 0)
        status = decide(self, call, error);
    if (status == 0)
        status = load_target(self, call, error);
    if (status == 0)
        status = add_previous(self, call, error);
    if (status == 0)
        status = vcl_rollout_check(&self->rollout, call, error);
    if (status != 0)
        return status;
    self->rollout.complete = self->description;
    if (request->options.dry_run) {
        status = vcl_rollout_try(&self->rollout, call, error);
        return status < 0 ? status : vcl_rollout_result(&self->rollout, out_release, error);
    }
    status = vcl_rollout_record(&self->rollout, call, &self->resumed, error);
    if (status == 0)
        status = vcl_rollout_run(&self->rollout, call, error);
    return status != 0 ? status : vcl_rollout_result(&self->rollout, out_release, error);
}

int vcl_release_rollback(const vcl_release_request *request,
                         vcl_call *call,
                         vcluster_release **out_release,
                         vcluster_error **error)
{
    roller self = { .request = request };
    int status;

    if (request->revision < 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "revision %lld is none",
                        (long long)request->revision);
    do {
        status = attempt(&self, call, out_release, error);
        roller_done(&self);
        if (status > 0) {
            int checked = vcl_call_check(call, error);
            status = checked < 0 ? checked : status;
        }
    } while (status > 0);
    return status;
}
