/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge and mergeOverwrite, which change their first map. Mirrors mergo 1.0.1 as sprig 3.3 calls
 * it, with what surprises: merge also replaces what is empty (0, false, ""), and a nil of the
 * source is passed over unless it overwrites.
 */
#include "chart/functions/funcs.h"

static int merge_maps(
    vcl_tpl_state *state, vcl_tpl_map *into, const vcl_tpl_map *from, bool overwrite, int depth);

/* A value for a key that is there on both sides, or only in the source. */
static int merge_entry(
    vcl_tpl_state *state, vcl_tpl_map *into, const vcl_tpl_entry *entry, bool overwrite, int depth)
{
    const vcl_tpl_value *source = &entry->value;
    const vcl_tpl_value *old = vcl_tpl_map_get(into, entry->key);
    bool old_empty = !old || vcl_tpl_empty(old);

    if (source->kind == VCL_TPL_NIL)
        return overwrite ? vcl_tpl_put(state, into, entry->key, *source) : 0;
    if (source->kind == VCL_TPL_MAP && old && old->kind == VCL_TPL_MAP && old->map) {
        int result =
            source->map ? merge_maps(state, old->map, source->map, overwrite, depth + 1) : 0;
        if (result < 0 || !old_empty || vcl_tpl_map_size(old) > 0)
            return result;
    }
    if (!old || old_empty || overwrite)
        return vcl_tpl_put(state, into, entry->key, *source);
    return 0;
}

static int merge_maps(
    vcl_tpl_state *state, vcl_tpl_map *into, const vcl_tpl_map *from, bool overwrite, int depth)
{
    if (depth > VCL_TPL_MAX_NESTING)
        return vcl_tpl_raise(state, "maps are nested too deep to be merged");
    if (into == from)
        return 0;
    for (size_t i = 0; i < from->count; i++) {
        int result = vcl_tpl_spend(state, 1);
        if (result == 0)
            result = merge_entry(state, into, &from->entries[i], overwrite, depth);
        if (result < 0)
            return result;
    }
    return 0;
}

static int merge_all(vcl_tpl_state *state,
                     const vcl_tpl_value *args,
                     size_t count,
                     bool overwrite,
                     vcl_tpl_value *out)
{
    *out = args[0];
    if (!args[0].map && count > 1) {
        int result = vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);
        if (result < 0)
            return result;
    }
    for (size_t i = 1; i < count; i++) {
        if (!args[i].map)
            continue;
        int result = merge_maps(state, out->map, args[i].map, overwrite, 0);
        if (result < 0)
            return result;
    }
    out->type = VCL_TPL_T_MAP;
    return 0;
}

static int merge(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    return merge_all(state, args, count, false, out);
}

static int
merge_overwrite(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    return merge_all(state, args, count, true, out);
}

const vcl_tpl_function vcl_tpl_funcs_merge[] = {
    { "merge", "mm*", 'a', merge },
    { "mustMerge", "mm*", 'a', merge },
    { "mergeOverwrite", "mm*", 'a', merge_overwrite },
    { "mustMergeOverwrite", "mm*", 'a', merge_overwrite },
    { NULL, NULL, 0, NULL },
};
