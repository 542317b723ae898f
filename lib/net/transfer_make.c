/* SPDX-License-Identifier: Apache-2.0 */
/* A request becomes a handle of curl: which one, its headers, its options; see transfer.h. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/easy.h"
#include "net/transfer_private.h"

enum { HOLD_ABOVE = 64 << 10 };

static bool add_header(vcl_transfer *transfer, const char *name, const char *value)
{
    char *line = vcl_format("%s: %s", name, value);
    struct curl_slist *list = line ? curl_slist_append(transfer->headers, line) : NULL;

    vcl_free_secret(line);
    if (list)
        transfer->headers = list;
    return list != NULL;
}

static int
add_headers(vcl_transfer *transfer, const vcl_http_request *request, vcluster_error **error)
{
    char *authorization = vcl_strdup(request->authorization);
    int status = VCLUSTER_OK;

    if (request->authorization && !authorization)
        return vcl_no_memory(error);
    if (!authorization)
        status = vcl_easy_authorization(transfer->http, transfer->identity, &authorization,
                                        &transfer->token_edition, error);
    if (status < 0)
        return status;

    bool added = !authorization || add_header(transfer, "Authorization", authorization);
    vcl_free_secret(authorization);
    added = added &&
            add_header(transfer, "Accept", request->accept ? request->accept : "application/json");
    if (request->if_none_match)
        added = added && add_header(transfer, "If-None-Match", request->if_none_match);
    if (request->content_type)
        added = added && add_header(transfer, "Content-Type", request->content_type);
    if (transfer->http->server.connect_to)
        added = added && add_header(transfer, "Host", transfer->http->server.authority);
    /* Without this curl waits a second for "100 Continue" before it sends a large body. */
    struct curl_slist *list = added ? curl_slist_append(transfer->headers, "Expect:") : NULL;
    char **header = transfer->http->endpoint.headers;
    for (; list && header && *header; header++) {
        transfer->headers = list;
        list = curl_slist_append(transfer->headers, *header);
    }
    if (!list)
        return vcl_no_memory(error);
    transfer->headers = list;
    return VCLUSTER_OK;
}

