/* SPDX-License-Identifier: Apache-2.0 */
/* Reading manifests; see manifests.h. */
#include "quota/manifests.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/yaml.h"

static int take_object(cJSON *objects, cJSON *object, vcluster_error **error)
{
    if (!vcl_json_find_string(object, "kind", NULL)) {
        cJSON_Delete(object);
        return vcl_fail(error, VCLUSTER_E_CONFIG, "a document is no object with a 'kind'");
    }
    return vcl_json_append(objects, object) ? 0 : vcl_no_memory(error);
}

static int take_document(cJSON *objects, cJSON *document, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    cJSON *items = vcl_json_get(document, "items");
    int status = 0;

    if (!vcl_ends_with(vcl_str(vcl_json_find_string(document, "kind", NULL)), "List") ||
        !cJSON_IsArray(items))
        return take_object(objects, document, error);
    list = document;
    while (status == 0 && items->child)
        status = take_object(objects, cJSON_DetachItemViaPointer(items, items->child), error);
    return status;
}

int vcl_manifests_parse(const char *text, cJSON **out_objects, vcluster_error **error)
{
    VCL_AUTO_JSON *documents = NULL;
    VCL_AUTO_JSON *objects = cJSON_CreateArray();

    if (!objects)
        return vcl_no_memory(error);
    int status = vcl_yaml_parse_all(text, strlen(text), &documents, error);
    while (status == 0 && documents->child)
        status =
            take_document(objects, cJSON_DetachItemViaPointer(documents, documents->child), error);
    if (status == 0)
        *out_objects = vcl_steal(&objects);
    return status;
}

bool vcl_manifests_move(cJSON *from, const char *kind, cJSON *to)
{
    cJSON *next = NULL;

    for (cJSON *object = from->child; object; object = next) {
        next = object->next;
        if (vcl_streq(vcl_json_find_string(object, "kind", NULL), kind) &&
            vcl_streq(vcl_json_find_string(object, "apiVersion", NULL), "v1") &&
            !vcl_json_append(to, cJSON_DetachItemViaPointer(from, object)))
            return false;
    }
    return true;
}
