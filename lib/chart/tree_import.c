/* SPDX-License-Identifier: Apache-2.0 */
/*
 * import-values: what a chart takes from the values of the charts in it into its own defaults.
 * Mirrors processImportValues of Helm 3.21 (chartutil/dependencies.go) as an install calls it.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/coalesce.h"
#include "chart/template/print.h"
#include "chart/tree.h"

/* One import: the path below the child's values, and where it goes. */
typedef struct import {
    const char *child;
    const char *parent;
} import;

/* A member of an import as text, whatever it is: fmt's %v. */
static const char *member_text(vcl_arena *arena, const cJSON *entry, const char *key)
{
    const cJSON *member = vcl_json_get(entry, key);
    vcl_tpl_value value = { 0 };
    VCL_AUTO_BUF text = { .max = VCL_MAX_MESSAGE };

    if (!member || cJSON_IsNull(member))
        return "<nil>";
    if (!vcl_tpl_from_json(arena, member, &value) || !vcl_tpl_print(&text, &value))
        return NULL;
    return vcl_arena_copy(arena, vcl_buf_text(&text), text.size);
}

/* {child: a, parent: b}, or "a" for {child: exports.a, parent: .}; false for anything else. */
static bool read_import(vcl_arena *arena, const cJSON *entry, import *out_import, bool *out_memory)
{
    if (cJSON_IsObject(entry)) {
        out_import->child = member_text(arena, entry, "child");
        out_import->parent = member_text(arena, entry, "parent");
    } else if (cJSON_IsString(entry)) {
        vcl_auto_free char *child = vcl_format("exports.%s", entry->valuestring);
        out_import->child = child ? vcl_arena_copy(arena, child, strlen(child)) : NULL;
        out_import->parent = ".";
    } else {
        return false;
    }
    *out_memory = !out_import->child || !out_import->parent;
    return !*out_memory;
}

/* table in maps so that it is found at the path; NULL when memory is short. */
static vcl_tpl_map *at_path(vcl_arena *arena, const char *path, vcl_tpl_map *table)
{
    const char *end = path + strlen(path);

    if (vcl_streq(path, "."))
        return table;
    for (const char *start = end; table && start >= path;) {
        start = end;
        while (start > path && start[-1] != '.')
            start--;
        vcl_tpl_map *outer = vcl_tpl_map_new(arena);
        if (!outer || !vcl_tpl_map_set(arena, outer, (vcl_tpl_text){ start, (size_t)(end - start) },
                                       vcl_tpl_map_value(table, VCL_TPL_T_MAP)))
            return NULL;
        table = outer;
        if (start == path)
            break;
        end = start - 1;
    }
    return table;
}

/* Note an import in the form that templates and the record of a release see. */
static bool note(vcl_arena *arena, vcl_tree_dependency *dependency, import what, size_t index)
{
    vcl_tpl_map *map = vcl_tpl_map_new(arena);

    if (!map || !vcl_tpl_map_set_literal(arena, map, "child", vcl_tpl_cstring(what.child)) ||
        !vcl_tpl_map_set_literal(arena, map, "parent", vcl_tpl_cstring(what.parent)))
        return false;
    dependency->imports->items[index] = vcl_tpl_map_value(map, VCL_TPL_T_STRING_MAP);
    dependency->imports->count = index + 1;
    return true;
}

/* Add what one entry imports to the imported values. */
static bool import_one(vcl_arena *arena,
                       const vcl_tree_dependency *dependency,
                       import what,
                       vcl_tpl_map *values,
                       vcl_tpl_map *imported)
{
    vcl_auto_free char *path = vcl_format("%s.%s", dependency->name, what.child);
    vcl_tpl_map *table = path ? vcl_coalesce_find(values, path) : NULL;
    vcl_tpl_map *placed = NULL;

    if (!path)
        return false;
    if (!table)
        return true; /* Helm warns, and goes on */
    if (table->count == 0)
        table = vcl_tpl_map_new(arena); /* Helm hands an empty one on as a new one */
    placed = table ? at_path(arena, what.parent, table) : NULL;
    return placed && vcl_coalesce_tables(arena, imported, placed, true);
}

/* All imports of one entry. One that is done already (under another alias) imports nothing. */
static bool import_all(vcl_arena *arena,
                       vcl_tree_dependency *dependency,
                       vcl_tpl_map *values,
                       vcl_tpl_map *imported)
{
    const cJSON *list = vcl_json_get(dependency->source, "import-values");
    bool again = dependency->imported;
    size_t count = 0;

    dependency->imported = true;
    dependency->imports = vcl_tpl_list_new(arena, list ? (size_t)cJSON_GetArraySize(list) : 0);
    if (!dependency->imports)
        return false;
    dependency->imports->count = 0;
    for (const cJSON *entry = list && !again ? list->child : NULL; entry; entry = entry->next) {
import what = { 0 };
        bool memory = false;
        if (!read_import(arena, entry, &what, &memory)) {
            if (memory)
                return false;
            continue;
        }
        if (!note(arena, dependency, what, count++) ||
            !import_one(arena, dependency, what, values, imported))
            return false;
    }
    return true;
}

static int import_here(vcl_tree *tree, vcl_tree_chart *chart, vcluster_error **error)
{
    vcl_tpl_map *values = NULL;
    vcl_tpl_map *imported = NULL;

    if (!chart->dependencies)
        return 0;
    values = vcl_tpl_map_new(tree->arena);
    imported = vcl_tpl_map_new(tree->arena);
    if (!values || !imported)
        return vcl_tree_memory(tree->arena, error);

    int status = vcl_coalesce_chart(tree, chart, values, true, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < chart->dependency_count; i++) {
        if (!import_all(tree->arena, chart->dependencies[i], values, imported))
            return vcl_tree_memory(tree->arena, error);
    }
    values = vcl_coalesce_copy(tree->arena, values);
    if (!values || !vcl_coalesce_tables(tree->arena, values, imported, true))
        return vcl_tree_memory(tree->arena, error);
    chart->values = values;
    tree->values_changed = tree->values_changed || chart == tree->root;
    return 0;
}

int vcl_tree_import(vcl_tree *tree, vcl_tree_chart *chart, vcluster_error **error)
{
    for (size_t i = 0; i < chart->child_count; i++) {
        int status = vcl_tree_import(tree, chart->children[i], error);
        if (status < 0)
            return status;
    }
    return import_here(tree, chart, error);
}
