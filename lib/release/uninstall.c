/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uninstall: hooks, objects, records. The records go last, the newest one at the very end, so that
 * after a kill the same call finds the rest of its work. Helm 3.21: pkg/action/uninstall.go.
 */
#include "base/str.h"
#include "chart/release.h"
#include "release/hook_run.h"
#include "release/operation.h"
#include "release/order.h"
#include "release/rollout.h"

typedef struct remover {
    const vcl_release_request *request;
    vcl_history history;
    vcl_record *record; /* the newest, locked */
    vcl_rollout what;   /* objects of all revisions that may be there, hooks of the newest */
    cJSON *release;     /* the newest */
} remover;

static void remover_done(remover *self)
{
    vcl_history_done(&self->history);
    vcl_record_free(vcl_steal(&self->record));
    vcl_rollout_done(&self->what);
    self->what = (vcl_rollout){ 0 };
    vcl_json_free_secret(vcl_steal(&self->release));
}

static int missing(const remover *self, const char *what, vcluster_error **error)
{
    if (self->request->options.missing_ok)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "release '%s' in namespace '%s' %s",
                    self->request->name, self->request->namespace_name, what);
}

/* Lock the newest revision. 1: it is not the newest any more, look again. */
static int lock(remover *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;
    const cJSON *newest = vcl_history_newest(&self->history);
    int64_t revision = vcl_record_revision(newest);
    VCL_AUTO_ERROR *why = NULL;
    vcl_history now = self->history;

    int status =
        vcl_record_open(request->name, request->namespace_name, newest, &self->record, error);
    if (status < 0)
        return status;
    /* A record that Helm left pending is in the way of an install, not of a removal. */
    status = vcl_record_lock(request->kube, call, self->record, "uninstalling", true, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return 1;
    if (status < 0)
        return vcl_error_pass(error, &why, status);

    /* An upgrade that began before our mark may have written a record since we looked. It looks for
     * our mark after that, and gives way. */
    now.items = NULL;
    status = vcl_history_read(&now, call, error);
    if (status < 0)
        return status;
    vcl_history_done(&self->history);
    self->history.items = now.items;
    newest = vcl_history_newest(&self->history);
    if (newest && vcl_record_revision(newest) > revision) {
        status = vcl_record_release(request->kube, call, self->record, error);
        if (status == 0)
            status = vcl_call_sleep(call, 500, error);
        return status < 0 ? status : 1;
    }
    return VCLUSTER_OK;
}

static bool may_have_objects(const cJSON *item, int64_t deployed, int64_t newest)
{
    int64_t revision = vcl_record_revision(item);
    const char *state = vcl_history_status(item);

    return revision == newest || (revision >= deployed && !vcl_streq(state, "superseded") &&
                                  !vcl_streq(state, "uninstalled"));
}

/* What there is to remove: of the newest revision, and of those that were deployed, or failed,
 * since then. */
static int collect(remover *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *deployed = vcl_history_deployed(&self->history);
    int64_t newest = vcl_record_revision(self->record->secret);
    const cJSON *item;

    self->what.request = self->request;
    int status = vcl_release_decode(self->record->secret, &self->release, error);
    if (status == 0)
        status = vcl_rollout_add_previous(&self->what, self->release, error);
    if (status == 0)
        status =
            vcl_hooks_from_json(vcl_json_get(self->release, "hooks"), &self->what.hooks, error);
    cJSON_ArrayForEach (item, self->history.items) {
        cJSON *release = NULL;

        if (status < 0 || vcl_record_revision(item) == newest ||
            !may_have_objects(item, deployed ? vcl_record_revision(deployed) : newest, newest))
            continue;
        status = vcl_history_load(&self->history, call, item, NULL, &release, error);
        if (status == 0)
            status = vcl_rollout_add_previous(&self->what, release, error);
        vcl_json_free_secret(release);
    }
    return status;
}

static int run_hooks(remover *self, vcl_call *call, vcl_hook_event event, vcluster_error **error)
{
    vcl_hook_run run = { .kube = self->request->kube,
                         .release = self->request->name,
                         .namespace_name = self->request->namespace_name,
                         .record = self->record,
                         .hooks = &self->what.hooks };

    return self->request->options.no_hooks ? VCLUSTER_OK : vcl_hooks_run(&run, event, call, error);
}

static int remove_objects(remover *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;
    vcl_apply_set gone = { .kube = request->kube,
                           .release = request->name,
                           .namespace_name = request->namespace_name,
                           .before = self->what.previous };
    vcl_apply_set all = gone;

    all.objects = self->what.previous;
    int status = vcl_apply_prune(&gone, call, self->record, error);
    if (status == 0 && request->options.wait) {
        status = vcl_call_report(call, error, VCLUSTER_STEP_DELETE, request->name,
                                 "waiting until everything is gone");
        if (status == 0)
            status = vcl_apply_wait_gone(&all, call, self->record, error);
    }
    return status;
}

static int settle_records(remover *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;
    cJSON *info = vcl_json_object(self->release, "info");
    const char *wanted = request->options.description;
    int64_t revision = vcl_record_revision(self->record->secret);

    if (!request->options.keep_history)
        return vcl_record_delete(request->kube, call, request->name, request->namespace_name,
                                 error);
    if (!info || !vcl_json_set_string(info, "status", "uninstalled") ||
        !vcl_json_set_string(info, "description", wanted ? wanted : "Uninstallation complete") ||
        (self->what.hooks.count &&
         !vcl_json_set(self->release, "hooks", vcl_hooks_to_json(&self->what.hooks))))
        return vcl_no_memory(error);
    int status = vcl_history_supersede(&self->history, call, revision, error);
    return status < 0
               ? status
               : vcl_record_complete(request->kube, call, self->record, self->release, error);
}

static int take_away(remover *self, vcl_call *call, vcluster_error **error)
{
    int status = collect(self, call, error);
    if (status == 0)
        status = run_hooks(self, call, VCL_HOOK_PRE_DELETE, error);
    if (status == 0)
        status = remove_objects(self, call, error);
    if (status == 0)
        status = run_hooks(self, call, VCL_HOOK_POST_DELETE, error);
    if (status == 0)
        status = settle_records(self, call, error);
    return status;
}

/* Let the next call begin at once. */
static void give_up(remover *self, const vcl_call *whole)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    if (!vcl_record_is_ours(self->record))
        return;
    vcl_call_init_aftermath(&call, whole);
    (void)vcl_record_release(self->request->kube, &call, self->record, &ignored);
}

