/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of a release on the host; see apply.h. Ownership marks are Helm's. */
#include "vcluster/apply.h"

#include "base/str.h"
#include "vcluster/names.h"

enum { RENEW_AFTER_MS = 5000 };

static const char *const managed_by_label = "app.kubernetes.io/managed-by";
static const char *const release_name_annotation = "meta.helm.sh/release-name";
static const char *const release_namespace_annotation = "meta.helm.sh/release-namespace";

static int key_of(const vcl_apply_set *set,
                  vcl_call *call,
                  const cJSON *object,
                  vcl_object_key *out_key,
                  vcluster_error **error)
{
    vcl_resource resource;
    const char *own = vcl_json_find_string(object, "metadata", "namespace", NULL);

    *out_key = (vcl_object_key){
        .api_version = vcl_json_find_string(object, "apiVersion", NULL),
        .kind = vcl_json_find_string(object, "kind", NULL),
        .name = vcl_json_find_string(object, "metadata", "name", NULL),
    };
    if (vcl_str_empty(out_key->api_version) || vcl_str_empty(out_key->kind) ||
        vcl_str_empty(out_key->name))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the chart makes an object without apiVersion, kind or metadata.name");
    int status =
        vcl_kube_resource(set->kube, call, out_key->api_version, out_key->kind, &resource, error);
    if (status < 0)
        return status;
    if (resource.namespaced)
        out_key->namespace_name = own ? own : set->namespace_name;
    return VCLUSTER_OK;
}

static bool belongs_to(const vcl_apply_set *set, const cJSON *stored)
{
    return vcl_streq(vcl_json_find_string(stored, "metadata", "labels", managed_by_label, NULL),
                     "Helm") &&
           vcl_streq(vcl_json_find_string(stored, "metadata", "annotations",
                                          release_name_annotation, NULL),
                     set->release) &&
           vcl_streq(vcl_json_find_string(stored, "metadata", "annotations",
                                          release_namespace_annotation, NULL),
                     set->namespace_name);
}

/* 1: exists and is foreign, 0: free or ours. */
static int is_foreign(const vcl_apply_set *set,
                      vcl_call *call,
                      const vcl_object_key *key,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *stored = NULL;
    VCL_AUTO_ERROR *why = NULL;

    int status = vcl_kube_get_metadata(set->kube, call, key, &stored, &why);
    if (status == VCLUSTER_E_NOT_FOUND || status == VCLUSTER_E_PERMISSION)
        return 0; /* one that may not be read: the apply will say so */
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    return belongs_to(set, stored) ? 0 : 1;
}

int vcl_apply_check_foreign(const vcl_apply_set *set, vcl_call *call, vcluster_error **error)
{
    VCL_AUTO_ERROR *foreign = NULL;
    const cJSON *object;

    cJSON_ArrayForEach (object, set->objects) {
        vcl_object_key key;
        int status = key_of(set, call, object, &key, error);
        if (status == 0)
            status = is_foreign(set, call, &key, error);
        if (status < 0)
            return status;
        if (status == 0)
            continue;

        if (!foreign)
            (void)vcl_fail(&foreign, VCLUSTER_E_ALREADY_EXISTS,
                           "objects of these names exist and do not belong to release '%s'",
                           set->release);
        vcl_auto_free char *path = vcl_format("%s/%s", key.kind, key.name);
        vcl_error_add_finding(&foreign, path, 0, "foreign-object", VCLUSTER_SEVERITY_ERROR,
                              "exists already and is not of this release",
                              "delete or rename it, or choose another namespace");
    }
    if (!foreign)
        return VCLUSTER_OK;
    if (error)
        *error = vcl_steal(&foreign);
    return VCLUSTER_E_ALREADY_EXISTS;
}

/* The object as it is applied: with Helm's ownership marks. */
static cJSON *marked(const vcl_apply_set *set, const cJSON *object, const char *namespace_name)
{
    VCL_AUTO_JSON *copy = vcl_json_copy(object);
    cJSON *metadata = copy ? vcl_json_object(copy, "metadata") : NULL;
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
    cJSON *annotations = labels ? vcl_json_object(metadata, "annotations") : NULL;

    if (!annotations || !vcl_json_set_string(labels, managed_by_label, "Helm") ||
        !vcl_json_set_string(annotations, release_name_annotation, set->release) ||
        !vcl_json_set_string(annotations, release_namespace_annotation, set->namespace_name))
        return NULL;
    if (namespace_name && !vcl_json_set_string(metadata, "namespace", namespace_name))
        return NULL;
    return vcl_steal(&copy);
}

static int
apply_one(const vcl_apply_set *set, vcl_call *call, const cJSON *object, vcluster_error **error)
{
    vcl_object_key key;
    vcl_apply_options options = { .field_manager = VCL_MANAGER_HELM };

    int status = key_of(set, call, object, &key, error);
    if (status < 0)
        return status;
    VCL_AUTO_JSON *copy = marked(set, object, key.namespace_name);
    if (!copy)
        return vcl_no_memory(error);
    status = vcl_kube_apply(set->kube, call, copy, &options, NULL, error);
    if (status < 0)
        return vcl_wrap(error, status, "apply %s '%s'", key.kind, key.name);

    vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
    return vcl_call_report(call, error, VCLUSTER_STEP_OBJECT, shown, "applied");
}

int vcl_apply_objects(const vcl_apply_set *set,
                      vcl_call *call,
                      vcl_record *record,
                      vcluster_error **error)
{
    const cJSON *object;

    cJSON_ArrayForEach (object, set->objects) {
        int status = apply_one(set, call, object, error);
        if (status == 0)
            status = vcl_record_renew(set->kube, call, record, error);
        if (status < 0)
            return status;
    }
    return VCLUSTER_OK;
}

static bool is_kept(const cJSON *object)
{
    return vcl_streq(
        vcl_json_find_string(object, "metadata", "annotations", "helm.sh/resource-policy", NULL),
        "keep");
}

static int
delete_one(const vcl_apply_set *set, vcl_call *call, const cJSON *object, vcluster_error **error)
{
    vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
    vcl_object_key key;
    VCL_AUTO_ERROR *why = NULL;

    int status = key_of(set, call, object, &key, &why);
    if (status == 0)
        status = vcl_kube_delete(set->kube, call, &key, &options, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK; /* the object, or its whole kind */
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    vcl_auto_free char *shown = vcl_format("%s/%s", key.kind, key.name);
    return vcl_call_report(call, error, VCLUSTER_STEP_DELETE, shown, "deletion asked for");
}

int vcl_apply_delete(const vcl_apply_set *set, vcl_call *call, vcluster_error **error)
{
    for (int i = cJSON_GetArraySize(set->objects) - 1; i >= 0; i--) {
        const cJSON *object = cJSON_GetArrayItem(set->objects, i);
        int status = is_kept(object) ? 0 : delete_one(set, call, object, error);
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

int vcl_apply_wait_gone(const vcl_apply_set *set,
                        vcl_call *call,
                        vcl_record *record,
                        vcluster_error **error)
{
    const cJSON *object;

    cJSON_ArrayForEach (object, set->objects) {
        vcl_object_key key;
        VCL_AUTO_ERROR *why = NULL;

        int status = is_kept(object) ? VCLUSTER_E_NOT_FOUND : key_of(set, call, object, &key, &why);
        if (status == VCLUSTER_E_NOT_FOUND)
            continue;
        if (status == 0)
            status = vcl_wait_gone_locked(set->kube, call, record, &key, NULL, &why);
        if (status < 0)
            return vcl_error_pass(error, &why, status);
    }
    return VCLUSTER_OK;
}
