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

/* A review of what `user` may do, or, for NULL, of what whoever asks may do. */
static char *write_body(const char *user, const cJSON *rule, const char *namespace_name)
{
    VCL_AUTO_JSON *body = cJSON_CreateObject();

    if (!vcl_json_set_string(body, "apiVersion", "authorization.k8s.io/v1") ||
        !vcl_json_set_string(body, "kind",
                             user ? "SubjectAccessReview" : "SelfSubjectAccessReview"))
        return NULL;
    cJSON *spec = vcl_json_object(body, "spec");
    return spec && set_text(spec, "user", user) && set_attributes(spec, rule, namespace_name)
               ? vcl_json_print(body)
               : NULL;
}

static int ask(vcl_kube *kube,
               vcl_call *call,
               const char *path,
               const char *body,
               cJSON **out_answer,
               vcluster_error **error)
{
    if (!body)
        return vcl_no_memory(error);
    vcl_http_request request = { .method = "POST",
                                 .path = path,
                                 .content_type = "application/json",
                                 .body = body,
                                 .body_size = strlen(body),
                                 .idempotent = true };
    return vcl_kube_request(kube, call, &request, out_answer, error);
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
    int status = ask(kube, call,
                     user ? "/apis/authorization.k8s.io/v1/subjectaccessreviews"
                          : "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                     body, &answer, error);
    if (status == VCLUSTER_OK)
        *out_allowed = vcl_json_find_bool(answer, false, "status", "allowed", NULL);
    return status;
}

int vcl_kube_own_rules(vcl_kube *kube,
                       vcl_call *call,
                       const char *namespace_name,
                       cJSON **out_rules,
                       bool *out_complete,
                       vcluster_error **error)
{
    VCL_AUTO_JSON *body = cJSON_CreateObject();
    VCL_AUTO_JSON *answer = NULL;

    bool made = vcl_json_set_string(body, "apiVersion", "authorization.k8s.io/v1") &&
                vcl_json_set_string(body, "kind", "SelfSubjectRulesReview");
    cJSON *spec = made ? vcl_json_object(body, "spec") : NULL;
    vcl_auto_free char *text = spec && vcl_json_set_string(spec, "namespace", namespace_name)
                                   ? vcl_json_print(body)
                                   : NULL;
    int status = ask(kube, call, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", text,
                     &answer, error);
    if (status < 0)
        return status;
    const cJSON *found = vcl_json_get(answer, "status");
    const cJSON *lists[] = { vcl_json_get(found, "resourceRules"),
                             vcl_json_get(found, "nonResourceRules") };
    VCL_AUTO_JSON *rules = cJSON_CreateArray();
    const cJSON *rule;
    for (int i = 0; i < 2; i++) {
        cJSON_ArrayForEach (rule, lists[i]) {
            if (!vcl_json_append(rules, vcl_json_copy(rule)))
                return vcl_no_memory(error);
        }
    }
    if (!rules)
        return vcl_no_memory(error);
    *out_complete = !vcl_json_find_bool(found, false, "incomplete", NULL);
    *out_rules = vcl_steal(&rules);
    return VCLUSTER_OK;
}
