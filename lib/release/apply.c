/* SPDX-License-Identifier: Apache-2.0 */
/* The objects of a release on the host; see apply.h. Ownership marks are Helm's. */
#include "release/apply.h"

#include "base/str.h"
#include "release/managed_fields.h"
#include "release/order.h"

/* A kind whose definition was made a moment ago may not be served at once. */
enum { NEW_KIND_PAUSE_MS = 200, NEW_KIND_TRIES = 50 };

static const char *const managed_by_label = "app.kubernetes.io/managed-by";
static const char *const release_name_annotation = "meta.helm.sh/release-name";
static const char *const release_namespace_annotation = "meta.helm.sh/release-namespace";

int vcl_apply_key(const vcl_apply_set *set,
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
        out_key->namespace_name = vcl_str_empty(own) ? set->namespace_name : own;
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

bool vcl_apply_is_of_another(const vcl_apply_set *set, const cJSON *stored)
{
    const char *release =
        vcl_json_find_string(stored, "metadata", "annotations", release_name_annotation, NULL);

    return release && !belongs_to(set, stored);
}

/* What is there of an object: NULL where there is nothing, or where it may not be read (then the
 * apply will say so). */
static int look_at(const vcl_apply_set *set,
                   vcl_call *call,
                   const vcl_object_key *key,
                   cJSON **out_stored,
                   vcluster_error **error)
{
    VCL_AUTO_ERROR *why = NULL;

    if (set->fresh && vcl_streq(key->namespace_name, set->namespace_name))
        return VCLUSTER_OK;
    int status = vcl_kube_get_metadata(set->kube, call, key, out_stored, &why);
    if (status == VCLUSTER_E_NOT_FOUND || status == VCLUSTER_E_PERMISSION)
        return VCLUSTER_OK;
    return vcl_error_pass(error, &why, status);
}

/* An object that the release has had is its own unless it carries the marks of another one. */
static bool is_foreign(const vcl_apply_set *set, const cJSON *object, const cJSON *stored)
{
    if (!stored || set->take_ownership)
        return false;
    if (vcl_objects_find(set->before, object, set->namespace_name))
        return vcl_apply_is_of_another(set, stored);
    return !belongs_to(set, stored);
}

static void
add_foreign(const vcl_apply_set *set, const vcl_object_key *key, vcluster_error **foreign)
{
    if (!*foreign)
        (void)vcl_fail(foreign, VCLUSTER_E_ALREADY_EXISTS,
                       "objects of these names exist and do not belong to release '%s'",
                       set->release);
    vcl_auto_free char *path = vcl_format("%s/%s", key->kind, key->name);
    vcl_error_add_finding(foreign, path, 0, "foreign-object", VCLUSTER_SEVERITY_ERROR,
                          "exists already and is not of this release",
                          "delete or rename it, or choose another namespace");
}

/* Whether a definition that is installed with the release makes the kind of an object. */
static bool is_defined_here(const vcl_apply_set *set, const cJSON *object)
{
    const char *version = vcl_json_find_string(object, "apiVersion", NULL);
    const char *kind = vcl_json_find_string(object, "kind", NULL);
    const cJSON *lists[] = { set->definitions, set->objects };
    const cJSON *item;

    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (item, lists[i]) {
            if (vcl_object_defines(item, version, kind))
                return true;
        }
    }
    return false;
}

