/* SPDX-License-Identifier: Apache-2.0 */
/* Pipelines, commands and operands. Numbers are read in parse_number.c. */
#include <string.h>

#include "chart/functions/funcs.h"
#include "chart/template/parse_private.h"
#include "chart/template/utf8.h"

static bool add_name(vcl_tpl_parser *parser, vcl_tpl_path *path, vcl_tpl_text name)
{
    if (path->count == path->capacity) {
        size_t capacity = path->capacity ? path->capacity * 2 : 4;
        vcl_tpl_text *names = vcl_arena_alloc(parser->arena, capacity * sizeof(*names));
        if (!names) {
            parser->failed = parser->error->no_memory = true;
            return false;
        }
        if (path->count)
            memcpy(names, path->names, path->count * sizeof(*names));
        path->names = names;
        path->capacity = capacity;
    }
    path->names[path->count++] = name;
    return true;
}

static bool add_field(vcl_tpl_parser *parser, vcl_tpl_path *path, vcl_tpl_token token)
{
    vcl_tpl_text name = { token.text.data + 1, token.text.size - 1 }; /* without its dot */

    return add_name(parser, path, name);
}

static vcl_tpl_node *variable(vcl_tpl_parser *parser, vcl_tpl_token token)
{
    vcl_tpl_node *node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_VARIABLE, token);

    return node && add_name(parser, &node->path, token.text) ? node : NULL;
}

static vcl_tpl_node *use_variable(vcl_tpl_parser *parser, vcl_tpl_token token)
{
    for (size_t i = 0; i < parser->variables.count; i++) {
        if (vcl_tpl_text_equal(parser->variables.names[i], token.text))
            return variable(parser, token);
    }
    vcl_tpl_parse_fail(parser, "undefined variable \"%.*s\"", (int)token.text.size,
                       token.text.data);
    return NULL;
}

static vcl_tpl_node *identifier(vcl_tpl_parser *parser, vcl_tpl_token token)
{
    bool known = false;
    vcl_tpl_node *node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_IDENTIFIER, token);

    if (!node)
        return NULL;
    node->text = token.text;
    node->function = vcl_tpl_function_find(token.text, &known);
    if (node->function)
        return node;
    vcl_tpl_parse_fail(
        parser, known ? "function \"%.*s\" is not supported" : "function \"%.*s\" not defined",
        (int)token.text.size, token.text.data);
    return NULL;
}

static vcl_tpl_node *literal(vcl_tpl_parser *parser, vcl_tpl_token token)
{
    bool is_string = token.type == VCL_TPL_TOKEN_STRING || token.type == VCL_TPL_TOKEN_RAW_STRING;
    vcl_tpl_node *node =
        vcl_tpl_parse_node(parser, is_string ? VCL_TPL_NODE_STRING : VCL_TPL_NODE_NUMBER, token);

    if (!node)
        return NULL;
    node->source = token.text;
    if (is_string)
        return vcl_tpl_parse_unquote(parser, token, &node->text) ? node : NULL;
    return vcl_tpl_parse_number(parser, token, &node->number) ? node : NULL;
}

static vcl_tpl_node *parenthesised(vcl_tpl_parser *parser)
{
    if (!vcl_tpl_parse_enter(parser))
        return NULL;

    vcl_tpl_node *node =
        vcl_tpl_parse_pipeline(parser, "parenthesized pipeline", VCL_TPL_TOKEN_RIGHT_PAREN);
    parser->depth--;
    return node;
}

/* One word; NULL without a failure when the next token is none. */
static vcl_tpl_node *term(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);
    vcl_tpl_node *node;

    switch (token.type) {
    case VCL_TPL_TOKEN_IDENTIFIER:
        return identifier(parser, token);
    case VCL_TPL_TOKEN_DOT:
        return vcl_tpl_parse_node(parser, VCL_TPL_NODE_DOT, token);
    case VCL_TPL_TOKEN_NIL:
        return vcl_tpl_parse_node(parser, VCL_TPL_NODE_NIL, token);
    case VCL_TPL_TOKEN_VARIABLE:
        return use_variable(parser, token);
    case VCL_TPL_TOKEN_FIELD:
        node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_FIELD, token);
        return node && add_field(parser, &node->path, token) ? node : NULL;
    case VCL_TPL_TOKEN_BOOL:
        node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_BOOL, token);
        if (node)
            node->boolean = vcl_tpl_text_is(token.text, "true");
        return node;
    case VCL_TPL_TOKEN_CHAR_CONSTANT:
    case VCL_TPL_TOKEN_COMPLEX:
    case VCL_TPL_TOKEN_NUMBER:
    case VCL_TPL_TOKEN_STRING:
    case VCL_TPL_TOKEN_RAW_STRING:
        return literal(parser, token);
    case VCL_TPL_TOKEN_LEFT_PAREN:
        return parenthesised(parser);
    default:
        vcl_tpl_parse_back(parser, token);
        return NULL;
    }
}

