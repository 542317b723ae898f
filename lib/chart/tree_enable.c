/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which charts of charts/ take part, and under which name. Mirrors processDependencyEnabled of Helm
 * 3.21 (chartutil/dependencies.go) step by step, its side effects on shared entries included.
 */
#include <string.h>

#include "base/str.h"
#include "chart/coalesce.h"
#include "chart/tree.h"
#include "data/semver.h"

bool vcl_tree_in_range(const char *range, const char *text)
{
    VCL_AUTO_ERROR *why = NULL;
    vcl_version version = { 0 };
    vcl_constraint *constraint = NULL;
    bool matches = false;

    if (vcl_version_parse(vcl_str(text), false, &version, NULL) < 0)
        return false;
    if (vcl_constraint_parse(vcl_str(range), &constraint, &why) == 0)
        matches = vcl_constraint_matches(constraint, &version, false);
    vcl_constraint_free(constraint);
    vcl_version_done(&version);
    return matches;
}

static const char *source_text(const vcl_tree_dependency *dependency, const char *key)
{
    return vcl_str(vcl_json_find_string(dependency->source, key, NULL));
}

static bool fits(const vcl_tree_chart *chart, const vcl_tree_dependency *dependency)
{
    return vcl_streq(chart->name, dependency->name) &&
           vcl_tree_in_range(source_text(dependency, "version"),
                             vcluster_chart_version(chart->chart));
}

static bool is_required(const vcl_tree_chart *chart, const vcl_tree_chart *child)
{
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (fits(child, chart->dependencies[i]))
            return true;
    }
    return false;
}

/* A copy of the chart that an entry names, under its alias; NULL when no chart fits. */
static vcl_tree_chart *take_required(vcl_arena *arena,
                                     const vcl_tree_chart *chart,
                                     const vcl_tree_dependency *dependency,
                                     bool *out_memory)
{
    const char *alias = source_text(dependency, "alias");

    for (size_t i = 0; i < chart->child_count; i++) {
        vcl_tree_chart *child = chart->children[i];
        if (!fits(child, dependency))
            continue;
        vcl_tree_chart *copy = vcl_arena_alloc(arena, sizeof(*copy));
        if (!copy) {
            *out_memory = true;
            return NULL;
        }
        *copy = *child;
        copy->name = *alias ? alias : child->name;
        return copy;
    }
    return NULL;
}

/* The charts that no entry names, then those that entries name, in their order. */
static bool choose(vcl_arena *arena, vcl_tree_chart *chart)
{
    size_t room = chart->child_count + chart->dependency_count + 1;
    vcl_tree_chart **chosen = vcl_arena_alloc(arena, room * sizeof(*chosen));
    size_t count = 0;
    bool memory = false;

    for (size_t i = 0; chosen && i < chart->child_count; i++) {
        if (!is_required(chart, chart->children[i]))
            chosen[count++] = chart->children[i];
    }
    for (size_t i = 0; chosen && i < chart->dependency_count; i++) {
        vcl_tree_dependency *dependency = chart->dependencies[i];
        vcl_tree_chart *child = take_required(arena, chart, dependency, &memory);
        const char *alias = source_text(dependency, "alias");
        if (child)
            chosen[count++] = child;
        if (*alias)
            dependency->name = alias;
    }
    if (!chosen || memory)
        return false;
    for (size_t i = 0; i < count; i++)
        chosen[i]->parent = chart;
    chart->children = chosen;
    chart->child_count = count;
    return true;
}

/* A dependency with tags is on when one of them is, or none is mentioned. */
static void apply_tags(const vcl_tree_chart *chart, vcl_tpl_map *values)
{
    vcl_tpl_map *tags = vcl_coalesce_find(values, "tags");

    for (size_t i = 0; tags && i < chart->dependency_count; i++) {
        vcl_tree_dependency *dependency = chart->dependencies[i];
        const cJSON *list = vcl_json_get(dependency->source, "tags");
        bool on = false;
        bool off = false;
        for (const cJSON *tag = list ? list->child : NULL; tag; tag = tag->next) {
            const vcl_tpl_value *value =
                vcl_tpl_map_get(tags, vcl_tpl_literal(vcl_str(cJSON_GetStringValue(tag))));
            if (value && value->kind == VCL_TPL_BOOL) {
                on = on || value->boolean;
                off = off || !value->boolean;
            }
        }
        dependency->enabled = on || !off;
    }
}

