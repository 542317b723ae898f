/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of RBAC against each other, as its authorizer compares them; see held_rights.h. */
#include "vcluster/preflight/held_rights.h"

#include <string.h>

#include "base/str.h"
#include "kube/access_review.h"

/* No RoleBinding can be in it, as it cannot be made: a namespace is a DNS label. */
static const char nowhere[] = "libvcluster.nowhere";

enum { MAX_MISSING = 512 };

void vcl_held_done(vcl_held *held)
{
    cJSON_Delete(held->inside);
    cJSON_Delete(held->everywhere);
    *held = (vcl_held){ 0 };
}

int vcl_held_read(vcl_held *held,
                  vcl_kube *kube,
                  vcl_call *call,
                  const char *namespace_name,
                  bool exists,
                  vcluster_error **error)
{
    bool complete = true;

    *held = (vcl_held){ .kube = kube, .namespace_name = namespace_name };
    int status =
        vcl_kube_own_rules(kube, call, namespace_name, &held->inside, &held->complete, error);
    if (status == 0 && exists)
        status = vcl_kube_own_rules(kube, call, nowhere, &held->everywhere, &complete, error);
    held->complete = held->complete && complete;
    return status;
}

/* A star is all; a subresource may be that of any resource. */
static bool matches(const char *allowed, const char *wanted)
{
    const char *sub = strchr(wanted, '/');

    return vcl_streq(allowed, "*") || vcl_streq(allowed, wanted) ||
           (sub && allowed && vcl_starts_with(allowed, "*/") && vcl_streq(allowed + 1, sub));
}

static bool any_matches(const cJSON *rule, const char *list, const char *wanted)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_get(rule, list)) {
        if (matches(cJSON_GetStringValue(item), wanted))
            return true;
    }
    return false;
}

/* A path of a rule may end in a star. */
static bool covers_url(const cJSON *rule, const char *url)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, vcl_json_get(rule, "nonResourceURLs")) {
        const char *allowed = vcl_str(cJSON_GetStringValue(item));
        size_t size = strlen(allowed);
        if (vcl_streq(allowed, url) ||
            (size > 0 && allowed[size - 1] == '*' && strncmp(allowed, url, size - 1) == 0))
            return true;
    }
    return false;
}

/* One verb, and one thing that it is for. */
typedef struct single {
    const char *verb;
    const char *group;
    const char *resource;
    const char *name; /* NULL: of any name */
    const char *url;  /* NULL: the resource is it */
} single;

static bool covers(const cJSON *rule, const single *one)
{
    const cJSON *names = vcl_json_get(rule, "resourceNames");

    if (!any_matches(rule, "verbs", one->verb))
        return false;
    if (one->url)
        return covers_url(rule, one->url);
    if (!any_matches(rule, "apiGroups", one->group) ||
        !any_matches(rule, "resources", one->resource))
        return false;
    return cJSON_GetArraySize(names) == 0 ||
           (one->name && any_matches(rule, "resourceNames", one->name));
}

static bool is_held(const cJSON *rules, const single *one)
{
    const cJSON *rule;

    cJSON_ArrayForEach (rule, rules) {
        if (covers(rule, one))
            return true;
    }
    return false;
}

static bool set_list(cJSON *rule, const char *name, const char *text)
{
    cJSON *list = text ? cJSON_AddArrayToObject(rule, name) : NULL;

    return !text || (list && vcl_json_append(list, cJSON_CreateString(text)));
}

static bool add_single(cJSON *missing, const single *one)
{
    cJSON *rule = cJSON_CreateObject();
    bool made =
        rule && set_list(rule, "verbs", one->verb) && set_list(rule, "apiGroups", one->group) &&
        set_list(rule, "resources", one->resource) && set_list(rule, "resourceNames", one->name) &&
        set_list(rule, "nonResourceURLs", one->url);

    if (!made)
        cJSON_Delete(rule);
    return made && vcl_json_append(missing, rule);
}

static bool add_resources(const cJSON *held, const cJSON *rule, const char *verb, cJSON *missing)
{
    const cJSON *names = vcl_json_get(rule, "resourceNames");
    const cJSON *group;
    const cJSON *resource;

    cJSON_ArrayForEach (group, vcl_json_get(rule, "apiGroups")) {
        cJSON_ArrayForEach (resource, vcl_json_get(rule, "resources")) {
            const cJSON *name = names ? names->child : NULL;
            do {
                single one = { .verb = verb,
                               .group = vcl_str(group->valuestring),
                               .resource = vcl_str(resource->valuestring),
                               .name = name ? name->valuestring : NULL };
                if (!is_held(held, &one) && cJSON_GetArraySize(missing) < MAX_MISSING &&
                    !add_single(missing, &one))
                    return false;
                name = name ? name->next : NULL;
            } while (name);
        }
    }
    return true;
}

static bool add_urls(const cJSON *held, const cJSON *rule, const char *verb, cJSON *missing)
{
    const cJSON *url;

    cJSON_ArrayForEach (url, vcl_json_get(rule, "nonResourceURLs")) {
        single one = { .verb = verb, .url = vcl_str(url->valuestring) };
        if (!is_held(held, &one) && cJSON_GetArraySize(missing) < MAX_MISSING &&
            !add_single(missing, &one))
            return false;
    }
    return true;
}

int vcl_held_unlisted(const vcl_held *held,
                      const cJSON *rule,
                      bool everywhere,
                      cJSON **out_missing,
                      vcluster_error **error)
{
    const cJSON *rules = everywhere && held->everywhere ? held->everywhere : held->inside;
    VCL_AUTO_JSON *missing = cJSON_CreateArray();
    const cJSON *verb;

    if (!missing)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (verb, vcl_json_get(rule, "verbs")) {
        if (!add_resources(rules, rule, vcl_str(verb->valuestring), missing) ||
            !add_urls(rules, rule, vcl_str(verb->valuestring), missing))
            return vcl_no_memory(error);
    }
    *out_missing = vcl_steal(&missing);
    return VCLUSTER_OK;
}

int vcl_held_missing(const vcl_held *held,
                     vcl_call *call,
                     const cJSON *rule,
                     bool everywhere,
                     cJSON **out_missing,
                     vcluster_error **error)
{
    VCL_AUTO_JSON *missing = NULL;
    cJSON *next = NULL;

    int status = vcl_held_unlisted(held, rule, everywhere, &missing, error);
    if (status < 0)
        return status;
    for (cJSON *one = held->complete ? NULL : missing->child; one; one = next) {
        bool allowed = false;
        next = one->next;
        status = vcl_kube_may(held->kube, call, NULL, one, everywhere ? NULL : held->namespace_name,
                              &allowed, error);
        if (status < 0)
            return status;
        if (allowed)
            cJSON_Delete(cJSON_DetachItemViaPointer(missing, one));
    }
    *out_missing = vcl_steal(&missing);
    return VCLUSTER_OK;
}