static vcl_tpl_node *no_fields_after(vcl_tpl_parser *parser, const vcl_tpl_node *node)
{
    VCL_AUTO_BUF text = { .max = 1024 };
    VCL_AUTO_BUF quoted = { .max = 8192 };

    vcl_tpl_node_print(node, &text);
    vcl_tpl_quote(&quoted, (vcl_tpl_text){ vcl_buf_text(&text), text.size }, false);
    vcl_tpl_parse_fail(parser, "unexpected . after term %s", vcl_buf_text(&quoted));
    return NULL;
}

/* A term with the fields behind it. NULL as of term(). */
static vcl_tpl_node *operand(vcl_tpl_parser *parser)
{
    vcl_tpl_node *node = term(parser);
    vcl_tpl_token token;

    if (!node || (token = vcl_tpl_parse_peek(parser), token.type != VCL_TPL_TOKEN_FIELD))
        return node;
    switch (node->type) {
    case VCL_TPL_NODE_FIELD:
    case VCL_TPL_NODE_VARIABLE:
        node->pos = token.pos; /* where Go says that such a chain stands */
        break;
    case VCL_TPL_NODE_BOOL:
    case VCL_TPL_NODE_STRING:
    case VCL_TPL_NODE_NUMBER:
    case VCL_TPL_NODE_NIL:
    case VCL_TPL_NODE_DOT:
        return no_fields_after(parser, node);
    default: {
        vcl_tpl_node *chain = vcl_tpl_parse_node(parser, VCL_TPL_NODE_CHAIN, token);
        if (!chain)
            return NULL;
        chain->operand = node;
        node = chain;
    }
    }
    while (vcl_tpl_parse_peek(parser).type == VCL_TPL_TOKEN_FIELD) {
        if (!add_field(parser, &node->path, vcl_tpl_parse_next(parser)))
            return NULL;
    }
    return node;
}

/* Words up to a pipe, which is read, or a right delimiter or parenthesis, which is not. */
static vcl_tpl_node *command(vcl_tpl_parser *parser)
{
    vcl_tpl_node *node =
        vcl_tpl_parse_node(parser, VCL_TPL_NODE_COMMAND, vcl_tpl_parse_peek_non_space(parser));

    while (node) {
        vcl_tpl_parse_peek_non_space(parser);
        vcl_tpl_node *word = operand(parser);
        if (parser->failed || (word && !vcl_tpl_parse_append(parser, &node->children, word)))
            return NULL;

        vcl_tpl_token token = vcl_tpl_parse_next(parser);
        if (token.type == VCL_TPL_TOKEN_SPACE)
            continue;
        if (token.type == VCL_TPL_TOKEN_RIGHT_DELIM || token.type == VCL_TPL_TOKEN_RIGHT_PAREN)
            vcl_tpl_parse_back(parser, token);
        else if (token.type != VCL_TPL_TOKEN_PIPE)
            return vcl_tpl_parse_unexpected(parser, token, "operand"), NULL;
        break;
    }
    if (node && node->children.count == 0)
        return vcl_tpl_parse_fail(parser, "empty command"), NULL;
    return node;
}

/* Whether another variable may follow the comma. */
static bool
second_variable_follows(vcl_tpl_parser *parser, const vcl_tpl_node *pipe, const char *context)
{
    if (strcmp(context, "range") != 0 || pipe->variable_count >= 2)
        return vcl_tpl_parse_fail(parser, "too many declarations in %s", context);

    vcl_tpl_token token = vcl_tpl_parse_peek_non_space(parser);
    if (token.type == VCL_TPL_TOKEN_VARIABLE || token.type == VCL_TPL_TOKEN_RIGHT_DELIM ||
        token.type == VCL_TPL_TOKEN_RIGHT_PAREN)
        return true;
    return vcl_tpl_parse_fail(parser, "range can only initialize variables");
}

