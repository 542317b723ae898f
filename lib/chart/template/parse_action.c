/* SPDX-License-Identifier: Apache-2.0 */
/* Text and actions: if, range, with, define, block, template, break, continue. */
#include "chart/template/parse_action.h"

static vcl_tpl_node *text_or_action(vcl_tpl_parser *parser);

/* Everything up to {{end}} or {{else}}, which is returned separately. */
static vcl_tpl_node *item_list(vcl_tpl_parser *parser, vcl_tpl_node **out_next)
{
    vcl_tpl_node *list =
        vcl_tpl_parse_node(parser, VCL_TPL_NODE_LIST, vcl_tpl_parse_peek_non_space(parser));

    while (list && vcl_tpl_parse_peek_non_space(parser).type != VCL_TPL_TOKEN_EOF) {
        vcl_tpl_node *node = text_or_action(parser);
        if (!node)
            return NULL;
        if (node->type == VCL_TPL_NODE_END || node->type == VCL_TPL_NODE_ELSE) {
            *out_next = node;
            return list;
        }
        if (!vcl_tpl_parse_append(parser, &list->children, node))
            return NULL;
    }
    vcl_tpl_parse_fail(parser, "unexpected EOF");
    return NULL;
}

static vcl_tpl_node *jump(vcl_tpl_parser *parser, vcl_tpl_token word, vcl_tpl_node_type type)
{
    const char *name = type == VCL_TPL_NODE_BREAK ? "{{break}}" : "{{continue}}";
    vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);

    if (token.type != VCL_TPL_TOKEN_RIGHT_DELIM) {
        vcl_tpl_parse_unexpected(parser, token, name);
        return NULL;
    }
    if (parser->range_depth == 0) {
        vcl_tpl_parse_fail(parser, "%s outside {{range}}", name);
        return NULL;
    }
    return vcl_tpl_parse_node(parser, type, word);
}

static vcl_tpl_node *end_action(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);

    if (token.type == VCL_TPL_TOKEN_RIGHT_DELIM)
        return vcl_tpl_parse_node(parser, VCL_TPL_NODE_END, token);
    vcl_tpl_parse_unexpected(parser, token, "end");
    return NULL;
}

/* {{else}}; of {{else if}} and {{else with}} the second word is left to be read. */
static vcl_tpl_node *else_action(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_peek_non_space(parser);

    if (token.type == VCL_TPL_TOKEN_IF || token.type == VCL_TPL_TOKEN_WITH)
        return vcl_tpl_parse_node(parser, VCL_TPL_NODE_ELSE, token);
    token = vcl_tpl_parse_next_non_space(parser);
    if (token.type == VCL_TPL_TOKEN_RIGHT_DELIM)
        return vcl_tpl_parse_node(parser, VCL_TPL_NODE_ELSE, token);
    vcl_tpl_parse_unexpected(parser, token, "else");
    return NULL;
}

static vcl_tpl_node *branch(vcl_tpl_parser *parser, vcl_tpl_node_type type);

/* What stands behind an {{else}}. {{else if x}} is {{else}}{{if x}} with one {{end}} for both. */
static vcl_tpl_node *else_list(vcl_tpl_parser *parser, vcl_tpl_node_type type)
{
    vcl_tpl_token token = vcl_tpl_parse_peek(parser);
    vcl_tpl_node *next = NULL;

    if ((type == VCL_TPL_NODE_IF && token.type == VCL_TPL_TOKEN_IF) ||
        (type == VCL_TPL_NODE_WITH && token.type == VCL_TPL_TOKEN_WITH)) {
        vcl_tpl_node *list = vcl_tpl_parse_node(parser, VCL_TPL_NODE_LIST, token);
        vcl_tpl_parse_next(parser);
        if (!list || !vcl_tpl_parse_append(parser, &list->children, branch(parser, type)))
            return NULL;
        return list;
    }

    vcl_tpl_node *list = item_list(parser, &next);
    if (list && next->type != VCL_TPL_NODE_END) {
        vcl_tpl_parse_fail(parser, "expected end; found {{else}}");
        return NULL;
    }
    return list;
}

