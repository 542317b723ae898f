/* SPDX-License-Identifier: Apache-2.0 */
/* Changing one rule in the user's values: the exact key, whatever the spelling. */
#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "data/values.h"
#include "sync/rules.h"

#define CUSTOM "customResources"

/* The object of the values at sync.DIRECTION[.OUTER].KEY, made where it is missing. */
static cJSON *node_of(cJSON *values, const char *direction, const char *outer, const char *key)
{
    cJSON *node = vcl_json_object(values, "sync");

    if (node)
        node = vcl_json_object(node, direction);
    if (node && outer)
        node = vcl_json_object(node, outer);
    return node ? vcl_json_object(node, key) : NULL;
}

static bool write_state(cJSON *node, int state)
{
    if (state == 0)
        return true;
    if (state == VCLUSTER_SYNC_AUTO)
        return vcl_json_set_string(node, "enabled", "auto");
    return vcl_json_set(node, "enabled", cJSON_CreateBool(state == VCLUSTER_SYNC_ON));
}

/* Write into a copy, so that the values are untouched when memory runs out. */
static int change(cJSON *values,
                  const char *direction,
                  const char *resource,
                  int state,
                  const cJSON *settings,
                  vcluster_error **error)
{
    VCL_AUTO_JSON *copy = vcl_json_copy(values);
    const char *dot = strchr(resource, '.');
    vcl_auto_free char *outer = dot ? vcl_strndup(resource, (size_t)(dot - resource)) : NULL;

    if (!copy || (dot && !outer))
        return vcl_no_memory(error);
    cJSON *node = node_of(copy, direction, outer, dot ? dot + 1 : resource);
    if (!node || !write_state(node, state))
        return vcl_no_memory(error);
    int status = settings ? vcl_values_merge(node, settings, error) : 0;
    if (status < 0)
        return status;
    vcl_json_exchange(values, copy);
    return 0;
}

/* A custom resource that no rule is there for yet: "customResources.PLURAL.GROUP" of a spelling
 * with a group, or NULL. */
static char *new_custom(const char *resource)
{
    size_t prefix = strlen(CUSTOM ".");

    if (strncmp(resource, CUSTOM ".", prefix) == 0)
        return strchr(resource + prefix, '.') ? vcl_strdup(resource) : NULL;
    if (strncmp(resource, "gatewayApi.", strlen("gatewayApi.")) == 0 || !strchr(resource, '.'))
        return NULL;
    return vcl_format(CUSTOM ".%s", resource);
}

static int check(const vcluster_sync_rule *rule, int state, vcluster_error **error)
{
    if (state == VCLUSTER_SYNC_AUTO && rule->default_state != VCLUSTER_SYNC_AUTO)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "sync rule '%s' is on or off, it has no auto", rule->resource);
    return 0;
}

int vcl_sync_set(cJSON *values,
                 const vcluster_chart *chart,
                 const char *direction,
                 const char *resource,
                 int state,
                 const cJSON *settings,
                 vcluster_error **error)
{
    VCL_AUTO_SYNC_RULES *rules = NULL;
    VCL_AUTO_ERROR *inner = NULL;
    const vcluster_sync_rule *rule = NULL;

    int status = vcl_sync_rules_read(chart, values, &rules, error);
    if (status < 0)
        return status;
    status = vcluster_sync_rules_find(rules, direction, resource, &rule, &inner);
    if (status == VCLUSTER_E_NOT_FOUND && direction) {
        vcl_auto_free char *custom = new_custom(resource);
        if (custom)
            return change(values, direction, custom, state, settings, error);
    }
    if (status < 0)
        return vcl_error_pass(error, &inner, status);
    status = check(rule, state, error);
    return status < 0 ? status
                      : change(values, rule->direction, rule->resource, state, settings, error);
}
