/* SPDX-License-Identifier: Apache-2.0 */
/* Finding functions, and what many of them need; see funcs.h. */
#include "chart/functions/funcs.h"

#include <string.h>

#include "base/limits.h"
#include "chart/template/objects.h"
#include "chart/template/print.h"

static const vcl_tpl_function *const groups[] = {
    vcl_tpl_funcs_logic,   vcl_tpl_funcs_compare, vcl_tpl_funcs_index,  vcl_tpl_funcs_string,
    vcl_tpl_funcs_split,   vcl_tpl_funcs_case,    vcl_tpl_funcs_list,   vcl_tpl_funcs_dict,
    vcl_tpl_funcs_merge,   vcl_tpl_funcs_math,    vcl_tpl_funcs_encode, vcl_tpl_funcs_path,
    vcl_tpl_funcs_helm,    vcl_tpl_funcs_data,    vcl_tpl_funcs_crypto, vcl_tpl_funcs_cert,
    vcl_tpl_funcs_decimal, vcl_tpl_funcs_semver,  vcl_tpl_funcs_toml,   vcl_tpl_funcs_yaml,
    vcl_tpl_funcs_regex,   vcl_tpl_funcs_words,   vcl_tpl_funcs_random, vcl_tpl_funcs_url,
    vcl_tpl_funcs_date,
};

static const vcl_tpl_method *const method_groups[] = { vcl_tpl_methods, vcl_tpl_semver_methods,
                                                       vcl_tpl_time_methods };

/* Functions of Helm that are left out: no value that a chart sees is a function to be called. */
static const char *const unsupported[] = {
    "call",
};

const vcl_tpl_function *vcl_tpl_function_find(vcl_tpl_text name, bool *out_known)
{
    for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++) {
        for (const vcl_tpl_function *f = groups[g]; f->name; f++) {
            if (name.size && *f->name == *name.data && vcl_tpl_text_is(name, f->name))
                return f;
        }
    }
    *out_known = false;
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++)
        *out_known = *out_known || vcl_tpl_text_is(name, unsupported[i]);
    return NULL;
}

const vcl_tpl_function *const *vcl_tpl_function_groups(size_t *out_count)
{
    *out_count = sizeof(groups) / sizeof(groups[0]);
    return groups;
}

const vcl_tpl_function *vcl_tpl_method_find(vcl_tpl_type type, vcl_tpl_text name)
{
    if (name.size == 0 || *name.data < 'A' || *name.data > 'Z')
        return NULL; /* most names are keys of values; methods are exported, as Go says */
    for (size_t g = 0; g < sizeof(method_groups) / sizeof(method_groups[0]); g++) {
        for (const vcl_tpl_method *m = method_groups[g]; m->function.name; m++) {
            if (m->type == type && vcl_tpl_text_is(name, m->function.name))
                return &m->function;
        }
    }
    return NULL;
}

int vcl_tpl_return_text(vcl_tpl_state *state, const char *data, size_t size, vcl_tpl_value *out)
{
    char *copy = vcl_arena_copy(&state->engine->arena, data, size);

    if (!copy)
        return vcl_tpl_raise_memory(state);
    *out = vcl_tpl_string((vcl_tpl_text){ copy, size });
    return 0;
}

int vcl_tpl_return_buf(vcl_tpl_state *state, vcl_buf *buf, vcl_tpl_value *out)
{
    if (buf->state == VCL_BUF_TOO_LARGE)
        return vcl_tpl_raise(state, "a text is larger than %zu bytes, or nested too deep",
                             buf->max);
    if (vcl_buf_failed(buf))
        return vcl_tpl_raise_memory(state);
    return vcl_tpl_return_text(state, vcl_buf_text(buf), buf->size, out);
}

int vcl_tpl_new_list(vcl_tpl_state *state, size_t count, vcl_tpl_type type, vcl_tpl_value *out)
{
    vcl_tpl_list *list = vcl_tpl_list_new(&state->engine->arena, count);

    if (!list)
        return vcl_tpl_raise_memory(state);
    *out = vcl_tpl_list_value(list, type);
    return 0;
}

int vcl_tpl_new_map(vcl_tpl_state *state, vcl_tpl_type type, vcl_tpl_value *out)
{
    vcl_tpl_map *map = vcl_tpl_map_new(&state->engine->arena);

    if (!map)
        return vcl_tpl_raise_memory(state);
    *out = vcl_tpl_map_value(map, type);
    return 0;
}

int vcl_tpl_put(vcl_tpl_state *state, vcl_tpl_map *map, vcl_tpl_text key, vcl_tpl_value value)
{
    if (!map)
        return vcl_tpl_raise(state, "assignment to entry in nil map");
    return vcl_tpl_map_set(&state->engine->arena, map, key, value) ? 0
                                                                   : vcl_tpl_raise_memory(state);
}

int vcl_tpl_spend(vcl_tpl_state *state, size_t steps)
{
    if (steps > (size_t)VCL_MAX_TEMPLATE_STEPS)
        steps = VCL_MAX_TEMPLATE_STEPS;
    state->engine->steps -= (int64_t)steps;
    if (state->engine->steps >= 0)
        return 0;
    return vcl_tpl_raise(state, "rendering takes more than %d steps", VCL_MAX_TEMPLATE_STEPS);
}

int vcl_tpl_text_of(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_tpl_text *out_text)
{
    VCL_AUTO_BUF buf = { 0 };
    vcl_tpl_value text;

    if (value->kind == VCL_TPL_STRING) {
        *out_text = value->text;
        return 0;
    }
    vcl_buf_init(&buf, VCL_MAX_TEMPLATE_OUTPUT);
    vcl_tpl_print(&buf, value);
    int result = vcl_tpl_return_buf(state, &buf, &text);
    if (result == 0)
        *out_text = text.text;
    return result;
}

int vcl_tpl_texts_of(vcl_tpl_state *state, const vcl_tpl_value *value, vcl_tpl_value *out_list)
{
    if (value->kind == VCL_TPL_LIST && value->type == VCL_TPL_T_STRINGS && value->list) {
        *out_list = *value; /* the very same: sortAlpha sorts it for everybody */
        return 0;
    }

    bool is_list = value->kind == VCL_TPL_LIST;
    size_t count = is_list ? vcl_tpl_list_size(value) : value->kind != VCL_TPL_NIL;
    int result = vcl_tpl_new_list(state, count, VCL_TPL_T_STRINGS, out_list);
    size_t kept = 0;

    for (size_t i = 0; result == 0 && i < count; i++) {
        const vcl_tpl_value *item = is_list ? &value->list->items[i] : value;
        vcl_tpl_text text;
        if (item->kind == VCL_TPL_NIL)
            continue;
        result = vcl_tpl_text_of(state, item, &text);
        if (result == 0)
            out_list->list->items[kept++] = vcl_tpl_string(text);
    }
    if (result == 0)
        out_list->list->count = kept;
    return result;
}
