/* SPDX-License-Identifier: Apache-2.0 */
/* One new revision on its way to the cluster; see rollout.h. */
#include "release/rollout.h"

#include "base/str.h"
#include "chart/release.h"
#include "release/hook_run.h"
#include "release/managed_fields.h"
#include "release/order.h"
#include "release/ready_wait.h"
#include "release/release.h"

void vcl_rollout_done(vcl_rollout *self)
{
    vcl_json_free_secret(self->release);
    vcl_json_free_secret(self->objects);
    vcl_json_free_secret(self->previous);
    cJSON_Delete(self->definitions);
    vcl_hooks_done(&self->hooks);
    cJSON_Delete(self->live);
    vcl_record_free(self->record);
}

vcl_apply_set vcl_rollout_set(const vcl_rollout *self)
{
    const vcl_release_request *request = self->request;

    return (vcl_apply_set){ .kube = request->kube,
                            .release = request->name,
                            .namespace_name = request->namespace_name,
                            .objects = self->objects,
                            .before = self->previous,
                            .definitions = self->definitions,
                            .fresh = self->fresh,
                            .take_ownership = request->options.take_ownership != 0,
                            .force = request->options.force_conflicts != 0 };
}

int vcl_rollout_add_previous(vcl_rollout *self, const cJSON *release, vcluster_error **error)
{
    VCL_AUTO_JSON *objects = NULL;

    if (!self->previous)
        self->previous = cJSON_CreateArray();
    if (!self->previous)
        return vcl_no_memory(error);
    int status =
        vcl_objects_parse(vcl_json_find_string(release, "manifest", NULL), &objects, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the manifest of revision %lld",
                        (long long)vcl_json_find_int(release, 0, "version", NULL));
    while (objects->child) {
        cJSON *object = cJSON_DetachItemViaPointer(objects, objects->child);
        if (vcl_objects_find(self->previous, object, self->request->namespace_name))
            vcl_json_free_secret(object);
        else if (!vcl_json_append(self->previous, object))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_rollout_check(vcl_rollout *self, vcl_call *call, vcluster_error **error)
{
    vcl_apply_set set = vcl_rollout_set(self);

    cJSON_Delete(vcl_steal(&self->live));
    return vcl_apply_look(&set, call, &self->live, error);
}

/* Whether the kind of an object will be served only once the definitions are installed. */
static bool is_defined_later(const vcl_rollout *self, const cJSON *object)
{
    const cJSON *lists[] = { self->definitions, self->objects };
    const cJSON *item;

    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (item, lists[i]) {
            if (vcl_object_defines(item, vcl_json_find_string(object, "apiVersion", NULL),
                                   vcl_json_find_string(object, "kind", NULL)))
                return true;
        }
    }
    return false;
}

/* In a namespace that is not there the server cannot try anything. */
static int try_one(const vcl_rollout *self,
                   vcl_call *call,
                   const cJSON *object,
                   const cJSON *stored,
                   vcluster_error **error)
{
    vcl_apply_set set = vcl_rollout_set(self);
    /* What Helm wrote by updates would be in conflict with itself: it is moved before the apply. */
    vcl_apply_options options = { .field_manager = VCL_MANAGER_HELM,
                                  .dry_run = true,
                                  .force = set.force ||
                                           vcl_managed_fields_need_move(stored, VCL_MANAGER_HELM) };
    VCL_AUTO_ERROR *why = NULL;
    vcl_object_key key;

    int status = vcl_apply_key(&set, call, object, &key, &why);
    if (status == VCLUSTER_E_NOT_FOUND && is_defined_later(self, object))
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (self->fresh && vcl_streq(key.namespace_name, self->request->namespace_name))
        return VCLUSTER_OK;
    VCL_AUTO_JSON *copy = vcl_apply_marked(&set, object, key.namespace_name);
    if (!copy)
        return vcl_no_memory(error);
    status = vcl_kube_apply(set.kube, call, copy, &options, NULL, error);
    if (status < 0)
        return vcl_wrap(error, status, "try to apply %s '%s'", key.kind, key.name);
    vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
    return vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, shown, "tried (dry run)");
}

