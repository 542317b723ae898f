/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pipelines, commands and fields. Two kinds of nil are told apart, as in Go: one that a map or list
 * holds is boxed, and a field of it is an error; one that comes out of a pipeline or a variable is
 * not, and a field of it is nil again.
 */
#include "chart/template/eval_private.h"

static int variable_value(vcl_tpl_state *state, vcl_tpl_text name, vcl_tpl_value *out)
{
    vcl_tpl_engine *engine = state->engine;

    for (size_t i = engine->variable_count; i > state->first_variable; i--) {
        if (vcl_tpl_text_equal(engine->variables[i - 1].name, name)) {
            *out = engine->variables[i - 1].value;
            return 0;
        }
    }
    return vcl_tpl_fail_here(state, "undefined variable: %.*s", (int)name.size, name.data);
}

static const char *shown_type(const vcl_tpl_value *value)
{
    return value->boxed ? "interface {}" : vcl_tpl_type_of(value)->name;
}

/* The last field of a chain can be a method, which takes the words and the final value. */
static int eval_field(vcl_tpl_state *state,
                      const vcl_tpl_value *receiver,
                      vcl_tpl_call *call,
                      vcl_tpl_value *out)
{
    vcl_tpl_text name = call->name;
    const char *type = shown_type(receiver);

    if (receiver->kind == VCL_TPL_NIL && receiver->boxed)
        return vcl_tpl_fail_here(state, "nil pointer evaluating %s.%.*s", type, (int)name.size,
                                 name.data);
    *out = vcl_tpl_nil();
    if (receiver->kind == VCL_TPL_NIL)
        return 0;

    const vcl_tpl_function *method = vcl_tpl_method_find(receiver->type, name);
    if (method) {
        call->receiver = receiver;
        return vcl_tpl_eval_call(state, method, call, out);
    }

    bool is_struct = vcl_tpl_type_of(receiver)->is_struct;
    const vcl_tpl_value *found =
        receiver->kind == VCL_TPL_MAP ? vcl_tpl_map_get(receiver->map, name) : NULL;
    if (receiver->kind != VCL_TPL_MAP || (is_struct && !found))
        return vcl_tpl_fail_here(state, "can't evaluate field %.*s in type %s", (int)name.size,
                                 name.data, type);
    if (call->word_count > 1 || call->final)
        return vcl_tpl_fail_here(state,
                                 is_struct ? "%.*s has arguments but cannot be invoked as function"
                                           : "%.*s is not a method but has arguments",
                                 (int)name.size, name.data);
    *out = found ? *found : vcl_tpl_map_missing(receiver->type);
    out->boxed = receiver->type == VCL_TPL_T_MAP || receiver->type == VCL_TPL_T_VALUES;
    return 0;
}

/* Walk names from a receiver. call has the words and the final value for the last one. */
static int eval_chain(vcl_tpl_state *state,
                      const vcl_tpl_value *receiver,
                      const vcl_tpl_path *path,
                      size_t first,
                      vcl_tpl_call *call,
                      vcl_tpl_value *out)
{
    vcl_tpl_value value = *receiver;

    for (size_t i = first; i < path->count; i++) {
        vcl_tpl_call part = { .dot = call->dot, .node = call->node };
        vcl_tpl_call *last = i + 1 == path->count ? call : &part;
        vcl_tpl_value next;
        last->name = path->names[i];
        int result = eval_field(state, &value, last, &next);
        if (result < 0)
            return result;
        value = next;
    }
    *out = value;
    return 0;
}

static int not_a_function(vcl_tpl_state *state, const vcl_tpl_call *call)
{
    VCL_AUTO_BUF text = { 0 };

    if (call->word_count <= 1 && !call->final)
        return 0;
    vcl_buf_init(&text, 1024);
    vcl_tpl_node_print(call->node, &text);
    return vcl_tpl_fail_here(state, "can't give argument to non-function %s", vcl_buf_text(&text));
}

static int eval_variable(vcl_tpl_state *state,
                         const vcl_tpl_node *node,
                         vcl_tpl_call *call,
                         vcl_tpl_value *out)
{
    vcl_tpl_value value;
    int result = variable_value(state, node->path.names[0], &value);

    if (result < 0)
        return result;
    if (node->path.count > 1)
        return eval_chain(state, &value, &node->path, 1, call, out);
    result = not_a_function(state, call);
    if (result == 0)
        *out = value;
    return result;
}

