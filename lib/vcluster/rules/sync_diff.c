/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What changes between two configurations for those who use the virtual cluster: which kinds start
 * or stop to be copied, which rules are set otherwise, and by rendering both, which rights on the
 * host the control plane gets or loses.
 */
#include "vcluster/rules/sync_diff.h"

#include <string.h>

#include "base/str.h"
#include "sync/rules.h"

static const vcluster_sync_rule *find(const vcluster_sync_rules *rules,
                                      const vcluster_sync_rule *like)
{
    for (size_t i = 0; i < rules->size; i++) {
        if (vcl_streq(rules->items[i].direction, like->direction) &&
            vcl_streq(rules->items[i].resource, like->resource))
            return &rules->items[i];
    }
    return NULL;
}

static cJSON *state_json(const vcluster_sync_rule *rule)
{
    return cJSON_CreateString(vcluster_sync_state_name(rule ? rule->state : VCLUSTER_SYNC_OFF));
}

/* A sentence for a rule that begins or ends to copy. */
static char *tell_switch(const vcluster_sync_rule *rule, bool starts)
{
    bool up = vcl_streq(rule->direction, "toHost");
    const char *kind = vcluster_sync_rule_kind(rule);
    const char *what = *kind ? kind : rule->resource;

    if (starts)
        return up ? vcl_format("%s objects of the virtual cluster start to appear on the host",
                               what)
                  : vcl_format("%s objects of the host start to appear in the virtual cluster",
                               what);
    return up ? vcl_format("%s objects of the virtual cluster are no longer kept on the host", what)
              : vcl_format("%s objects of the host are no longer shown in the virtual cluster",
                           what);
}

static bool is_active(const vcluster_sync_rule *rule)
{
    return rule && rule->active;
}

/* The switch of a rule; one of the two may be missing. */
static int compare_state(const vcl_sync_diff_input *input,
                         const vcluster_sync_rule *before,
                         const vcluster_sync_rule *after,
                         vcluster_plan *plan,
                         vcluster_error **error)
{
    const vcluster_sync_rule *rule = after ? after : before;
    bool starts = is_active(after) && !is_active(before);
    bool stops = is_active(before) && !is_active(after);
    if (!rule)
        return VCLUSTER_OK;
    VCL_AUTO_JSON *was = state_json(before);
    VCL_AUTO_JSON *is = state_json(after);

    if (!was || !is)
        return vcl_no_memory(error);
    if (!starts && !stops && vcl_json_equal(was, is))
        return 0;
    vcl_auto_free char *path = vcl_format("%s.enabled", rule->path);
    vcl_auto_free char *reason =
        starts || stops ? tell_switch(rule, starts) : vcl_strdup("what is copied stays the same");
    if (!path || !reason)
        return vcl_no_memory(error);
    return vcl_plan_add(plan,
                        &(vcl_change){ .action = starts  ? VCLUSTER_ACTION_ADD
                                                 : stops ? VCLUSTER_ACTION_REMOVE
                                                         : VCLUSTER_ACTION_MODIFY,
                                       .impact = VCLUSTER_IMPACT_RESTART,
                                       .kind = "Values",
                                       .name = input->name,
                                       .path = path,
                                       .before = was,
                                       .after = is,
                                       .reason = reason },
                        error);
}

static cJSON *settings_json(const vcluster_sync_rule *rule)
{
    const char *text = rule ? rule->settings : "{}";
    cJSON *tree = NULL;

    return vcl_json_parse(text, strlen(text), &tree, NULL) == 0 ? tree : NULL;
}

static int add_setting(const vcl_sync_diff_input *input,
                       const vcluster_sync_rule *rule,
                       const char *key,
                       const cJSON *was,
                       const cJSON *is,
                       vcluster_plan *plan,
                       vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s.%s", rule->path, key);

    if (!path)
        return vcl_no_memory(error);
    return vcl_plan_add(plan,
                        &(vcl_change){ .action = VCLUSTER_ACTION_MODIFY,
                                       .impact = VCLUSTER_IMPACT_RESTART,
                                       .kind = "Values",
                                       .name = input->name,
                                       .path = path,
                                       .before = was,
                                       .after = is,
                                       .reason = rule->active
                                                     ? "how it is copied changes"
                                                     : "it has no effect: nothing is copied" },
                        error);
}

