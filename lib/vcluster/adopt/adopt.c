/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adopting a virtual cluster: look, plan, refuse; then hold the record of its release, or write
 * one, and take its objects over. A new record is deployed and locked from the beginning, so that
 * other operations wait for it, and carries a mark until all objects are taken over, by which the
 * same call goes on with what a killed one began. Objects are applied by server-side apply as they
 * are, and what others declared becomes ours, so that a later upgrade meets no other manager.
 */
#include "vcluster/adopt/adopt.h"

#include "base/str.h"
#include "chart/release.h"
#include "release/managed_fields.h"
#include "vcluster/adopt/adopter.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/sole.h"
#include "vcluster/lifecycle/wanted.h"
#include "vcluster/names.h"

enum { MAX_TRIES = 3 };

static int refuse(const vcl_adopter *self, vcluster_error **error)
{
    const vcluster_plan *plan = self->changes;
    VCL_AUTO_ERROR *found = NULL;

    for (size_t i = 0; i < plan->count; i++) {
        const vcluster_change *change = &plan->items[i];
        if (change->impact != VCLUSTER_IMPACT_REFUSED)
            continue;
        bool controller = change->action == VCLUSTER_ACTION_KEEP;
        vcl_auto_free char *path = vcl_format("%s/%s%s", change->kind, change->name, change->path);
        if (!path)
            return vcl_no_memory(error);
        if (!found && controller)
            (void)vcl_fail(&found, VCLUSTER_E_PRECONDITION, "%s '%s' %s", change->kind,
                           change->name, change->reason);
        else if (!found)
            (void)vcl_fail(&found, VCLUSTER_E_PRECONDITION,
                           "what is there is not what its chart makes of its values: give the "
                           "chart and the values it was made with, or ask for it to be aligned");
        vcl_error_add_finding(&found, path, 0, controller ? "controlled" : "differs",
                              VCLUSTER_SEVERITY_ERROR, change->reason, NULL);
    }
    return found ? vcl_error_pass(error, &found, VCLUSTER_E_PRECONDITION) : VCLUSTER_OK;
}

/* ---- The record ---- */

static int encode(const vcl_adopter *self, cJSON **out_secret, vcluster_error **error)
{
    const vcl_adopt_request *request = self->request;
    bool asked = request->chart || request->chart_source || request->chart_version;
    /* Only a chart that was given is part of the wish, as for an ensure. */
    const vcl_ensure_request wish = { .name = request->name,
                                      .config = &self->values,
                                      .chart = asked ? self->plan.chart : NULL };
    cJSON *secret = NULL;

    int status = vcl_plan_encode(&self->plan, &wish, 1, "deployed", &secret, error);
    if (status == 0)
        status = vcl_release_set_status(secret, "deployed", "Adopted", error);
    if (status == 0) {
        cJSON *metadata = vcl_json_object(secret, "metadata");
        cJSON *annotations = metadata ? vcl_json_object(metadata, "annotations") : NULL;
        if (!vcl_sole_mark(secret, request->name) || !annotations ||
            !vcl_json_set_string(annotations, VCL_ANNOTATION_ADOPTING, "true"))
            status = vcl_no_memory(error);
    }
    if (status < 0)
        vcl_json_free_secret(secret);
    else
        *out_secret = secret;
    return status;
}

/* Whoever pauses or deletes what has no record waits for nobody: it must still be as it was seen
 * when the record stands, for which they wait. */
static int look_again(const vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcluster_instance *seen = self->look.existing;
    const vcl_object_key key = { "apps/v1", seen->workload_kind, seen->namespace_name,
                                 seen->workload_name };
    VCL_AUTO_JSON *found = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get_metadata(self->kube, call, &key, &found, &why);
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &why, status);
    const char *paused =
        vcl_json_find_string(found, "metadata", "annotations", VCL_ANNOTATION_PAUSED, NULL);
    if (status == 0 && !vcl_json_find(found, "metadata", "deletionTimestamp", NULL) &&
        vcl_streq(vcl_json_find_string(found, "metadata", "uid", NULL), seen->uid) &&
        !vcl_streq(paused, "true"))
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_CONFLICT,
                    "somebody paused or deleted virtual cluster '%s' at this moment: look, and try "
                    "again",
                    self->request->name);
}