static bool branch_body(vcl_tpl_parser *parser, vcl_tpl_node *node)
{
    static const char *const contexts[] = {
        [VCL_TPL_NODE_IF] = "if", [VCL_TPL_NODE_RANGE] = "range", [VCL_TPL_NODE_WITH] = "with"
    };
    int is_range = node->type == VCL_TPL_NODE_RANGE;
    vcl_tpl_node *next = NULL;

    node->pipe = vcl_tpl_parse_pipeline(parser, contexts[node->type], VCL_TPL_TOKEN_RIGHT_DELIM);
    if (!node->pipe)
        return false;
    node->pos = node->pipe->pos;
    parser->range_depth += is_range;
    node->list = item_list(parser, &next);
    parser->range_depth -= is_range;
    if (!node->list)
        return false;
    if (next->type == VCL_TPL_NODE_ELSE)
        node->else_list = else_list(parser, node->type);
    return next->type == VCL_TPL_NODE_END || node->else_list;
}

/* if, range or with, from behind its word. */
static vcl_tpl_node *branch(vcl_tpl_parser *parser, vcl_tpl_node_type type)
{
    size_t scope = parser->variables.count;
    vcl_tpl_node *node = vcl_tpl_parse_node(parser, type, vcl_tpl_parse_peek(parser));

    if (!node || !vcl_tpl_parse_enter(parser))
        return NULL;

    bool parsed = branch_body(parser, node);
    parser->depth--;
    parser->variables.count = scope;
    return parsed ? node : NULL;
}

/* The quoted name of a template. */
static bool template_name(vcl_tpl_parser *parser,
                          const char *context,
                          vcl_tpl_token *out_token,
                          vcl_tpl_text *out_name)
{
    *out_token = vcl_tpl_parse_next_non_space(parser);
    if (out_token->type != VCL_TPL_TOKEN_STRING && out_token->type != VCL_TPL_TOKEN_RAW_STRING)
        return vcl_tpl_parse_unexpected(parser, *out_token, context);
    return vcl_tpl_parse_unquote(parser, *out_token, out_name);
}

/* The body of a define or block as a template of its own, in which no outer variable is seen. */
static bool definition(vcl_tpl_parser *parser, vcl_tpl_text name, const char *context)
{
    vcl_tpl_tree *outer = parser->tree;
    vcl_tpl_variables outer_variables = parser->variables;
    int outer_range_depth = parser->range_depth;
    vcl_tpl_node *next = NULL;

    parser->tree = vcl_tpl_parse_new_tree(parser, name);
    parser->variables = (vcl_tpl_variables){ 0 };
    parser->range_depth = 0;
    if (!parser->tree || !vcl_tpl_parse_enter(parser) ||
        !vcl_tpl_parse_declare(parser, vcl_tpl_literal("$")))
        return false;
    parser->tree->root = item_list(parser, &next);
    if (!parser->tree->root)
        return false;
    if (next->type != VCL_TPL_NODE_END)
        return vcl_tpl_parse_fail(parser, "unexpected {{else}} in %s", context);
    if (!vcl_tpl_parse_add_tree(parser, parser->tree))
        return false;
    parser->depth--;
    parser->tree = outer;
    parser->variables = outer_variables;
    parser->range_depth = outer_range_depth;
    return true;
}

static bool define(vcl_tpl_parser *parser)
{
    vcl_tpl_token token;
    vcl_tpl_text name;

    if (!template_name(parser, "define clause", &token, &name))
        return false;
    token = vcl_tpl_parse_next_non_space(parser);
    if (token.type != VCL_TPL_TOKEN_RIGHT_DELIM)
        return vcl_tpl_parse_unexpected(parser, token, "define clause");
    return definition(parser, name, "define clause");
}

static vcl_tpl_node *template_action(vcl_tpl_parser *parser, bool block)
{
    const char *context = block ? "block clause" : "template clause";
    vcl_tpl_token token;
    vcl_tpl_text name;

    if (!template_name(parser, context, &token, &name))
        return NULL;

    vcl_tpl_node *node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_TEMPLATE, token);
    if (!node)
        return NULL;
    node->text = name;
    if (!block && vcl_tpl_parse_peek_non_space(parser).type == VCL_TPL_TOKEN_RIGHT_DELIM) {
        vcl_tpl_parse_next(parser);
        return node;
    }
    node->pipe = vcl_tpl_parse_pipeline(parser, context, VCL_TPL_TOKEN_RIGHT_DELIM);
    if (!node->pipe || (block && !definition(parser, name, context)))
        return NULL;
    return node;
}

