/* SPDX-License-Identifier: Apache-2.0 */
/* The words inside an action: names, numbers, strings, punctuation. */
#include <stdio.h>
#include <string.h>

#include "chart/template/lex_private.h"
#include "chart/template/utf8.h"

static const struct keyword {
    const char *word;
    vcl_tpl_token_type type;
} keywords[] = {
    { "block", VCL_TPL_TOKEN_BLOCK },
    { "break", VCL_TPL_TOKEN_BREAK },
    { "continue", VCL_TPL_TOKEN_CONTINUE },
    { "define", VCL_TPL_TOKEN_DEFINE },
    { "else", VCL_TPL_TOKEN_ELSE },
    { "end", VCL_TPL_TOKEN_END },
    { "if", VCL_TPL_TOKEN_IF },
    { "nil", VCL_TPL_TOKEN_NIL },
    { "range", VCL_TPL_TOKEN_RANGE },
    { "template", VCL_TPL_TOKEN_TEMPLATE },
    { "with", VCL_TPL_TOKEN_WITH },
    { "true", VCL_TPL_TOKEN_BOOL },
    { "false", VCL_TPL_TOKEN_BOOL },
};

/* The code point at the position; size 0 at the end. */
static uint32_t rune_at(const vcl_tpl_lexer *lexer, size_t *out_size)
{
    vcl_tpl_text rest = { lexer->input.data + lexer->pos, lexer->input.size - lexer->pos };

    return vcl_tpl_rune(rest, out_size);
}

static bool is_alphanumeric(uint32_t rune)
{
    return rune == '_' || (rune >= '0' && rune <= '9') || vcl_tpl_is_letter(rune);
}

static void skip_alphanumeric(vcl_tpl_lexer *lexer)
{
    size_t size;

    while (is_alphanumeric(rune_at(lexer, &size)))
        lexer->pos += size;
}

/* Whether a name may end here. */
static bool at_terminator(const vcl_tpl_lexer *lexer)
{
    int c = vcl_tpl_lex_byte(lexer, lexer->pos);

    return c == -1 || vcl_tpl_lex_is_space(c) || (c && strchr(".,|:)(", c)) ||
           vcl_tpl_lex_at(lexer, lexer->pos, "}}");
}

/* The form of %#U: U+0040 '@'. */
static vcl_tpl_token bad_character(vcl_tpl_lexer *lexer, const char *what)
{
    size_t size;
    uint32_t rune = rune_at(lexer, &size);

    if (!vcl_tpl_is_print(rune))
        return vcl_tpl_lex_fail(lexer, "%s: U+%04X", what, rune);
    return vcl_tpl_lex_fail(lexer, "%s U+%04X '%.*s'", what, rune, (int)size,
                            lexer->input.data + lexer->pos);
}

static vcl_tpl_token lex_identifier(vcl_tpl_lexer *lexer)
{
    skip_alphanumeric(lexer);
    if (!at_terminator(lexer))
        return bad_character(lexer, "bad character");

    vcl_tpl_text word = { lexer->input.data + lexer->start, lexer->pos - lexer->start };
    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
        if (vcl_tpl_text_is(word, keywords[i].word))
            return vcl_tpl_lex_emit(lexer, keywords[i].type);
    }
    return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_IDENTIFIER);
}

/* ".name", "$name", or the "." or "$" alone, which is already read. */
static vcl_tpl_token lex_name(vcl_tpl_lexer *lexer, vcl_tpl_token_type type)
{
    if (at_terminator(lexer))
        return vcl_tpl_lex_emit(lexer, type == VCL_TPL_TOKEN_FIELD ? VCL_TPL_TOKEN_DOT : type);
    skip_alphanumeric(lexer);
    if (!at_terminator(lexer))
        return bad_character(lexer, "bad character");
    return vcl_tpl_lex_emit(lexer, type);
}

/* A string or character constant, from behind its quote. */
static vcl_tpl_token lex_quoted(vcl_tpl_lexer *lexer, int quote, vcl_tpl_token_type type)
{
    const char *what =
        quote == '"' ? "unterminated quoted string" : "unterminated character constant";

    for (;;) {
        int c = vcl_tpl_lex_byte(lexer, lexer->pos++);
        if (c == '\\')
            c = vcl_tpl_lex_byte(lexer, lexer->pos++) == '\n' ? '\n' : 0;
        if (c == -1 || c == '\n' || lexer->pos > lexer->input.size)
            return vcl_tpl_lex_fail(lexer, "%s", what);
        if (c == quote)
            return vcl_tpl_lex_emit(lexer, type);
    }
}

static vcl_tpl_token lex_raw(vcl_tpl_lexer *lexer)
{
    const char *rest = lexer->input.data + lexer->pos;
    const char *end = memchr(rest, '`', lexer->input.size - lexer->pos);

    if (!end)
        return vcl_tpl_lex_fail(lexer, "unterminated raw quoted string");
    lexer->pos = (size_t)(end - lexer->input.data) + 1;
    return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_RAW_STRING);
}

static bool accept(vcl_tpl_lexer *lexer, const char *valid)
{
    int c = vcl_tpl_lex_byte(lexer, lexer->pos);

    if (c <= 0 || !strchr(valid, c))
        return false;
    lexer->pos++;
    return true;
}