static int begin_record(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const char *space = self->look.existing->namespace_name;
    vcl_record *record = NULL;
    cJSON *secret = NULL;

    int status = encode(self, &secret, error);
    if (status == 0)
        status =
            vcl_record_create(self->kube, call, self->request->name, space, secret, &record, error);
    if (status < 0)
        return status;
    status = look_again(self, call, error);
    if (status < 0) {
        VCL_AUTO_ERROR *ignored = NULL;
        vcl_call after;
        vcl_call_init_aftermath(&after, call);
        (void)vcl_record_delete(self->kube, &after, self->request->name, space, &ignored);
        vcl_record_free(record);
        return status;
    }
    self->look.record = record;
    status = vcl_adopter_read(self, error);
    return status < 0 ? status
                      : vcl_call_report(call, error, VCLUSTER_STEP_RELEASE, self->request->name,
                                        "release record written");
}

/* What was planned goes by the record as it was read: one that was changed since is another. */
static int hold_record(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    vcl_record *record = self->look.record;
    cJSON *before = vcl_json_copy(vcl_json_find(record->secret, "data", "release", NULL));

    int status = before ? vcl_record_hold(self->kube, call, record, error) : vcl_no_memory(error);
    bool same = status == VCLUSTER_OK &&
                vcl_json_equal(before, vcl_json_find(record->secret, "data", "release", NULL));
    vcl_json_free_secret(before); /* it holds the user's values */
    if (status < 0 || same)
        return status;
    return vcl_fail(error, VCLUSTER_E_CONFLICT,
                    "the release of virtual cluster '%s' was changed at this moment: try again",
                    self->request->name);
}

static int finish_record(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_ensure_request wish = { .config = &self->values };
    cJSON *secret = self->look.record->secret;
    cJSON *metadata = vcl_json_object(secret, "metadata");
    cJSON *annotations = metadata ? vcl_json_object(metadata, "annotations") : NULL;
    char hash[VCL_SHA256_HEX_SIZE];

    if (!annotations || !vcl_sole_mark(secret, self->request->name))
        return vcl_no_memory(error);
    vcl_json_remove(annotations, VCL_ANNOTATION_ADOPTING);
    if (!vcl_json_get(annotations, VCL_ANNOTATION_WISH)) {
        int status = vcl_wanted_hash(&wish, "", hash, error);
        if (status < 0)
            return status;
        if (!vcl_json_set_string(annotations, VCL_ANNOTATION_WISH, hash))
            return vcl_no_memory(error);
    }
    return vcl_record_let_go(self->kube, call, self->look.record, error);
}

/* ---- The objects ---- */

/* Members that the object has become null, which removes them. */
static bool remove_marks(
    cJSON *metadata, const cJSON *stored, const char *map, const char *const *keys, bool *any)
{
    for (size_t i = 0; keys[i]; i++) {
        if (!vcl_json_find(stored, "metadata", map, keys[i], NULL))
            continue;
        cJSON *marks = vcl_json_object(metadata, map);
        *any = true;
        if (!marks || !vcl_json_set(marks, keys[i], cJSON_CreateNull()))
            return false;
    }
    return true;
}

/* *out_patch stays NULL where there is nothing to do. */
static int take_patch(const cJSON *stored, bool marks, char **out_patch, vcluster_error **error)
{
    const char *version = vcl_json_find_string(stored, "metadata", "resourceVersion", NULL);
    VCL_AUTO_JSON *patch = cJSON_CreateObject();
    cJSON *metadata = patch ? vcl_json_object(patch, "metadata") : NULL;
    cJSON *fields = NULL;
    bool any = false;

    int status = metadata ? vcl_managed_fields_take(stored, &fields, error) : vcl_no_memory(error);
    if (status < 0)
        return status;
    any = fields != NULL;
    bool made = (!fields || vcl_json_set(metadata, "managedFields", fields)) &&
                vcl_json_set_string(metadata, "resourceVersion", vcl_str(version));
    if (made && marks)
        made = remove_marks(metadata, stored, "labels", vcl_origin_labels, &any) &&
               remove_marks(metadata, stored, "annotations", vcl_origin_annotations, &any);
    if (!made)
        return vcl_no_memory(error);
    if (!any)
        return VCLUSTER_OK;
    *out_patch = vcl_json_print(patch);
    return *out_patch ? VCLUSTER_OK : vcl_no_memory(error);
}

