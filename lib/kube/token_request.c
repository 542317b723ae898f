/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of service accounts; see token_request.h. */
#include "kube/token_request.h"

#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/client.h"

/* The body: nothing in it is secret. */
static char *write_body(const vcl_token_request *request)
{
    VCL_AUTO_JSON *body = cJSON_CreateObject();
    cJSON *audiences = cJSON_CreateArray();

    if (!vcl_json_set_string(body, "apiVersion", "authentication.k8s.io/v1") ||
        !vcl_json_set_string(body, "kind", "TokenRequest")) {
        cJSON_Delete(audiences);
        return NULL;
    }
    cJSON *spec = vcl_json_object(body, "spec");
    if (!spec) {
        cJSON_Delete(audiences);
        return NULL;
    }
    if (!vcl_json_set(spec, "audiences", audiences))
        return NULL;
    for (const char *const *at = request->audiences; at && *at; at++) {
        if (!vcl_json_append(audiences, cJSON_CreateString(*at)))
            return NULL;
    }
    return vcl_json_set_int(spec, "expirationSeconds", request->expiration_s) ? vcl_json_print(body)
                                                                              : NULL;
}

static int read_answer(const cJSON *answer, vcl_login *login, vcluster_error **error)
{
    const char *token = vcl_json_find_string(answer, "status", "token", NULL);
    const char *expires = vcl_json_find_string(answer, "status", "expirationTimestamp", NULL);
    int64_t expires_at = 0;

    if (vcl_str_empty(token) || !expires || !vcl_parse_rfc3339(expires, &expires_at))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                        "the answer to a TokenRequest has no token with an expiry");
    login->token = vcl_strdup(token);
    if (!login->token)
        return vcl_no_memory(error);
    login->expires_at = expires_at;
    return VCLUSTER_OK;
}

int vcl_kube_token_request(vcl_kube *kube,
                           vcl_call *call,
                           const vcl_token_request *request,
                           vcl_login *login,
                           vcluster_error **error)
{
    static const vcl_resource accounts = { "v1", "ServiceAccount", "serviceaccounts", true };
    vcl_auto_free char *body = write_body(request);
    VCL_AUTO_BUF path = { 0 };
    cJSON *answer = NULL;

    if (!body)
        return vcl_no_memory(error);
    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status =
        vcl_kube_path(&accounts, request->namespace_name, request->service_account, &path, error);
    vcl_buf_add(&path, "/token");
    if (status == VCLUSTER_OK)
        status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;

    /* A second token does no harm where the answer with the first was lost. */
    vcl_http_request http = { .method = "POST",
                              .path = vcl_buf_text(&path),
                              .content_type = "application/json",
                              .body = body,
                              .body_size = strlen(body),
                              .idempotent = true };
    status = vcl_kube_request(kube, call, &http, &answer, error);
    if (status == VCLUSTER_OK)
        status = read_answer(answer, login, error);
    vcl_json_free_secret(answer);
    return status;
}
