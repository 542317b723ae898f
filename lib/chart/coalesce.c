/* SPDX-License-Identifier: Apache-2.0 */
/* Values laid over each other; see coalesce.h. */
#include "chart/coalesce.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

static const char global[] = "global";

static bool is_table(const vcl_tpl_value *value)
{
    return value && value->kind == VCL_TPL_MAP && value->type == VCL_TPL_T_MAP;
}

static bool is_null(const vcl_tpl_value *value)
{
    return value->kind == VCL_TPL_NIL;
}

vcl_tpl_map *vcl_coalesce_copy(vcl_arena *arena, vcl_tpl_map *map)
{
    vcl_tpl_value value = vcl_tpl_map_value(map, VCL_TPL_T_MAP);
    vcl_tpl_value copy = { 0 };
    bool unfit = false;

    if (!map)
        return vcl_tpl_map_new(arena);
    return vcl_tpl_deep_copy(arena, &value, &copy, &unfit) ? copy.map : NULL;
}

vcl_tpl_map *vcl_coalesce_find(vcl_tpl_map *map, const char *path)
{
    for (bool more = true; map && more;) {
        size_t size = strcspn(path, ".");
        const vcl_tpl_value *value = vcl_tpl_map_get(map, (vcl_tpl_text){ path, size });
        map = is_table(value) || (value && value->type == VCL_TPL_T_VALUES) ? value->map : NULL;
        more = path[size] == '.';
        path += size + 1;
    }
    return map;
}

/* One key of src under dst. dst is not walked, so it may change. */
static bool coalesce_key(vcl_arena *arena, vcl_tpl_map *dst, const vcl_tpl_entry *entry, bool merge)
{
    const vcl_tpl_value *own = vcl_tpl_map_get(dst, entry->key);

    if (!own)
        return vcl_tpl_map_set(arena, dst, entry->key, entry->value);
    if (is_null(own)) {
        if (!merge && !is_null(&entry->value))
            vcl_tpl_map_remove(dst, entry->key);
        return true;
    }
    if (is_table(own) && is_table(&entry->value))
        return vcl_coalesce_tables(arena, own->map, entry->value.map, merge);
    return true; /* what is there stays */
}

bool vcl_coalesce_tables(vcl_arena *arena, vcl_tpl_map *dst, vcl_tpl_map *src, bool merge)
{
    vcl_tpl_map *nulls = NULL;
    bool done = true;

    if (!src || dst == src)
        return true;
    /* Helm makes src null where dst is: seen by whoever shares src. */
    for (size_t i = 0; done && i < dst->count; i++) {
        if (!is_null(&dst->entries[i].value))
            continue;
        nulls = nulls ? nulls : vcl_tpl_map_new(arena);
        done = nulls && vcl_tpl_map_set(arena, nulls, dst->entries[i].key, vcl_tpl_nil());
    }
    for (size_t i = 0; done && i < src->count; i++)
        done = coalesce_key(arena, dst, &src->entries[i], merge);
    for (size_t i = 0; done && nulls && i < nulls->count; i++)
        done = vcl_tpl_map_set(arena, src, nulls->entries[i].key, vcl_tpl_nil());
    return done;
}

static bool has_child(const vcl_tree_chart *chart, vcl_tpl_text name)
{
    for (size_t i = 0; i < chart->child_count; i++) {
        if (vcl_tpl_text_is(name, chart->children[i]->name))
            return true;
    }
    return false;
}

/* The defaults of one chart under its values. The block of a subchart keeps its nulls: they are for
 * the subchart's own defaults. */
static bool
coalesce_defaults(vcl_arena *arena, const vcl_tree_chart *chart, vcl_tpl_map *values, bool merge)
{
    vcl_tpl_map *defaults = vcl_coalesce_copy(arena, chart->values);

    for (size_t i = 0; defaults && i < defaults->count; i++) {
        const vcl_tpl_entry *entry = &defaults->entries[i];
        const vcl_tpl_value *own = vcl_tpl_map_get(values, entry->key);
        bool done = true;
        if (!own)
            done = vcl_tpl_map_set(arena, values, entry->key, entry->value);
        else if (is_null(own) && !merge)
            vcl_tpl_map_remove(values, entry->key);
        else if (is_table(own) && is_table(&entry->value))
            done = vcl_coalesce_tables(arena, own->map, entry->value.map,
                                       merge || has_child(chart, entry->key));
        if (!done)
            return false;
    }
    return defaults != NULL;
}

