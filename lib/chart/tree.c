/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of charts of one rendering; see tree.h. */
#include "chart/tree.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

int vcl_tree_memory(const vcl_arena *arena, vcluster_error **error)
{
    if (!arena->exceeded)
        return vcl_no_memory(error);
    return vcl_fail(error, VCLUSTER_E_CONFIG, "rendering needs more than %d MiB of memory",
                    VCL_MAX_TEMPLATE_MEMORY >> 20);
}

const char *vcl_tree_path(vcl_arena *arena, const vcl_tree_chart *chart)
{
    const char *parent = chart->parent ? vcl_tree_path(arena, chart->parent) : "";
    vcl_auto_free char *path = NULL;

    if (!chart->parent)
        return chart->name;
    path = parent ? vcl_format("%s/charts/%s", parent, chart->name) : NULL;
    return path ? vcl_arena_copy(arena, path, strlen(path)) : NULL;
}

static vcl_tree_dependency *make_dependency(vcl_arena *arena, const cJSON *source)
{
    vcl_tree_dependency *dependency = vcl_arena_alloc(arena, sizeof(*dependency));

    if (dependency) {
        dependency->source = source;
        dependency->name = vcl_str(vcl_json_find_string(source, "name", NULL));
        dependency->enabled = vcl_json_find_bool(source, false, "enabled", NULL);
    }
    return dependency;
}

/* The entries of Chart.yaml; NULL stays where there is no list. */
static bool make_dependencies(vcl_arena *arena, vcl_tree_chart *chart)
{
    const cJSON *list = vcl_json_get(chart->chart->metadata, "dependencies");
    size_t count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;

    if (!cJSON_IsArray(list))
        return true;
    chart->dependencies = vcl_arena_alloc(arena, (count + 1) * sizeof(*chart->dependencies));
    for (const cJSON *item = list->child; chart->dependencies && item; item = item->next) {
        vcl_tree_dependency *dependency = make_dependency(arena, item);
        if (!dependency)
            return false;
        chart->dependencies[chart->dependency_count++] = dependency;
    }
    return chart->dependencies != NULL;
}

static vcl_tree_chart *make_chart(vcl_arena *arena, const vcluster_chart *loaded)
{
    vcl_tree_chart *chart = vcl_arena_alloc(arena, sizeof(*chart));
    vcl_tpl_value values = { 0 };

    if (!chart || !vcl_tpl_from_json(arena, loaded->values, &values))
        return NULL;
    chart->chart = loaded;
    chart->name = vcl_str(vcluster_chart_name(loaded));
    chart->values = values.map;
    chart->children =
        vcl_arena_alloc(arena, (loaded->dependency_count + 1) * sizeof(*chart->children));
    if (!chart->children || !make_dependencies(arena, chart))
        return NULL;
    for (size_t i = 0; i < loaded->dependency_count; i++) {
        vcl_tree_chart *child = make_chart(arena, loaded->dependencies[i]);
        if (!child)
            return NULL;
        child->parent = chart;
        chart->children[chart->child_count++] = child;
    }
    return chart;
}

static bool has_chart(const vcl_tree_chart *chart, const char *name)
{
    for (size_t i = 0; i < chart->child_count; i++) {
        if (vcl_streq(chart->children[i]->name, name))
            return true;
    }
    return false;
}

/* Every entry of Chart.yaml, switched on or not, needs its chart. */
static int check_missing(const vcl_tree_chart *chart, vcluster_error **error)
{
    VCL_AUTO_BUF missing = { .max = VCL_MAX_MESSAGE };

    for (size_t i = 0; i < chart->dependency_count; i++) {
        const char *name = chart->dependencies[i]->name;
        if (!has_chart(chart, name))
            vcl_buf_addf(&missing, "%s%s", missing.size ? ", " : "", name);
    }
    if (!missing.size && !vcl_buf_failed(&missing))
        return 0;

    int status = vcl_fail(error, VCLUSTER_E_CONFIG,
                          "found in Chart.yaml of '%s', but missing in its folder charts/: %s "
                          "(helm dependency build fetches them)",
                          chart->name, vcl_buf_text(&missing));
    vcl_error_add_finding(error, "Chart.yaml", 0, "chart-dependency", VCLUSTER_SEVERITY_ERROR,
                          "a dependency is missing in charts/", "run helm dependency build");
    return status;
}

int vcl_tree_make(vcl_arena *arena,
                  const vcluster_chart *chart,
                  vcl_tpl_map *user_values,
                  vcl_tree *out_tree,
                  vcluster_error **error)
{
    vcl_tree tree = { .arena = arena, .root = make_chart(arena, chart) };

    if (!tree.root)
        return vcl_tree_memory(arena, error);

    int status = check_missing(tree.root, error);
    if (status == 0)
        status = vcl_tree_enable(&tree, tree.root, user_values, "", error);
    if (status == 0)
        status = vcl_tree_import(&tree, tree.root, error);
    if (status == 0)
        *out_tree = tree;
    return status;
}

/* One entry as Helm leaves it: the alias as its name, switched on. */
static cJSON *dependency_json(const vcl_tree_dependency *dependency)
{
    VCL_AUTO_JSON *entry = vcl_json_copy(dependency->source);
    vcl_tpl_value imports = vcl_tpl_list_value(dependency->imports, VCL_TPL_T_LIST);
    bool unfit = false;

    if (!entry || !vcl_json_set_string(entry, "name", dependency->name))
        return NULL;
    vcl_json_remove(entry, "enabled");
    if (dependency->enabled && !vcl_json_set(entry, "enabled", cJSON_CreateTrue()))
        return NULL;
    if (!dependency->imported)
        return vcl_steal(&entry);
    vcl_json_remove(entry, "import-values");
    if (vcl_tpl_list_size(&imports) &&
        !vcl_json_set(entry, "import-values", vcl_tpl_to_json(&imports, &unfit)))
        return NULL;
    return vcl_steal(&entry);
}

cJSON *vcl_tree_metadata(const vcl_tree *tree)
{
    VCL_AUTO_JSON *metadata = vcl_json_copy(tree->root->chart->metadata);
    VCL_AUTO_JSON *list = cJSON_CreateArray();

    if (!metadata || !list)
        return NULL;
    for (size_t i = 0; i < tree->root->dependency_count; i++) {
        if (!vcl_json_append(list, dependency_json(tree->root->dependencies[i])))
            return NULL;
    }
    if (!list->child) {
        vcl_json_remove(metadata, "dependencies");
        return vcl_steal(&metadata);
    }
    return vcl_json_set(metadata, "dependencies", vcl_steal(&list)) ? vcl_steal(&metadata) : NULL;
}