/* An object that others still write to is looked at again. */
static int take_one(const vcl_adopter *self,
                    vcl_call *call,
                    const cJSON *object,
                    const cJSON *stored,
                    vcluster_error **error)
{
    const vcl_apply_set set = vcl_adopter_objects(self);
    const vcl_apply_options options = { .field_manager = VCL_MANAGER_OWN };
    VCL_AUTO_JSON *again = NULL;
    vcl_object_key key;

    int status = vcl_apply_key(&set, call, object, &key, error);
    for (int tries = 0; status == 0; tries++) {
        vcl_auto_free char *patch = NULL;
        VCL_AUTO_ERROR *why = NULL;

        status = take_patch(stored, self->request->take_over, &patch, error);
        if (status < 0 || !patch)
            return status;
        status = vcl_kube_patch(self->kube, call, &key, "application/merge-patch+json", patch,
                                &options, NULL, &why);
        if (status != VCLUSTER_E_CONFLICT || tries == MAX_TRIES)
            return vcl_error_pass(error, &why, status);
        cJSON_Delete(vcl_steal(&again));
        status = vcl_kube_get_metadata(self->kube, call, &key, &again, error);
        stored = again;
    }
    return status;
}

static int take_objects(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const cJSON *stored = self->live ? self->live->child : NULL;
    const cJSON *object;

    cJSON_ArrayForEach (object, self->objects) {
        int status = VCLUSTER_OK;
        if (cJSON_IsObject(stored))
            status = take_one(self, call, object, stored, error);
        if (status == 0)
            status = vcl_record_renew(self->kube, call, self->look.record, error);
        if (status < 0)
            return vcl_wrap(error, status, "take over %s '%s'",
                            vcl_str(vcl_json_find_string(object, "kind", NULL)),
                            vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)));
        stored = stored ? stored->next : NULL;
    }
    return VCLUSTER_OK;
}

/* ---- The whole ---- */

static int take_over(vcl_adopter *self, vcl_call *call, bool recorded, vcluster_error **error)
{
    int status = VCLUSTER_OK;

    if (vcl_adopter_takes_objects(self))
        status = take_objects(self, call, error);
    if (status == 0 && !recorded) {
        const vcl_apply_set set = vcl_adopter_objects(self);
        status = vcl_apply_objects(&set, call, self->look.record, error);
    }
    return status < 0 ? status : finish_record(self, call, error);
}

/* Failing here loses nothing: the lock expires. */
static void abandon(vcl_adopter *self, const vcl_call *whole)
{
    VCL_AUTO_ERROR *ignored = NULL;
    vcl_call call;

    if (!vcl_record_is_ours(self->look.record))
        return;
    vcl_call_init_aftermath(&call, whole);
    (void)vcl_record_let_go(self->kube, &call, self->look.record, &ignored);
}

static int carry_out(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    const vcl_adopt_request *request = self->request;
    bool recorded = vcl_adopter_is_recorded(self);

    int status =
        self->look.record ? hold_record(self, call, error) : begin_record(self, call, error);
    if (status == 0)
        status = take_over(self, call, recorded, error);
    if (status < 0) {
        abandon(self, call);
        return status;
    }
    if (!vcl_lease_is_set(&request->lease))
        return VCLUSTER_OK;
    return vcl_lease_extend(request->client, call, request->name,
                            self->look.existing->namespace_name, &request->lease, NULL, error);
}

static int adopt(vcl_adopter *self, vcl_call *call, vcluster_error **error)
{
    int status = vcl_adopter_look(self, call, error);

    if (status == 0)
        status = vcl_adopter_plan(self, call, error);
    if (status < 0 || self->request->dry_run)
        return status;
    status = refuse(self, error);
    if (status < 0 || vcl_streq(self->changes->operation, "none"))
        return status;
    return carry_out(self, call, error);
}

int vcl_adopt(const vcl_adopt_request *request,
              vcl_call *call,
              vcluster_plan **out_plan,
              vcluster_error **error)
{
    for (int tries = 1;; tries++) {
        __attribute__((cleanup(vcl_adopter_done))) vcl_adopter self = { .request = request };
        VCL_AUTO_ERROR *why = NULL;

        int status = adopt(&self, call, &why);
        if (status == 0 && out_plan)
            *out_plan = vcl_steal(&self.changes);
        /* Another call has written the record: look again, at what it has made of it. */
        if (status != VCLUSTER_E_ALREADY_EXISTS || tries == MAX_TRIES)
            return vcl_error_pass(error, &why, status);
    }
}