/* A map with the same members, which are shared. */
static vcl_tpl_map *copy_flat(vcl_arena *arena, const vcl_tpl_map *map)
{
    vcl_tpl_map *copy = vcl_tpl_map_new(arena);

    for (size_t i = 0; copy && i < map->count; i++) {
        if (!vcl_tpl_map_set(arena, copy, map->entries[i].key, map->entries[i].value))
            return NULL;
    }
    return copy;
}

/* One global value of the chart around for the chart inside, which it wins over. */
static bool coalesce_global(vcl_arena *arena, vcl_tpl_map *to, const vcl_tpl_entry *entry)
{
    const vcl_tpl_value *own = vcl_tpl_map_get(to, entry->key);
    vcl_tpl_map *copy = NULL;

    if (!is_table(&entry->value))
        return is_table(own) || vcl_tpl_map_set(arena, to, entry->key, entry->value);
    if (own && !is_table(own))
        return true;
    copy = copy_flat(arena, entry->value.map);
    return copy && (!own || vcl_coalesce_tables(arena, copy, own->map, true)) &&
           vcl_tpl_map_set(arena, to, entry->key, vcl_tpl_map_value(copy, VCL_TPL_T_MAP));
}

/* The global values of a chart (from) for a subchart (to). */
static bool coalesce_globals(vcl_arena *arena, vcl_tpl_map *to, const vcl_tpl_map *from)
{
    const vcl_tpl_value *own = vcl_tpl_map_get(to, vcl_tpl_literal(global));
    const vcl_tpl_value *given = vcl_tpl_map_get(from, vcl_tpl_literal(global));
    vcl_tpl_map *globals = own && is_table(own) ? own->map : NULL;

    if ((own && !globals) || (given && !is_table(given)))
        return true;
    if (!globals)
        globals = vcl_tpl_map_new(arena);
    for (size_t i = 0; globals && given && i < given->map->count; i++) {
        if (!coalesce_global(arena, globals, &given->map->entries[i]))
            return false;
    }
    return globals &&
           vcl_tpl_map_set_literal(arena, to, global, vcl_tpl_map_value(globals, VCL_TPL_T_MAP));
}

/* The map of a subchart in the values, made when it is missing. */
static int child_values(const vcl_tree *tree,
                        const vcl_tree_chart *child,
                        vcl_tpl_map *values,
                        vcl_tpl_map **out_map,
                        vcluster_error **error)
{
    const vcl_tpl_value *own = vcl_tpl_map_get(values, vcl_tpl_literal(child->name));
    vcl_tpl_map *map = own && is_table(own) ? own->map : NULL;

    if (own && !map) {
        int status =
            vcl_fail(error, VCLUSTER_E_CONFIG,
                     "the value '%s' must be a map: it is for the chart of that name", child->name);
        vcl_error_add_finding(error, child->name, 0, "values-subchart", VCLUSTER_SEVERITY_ERROR,
                              "the values of a subchart must be a map", NULL);
        return status;
    }
    if (!map) {
        map = vcl_tpl_map_new(tree->arena);
        if (!map || !vcl_tpl_map_set_literal(tree->arena, values, child->name,
                                             vcl_tpl_map_value(map, VCL_TPL_T_MAP)))
            return vcl_tree_memory(tree->arena, error);
    }
    *out_map = map;
    return 0;
}

int vcl_coalesce_chart(vcl_tree *tree,
                       const vcl_tree_chart *chart,
                       vcl_tpl_map *values,
                       bool merge,
                       vcluster_error **error)
{
    if (!coalesce_defaults(tree->arena, chart, values, merge))
        return vcl_tree_memory(tree->arena, error);
    for (size_t i = 0; i < chart->child_count; i++) {
        const vcl_tree_chart *child = chart->children[i];
        vcl_tpl_map *map = NULL;
        int status = child_values(tree, child, values, &map, error);
        if (status < 0)
            return status;
        if (!coalesce_globals(tree->arena, map, values))
            return vcl_tree_memory(tree->arena, error);
        status = vcl_coalesce_chart(tree, child, map, merge, error);
        if (status < 0)
            return status;
    }
    return 0;
}
