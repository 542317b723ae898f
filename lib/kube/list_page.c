/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page of a list, read item by item as it comes, in JSON or in Protocol Buffers: the items are
 * collected as one tree, or handed on at once to whoever takes them.
 */
#include "base/limits.h"
#include "base/str.h"
#include "kube/pager.h"
#include "kube/proto_answer.h"

/* A page on its way in. */
typedef struct page_reader {
    vcl_pager *pager;
    vcl_json_items items;
    vcl_proto_items messages; /* where the answer is Protocol Buffers */
    bool begun;
    bool is_proto;
    cJSON *array; /* of items that nobody takes */
} page_reader;

/* Items of a list carry neither apiVersion nor kind. */
static int on_item(cJSON *item, void *data, vcluster_error **error)
{
    VCL_AUTO_JSON *owned = item;
    page_reader *reader = data;
    const vcl_list_query *query = reader->pager->query;
    const vcl_kube_taker *taker = reader->pager->taker;

    if (query->trim)
        query->trim(item);
    if (!vcl_json_set_string(item, "apiVersion", query->api_version) ||
        !vcl_json_set_string(item, "kind", query->kind))
        return vcl_no_memory(error);
    if (taker)
        return taker->item(item, taker->data, error);
    return vcl_json_append(reader->array, vcl_steal(&owned)) ? VCLUSTER_OK : vcl_no_memory(error);
}

static void page_reader_done(page_reader *reader)
{
    vcl_json_items_done(&reader->items);
    vcl_proto_items_done(&reader->messages);
    cJSON_Delete(reader->array);
    reader->array = NULL;
}

static int begin_page(void *data, vcluster_error **error)
{
    page_reader *reader = data;

    page_reader_done(reader);
    vcl_json_items_init(&reader->items, on_item, reader);
    vcl_proto_items_init(&reader->messages, reader->pager->query->message, on_item, reader);
    reader->begun = false;
    reader->array = cJSON_CreateArray();
    return reader->array ? VCLUSTER_OK : vcl_no_memory(error);
}

static void take_first(page_reader *reader, const char *bytes, size_t size)
{
    vcl_pager *pager = reader->pager;

    reader->begun = true;
    reader->is_proto = pager->query->message && vcl_is_proto(bytes, size);
    if (pager->taker)
        pager->taker->page(pager->page_told, pager->taker->data);
    pager->page_told = pager->taker != NULL;
}

static int take_piece(const char *bytes, size_t size, void *data, vcluster_error **error)
{
    page_reader *reader = data;

    if (!reader->begun)
        take_first(reader, bytes, size);
    return reader->is_proto ? vcl_proto_items_feed(&reader->messages, bytes, size, error)
                            : vcl_json_items_feed(&reader->items, bytes, size, error);
}

/* The tree around the items of a JSON page. */
static int finish_json(page_reader *reader,
                       const vcl_http_request *request,
                       vcl_http_response *response,
                       cJSON **out_tree,
                       vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;

    /* What stands around the items is the answer, as far as its form is concerned. */
    if (reader->items.place != 0)
        return vcl_json_items_end(&reader->items, &tree, error);
    vcl_buf_done(&response->body);
    response->body = reader->items.rest;
    vcl_buf_init(&reader->items.rest, 0);
    int status = vcl_kube_parse_answer(request, response, &tree, error);
    if (status < 0)
        return status;
    const cJSON *items = vcl_json_get(tree, "items");
    if (!cJSON_IsArray(items) && !cJSON_IsNull(items))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "the answer to %s is no list", request->path);
    *out_tree = vcl_steal(&tree);
    return VCLUSTER_OK;
}

/* The page as one tree. */
static int finish_page(page_reader *reader,
                       const vcl_http_request *request,
                       vcl_http_response *response,
                       cJSON **out_page,
                       vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;

    int status = reader->is_proto ? vcl_proto_items_end(&reader->messages, &tree, error)
                                  : finish_json(reader, request, response, &tree, error);
    if (status < 0)
        return status;
    if (reader->array->child && !vcl_json_set(tree, "items", vcl_steal(&reader->array)))
        return vcl_no_memory(error);
    reader->pager->page_told = false;
    *out_page = vcl_steal(&tree);
    return VCLUSTER_OK;
}

/* Keeps the continue token that a 410 offers. */
static int fail_page(vcl_pager *pager,
                     const vcl_http_request *request,
                     const vcl_http_response *response,
                     vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;

    (void)vcl_kube_read_status(response, &tree);
    const char *token = vcl_json_find_string(tree, "metadata", "continue", NULL);
    if (response->status == 410 && !vcl_str_empty(token))
        (void)vcl_str_replace(&pager->fresh_token, token);
    return vcl_kube_status_error(request, response, error);
}

int vcl_page_request(vcl_pager *pager,
                     vcl_kube *kube,
                     vcl_call *call,
                     vcl_http_request *request,
                     cJSON **out_page,
                     vcluster_error **error)
{
    page_reader reader = { .pager = pager };
    const vcl_http_sink sink = { .begin = begin_page, .take = take_piece, .data = &reader };
    vcl_http_response response = { 0 };

    request->sink = &sink;
    int status = vcl_http_send(kube->http, call, request, &response, error);
    if (status == VCLUSTER_OK)
        status = response.status == 200 ? finish_page(&reader, request, &response, out_page, error)
                                        : fail_page(pager, request, &response, error);
    vcl_http_response_done(&response);
    page_reader_done(&reader);
    return status;
}
