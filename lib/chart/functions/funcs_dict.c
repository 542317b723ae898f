/* SPDX-License-Identifier: Apache-2.0 */
/* Maps. set and unset change the map they are given. keys and values come sorted by key, where Go
 * has no order. */
#include "chart/functions/funcs.h"

static int dict(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);

    for (size_t i = 0; result == 0 && i < count; i += 2) {
        vcl_tpl_text key;
        result = vcl_tpl_text_of(state, &args[i], &key);
        if (result == 0)
            result = vcl_tpl_put(state, out->map, key,
                                 i + 1 < count ? args[i + 1] : vcl_tpl_cstring(""));
    }
    return result;
}

static int get(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const vcl_tpl_value *found = vcl_tpl_map_get(args[0].map, args[1].text);

    (void)state;
    (void)count;
    *out = found ? *found : vcl_tpl_cstring("");
    return 0;
}

static int set(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    *out = args[0];
    out->type = VCL_TPL_T_MAP;
    return vcl_tpl_put(state, args[0].map, args[1].text, args[2]);
}

static int unset(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    if (args[0].map)
        vcl_tpl_map_remove(args[0].map, args[1].text);
    *out = args[0];
    out->type = VCL_TPL_T_MAP;
    return 0;
}

static int
has_key(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)count;
    *out = vcl_tpl_bool(vcl_tpl_map_get(args[0].map, args[1].text) != NULL);
    return 0;
}

static int pluck(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_list(state, count - 1, VCL_TPL_T_LIST, out);
    size_t found = 0;

    for (size_t i = 1; result == 0 && i < count; i++) {
        const vcl_tpl_value *value = vcl_tpl_map_get(args[i].map, args[0].text);
        if (value)
            out->list->items[found++] = *value;
    }
    if (result == 0)
        out->list->count = found;
    return result;
}

static int keys(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    size_t size = 0;

    for (size_t i = 0; i < count; i++)
        size += vcl_tpl_map_size(&args[i]);

    int result = vcl_tpl_new_list(state, size, VCL_TPL_T_STRINGS, out);
    size = 0;
    for (size_t i = 0; result == 0 && i < count; i++) {
        for (size_t j = 0; j < vcl_tpl_map_size(&args[i]); j++)
            out->list->items[size++] = vcl_tpl_string(args[i].map->entries[j].key);
    }
    return result;
}

static int values(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    size_t size = vcl_tpl_map_size(&args[0]);
    int result = vcl_tpl_new_list(state, size, VCL_TPL_T_LIST, out);

    (void)count;
    for (size_t i = 0; result == 0 && i < size; i++)
        out->list->items[i] = args[0].map->entries[i].value;
    return result;
}

static int pick(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);

    for (size_t i = 1; result == 0 && i < count; i++) {
        const vcl_tpl_value *value = vcl_tpl_map_get(args[0].map, args[i].text);
        if (value)
            result = vcl_tpl_put(state, out->map, args[i].text, *value);
    }
    return result;
}

static int omit(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int result = vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);

    for (size_t i = 0; result == 0 && i < vcl_tpl_map_size(&args[0]); i++) {
        const vcl_tpl_entry *entry = &args[0].map->entries[i];
        bool omitted = false;
        for (size_t j = 1; j < count; j++)
            omitted = omitted || vcl_tpl_text_equal(args[j].text, entry->key);
        if (!omitted)
            result = vcl_tpl_put(state, out->map, entry->key, entry->value);
    }
    return result;
}

static int wrong_type(vcl_tpl_state *state, const vcl_tpl_value *value, const char *wanted)
{
    if (value->kind == VCL_TPL_NIL)
        return vcl_tpl_raise(state, "interface conversion: interface {} is nil, not %s", wanted);
    return vcl_tpl_raise(state, "interface conversion: interface {} is %s, not %s",
                         vcl_tpl_type_of(value)->name, wanted);
}

/* dig "a" "b" default map: the value at a path, or the default where a key is missing. */
static int dig(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    if (count < 3)
        return vcl_tpl_raise(state, "dig needs at least three arguments");

    const vcl_tpl_value *step = &args[count - 1];
    if (step->type != VCL_TPL_T_MAP)
        return wrong_type(state, step, "map[string]interface {}");
    for (size_t i = 0; i < count - 2; i++) {
        if (args[i].type != VCL_TPL_T_STRING)
            return wrong_type(state, &args[i], "string");
    }
    for (size_t i = 0; i < count - 2; i++) {
        if (step->type != VCL_TPL_T_MAP)
            return wrong_type(state, step, "map[string]interface {}");
        step = vcl_tpl_map_get(step->map, args[i].text);
        if (!step) {
            *out = args[count - 2];
            return 0;
        }
    }
    *out = *step;
    return 0;
}

const vcl_tpl_function vcl_tpl_funcs_dict[] = {
    { "dict", "a*", 0, dict },   { "get", "ms", 'a', get },      { "set", "msa", 0, set },
    { "unset", "ms", 0, unset }, { "hasKey", "ms", 0, has_key }, { "pluck", "sm*", 0, pluck },
    { "keys", "m*", 0, keys },   { "values", "m", 0, values },   { "pick", "ms*", 0, pick },
    { "omit", "ms*", 0, omit },  { "dig", "a*", 'a', dig },      { NULL, NULL, 0, NULL },
};
