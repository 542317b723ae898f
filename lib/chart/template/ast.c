/* SPDX-License-Identifier: Apache-2.0 */
/* Syntax trees: printing them for messages, telling where they stand. */
#include "chart/template/ast.h"

#include <string.h>

#include "chart/template/utf8.h"

static void add_text(vcl_buf *buf, vcl_tpl_text text)
{
    vcl_buf_append(buf, text.data, text.size);
}

static void print_pipe(const vcl_tpl_node *node, vcl_buf *buf)
{
    for (size_t i = 0; i < node->variable_count; i++) {
        vcl_buf_add(buf, i ? ", " : "");
        vcl_tpl_node_print(node->variables[i], buf);
    }
    if (node->variable_count)
        vcl_buf_add(buf, node->is_assign ? " = " : " := ");
    for (size_t i = 0; i < node->children.count; i++) {
        vcl_buf_add(buf, i ? " | " : "");
        vcl_tpl_node_print(node->children.items[i], buf);
    }
}

/* A pipeline inside something else stands in parentheses. */
static void print_operand(const vcl_tpl_node *node, vcl_buf *buf)
{
    bool parentheses = node->type == VCL_TPL_NODE_PIPE;

    vcl_buf_add(buf, parentheses ? "(" : "");
    vcl_tpl_node_print(node, buf);
    vcl_buf_add(buf, parentheses ? ")" : "");
}

static void print_path(const vcl_tpl_node *node, vcl_buf *buf)
{
    if (node->operand)
        print_operand(node->operand, buf);
    for (size_t i = 0; i < node->path.count; i++) {
        if (i > 0 || node->type != VCL_TPL_NODE_VARIABLE)
            vcl_buf_add_char(buf, '.');
        add_text(buf, node->path.names[i]);
    }
}

static void print_branch(const vcl_tpl_node *node, vcl_buf *buf)
{
    vcl_buf_add(buf, node->type == VCL_TPL_NODE_IF      ? "{{if "
                     : node->type == VCL_TPL_NODE_RANGE ? "{{range "
                                                        : "{{with ");
    vcl_tpl_node_print(node->pipe, buf);
    vcl_buf_add(buf, "}}");
    vcl_tpl_node_print(node->list, buf);
    if (node->else_list) {
        vcl_buf_add(buf, "{{else}}");
        vcl_tpl_node_print(node->else_list, buf);
    }
    vcl_buf_add(buf, "{{end}}");
}

static void print_template(const vcl_tpl_node *node, vcl_buf *buf)
{
    vcl_buf_add(buf, "{{template ");
    vcl_tpl_quote(buf, node->text, false);
    if (node->pipe) {
        vcl_buf_add_char(buf, ' ');
        vcl_tpl_node_print(node->pipe, buf);
    }
    vcl_buf_add(buf, "}}");
}

static void print_children(const vcl_tpl_node *node, vcl_buf *buf)
{
    for (size_t i = 0; i < node->children.count; i++) {
        if (node->type == VCL_TPL_NODE_COMMAND) {
            vcl_buf_add(buf, i ? " " : "");
            print_operand(node->children.items[i], buf);
        } else {
            vcl_tpl_node_print(node->children.items[i], buf);
        }
    }
}

void vcl_tpl_node_print(const vcl_tpl_node *node, vcl_buf *buf)
{
    switch (node->type) {
    case VCL_TPL_NODE_LIST:
    case VCL_TPL_NODE_COMMAND:
        print_children(node, buf);
        return;
    case VCL_TPL_NODE_ACTION:
        vcl_buf_add(buf, "{{");
        vcl_tpl_node_print(node->pipe, buf);
        vcl_buf_add(buf, "}}");
        return;
    case VCL_TPL_NODE_IF:
    case VCL_TPL_NODE_RANGE:
    case VCL_TPL_NODE_WITH:
        print_branch(node, buf);
        return;
    case VCL_TPL_NODE_TEMPLATE:
        print_template(node, buf);
        return;
    case VCL_TPL_NODE_PIPE:
        print_pipe(node, buf);
        return;
    case VCL_TPL_NODE_FIELD:
    case VCL_TPL_NODE_VARIABLE:
    case VCL_TPL_NODE_CHAIN:
        print_path(node, buf);
        return;
    case VCL_TPL_NODE_BREAK:
        vcl_buf_add(buf, "{{break}}");
        return;
    case VCL_TPL_NODE_CONTINUE:
        vcl_buf_add(buf, "{{continue}}");
        return;
    case VCL_TPL_NODE_END:
        vcl_buf_add(buf, "{{end}}");
        return;
    case VCL_TPL_NODE_ELSE:
        vcl_buf_add(buf, "{{else}}");
        return;
    case VCL_TPL_NODE_DOT:
        vcl_buf_add_char(buf, '.');
        return;
    case VCL_TPL_NODE_NIL:
        vcl_buf_add(buf, "nil");
        return;
    case VCL_TPL_NODE_BOOL:
        vcl_buf_add(buf, node->boolean ? "true" : "false");
        return;
    case VCL_TPL_NODE_NUMBER:
    case VCL_TPL_NODE_STRING:
        add_text(buf, node->source);
        return;
    case VCL_TPL_NODE_TEXT:
    case VCL_TPL_NODE_IDENTIFIER:
        add_text(buf, node->text);
        return;
    }
}

static bool is_blank(vcl_tpl_text text)
{
    size_t size;

    while (text.size) {
        if (!vcl_tpl_is_space(vcl_tpl_rune(text, &size)))
            return false;
        text.data += size;
        text.size -= size;
    }
    return true;
}

bool vcl_tpl_node_is_empty(const vcl_tpl_node *node)
{
    if (!node)
        return true;
    if (node->type == VCL_TPL_NODE_TEXT)
        return is_blank(node->text);
    if (node->type != VCL_TPL_NODE_LIST)
        return false;
    for (size_t i = 0; i < node->children.count; i++) {
        if (!vcl_tpl_node_is_empty(node->children.items[i]))
            return false;
    }
    return true;
}

void vcl_tpl_node_locate(const vcl_tpl_node *node, int *out_line, size_t *out_column)
{
    vcl_tpl_text source = node->tree->source;
    size_t end = node->pos < source.size ? node->pos : source.size;
    size_t start = 0;

    *out_line = 1;
    for (size_t i = 0; i < end; i++) {
        if (source.data[i] == '\n') {
            (*out_line)++;
            start = i + 1;
        }
    }
    *out_column = end - start;
}
