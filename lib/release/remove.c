/* SPDX-License-Identifier: Apache-2.0 */
/* Taking objects of a release away; see apply.h. */
#include "base/str.h"
#include "release/apply.h"
#include "release/order.h"

enum { RENEW_AFTER_MS = 5000 };

static int delete_key(const vcl_apply_set *set,
                      vcl_call *call,
                      const vcl_object_key *key,
                      const char *uid,
                      vcluster_error **error)
{
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true, .uid = uid };
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_delete(set->kube, call, key, &options, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK; /* the object, or its whole kind */
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    vcl_auto_free char *shown = vcl_format("%s/%s", key->kind, key->name);
    return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, shown, "deletion asked for");
}

/* The key of an object that is to go; 1 where its kind is not served any more. */
static int find_key(const vcl_apply_set *set,
                    vcl_call *call,
                    const cJSON *object,
                    vcl_object_key *out_key,
                    vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_apply_key(set, call, object, out_key, &why);
    return status == VCLUSTER_E_NOT_FOUND ? 1 : vcl_error_pass(error, &why, status);
}

static int
delete_one(const vcl_apply_set *set, vcl_call *call, const cJSON *object, vcluster_error **error)
{
    vcl_object_key key;

    int status = find_key(set, call, object, &key, error);
    if (status != 0)
        return status < 0 ? status : VCLUSTER_OK;
    return delete_key(set, call, &key, NULL, error);
}

int vcl_apply_delete(const vcl_apply_set *set, vcl_call *call, vcluster_error **error)
{
    size_t count = 0;
    vcl_auto_free size_t *order = vcl_objects_removal_order(set->objects, &count);

    if (!order)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        const cJSON *object = cJSON_GetArrayItem(set->objects, (int)order[i]);
        int status = vcl_object_is_kept(object) ? 0 : delete_one(set, call, object, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

/* One that left the chart: only where it is still the release's own, as the server has it. */
static int
prune_one(const vcl_apply_set *set, vcl_call *call, const cJSON *object, vcluster_error **error)
{
    VCL_AUTO_JSON *stored = NULL;
    VCL_AUTO_ERROR *why = NULL;
    vcl_object_key key;

    int status = find_key(set, call, object, &key, error);
    if (status != 0)
        return status < 0 ? status : VCLUSTER_OK;
    status = vcl_kube_get_metadata(set->kube, call, &key, &stored, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (vcl_object_is_kept(stored) || vcl_apply_is_of_another(set, stored)) {
        vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
        return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, shown, "kept");
    }
    return delete_key(set, call, &key, vcl_json_find_string(stored, "metadata", "uid", NULL),
                      error);
}

int vcl_apply_prune(const vcl_apply_set *set,
                    vcl_call *call,
                    vcl_record *record,
                    vcluster_error **error)
{
    size_t count = 0;
    vcl_auto_free size_t *order = vcl_objects_removal_order(set->before, &count);

    if (!order)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        const cJSON *object = cJSON_GetArrayItem(set->before, (int)order[i]);
        if (vcl_object_is_kept(object) ||
            vcl_objects_find(set->objects, object, set->namespace_name))
            continue;
        int status = prune_one(set, call, object, error);
        if (status == 0)
            status = vcl_record_renew(set->kube, call, record, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

int vcl_wait_gone_locked(vcl_kube *kube,
                         vcl_call *call,
                         vcl_record *record,
                         const vcl_object_key *key,
                         const char *uid,
                         vcluster_error **error)
{
    for (;;) {
        VCL_AUTO_ERROR *why = NULL;
        vcl_call part; /* shorter than the lock holds */

        vcl_call_init_part(&part, call, RENEW_AFTER_MS);
        int status = vcl_kube_wait_gone(kube, &part, key, uid, &why);
        if (status != VCLUSTER_E_TIMEOUT || vcl_call_left_ms(call) == 0) {
            return vcl_error_pass(error, &why, status);
        }
        status = record ? vcl_record_renew(kube, call, record, error) : VCLUSTER_OK;
        if (status < 0)
            return status;
    }
}

/* Wait for one object, unless it stays: kept by what the server has of it, or of another release.
 */
static int wait_one(const vcl_apply_set *set,
                    vcl_call *call,
                    vcl_record *record,
                    const cJSON *object,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *stored = NULL;
    VCL_AUTO_ERROR *why = NULL;
    vcl_object_key key;

    int status = find_key(set, call, object, &key, error);
    if (status != 0)
        return status < 0 ? status : VCLUSTER_OK;
    status = vcl_kube_get_metadata(set->kube, call, &key, &stored, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    if (vcl_object_is_kept(stored) || vcl_apply_is_of_another(set, stored))
        return VCLUSTER_OK;
    return vcl_wait_gone_locked(set->kube, call, record, &key,
                                vcl_json_find_string(stored, "metadata", "uid", NULL), error);
}

int vcl_apply_wait_gone(const vcl_apply_set *set,
                        vcl_call *call,
                        vcl_record *record,
                        vcluster_error **error)
{
    const cJSON *object;

    cJSON_ArrayForEach (object, set->objects) {
        int status =
            vcl_object_is_kept(object) ? VCLUSTER_OK : wait_one(set, call, record, object, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}
