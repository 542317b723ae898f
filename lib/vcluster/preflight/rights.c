/* SPDX-License-Identifier: Apache-2.0 */
/* A table of what the calls ask for, and the kinds of the objects; see rights.h. */
#include "vcluster/preflight/rights.h"

#include <string.h>

#include "base/str.h"

/* Of records of releases, which are locked and finished by replacing them. */
#define RECORD_VERBS "get list create update"

typedef enum need_where { INSIDE, HELPFUL } need_where;

typedef struct need {
    bool waits; /* only where the call waits until it is ready */
    need_where where;
    const char *group;
    const char *resource;
    const char *verbs;
} need;

static const need needs[] = {
    { false, INSIDE, "", "secrets", RECORD_VERBS },
    { false, INSIDE, "apps", "statefulsets", "list" },
    { false, INSIDE, "apps", "deployments", "list" },

    { true, INSIDE, "", "services", "get" },
    { true, INSIDE, "", "pods", "get list watch" },
    { true, INSIDE, "", "pods/portforward", "get create" },
    { true, HELPFUL, "", "events", "list watch" },
    { true, HELPFUL, "", "pods/log", "get" },
};

static bool has_text(const cJSON *array, const char *text)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, array) {
        if (vcl_streq(item->valuestring, text))
            return true;
    }
    return false;
}

static const char *first_text(const cJSON *rule, const char *list)
{
    return cJSON_GetStringValue(cJSON_GetArrayItem(vcl_json_get(rule, list), 0));
}

/* The rule of a resource, made when there is none. */
static cJSON *rule_of(cJSON *rules, const char *group, const char *resource)
{
    cJSON *rule;

    cJSON_ArrayForEach (rule, rules) {
        if (vcl_streq(first_text(rule, "apiGroups"), group) &&
            vcl_streq(first_text(rule, "resources"), resource))
            return rule;
    }
    rule = cJSON_CreateObject();
    if (!rule)
        return NULL;
    cJSON *groups = cJSON_AddArrayToObject(rule, "apiGroups");
    cJSON *resources = cJSON_AddArrayToObject(rule, "resources");
    if (!groups || !resources || !cJSON_AddArrayToObject(rule, "verbs") ||
        !vcl_json_append(groups, cJSON_CreateString(group)) ||
        !vcl_json_append(resources, cJSON_CreateString(resource))) {
        cJSON_Delete(rule);
        return NULL;
    }
    return vcl_json_append(rules, rule) ? rule : NULL;
}

bool vcl_rights_add(cJSON *rules, const char *group, const char *resource, const char *verbs)
{
    cJSON *rule = rule_of(rules, group, resource);
    cJSON *list = vcl_json_get(rule, "verbs");

    while (list && *verbs) {
        size_t size = strcspn(verbs, " ");
        vcl_auto_free char *verb = vcl_strndup(verbs, size);
        if (!verb || (!has_text(list, verb) && !vcl_json_append(list, cJSON_CreateString(verb))))
            return false;
        verbs += size + (verbs[size] == ' ');
    }
    return list != NULL;
}

void vcl_rights_done(vcl_rights *rights)
{
    cJSON_Delete(rights->inside);
    cJSON_Delete(rights->everywhere);
    cJSON_Delete(rights->helpful);
    *rights = (vcl_rights){ 0 };
}

const cJSON *vcl_rights_granted(const cJSON *object)
{
    const char *kind = vcl_json_find_string(object, "kind", NULL);

    return vcl_streq(kind, "Role") || vcl_streq(kind, "ClusterRole") ? vcl_json_get(object, "rules")
                                                                     : NULL;
}

static int add_needs(const vcl_rights_request *request, vcl_rights *rights, vcluster_error **error)
{
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++) {
        const need *one = &needs[i];
        cJSON *rules = one->where == INSIDE ? rights->inside : rights->helpful;
        if (one->waits && request->no_wait)
            continue;
        if (!vcl_rights_add(rules, one->group, one->resource, one->verbs))
            return vcl_no_memory(error);
    }
    if (request->makes_namespace &&
        !vcl_rights_add(rights->everywhere, "", "namespaces", "get create"))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* By server-side apply, which is a create where there is nothing yet. */
static int add_object(
    const cJSON *object, vcl_kube *kube, vcl_call *call, vcl_rights *rights, vcluster_error **error)
{
    const char *version = vcl_str(vcl_json_find_string(object, "apiVersion", NULL));
    const char *slash = strchr(version, '/');
    VCL_AUTO_ERROR *why = NULL;
    vcl_resource resource;

    int status = vcl_kube_resource(
        kube, call, version, vcl_str(vcl_json_find_string(object, "kind", NULL)), &resource, &why);
    if (status == VCLUSTER_E_NOT_FOUND)
        return VCLUSTER_OK;
    if (status < 0)
        return vcl_error_pass(error, &why, status);
    vcl_auto_free char *group = vcl_strndup(version, slash ? (size_t)(slash - version) : 0);
    return group && vcl_rights_add(resource.namespaced ? rights->inside : rights->everywhere, group,
                                   resource.plural, "get create patch")
               ? VCLUSTER_OK
               : vcl_no_memory(error);
}

int vcl_rights_of(const vcl_rights_request *request,
                  vcl_kube *kube,
                  vcl_call *call,
                  vcl_rights *out_rights,
                  vcluster_error **error)
{
    VCL_AUTO_RIGHTS rights = { cJSON_CreateArray(), cJSON_CreateArray(), cJSON_CreateArray() };
    const cJSON *object;

    if (!rights.inside || !rights.everywhere || !rights.helpful)
        return vcl_no_memory(error);
    int status = add_needs(request, &rights, error);
    cJSON_ArrayForEach (object, request->objects) {
        if (status == 0)
            status = add_object(object, kube, call, &rights, error);
    }
    if (status < 0)
        return status;
    *out_rights = rights;
    rights = (vcl_rights){ 0 };
    return VCLUSTER_OK;
}