/* 1: look again. */
static int attempt(remover *self, vcl_call *call, vcluster_error **error)
{
    const vcl_release_request *request = self->request;
    VCL_AUTO_ERROR *why = NULL;

    self->history = (vcl_history){ .kube = request->kube,
                                   .name = request->name,
                                   .namespace_name = request->namespace_name };
    int status = vcl_history_read(&self->history, call, error);
    if (status < 0)
        return status;
    const cJSON *newest = vcl_history_newest(&self->history);
    if (!newest)
        return missing(self, "does not exist", error);
    bool before = vcl_streq(vcl_history_status(newest), "uninstalled");
    if (before && request->options.keep_history)
        return missing(self, "is uninstalled already", error);
    if (request->options.dry_run)
        return VCLUSTER_OK;
    if (before) /* only its history is left */
        return vcl_record_delete(request->kube, call, request->name, request->namespace_name,
                                 error);

    status = lock(self, call, error);
    if (status != 0)
        return status;
    status = take_away(self, call, &why);
    if (status < 0)
        give_up(self, call);
    return vcl_error_pass(error, &why, status);
}

int vcl_release_uninstall(const vcl_release_request *request,
                          vcl_call *call,
                          vcluster_error **error)
{
    remover self = { .request = request };
    int status;

    do {
        status = attempt(&self, call, error);
        remover_done(&self);
        if (status > 0) {
            int checked = vcl_call_check(call, error);
            status = checked < 0 ? checked : status;
        }
    } while (status > 0);
    return status;
}
