/* SPDX-License-Identifier: Apache-2.0 */
/* Template text to tokens; see lex.h. Words inside actions are in lex_word.c. */
#include "chart/template/lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "chart/template/lex_private.h"

void vcl_tpl_lex_init(vcl_tpl_lexer *lexer, vcl_tpl_text input)
{
    *lexer = (vcl_tpl_lexer){ .input = input, .line = 1 };
}

bool vcl_tpl_lex_at(const vcl_tpl_lexer *lexer, size_t pos, const char *text)
{
    size_t size = strlen(text);

    return pos <= lexer->input.size && lexer->input.size - pos >= size &&
           memcmp(lexer->input.data + pos, text, size) == 0;
}

int vcl_tpl_lex_byte(const vcl_tpl_lexer *lexer, size_t pos)
{
    return pos < lexer->input.size ? (unsigned char)lexer->input.data[pos] : -1;
}

bool vcl_tpl_lex_is_space(int c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Forget what was read since the last token. */
static void skip(vcl_tpl_lexer *lexer)
{
    for (size_t i = lexer->start; i < lexer->pos; i++)
        lexer->line += lexer->input.data[i] == '\n';
    lexer->start = lexer->pos;
}

vcl_tpl_token vcl_tpl_lex_emit(vcl_tpl_lexer *lexer, vcl_tpl_token_type type)
{
    vcl_tpl_token token = {
        .type = type,
        .text = { lexer->input.data + lexer->start, lexer->pos - lexer->start },
        .pos = lexer->start,
        .line = lexer->line,
    };

    skip(lexer);
    return token;
}

vcl_tpl_token vcl_tpl_lex_fail(vcl_tpl_lexer *lexer, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(lexer->message, sizeof(lexer->message), format, arguments);
    va_end(arguments);
    lexer->failed = true;
    return (vcl_tpl_token){ .type = VCL_TPL_TOKEN_ERROR,
                            .text = vcl_tpl_literal(lexer->message),
                            .pos = lexer->start,
                            .line = lexer->line };
}

/* "{{- " and " -}}": the dash must have a space beside it. */
static bool left_trim_at(const vcl_tpl_lexer *lexer, size_t pos)
{
    return vcl_tpl_lex_byte(lexer, pos) == '-' &&
           vcl_tpl_lex_is_space(vcl_tpl_lex_byte(lexer, pos + 1));
}

bool vcl_tpl_lex_right_delim_at(const vcl_tpl_lexer *lexer, size_t pos, bool *out_trim)
{
    *out_trim =
        vcl_tpl_lex_is_space(vcl_tpl_lex_byte(lexer, pos)) && vcl_tpl_lex_at(lexer, pos + 1, "-}}");
    return *out_trim || vcl_tpl_lex_at(lexer, pos, "}}");
}

static void skip_spaces(vcl_tpl_lexer *lexer)
{
    while (vcl_tpl_lex_is_space(vcl_tpl_lex_byte(lexer, lexer->pos)))
        lexer->pos++;
    skip(lexer);
}

vcl_tpl_token vcl_tpl_lex_right_delim(vcl_tpl_lexer *lexer)
{
    bool trim = false;

    vcl_tpl_lex_right_delim_at(lexer, lexer->pos, &trim);
    if (trim) {
        lexer->pos += 2;
        skip(lexer);
    }
    lexer->pos += 2;

    vcl_tpl_token token = vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_RIGHT_DELIM);
    if (trim)
        skip_spaces(lexer);
    lexer->inside_action = false;
    return token;
}

/* A comment, from its slash; true when one was there and is skipped. */
static bool lex_comment(vcl_tpl_lexer *lexer, vcl_tpl_token *out_error)
{
    const char *body = lexer->input.data + lexer->pos + 2;
    const char *end = memmem(body, lexer->input.size - lexer->pos - 2, "*/", 2);
    bool trim = false;

    if (!end) {
        *out_error = vcl_tpl_lex_fail(lexer, "unclosed comment");
        return false;
    }
    lexer->pos = (size_t)(end - lexer->input.data) + 2;
    if (!vcl_tpl_lex_right_delim_at(lexer, lexer->pos, &trim)) {
        *out_error = vcl_tpl_lex_fail(lexer, "comment ends before closing delimiter");
        return false;
    }
    lexer->pos += trim ? 4 : 2;
    if (trim)
        skip_spaces(lexer);
    skip(lexer);
    return true;
}

/* From a "{{": its token, or nothing (type TEXT, empty) when it was a comment. */
static vcl_tpl_token lex_left_delim(vcl_tpl_lexer *lexer)
{
    size_t after = left_trim_at(lexer, lexer->pos + 2) ? 2 : 0;
    vcl_tpl_token token;

    lexer->pos += 2;
    if (vcl_tpl_lex_at(lexer, lexer->pos + after, "/*")) {
        lexer->pos += after;
        skip(lexer);
        if (!lex_comment(lexer, &token))
            return token;
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_TEXT);
    }
    token = vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_LEFT_DELIM);
    lexer->pos += after;
    skip(lexer);
    lexer->inside_action = true;
    lexer->paren_depth = 0;
    return token;
}

/* Text up to the next delimiter, which may trim its end. */
static vcl_tpl_token lex_text_until(vcl_tpl_lexer *lexer, size_t delimiter)
{
    size_t end = delimiter;

    if (left_trim_at(lexer, delimiter + 2)) {
        while (end > lexer->start && vcl_tpl_lex_is_space(vcl_tpl_lex_byte(lexer, end - 1)))
            end--;
    }
    lexer->pos = end;

    vcl_tpl_token token = vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_TEXT);
    lexer->pos = delimiter;
    skip(lexer);
    return token;
}

static vcl_tpl_token lex_text(vcl_tpl_lexer *lexer)
{
    for (;;) {
        size_t left = lexer->input.size - lexer->pos;
        const char *found = left ? memmem(lexer->input.data + lexer->pos, left, "{{", 2) : NULL;
        if (!found) {
            lexer->pos = lexer->input.size;
            return vcl_tpl_lex_emit(lexer, left ? VCL_TPL_TOKEN_TEXT : VCL_TPL_TOKEN_EOF);
        }

        vcl_tpl_token token = lex_text_until(lexer, (size_t)(found - lexer->input.data));
        if (token.text.size == 0)
            token = lex_left_delim(lexer);
        if (token.type != VCL_TPL_TOKEN_TEXT || token.text.size != 0)
            return token;
    }
}

vcl_tpl_token vcl_tpl_lex_next(vcl_tpl_lexer *lexer)
{
    if (lexer->failed)
        return (vcl_tpl_token){ .type = VCL_TPL_TOKEN_EOF,
                                .text = vcl_tpl_literal("EOF"),
                                .pos = lexer->pos,
                                .line = lexer->line };
    return lexer->inside_action ? vcl_tpl_lex_word(lexer) : lex_text(lexer);
}
