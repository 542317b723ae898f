/* SPDX-License-Identifier: Apache-2.0 */
/* Custom resources: scopes, directions, and what integrations and proxies do with them already. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "check/name.h"

#define TO "sync.toHost.customResources"
#define FROM "sync.fromHost.customResources"
#define PROXY "experimental.proxy.customResources"

static const cJSON *first(const vcl_check *check, const char *path)
{
    return vcl_check_members(vcl_check_get(check, path));
}

static bool is_on(const cJSON *rule)
{
    return vcl_check_node_on(vcl_json_get(rule, "enabled"));
}

static void find_at(
    vcl_check *check, const char *map, const cJSON *rule, const char *remedy, const char *message)
{
    vcl_auto_free char *path = vcl_check_member(check, map, rule->string);

    vcl_check_find(check, path, remedy, "%s", message);
}

static void check_from(vcl_check *check, const cJSON *rule)
{
    static const char *const scopes[] = { "", "Cluster", "Namespaced", NULL };
    const char *scope = vcl_str(vcl_json_find_string(rule, "scope", NULL));
    bool mapped = vcl_check_filled(vcl_json_find(rule, "mappings", "byName", NULL));

    if (!vcl_is_one_of(scope, scopes))
        find_at(check, FROM, rule, "use Cluster or Namespaced", "the scope is not known");
    else if (mapped && !vcl_streq(scope, "Namespaced"))
        find_at(check, FROM, rule, "set scope to Namespaced, or take the mappings out",
                "only a resource of scope Namespaced can have mappings");
    else if (!mapped && vcl_streq(scope, "Namespaced"))
        find_at(check, FROM, rule, "add mappings.byName", "scope Namespaced needs mappings");
}

void vcl_check_custom_scope(vcl_check *check)
{
    for (const cJSON *rule = first(check, TO); rule; rule = rule->next) {
        const char *scope = vcl_str(vcl_json_find_string(rule, "scope", NULL));
        if (*scope && !vcl_streq(scope, "Namespaced"))
            find_at(check, TO, rule, "use Namespaced", "the scope can be Namespaced only");
    }
    for (const cJSON *rule = first(check, FROM); rule; rule = rule->next)
        check_from(check, rule);
}

/* "PLURAL.GROUP/VERSION" -> "GROUP". */
static char *group_of(const char *key)
{
    const char *dot = strchr(key, '.');
    const char *group = dot ? dot + 1 : "";

    return vcl_strndup(group, strcspn(group, "/"));
}

/* An active proxy of the same group, or NULL. */
static const cJSON *find_proxy(const vcl_check *check, const char *key)
{
    vcl_auto_free char *group = group_of(key);

    for (const cJSON *proxy = first(check, PROXY); proxy; proxy = proxy->next) {
        vcl_auto_free char *other = group_of(proxy->string);
        if (is_on(proxy) && group && vcl_streq(group, other))
            return proxy;
    }
    return NULL;
}

/* What integrations copy themselves, and the switch that decides it. */
static const struct owned {
    const char *integration;
    const char *key;
    const char *also; /* a second switch, or NULL */
    bool from_host;
} owned[] = {
    { "istio", "destinationrules.networking.istio.io", "sync.toHost.destinationRules", false },
    { "istio", "virtualservices.networking.istio.io", "sync.toHost.virtualServices", false },
    { "istio", "gateways.networking.istio.io", "sync.toHost.gateways", false },
    { "certManager", "certificates.cert-manager.io", "sync.toHost.certificates", false },
    { "certManager", "issuers.cert-manager.io", "sync.toHost.issuers", false },
    { "certManager", "clusterissuers.cert-manager.io", "sync.fromHost.clusterIssuers", true },
    { "externalSecrets", "externalsecrets.external-secrets.io", NULL, false },
    { "externalSecrets", "secretstores.external-secrets.io", "sync.toHost.stores", false },
    { "externalSecrets", "clustersecretstores.external-secrets.io", "sync.fromHost.clusterStores",
      false },
    { "kubeVirt", "datavolumes.cdi.kubevirt.io", "sync.dataVolumes", false },
    { "kubeVirt", "datavolumes/status.cdi.kubevirt.io", "sync.dataVolumes", false },
    { "kubeVirt", "virtualmachineinstancemigrations.kubevirt.io",
      "sync.virtualMachineInstanceMigrations", false },
    { "kubeVirt", "virtualmachineinstancemigrations/status.kubevirt.io",
      "sync.virtualMachineInstanceMigrations", false },
    { "kubeVirt", "virtualmachineinstances.kubevirt.io", "sync.virtualMachineInstances", false },
    { "kubeVirt", "virtualmachineinstances/status.kubevirt.io", "sync.virtualMachineInstances",
      false },
    { "kubeVirt", "virtualmachines.kubevirt.io", "sync.virtualMachines", false },
    { "kubeVirt", "virtualmachines/status.kubevirt.io", "sync.virtualMachines", false },
    { "kubeVirt", "virtualmachineclones.clone.kubevirt.io", "sync.virtualMachineClones", false },
    { "kubeVirt", "virtualmachineclones/status.clone.kubevirt.io", "sync.virtualMachineClones",
      false },
    { "kubeVirt", "virtualmachinepools.pool.kubevirt.io", "sync.virtualMachinePools", false },
    { "kubeVirt", "virtualmachinepools/status.pool.kubevirt.io", "sync.virtualMachinePools",
      false },
};

