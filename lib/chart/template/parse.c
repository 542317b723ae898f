/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens, templates and their set; actions are in parse_action.c, expressions in parse_expr.c. */
#include "chart/template/parse.h"

#include <stdarg.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/template/parse_action.h"
#include "chart/template/utf8.h"

bool vcl_tpl_parse_fail(vcl_tpl_parser *parser, const char *format, ...)
{
    va_list arguments;

    if (parser->failed)
        return false;
    parser->failed = true;
    parser->error->line = parser->line;

    va_start(arguments, format);
    vcl_auto_free char *message = vcl_vformat(format, arguments);
    va_end(arguments);
    if (!message || !vcl_buf_add(&parser->error->message, message))
        parser->error->no_memory = true;
    return false;
}

static void no_memory(vcl_tpl_parser *parser)
{
    parser->failed = true;
    parser->error->no_memory = true;
}

/* How a token is named in messages. */
static void describe(vcl_buf *buf, vcl_tpl_token token)
{
    size_t size = 0;
    vcl_tpl_text start = { token.text.data, 0 };

    if (token.type == VCL_TPL_TOKEN_EOF) {
        vcl_buf_add(buf, "EOF");
        return;
    }
    if (token.type == VCL_TPL_TOKEN_ERROR || token.type > VCL_TPL_TOKEN_KEYWORD) {
        bool keyword = token.type != VCL_TPL_TOKEN_ERROR;
        vcl_buf_add(buf, keyword ? "<" : "");
        vcl_buf_append(buf, token.text.data, token.text.size);
        vcl_buf_add(buf, keyword ? ">" : "");
        return;
    }
    for (int i = 0; i < 10 && start.size < token.text.size; i++) {
        vcl_tpl_text rest = { token.text.data + start.size, token.text.size - start.size };
        vcl_tpl_rune(rest, &size);
        start.size += size;
    }
    vcl_tpl_quote(buf, token.text.size > 10 ? start : token.text, false);
    vcl_buf_add(buf, token.text.size > 10 ? "..." : "");
}

bool vcl_tpl_parse_unexpected(vcl_tpl_parser *parser, vcl_tpl_token token, const char *context)
{
    VCL_AUTO_BUF text = { 0 };

    if (parser->failed)
        return false;
    vcl_buf_init(&text, VCL_MAX_MESSAGE);
    describe(&text, token);
    if (token.type != VCL_TPL_TOKEN_ERROR)
        return vcl_tpl_parse_fail(parser, "unexpected %s in %s", vcl_buf_text(&text), context);
    if (parser->action_line != 0 && parser->action_line != token.line) {
        bool named = vcl_ends_with(vcl_buf_text(&text), " action");
        return vcl_tpl_parse_fail(parser, "%s%s started at %.*s:%d", vcl_buf_text(&text),
                                  named ? "" : " in action", (int)parser->tree->file.size,
                                  parser->tree->file.data, parser->action_line);
    }
    return vcl_tpl_parse_fail(parser, "%s", vcl_buf_text(&text));
}

vcl_tpl_token vcl_tpl_parse_next(vcl_tpl_parser *parser)
{
    vcl_tpl_token token =
        parser->pending ? parser->tokens[--parser->pending] : vcl_tpl_lex_next(&parser->lexer);

    parser->line = token.line;
    return token;
}

void vcl_tpl_parse_back(vcl_tpl_parser *parser, vcl_tpl_token token)
{
    if (parser->pending < 3)
        parser->tokens[parser->pending++] = token;
}

vcl_tpl_token vcl_tpl_parse_next_non_space(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next(parser);

    while (token.type == VCL_TPL_TOKEN_SPACE)
        token = vcl_tpl_parse_next(parser);
    return token;
}

vcl_tpl_token vcl_tpl_parse_peek(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next(parser);

    vcl_tpl_parse_back(parser, token);
    return token;
}

vcl_tpl_token vcl_tpl_parse_peek_non_space(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);

    vcl_tpl_parse_back(parser, token);
    return token;
}

vcl_tpl_node *vcl_tpl_parse_node(vcl_tpl_parser *parser, vcl_tpl_node_type type, vcl_tpl_token at)
{
    vcl_tpl_node *node = vcl_arena_alloc(parser->arena, sizeof(*node));

    if (!node) {
        no_memory(parser);
        return NULL;
    }
    node->type = type;
    node->pos = at.pos;
    node->line = at.line;
    node->tree = parser->tree;
    return node;
}

bool vcl_tpl_parse_append(vcl_tpl_parser *parser, vcl_tpl_nodes *nodes, vcl_tpl_node *node)
{
    if (!node)
        return false;
    if (nodes->count == nodes->capacity) {
        size_t capacity = nodes->capacity ? nodes->capacity * 2 : 4;
        vcl_tpl_node **items = vcl_arena_alloc(parser->arena, capacity * sizeof(vcl_tpl_node *));
        if (!items) {
            no_memory(parser);
            return false;
        }
        if (nodes->count)
            memcpy(items, nodes->items, nodes->count * sizeof(vcl_tpl_node *));
        nodes->items = items;
        nodes->capacity = capacity;
    }
    nodes->items[nodes->count++] = node;
    return true;
}

