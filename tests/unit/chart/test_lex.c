/* SPDX-License-Identifier: Apache-2.0 */
/* The lexer: which tokens a text has, where they stand, what is no token. */
#include "chart/template/lex.h"

#include <string.h>

#include "base/str.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

/* The tokens as one text: a letter for the type, then what it holds. */
static char *tokens(const char *input)
{
    static const char letters[] = {
        [VCL_TPL_TOKEN_ERROR] = '!',       [VCL_TPL_TOKEN_BOOL] = 'b',
        [VCL_TPL_TOKEN_CHAR] = 'c',        [VCL_TPL_TOKEN_CHAR_CONSTANT] = 'q',
        [VCL_TPL_TOKEN_COMPLEX] = 'i',     [VCL_TPL_TOKEN_ASSIGN] = 'a',
        [VCL_TPL_TOKEN_DECLARE] = 'd',     [VCL_TPL_TOKEN_FIELD] = 'f',
        [VCL_TPL_TOKEN_IDENTIFIER] = 'w',  [VCL_TPL_TOKEN_LEFT_DELIM] = '<',
        [VCL_TPL_TOKEN_LEFT_PAREN] = 'p',  [VCL_TPL_TOKEN_NUMBER] = 'n',
        [VCL_TPL_TOKEN_PIPE] = '|',        [VCL_TPL_TOKEN_RAW_STRING] = 'r',
        [VCL_TPL_TOKEN_RIGHT_DELIM] = '>', [VCL_TPL_TOKEN_RIGHT_PAREN] = 'P',
        [VCL_TPL_TOKEN_SPACE] = '_',       [VCL_TPL_TOKEN_STRING] = 's',
        [VCL_TPL_TOKEN_TEXT] = 't',        [VCL_TPL_TOKEN_VARIABLE] = 'v',
    };
    vcl_tpl_lexer lexer;
    VCL_AUTO_BUF buf = { .max = 4096 };

    vcl_tpl_lex_init(&lexer, vcl_tpl_literal(input));
    for (;;) {
        vcl_tpl_token token = vcl_tpl_lex_next(&lexer);
        if (token.type == VCL_TPL_TOKEN_EOF)
            return vcl_buf_steal(&buf);
        char letter = token.type > VCL_TPL_TOKEN_KEYWORD ? 'k' : letters[token.type];
        vcl_buf_addf(&buf, "%c[%.*s]", letter, (int)token.text.size, token.text.data);
        assert_true(buf.size < 4000);
    }
}

static void text_and_actions_are_told_apart(void **state)
{
    static const struct {
        const char *input;
        const char *expected;
    } cases[] = {
        { "", "" },
        { "only text", "t[only text]" },
        { "{{.}}", "<[{{]k[.]>[}}]" },
        { "a{{ .b }}c", "t[a]<[{{]_[ ]f[.b]_[ ]>[}}]t[c]" },
        { "a \n{{- 1 -}}\t b", "t[a]<[{{]n[1]>[}}]t[b]" },
        { "{{-1}}", "<[{{]n[-1]>[}}]" },
        { "a{{/* x */}}b", "t[a]t[b]" },
        { "a {{- /* x */ -}} b", "t[a]t[b]" },
        { "{{ $x := 1 }}", "<[{{]_[ ]v[$x]_[ ]d[:=]_[ ]n[1]_[ ]>[}}]" },
        { "{{$=2}}", "!" },
        { "{{ (a .b.c) | d }}", "<[{{]_[ ]p[(]w[a]_[ ]f[.b]f[.c]P[)]_[ ]|[|]_[ ]w[d]_[ ]>[}}]" },
        { "{{ \"a\\\"b\" `c\"d` 'e' }}", "<[{{]_[ ]s[\"a\\\"b\"]_[ ]r[`c\"d`]_[ ]q['e']_[ ]>[}}]" },
        { "{{ if true }}", "<[{{]_[ ]k[if]_[ ]b[true]_[ ]>[}}]" },
        { "{{ 0x1F 1e-3 .5 1+2i }}", "<[{{]_[ ]n[0x1F]_[ ]n[1e-3]_[ ]n[.5]_[ ]i[1+2i]_[ ]>[}}]" },
        { "{{ $a, $b }}", "<[{{]_[ ]v[$a]c[,]_[ ]v[$b]_[ ]>[}}]" },
        { "{{ h\xc3\xa9 }}", "<[{{]_[ ]w[h\xc3\xa9]_[ ]>[}}]" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *actual = tokens(cases[i].input);
        if (vcl_streq(cases[i].expected, "!"))
            assert_non_null(strchr(actual, '!'));
        else
            assert_string_equal(actual, cases[i].expected);
    }
}

static void what_is_no_token_is_an_error(void **state)
{
    static const struct {
        const char *input;
        const char *message;
    } cases[] = {
        { "{{", "unclosed action" },
        { "{{ \"a", "unterminated quoted string" },
        { "{{ \"a\n\" }}", "unterminated quoted string" },
        { "{{ `a", "unterminated raw quoted string" },
        { "{{ 'a", "unterminated character constant" },
        { "{{/* a", "unclosed comment" },
        { "{{/* a */ b }}", "comment ends before closing delimiter" },
        { "{{ (a }}", "unclosed left paren" },
        { "{{ a) }}", "unexpected right paren" },
        { "{{ a : b }}", "expected :=" },
        { "{{ 1a }}", "bad number syntax: \"1a\"" },
        { "{{ a@b }}", "bad character U+0040 '@'" },
        { "{{ \x01 }}", "unrecognized character in action:: U+0001" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_auto_free char *actual = tokens(cases[i].input);
        vcl_auto_free char *expected = vcl_format("![%s]", cases[i].message);
        if (!vcl_ends_with(actual, expected))
            fail_msg("%s: %s", cases[i].input, actual);
    }
}

static void tokens_know_their_line(void **state)
{
    vcl_tpl_lexer lexer;
    vcl_tpl_token token;

    (void)state;
    vcl_tpl_lex_init(&lexer, vcl_tpl_literal("a\nb {{- /* c\n */ -}}\n\n{{ d }}"));
    do
        token = vcl_tpl_lex_next(&lexer);
    while (token.type != VCL_TPL_TOKEN_IDENTIFIER);
    assert_int_equal(token.line, 5);
    assert_uint_equal(token.pos, 25);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_actions_are_told_apart),
        cmocka_unit_test(what_is_no_token_is_an_error),
        cmocka_unit_test(tokens_know_their_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
