/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights of two sets of rendered objects compared. The rules of all Roles of a namespace, and of
 * all ClusterRoles, are taken apart into one set of verbs for each resource of each API group, so
 * that it does not matter how a chart distributes them over objects and rules.
 */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "vcluster/rules/sync_diff.h"

/* A list of texts of a rule; one with an empty text for none, which stands for "all names". */
static const cJSON *texts_of(const cJSON *rule, const char *key, const cJSON *otherwise)
{
    const cJSON *list = vcl_json_get(rule, key);

    return cJSON_IsArray(list) && list->child ? list : otherwise;
}

/* What the rights are on, as one key: "GROUP|RESOURCE|NAME", or a URL. */
static char *key_of(const cJSON *group, const cJSON *resource, const cJSON *name)
{
    return vcl_format("%s|%s|%s", vcl_str(cJSON_GetStringValue(group)),
                      vcl_str(cJSON_GetStringValue(resource)), vcl_str(cJSON_GetStringValue(name)));
}

static bool add_verbs(cJSON *rights, const char *key, const cJSON *verbs)
{
    cJSON *set = key ? vcl_json_object(rights, key) : NULL;
    const cJSON *verb = NULL;

    cJSON_ArrayForEach (verb, verbs) {
        if (!set ||
            (cJSON_IsString(verb) && !vcl_json_set(set, verb->valuestring, cJSON_CreateTrue())))
            return false;
    }
    return set != NULL;
}

static bool add_rule(cJSON *rights, const cJSON *rule, const cJSON *none)
{
    const cJSON *verbs = vcl_json_get(rule, "verbs");
    const cJSON *groups = texts_of(rule, "apiGroups", none);
    const cJSON *resources = texts_of(rule, "resources", none);
    const cJSON *names = texts_of(rule, "resourceNames", none);
    const cJSON *url = NULL;

    cJSON_ArrayForEach (url, vcl_json_get(rule, "nonResourceURLs")) {
        vcl_auto_free char *key = key_of(NULL, url, NULL);
        if (!add_verbs(rights, key, verbs))
            return false;
    }
    if (resources == none)
        return true;
    for (const cJSON *group = groups->child; group; group = group->next) {
        for (const cJSON *resource = resources->child; resource; resource = resource->next) {
            for (const cJSON *name = names->child; name; name = name->next) {
                vcl_auto_free char *key = key_of(group, resource, name);
                if (!add_verbs(rights, key, verbs))
                    return false;
            }
        }
    }
    return true;
}

/* {"KEY": {"VERB": true}} of all objects of a kind. NULL without memory. */
static cJSON *collect(const cJSON *objects, const char *kind)
{
    cJSON *rights = cJSON_CreateObject();
    VCL_AUTO_JSON *none = cJSON_CreateArray();
    const cJSON *object = NULL;
    const cJSON *rule = NULL;
    bool ok = rights && vcl_json_append(none, cJSON_CreateString(""));

    cJSON_ArrayForEach (object, objects) {
        if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), kind))
            continue;
        cJSON_ArrayForEach (rule, vcl_json_get(object, "rules"))
            ok = ok && add_rule(rights, rule, none);
    }
    if (ok)
        return rights;
    cJSON_Delete(rights);
    return NULL;
}

/* The verbs of one set that another lacks, as a list; "" among them for none. */
static cJSON *missing_verbs(const cJSON *from, const cJSON *in)
{
    cJSON *list = cJSON_CreateArray();
    bool all = vcl_json_get(in, "*") != NULL;

    for (const cJSON *verb = list && from ? from->child : NULL; verb; verb = verb->next) {
        if (all || vcl_json_get(in, verb->string))
            continue;
        if (!vcl_json_append(list, cJSON_CreateString(verb->string))) {
            cJSON_Delete(list);
            return NULL;
        }
    }
    return list;
}

static char *join(const cJSON *verbs)
{
    VCL_AUTO_BUF buf = { 0 };
    const cJSON *verb = NULL;

    vcl_buf_init(&buf, VCL_MAX_MESSAGE);
    cJSON_ArrayForEach (verb, verbs)
        vcl_buf_addf(&buf, "%s%s", buf.size ? ", " : "", verb->valuestring);
    return vcl_buf_steal(&buf);
}

/* "nodes", "ingresses.networking.k8s.io", "secrets 'vc-dev'" of a key. */
static char *tell_target(const char *key)
{
    const char *resource = strchr(key, '|') + 1;
    const char *name = strchr(resource, '|') + 1;
    int group_size = (int)(resource - key - 1);
    int resource_size = (int)(name - resource - 1);

    return vcl_format("%.*s%s%.*s%s%s%s", resource_size, resource, group_size ? "." : "",
                      group_size, key, *name ? " '" : "", name, *name ? "'" : "");
}

static int add_change(vcluster_plan *plan,
                      const char *kind,
                      const char *key,
                      bool added,
                      const cJSON *verbs,
                      vcluster_error **error)
{
    bool wide = vcl_streq(kind, "ClusterRole");
    vcl_auto_free char *target = tell_target(key);
    vcl_auto_free char *list = join(verbs);
    vcl_auto_free char *reason =
        target && list ? vcl_format("the control plane %s %s %s %s",
                                    added ? "gets the right to" : "loses the right to", list,
                                    target, wide ? "on the whole host" : "in its namespace")
                       : NULL;

    if (!reason)
        return vcl_no_memory(error);
    return vcl_plan_add(
        plan,
        &(vcl_change){ .action = added ? VCLUSTER_ACTION_ADD : VCLUSTER_ACTION_REMOVE,
                       .impact = VCLUSTER_IMPACT_LIVE,
                       .api_version = "rbac.authorization.k8s.io/v1",
                       .kind = kind,
                       .name = target,
                       .path = ".rules",
                       .before = added ? NULL : verbs,
                       .after = added ? verbs : NULL,
                       .reason = reason },
        error);
}

/* What is in one set and not in the other. */
static int add_missing(vcluster_plan *plan,
                       const char *kind,
                       const cJSON *from,
                       const cJSON *in,
                       bool added,
                       vcluster_error **error)
{
    for (const cJSON *key = from->child; key; key = key->next) {
        VCL_AUTO_JSON *verbs = missing_verbs(key, vcl_json_get(in, key->string));
        if (!verbs)
            return vcl_no_memory(error);
        int status = verbs->child ? add_change(plan, kind, key->string, added, verbs, error) : 0;
        if (status < 0)
            return status;
    }
    return 0;
}

int vcl_rights_diff(const cJSON *before,
                    const cJSON *after,
                    vcluster_plan *plan,
                    vcluster_error **error)
{
    static const char *const kinds[] = { "Role", "ClusterRole" };
    int status = 0;

    for (size_t i = 0; status == 0 && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        VCL_AUTO_JSON *was = collect(before, kinds[i]);
        VCL_AUTO_JSON *is = collect(after, kinds[i]);

        if (!was || !is)
            return vcl_no_memory(error);
        status = add_missing(plan, kinds[i], is, was, true, error);
        if (status == 0)
            status = add_missing(plan, kinds[i], was, is, false, error);
    }
    return status;
}
