/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts of namespaces, and what nodes have; see ledger.h. */
#include "quota/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "quota/tenant.h"
#include "quota/usage.h"

enum { MAX_ACCOUNTS = 200000 };

void vcl_ledger_done(vcl_ledger *ledger)
{
    for (size_t i = 0; i < ledger->size; i++) {
        free(ledger->items[i].namespace_name);
        cJSON_Delete(ledger->items[i].clusters);
        vcl_resources_done(&ledger->items[i].bounds);
        vcl_resources_done(&ledger->items[i].counted);
        vcl_resources_done(&ledger->items[i].requested);
    }
    free(ledger->items);
    *ledger = (vcl_ledger){ 0 };
}

static bool is_at(const vcl_ledger *ledger, size_t index, const char *namespace_name)
{
    return index < ledger->size && strcmp(ledger->items[index].namespace_name, namespace_name) == 0;
}

/* The account of a namespace, opened where there is none; NULL without memory. */
static vcl_account *account_of(vcl_ledger *ledger, const char *namespace_name)
{
    for (size_t i = 0; i <= ledger->size; i++) {
        size_t at = (ledger->last + i) % (ledger->size + 1);
        if (is_at(ledger, at, namespace_name)) {
            ledger->last = at;
            return &ledger->items[at];
        }
    }
    if (ledger->size == ledger->capacity) {
        size_t capacity = ledger->capacity * 2 + 16;
        vcl_account *grown =
            capacity <= MAX_ACCOUNTS ? realloc(ledger->items, capacity * sizeof(*grown)) : NULL;
        if (!grown)
            return NULL;
        ledger->items = grown;
        ledger->capacity = capacity;
    }
    char *copy = vcl_strdup(namespace_name);
    if (!copy)
        return NULL;
    ledger->last = ledger->size++;
    ledger->items[ledger->last] = (vcl_account){ .namespace_name = copy };
    return &ledger->items[ledger->last];
}

static vcl_account *account_of_object(vcl_ledger *ledger, const cJSON *object)
{
    return account_of(ledger, vcl_str(vcl_json_find_string(object, "metadata", "namespace", NULL)));
}

int vcl_ledger_add_cluster(vcl_ledger *ledger,
                           const char *namespace_name,
                           const char *name,
                           vcluster_error **error)
{
    vcl_account *account = account_of(ledger, namespace_name);

    if (account && !account->clusters)
        account->clusters = cJSON_CreateArray();
    return account && account->clusters &&
                   vcl_json_append(account->clusters, cJSON_CreateString(name))
               ? 0
               : vcl_no_memory(error);
}

/* The one name of a resource that quotas have two for: "cpu" and "count/pods" are "requests.cpu"
 * and "pods". NULL without memory. */
static char *one_name(const char *name)
{
    static const char *const requested[] = { "cpu", "memory", "storage", "ephemeral-storage" };

    for (size_t i = 0; i < sizeof(requested) / sizeof(requested[0]); i++) {
        if (strcmp(name, requested[i]) == 0)
            return vcl_format("requests.%s", name);
    }
    if (vcl_starts_with(name, "count/") && vcl_quota_other_key(name))
        return vcl_strdup(vcl_quota_other_key(name));
    return vcl_strdup(name);
}

/* Write each amount of a list under its one name: of two the smaller one, or the larger. */
static int
take_all(vcl_resources *to, const vcl_resources *from, bool smaller, vcluster_error **error)
{
    for (size_t i = 0; i < from->size; i++) {
        const vcl_amount *amount = &from->items[i];
        vcl_auto_free char *name = one_name(amount->name);

        if (!name)
            return vcl_no_memory(error);
        const vcl_quantity *have = vcl_resources_get(to, name);
        if (!have || (vcl_quantity_compare(&amount->amount, have) < 0) == smaller)
            vcl_resources_set(to, name, &amount->amount);
    }
    return to->failed ? vcl_no_memory(error) : 0;
}

int vcl_bounds_read(vcl_resources *bounds, const cJSON *hard, vcluster_error **error)
{
    VCL_AUTO_RESOURCES read = { 0 };

    int status = vcl_resources_read(&read, hard, error);
    return status < 0 ? status : take_all(bounds, &read, true, error);
}

