/* SPDX-License-Identifier: Apache-2.0 */
/* A cluster: making and freeing it, one request with its JSON answer, the server's version. */
#include "kube/client.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

static void free_kinds(vcl_known_kind *kind)
{
    while (kind) {
        vcl_known_kind *next = kind->next;

        free(kind->api_version);
        free(kind->kind);
        free(kind->plural);
        free(kind);
        kind = next;
    }
}

int vcl_kube_new(const vcl_endpoint *endpoint,
                 vcluster_log_fn log,
                 void *log_user_data,
                 vcl_kube **out_kube,
                 vcluster_error **error)
{
    vcl_kube *kube = calloc(1, sizeof(*kube));

    if (!kube)
        return vcl_no_memory(error);
    int status = vcl_http_new(endpoint, log, log_user_data, &kube->http, error);
    if (status < 0) {
        free(kube);
        return status;
    }
    if (pthread_mutex_init(&kube->mutex, NULL) != 0) {
        vcl_http_free(kube->http);
        free(kube);
        return vcl_no_memory(error);
    }
    if (!vcl_resolvers_init(&kube->resolvers)) {
        pthread_mutex_destroy(&kube->mutex);
        vcl_http_free(kube->http);
        free(kube);
        return vcl_no_memory(error);
    }
    *out_kube = kube;
    return VCLUSTER_OK;
}

void vcl_kube_free(vcl_kube *kube)
{
    if (!kube)
        return;
    vcl_resolvers_done(&kube->resolvers);
    vcl_http_free(kube->http);
    pthread_mutex_destroy(&kube->mutex);
    free_kinds(kube->kinds);
    free(kube->version);
    cJSON_Delete(kube->api_versions);
    for (size_t i = 0; i < VCL_DISCOVERIES; i++)
        vcl_served_done(&kube->served[i]);
    free(kube);
}

vcl_http *vcl_kube_http(vcl_kube *kube)
{
    return kube->http;
}

/* Whether a 2xx body is a Status that reports a failure: the API allows it. */
static bool is_failure(const cJSON *tree)
{
    return vcl_streq(vcl_json_find_string(tree, "kind", NULL), "Status") &&
           vcl_streq(vcl_json_find_string(tree, "status", NULL), "Failure");
}

int vcl_kube_parse_answer(const vcl_http_request *request,
                          const vcl_http_response *response,
                          cJSON **out_tree,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    int status = vcl_json_parse(vcl_buf_text(&response->body), response->body.size, &tree, error);

    if (status == VCLUSTER_E_PROTOCOL && response->content_type &&
        !strstr(response->content_type, "json"))
        (void)vcl_wrap(error, status, "an API server does not answer with '%s'",
                       response->content_type);
    if (status < 0)
        return vcl_wrap(error, status, "reading the answer to %s %s", request->method,
                        request->path);
    if (is_failure(tree))
        return vcl_kube_status_error(request, response, error);
    *out_tree = vcl_steal(&tree);
    return VCLUSTER_OK;
}

int vcl_kube_read_answer(const vcl_http_request *request,
                         const vcl_http_response *response,
                         cJSON **out_object,
                         vcluster_error **error)
{
    if (response->status < 200 || response->status > 299)
        return vcl_kube_status_error(request, response, error);
    if (!out_object)
        return VCLUSTER_OK;
    return vcl_kube_parse_answer(request, response, out_object, error);
}

int vcl_kube_request(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_http_request *request,
                     cJSON **out_object,
                     vcluster_error **error)
{
    vcl_http_response response = { 0 };
    int status = vcl_http_send(kube->http, call, request, &response, error);

    if (status < 0)
        return status;
    status = vcl_kube_read_answer(request, &response, out_object, error);
    vcl_http_response_done(&response);
    return status;
}

/* Whether the body can be handed on as it is. What may be a Status is read to know. */
static bool is_plain_answer(const vcl_http_response *response)
{
    const char *body = vcl_buf_text(&response->body);

    return response->status >= 200 && response->status < 300 &&
           vcl_json_is_valid(body, response->body.size) && !strstr(body, "\"Failure\"");
}

static void trim_end(vcl_buf *text)
{
    size_t size = text->size;

    while (size > 0 && strchr(" \t\r\n", text->data[size - 1]))
        size--;
    vcl_buf_truncate(text, size);
}

static int read_text(const vcl_http_request *request,
                     vcl_http_response *response,
                     char **out_json,
                     vcluster_error **error)
{
    cJSON *tree = NULL;

    if (is_plain_answer(response)) {
        trim_end(&response->body);
        *out_json = vcl_buf_steal(&response->body);
    } else {
        int status = vcl_kube_read_answer(request, response, &tree, error);
        if (status < 0)
            return status;
        *out_json = vcl_json_print(tree);
        vcl_json_free_secret(tree);
    }
    return *out_json ? VCLUSTER_OK : vcl_no_memory(error);
}

int vcl_kube_request_text(vcl_kube *kube,
                          vcl_call *call,
                          const vcl_http_request *request,
                          char **out_json,
                          vcluster_error **error)
{
    vcl_http_response response = { 0 };
    int status = vcl_http_send(kube->http, call, request, &response, error);

    if (status < 0)
        return status;
    status = read_text(request, &response, out_json, error);
    vcl_http_response_done(&response);
    return status;
}

static char *cached_version(vcl_kube *kube)
{
    pthread_mutex_lock(&kube->mutex);
    char *copy = vcl_strdup(kube->version);
    pthread_mutex_unlock(&kube->mutex);
    return copy;
}

int vcl_kube_version(vcl_kube *kube, vcl_call *call, char **out_version, vcluster_error **error)
{
    char *cached = cached_version(kube);

    if (cached) {
        *out_version = cached;
        return VCLUSTER_OK;
    }

    VCL_AUTO_JSON *answer = NULL;
    vcl_http_request request = { .method = "GET", .path = "/version" };
    int status = vcl_kube_request(kube, call, &request, &answer, error);
    if (status < 0)
        return status;

    const char *version = vcl_json_find_string(answer, "gitVersion", NULL);
    if (vcl_str_empty(version) || strlen(version) > VCL_MAX_ERROR_TEXT)
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the server's answer to /version has no 'gitVersion': is it a Kubernetes "
                        "API server?");
    char *copy = vcl_strdup(version);
    if (!copy)
        return vcl_no_memory(error);

    pthread_mutex_lock(&kube->mutex);
    (void)vcl_str_replace(&kube->version, version); /* not cached then: asked again */
    pthread_mutex_unlock(&kube->mutex);
    *out_version = copy;
    return VCLUSTER_OK;
}

int64_t vcl_kube_random(int64_t below)
{
    uint64_t bits = 0;

    if (getentropy(&bits, sizeof(bits)) != 0)
        return below / 2;
    return (int64_t)(bits % (uint64_t)below);
}
