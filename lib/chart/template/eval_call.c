/* SPDX-License-Identifier: Apache-2.0 */
/* Calls: arguments by the signature of the function, and/or, failures of functions. */
#include <string.h>

#include "base/limits.h"
#include "chart/template/eval_private.h"

/* Arguments that need no memory of their own. */
enum { FEW_ARGUMENTS = 6 };

static const char *parameter_type(char parameter)
{
    switch (parameter) {
    case 's':
        return "string";
    case 'i':
        return "int";
    case 'l':
        return "int64";
    case 'f':
        return "float64";
    case 'b':
        return "bool";
    case 'u':
        return "uint32";
    case 'm':
        return "map[string]interface {}";
    case 'L':
        return "[]interface {}";
    case 'c':
        return "sprig.certificate";
    case 'v':
        return "*semver.Version";
    case 't':
        return "time.Time";
    case 'd':
        return "time.Duration";
    case 'r':
        return "reflect.Value";
    default:
        return "interface {}";
    }
}

/* The type of the empty value that a nil becomes for a parameter; nil: it can be none. */
static vcl_tpl_value nil_for(char parameter)
{
    switch (parameter) {
    case 'm':
        return vcl_tpl_map_value(NULL, VCL_TPL_T_MAP);
    case 'L':
        return vcl_tpl_list_value(NULL, VCL_TPL_T_LIST);
    case 'v':
        return vcl_tpl_map_value(NULL, VCL_TPL_T_SEMVER);
    default:
        return vcl_tpl_nil();
    }
}

static bool assignable(const vcl_tpl_value *value, char parameter)
{
    switch (parameter) {
    case 's':
        return value->type == VCL_TPL_T_STRING;
    case 'i':
        return value->type == VCL_TPL_T_INT;
    case 'l':
        return value->type == VCL_TPL_T_INT64;
    case 'f':
        return value->type == VCL_TPL_T_FLOAT64;
    case 'b':
        return value->type == VCL_TPL_T_BOOL;
    case 'u':
        return false; /* only constants can be one */
    case 'm':
        return value->type == VCL_TPL_T_MAP || value->type == VCL_TPL_T_VALUES;
    case 'L':
        return value->type == VCL_TPL_T_LIST;
    case 'c':
        return value->type == VCL_TPL_T_CERTIFICATE;
    case 'v':
        return value->type == VCL_TPL_T_SEMVER;
    case 't':
        return value->type == VCL_TPL_T_TIME;
    case 'd':
        return value->type == VCL_TPL_T_DURATION;
    default:
        return true;
    }
}

/* Check a value against a parameter. A nil map is what a plain nil becomes for one of maps. */
static int validate(vcl_tpl_state *state, vcl_tpl_value *value, char parameter)
{
    if (parameter == 0 || parameter == 'a' || parameter == 'r')
        return 0;
    if (value->kind == VCL_TPL_NIL && !value->boxed) {
        *value = nil_for(parameter);
        return value->kind != VCL_TPL_NIL ? 0
                                          : vcl_tpl_fail_here(state, "invalid value; expected %s",
                                                              parameter_type(parameter));
    }
    if (assignable(value, parameter)) {
        value->boxed = false;
        return 0;
    }
    return vcl_tpl_fail_here(
        state, "wrong type for value; expected %s; got %s", parameter_type(parameter),
        value->kind == VCL_TPL_NIL ? "interface {}" : vcl_tpl_type_of(value)->name);
}

static int unfit(vcl_tpl_state *state, const char *expected, const vcl_tpl_node *node)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, 1024);
    vcl_tpl_node_print(node, &text);
    return vcl_tpl_fail_here(state, "expected %s; found %s", expected, vcl_buf_text(&text));
}

/* A constant takes the type of the parameter: 1 can be a float64, 1.0 an int. */
static int
eval_literal(vcl_tpl_state *state, char parameter, const vcl_tpl_node *node, vcl_tpl_value *out)
{
    bool is_number = node->type == VCL_TPL_NODE_NUMBER;

    switch (parameter) {
    case 's':
        if (node->type != VCL_TPL_NODE_STRING)
            return unfit(state, "string", node);
        *out = vcl_tpl_string(node->text);
        return 0;
    case 'b':
        if (node->type != VCL_TPL_NODE_BOOL)
            return unfit(state, "bool", node);
        *out = vcl_tpl_bool(node->boolean);
        return 0;
    case 'i':
    case 'l':
    case 'd':
        if (!is_number || !node->number.is_int)
            return unfit(state, "integer", node);
        *out = parameter == 'i' ? vcl_tpl_int(node->number.integer)
                                : vcl_tpl_int64(node->number.integer);
        return 0;
    case 'u':
        if (!is_number || !node->number.is_int || node->number.integer < 0)
            return unfit(state, "unsigned integer", node);
        *out = vcl_tpl_int(node->number.integer & 0xffffffff);
        return 0;
    case 'f':
        if (!is_number)
            return unfit(state, "float", node);
        *out = vcl_tpl_float(node->number.number);
        return 0;
    default: {
        VCL_AUTO_BUF text = { 0 };
        vcl_buf_init(&text, 1024);
        vcl_tpl_node_print(node, &text);
        return vcl_tpl_fail_here(state, "can't handle %s for arg of type %s", vcl_buf_text(&text),
                                 parameter_type(parameter));
    }
    }
}