static void accept_run(vcl_tpl_lexer *lexer, const char *valid)
{
    while (accept(lexer, valid))
        continue;
}

static bool scan_number(vcl_tpl_lexer *lexer)
{
    const char *digits = "0123456789_";
    const char *exponent = "eE";
    size_t size;

    accept(lexer, "+-");
    if (accept(lexer, "0")) {
        if (accept(lexer, "xX")) {
            digits = "0123456789abcdefABCDEF_";
            exponent = "pP";
        } else if (accept(lexer, "oO")) {
            digits = "01234567_";
            exponent = "";
        } else if (accept(lexer, "bB")) {
            digits = "01_";
            exponent = "";
        }
    }
    accept_run(lexer, digits);
    if (accept(lexer, "."))
        accept_run(lexer, digits);
    if (accept(lexer, exponent)) {
        accept(lexer, "+-");
        accept_run(lexer, "0123456789_");
    }
    accept(lexer, "i");
    if (is_alphanumeric(rune_at(lexer, &size))) {
        lexer->pos += size;
        return false;
    }
    return true;
}

static vcl_tpl_token bad_number(vcl_tpl_lexer *lexer)
{
    VCL_AUTO_BUF text = { 0 };
    vcl_tpl_text number = { lexer->input.data + lexer->start, lexer->pos - lexer->start };

    vcl_buf_init(&text, sizeof(lexer->message));
    vcl_tpl_quote(&text, number, false);
    return vcl_tpl_lex_fail(lexer, "bad number syntax: %s", vcl_buf_text(&text));
}

static vcl_tpl_token lex_number(vcl_tpl_lexer *lexer)
{
    if (!scan_number(lexer))
        return bad_number(lexer);

    int sign = vcl_tpl_lex_byte(lexer, lexer->pos);
    if (sign != '+' && sign != '-')
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_NUMBER);
    if (!scan_number(lexer) || lexer->input.data[lexer->pos - 1] != 'i')
        return bad_number(lexer);
    return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_COMPLEX);
}

static vcl_tpl_token lex_space(vcl_tpl_lexer *lexer)
{
    size_t count = 0;
    bool trim = false;

    while (vcl_tpl_lex_is_space(vcl_tpl_lex_byte(lexer, lexer->pos))) {
        lexer->pos++;
        count++;
    }
    /* The last space may belong to a trimming delimiter. */
    if (vcl_tpl_lex_right_delim_at(lexer, lexer->pos - 1, &trim) && trim) {
        lexer->pos--;
        if (count == 1)
            return vcl_tpl_lex_right_delim(lexer);
    }
    return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_SPACE);
}

static vcl_tpl_token lex_punctuation(vcl_tpl_lexer *lexer, int c)
{
    switch (c) {
    case '=':
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_ASSIGN);
    case ':':
        if (!accept(lexer, "="))
            return vcl_tpl_lex_fail(lexer, "expected :=");
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_DECLARE);
    case '|':
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_PIPE);
    case '(':
        lexer->paren_depth++;
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_LEFT_PAREN);
    case ')':
        if (--lexer->paren_depth < 0)
            return vcl_tpl_lex_fail(lexer, "unexpected right paren");
        return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_RIGHT_PAREN);
    default:
        if (c > ' ' && c < 0x7F)
            return vcl_tpl_lex_emit(lexer, VCL_TPL_TOKEN_CHAR);
        lexer->pos--;
        return bad_character(lexer, "unrecognized character in action:");
    }
}

vcl_tpl_token vcl_tpl_lex_word(vcl_tpl_lexer *lexer)
{
    bool trim = false;
    size_t size;

    if (vcl_tpl_lex_right_delim_at(lexer, lexer->pos, &trim)) {
        if (lexer->paren_depth == 0)
            return vcl_tpl_lex_right_delim(lexer);
        return vcl_tpl_lex_fail(lexer, "unclosed left paren");
    }

    int c = vcl_tpl_lex_byte(lexer, lexer->pos);
    if (c == -1)
        return vcl_tpl_lex_fail(lexer, "unclosed action");
    if (vcl_tpl_lex_is_space(c))
        return lex_space(lexer);
    if (c == '+' || c == '-' || (c >= '0' && c <= '9'))
        return lex_number(lexer);
    if (is_alphanumeric(rune_at(lexer, &size)))
        return lex_identifier(lexer);
    if (c == '.') {
        int next = vcl_tpl_lex_byte(lexer, lexer->pos + 1);
        if (next == -1 || (next >= '0' && next <= '9'))
            return lex_number(lexer);
    }
    lexer->pos++;
    switch (c) {
    case '"':
        return lex_quoted(lexer, '"', VCL_TPL_TOKEN_STRING);
    case '\'':
        return lex_quoted(lexer, '\'', VCL_TPL_TOKEN_CHAR_CONSTANT);
    case '`':
        return lex_raw(lexer);
    case '$':
        return lex_name(lexer, VCL_TPL_TOKEN_VARIABLE);
    case '.':
        return lex_name(lexer, VCL_TPL_TOKEN_FIELD);
    default:
        return lex_punctuation(lexer, c);
    }
}
