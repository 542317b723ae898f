/* SPDX-License-Identifier: Apache-2.0 */
/* Which ConfigMaps and Secrets pods use: by volumes, environment and pull secrets. */
#include <string.h>

#include "base/str.h"
#include "quota/expand.h"

static bool is_one_of(const char *key, const char *const *keys)
{
    for (; *keys; keys++) {
        if (strcmp(key, *keys) == 0)
            return true;
    }
    return false;
}

/* Whether a node, a member `key` of something in a PodSpec, names the object. */
static bool names(const cJSON *node, const char *key, const char *kind, const char *name)
{
    static const char *const maps[] = { "configMap", "configMapKeyRef", "configMapRef", NULL };
    static const char *const secrets[] = { "secret", "secretKeyRef", "secretRef", NULL };

    if (strcmp(kind, "ConfigMap") == 0)
        return is_one_of(key, maps) && vcl_streq(vcl_json_find_string(node, "name", NULL), name);
    if (is_one_of(key, secrets))
        return vcl_streq(vcl_json_find_string(node, "name", NULL), name) ||
               vcl_streq(vcl_json_find_string(node, "secretName", NULL), name);
    if (strcmp(key, "imagePullSecrets") != 0)
        return false;
    for (const cJSON *item = node->child; item; item = item->next) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return true;
    }
    return false;
}

/* The depth is that of a document (VCL_MAX_YAML_DEPTH, VCL_MAX_JSON_DEPTH). */
// NOLINTNEXTLINE(misc-no-recursion)
static bool any_names(const cJSON *node, const char *kind, const char *name)
{
    for (const cJSON *member = node ? node->child : NULL; member; member = member->next) {
        if ((member->string && names(member, member->string, kind, name)) ||
            any_names(member, kind, name))
            return true;
    }
    return false;
}

static const char *namespace_of(const cJSON *object)
{
    const char *text = vcl_json_find_string(object, "metadata", "namespace", NULL);

    return text ? text : "default";
}

static const cJSON *pod_spec_of(const cJSON *object)
{
    const cJSON *spec = vcl_json_get(object, "spec");

    if (strcmp(vcl_str(vcl_json_find_string(object, "kind", NULL)), "Pod") == 0)
        return spec;
    const cJSON *job = vcl_json_find(spec, "jobTemplate", "spec", NULL);
    return vcl_json_find(job ? job : spec, "template", "spec", NULL);
}

bool vcl_used_by_pods(const cJSON *manifests, const cJSON *object)
{
    const char *kind = vcl_str(vcl_json_find_string(object, "kind", NULL));
    const char *name = vcl_str(vcl_json_find_string(object, "metadata", "name", NULL));

    for (const cJSON *user = manifests ? manifests->child : NULL; user; user = user->next) {
        if (strcmp(namespace_of(user), namespace_of(object)) == 0 &&
            any_names(pod_spec_of(user), kind, name))
            return true;
    }
    return false;
}