static int eval_chain_node(vcl_tpl_state *state,
                           const vcl_tpl_node *node,
                           vcl_tpl_call *call,
                           vcl_tpl_value *out)
{
    vcl_tpl_value value;
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, 1024);
    if (node->operand->type == VCL_TPL_NODE_NIL) {
        vcl_tpl_node_print(node, &text);
        return vcl_tpl_fail_here(state, "indirection through explicit nil in %s",
                                 vcl_buf_text(&text));
    }
    int result = vcl_tpl_eval_argument(state, call->dot, 0, node->operand, &value);
    return result < 0 ? result : eval_chain(state, &value, &node->path, 0, call, out);
}

static int eval_number(vcl_tpl_state *state, const vcl_tpl_node *node, vcl_tpl_value *out)
{
    if (node->number.written_as_float)
        *out = vcl_tpl_float(node->number.number);
    else if (node->number.is_int)
        *out = vcl_tpl_int(node->number.integer);
    else
        return vcl_tpl_fail_here(state, "%.*s overflows int", (int)node->source.size,
                                 node->source.data);
    return 0;
}

static int eval_constant(vcl_tpl_state *state,
                         const vcl_tpl_node *word,
                         const vcl_tpl_value *dot,
                         vcl_tpl_value *out)
{
    switch (word->type) {
    case VCL_TPL_NODE_BOOL:
        *out = vcl_tpl_bool(word->boolean);
        return 0;
    case VCL_TPL_NODE_DOT:
        *out = *dot;
        return 0;
    case VCL_TPL_NODE_NUMBER:
        return eval_number(state, word, out);
    case VCL_TPL_NODE_STRING:
        *out = vcl_tpl_string(word->text);
        return 0;
    default:
        return vcl_tpl_fail_here(state, "nil is not a command");
    }
}

/* A word of any kind with what is given to it. */
static int
eval_word(vcl_tpl_state *state, const vcl_tpl_node *word, vcl_tpl_call *call, vcl_tpl_value *out)
{
    int result;

    state->node = word;
    switch (word->type) {
    case VCL_TPL_NODE_FIELD:
        return eval_chain(state, call->dot, &word->path, 0, call, out);
    case VCL_TPL_NODE_CHAIN:
        return eval_chain_node(state, word, call, out);
    case VCL_TPL_NODE_IDENTIFIER:
        call->name = word->text;
        return vcl_tpl_eval_call(state, word->function, call, out);
    case VCL_TPL_NODE_VARIABLE:
        return eval_variable(state, word, call, out);
    case VCL_TPL_NODE_PIPE:
        result = not_a_function(state, call);
        return result < 0 ? result : vcl_tpl_eval_pipeline(state, call->dot, word, out);
    default:
        result = not_a_function(state, call);
        return result < 0 ? result : eval_constant(state, word, call->dot, out);
    }
}

static int eval_command(vcl_tpl_state *state,
                        const vcl_tpl_value *dot,
                        const vcl_tpl_node *command,
                        const vcl_tpl_value *final,
                        vcl_tpl_value *out)
{
    const vcl_tpl_node *word = command->children.items[0];
    vcl_tpl_call call = {
        .dot = dot,
        .node = word->type == VCL_TPL_NODE_IDENTIFIER ? command : word,
        .words = command->children.items,
        .word_count = command->children.count,
        .final = final,
    };

    return eval_word(state, word, &call, out);
}

static int run_pipeline(vcl_tpl_state *state,
                        const vcl_tpl_value *dot,
                        const vcl_tpl_node *pipe,
                        vcl_tpl_value *out)
{
    vcl_tpl_value value = vcl_tpl_nil();
    int result;

    state->node = pipe;
    for (size_t i = 0; i < pipe->children.count; i++) {
        vcl_tpl_value next;
        result = eval_command(state, dot, pipe->children.items[i], i ? &value : NULL, &next);
        if (result < 0)
            return result;
        value = next;
        value.boxed = false;
    }
    for (size_t i = 0; i < pipe->variable_count; i++) {
        vcl_tpl_text name = pipe->variables[i]->path.names[0];
        result = pipe->is_assign ? vcl_tpl_set_variable(state, name, &value)
                                 : vcl_tpl_push_variable(state, name, &value);
        if (result < 0)
            return result;
    }
    *out = value;
    return 0;
}

int vcl_tpl_eval_pipeline(vcl_tpl_state *state,
                          const vcl_tpl_value *dot,
                          const vcl_tpl_node *pipe,
                          vcl_tpl_value *out)
{
    state->node = pipe;

    int result = vcl_tpl_enter(state);
    if (result == 0) {
        result = run_pipeline(state, dot, pipe, out);
        vcl_tpl_leave(state);
    }
    return result;
}

int vcl_tpl_eval_word(vcl_tpl_state *state,
                      const vcl_tpl_value *dot,
                      const vcl_tpl_node *word,
                      vcl_tpl_value *out)
{
    vcl_tpl_call call = { .dot = dot, .node = word };

    return eval_word(state, word, &call, out);
}