int vcl_rollout_try(vcl_rollout *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *stored = self->live ? self->live->child : NULL;
    cJSON *info = vcl_json_object(self->release, "info");
    const char *wanted = self->request->options.description;
    const cJSON *object;

    cJSON_ArrayForEach (object, self->objects) {
        int status = try_one(self, call, object, stored, error);
        if (status < 0)
            return status;
        stored = stored ? stored->next : NULL;
    }
    if (!info || !vcl_json_set_string(info, "description", wanted ? wanted : "Dry run complete"))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static int create_record(vcl_rollout *self, vcl_call *call, cJSON *secret, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_record_create(self->request->kube, call, self->request->name,
                                   self->request->namespace_name, secret, &self->record, &why);
    if (status == VCLUSTER_E_ALREADY_EXISTS)
        return 1;
    return vcl_error_pass(error, &why, status);
}

static int resume_record(vcl_rollout *self,
                         vcl_call *call,
                         vcl_record **resumed,
                         const cJSON *secret,
                         vcluster_error **error)
{
    vcl_kube *kube = self->request->kube;

    int status = vcl_record_take_over(kube, call, *resumed, self->pending,
                                      self->request->options.take_over != 0, error);
    if (status != 0)
        return status;
    self->record = vcl_steal(resumed);
    return vcl_record_replace(kube, call, self->record, secret, error);
}

/* An uninstall that began before our record was written must not take away what is made now, nor
 * this record. It looks for newer revisions after its own mark, so that one of the two always sees
 * the other; this one gives way. So it does to an operation that holds a record without making one
 * (a pause, a restore). 1: there is one, look again. A new record with none before it was written
 * behind the end of one. */
static int
check_uninstall(const vcl_rollout *self, bool again, vcl_call *call, vcluster_error **error)
{
    bool based = again;
    int64_t revision = vcl_record_revision(self->record->secret);
    vcl_history now = *self->history;
    const cJSON *item;

    now.items = NULL;
    int status = vcl_history_read(&now, call, error);
    cJSON_ArrayForEach (item, now.items) {
        based = based || vcl_record_revision(item) < revision;
        if (status == 0 && vcl_record_revision(item) < revision &&
            vcl_streq(vcl_history_status(item), "uninstalling"))
            status =
                vcl_fail(error, VCLUSTER_E_CONFLICT,
                         "release '%s' is being uninstalled at this moment", self->request->name);
        else if (status == 0 && vcl_record_revision(item) < revision && vcl_record_is_claimed(item))
            status = 1;
    }
    vcl_history_done(&now);
    if (status == 0 && !based)
        return vcl_fail(error, VCLUSTER_E_CONFLICT, "release '%s' was removed at this moment",
                        self->request->name);
    return status;
}

/* Nothing has been made for our record yet: it goes again. */
static void drop_record(const vcl_rollout *self, const vcl_call *whole)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    vcl_object_key key = { "v1", "Secret", self->request->namespace_name,
                           vcl_json_find_string(self->record->secret, "metadata", "name", NULL) };
    vcl_call call;

    vcl_call_init_aftermath(&call, whole);
    (void)vcl_kube_delete(self->request->kube, &call, &key, &options, &ignored);
}

/* Labels and annotations of a caller inside the library. */
static bool mark_record(const vcl_rollout *self, cJSON *secret)
{
    const vcl_release_inside *inside = self->request->inside;
    const cJSON *sets[] = { inside ? inside->labels : NULL, self->annotations };
    static const char *const names[] = { "labels", "annotations" };
    const cJSON *item;

    for (int i = 0; i < 2; i++) {
        cJSON *map =
            sets[i] ? vcl_json_object(vcl_json_object(secret, "metadata"), names[i]) : NULL;
        if (sets[i] && !map)
            return false;
        cJSON_ArrayForEach (item, sets[i]) {
            if (!vcl_json_set(map, item->string, vcl_json_copy(item)))
                return false;
        }
    }
    return true;
}

int vcl_rollout_record(vcl_rollout *self,
                       vcl_call *call,
                       vcl_record **resumed,
                       vcluster_error **error)
{
    const vcl_release_inside *inside = self->request->inside;
    cJSON *secret = NULL;
    bool again = *resumed != NULL;

    int status = vcl_release_encode_json(self->release, &secret, error);
    if (status < 0)
        return status;
    if (!mark_record(self, secret)) {
        vcl_json_free_secret(secret);
        return vcl_no_memory(error);
    }
    if (again) {
        status = resume_record(self, call, resumed, secret, error);
        vcl_json_free_secret(secret);
    } else {
        status = create_record(self, call, secret, error);
    }
    if (status == 0 && self->previous) {
        status = check_uninstall(self, again, call, error);
        if (status == 0 && !again && inside && inside->recorded)
            status = inside->recorded(inside->data, call, error);
        if (status != 0 && !again)
            drop_record(self, call);
        if (status > 0 && again) /* such a one does not begin while ours is pending */
            status = VCLUSTER_OK;
    }
    if (status != 0)
        return status;
    return vcl_call_report(call, error, VCLUSTER_STEP_RELEASE, self->request->name,
                           "revision %lld recorded as %s%s",
                           (long long)vcl_json_find_int(self->release, 0, "version", NULL),
                           self->pending, again ? " (taken up again)" : "");
}

