/* SPDX-License-Identifier: Apache-2.0 */
/* Walking the actions of a template: text, if, with, range, template. */
#include <stdio.h>

#include "base/limits.h"
#include "chart/template/eval_private.h"
#include "chart/template/print.h"

static int write_text(vcl_tpl_state *state, const char *data, size_t size)
{
    if (size > state->engine->output_left)
        return vcl_tpl_fail_here(state, "templates write more than %d MiB",
                                 VCL_MAX_TEMPLATE_OUTPUT >> 20);
    state->engine->output_left -= size;
    if (vcl_buf_append(state->output, data, size))
        return 0;
    if (state->output->state == VCL_BUF_TOO_LARGE)
        return vcl_tpl_fail_here(state, "templates write more than %d MiB",
                                 VCL_MAX_TEMPLATE_OUTPUT >> 20);
    return vcl_tpl_raise_memory(state);
}

static int print_value(vcl_tpl_state *state, const vcl_tpl_value *value)
{
    VCL_AUTO_BUF text = { 0 };

    if (value->kind == VCL_TPL_NIL && !value->boxed)
        return write_text(state, "<no value>", 10);
    if (value->kind == VCL_TPL_STRING && value->type == VCL_TPL_T_STRING)
        return write_text(state, value->text.data, value->text.size);
    vcl_buf_init(&text, VCL_MAX_TEMPLATE_OUTPUT);
    vcl_tpl_print_output(&text, value);
    if (text.state == VCL_BUF_NO_MEMORY)
        return vcl_tpl_raise_memory(state);
    if (vcl_buf_failed(&text))
        return vcl_tpl_fail_here(state, "a value is too large, or nested too deep, to be printed");
    return write_text(state, vcl_buf_text(&text), text.size);
}

static int walk_action(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    vcl_tpl_value value;
    int result = vcl_tpl_eval_pipeline(state, dot, node->pipe, &value);

    if (result < 0 || node->pipe->variable_count)
        return result;
    state->node = node;
    return print_value(state, &value);
}

static int walk_branch(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    size_t scope = state->engine->variable_count;
    vcl_tpl_value value;
    int result = vcl_tpl_eval_pipeline(state, dot, node->pipe, &value);

    if (result < 0)
        return result;
    if (vcl_tpl_truth(&value))
        result = vcl_tpl_walk(state, node->type == VCL_TPL_NODE_WITH ? &value : dot, node->list);
    else if (node->else_list)
        result = vcl_tpl_walk(state, dot, node->else_list);
    state->engine->variable_count = scope;
    return result;
}

/* Give the variables of a range their values for one round. */
static int set_range_variables(vcl_tpl_state *state,
                               const vcl_tpl_node *pipe,
                               const vcl_tpl_value *index,
                               const vcl_tpl_value *item)
{
    size_t count = pipe->variable_count;

    if (pipe->is_assign) {
        int result = 0;
        if (count > 0)
            result = vcl_tpl_set_variable(state, pipe->variables[0]->path.names[0],
                                          count > 1 ? index : item);
        if (result == 0 && count > 1)
            result = vcl_tpl_set_variable(state, pipe->variables[1]->path.names[0], item);
        return result;
    }

    vcl_tpl_variable *top = state->engine->variables + state->engine->variable_count;
    if (count > 0)
        top[-1].value = *item;
    if (count > 1)
        top[-2].value = *index;
    return 0;
}

/* One round. BREAK ends the range, CONTINUE only the round. */
static int range_round(vcl_tpl_state *state,
                       const vcl_tpl_node *node,
                       const vcl_tpl_value *index,
                       const vcl_tpl_value *item)
{
    size_t scope = state->engine->variable_count;
    int result = set_range_variables(state, node->pipe, index, item);

    if (result == 0)
        result = vcl_tpl_walk(state, item, node->list);
    state->engine->variable_count = scope;
    return result == VCL_TPL_WALK_CONTINUE ? VCL_TPL_WALK_ON : result;
}

static int range_list(vcl_tpl_state *state, const vcl_tpl_node *node, const vcl_tpl_value *list)
{
    int result = VCL_TPL_WALK_ON;

    for (size_t i = 0; result == VCL_TPL_WALK_ON && i < vcl_tpl_list_size(list); i++) {
        vcl_tpl_value index = vcl_tpl_int((int64_t)i);
        vcl_tpl_value item = vcl_tpl_list_at(list, i);
        result = range_round(state, node, &index, &item);
    }
    return result;
}

/* Over the entries as they are at the start: the body may change the map. */
static int range_map(vcl_tpl_state *state, const vcl_tpl_node *node, const vcl_tpl_value *map)
{
    int result = VCL_TPL_WALK_ON;
    size_t count = vcl_tpl_map_size(map);
    vcl_tpl_list *keys = vcl_tpl_list_new(&state->engine->arena, count);
    vcl_tpl_list *items = vcl_tpl_list_new(&state->engine->arena, count);

    if (!keys || !items)
        return vcl_tpl_raise_memory(state);
    for (size_t i = 0; i < count; i++) {
        keys->items[i] = vcl_tpl_string(map->map->entries[i].key);
        items->items[i] = vcl_tpl_map_at(map, i);
    }
    for (size_t i = 0; result == VCL_TPL_WALK_ON && i < count; i++)
        result = range_round(state, node, &keys->items[i], &items->items[i]);
    return result;
}