static int look_at_all(const vcl_apply_set *set,
                       vcl_call *call,
                       cJSON *live,
                       vcluster_error **foreign,
                       vcluster_error **error)
{
    const cJSON *object;

    cJSON_ArrayForEach (object, set->objects) {
        VCL_AUTO_JSON *stored = NULL;
        VCL_AUTO_ERROR *why = NULL;
        vcl_object_key key;

        int status = vcl_apply_key(set, call, object, &key, &why);
        if (status == 0)
            status = look_at(set, call, &key, &stored, &why);
        else if (status == VCLUSTER_E_NOT_FOUND && is_defined_here(set, object))
            status = 0;
        else if (status == VCLUSTER_E_NOT_FOUND) {
            vcl_error_clear(&why);
            status = vcl_fail(&why, VCLUSTER_E_PRECONDITION,
                              "the server does not know kind '%s' of '%s': is its "
                              "CustomResourceDefinition installed?",
                              key.kind, key.api_version);
        }
        if (status < 0)
            return vcl_error_pass(error, &why, status);
        if (is_foreign(set, object, stored))
            add_foreign(set, &key, foreign);
        if (!vcl_json_append(live, stored ? vcl_steal(&stored) : cJSON_CreateNull()))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_apply_look(const vcl_apply_set *set,
                   vcl_call *call,
                   cJSON **out_live,
                   vcluster_error **error)
{
    VCL_AUTO_JSON *live = cJSON_CreateArray();
    VCL_AUTO_ERROR *foreign = NULL;

    if (!live)
        return vcl_no_memory(error);
    int status = look_at_all(set, call, live, &foreign, error);
    if (status < 0)
        return status;
    if (foreign)
        return vcl_error_pass(error, &foreign, VCLUSTER_E_ALREADY_EXISTS);
    if (out_live)
        *out_live = vcl_steal(&live);
    return VCLUSTER_OK;
}

int vcl_apply_check_foreign(const vcl_apply_set *set, vcl_call *call, vcluster_error **error)
{
    return vcl_apply_look(set, call, NULL, error);
}

cJSON *vcl_apply_marked(const vcl_apply_set *set, const cJSON *object, const char *namespace_name)
{
    VCL_AUTO_JSON *copy = vcl_json_copy(object);
    cJSON *metadata = copy ? vcl_json_object(copy, "metadata") : NULL;
    cJSON *labels = metadata ? vcl_json_object(metadata, "labels") : NULL;
    cJSON *annotations = labels ? vcl_json_object(metadata, "annotations") : NULL;

    if (!annotations || !vcl_json_set_string(labels, managed_by_label, "Helm") ||
        !vcl_json_set_string(annotations, release_name_annotation, set->release) ||
        !vcl_json_set_string(annotations, release_namespace_annotation, set->namespace_name))
        return NULL;
    if (!namespace_name) /* charts give cluster-scoped objects one, too */
        vcl_json_remove(metadata, "namespace");
    else if (!vcl_json_set_string(metadata, "namespace", namespace_name))
        return NULL;
    return vcl_steal(&copy);
}

/* Send it; again for a while where its kind is only just being served. */
static int send(const vcl_apply_set *set,
                vcl_call *call,
                const cJSON *object,
                vcl_object_key *out_key,
                vcluster_error **error)
{
    vcl_apply_options options = { .field_manager = VCL_MANAGER_HELM, .force = set->force };

    for (int tries = 0;; tries++) {
        VCL_AUTO_ERROR *why = NULL;
        VCL_AUTO_JSON *copy = NULL;

        int status = vcl_apply_key(set, call, object, out_key, &why);
        if (status == 0) {
            copy = vcl_apply_marked(set, object, out_key->namespace_name);
            status = copy ? vcl_kube_apply(set->kube, call, copy, &options, NULL, &why)
                          : vcl_no_memory(&why);
        }
        if (status != VCLUSTER_E_NOT_FOUND || tries == NEW_KIND_TRIES ||
            !is_defined_here(set, object))
            return vcl_error_pass(error, &why, status);
        status = vcl_call_sleep(call, NEW_KIND_PAUSE_MS, error);
        if (status < 0)
            return status;
    }
}

static int
apply_one(const vcl_apply_set *set, vcl_call *call, const cJSON *object, vcluster_error **error)
{
    vcl_object_key key;

    int status = send(set, call, object, &key, error);
    if (status < 0)
        return vcl_wrap(error, status, "apply %s '%s'", vcl_str(key.kind), vcl_str(key.name));

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

static int migrate_one(const vcl_apply_set *set,
                       vcl_call *call,
                       const cJSON *object,
                       const cJSON *stored,
                       vcluster_error **error)
{
    vcl_apply_options options = { .field_manager = VCL_MANAGER_HELM };
    vcl_auto_free char *patch = NULL;
    vcl_object_key key;

    int status = vcl_managed_fields_patch(stored, VCL_MANAGER_HELM, &patch, error);
    if (status < 0 || !patch)
        return status;
    status = vcl_apply_key(set, call, object, &key, error);
    for (int tries = 0; status == 0; tries++) {
        VCL_AUTO_ERROR *why = NULL;
        VCL_AUTO_JSON *again = NULL;

        status = vcl_kube_patch(set->kube, call, &key, "application/json-patch+json", patch,
                                &options, NULL, &why);
        if (status != VCLUSTER_E_CONFLICT || tries == 3)
            return vcl_error_pass(error, &why, status);
        /* Somebody else, a controller most likely, has changed it since: look again. */
        free(vcl_steal(&patch));
        status = vcl_kube_get_metadata(set->kube, call, &key, &again, error);
        if (status == 0)
            status = vcl_managed_fields_patch(again, VCL_MANAGER_HELM, &patch, error);
        if (status == 0 && !patch)
            return VCLUSTER_OK;
    }
    return status;
}

int vcl_apply_migrate(const vcl_apply_set *set,
                      vcl_call *call,
                      const cJSON *live,
                      vcl_record *record,
                      vcluster_error **error)
{
    const cJSON *stored = live ? live->child : NULL;
    const cJSON *object;

    cJSON_ArrayForEach (object, set->objects) {
        int status = VCLUSTER_OK;
        if (cJSON_IsObject(stored))
            status = migrate_one(set, call, object, stored, error);
        if (status == 0)
            status = vcl_record_renew(set->kube, call, record, error);
        if (status < 0)
            return vcl_wrap(error, status, "move %s '%s' to server-side apply",
                            vcl_str(vcl_json_find_string(object, "kind", NULL)),
                            vcl_str(vcl_json_find_string(object, "metadata", "name", NULL)));
        stored = stored ? stored->next : NULL;
    }
    return VCLUSTER_OK;
}
