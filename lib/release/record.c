/* SPDX-License-Identifier: Apache-2.0 */
/* Release records: finding, listing, reading and deleting them; see record.h. */
#include <stdlib.h>

#include "base/str.h"
#include "chart/release.h"
#include "release/record_private.h"

void vcl_record_free(vcl_record *record)
{
    if (!record)
        return;
    vcl_json_free_secret(record->secret);
    vcl_json_free_secret(record->unsure);
    free(record->name);
    free(record->namespace_name);
    free(record->status);
    free(record->holder);
    free(record);
}

const char *vcl_record_annotation(const vcl_record *record, const char *key)
{
    return vcl_json_find_string(record->secret, "metadata", "annotations", key, NULL);
}

vcl_object_key vcl_record_key(const vcl_record *record)
{
    return (vcl_object_key){ .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = record->namespace_name,
                             .name =
                                 vcl_json_find_string(record->secret, "metadata", "name", NULL) };
}

/* Take over what the server says the Secret is now. */
int vcl_record_adopt(vcl_record *record, cJSON *secret, vcluster_error **error)
{
    const char *status = vcl_json_find_string(secret, "metadata", "labels", "status", NULL);

    vcl_json_free_secret(record->secret);
    record->secret = secret;
    record->ours = record->holder &&
                   vcl_streq(vcl_record_annotation(record, VCL_ANNOTATION_HOLDER), record->holder);
    if (!vcl_str_replace(&record->status, vcl_str(status)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* Takes secret over, also on failure. */
int vcl_record_make(const char *name,
                    const char *namespace_name,
                    cJSON *secret,
                    vcl_record **out_record,
                    vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_record) record = calloc(1, sizeof(*record));

    if (!record) {
        vcl_json_free_secret(secret);
        return vcl_no_memory(error);
    }
    record->name = vcl_strdup(name);
    record->namespace_name = vcl_strdup(namespace_name);
    int status = vcl_record_adopt(record, secret, error);
    if (status < 0)
        return status;
    if (!record->name || !record->namespace_name)
        return vcl_no_memory(error);
    *out_record = vcl_steal(&record);
    return VCLUSTER_OK;
}

int64_t vcl_record_revision(const cJSON *item)
{
    int64_t revision = 0;

    (void)vcl_parse_i64(vcl_json_find_string(item, "metadata", "labels", "version", NULL),
                        &revision);
    return revision;
}

static int list_records(vcl_kube *kube,
                        vcl_call *call,
                        const char *name,
                        const char *namespace_name,
                        cJSON **out_list,
                        vcluster_error **error)
{
    vcl_auto_free char *selector = vcl_format("owner=helm,name=%s", name);
    if (!selector)
        return vcl_no_memory(error);

    vcl_list_query query = { .api_version = "v1",
                             .kind = "Secret",
                             .namespace_name = namespace_name,
                             .label_selector = selector,
                             .metadata_only = true };
    return vcl_kube_list(kube, call, &query, out_list, error);
}

int vcl_record_find(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_record **out_record,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;
    cJSON *newest = NULL;
    cJSON *item;

    int status = list_records(kube, call, name, namespace_name, &list, error);
    if (status < 0)
        return status;
    cJSON_ArrayForEach (item, vcl_json_get(list, "items")) {
        if (!newest || vcl_record_revision(item) > vcl_record_revision(newest))
            newest = item;
    }
    if (!newest) {
        *out_record = NULL;
        return VCLUSTER_OK;
    }

    cJSON *copy = vcl_json_copy(newest);
    if (!copy)
        return vcl_no_memory(error);
    const char *where = vcl_json_find_string(copy, "metadata", "namespace", NULL);
    return vcl_record_make(name, vcl_str(where), copy, out_record, error);
}

int vcl_record_open(const char *name,
                    const char *namespace_name,
                    const cJSON *metadata,
                    vcl_record **out_record,
                    vcluster_error **error)
{
    cJSON *copy = vcl_json_copy(metadata);

    return copy ? vcl_record_make(name, namespace_name, copy, out_record, error)
                : vcl_no_memory(error);
}

static int compare_revisions(const void *left, const void *right)
{
    int64_t a = vcl_record_revision(*(cJSON *const *)left);
    int64_t b = vcl_record_revision(*(cJSON *const *)right);

    return a < b ? -1 : a > b;
}

/* Put the items of a list in the order of their revisions: names have v10 before v2. */
static bool sort_revisions(cJSON *items)
{
    size_t count = (size_t)cJSON_GetArraySize(items);
    vcl_auto_free cJSON **list = calloc(count + 1, sizeof(cJSON *));

    if (!list)
        return false;
    for (size_t i = 0; i < count; i++)
        list[i] = cJSON_DetachItemViaPointer(items, items->child);
    if (count > 1)
        qsort(list, count, sizeof(cJSON *), compare_revisions);
    bool ok = true;
    for (size_t i = 0; i < count; i++)
        ok = vcl_json_append(items, list[i]) && ok;
    return ok;
}

int vcl_record_list(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    cJSON **out_items,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;

    int status = list_records(kube, call, name, namespace_name, &list, error);
    if (status < 0)
        return status;
    cJSON *items = cJSON_DetachItemFromObjectCaseSensitive(list, "items");
    if (!items)
        items = cJSON_CreateArray();
    if (!items || !sort_revisions(items)) {
        cJSON_Delete(items);
        return vcl_no_memory(error);
    }
    *out_items = items;
    return VCLUSTER_OK;
}

int vcl_record_read(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error)
{
    vcl_object_key key = vcl_record_key(record);
    cJSON *secret = NULL;

    int status = vcl_kube_get(kube, call, &key, &secret, error);
    return status < 0 ? status : vcl_record_adopt(record, secret, error);
}

int vcl_record_release_of(vcl_kube *kube,
                          vcl_call *call,
                          const char *name,
                          const char *namespace_name,
                          cJSON **out_release,
                          vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_record) record = NULL;

    *out_release = NULL;
    int status = vcl_record_find(kube, call, name, namespace_name, &record, error);
    if (status < 0 || !record)
        return status;
    status = vcl_record_read(kube, call, record, error);
    return status < 0 ? status : vcl_release_decode(record->secret, out_release, error);
}

bool vcl_record_is_pending(const vcl_record *record)
{
    return record && (vcl_starts_with(record->status, "pending-") ||
                      vcl_streq(record->status, "uninstalling"));
}

bool vcl_record_is_deployed(const vcl_record *record)
{
    return record && vcl_streq(record->status, "deployed");
}

int vcl_record_delete(vcl_kube *kube,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *items = NULL;
    const cJSON *item;

    int status = vcl_record_list(kube, call, name, namespace_name, &items, error);
    if (status < 0)
        return status;
    /* The newest goes last: it has the lock, and says what is going on. */
    cJSON_ArrayForEach (item, items) {
        vcl_object_key key = { .api_version = "v1",
                               .kind = "Secret",
                               .namespace_name = namespace_name,
                               .name = vcl_json_find_string(item, "metadata", "name", NULL) };
        vcl_kube_delete_options options = { .grace_seconds = -1, .may_repeat = true };
        VCL_AUTO_ERROR *why = NULL;

        status = vcl_kube_delete(kube, call, &key, &options, &why);
        if (status < 0 && status != VCLUSTER_E_NOT_FOUND)
            return vcl_error_pass(error, &why, status);
    }
    return VCLUSTER_OK;
}