static int
run_hooks(vcl_rollout *self, vcl_call *call, vcl_hook_event event, vcluster_error **error)
{
    vcl_hook_run run = { .kube = self->request->kube,
                         .release = self->request->name,
                         .namespace_name = self->request->namespace_name,
                         .record = self->record,
                         .hooks = &self->hooks };

    return self->request->options.no_hooks ? VCLUSTER_OK : vcl_hooks_run(&run, event, call, error);
}

static int wait_ready(vcl_rollout *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_release_options *options = &self->request->options;
    vcl_apply_set set = vcl_rollout_set(self);
    vcl_ready_request request = { .set = &set,
                                  .record = self->record,
                                  .jobs = options->wait_for_jobs != 0 };

    if (!options->wait && !options->wait_for_jobs && !options->atomic)
        return VCLUSTER_OK;
    const vcl_release_inside *inside = self->request->inside;
    if (inside && inside->wait)
        return inside->wait(inside->data, call, self->record, error);
    return vcl_ready_wait(&request, call, error);
}

/* From here on every step may be repeated: a call that takes this one up again does all of them. */
static int bring(vcl_rollout *self, vcl_call *call, vcluster_error **error)
{
    vcl_apply_set set = vcl_rollout_set(self);

    int status = run_hooks(self, call, self->before, error);
    if (status == 0)
        status = vcl_apply_migrate(&set, call, self->live, self->record, error);
    if (status == 0)
        status = vcl_apply_objects(&set, call, self->record, error);
    if (status == 0 && self->previous)
        status = vcl_apply_prune(&set, call, self->record, error);
    if (status == 0)
        status = wait_ready(self, call, error);
    if (status == 0)
        status = run_hooks(self, call, self->after, error);
    return status;
}

/* The JSON of the release with its final status, and when its hooks ran. */
static int
settle(vcl_rollout *self, const char *status, const char *description, vcluster_error **error)
{
    cJSON *info = vcl_json_object(self->release, "info");
    cJSON *hooks = self->hooks.count ? vcl_hooks_to_json(&self->hooks) : NULL;

    if (self->hooks.count && !vcl_json_set(self->release, "hooks", hooks))
        return vcl_no_memory(error);
    if (!info || !vcl_json_set_string(info, "status", status) ||
        (description && !vcl_json_set_string(info, "description", description)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static int succeed(vcl_rollout *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_release_options *options = &self->request->options;
    int64_t revision = vcl_json_find_int(self->release, 0, "version", NULL);

    int status = vcl_history_supersede(self->history, call, revision, error);
    if (status == 0)
        status = settle(self, "deployed",
                        options->description ? options->description : self->complete, error);
    if (status == 0)
        status = vcl_record_complete(self->request->kube, call, self->record, self->release, error);
    if (status < 0)
        return status;
    /* The release is what was asked for: old records that stay are no failure. */
    (void)vcl_history_prune(self->history, call, revision, options->history_max, NULL);
    (void)vcl_call_report(call, NULL, VCLUSTER_STEP_RELEASE, self->request->name,
                          "revision %lld is deployed", (long long)revision);
    return VCLUSTER_OK;
}

/* Say what became of it whatever happened, in a short call of its own: the deadline may have passed
 * and the token may be triggered. Failing here loses nothing: the lock expires, and the revision is
 * pending until it is taken up again. */
static void fail(vcl_rollout *self, const vcl_call *whole, const vcluster_error *why)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;
    vcl_auto_free char *text = vcl_format("%s \"%s\" failed: %s", self->verb, self->request->name,
                                          why ? vcluster_error_to_string(why) : "no memory");

    if (!vcl_record_is_ours(self->record))
        return;
    vcl_call_init_aftermath(&call, whole);
    if (settle(self, "failed", vcl_str(text), &ignored) == 0)
        (void)vcl_record_complete(self->request->kube, &call, self->record, self->release,
                                  &ignored);
}

int vcl_rollout_run(vcl_rollout *self, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = bring(self, call, &why);
    if (status == 0)
        status = succeed(self, call, &why);
    if (status < 0)
        fail(self, call, why);
    return vcl_error_pass(error, &why, status);
}

int vcl_rollout_result(vcl_rollout *self, vcluster_release **out_release, vcluster_error **error)
{
    if (!out_release)
        return VCLUSTER_OK;
    return vcl_release_of_json(vcl_steal(&self->release), out_release, error);
}