static void set_method(CURLcode *first, CURL *easy, const vcl_http_request *request)
{
    bool has_body = request->body || vcl_streq(request->method, "POST") ||
                    vcl_streq(request->method, "PUT") || vcl_streq(request->method, "PATCH");

    if (vcl_streq(request->method, "HEAD")) {
        VCL_SET(first, easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (has_body) {
        VCL_SET(first, easy, CURLOPT_POST, 1L);
        VCL_SET(first, easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        VCL_SET(first, easy, CURLOPT_POSTFIELDSIZE_LARGE,
                (curl_off_t)(request->body ? request->body_size : 0));
    }
    VCL_SET(first, easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* A stream has a connection of its own over HTTP/1.1: with HTTP/2, a transfer that is held back
 * stops all others on its connection in curl before 8.0, and so would a slow reader stop the calls
 * that it makes itself. It stays its own because streams have a multi handle of their own. */
static void set_version(CURLcode *first, CURL *easy, bool stream)
{
    if (stream) {
        VCL_SET(first, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        VCL_SET(first, easy, CURLOPT_FORBID_REUSE, 1L);
    } else if (vcl_easy_has_http2()) {
        VCL_SET(first, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        VCL_SET(first, easy, CURLOPT_PIPEWAIT, 1L);
    }
}

/* What all have in common. */
static int make_easy(vcl_transfer *transfer, const char *path, vcluster_error **error)
{
    CURLcode first = CURLE_OK;
    int status = vcl_easy_new(transfer->http, transfer->identity, path, &transfer->easy, error);

    if (status < 0)
        return status;
    set_version(&first, transfer->easy, !vcl_transfer_is_ordinary(transfer));
    vcl_transfer_set_callbacks(&first, transfer->easy);
    return first == CURLE_OK ? VCLUSTER_OK : vcl_no_memory(error);
}

static int find_easy(vcl_transfer *transfer, const char *path, vcluster_error **error)
{
    transfer->common = vcl_transfer_is_ordinary(transfer) &&
                       vcl_easy_is_common(transfer->http, transfer->identity);
    int status = transfer->common ? vcl_easy_reuse(transfer->http, path, &transfer->easy, error)
                                  : VCLUSTER_OK;
    return status == VCLUSTER_OK && !transfer->easy ? make_easy(transfer, path, error) : status;
}

static int
set_options(vcl_transfer *transfer, const vcl_http_request *request, vcluster_error **error)
{
    CURL *easy = transfer->easy;
    CURLcode first = CURLE_OK;

    set_method(&first, easy, request);
    if (!request->as_stored && !transfer->http->endpoint.no_compression)
        VCL_SET(&first, easy, CURLOPT_ACCEPT_ENCODING, "");
    VCL_SET(&first, easy, CURLOPT_HTTPHEADER, transfer->headers);
    VCL_SET(&first, easy, CURLOPT_PRIVATE, &transfer->user);
    VCL_SET(&first, easy, CURLOPT_ERRORBUFFER, transfer->detail);
    vcl_transfer_set_receiver(&first, easy, transfer);
    if (transfer->http->server.connect_to) {
        transfer->connect_to = curl_slist_append(NULL, transfer->http->server.connect_to);
        if (!transfer->connect_to)
            return vcl_no_memory(error);
        VCL_SET(&first, easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    }
    if (first == CURLE_OUT_OF_MEMORY)
        return vcl_no_memory(error);
    if (first != CURLE_OK)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "libcurl refused an option: %s",
                        curl_easy_strerror(first));
    return VCLUSTER_OK;
}

static int check_request(const vcl_http_request *request, vcluster_error **error)
{
    bool usable = !vcl_str_empty(request->method) && vcl_is_header_token(request->method) &&
                  !strpbrk(vcl_str(request->accept), "\r\n") &&
                  !strpbrk(vcl_str(request->authorization), "\r\n") &&
                  !strpbrk(vcl_str(request->content_type), "\r\n") &&
                  !strpbrk(vcl_str(request->if_none_match), "\r\n");

    if (!usable)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "method, media type or authorization of a request cannot be sent");
    return VCLUSTER_OK;
}

int vcl_transfer_new(vcl_http *http,
                     vcl_call *call,
                     const vcl_http_request *request,
                     bool stream,
                     vcl_transfer **out_transfer,
                     vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_transfer) transfer = calloc(1, sizeof(*transfer));
    size_t max = request->max_response ? request->max_response : VCL_MAX_HTTP_BODY;

    if (!transfer)
        return vcl_no_memory(error);
    transfer->http = http;
    transfer->user.finished = vcl_transfer_on_finished;
    transfer->start = (vcl_job){ .fn = vcl_transfer_on_start, .data = transfer };
    transfer->hold_above = stream ? HOLD_ABOVE : 0;
    transfer->bulky = request->bulky;
    transfer->sink = request->sink;
    transfer->bell = (vcl_bell)VCL_BELL_NONE;
    vcl_head_init(&transfer->head);
    vcl_buf_init(&transfer->body, stream ? 2 * HOLD_ABOVE : max);

    int status = check_request(request, error);
    if (status < 0)
        return status;
    transfer->may_repeat = request->idempotent || vcl_streq(request->method, "GET") ||
                           vcl_streq(request->method, "HEAD");
    /* The query of what is stored elsewhere may be a signature that opens it. */
    const char *path = vcl_str(request->path);
    transfer->label =
        vcl_format("%s %.*s", request->method,
                   (int)(request->as_stored ? strcspn(path, "?") : strlen(path)), path);
    if (!transfer->label)
        return vcl_no_memory(error);
    status = vcl_easy_identity(http, call, &transfer->identity, error);
    if (status < 0)
        return vcl_wrap(error, status, "%s", transfer->label);
    transfer->user.resumes = vcl_easy_resumes(http);
    status = find_easy(transfer, request->path, error);
    if (status == VCLUSTER_OK)
        status = add_headers(transfer, request, error);
    if (status == VCLUSTER_OK)
        status = set_options(transfer, request, error);
    if (status == VCLUSTER_OK && stream)
        status = vcl_transfer_make_bell(transfer, error);
    if (status < 0)
        return status;
    *out_transfer = vcl_steal(&transfer);
    return VCLUSTER_OK;
}
