/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client-side to server-side apply; see managed_fields.h. The same result as client-go's
 * util/csaupgrade: the entry of operation Update becomes one of operation Apply, or is united with
 * the one that is there.
 */
#include "release/managed_fields.h"

#include "base/str.h"
#include "release/record.h"

static bool is_entry(const cJSON *entry, const char *manager, const char *operation)
{
    return vcl_streq(vcl_json_find_string(entry, "manager", NULL), manager) &&
           vcl_streq(vcl_json_find_string(entry, "operation", NULL), operation) &&
           vcl_str_empty(vcl_json_find_string(entry, "subresource", NULL));
}

static cJSON *find_entry(const cJSON *list, const char *manager, const char *operation)
{
    cJSON *entry;

    cJSON_ArrayForEach (entry, list) {
        if (is_entry(entry, manager, operation))
            return entry;
    }
    return NULL;
}

/* Unite two sets of fields. An empty object is the field itself; one with members is what is below
 * it, and the field itself only where it has the member ".". */
static bool unite(cJSON *into, const cJSON *from)
{
    const cJSON *field;
    bool into_was_leaf = !into->child;

    if (into_was_leaf && from->child && !vcl_json_set(into, ".", cJSON_CreateObject()))
        return false;
    if (!into_was_leaf && !from->child)
        return vcl_json_set(into, ".", cJSON_CreateObject());
    cJSON_ArrayForEach (field, from) {
        cJSON *same = vcl_json_get(into, field->string);
        bool ok =
            same ? unite(same, field) : vcl_json_set(into, field->string, vcl_json_copy(field));
        if (!ok)
            return false;
    }
    return true;
}

/* Unite the entry with what is applied already. The root is no field: empty means nothing. */
static bool join(cJSON *applied, const cJSON *updated)
{
    const cJSON *from = vcl_json_get(updated, "fieldsV1");
    cJSON *into = vcl_json_object(applied, "fieldsV1");

    if (!into || !from || !from->child)
        return into != NULL;
    if (!into->child)
        return vcl_json_set(applied, "fieldsV1", vcl_json_copy(from));
    return unite(into, from);
}

/* The list as it shall be. */
static cJSON *moved(const cJSON *list, const char *manager)
{
    VCL_AUTO_JSON *copy = vcl_json_copy(list);
    cJSON *updated = copy ? find_entry(copy, manager, "Update") : NULL;
    cJSON *applied = copy ? find_entry(copy, manager, "Apply") : NULL;

    if (!updated)
        return NULL;
    if (!applied) {
        if (!vcl_json_set_string(updated, "operation", "Apply"))
            return NULL;
        applied = updated;
        updated = find_entry(copy, manager, "Update");
    }
    while (updated) { /* there can be one an API version */
        if (!join(applied, updated))
            return NULL;
        cJSON_Delete(cJSON_DetachItemViaPointer(copy, updated));
        updated = find_entry(copy, manager, "Update");
    }
    return vcl_steal(&copy);
}

static cJSON *replacement(const char *path, cJSON *value)
{
    VCL_AUTO_JSON *step = cJSON_CreateObject();

    if (!step) {
        cJSON_Delete(value);
        return NULL;
    }
    if (!vcl_json_set(step, "value", value) || !vcl_json_set_string(step, "op", "replace") ||
        !vcl_json_set_string(step, "path", path))
        return NULL;
    return vcl_steal(&step);
}

bool vcl_managed_fields_need_move(const cJSON *object, const char *manager)
{
    return find_entry(vcl_json_find(object, "metadata", "managedFields", NULL), manager,
                      "Update") != NULL;
}

/* Those who say what an object should be, as opposed to controllers that fill it in. */
static bool is_declarer(const char *manager)
{
    static const char *const names[] = { "argocd-controller", "argocd-application-controller",
                                         "before-first-apply", "helm-controller",
                                         "kustomize-controller" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_streq(manager, names[i]))
            return true;
    }
    return manager && vcl_starts_with(manager, "kubectl");
}

int vcl_managed_fields_take(const cJSON *object, cJSON **out_list, vcluster_error **error)
{
    VCL_AUTO_JSON *list = vcl_json_copy(vcl_json_find(object, "metadata", "managedFields", NULL));
    bool any = false;
    cJSON *entry;

    cJSON_ArrayForEach (entry, list) {
        if (!is_declarer(vcl_json_find_string(entry, "manager", NULL)) ||
            !vcl_str_empty(vcl_json_find_string(entry, "subresource", NULL)))
            continue;
        any = true;
        if (!vcl_json_set_string(entry, "manager", VCL_MANAGER_HELM) ||
            !vcl_json_set_string(entry, "operation", "Update"))
            return vcl_no_memory(error);
    }
    if (!any)
        return VCLUSTER_OK;
    *out_list = moved(list, VCL_MANAGER_HELM);
    return *out_list ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_managed_fields_patch(const cJSON *object,
                             const char *manager,
                             char **out_patch,
                             vcluster_error **error)
{
    const cJSON *list = vcl_json_find(object, "metadata", "managedFields", NULL);
    const char *version = vcl_json_find_string(object, "metadata", "resourceVersion", NULL);
    VCL_AUTO_JSON *patch = NULL;

    if (!vcl_managed_fields_need_move(object, manager))
        return VCLUSTER_OK;
    cJSON *fields = moved(list, manager);
    patch = cJSON_CreateArray();
    if (!fields || !patch) {
        cJSON_Delete(fields);
        return vcl_no_memory(error);
    }
    if (!vcl_json_append(patch, replacement("/metadata/managedFields", fields)) ||
        !vcl_json_append(
            patch, replacement("/metadata/resourceVersion", cJSON_CreateString(vcl_str(version)))))
        return vcl_no_memory(error);
    char *text = vcl_json_print(patch);
    if (!text)
        return vcl_no_memory(error);
    *out_patch = text;
    return VCLUSTER_OK;
}
