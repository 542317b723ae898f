/* SPDX-License-Identifier: Apache-2.0 */
/* Values against the schemas of a chart; see validate.h. */
#include "chart/validate.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/cache.h"
#include "chart/coalesce.h"
#include "chart/render.h"

/* The values of a subchart that are no map: Helm says so among the violations. */
static int not_a_map(const char *prefix, vcluster_error **error)
{
    static const char message[] = "the values of a subchart must be a map";

    if (!error || !*error)
        (void)vcl_fail(error, VCLUSTER_E_CONFIG, "%s: %s", prefix, message);
    vcl_error_add_finding(error, prefix, 0, "type", VCLUSTER_SEVERITY_ERROR, message, NULL);
    return VCLUSTER_E_CONFIG;
}

static int check_one(const vcl_tree_chart *chart,
                     const cJSON *values,
                     const char *prefix,
                     vcluster_error **error)
{
    const vcl_schema *schema = NULL;
    int status = vcl_chart_compiled_schema(chart->chart, &schema, error);

    return status == 0 && schema ? vcl_schema_validate(schema, values, prefix, error) : status;
}

/* Check a chart and those in it. Violations are gathered; anything else ends it. */
static int check_tree(const vcl_tree_chart *chart,
                      const cJSON *values,
                      const char *prefix,
                      vcluster_error **error)
{
    int worst = check_one(chart, values, prefix, error);

    for (size_t i = 0; i < chart->child_count; i++) {
        const vcl_tree_chart *child = chart->children[i];
        const cJSON *inner = vcl_json_get(values, child->name);
        vcl_auto_free char *path = vcl_format("%s%s%s", prefix, *prefix ? "." : "", child->name);
        if (worst < 0 && worst != VCLUSTER_E_CONFIG)
            return worst;
        if (!path)
            return vcl_no_memory(error);
        if (!inner || cJSON_IsNull(inner))
            continue;
        int status =
            cJSON_IsObject(inner) ? check_tree(child, inner, path, error) : not_a_map(path, error);
        worst = status < 0 ? status : worst;
    }
    return worst;
}

int vcl_validate_tree(const vcl_tree *tree, const cJSON *values, vcluster_error **error)
{
    int status = check_tree(tree->root, values, "", error);

    return status < 0 ? vcl_wrap(error, status, "check the values of chart '%s'", tree->root->name)
                      : 0;
}

static int validate(vcl_arena *arena,
                    const vcluster_chart *chart,
                    const cJSON *user_values,
                    vcluster_error **error)
{
    vcl_tree tree = { 0 };
    vcl_tpl_map *map = NULL;
    VCL_AUTO_JSON *values = NULL;
    int status = vcl_validate_values(arena, chart, user_values, &tree, &map, error);

    if (status == 0)
        status = vcl_validate_print(map, &values, error);
    return status == 0 ? vcl_validate_tree(&tree, values, error) : status;
}

int vcl_chart_validate(const vcluster_chart *chart,
                       const cJSON *user_values,
                       vcluster_error **error)
{
    vcl_arena arena;

    vcl_arena_init(&arena, VCL_MAX_TEMPLATE_MEMORY);
    int status = validate(&arena, chart, user_values, error);
    vcl_arena_done(&arena);
    return status;
}

int vcl_validate_values(vcl_arena *arena,
                        const vcluster_chart *chart,
                        const cJSON *user_values,
                        vcl_tree *out_tree,
                        vcl_tpl_map **out_values,
                        vcluster_error **error)
{
    vcl_tpl_value user = { 0 };
    vcl_tpl_map *values = NULL;

    if (user_values && !cJSON_IsObject(user_values) && !cJSON_IsNull(user_values))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the values are not a map");
    if (cJSON_IsObject(user_values) && !vcl_tpl_from_json(arena, user_values, &user))
        return vcl_tree_memory(arena, error);

    int status = vcl_tree_make(arena, chart, user.map, out_tree, error);
    if (status < 0)
        return status;
    values = vcl_coalesce_copy(arena, user.map);
    if (!values)
        return vcl_tree_memory(arena, error);
    status = vcl_coalesce_chart(out_tree, out_tree->root, values, false, error);
    if (status == 0)
        *out_values = values;
    return status;
}

int vcl_validate_print(vcl_tpl_map *values, cJSON **out_values, vcluster_error **error)
{
    vcl_tpl_value value = vcl_tpl_map_value(values, VCL_TPL_T_MAP);
    bool unfit = false;
    cJSON *tree = vcl_tpl_to_json(&value, &unfit);

    if (!tree)
        return unfit
                   ? vcl_fail(error, VCLUSTER_E_CONFIG,
                              "the values hold a number that is too large, or are nested too deep")
                   : vcl_no_memory(error);
    *out_values = tree;
    return 0;
}
