/* SPDX-License-Identifier: Apache-2.0 */
/* What Helm adds to the engine itself: include, tpl, required, fail, lookup. */
#include <string.h>

#include "base/limits.h"
#include "chart/template/eval_private.h"
#include "chart/template/utf8.h"
#include "data/json.h"

/* How often the template includes itself at the moment; NULL when memory is short. */
static int *include_counter(vcl_tpl_engine *engine, vcl_tpl_text name)
{
    for (size_t i = 0; i < engine->include_count; i++) {
        if (vcl_tpl_text_equal(engine->includes[i].name, name))
            return &engine->includes[i].count;
    }
    if (engine->include_count == engine->include_capacity) {
        size_t capacity = engine->include_capacity ? engine->include_capacity * 2 : 16;
        vcl_tpl_include_count *counts = vcl_arena_alloc(&engine->arena, capacity * sizeof(*counts));
        if (!counts)
            return NULL;
        if (engine->include_count)
            memcpy(counts, engine->includes, engine->include_count * sizeof(*counts));
        engine->includes = counts;
        engine->include_capacity = capacity;
    }

    vcl_tpl_include_count *added = &engine->includes[engine->include_count++];
    *added = (vcl_tpl_include_count){ .name = name };
    return &added->count;
}

static int no_template(vcl_tpl_state *state, vcl_tpl_text name)
{
    VCL_AUTO_BUF quoted = { .max = VCL_MAX_MESSAGE };

    vcl_tpl_quote(&quoted, name, false);
    return vcl_tpl_raise(state, "template: no template %s associated with template \"gotpl\"",
                         vcl_buf_text(&quoted));
}

/* Run a template of the set into a text. */
static int
run(vcl_tpl_state *state, vcl_tpl_text name, const vcl_tpl_value *data, vcl_tpl_value *out)
{
    const vcl_tpl_tree *tree = vcl_tpl_set_find(state->set, name);
    VCL_AUTO_BUF output = { .max = VCL_MAX_TEMPLATE_OUTPUT };

    if (!tree)
        return no_template(state, name);

    int result = vcl_tpl_execute(state->engine, state->set, tree, data, &output);
    return result < 0 ? result : vcl_tpl_return_buf(state, &output, out);
}

static int
include(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    int *counter = include_counter(state->engine, args[0].text);

    (void)count;
    if (!counter)
        return vcl_tpl_raise_memory(state);
    if (*counter > VCL_MAX_TEMPLATE_DEPTH)
        return vcl_tpl_raise(state,
                             "rendering template has a nested reference name: %.*s: unable to "
                             "execute template",
                             (int)args[0].text.size, args[0].text.data);
    (*counter)++;
    int result = run(state, args[0].text, &args[1], out);
    counter = include_counter(state->engine, args[0].text); /* the table may have moved */
    if (counter)
        (*counter)--;
    return result;
}

/* The text as Go quotes it, for messages. */
static void add_quoted_context(vcl_tpl_state *state, const char *before, vcl_tpl_text text)
{
    VCL_AUTO_BUF quoted = { 0 };

    vcl_buf_init(&quoted, VCL_MAX_MESSAGE);
    if (text.size > VCL_MAX_MESSAGE / 8)
        text.size = VCL_MAX_MESSAGE / 8;
    vcl_tpl_quote(&quoted, text, false);
    vcl_tpl_raise_context(state, "%s %s: ", before, vcl_buf_text(&quoted));
}