/* The other keys of a rule, one by one. */
static int compare_settings(const vcl_sync_diff_input *input,
                            const vcluster_sync_rule *before,
                            const vcluster_sync_rule *after,
                            vcluster_plan *plan,
                            vcluster_error **error)
{
    const vcluster_sync_rule *rule = after ? after : before;
    VCL_AUTO_JSON *was = settings_json(before);
    VCL_AUTO_JSON *is = settings_json(after);
    int status = was && is ? 0 : vcl_no_memory(error);

    for (const cJSON *key = status == 0 ? is->child : NULL; key && status == 0; key = key->next) {
        const cJSON *old = vcl_json_get(was, key->string);
        if (!old || !vcl_json_equal(old, key))
            status = add_setting(input, rule, key->string, old, key, plan, error);
    }
    for (const cJSON *key = status == 0 ? was->child : NULL; key && status == 0; key = key->next) {
        if (!vcl_json_get(is, key->string))
            status = add_setting(input, rule, key->string, key, NULL, plan, error);
    }
    return status;
}

static int
compare_rules(const vcl_sync_diff_input *input, vcluster_plan *plan, vcluster_error **error)
{
    VCL_AUTO_SYNC_RULES *before = NULL;
    VCL_AUTO_SYNC_RULES *after = NULL;

    int status = vcl_sync_rules_read(input->chart, input->before, &before, error);
    if (status == 0)
        status = vcl_sync_rules_read(input->chart, input->after, &after, error);
    for (size_t i = 0; status == 0 && i < after->size; i++) {
        const vcluster_sync_rule *is = &after->items[i];
        const vcluster_sync_rule *was = find(before, is);
        status = compare_state(input, was, is, plan, error);
        if (status == 0)
            status = compare_settings(input, was, is, plan, error);
    }
    for (size_t i = 0; status == 0 && i < before->size; i++) {
        const vcluster_sync_rule *was = &before->items[i];
        if (!find(after, was))
            status = compare_state(input, was, NULL, plan, error);
    }
    return status;
}

static int render(const vcl_sync_diff_input *input,
                  const cJSON *values,
                  vcl_rendered *out_rendered,
                  vcluster_error **error)
{
    const vcl_render_input options = {
        .release_name = input->name,
        .namespace_name = input->namespace_name,
        .revision = 1,
        .user_values = values,
        .kubernetes_version = input->kubernetes_version ? input->kubernetes_version : "v1.35.4",
    };

    return vcl_chart_render(input->chart, &options, out_rendered, error);
}

static int
compare_rights(const vcl_sync_diff_input *input, vcluster_plan *plan, vcluster_error **error)
{
    __attribute__((cleanup(vcl_rendered_done))) vcl_rendered before = { 0 };
    __attribute__((cleanup(vcl_rendered_done))) vcl_rendered after = { 0 };

    int status = render(input, input->before, &before, error);
    if (status == 0)
        status = render(input, input->after, &after, error);
    return status == 0 ? vcl_rights_diff(before.objects, after.objects, plan, error) : status;
}

int vcl_sync_diff(const vcl_sync_diff_input *input,
                  vcluster_plan **out_plan,
                  vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_plan) plan = NULL;

    int status = vcl_plan_new("upgrade", &plan, error);
    if (status == 0)
        status = compare_rules(input, plan, error);
    if (status == 0 && input->chart)
        status = compare_rights(input, plan, error);
    if (status < 0)
        return status;
    if (plan->count == 0)
        plan->operation = "none";
    *out_plan = vcl_steal(&plan);
    return 0;
}