static int range_count(vcl_tpl_state *state, const vcl_tpl_node *node, const vcl_tpl_value *value)
{
    vcl_tpl_value none = vcl_tpl_nil();
    int result = VCL_TPL_WALK_ON;

    if (node->pipe->variable_count > 1)
        return vcl_tpl_fail_here(state, "can't use %lld to iterate over more than one variable",
                                 (long long)value->integer);
    for (int64_t i = 0; result == VCL_TPL_WALK_ON && i < value->integer; i++) {
        vcl_tpl_value item = *value;
        item.integer = i;
        item.boxed = false;
        result = range_round(state, node, &none, &item);
    }
    return result;
}

static int cannot_range(vcl_tpl_state *state, const vcl_tpl_value *value)
{
    VCL_AUTO_BUF text = { 0 };

    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    vcl_tpl_print(&text, value);
    return vcl_tpl_fail_here(state, "range can't iterate over %s", vcl_buf_text(&text));
}

static int range_over(vcl_tpl_state *state, const vcl_tpl_node *node, const vcl_tpl_value *value)
{
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_INT:
        return range_count(state, node, value);
    case VCL_TPL_LIST:
        return range_list(state, node, value);
    case VCL_TPL_MAP:
        if (!vcl_tpl_type_of(value)->is_struct)
            return range_map(state, node, value);
        return cannot_range(state, value);
    case VCL_TPL_NIL:
        return VCL_TPL_WALK_ON;
    default:
        return cannot_range(state, value);
    }
}

/* Whether a range has no round at all, so that its else part runs. */
static bool has_no_round(const vcl_tpl_value *value)
{
    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_INT:
        return value->integer <= 0;
    case VCL_TPL_LIST:
        return vcl_tpl_list_size(value) == 0;
    case VCL_TPL_MAP:
        return !vcl_tpl_type_of(value)->is_struct && vcl_tpl_map_size(value) == 0;
    default:
        return value->kind == VCL_TPL_NIL;
    }
}

static int walk_range(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    size_t scope = state->engine->variable_count;
    vcl_tpl_value value;
    int result = vcl_tpl_eval_pipeline(state, dot, node->pipe, &value);

    if (result < 0)
        return result;
    result = range_over(state, node, &value);
    if (result == VCL_TPL_WALK_BREAK)
        result = VCL_TPL_WALK_ON;
    if (result == VCL_TPL_WALK_ON && node->else_list && has_no_round(&value))
        result = vcl_tpl_walk(state, dot, node->else_list);
    state->engine->variable_count = scope;
    return result;
}

static int walk_template(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    const vcl_tpl_tree *tree = vcl_tpl_set_find(state->set, node->text);
    vcl_tpl_value data = vcl_tpl_nil();
    int result = 0;

    if (!tree)
        return vcl_tpl_fail_here(state, "template \"%.*s\" not defined", (int)node->text.size,
                                 node->text.data);
    if (node->pipe)
        result = vcl_tpl_eval_pipeline(state, dot, node->pipe, &data);
    if (result == 0)
        result = vcl_tpl_execute(state->engine, state->set, tree, &data, state->output);
    return result;
}

static int walk_list(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    int result = VCL_TPL_WALK_ON;

    for (size_t i = 0; result == VCL_TPL_WALK_ON && i < node->children.count; i++)
        result = vcl_tpl_walk(state, dot, node->children.items[i]);
    return result;
}

static int walk_node(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    switch (node->type) {
    case VCL_TPL_NODE_LIST:
        return walk_list(state, dot, node);
    case VCL_TPL_NODE_ACTION:
        return walk_action(state, dot, node);
    case VCL_TPL_NODE_IF:
    case VCL_TPL_NODE_WITH:
        return walk_branch(state, dot, node);
    case VCL_TPL_NODE_RANGE:
        return walk_range(state, dot, node);
    case VCL_TPL_NODE_TEMPLATE:
        return walk_template(state, dot, node);
    case VCL_TPL_NODE_BREAK:
        return VCL_TPL_WALK_BREAK;
    case VCL_TPL_NODE_CONTINUE:
        return VCL_TPL_WALK_CONTINUE;
    default:
        return write_text(state, node->text.data, node->text.size);
    }
}

int vcl_tpl_walk(vcl_tpl_state *state, const vcl_tpl_value *dot, const vcl_tpl_node *node)
{
    state->node = node;

    int result = vcl_tpl_enter(state);
    if (result == 0) {
        result = walk_node(state, dot, node);
        vcl_tpl_leave(state);
    }
    return result;
}