static bool add_variable(vcl_tpl_parser *parser, vcl_tpl_node *pipe, vcl_tpl_token token)
{
    vcl_tpl_node *node = variable(parser, token);

    if (!node || !vcl_tpl_parse_declare(parser, token.text))
        return false;
    pipe->variables[pipe->variable_count++] = node;
    return true;
}

/* "$x :=", "$x, $y :=" or "$x =" in front of a pipeline, if there is one. */
static bool declarations(vcl_tpl_parser *parser, vcl_tpl_node *pipe, const char *context)
{
    while (vcl_tpl_parse_peek_non_space(parser).type == VCL_TPL_TOKEN_VARIABLE) {
        vcl_tpl_token name = vcl_tpl_parse_next(parser);
        vcl_tpl_token behind = vcl_tpl_parse_peek(parser);
        vcl_tpl_token next = vcl_tpl_parse_peek_non_space(parser);

        if (next.type == VCL_TPL_TOKEN_ASSIGN || next.type == VCL_TPL_TOKEN_DECLARE) {
            pipe->is_assign = next.type == VCL_TPL_TOKEN_ASSIGN;
            vcl_tpl_parse_next_non_space(parser);
            return add_variable(parser, pipe, name);
        }
        if (next.type != VCL_TPL_TOKEN_CHAR || !vcl_tpl_text_is(next.text, ",")) {
            if (behind.type == VCL_TPL_TOKEN_SPACE)
                vcl_tpl_parse_back(parser, behind);
            vcl_tpl_parse_back(parser, name);
            return true;
        }
        vcl_tpl_parse_next_non_space(parser);
        if (!add_variable(parser, pipe, name) || !second_variable_follows(parser, pipe, context))
            return false;
    }
    return true;
}

/* Only the first command of a pipeline may be a constant. */
static bool check_pipeline(vcl_tpl_parser *parser, const vcl_tpl_node *pipe, const char *context)
{
    if (pipe->children.count == 0)
        return vcl_tpl_parse_fail(parser, "missing value for %s", context);
    for (size_t i = 1; i < pipe->children.count; i++) {
        switch (pipe->children.items[i]->children.items[0]->type) {
        case VCL_TPL_NODE_BOOL:
        case VCL_TPL_NODE_DOT:
        case VCL_TPL_NODE_NIL:
        case VCL_TPL_NODE_NUMBER:
        case VCL_TPL_NODE_STRING:
            return vcl_tpl_parse_fail(parser, "non executable command in pipeline stage %zu",
                                      i + 1);
        default:
            break;
        }
    }
    return true;
}

static bool starts_operand(vcl_tpl_token_type type)
{
    switch (type) {
    case VCL_TPL_TOKEN_BOOL:
    case VCL_TPL_TOKEN_CHAR_CONSTANT:
    case VCL_TPL_TOKEN_COMPLEX:
    case VCL_TPL_TOKEN_DOT:
    case VCL_TPL_TOKEN_FIELD:
    case VCL_TPL_TOKEN_IDENTIFIER:
    case VCL_TPL_TOKEN_NUMBER:
    case VCL_TPL_TOKEN_NIL:
    case VCL_TPL_TOKEN_RAW_STRING:
    case VCL_TPL_TOKEN_STRING:
    case VCL_TPL_TOKEN_VARIABLE:
    case VCL_TPL_TOKEN_LEFT_PAREN:
        return true;
    default:
        return false;
    }
}

vcl_tpl_node *
vcl_tpl_parse_pipeline(vcl_tpl_parser *parser, const char *context, vcl_tpl_token_type end)
{
    vcl_tpl_node *pipe =
        vcl_tpl_parse_node(parser, VCL_TPL_NODE_PIPE, vcl_tpl_parse_peek_non_space(parser));

    if (!pipe || !declarations(parser, pipe, context))
        return NULL;
    for (;;) {
        vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);
        if (token.type == end)
            return check_pipeline(parser, pipe, context) ? pipe : NULL;
        if (!starts_operand(token.type)) {
            vcl_tpl_parse_unexpected(parser, token, context);
            return NULL;
        }
        vcl_tpl_parse_back(parser, token);
        if (!vcl_tpl_parse_append(parser, &pipe->children, command(parser)))
            return NULL;
    }
}
