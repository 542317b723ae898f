/* SPDX-License-Identifier: Apache-2.0 */
/* The store of the control plane, and what may not change in a virtual cluster that is there. */
#include "base/cleanup.h"
#include "base/str.h"
#include "check/areas.h"
#include "data/values.h"

#define STORE "controlPlane.backingStore."
#define REPLICAS "controlPlane.statefulSet.highAvailability.replicas"

/* In the order in which upstream looks. */
static const struct store {
    const char *path;
    const char *name;
} stores[] = {
    { STORE "etcd.embedded", "embedded etcd" },
    { STORE "etcd.external", "external etcd" },
    { STORE "etcd.deploy", "deployed etcd" },
    { STORE "database.embedded", "SQLite" },
    { STORE "database.external", "an external database" },
};
enum { EMBEDDED_ETCD, EXTERNAL_ETCD, DEPLOYED_ETCD, SQLITE, EXTERNAL_DATABASE, STORES };

static const cJSON *get(const cJSON *values, const char *path, const char *key)
{
    const cJSON *node = NULL;

    return vcl_values_get(values, path, &node, NULL) == 0 ? vcl_json_get(node, key) : NULL;
}

static int store_of(const cJSON *values)
{
    for (int i = 0; i < STORES; i++) {
        if (vcl_check_node_on(get(values, stores[i].path, "enabled")))
            return i;
    }
    return SQLITE;
}

void vcl_check_several_stores(vcl_check *check)
{
    const char *first = NULL;

    for (int i = 0; i < STORES; i++) {
        if (!vcl_check_node_on(get(check->values, stores[i].path, "enabled")))
            continue;
        if (first)
            vcl_check_find(check, stores[i].path, "switch all stores off but one",
                           "%s is on, and %s too: there is one store", stores[i].name, first);
        else
            first = stores[i].name;
    }
}

static int64_t replicas_of(const vcl_check *check)
{
    int64_t replicas = 1;

    return vcl_json_to_int(vcl_check_get(check, REPLICAS), &replicas) ? replicas : 1;
}

void vcl_check_ha_sqlite(vcl_check *check)
{
    int64_t replicas = replicas_of(check);

    if (replicas > 1 && store_of(check->values) == SQLITE)
        vcl_check_find(check, REPLICAS,
                       "set replicas to 1, or use " STORE "etcd.deploy or etcd.embedded",
                       "%lld replicas cannot share SQLite", (long long)replicas);
}

void vcl_check_even_replicas(vcl_check *check)
{
    int64_t replicas = replicas_of(check);

    if (replicas > 0 && replicas % 2 == 0 && store_of(check->values) == EMBEDDED_ETCD)
        vcl_check_find(check, REPLICAS, "use 1, 3 or 5 replicas",
                       "%lld replicas of embedded etcd survive no more than %lld do",
                       (long long)replicas, (long long)replicas - 1);
}

/* Whether upstream lets a virtual cluster move from one store to another. */
static bool may_move(int from, int to)
{
    if (from == to)
        return true;
    if (to == DEPLOYED_ETCD || to == EMBEDDED_ETCD)
        return from == EXTERNAL_ETCD || from == DEPLOYED_ETCD || from == SQLITE;
    return to == EXTERNAL_DATABASE && from == SQLITE;
}

static void check_store(vcl_check *check)
{
    int from = store_of(check->old);
    int to = store_of(check->values);

    if (!may_move(from, to))
        vcl_check_find(check, stores[to].path, "keep the store, or make a new virtual cluster",
                       "the store cannot change from %s to %s", stores[from].name, stores[to].name);
    else if (from != to)
        vcl_check_find_as(check, VCLUSTER_SEVERITY_WARNING, stores[to].path,
                          "take a snapshot before",
                          "the store changes from %s to %s: upstream allows it, but only embedded "
                          "etcd copies data, and only that of deployed etcd",
                          stores[from].name, stores[to].name);
}

/* What is on or off where it is missing: a missing switch is one that is off. */
static bool is_same(const cJSON *a, const cJSON *b)
{
    bool empty_a = !a || cJSON_IsNull(a) || cJSON_IsFalse(a) ||
                   ((cJSON_IsObject(a) || cJSON_IsArray(a)) && !a->child);
    bool empty_b = !b || cJSON_IsNull(b) || cJSON_IsFalse(b) ||
                   ((cJSON_IsObject(b) || cJSON_IsArray(b)) && !b->child);

    return (empty_a && empty_b) || (a && b && vcl_json_equal(a, b));
}

void vcl_check_store_change(vcl_check *check)
{
    static const char *const fixed[][2] = {
        { "sync.toHost.namespaces", "enabled" },
        { "sync.toHost.namespaces", "mappingsOnly" },
        { "sync.toHost.namespaces.mappings", "byName" },
        { "sync.toHost.namespaces", "patches" },
        { "privateNodes.vpn", "enabled" },
        { "privateNodes.vpn.nodeToNode", "enabled" },
    };

    if (!check->old)
        return;
    check_store(check);
    for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        const char *key = fixed[i][1];

        if (is_same(get(check->old, fixed[i][0], key), get(check->values, fixed[i][0], key)))
            continue;
        vcl_auto_free char *path = vcl_check_member(check, fixed[i][0], key);
        vcl_check_find(check, path, "leave it as it is, or make a new virtual cluster",
                       "it may not change in a virtual cluster that is there");
    }
}