/* Parse and run a text that sees all templates; what it defines is seen by nobody else. */
static int tpl(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_set *set = vcl_arena_alloc(&state->engine->arena, sizeof(*set));
    vcl_tpl_parse_error reason = { .line = 0 };
    const vcl_tpl_tree *tree = NULL;
    VCL_AUTO_BUF output = { 0 };

    (void)count;
    vcl_buf_init(&output, VCL_MAX_TEMPLATE_OUTPUT);
    if (!set)
        return vcl_tpl_raise_memory(state);
    set->parent = state->set;

    bool parsed = vcl_tpl_parse(&state->engine->arena, set, vcl_tpl_literal("gotpl"), args[0].text,
                                &tree, &reason);
    VCL_AUTO_BUF message = reason.message;
    if (!parsed && reason.no_memory)
        return vcl_tpl_raise_memory(state);
    if (!parsed) {
        int result =
            vcl_tpl_raise(state, "template: gotpl:%d: %s", reason.line, vcl_buf_text(&message));
        add_quoted_context(state, "cannot parse template", args[0].text);
        return result;
    }

    int result = vcl_tpl_execute(state->engine, set, tree, &args[1], &output);
    if (result < 0) {
        add_quoted_context(state, "error during tpl function execution for", args[0].text);
        return result;
    }
    vcl_tpl_erase_no_value(&output);
    return vcl_tpl_return_buf(state, &output, out);
}

static int raise_message(vcl_tpl_state *state, vcl_tpl_text text)
{
    int result = vcl_tpl_raise(state, "%.*s", (int)text.size, text.data ? text.data : "");

    state->engine->failure.is_message = result == VCLUSTER_E_CONFIG;
    return result;
}

static int
required(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    const vcl_tpl_value *value = &args[1];

    (void)count;
    if (value->kind == VCL_TPL_NIL || (value->type == VCL_TPL_T_STRING && value->text.size == 0))
        return raise_message(state, args[0].text);
    *out = *value;
    return 0;
}

static int fail(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    (void)out;
    return raise_message(state, args[0].text);
}

/* An argument as a C string; NULL when memory is short. A NUL ends it. */
static const char *c_string(vcl_tpl_state *state, const vcl_tpl_value *value)
{
    return vcl_arena_copy(&state->engine->arena, value->text.data ? value->text.data : "",
                          value->text.size);
}

/* What the host says to a lookup; *out_found stays NULL when it has nothing. */
static int
ask(vcl_tpl_state *state, const vcl_tpl_value *args, cJSON **out_found, vcluster_error **error)
{
    vcl_tpl_engine *engine = state->engine;
    const char *texts[4];

    for (size_t i = 0; i < 4; i++) {
        texts[i] = c_string(state, &args[i]);
        if (!texts[i])
            return vcl_no_memory(error);
    }
    return engine->lookup(engine->lookup_data, texts[0], texts[1], texts[2], texts[3], out_found,
                          error);
}

/* Integers of a cluster's objects are int64 in Go, those of documents float64. */
static void mark_integers(cJSON *node)
{
    int64_t integer;

    for (; node; node = node->next) {
        if (vcl_json_to_int(node, &integer))
            node->type |= VCL_JSON_INT64;
        mark_integers(node->child);
    }
}

/* Without a cluster nothing is ever found. */
static int lookup(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *found = NULL;

    (void)count;
    if (!state->engine->lookup)
        return vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);

    int status = ask(state, args, &found, &error);
    if (status == VCLUSTER_E_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    if (status < 0)
        return vcl_tpl_raise(state, "%s", vcluster_error_message(error));
    if (!found)
        return vcl_tpl_new_map(state, VCL_TPL_T_MAP, out);
    mark_integers(found);
    bool done = vcl_tpl_from_json(&state->engine->arena, found, out);
    vcl_json_free_secret(vcl_steal(&found));
    return done ? 0 : vcl_tpl_raise_memory(state);
}

static int
get_host_by_name(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)state;
    (void)args;
    (void)count;
    *out = vcl_tpl_cstring("");
    return 0;
}

const vcl_tpl_function vcl_tpl_funcs_helm[] = {
    { "include", "sa", 0, include },
    { "tpl", "sa", 0, tpl },
    { "required", "sa", 'a', required },
    { "fail", "s", 0, fail },
    { "lookup", "ssss", 0, lookup },
    { "getHostByName", "s", 0, get_host_by_name },
    { NULL, NULL, 0, NULL },
};
