/* SPDX-License-Identifier: Apache-2.0 */
/* Engine, failures and the stack of variables; see eval.h. */
#include "chart/template/eval.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/stack.h"
#include "base/str.h"
#include "chart/functions/time_zone.h"
#include "chart/template/eval_private.h"
#include "chart/template/utf8.h"

enum {
    /* The text of a failure, with the place of each template that includes another. */
    MAX_FAILURE = 16 << 10,
    MAX_CONTEXT = 4 << 10,
};

void vcl_tpl_engine_init(vcl_tpl_engine *engine)
{
    *engine =
        (vcl_tpl_engine){ .steps = VCL_MAX_TEMPLATE_STEPS, .output_left = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_arena_init(&engine->arena, VCL_MAX_TEMPLATE_MEMORY);
    vcl_buf_init(&engine->failure.message, MAX_FAILURE);
    vcl_buf_init(&engine->failure.reason, MAX_CONTEXT);
    vcl_buf_init(&engine->failure.location, MAX_CONTEXT);
    vcl_buf_init(&engine->failure.file, MAX_CONTEXT);
}

void vcl_tpl_engine_done(vcl_tpl_engine *engine)
{
    vcl_arena_done(&engine->arena);
    vcl_zone_free(engine->local_zone);
    vcl_zone_free(engine->named_zone);
    free(engine->zone_name);
    vcl_buf_done(&engine->failure.message);
    vcl_buf_done(&engine->failure.reason);
    vcl_buf_done(&engine->failure.location);
    vcl_buf_done(&engine->failure.file);
}

/* Put text before the message; of one that becomes too long the end is lost. */
static void prepend(vcl_tpl_failure *failure, const char *text)
{
    VCL_AUTO_BUF whole = { .max = failure->message.max };
    size_t keep = failure->message.size;

    if (!vcl_buf_add(&whole, text))
        return; /* what is there says enough */
    if (keep > whole.max - whole.size)
        keep = whole.max - whole.size;
    if (keep && !vcl_buf_append(&whole, failure->message.data, keep))
        return;
    vcl_buf old = failure->message;
    failure->message = whole;
    whole = old;
}

__attribute__((format(printf, 2, 0))) static int
set_message(vcl_tpl_failure *failure, const char *format, va_list arguments)
{
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    size_t size = message ? strnlen(message, MAX_CONTEXT) : 0;

    failure->status = message ? VCLUSTER_E_CONFIG : VCLUSTER_E_NO_MEMORY;
    failure->is_message = false;
    vcl_buf_reset(&failure->message);
    vcl_buf_reset(&failure->reason);
    if (size) {
        vcl_buf_append(&failure->message, message, size);
        vcl_buf_append(&failure->reason, message, size);
    }
    return failure->status;
}

int vcl_tpl_raise(vcl_tpl_state *state, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    int status = set_message(&state->engine->failure, format, arguments);
    va_end(arguments);
    return status;
}

int vcl_tpl_raise_context(vcl_tpl_state *state, const char *format, ...)
{
    vcl_tpl_failure *failure = &state->engine->failure;
    va_list arguments;

    va_start(arguments, format);
    vcl_auto_free char *text = vcl_vformat(format, arguments);
    va_end(arguments);
    if (text && failure->status == VCLUSTER_E_CONFIG && !failure->is_message)
        prepend(failure, text);
    return failure->status;
}

int vcl_tpl_engine_memory(vcl_tpl_engine *engine)
{
    vcl_tpl_failure *failure = &engine->failure;

    failure->status = engine->arena.exceeded ? VCLUSTER_E_CONFIG : VCLUSTER_E_NO_MEMORY;
    failure->is_message = false;
    vcl_buf_reset(&failure->message);
    vcl_buf_reset(&failure->reason);
    if (engine->arena.exceeded) {
        vcl_buf_addf(&failure->reason, "rendering needs more than %d MiB of memory",
                     VCL_MAX_TEMPLATE_MEMORY >> 20);
        vcl_buf_add(&failure->message, vcl_buf_text(&failure->reason));
    }
    return failure->status;
}

int vcl_tpl_raise_memory(vcl_tpl_state *state)
{
    return vcl_tpl_engine_memory(state->engine);
}

/* Note the place of the node: the outermost one is noted last and stays. */
static void note_location(vcl_tpl_state *state, int line, size_t column)
{
    vcl_tpl_failure *failure = &state->engine->failure;
    vcl_tpl_text file = state->node->tree->file;

    failure->line = line;
    vcl_buf_reset(&failure->file);
    vcl_buf_append(&failure->file, file.data, file.size);
    vcl_buf_reset(&failure->location);
    vcl_buf_append(&failure->location, file.data, file.size);
    vcl_buf_addf(&failure->location, ":%d:%zu", line, column);
}

int vcl_tpl_fail_locate(vcl_tpl_state *state)
{
    VCL_AUTO_BUF context = { 0 };
    VCL_AUTO_BUF name = { 0 };
    int line;
    size_t column;

    vcl_buf_init(&context, MAX_CONTEXT);
    vcl_buf_init(&name, MAX_CONTEXT);
    vcl_tpl_node_locate(state->node, &line, &column);
    vcl_tpl_node_print(state->node, &context);
    vcl_tpl_quote(&name, state->tree->name, false);
    note_location(state, line, column);
    return vcl_tpl_raise_context(state, "template: %s: executing %s at <%s>: ",
                                 vcl_buf_text(&state->engine->failure.location),
                                 vcl_buf_text(&name), vcl_buf_text(&context));
}

int vcl_tpl_fail_here(vcl_tpl_state *state, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    set_message(&state->engine->failure, format, arguments);
    va_end(arguments);
    return vcl_tpl_fail_locate(state);
}

int vcl_tpl_enter(vcl_tpl_state *state)
{
    vcl_tpl_engine *engine = state->engine;

    if (--engine->steps < 0)
        return vcl_tpl_fail_here(state, "rendering takes more than %d steps",
                                 VCL_MAX_TEMPLATE_STEPS);
    if (engine->depth >= VCL_TPL_MAX_EVAL_DEPTH)
        return vcl_tpl_fail_here(state, "templates are nested too deep");
    engine->depth++;
    return 0;
}

void vcl_tpl_leave(vcl_tpl_state *state)
{
    state->engine->depth--;
}

int vcl_tpl_push_variable(vcl_tpl_state *state, vcl_tpl_text name, const vcl_tpl_value *value)
{
    vcl_tpl_engine *engine = state->engine;

    if (engine->variable_count == engine->variable_capacity) {
        size_t capacity = engine->variable_capacity ? engine->variable_capacity * 2 : 64;
        vcl_tpl_variable *variables =
            vcl_arena_alloc(&engine->arena, capacity * sizeof(*variables));
        if (!variables)
            return vcl_tpl_raise_memory(state);
        if (engine->variable_count)
            memcpy(variables, engine->variables, engine->variable_count * sizeof(*variables));
        engine->variables = variables;
        engine->variable_capacity = capacity;
    }
    engine->variables[engine->variable_count++] = (vcl_tpl_variable){ name, *value };
    return 0;
}

int vcl_tpl_set_variable(vcl_tpl_state *state, vcl_tpl_text name, const vcl_tpl_value *value)
{
    vcl_tpl_engine *engine = state->engine;

    for (size_t i = engine->variable_count; i > state->first_variable; i--) {
        if (vcl_tpl_text_equal(engine->variables[i - 1].name, name)) {
            engine->variables[i - 1].value = *value;
            return 0;
        }
    }
    return vcl_tpl_fail_here(state, "undefined variable: %.*s", (int)name.size, name.data);
}

int vcl_tpl_execute(vcl_tpl_engine *engine,
                    const vcl_tpl_set *set,
                    const vcl_tpl_tree *tree,
                    const vcl_tpl_value *data,
                    vcl_buf *output)
{
    vcl_tpl_state state = { .engine = engine,
                            .set = set,
                            .tree = tree,
                            .output = output,
                            .first_variable = engine->variable_count,
                            .node = tree->root };
    vcl_tpl_value dot = *data;

    dot.boxed = false;
    int result = vcl_tpl_push_variable(&state, vcl_tpl_literal("$"), &dot);
    if (result == 0)
        result = vcl_tpl_walk(&state, &dot, tree->root);
    engine->variable_count = state.first_variable;
    return result;
}

int vcl_tpl_engine_parse(vcl_tpl_engine *engine, vcl_tpl_text name, vcl_tpl_text text)
{
    vcl_tpl_parse_error reason = { .line = 0 };
    const vcl_tpl_tree *tree = NULL;
    vcl_tpl_failure *failure = &engine->failure;

    if (vcl_tpl_parse(&engine->arena, &engine->set, name, text, &tree, &reason)) {
        vcl_buf_done(&reason.message);
        return 0;
    }
    if (reason.no_memory) {
        vcl_buf_done(&reason.message);
        return vcl_tpl_engine_memory(engine);
    }
    failure->status = VCLUSTER_E_CONFIG;
    failure->line = reason.line;
    vcl_buf_append(&failure->file, name.data, name.size);
    vcl_buf_add(&failure->reason, vcl_buf_text(&reason.message));
    vcl_buf_addf(&failure->message, "parse error at (%.*s:%d): %s", (int)name.size, name.data,
                 reason.line, vcl_buf_text(&reason.message));
    vcl_buf_done(&reason.message);
    return failure->status;
}

void vcl_tpl_erase_no_value(vcl_buf *buf)
{
    static const char mark[] = "<no value>";
    size_t size = sizeof(mark) - 1;
    char *from = buf->data;
    char *to = from;
    char *end = from ? from + buf->size : from;

    while (from < end) {
        char *found = memmem(from, (size_t)(end - from), mark, size);
        size_t keep = (size_t)((found ? found : end) - from);
        memmove(to, from, keep);
        to += keep;
        from += keep + (found ? size : 0);
    }
    if (buf->data)
        vcl_buf_truncate(buf, (size_t)(to - buf->data));
}

bool vcl_tpl_engine_share(vcl_tpl_engine *engine, const vcl_tpl_set *set, size_t size)
{
    vcl_arena *arena = &engine->arena;

    if (size > arena->max - arena->used) {
        arena->exceeded = true;
        return false;
    }
    arena->max -= size;
    engine->set.parent = set;
    return true;
}

int vcl_tpl_engine_execute_here(vcl_tpl_engine *engine,
                                vcl_tpl_text name,
                                const vcl_tpl_value *data,
                                vcl_buf *output)
{
    const vcl_tpl_tree *tree = vcl_tpl_set_find(&engine->set, name);
    int result = tree ? vcl_tpl_execute(engine, &engine->set, tree, data, output) : 0;

    if (tree && result == 0)
        vcl_tpl_erase_no_value(output);
    return result;
}

/* One execution, for a thread that has the stack for it. */
typedef struct execution {
    vcl_tpl_engine *engine;
    vcl_tpl_text name;
    const vcl_tpl_value *data;
    vcl_buf *output;
    int result;
} execution;

static void execute(void *data)
{
    execution *e = data;

    e->result = vcl_tpl_engine_execute_here(e->engine, e->name, e->data, e->output);
}

int vcl_tpl_engine_execute(vcl_tpl_engine *engine,
                           vcl_tpl_text name,
                           const vcl_tpl_value *data,
                           vcl_buf *output)
{
    execution e = { .engine = engine, .name = name, .data = data, .output = output };

    return vcl_run_on_deep_stack(execute, &e) ? e.result : vcl_tpl_engine_memory(engine);
}

int vcl_tpl_engine_error(vcl_tpl_engine *engine, vcluster_error **error)
{
    vcl_tpl_failure *failure = &engine->failure;
    const char *message = vcl_buf_text(&failure->message);

    if (failure->status == VCLUSTER_E_NO_MEMORY)
        return vcl_no_memory(error);

    int status = failure->is_message && failure->location.size
                     ? vcl_fail(error, VCLUSTER_E_CONFIG, "execution error at (%s): %s",
                                vcl_buf_text(&failure->location), message)
                     : vcl_fail(error, VCLUSTER_E_CONFIG, "%s", message);
    if (failure->file.size)
        vcl_error_add_finding(error, vcl_buf_text(&failure->file), failure->line, "template",
                              VCLUSTER_SEVERITY_ERROR, vcl_buf_text(&failure->reason), NULL);
    return status;
}
