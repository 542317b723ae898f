/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an upgrade would change: each object is sent as a dry run, and what comes back is compared
 * with what is there. Fields that only the release before this one set, and that Helm wrote by
 * client-side apply, are taken from the difference of the manifests: the server cannot say that in
 * a dry run.
 */
#include "base/str.h"
#include "release/deploy.h"
#include "release/field_diff.h"
#include "release/managed_fields.h"
#include "release/operation.h"
#include "release/order.h"

static bool add_change(
    cJSON *changes, const char *change, const cJSON *object, const char *space, cJSON *fields)
{
    cJSON *entry = cJSON_CreateObject();

    if (!vcl_json_append(changes, entry)) {
        vcl_json_free_secret(fields);
        return false;
    }
    return vcl_json_set(entry, "fields", fields) && vcl_json_set_string(entry, "change", change) &&
           vcl_json_set_string(entry, "apiVersion",
                               vcl_str(vcl_json_find_string(object, "apiVersion", NULL))) &&
           vcl_json_set_string(entry, "kind",
                               vcl_str(vcl_json_find_string(object, "kind", NULL))) &&
           (!space || vcl_json_set_string(entry, "namespace", space)) &&
           vcl_json_set_string(entry, "name",
                               vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)));
}

/* What is in one that is added is in the chart: it is not told. */
static int add_new(const cJSON *object, const char *space, cJSON *changes, vcluster_error **error)
{
    return add_change(changes, "add", object, space, cJSON_CreateArray()) ? VCLUSTER_OK
                                                                          : vcl_no_memory(error);
}

/* The fields that were in the manifest of an object and are no more. */
static bool add_left(cJSON *fields, const cJSON *was, const cJSON *object)
{
    VCL_AUTO_JSON *gone = vcl_field_diff(was, object);
    const cJSON *field;

    if (!gone)
        return false;
    cJSON_ArrayForEach (field, gone) {
        if (vcl_json_get(field, "new") || !vcl_json_get(field, "old"))
            continue;
        if (!vcl_json_append(fields, vcl_json_copy(field)))
            return false;
    }
    return true;
}

/* Whether the server has its reasons; otherwise it could not be asked. */
static bool is_refusal(int status)
{
    static const int refusals[] = { VCLUSTER_E_INVALID_ARGUMENT, VCLUSTER_E_CONFIG,
                                    VCLUSTER_E_CONFLICT,         VCLUSTER_E_PERMISSION,
                                    VCLUSTER_E_UNSUPPORTED,      VCLUSTER_E_QUOTA,
                                    VCLUSTER_E_PRECONDITION };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (refusals[i] == status)
            return true;
    }
    return false;
}

