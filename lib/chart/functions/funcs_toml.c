/* SPDX-License-Identifier: Apache-2.0 */
/*
 * toToml and fromToml. As in Helm, what cannot be printed is the reason as a text, and what cannot
 * be read is {"Error": reason}.
 */
#include "base/limits.h"
#include "chart/functions/toml_private.h"

static int
to_toml(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    int result = vcl_toml_print(state, &args[0], &buf);

    (void)count;
    return result < 0 ? result : vcl_tpl_return_buf(state, &buf, out);
}

static int reading_failed(vcl_tpl_state *state, vcl_buf *message, vcl_tpl_value *out)
{
    vcl_tpl_value text;
    int result = vcl_tpl_return_buf(state, message, &text);

    if (result == 0)
        result = vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);
    return result < 0 ? result : vcl_tpl_put(state, out->map, vcl_tpl_literal("Error"), text);
}

static int
from_toml(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    /* Not on the stack: it holds a path of many parts. */
    vcl_toml_reader *reader = vcl_arena_alloc(&state->engine->arena, sizeof(*reader));

    (void)count;
    if (!reader)
        return vcl_tpl_raise_memory(state);
    *reader = (vcl_toml_reader){ .state = state, .text = args[0].text, .line = 1 };
    vcl_buf_init(&reader->message, VCL_MAX_TEMPLATE_OUTPUT);
    vcl_toml_read(reader);
    int result = reader->status;
    if (result == 0 && reader->failed)
        result = reading_failed(state, &reader->message, out);
    else if (result == 0)
        *out = vcl_tpl_map_value(reader->root, VCL_TPL_T_MAP);
    vcl_buf_done(&reader->message);
    return result;
}

const vcl_tpl_function vcl_tpl_funcs_toml[] = {
    { "toToml", "a", 0, to_toml },
    { "fromToml", "s", 0, from_toml },
    { NULL, NULL, 0, NULL },
};
