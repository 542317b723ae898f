/* SPDX-License-Identifier: Apache-2.0 */
/* Private nodes: what they exclude, and the pools that are made by themselves. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"

#define ENDPOINT "controlPlane.endpoint"
#define POOLS "privateNodes.autoNodes"

static void check_excluded(vcl_check *check)
{
    static const char *const excluded[] = {
        "integrations.metricsServer.enabled",   "integrations.certManager.enabled",
        "integrations.externalSecrets.enabled", "integrations.istio.enabled",
        "integrations.kubeVirt.enabled",        "controlPlane.coredns.embedded",
        "controlPlane.hostPathMapper.enabled",  "sync.toHost.namespaces.enabled",
    };

    for (size_t i = 0; i < sizeof(excluded) / sizeof(excluded[0]); i++) {
        if (vcl_check_on(check, excluded[i]))
            vcl_check_find(check, excluded[i], "switch it off",
                           "it does not work with private nodes");
    }
}

static const char *wrong_with_requirement(const cJSON *requirement)
{
    static const char *const known[] = { "",   "In", "NotIn", "Exists", "DoesNotExist",
                                         "Gt", "Lt", NULL };
    static const char *const bare[] = { "Exists", "DoesNotExist", NULL };
    const char *name = vcl_str(vcl_json_find_string(requirement, "operator", NULL));
    bool value = !vcl_str_empty(vcl_json_find_string(requirement, "value", NULL));
    bool values = vcl_check_filled(vcl_json_get(requirement, "values"));

    if (vcl_str_empty(vcl_json_find_string(requirement, "property", NULL)))
        return "a requirement has no property";
    if (!vcl_is_one_of(name, known))
        return "an operator is none of In, NotIn, Exists, DoesNotExist, Gt and Lt";
    if (value && values)
        return "value and values exclude each other";
    if (vcl_is_one_of(name, bare) != (!value && !values))
        return "Exists and DoesNotExist have no value, all other operators need one";
    return NULL;
}

static bool has_before(const cJSON *list, const cJSON *item, const char *key, const char *text)
{
    for (const cJSON *other = list->child; other && other != item; other = other->next) {
        if (vcl_streq(vcl_json_find_string(other, key, NULL), text))
            return true;
    }
    return false;
}

/* Names of pools are unique over all providers. */
static bool is_name_taken(const cJSON *providers, const cJSON *pool, const char *name)
{
    static const char *const kinds[] = { "static", "dynamic" };

    for (const cJSON *provider = providers->child; provider; provider = provider->next) {
        for (size_t i = 0; i < 2; i++) {
            const cJSON *list = vcl_json_get(provider, kinds[i]);
            for (const cJSON *other = list ? list->child : NULL; other; other = other->next) {
                if (other == pool)
                    return false;
                if (vcl_streq(vcl_json_find_string(other, "name", NULL), name))
                    return true;
            }
        }
    }
    return false;
}

static void
check_pool(vcl_check *check, const char *path, const cJSON *providers, const cJSON *pool)
{
    const char *name = vcl_str(vcl_json_find_string(pool, "name", NULL));
    const cJSON *requirement = NULL;
    const char *wrong = NULL;

    cJSON_ArrayForEach (requirement, vcl_json_get(pool, "nodeTypeSelector"))
        wrong = wrong ? wrong : wrong_with_requirement(requirement);
    if (*name == '\0')
        wrong = "it has no name";
    else if (is_name_taken(providers, pool, name))
        wrong = "another pool has its name";
    else if (vcl_json_find_int(pool, 0, "quantity", NULL) < 0)
        wrong = "its quantity is negative";
    if (wrong)
        vcl_check_find(check, path, NULL, "the pool cannot be made: %s", wrong);
}

static void check_pools(vcl_check *check,
                        const char *path,
                        const char *kind,
                        const cJSON *providers,
                        const cJSON *provider)
{
    vcl_auto_free char *list = vcl_format("%s.%s", path, kind);
    const cJSON *pool = NULL;
    int index = 0;

    if (!list)
        return;
    cJSON_ArrayForEach (pool, vcl_json_get(provider, kind)) {
        vcl_auto_free char *at = vcl_check_item(check, list, index++);
        if (at)
            check_pool(check, at, providers, pool);
    }
}

void vcl_check_private_nodes(vcl_check *check)
{
    const cJSON *providers = vcl_check_get(check, POOLS);
    const char *endpoint = vcl_check_text(check, ENDPOINT);
    const cJSON *provider = NULL;
    int index = 0;

    if (!vcl_check_on(check, "privateNodes.enabled")) {
        if (*endpoint)
            vcl_check_find(check, ENDPOINT, "take it out",
                           "only a virtual cluster with private nodes has an endpoint");
        return;
    }
    const char *port = strrchr(endpoint, ':');
    if (*endpoint && (!port || port[1] == '\0'))
        vcl_check_find(check, ENDPOINT, "write it as in dev.example.com:443",
                       "'%s' is no host with a port", endpoint);
    check_excluded(check);
    cJSON_ArrayForEach (provider, providers) {
        vcl_auto_free char *path = vcl_check_item(check, POOLS, index++);
        const char *name = vcl_str(vcl_json_find_string(provider, "provider", NULL));

        if (!path)
            return;
        if (*name == '\0' || has_before(providers, provider, "provider", name))
            vcl_check_find(check, path, NULL, "the provider '%s' %s", name,
                           *name ? "is there already" : "has no name");
        check_pools(check, path, "static", providers, provider);
        check_pools(check, path, "dynamic", providers, provider);
    }
}
