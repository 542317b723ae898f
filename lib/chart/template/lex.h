/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Template text to tokens, one at a time. Knows delimiters, trimming, comments and the words of
 * actions; knows nothing of their order. The language is that of Go's text/template (Go 1.26).
 */
#ifndef VCL_CHART_TEMPLATE_LEX_H
#define VCL_CHART_TEMPLATE_LEX_H

#include "chart/template/value.h"

typedef enum vcl_tpl_token_type {
    VCL_TPL_TOKEN_ERROR, /* text is the message */
    VCL_TPL_TOKEN_BOOL,
    VCL_TPL_TOKEN_CHAR, /* a stray printable character such as ',' */
    VCL_TPL_TOKEN_CHAR_CONSTANT,
    VCL_TPL_TOKEN_COMPLEX,
    VCL_TPL_TOKEN_ASSIGN,
    VCL_TPL_TOKEN_DECLARE,
    VCL_TPL_TOKEN_EOF,
    VCL_TPL_TOKEN_FIELD, /* ".name" */
    VCL_TPL_TOKEN_IDENTIFIER,
    VCL_TPL_TOKEN_LEFT_DELIM,
    VCL_TPL_TOKEN_LEFT_PAREN,
    VCL_TPL_TOKEN_NUMBER,
    VCL_TPL_TOKEN_PIPE,
    VCL_TPL_TOKEN_RAW_STRING,
    VCL_TPL_TOKEN_RIGHT_DELIM,
    VCL_TPL_TOKEN_RIGHT_PAREN,
    VCL_TPL_TOKEN_SPACE,
    VCL_TPL_TOKEN_STRING,
    VCL_TPL_TOKEN_TEXT,
    VCL_TPL_TOKEN_VARIABLE, /* "$" or "$name" */
    VCL_TPL_TOKEN_KEYWORD,  /* only marks that those below are keywords */
    VCL_TPL_TOKEN_BLOCK,
    VCL_TPL_TOKEN_BREAK,
    VCL_TPL_TOKEN_CONTINUE,
    VCL_TPL_TOKEN_DOT,
    VCL_TPL_TOKEN_DEFINE,
    VCL_TPL_TOKEN_ELSE,
    VCL_TPL_TOKEN_END,
    VCL_TPL_TOKEN_IF,
    VCL_TPL_TOKEN_NIL,
    VCL_TPL_TOKEN_RANGE,
    VCL_TPL_TOKEN_TEMPLATE,
    VCL_TPL_TOKEN_WITH,
} vcl_tpl_token_type;

typedef struct vcl_tpl_token {
    vcl_tpl_token_type type;
    vcl_tpl_text text;
    size_t pos; /* of its first byte */
    int line;
} vcl_tpl_token;

typedef struct vcl_tpl_lexer {
    vcl_tpl_text input;
    size_t pos;
    size_t start; /* of the token in work */
    int line;     /* of start */
    int paren_depth;
    bool inside_action;
    bool failed;
    char message[96];
} vcl_tpl_lexer;

void vcl_tpl_lex_init(vcl_tpl_lexer *lexer, vcl_tpl_text input);
/* The next token. After an error token, or at the end, EOF for ever. Texts point into the input
 * (messages: into the lexer). */
vcl_tpl_token vcl_tpl_lex_next(vcl_tpl_lexer *lexer);

#endif