static int add_refused(const cJSON *object,
                       const char *space,
                       const vcluster_error *why,
                       cJSON *changes,
                       vcluster_error **error)
{
    if (!add_change(changes, "refused", object, space, cJSON_CreateArray()))
        return vcl_no_memory(error);
    cJSON *entry = cJSON_GetArrayItem(changes, cJSON_GetArraySize(changes) - 1);
    return vcl_json_set_string(entry, "reason", vcluster_error_to_string(why))
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

static int compare_one(const vcl_deploy *self,
                       vcl_call *call,
                       const cJSON *object,
                       const cJSON *metadata,
                       bool refused,
                       cJSON *changes,
                       vcluster_error **error)
{
    vcl_apply_set set = vcl_rollout_set(&self->rollout);
    bool moves = vcl_managed_fields_need_move(metadata, VCL_MANAGER_HELM);
    vcl_apply_options options = { .field_manager = VCL_MANAGER_HELM,
                                  .dry_run = true,
                                  .force = set.force || moves };
    const cJSON *was = vcl_objects_find(set.before, object, set.namespace_name);
    VCL_AUTO_JSON *before = NULL;
    VCL_AUTO_JSON *after = NULL;
    VCL_AUTO_ERROR *why = NULL;
    vcl_object_key key;

    int status = vcl_apply_key(&set, call, object, &key, &why);
    if (status == VCLUSTER_E_NOT_FOUND) /* the check has found its definition in the chart */
        return add_new(object, NULL, changes, error);
    if (status == 0)
        status = cJSON_IsObject(metadata) ? vcl_kube_get(set.kube, call, &key, &before, &why)
                                          : VCLUSTER_E_NOT_FOUND;
    if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
        return vcl_error_pass(error, &why, status);
    if (set.fresh && vcl_streq(key.namespace_name, set.namespace_name))
        return add_new(object, key.namespace_name, changes, error);

    VCL_AUTO_JSON *copy = vcl_apply_marked(&set, object, key.namespace_name);
    if (!copy)
        return vcl_no_memory(error);
    vcl_error_clear(&why);
    status = vcl_kube_apply(set.kube, call, copy, &options, &after, &why);
    if (status < 0 && refused && is_refusal(status))
        return add_refused(object, key.namespace_name, why, changes, error);
    if (status < 0)
        return vcl_error_pass(error, &why,
                              vcl_wrap(&why, status, "try to apply %s '%s'", key.kind, key.name));
    if (!before)
        return add_new(object, key.namespace_name, changes, error);
    cJSON *fields = vcl_field_diff(before, after);
    if (!fields || (moves && was && !add_left(fields, was, object))) {
        vcl_json_free_secret(fields);
        return vcl_no_memory(error);
    }
    if (!fields->child) {
        cJSON_Delete(fields);
        return VCLUSTER_OK;
    }
    return add_change(changes, "modify", object, key.namespace_name, fields) ? VCLUSTER_OK
                                                                             : vcl_no_memory(error);
}

static int
compare_removed(const vcl_deploy *self, vcl_call *call, cJSON *changes, vcluster_error **error)
{
    vcl_apply_set set = vcl_rollout_set(&self->rollout);
    const cJSON *object;

    cJSON_ArrayForEach (object, set.before) {
        VCL_AUTO_JSON *stored = NULL;
        VCL_AUTO_ERROR *why = NULL;
        vcl_object_key key;

        if (vcl_object_is_kept(object) || vcl_objects_find(set.objects, object, set.namespace_name))
            continue;
        int status = vcl_apply_key(&set, call, object, &key, &why);
        if (status == 0)
            status = vcl_kube_get_metadata(set.kube, call, &key, &stored, &why);
        if (status == VCLUSTER_E_NOT_FOUND)
            continue;
        if (status < 0)
            return vcl_error_pass(error, &why, status);
        if (vcl_object_is_kept(stored) || vcl_apply_is_of_another(&set, stored))
            continue;
        if (!add_change(changes, "delete", object, key.namespace_name, cJSON_CreateArray()))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_deploy_compare(const vcl_deploy *self,
                       vcl_call *call,
                       bool refused,
                       cJSON **out_changes,
                       vcluster_error **error)
{
    const cJSON *stored = self->rollout.live ? self->rollout.live->child : NULL;
    cJSON *changes = cJSON_CreateArray();
    const cJSON *object;
    int status = changes ? VCLUSTER_OK : vcl_no_memory(error);

    cJSON_ArrayForEach (object, self->rollout.objects) {
        if (status == 0)
            status = compare_one(self, call, object, stored, refused, changes, error);
        stored = stored ? stored->next : NULL;
    }
    if (status == 0)
        status = compare_removed(self, call, changes, error);
    if (status == 0)
        *out_changes = vcl_steal(&changes);
    vcl_json_free_secret(changes);
    return status;
}

int vcl_release_changes(const vcl_release_request *request,
                        vcl_call *call,
                        cJSON **out_changes,
                        vcluster_error **error)
{
    vcl_deploy self = { .request = request,
                        .may_install = request->options.install != 0,
                        .may_upgrade = true };
    int status;

    do {
        vcl_deploy_done(&self);
        status = vcl_deploy_plan(&self, call, error);
        if (status > 0) {
            int checked = vcl_call_check(call, error);
            status = checked < 0 ? checked : status;
        }
    } while (status > 0);
    if (status == 0)
        status = vcl_deploy_compare(&self, call, request->inside != NULL, out_changes, error);
    vcl_deploy_done(&self);
    return status;
}

int vcl_release_diff(const vcl_release_request *request,
                     vcl_call *call,
                     char **out_json,
                     vcluster_error **error)
{
    cJSON *changes = NULL;

    int status = vcl_release_changes(request, call, &changes, error);
    char *text = status == 0 ? vcl_json_print(changes) : NULL;
    vcl_json_free_secret(changes);
    if (status == 0 && !text)
        return vcl_no_memory(error);
    if (status == 0)
        *out_json = text;
    return status;
}