static bool has_scopes(const cJSON *quota)
{
    const cJSON *scopes = vcl_json_find(quota, "spec", "scopes", NULL);
    const cJSON *selector = vcl_json_find(quota, "spec", "scopeSelector", "matchExpressions", NULL);

    return (scopes && scopes->child) || (selector && selector->child);
}

int vcl_ledger_add_quota(vcl_ledger *ledger, const cJSON *quota, vcluster_error **error)
{
    VCL_AUTO_RESOURCES used = { 0 };
    vcl_account *account = has_scopes(quota) ? NULL : account_of_object(ledger, quota);

    if (!account)
        return has_scopes(quota) ? 0 : vcl_no_memory(error);
    int status =
        vcl_bounds_read(&account->bounds, vcl_json_find(quota, "spec", "hard", NULL), error);
    if (status == 0)
        status = vcl_resources_read(&used, vcl_json_find(quota, "status", "used", NULL), error);
    if (status == 0)
        status = take_all(&account->counted, &used, false, error);
    return status < 0 ? vcl_wrap(error, status, "read ResourceQuota '%s' in '%s'",
                                 vcl_str(vcl_json_find_string(quota, "metadata", "name", NULL)),
                                 account->namespace_name)
                      : 0;
}

int vcl_ledger_add_pod(vcl_ledger *ledger, const cJSON *pod, vcluster_error **error)
{
    VCL_AUTO_RESOURCES usage = { 0 };
    vcl_account *account = account_of_object(ledger, pod);

    int status = account ? vcl_usage_add(&usage, pod, error) : vcl_no_memory(error);
    for (size_t i = 0; status == 0 && i < usage.size; i++) {
        const vcl_amount *amount = &usage.items[i];
        vcl_auto_free char *name = one_name(amount->name);

        if (!name)
            return vcl_no_memory(error);
        /* Of two names the one that is the resource's own: "count/pods" has those that are over. */
        if (strcmp(name, amount->name) == 0)
            vcl_resources_add(&account->requested, name, &amount->amount);
    }
    return status == 0 && account->requested.failed ? vcl_no_memory(error) : status;
}

const vcl_quantity *vcl_account_promised(const vcl_account *account, const char *resource)
{
    const vcl_quantity *bound = vcl_resources_get(&account->bounds, resource);

    return bound ? bound : vcl_resources_get(&account->requested, resource);
}

const vcl_quantity *vcl_account_used(const vcl_account *account, const char *resource)
{
    const vcl_quantity *counted = vcl_resources_get(&account->counted, resource);

    return counted ? counted : vcl_resources_get(&account->requested, resource);
}

static bool takes_pods(const cJSON *node)
{
    const cJSON *taints = vcl_json_find(node, "spec", "taints", NULL);
    const cJSON *conditions = vcl_json_find(node, "status", "conditions", NULL);
    bool ready = false;

    for (const cJSON *one = conditions ? conditions->child : NULL; one; one = one->next) {
        if (vcl_streq(vcl_json_find_string(one, "type", NULL), "Ready"))
            ready = vcl_streq(vcl_json_find_string(one, "status", NULL), "True");
    }
    for (const cJSON *one = taints ? taints->child : NULL; one; one = one->next) {
        const char *effect = vcl_str(vcl_json_find_string(one, "effect", NULL));
        if (strcmp(effect, "NoSchedule") == 0 || strcmp(effect, "NoExecute") == 0)
            return false;
    }
    return ready && !vcl_json_find_bool(node, false, "spec", "unschedulable", NULL);
}

int vcl_nodes_add(vcl_resources *total, const cJSON *node, vcluster_error **error)
{
    VCL_AUTO_RESOURCES has = { 0 };

    if (!takes_pods(node))
        return 0;
    int status =
        vcl_resources_read(&has, vcl_json_find(node, "status", "allocatable", NULL), error);
    if (status < 0)
        return vcl_wrap(error, status, "read node '%s'",
                        vcl_str(vcl_json_find_string(node, "metadata", "name", NULL)));
    for (size_t i = 0; i < has.size; i++) {
        const vcl_amount *amount = &has.items[i];
        bool counted = strcmp(amount->name, "pods") == 0;
        vcl_auto_free char *name = vcl_format("%s%s", counted ? "" : "requests.", amount->name);
        if (!name)
            return vcl_no_memory(error);
        if (amount->amount.nano > 0) /* of most sizes of huge pages a node has none */
            vcl_resources_add(total, name, &amount->amount);
    }
    return total->failed ? vcl_no_memory(error) : 0;
}