int vcl_tpl_eval_argument(vcl_tpl_state *state,
                          const vcl_tpl_value *dot,
                          char parameter,
                          const vcl_tpl_node *node,
                          vcl_tpl_value *out)
{
    bool any = parameter == 0 || parameter == 'a' || parameter == 'r';
    int result;

    state->node = node;
    switch (node->type) {
    case VCL_TPL_NODE_NIL:
        *out = nil_for(parameter);
        if (!any && out->kind == VCL_TPL_NIL)
            return vcl_tpl_fail_here(state, "cannot assign nil to %s", parameter_type(parameter));
        return 0;
    case VCL_TPL_NODE_BOOL:
    case VCL_TPL_NODE_NUMBER:
    case VCL_TPL_NODE_STRING:
        if (!any)
            return eval_literal(state, parameter, node, out);
        return vcl_tpl_eval_word(state, dot, node, out);
    case VCL_TPL_NODE_DOT:
        *out = *dot;
        return validate(state, out, parameter);
    default:
        result = vcl_tpl_eval_word(state, dot, node, out);
        return result < 0 ? result : validate(state, out, parameter);
    }
}

/* The letter for argument number index, 0-based. */
static char parameter_at(const char *signature, size_t index)
{
    size_t count = strlen(signature);
    bool variadic = count && signature[count - 1] == '*';
    size_t fixed = variadic ? count - 2 : count;

    return index < fixed ? signature[index] : signature[fixed];
}

static int check_count(vcl_tpl_state *state,
                       const vcl_tpl_function *function,
                       const vcl_tpl_call *call,
                       size_t words)
{
    size_t count = strlen(function->signature);
    bool variadic = count && function->signature[count - 1] == '*';
    size_t receiver = call->receiver ? 1 : 0;
    size_t fixed = (variadic ? count - 2 : count) - receiver;
    size_t given = words + (call->final ? 1 : 0);

    if (variadic && given < fixed)
        return vcl_tpl_fail_here(state, "wrong number of args for %.*s: want at least %zu got %zu",
                                 (int)call->name.size, call->name.data, fixed, words);
    if (!variadic && given != fixed)
        return vcl_tpl_fail_here(state, "wrong number of args for %.*s: want %zu got %zu",
                                 (int)call->name.size, call->name.data, fixed, given);
    return 0;
}

/* and, or: the first operand that decides, without looking at the rest. */
static int
short_circuit(vcl_tpl_state *state, const vcl_tpl_call *call, bool is_or, vcl_tpl_value *out)
{
    *out = vcl_tpl_nil();
    for (size_t i = 1; i < call->word_count; i++) {
        int result = vcl_tpl_eval_argument(state, call->dot, 'r', call->words[i], out);
        if (result < 0 || vcl_tpl_truth(out) == is_or)
            return result;
    }
    if (call->final)
        *out = *call->final;
    return 0;
}

static int eval_arguments(vcl_tpl_state *state,
                          const char *signature,
                          const vcl_tpl_call *call,
                          vcl_tpl_value *arguments,
                          size_t *out_count)
{
    size_t count = 0;

    if (call->receiver)
        arguments[count++] = *call->receiver;
    for (size_t i = 1; i < call->word_count; i++, count++) {
        int result = vcl_tpl_eval_argument(state, call->dot, parameter_at(signature, count),
                                           call->words[i], &arguments[count]);
        if (result < 0)
            return result;
    }
    if (call->final) {
        arguments[count] = *call->final;
        int result = validate(state, &arguments[count], parameter_at(signature, count));
        if (result < 0)
            return result;
        count++;
    }
    *out_count = count;
    return 0;
}

static int run(vcl_tpl_state *state,
               const vcl_tpl_function *function,
               const vcl_tpl_call *call,
               vcl_tpl_value *out)
{
    vcl_tpl_value few[FEW_ARGUMENTS];
    vcl_tpl_value *arguments = few;
    size_t count = 0;

    if (call->word_count + 2 > FEW_ARGUMENTS) {
        arguments =
            vcl_arena_alloc(&state->engine->arena, (call->word_count + 2) * sizeof(*arguments));
        if (!arguments)
            return vcl_tpl_raise_memory(state);
    }

    int result = eval_arguments(state, function->signature, call, arguments, &count);
    if (result < 0)
        return result;

    *out = vcl_tpl_nil();
    result = function->call(state, arguments, count, out);
    if (result < 0) {
        state->node = call->node;
        vcl_tpl_raise_context(state, "error calling %.*s: ", (int)call->name.size, call->name.data);
        return vcl_tpl_fail_locate(state);
    }
    if (function->result == 'a')
        out->boxed = true;
    return 0;
}

int vcl_tpl_eval_call(vcl_tpl_state *state,
                      const vcl_tpl_function *function,
                      const vcl_tpl_call *call,
                      vcl_tpl_value *out)
{
    int result = check_count(state, function, call, call->word_count ? call->word_count - 1 : 0);

    if (result < 0)
        return result;
    if (!function->call)
        return short_circuit(state, call, vcl_tpl_text_is(call->name, "or"), out);
    result = vcl_tpl_enter(state);
    if (result == 0) {
        result = run(state, function, call, out);
        vcl_tpl_leave(state);
    }
    return result;
}
