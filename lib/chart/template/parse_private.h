/* SPDX-License-Identifier: Apache-2.0 */
/* What the halves of the parser share. A function that fails returns NULL or false after the reason
 * was noted by vcl_tpl_parse_fail(); nothing is cleaned up, the arena is. */
#ifndef VCL_CHART_TEMPLATE_PARSE_PRIVATE_H
#define VCL_CHART_TEMPLATE_PARSE_PRIVATE_H

#include "chart/template/lex.h"
#include "chart/template/parse.h"

/* Expressions in expressions, branches in branches: Go allows more, but has a growing stack. */
enum { VCL_TPL_MAX_PARSE_DEPTH = 250 };

typedef struct vcl_tpl_variables {
    vcl_tpl_text *names;
    size_t count;
    size_t capacity;
} vcl_tpl_variables;

typedef struct vcl_tpl_parser {
    vcl_arena *arena;
    vcl_tpl_lexer lexer;
    vcl_tpl_token tokens[3]; /* those that were put back, the next one last */
    size_t pending;
    int line; /* of the last token */
    int action_line;
    int range_depth;
    int depth;
    vcl_tpl_tree *tree; /* the one that is parsed now */
    vcl_tpl_variables variables;
    vcl_tpl_set found; /* templates of this text */
    bool failed;
    vcl_tpl_parse_error *error;
} vcl_tpl_parser;

bool vcl_tpl_parse_fail(vcl_tpl_parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Complain about a token in a context. */
bool vcl_tpl_parse_unexpected(vcl_tpl_parser *parser, vcl_tpl_token token, const char *context);

vcl_tpl_token vcl_tpl_parse_next(vcl_tpl_parser *parser);
vcl_tpl_token vcl_tpl_parse_next_non_space(vcl_tpl_parser *parser);
vcl_tpl_token vcl_tpl_parse_peek(vcl_tpl_parser *parser);
vcl_tpl_token vcl_tpl_parse_peek_non_space(vcl_tpl_parser *parser);
/* Put a token back: the last one that was read first. */
void vcl_tpl_parse_back(vcl_tpl_parser *parser, vcl_tpl_token token);

vcl_tpl_node *vcl_tpl_parse_node(vcl_tpl_parser *parser, vcl_tpl_node_type type, vcl_tpl_token at);
bool vcl_tpl_parse_append(vcl_tpl_parser *parser, vcl_tpl_nodes *nodes, vcl_tpl_node *node);
/* Undo the quotes of a string token. */
bool vcl_tpl_parse_unquote(vcl_tpl_parser *parser, vcl_tpl_token token, vcl_tpl_text *out_text);
bool vcl_tpl_parse_declare(vcl_tpl_parser *parser, vcl_tpl_text name);
bool vcl_tpl_parse_enter(vcl_tpl_parser *parser);

/* A pipeline up to its end token, which is read too. */
vcl_tpl_node *
vcl_tpl_parse_pipeline(vcl_tpl_parser *parser, const char *context, vcl_tpl_token_type end);
bool vcl_tpl_parse_number(vcl_tpl_parser *parser, vcl_tpl_token token, vcl_tpl_number *out_number);

#endif
