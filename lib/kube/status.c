/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An answer that is not 2xx as an error. The reason of a Kubernetes Status decides first, the HTTP
 * status second (AlreadyExists and Conflict share 409; quota, RBAC and a dying namespace share
 * 403). What is not a Status is text of a proxy, or of the server's outer layers: it is cut and
 * cleaned, and the HTTP status decides alone.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/json.h"
#include "kube/client.h"
#include "kube/proto_answer.h"
#include "kube/subject.h"

typedef struct mapping {
    const char *reason;
    int http;
    int status;
    bool retryable;
} mapping;

/* A reason matches first; then the first entry with the HTTP status. */
static const mapping mappings[] = {
    { "BadRequest", 400, VCLUSTER_E_INVALID_ARGUMENT, false },
    { "Unauthorized", 401, VCLUSTER_E_UNAUTHENTICATED, false },
    { "Forbidden", 403, VCLUSTER_E_PERMISSION, false },
    { "NotFound", 404, VCLUSTER_E_NOT_FOUND, false },
    { "MethodNotAllowed", 405, VCLUSTER_E_UNSUPPORTED, false },
    { "NotAcceptable", 406, VCLUSTER_E_UNSUPPORTED, false },
    { "Timeout", 408, VCLUSTER_E_UNAVAILABLE, true },
    { "Conflict", 409, VCLUSTER_E_CONFLICT, true },
    { "AlreadyExists", 409, VCLUSTER_E_ALREADY_EXISTS, false },
    { "Expired", 410, VCLUSTER_E_UNAVAILABLE, true },
    { "Gone", 410, VCLUSTER_E_UNAVAILABLE, true },
    { "RequestEntityTooLarge", 413, VCLUSTER_E_INVALID_ARGUMENT, false },
    { "UnsupportedMediaType", 415, VCLUSTER_E_UNSUPPORTED, false },
    { "Invalid", 422, VCLUSTER_E_INVALID_ARGUMENT, false },
    { "TooManyRequests", 429, VCLUSTER_E_UNAVAILABLE, true },
    { "ServerTimeout", 500, VCLUSTER_E_UNAVAILABLE, true },
    { "InternalError", 500, VCLUSTER_E_UNAVAILABLE, true },
    { "StorageReadError", 500, VCLUSTER_E_UNAVAILABLE, true },
    { "ServiceUnavailable", 503, VCLUSTER_E_UNAVAILABLE, true },
};

static mapping map_answer(const char *reason, int http)
{
    enum { COUNT = sizeof(mappings) / sizeof(mappings[0]) };

    for (size_t i = 0; i < COUNT; i++) {
        if (vcl_streq(mappings[i].reason, reason))
            return mappings[i];
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (mappings[i].http == http)
            return mappings[i];
    }
    if (http >= 500)
        return (mapping){ .status = VCLUSTER_E_UNAVAILABLE, .retryable = true };
    if (http >= 300 && http < 400) /* redirects are never followed */
        return (mapping){ .status = VCLUSTER_E_PROTOCOL };
    return (mapping){ .status = VCLUSTER_E_INVALID_ARGUMENT };
}

static bool has_cause(const cJSON *tree, const char *reason)
{
    const cJSON *cause = NULL;

    cJSON_ArrayForEach (cause, vcl_json_find(tree, "details", "causes", NULL)) {
        if (vcl_streq(vcl_json_find_string(cause, "reason", NULL), reason))
            return true;
    }
    return false;
}

static bool is_quota(const char *message)
{
    return strstr(message, "exceeded quota") || strstr(message, "insufficient quota") ||
           strstr(message, "failed quota") || strstr(message, " usage per ") ||
           strstr(message, "status unknown for quota");
}

/* What reason and HTTP status alone do not tell apart. `advice` is added to the message. */
static void refine(mapping *found, const char **advice, const cJSON *tree, const char *message)
{
    bool forbidden = found->status == VCLUSTER_E_PERMISSION;

    *advice = NULL;
    if (strstr(message, "admission webhook") && strstr(message, "denied the request")) {
        found->status = VCLUSTER_E_PRECONDITION;
        found->retryable = false;
        *advice = "a policy of the cluster refuses the object";
    } else if (has_cause(tree, "NamespaceTerminating") ||
               (forbidden && strstr(message, "because it is being terminated"))) {
        found->status = VCLUSTER_E_PRECONDITION;
        found->retryable = true;
        *advice = "wait until the namespace is gone";
    } else if (forbidden && is_quota(message)) {
        found->status = VCLUSTER_E_QUOTA;
        *advice = "raise the quota or ask for less";
    } else if (forbidden && strstr(message, "cannot ")) {
        *advice = "grant the user this right (RBAC); 'vcl rights' prints the role of an operation";
    } else if (found->status == VCLUSTER_E_UNAUTHENTICATED) {
        *advice = "the credentials of the kubeconfig's user are missing, wrong or expired";
    }
}