bool vcl_tpl_parse_unquote(vcl_tpl_parser *parser, vcl_tpl_token token, vcl_tpl_text *out_text)
{
    bool short_of_memory = false;

    if (vcl_tpl_unquote(parser->arena, token.text, out_text, &short_of_memory))
        return true;
    if (short_of_memory) {
        no_memory(parser);
        return false;
    }
    return vcl_tpl_parse_fail(parser, "invalid syntax");
}

bool vcl_tpl_parse_declare(vcl_tpl_parser *parser, vcl_tpl_text name)
{
    vcl_tpl_variables *variables = &parser->variables;

    if (variables->count == variables->capacity) {
        size_t capacity = variables->capacity ? variables->capacity * 2 : 16;
        vcl_tpl_text *names = vcl_arena_alloc(parser->arena, capacity * sizeof(*names));
        if (!names) {
            no_memory(parser);
            return false;
        }
        if (variables->count)
            memcpy(names, variables->names, variables->count * sizeof(*names));
        variables->names = names;
        variables->capacity = capacity;
    }
    variables->names[variables->count++] = name;
    return true;
}

bool vcl_tpl_parse_enter(vcl_tpl_parser *parser)
{
    if (parser->depth >= VCL_TPL_MAX_PARSE_DEPTH)
        return vcl_tpl_parse_fail(parser, "max expression depth exceeded");
    parser->depth++;
    return true;
}

/* Index of a template of that name in the set itself, or where it would go. */
static size_t locate(const vcl_tpl_set *set, vcl_tpl_text name, bool *out_found)
{
    size_t low = 0;
    size_t high = set->count;

    *out_found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = vcl_tpl_text_compare(set->trees[middle]->name, name);
        if (order == 0) {
            *out_found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const vcl_tpl_tree *vcl_tpl_set_find(const vcl_tpl_set *set, vcl_tpl_text name)
{
    bool found = false;

    for (; set; set = set->parent) {
        size_t index = locate(set, name, &found);
        if (found)
            return set->trees[index];
    }
    return NULL;
}

/* Put a template into the set, replacing one of its name there. */
static bool put(vcl_tpl_parser *parser, vcl_tpl_set *set, const vcl_tpl_tree *tree)
{
    bool found = false;
    size_t index = locate(set, tree->name, &found);

    if (!found && set->count == set->capacity) {
        size_t capacity = set->capacity ? set->capacity * 2 : 16;
        const vcl_tpl_tree **trees =
            vcl_arena_alloc(parser->arena, capacity * sizeof(const vcl_tpl_tree *));
        if (!trees) {
            no_memory(parser);
            return false;
        }
        if (set->count)
            memcpy(trees, set->trees, set->count * sizeof(const vcl_tpl_tree *));
        set->trees = trees;
        set->capacity = capacity;
    }
    if (!found) {
        memmove(&set->trees[index + 1], &set->trees[index],
                (set->count - index) * sizeof(const vcl_tpl_tree *));
        set->count++;
    }
    set->trees[index] = tree;
    return true;
}

bool vcl_tpl_parse_add_tree(vcl_tpl_parser *parser, const vcl_tpl_tree *tree)
{
    const vcl_tpl_tree *old = vcl_tpl_set_find(&parser->found, tree->name);

    if (!old || vcl_tpl_node_is_empty(old->root))
        return put(parser, &parser->found, tree);
    if (!vcl_tpl_node_is_empty(tree->root))
        return vcl_tpl_parse_fail(parser, "template: multiple definition of template \"%.*s\"",
                                  (int)tree->name.size, tree->name.data);
    return true;
}

vcl_tpl_tree *vcl_tpl_parse_new_tree(vcl_tpl_parser *parser, vcl_tpl_text name)
{
    vcl_tpl_tree *tree = vcl_arena_alloc(parser->arena, sizeof(*tree));

    if (!tree) {
        no_memory(parser);
        return NULL;
    }
    tree->name = name;
    if (parser->tree) {
        tree->file = parser->tree->file;
        tree->source = parser->tree->source;
    }
    return tree;
}

/* Hand the templates of a text on to the set. */
static bool merge(vcl_tpl_parser *parser, vcl_tpl_set *set)
{
    for (size_t i = 0; i < parser->found.count; i++) {
        const vcl_tpl_tree *tree = parser->found.trees[i];
        if (vcl_tpl_node_is_empty(tree->root) && vcl_tpl_set_find(set, tree->name))
            continue;
        if (!put(parser, set, tree))
            return false;
    }
    return true;
}

bool vcl_tpl_parse(vcl_arena *arena,
                   vcl_tpl_set *set,
                   vcl_tpl_text name,
                   vcl_tpl_text source,
                   const vcl_tpl_tree **out_tree,
                   vcl_tpl_parse_error *out_error)
{
    vcl_tpl_parser parser = { .arena = arena, .error = out_error };

    vcl_buf_init(&out_error->message, VCL_MAX_MESSAGE * 4);
    vcl_tpl_lex_init(&parser.lexer, source);
    parser.tree = vcl_tpl_parse_new_tree(&parser, name);
    if (!parser.tree)
        return false;
    parser.tree->file = name;
    parser.tree->source = source;

    if (!vcl_tpl_parse_declare(&parser, vcl_tpl_literal("$")) || !vcl_tpl_parse_file(&parser) ||
        !vcl_tpl_parse_add_tree(&parser, parser.tree) || !merge(&parser, set))
        return false;
    *out_tree = parser.tree;
    return true;
}