static bool is_owned(const vcl_check *check, const struct owned *row)
{
    vcl_auto_free char *path = vcl_format("integrations.%s.enabled", row->integration);
    vcl_auto_free char *also =
        row->also ? vcl_format("integrations.%s.%s.enabled", row->integration, row->also) : NULL;

    return path && vcl_check_on(check, path) && (!row->also || (also && vcl_check_on(check, also)));
}

static const char *integration_of(const vcl_check *check, const char *key, bool from_host)
{
    for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++) {
        if (owned[i].from_host == from_host && vcl_streq(owned[i].key, key) &&
            is_owned(check, &owned[i]))
            return owned[i].integration;
    }
    return NULL;
}

static void check_rule(vcl_check *check, const char *map, const cJSON *rule)
{
    vcl_auto_free char *path = vcl_check_member(check, map, rule->string);
    const char *integration = integration_of(check, rule->string, vcl_streq(map, FROM));
    const cJSON *proxy = find_proxy(check, rule->string);

    if (integration)
        vcl_check_find(check, path, "take it out of customResources",
                       "the integration '%s' copies '%s' already", integration, rule->string);
    if (proxy)
        vcl_check_find(check, path, "sync the resources of a group, or proxy them",
                       "'%s' is of the same API group as '%s', which is proxied", rule->string,
                       proxy->string);
}

void vcl_check_custom_conflict(vcl_check *check)
{
    const cJSON *to = vcl_check_get(check, TO);

    for (const cJSON *rule = first(check, TO); rule; rule = rule->next) {
        if (is_on(rule))
            check_rule(check, TO, rule);
    }
    for (const cJSON *rule = first(check, FROM); rule; rule = rule->next) {
        if (!is_on(rule))
            continue;
        check_rule(check, FROM, rule);
        if (is_on(vcl_json_get(to, rule->string)))
            find_at(check, FROM, rule, "switch one of the two off",
                    "the resource goes to the host and comes from the host at once");
    }
}

/* "GROUP/VERSION" of "PLURAL.GROUP/VERSION"; NULL for a key that is none. */
static const char *group_version_of(const char *key)
{
    const char *dot = strchr(key, '.');
    const char *slash = strchr(key, '/');

    if (!dot || !slash || dot == key || slash < dot + 2 || vcl_count_char(key, '/') != 1)
        return NULL;
    return dot + 1;
}

/* Two active proxies of one group and version, which goes to one place as a whole. */
static const char *wrong_with_pair(const cJSON *a, const cJSON *b)
{
    const cJSON *target = vcl_json_get(a, "targetVirtualCluster");
    const char *mode = vcl_str(vcl_json_find_string(a, "accessResources", NULL));

    if ((a->string[0] == '*') != (b->string[0] == '*'))
        return "a wildcard and a single resource of one group and version exclude each other";
    if (!vcl_json_equal(target, vcl_json_get(b, "targetVirtualCluster")))
        return "resources of one group and version have different targetVirtualCluster";
    if (!vcl_streq(mode, vcl_str(vcl_json_find_string(b, "accessResources", NULL))))
        return "resources of one group and version have different accessResources";
    return NULL;
}

static void check_proxy(vcl_check *check, const cJSON *proxy)
{
    static const char *const modes[] = { "", "owned", "all", NULL };
    const char *group = group_version_of(proxy->string);

    if (!group)
        find_at(check, PROXY, proxy, "write it as in 'widgets.example.com/v1'",
                "the key is none of RESOURCE.GROUP/VERSION and *.GROUP/VERSION");
    if (vcl_str_empty(vcl_json_find_string(proxy, "targetVirtualCluster", "name", NULL)))
        find_at(check, PROXY, proxy, "name it", "targetVirtualCluster has no name");
    if (!vcl_is_one_of(vcl_str(vcl_json_find_string(proxy, "accessResources", NULL)), modes))
        find_at(check, PROXY, proxy, NULL, "accessResources is none of owned and all");
    for (const cJSON *other = first(check, PROXY); group && other != proxy; other = other->next) {
        const char *wrong =
            is_on(proxy) && is_on(other) && vcl_streq(group, group_version_of(other->string))
                ? wrong_with_pair(proxy, other)
                : NULL;
        if (wrong)
            find_at(check, PROXY, proxy, NULL, wrong);
    }
}

void vcl_check_proxy(vcl_check *check)
{
    for (const cJSON *proxy = first(check, PROXY); proxy; proxy = proxy->next)
        check_proxy(check, proxy);
}
