/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the lexer share. */
#ifndef VCL_CHART_TEMPLATE_LEX_PRIVATE_H
#define VCL_CHART_TEMPLATE_LEX_PRIVATE_H

#include "chart/template/lex.h"

bool vcl_tpl_lex_at(const vcl_tpl_lexer *lexer, size_t pos, const char *text);
/* Byte at a position, or -1. */
int vcl_tpl_lex_byte(const vcl_tpl_lexer *lexer, size_t pos);
bool vcl_tpl_lex_is_space(int c);
bool vcl_tpl_lex_right_delim_at(const vcl_tpl_lexer *lexer, size_t pos, bool *out_trim);

vcl_tpl_token vcl_tpl_lex_emit(vcl_tpl_lexer *lexer, vcl_tpl_token_type type);
vcl_tpl_token vcl_tpl_lex_fail(vcl_tpl_lexer *lexer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
vcl_tpl_token vcl_tpl_lex_right_delim(vcl_tpl_lexer *lexer);
/* The next token inside an action. */
vcl_tpl_token vcl_tpl_lex_word(vcl_tpl_lexer *lexer);

#endif