/* The value at a path, NULL for none and for a map. */
static const vcl_tpl_value *find_value(vcl_tpl_map *values, const char *path)
{
    vcl_auto_free char *copy = vcl_strdup(path);
    char *dot = copy ? strrchr(copy, '.') : NULL;
    vcl_tpl_map *map = values;

    if (!copy)
        return NULL;
    if (dot) {
        *dot = '\0';
        map = vcl_coalesce_find(values, copy);
    }

    const vcl_tpl_value *found =
        map ? vcl_tpl_map_get(map, vcl_tpl_literal(dot ? dot + 1 : copy)) : NULL;
    return found && found->kind == VCL_TPL_MAP ? NULL : found;
}

/* The first of the conditions that is a boolean decides. */
static bool apply_condition(vcl_tree_dependency *dependency, vcl_tpl_map *values, const char *path)
{
    const char *condition = source_text(dependency, "condition");
    vcl_auto_free char *list = NULL;

    while (*condition == ' ')
        condition++;
    list = vcl_strdup(condition);
    if (!list)
        return false;
    for (size_t size = strlen(list); size && list[size - 1] == ' '; size--)
        list[size - 1] = '\0';
    for (char *one = list; one && *one;) {
        char *comma = strchr(one, ',');
        if (comma)
            *comma = '\0';
        vcl_auto_free char *full = vcl_format("%s%s", path, one);
        const vcl_tpl_value *value = full && *one ? find_value(values, full) : NULL;
        if (value && value->kind == VCL_TPL_BOOL) {
            dependency->enabled = value->boolean;
            return true;
        }
        if (!full)
            return false;
        one = comma ? comma + 1 : NULL;
        while (one && *one == ',')
            one++;
    }
    return true;
}

static bool is_off(const vcl_tree_chart *chart, const char *name)
{
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (!chart->dependencies[i]->enabled && vcl_streq(chart->dependencies[i]->name, name))
            return true;
    }
    return false;
}

/* Charts and entries without those that are switched off. The arrays are new: copies of the chart
 * under other aliases keep theirs. */
static bool drop(vcl_arena *arena, vcl_tree_chart *chart)
{
    vcl_tree_chart **children =
        vcl_arena_alloc(arena, (chart->child_count + 1) * sizeof(*children));
    vcl_tree_dependency **dependencies =
        vcl_arena_alloc(arena, (chart->dependency_count + 1) * sizeof(*dependencies));
    size_t child_count = 0;
    size_t dependency_count = 0;

    if (!children || !dependencies)
        return false;
    for (size_t i = 0; i < chart->child_count; i++) {
        if (!is_off(chart, chart->children[i]->name))
            children[child_count++] = chart->children[i];
    }
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (!is_off(chart, chart->dependencies[i]->name))
            dependencies[dependency_count++] = chart->dependencies[i];
    }
    chart->children = children;
    chart->child_count = child_count;
    chart->dependencies = dependency_count ? dependencies : NULL;
    chart->dependency_count = dependency_count;
    return true;
}

/* Switch the dependencies on and off by the values. */
static int decide(vcl_tree *tree,
                  vcl_tree_chart *chart,
                  vcl_tpl_map *values,
                  const char *path,
                  vcluster_error **error)
{
    for (size_t i = 0; i < chart->dependency_count; i++)
        chart->dependencies[i]->enabled = true;
    apply_tags(chart, values);
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (!apply_condition(chart->dependencies[i], values, path))
            return vcl_tree_memory(tree->arena, error);
    }
    return 0;
}

int vcl_tree_enable(vcl_tree *tree,
                    vcl_tree_chart *chart,
                    vcl_tpl_map *values,
                    const char *path,
                    vcluster_error **error)
{
    vcl_tpl_map *all = NULL;

    if (!chart->dependencies)
        return 0;
    if (!choose(tree->arena, chart))
        return vcl_tree_memory(tree->arena, error);
    all = vcl_coalesce_copy(tree->arena, values);
    if (!all)
        return vcl_tree_memory(tree->arena, error);

    int status = vcl_coalesce_chart(tree, chart, all, false, error);
    if (status == 0)
        status = decide(tree, chart, all, path, error);
    if (status < 0)
        return status;
    if (!drop(tree->arena, chart))
        return vcl_tree_memory(tree->arena, error);
    for (size_t i = 0; status == 0 && i < chart->child_count; i++) {
        vcl_auto_free char *inner = vcl_format("%s%s.", path, chart->children[i]->name);
        status = inner ? vcl_tree_enable(tree, chart->children[i], all, inner, error)
                       : vcl_no_memory(error);
    }
    return status;
}
