/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of a kubeconfig's tree, and their marks; see kubeconfig_mark.h. */
#include "kube/kubeconfig_mark.h"

#include "base/str.h"

const char *const vcl_config_lists[VCL_CONFIG_LISTS][2] = { { "clusters", "cluster" },
                                                            { "contexts", "context" },
                                                            { "users", "user" } };

const cJSON *
vcl_config_tree_entry(const cJSON *tree, const char *list, const char *name, size_t *out_index)
{
    const cJSON *entry = NULL;
    size_t index = 0;

    cJSON_ArrayForEach (entry, vcl_json_get(tree, list)) {
        if (vcl_streq(vcl_json_find_string(entry, "name", NULL), name)) {
            if (out_index)
                *out_index = index;
            return entry;
        }
        index++;
    }
    return NULL;
}

const cJSON *vcl_mark_of(const cJSON *body)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(body, "extensions")) {
        const cJSON *mark = vcl_json_get(item, "extension");

        if (vcl_streq(vcl_json_find_string(item, "name", NULL), VCL_MARK) && cJSON_IsObject(mark))
            return mark;
    }
    return NULL;
}

/* The extensions of a body without our own. */
static cJSON *other_extensions(cJSON *body)
{
    cJSON *list = vcl_json_get(body, "extensions");

    if (!cJSON_IsArray(list)) {
        if (!vcl_json_set(body, "extensions", cJSON_CreateArray()))
            return NULL;
        return vcl_json_get(body, "extensions");
    }
    for (int i = cJSON_GetArraySize(list); i-- > 0;) {
        const cJSON *item = cJSON_GetArrayItem(list, i);
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), VCL_MARK))
            cJSON_DeleteItemFromArray(list, i);
    }
    return list;
}

bool vcl_mark_set(cJSON *body, cJSON *mark)
{
    cJSON *item = cJSON_CreateObject();
    cJSON *list = other_extensions(body);

    if (!list || !vcl_json_set(item, "extension", mark)) {
        if (!list)
            cJSON_Delete(mark);
        cJSON_Delete(item);
        return false;
    }
    if (!vcl_json_set_string(item, "name", VCL_MARK)) {
        cJSON_Delete(item);
        return false;
    }
    return vcl_json_append(list, item);
}
