/* SPDX-License-Identifier: Apache-2.0 */
/* Lists: paging, restarting after 410, all at once or item by item. */
#include "base/str.h"
#include "kube/pager.h"
#include "kube/proto_answer.h"

enum { PAGE_SIZE = 500 };

void vcl_pager_init(vcl_pager *pager, const vcl_list_query *query)
{
    *pager = (vcl_pager){ .query = query };
}

void vcl_pager_done(vcl_pager *pager)
{
    free(pager->continue_token);
    free(pager->fresh_token);
    free(pager->resource_version);
    vcl_pager_init(pager, pager->query);
}

bool vcl_is_expired(const vcluster_error *error)
{
    const char *reason = vcluster_error_reason(error);

    return vcluster_error_http_status(error) == 410 || vcl_streq(reason, "Expired") ||
           vcl_streq(reason, "Gone");
}

int vcl_query_path(vcl_kube *kube,
                   vcl_call *call,
                   const vcl_list_query *query,
                   vcl_buf *out_path,
                   vcluster_error **error)
{
    vcl_resource resource;
    int status = vcl_kube_resource(kube, call, query->api_version, query->kind, &resource, error);

    if (status < 0)
        return status;
    status = vcl_kube_path(&resource, query->namespace_name, NULL, out_path, error);
    if (status < 0)
        return status;
    vcl_query_add(out_path, "labelSelector", query->label_selector);
    vcl_query_add(out_path, "fieldSelector", query->field_selector);
    return vcl_kube_check_buf(out_path, error);
}

