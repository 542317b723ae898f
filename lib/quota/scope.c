/* SPDX-License-Identifier: Apache-2.0 */
/* Scopes and scope selectors of quotas. */
#include "quota/scope.h"

#include <string.h>

#include "base/str.h"

static bool sets_resources(const cJSON *list)
{
    for (const cJSON *one = list ? list->child : NULL; one; one = one->next) {
        const cJSON *requests = vcl_json_find(one, "resources", "requests", NULL);
        const cJSON *limits = vcl_json_find(one, "resources", "limits", NULL);

        if ((requests && requests->child) || (limits && limits->child))
            return true;
    }
    return false;
}

static bool is_best_effort(const cJSON *spec)
{
    const cJSON *own = vcl_json_get(spec, "resources");

    return !(own && own->child) && !sets_resources(vcl_json_get(spec, "containers")) &&
           !sets_resources(vcl_json_get(spec, "initContainers"));
}

/* A term of pod affinity that looks into other namespaces. */
static bool crosses(const cJSON *term)
{
    const cJSON *inner = vcl_json_get(term, "podAffinityTerm");
    const cJSON *names = vcl_json_get(inner ? inner : term, "namespaces");

    return (names && names->child) || vcl_json_get(inner ? inner : term, "namespaceSelector");
}

static bool has_crossing_affinity(const cJSON *spec)
{
    static const char *const kinds[] = { "podAffinity", "podAntiAffinity" };
    static const char *const lists[] = { "requiredDuringSchedulingIgnoredDuringExecution",
                                         "preferredDuringSchedulingIgnoredDuringExecution" };

    for (size_t i = 0; i < 4; i++) {
        const cJSON *list = vcl_json_find(spec, "affinity", kinds[i / 2], lists[i % 2], NULL);

        for (const cJSON *term = list ? list->child : NULL; term; term = term->next) {
            if (crosses(term))
                return true;
        }
    }
    return false;
}

static bool is_in(const cJSON *values, const char *text)
{
    for (const cJSON *value = values ? values->child : NULL; value; value = value->next) {
        if (cJSON_IsString(value) && strcmp(value->valuestring, text) == 0)
            return true;
    }
    return false;
}

static bool matches_priority(const cJSON *spec, const char *operation, const cJSON *values)
{
    const char *name = vcl_str(vcl_json_find_string(spec, "priorityClassName", NULL));

    if (strcmp(operation, "In") == 0)
        return is_in(values, name);
    if (strcmp(operation, "NotIn") == 0)
        return !is_in(values, name);
    if (strcmp(operation, "DoesNotExist") == 0)
        return *name == '\0';
    return *name != '\0';
}

static bool
matches(const cJSON *spec, const char *scope, const char *operation, const cJSON *values)
{
    bool terminating = cJSON_IsNumber(vcl_json_get(spec, "activeDeadlineSeconds")) ||
                       cJSON_IsRaw(vcl_json_get(spec, "activeDeadlineSeconds"));

    if (strcmp(scope, "Terminating") == 0)
        return terminating;
    if (strcmp(scope, "NotTerminating") == 0)
        return !terminating;
    if (strcmp(scope, "BestEffort") == 0)
        return is_best_effort(spec);
    if (strcmp(scope, "NotBestEffort") == 0)
        return !is_best_effort(spec);
    if (strcmp(scope, "PriorityClass") == 0)
        return matches_priority(spec, operation, values);
    if (strcmp(scope, "CrossNamespacePodAffinity") == 0)
        return has_crossing_affinity(spec);
    return false;
}

bool vcl_quota_covers(const cJSON *quota, const cJSON *object)
{
    const cJSON *scopes = vcl_json_find(quota, "spec", "scopes", NULL);
    const cJSON *terms = vcl_json_find(quota, "spec", "scopeSelector", "matchExpressions", NULL);
    bool scoped = (scopes && scopes->child) || (terms && terms->child);

    if (!scoped)
        return true;
    if (strcmp(vcl_str(vcl_json_find_string(object, "kind", NULL)), "Pod") != 0)
        return false;

    const cJSON *spec = vcl_json_get(object, "spec");
    for (const cJSON *scope = scopes ? scopes->child : NULL; scope; scope = scope->next) {
        if (!matches(spec, vcl_str(scope->valuestring), "Exists", NULL))
            return false;
    }
    for (const cJSON *term = terms ? terms->child : NULL; term; term = term->next) {
        if (!matches(spec, vcl_str(vcl_json_find_string(term, "scopeName", NULL)),
                     vcl_str(vcl_json_find_string(term, "operator", NULL)),
                     vcl_json_get(term, "values")))
            return false;
    }
    return true;
}