/* An action, from behind its left delimiter. */
static vcl_tpl_node *action(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);

    switch (token.type) {
    case VCL_TPL_TOKEN_BLOCK:
        return template_action(parser, true);
    case VCL_TPL_TOKEN_TEMPLATE:
        return template_action(parser, false);
    case VCL_TPL_TOKEN_BREAK:
        return jump(parser, token, VCL_TPL_NODE_BREAK);
    case VCL_TPL_TOKEN_CONTINUE:
        return jump(parser, token, VCL_TPL_NODE_CONTINUE);
    case VCL_TPL_TOKEN_ELSE:
        return else_action(parser);
    case VCL_TPL_TOKEN_END:
        return end_action(parser);
    case VCL_TPL_TOKEN_IF:
        return branch(parser, VCL_TPL_NODE_IF);
    case VCL_TPL_TOKEN_RANGE:
        return branch(parser, VCL_TPL_NODE_RANGE);
    case VCL_TPL_TOKEN_WITH:
        return branch(parser, VCL_TPL_NODE_WITH);
    default:
        break;
    }

    vcl_tpl_parse_back(parser, token);
    vcl_tpl_node *node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_ACTION, token);
    if (!node)
        return NULL;
    node->pipe = vcl_tpl_parse_pipeline(parser, "command", VCL_TPL_TOKEN_RIGHT_DELIM);
    return node->pipe ? node : NULL;
}

static vcl_tpl_node *text_or_action(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_next_non_space(parser);

    if (token.type == VCL_TPL_TOKEN_TEXT) {
        vcl_tpl_node *node = vcl_tpl_parse_node(parser, VCL_TPL_NODE_TEXT, token);
        if (node)
            node->text = token.text;
        return node;
    }
    if (token.type == VCL_TPL_TOKEN_LEFT_DELIM) {
        parser->action_line = token.line;
        vcl_tpl_node *node = action(parser);
        parser->action_line = 0;
        return node;
    }
    vcl_tpl_parse_unexpected(parser, token, "input");
    return NULL;
}

/* A define at the top; false in *out_defined when the next action is something else. */
static bool try_define(vcl_tpl_parser *parser, bool *out_defined)
{
    vcl_tpl_token delimiter = vcl_tpl_parse_next(parser);
    vcl_tpl_token word = vcl_tpl_parse_next_non_space(parser);

    *out_defined = word.type == VCL_TPL_TOKEN_DEFINE;
    if (*out_defined)
        return define(parser);
    vcl_tpl_parse_back(parser, word);
    vcl_tpl_parse_back(parser, delimiter);
    return true;
}

bool vcl_tpl_parse_file(vcl_tpl_parser *parser)
{
    vcl_tpl_token token = vcl_tpl_parse_peek(parser);
    vcl_tpl_node *root = vcl_tpl_parse_node(parser, VCL_TPL_NODE_LIST, token);
    bool defined = false;

    if (!root)
        return false;
    parser->tree->root = root;
    while (token = vcl_tpl_parse_peek(parser), token.type != VCL_TPL_TOKEN_EOF) {
        if (token.type == VCL_TPL_TOKEN_LEFT_DELIM) {
            if (!try_define(parser, &defined))
                return false;
            if (defined)
                continue;
        }

        vcl_tpl_node *node = text_or_action(parser);
        if (!node)
            return false;
        if (node->type == VCL_TPL_NODE_END || node->type == VCL_TPL_NODE_ELSE)
            return vcl_tpl_parse_fail(parser, "unexpected %s",
                                      node->type == VCL_TPL_NODE_END ? "{{end}}" : "{{else}}");
        if (!vcl_tpl_parse_append(parser, &root->children, node))
            return false;
    }
    return true;
}