/* Remember where the next page is; an empty token ends the list. */
static int follow(vcl_pager *pager, const cJSON *page, vcluster_error **error)
{
    const char *token = vcl_json_find_string(page, "metadata", "continue", NULL);
    const char *version = vcl_json_find_string(page, "metadata", "resourceVersion", NULL);

    pager->begun = true;
    if (!vcl_str_replace(&pager->continue_token, vcl_str_empty(token) ? NULL : token) ||
        !vcl_str_replace(&pager->resource_version, vcl_str(version)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* Protocol Buffers first, where their fields are known; what serves none answers in JSON. */
static const char *accept_of(const vcl_list_query *query)
{
    if (query->message && query->metadata_only)
        return VCL_PROTO_TYPE
            ";as=PartialObjectMetadataList;v=v1;g=meta.k8s.io," VCL_ACCEPT_METADATA_LIST;
    if (query->message)
        return VCL_PROTO_TYPE ",application/json";
    return query->metadata_only ? VCL_ACCEPT_METADATA_LIST : NULL;
}

int vcl_pager_next(
    vcl_pager *pager, vcl_kube *kube, vcl_call *call, cJSON **out_page, vcluster_error **error)
{
    const vcl_list_query *query = pager->query;
    VCL_AUTO_JSON *page = NULL;
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    if (pager->begun && !pager->continue_token)
        return 0;
    int status = vcl_query_path(kube, call, query, &path, error);
    if (status < 0)
        return status;
    vcl_query_add_int(&path, "limit", query->page_size > 0 ? query->page_size : PAGE_SIZE);
    vcl_query_add(&path, "continue", pager->continue_token);
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;

    VCL_AUTO_ERROR *failure = NULL;
    vcl_http_request request = { .method = "GET",
                                 .path = vcl_buf_text(&path),
                                 .accept = accept_of(query),
                                 .bulky = query->message != NULL };
    status = vcl_page_request(pager, kube, call, &request, &page, &failure);
    if (status == VCLUSTER_OK)
        status = follow(pager, page, &failure);
    if (status == VCLUSTER_OK) {
        *out_page = vcl_steal(&page);
        return 1;
    }
    if (vcl_is_expired(failure)) {
        pager->begun = false;
        (void)vcl_str_replace(&pager->continue_token, NULL);
    }
    if (error)
        *error = vcl_steal(&failure);
    return status;
}

/* Move all items of a page behind those of the first one. */
static int append_items(cJSON *list, cJSON *page, vcluster_error **error)
{
    cJSON *to = vcl_json_get(list, "items");
    cJSON *from = vcl_json_get(page, "items");

    for (cJSON *item = from ? from->child : NULL; item; item = from->child) {
        if (!vcl_json_append(to, cJSON_DetachItemViaPointer(from, item)))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

/* The list keeps the metadata of a list that is complete. */
static int finish_list(cJSON *list, const vcl_pager *pager, vcluster_error **error)
{
    cJSON *metadata = vcl_json_object(list, "metadata");

    if (!metadata || !vcl_json_set_string(metadata, "resourceVersion", pager->resource_version))
        return vcl_no_memory(error);
    vcl_json_remove(metadata, "continue");
    vcl_json_remove(metadata, "remainingItemCount");
    return VCLUSTER_OK;
}

static int add_page(cJSON **list, cJSON **page, vcluster_error **error)
{
    if (*list)
        return append_items(*list, *page, error);
    if (cJSON_IsNull(vcl_json_get(*page, "items")) &&
        !vcl_json_set(*page, "items", cJSON_CreateArray()))
        return vcl_no_memory(error);
    *list = vcl_steal(page);
    return VCLUSTER_OK;
}

/* One attempt at the whole list. */
static int list_once(
    vcl_pager *pager, vcl_kube *kube, vcl_call *call, cJSON **out_list, vcluster_error **error)
{
    VCL_AUTO_JSON *list = NULL;

    for (;;) {
        VCL_AUTO_JSON *page = NULL;
        int status = vcl_pager_next(pager, kube, call, &page, error);
        if (status == 0)
            break;
        if (status > 0)
            status = add_page(&list, &page, error);
        if (status < 0)
            return status;
    }

    int status = finish_list(list, pager, error);
    if (status == VCLUSTER_OK)
        *out_list = vcl_steal(&list);
    return status;
}

int vcl_kube_list(vcl_kube *kube,
                  vcl_call *call,
                  const vcl_list_query *query,
                  cJSON **out_list,
                  vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    vcl_pager pager;

    vcl_pager_init(&pager, query);
    int status = list_once(&pager, kube, call, out_list, &failure);
    if (status < 0 && vcl_is_expired(failure)) {
        vcl_error_clear(&failure);
        status = list_once(&pager, kube, call, out_list, &failure);
    }
    vcl_pager_done(&pager);
    return vcl_error_pass(error, &failure, status);
}

/* Once items were told, a list cannot begin again: go on with the token that the 410 offered. */
static bool go_on(vcl_pager *pager, const vcluster_error *failure)
{
    if (!vcl_is_expired(failure) || !pager->fresh_token)
        return false;
    pager->continue_token = vcl_steal(&pager->fresh_token);
    pager->begun = true;
    return true;
}

/* tell: called with each page, may be NULL. */
static int each_page(vcl_pager *pager,
                     vcl_kube *kube,
                     vcl_call *call,
                     int (*tell)(const cJSON *page, void *data, vcluster_error **error),
                     void *data,
                     vcluster_error **error)
{
    bool told = false;
    bool again = false;

    for (;;) {
        VCL_AUTO_ERROR *failure = NULL;
        VCL_AUTO_JSON *page = NULL;
        int status = vcl_pager_next(pager, kube, call, &page, &failure);

        if (status == 0)
            return VCLUSTER_OK;
        if (status < 0 && !again && vcl_is_expired(failure) && (!told || go_on(pager, failure))) {
            again = true;
            continue;
        }
        if (status < 0)
            return vcl_error_pass(error, &failure, status);
        told = true;
        status = tell ? tell(page, data, error) : VCLUSTER_OK;
        if (status != 0)
            return status;
    }
}

typedef struct item_teller {
    vcl_kube_item_fn fn;
    void *data;
} item_teller;

static int tell_items(const cJSON *page, void *data, vcluster_error **error)
{
    const item_teller *teller = data;
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, vcl_json_get(page, "items")) {
        int status = teller->fn(item, teller->data, error);
        if (status != 0)
            return status;
    }
    return VCLUSTER_OK;
}

int vcl_kube_list_each(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_list_query *query,
                       vcl_kube_item_fn fn,
                       void *data,
                       char **out_resource_version,
                       vcluster_error **error)
{
    item_teller teller = { fn, data };
    vcl_pager pager;

    vcl_pager_init(&pager, query);
    int status = each_page(&pager, kube, call, tell_items, &teller, error);
    if (status == VCLUSTER_OK && out_resource_version)
        *out_resource_version = vcl_steal(&pager.resource_version);
    vcl_pager_done(&pager);
    return status;
}

int vcl_kube_list_take(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_list_query *query,
                       const vcl_kube_taker *taker,
                       vcluster_error **error)
{
    vcl_pager pager;

    vcl_pager_init(&pager, query);
    pager.taker = taker;
    int status = each_page(&pager, kube, call, NULL, NULL, error);
    vcl_pager_done(&pager);
    return status;
}