/* "StatefulSet: .spec.replicas" of each field that another manager owns. */
static void add_causes(vcluster_error **error, const cJSON *tree)
{
    const cJSON *cause = NULL;

    cJSON_ArrayForEach (cause, vcl_json_find(tree, "details", "causes", NULL)) {
        const char *message = vcl_json_find_string(cause, "message", NULL);

        if (message)
            vcl_error_add_finding(error, vcl_json_find_string(cause, "field", NULL), 0,
                                  vcl_json_find_string(cause, "reason", NULL),
                                  VCLUSTER_SEVERITY_ERROR, message, NULL);
    }
}

/* Server-side apply tells each conflict as `conflict with "manager" using apps/v1`: collect the
 * managers, each once. */
static void add_managers(vcl_buf *managers, const cJSON *tree)
{
    const cJSON *cause = NULL;

    cJSON_ArrayForEach (cause, vcl_json_find(tree, "details", "causes", NULL)) {
        const char *message = vcl_json_find_string(cause, "message", NULL);
        const char *from = message ? strchr(message, '"') : NULL;
        const char *to = from ? strchr(from + 1, '"') : NULL;

        if (!to || !vcl_streq(vcl_json_find_string(cause, "reason", NULL), "FieldManagerConflict"))
            continue;
        vcl_auto_free char *quoted = vcl_format("'%.*s'", (int)(to - from - 1), from + 1);
        if (quoted && !strstr(vcl_buf_text(managers), quoted))
            vcl_buf_addf(managers, "%s%s", managers->size ? ", " : "", quoted);
    }
}

/* Text of a body that is no Status: one clean, short line. */
static char *plain_text(const vcl_http_response *response)
{
    const char *text = vcl_buf_text(&response->body);
    size_t size = strnlen(text, VCL_MAX_ERROR_TEXT);

    while (size > 0 && strchr(" \r\n\t", text[size - 1]))
        size--;
    if (size == 0 || !vcl_utf8_valid(text, size))
        return vcl_format("HTTP status %d", response->status);
    return vcl_format("HTTP status %d: %.*s", response->status, (int)size, text);
}

int vcl_kube_read_status(const vcl_http_response *response, cJSON **out_tree)
{
    const char *text = vcl_buf_text(&response->body);
    size_t size = response->body.size;

    return vcl_is_proto(text, size) ? vcl_proto_read_status(text, size, out_tree, NULL)
                                    : vcl_json_parse(text, size, out_tree, NULL);
}

typedef struct status_answer {
    cJSON *tree; /* NULL when the body is no Status */
    const char *reason;
    char *message;
    int http;
} status_answer;

static void read_status(status_answer *answer, const vcl_http_response *response)
{
    cJSON *tree = NULL;

    *answer = (status_answer){ .http = response->status };
    if (vcl_kube_read_status(response, &tree) == 0 &&
        vcl_streq(vcl_json_find_string(tree, "kind", NULL), "Status"))
        answer->tree = vcl_steal(&tree);
    vcl_json_free_secret(tree);

    const char *message = vcl_json_find_string(answer->tree, "message", NULL);
    answer->reason = vcl_json_find_string(answer->tree, "reason", NULL);
    if (answer->tree && response->status < 300)
        answer->http = (int)vcl_json_find_int(answer->tree, 500, "code", NULL);
    answer->message = vcl_str_empty(message) ? plain_text(response) : vcl_strdup(message);
}

static int build(vcluster_error **error, const status_answer *answer, const char *what)
{
    mapping found = map_answer(answer->reason, answer->http);
    const char *advice = NULL;
    VCL_AUTO_BUF managers = { 0 };

    vcl_buf_init(&managers, VCL_MAX_ERROR_TEXT);
    refine(&found, &advice, answer->tree, answer->message);
    if (found.status == VCLUSTER_E_CONFLICT)
        add_managers(&managers, answer->tree);

    int status = vcl_fail(error, found.status, "cannot %s: %s%s%s%s%s%s", what, answer->message,
                          advice ? " (" : "", vcl_str(advice), advice ? ")" : "",
                          managers.size ? "; fields are owned by " : "", vcl_buf_text(&managers));
    vcl_error_set_http(error, answer->http);
    vcl_error_set_reason(error, answer->reason);
    vcl_error_set_retryable(error, found.retryable);
    if (status == VCLUSTER_E_INVALID_ARGUMENT || status == VCLUSTER_E_CONFLICT)
        add_causes(error, answer->tree);
    return status;
}

int vcl_kube_status_error(const vcl_http_request *request,
                          const vcl_http_response *response,
                          vcluster_error **error)
{
    status_answer answer;
    vcl_subject subject;

    read_status(&answer, response);
    vcl_subject_init(&subject, request, vcl_json_get(answer.tree, "details"));
    vcl_auto_free char *what = vcl_subject_text(&subject);
    int status = answer.message && what ? build(error, &answer, what) : vcl_no_memory(error);

    vcl_subject_done(&subject);
    free(answer.message);
    cJSON_Delete(answer.tree);
    return status;
}
