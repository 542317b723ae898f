/* SPDX-License-Identifier: Apache-2.0 */
/* Asking an API server what somebody may do; see access_review.h. */
#include "kube/access_review.h"

#include <string.h>

#include "base/str.h"
#include "kube/client.h"

/* The first text of a list of a rule; NULL when it has none. */
static const char *first_of(const cJSON *rule, const char *list)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(vcl_json_get(rule, list), 0));
}

static bool set_text(cJSON *object, const char *name, const char *text)
{
    return vcl_str_empty(text) || vcl_json_set_string(object, name, text);
}

/* "pods/log" is a resource and its subresource. */
static bool set_resource(cJSON *attributes, const char *resource)
{
    const char *slash = strchr(resource, '/');
    vcl_auto_free char *name =
        vcl_strndup(resource, slash ? (size_t)(slash - resource) : strlen(resource));

    return name && vcl_json_set_string(attributes, "resource", name) &&
           set_text(attributes, "subresource", slash ? slash + 1 : NULL);
}

static bool set_attributes(cJSON *spec, const cJSON *rule, const char *namespace_name)
{
    const char *url = first_of(rule, "nonResourceURLs");
    const char *resource = first_of(rule, "resources");
    cJSON *attributes =
        vcl_json_object(spec, resource ? "resourceAttributes" : "nonResourceAttributes");

    if (!attributes || !vcl_json_set_string(attributes, "verb", first_of(rule, "verbs")))
        return false;
    if (!resource)
        return vcl_json_set_string(attributes, "path", url);
    return set_text(attributes, "group", first_of(rule, "apiGroups")) &&
           set_resource(attributes, resource) &&
           set_text(attributes, "name", first_of(rule, "resourceNames")) &&
           set_text(attributes, "namespace", namespace_name);
}

static char *write_body(const char *user, const cJSON *rule, const char *namespace_name)
{
    VCL_AUTO_JSON *body = cJSON_CreateObject();

    if (!vcl_json_set_string(body, "apiVersion", "authorization.k8s.io/v1") ||
        !vcl_json_set_string(body, "kind", "SubjectAccessReview"))
        return NULL;
    cJSON *spec = vcl_json_object(body, "spec");
    return spec && vcl_json_set_string(spec, "user", user) &&
                   set_attributes(spec, rule, namespace_name)
               ? vcl_json_print(body)
               : NULL;
}

int vcl_kube_may(vcl_kube *kube,
                 vcl_call *call,
                 const char *user,
                 const cJSON *rule,
                 const char *namespace_name,
                 bool *out_allowed,
                 vcluster_error **error)
{
    VCL_AUTO_JSON *answer = NULL;
    bool asks = first_of(rule, "resources") || first_of(rule, "nonResourceURLs");

    *out_allowed = true;
    if (!asks || !first_of(rule, "verbs"))
        return VCLUSTER_OK;
    vcl_auto_free char *body = write_body(user, rule, namespace_name);
    if (!body)
        return vcl_no_memory(error);
    vcl_http_request request = { .method = "POST",
                                 .path = "/apis/authorization.k8s.io/v1/subjectaccessreviews",
                                 .content_type = "application/json",
                                 .body = body,
                                 .body_size = strlen(body),
                                 .idempotent = true };
    int status = vcl_kube_request(kube, call, &request, &answer, error);
    if (status == VCLUSTER_OK)
        *out_allowed = vcl_json_find_bool(answer, false, "status", "allowed", NULL);
    return status;
}
