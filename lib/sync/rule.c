/* SPDX-License-Identifier: Apache-2.0 */
/* What the interface tells of sync rules, and finding one of them. */
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "data/nearest.h"
#include "sync/rules.h"

const char *vcluster_sync_state_name(int state)
{
    static const char *const names[] = { "", "off", "on", "auto" };

    return state >= VCLUSTER_SYNC_OFF && state <= VCLUSTER_SYNC_AUTO ? names[state] : "";
}

size_t vcluster_sync_rules_size(const vcluster_sync_rules *rules)
{
    return rules ? rules->size : 0;
}

const vcluster_sync_rule *vcluster_sync_rules_at(const vcluster_sync_rules *rules, size_t index)
{
    return index < vcluster_sync_rules_size(rules) ? &rules->items[index] : NULL;
}

const char *vcluster_sync_rule_direction(const vcluster_sync_rule *rule)
{
    return rule ? rule->direction : "";
}

const char *vcluster_sync_rule_resource(const vcluster_sync_rule *rule)
{
    return rule ? rule->resource : "";
}

const char *vcluster_sync_rule_kind(const vcluster_sync_rule *rule)
{
    return rule && rule->fact ? rule->fact->kind : "";
}

const char *vcluster_sync_rule_path(const vcluster_sync_rule *rule)
{
    return rule ? rule->path : "";
}

int vcluster_sync_rule_state(const vcluster_sync_rule *rule)
{
    return rule ? rule->state : 0;
}

int vcluster_sync_rule_default(const vcluster_sync_rule *rule)
{
    return rule ? rule->default_state : 0;
}

bool vcluster_sync_rule_active(const vcluster_sync_rule *rule)
{
    return rule && rule->active;
}

const char *vcluster_sync_rule_settings(const vcluster_sync_rule *rule)
{
    return rule ? rule->settings : "{}";
}

const char *vcluster_sync_rule_rights(const vcluster_sync_rule *rule)
{
    if (rule && rule->custom)
        return "get, list, watch customresourcedefinitions";
    return rule && rule->fact ? rule->fact->rights : "";
}

const char *vcluster_sync_rule_licence(const vcluster_sync_rule *rule)
{
    if (rule && rule->custom)
        return "free";
    return rule && rule->fact ? rule->fact->licence : "";
}

const char *vcluster_sync_rule_description(const vcluster_sync_rule *rule)
{
    if (rule && rule->custom)
        return "objects of a custom resource";
    if (rule && rule->fact)
        return rule->fact->description;
    return rule ? vcl_str(rule->description) : "";
}

static int not_found(const vcluster_sync_rules *rules,
                     const char *direction,
                     const char *resource,
                     vcluster_error **error)
{
    vcl_nearest nearest;

    vcl_nearest_begin(&nearest, resource);
    for (size_t i = 0; i < rules->size; i++) {
        vcl_nearest_try(&nearest, rules->items[i].resource);
        vcl_nearest_try(&nearest, vcluster_sync_rule_kind(&rules->items[i]));
    }
    if (nearest.found && *nearest.found)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "there is no sync rule '%s'; did you mean '%s'?", resource, nearest.found);
    return vcl_fail(error, VCLUSTER_E_NOT_FOUND, "there is no sync rule '%s'%s%s", resource,
                    direction ? " in sync." : "", vcl_str(direction));
}

int vcluster_sync_rules_find(const vcluster_sync_rules *rules,
                             const char *direction,
                             const char *resource,
                             const vcluster_sync_rule **out_rule,
                             vcluster_error **error)
{
    const vcluster_sync_rule *found = NULL;

    if (!rules || !resource || !out_rule)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "rules, resource or out_rule is NULL");
    if (direction && strcmp(direction, "toHost") != 0 && strcmp(direction, "fromHost") != 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "direction '%s' is neither 'toHost' nor 'fromHost'", direction);
    for (size_t i = 0; i < rules->size; i++) {
        const vcluster_sync_rule *rule = &rules->items[i];

        if ((direction && strcmp(rule->direction, direction) != 0) ||
            !vcl_sync_rule_is(rule, resource))
            continue;
        if (found && strcmp(found->direction, rule->direction) != 0)
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                            "sync rule '%s' is in both directions; say toHost or fromHost",
                            resource);
        if (!found)
            found = rule;
    }
    if (!found)
        return not_found(rules, direction, resource, error);
    *out_rule = found;
    return 0;
}

static bool add_facts(cJSON *object, const vcluster_sync_rule *rule)
{
    return vcl_json_set_string(object, "direction", rule->direction) &&
           vcl_json_set_string(object, "resource", rule->resource) &&
           vcl_json_set_string(object, "kind", vcluster_sync_rule_kind(rule)) &&
           vcl_json_set_string(object, "path", rule->path) &&
           vcl_json_set_string(object, "state", vcluster_sync_state_name(rule->state)) &&
           vcl_json_set_string(object, "default", vcluster_sync_state_name(rule->default_state)) &&
           vcl_json_set(object, "active", cJSON_CreateBool(rule->active)) &&
           vcl_json_set_string(object, "rights", vcluster_sync_rule_rights(rule)) &&
           vcl_json_set_string(object, "licence", vcluster_sync_rule_licence(rule)) &&
           vcl_json_set_string(object, "description", vcluster_sync_rule_description(rule));
}

static bool add_to_json(cJSON *array, const vcluster_sync_rule *rule)
{
    VCL_AUTO_JSON *settings = NULL;
    cJSON *object = cJSON_CreateObject();

    if (!vcl_json_append(array, object))
        return false;
    if (vcl_json_parse(rule->settings, strlen(rule->settings), &settings, NULL) < 0)
        return false;
    return add_facts(object, rule) && vcl_json_set(object, "settings", vcl_json_copy(settings));
}

int vcluster_sync_rules_to_json(const vcluster_sync_rules *rules,
                                char **out_json,
                                vcluster_error **error)
{
    VCL_AUTO_JSON *array = cJSON_CreateArray();

    if (!array)
        return vcl_no_memory(error);
    for (size_t i = 0; i < vcluster_sync_rules_size(rules); i++) {
        if (!add_to_json(array, &rules->items[i]))
            return vcl_no_memory(error);
    }
    char *text = vcl_json_print(array);
    if (!text)
        return vcl_no_memory(error);
    *out_json = text;
    return 0;
}
