/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: the meaning of each construct and the messages are those of Go. */
#include "data/regex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Print the spans of the first match: "0-3 -1--1". "no" for none. */
static void search_sized(const char *pattern, const char *text, size_t size, char out[256])
{
    vcl_regex *regex = NULL;
    vcl_regex_span spans[16];
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_BUF buf = { .max = 255 };

    if (vcl_regex_compile(pattern, &regex, &error) < 0)
        fail_msg("%s: %s", pattern, vcluster_error_message(error));
    int result = vcl_regex_search(regex, text, size, 0, spans, &error);
    assert_in_range(result, 0, 1);
    if (result == 0)
        vcl_buf_add(&buf, "no");
    for (size_t i = 0; result == 1 && i <= vcl_regex_groups(regex); i++)
        vcl_buf_addf(&buf, "%s%d-%d", i ? " " : "", (int)spans[i].begin, (int)spans[i].end);
    memcpy(out, vcl_buf_text(&buf), buf.size + 1);
    vcl_regex_free(regex);
}

static void check_search(const char *pattern, const char *text, const char *expected)
{
    char found[256];

    search_sized(pattern, text, strlen(text), found);
    if (strcmp(found, expected) != 0)
        fail_msg("`%s` in \"%s\": %s, not %s", pattern, text, found, expected);
}

static void check_refused(const char *pattern, const char *expected)
{
    vcl_regex *regex = NULL;
    VCL_AUTO_ERROR *error = NULL;
    static const char before[] = "error parsing regexp: ";

    assert_int_equal(vcl_regex_compile(pattern, &regex, &error), VCLUSTER_E_CONFIG);
    assert_null(regex);
    const char *message = vcluster_error_message(error);
    assert_memory_equal(message, before, sizeof(before) - 1);
    assert_string_equal(message + sizeof(before) - 1, expected);
}

static void search_finds_what_go_finds(void **state)
{
    static const char *const cases[][3] = {
        { "", "abc", "0-0" },
        { "a|ab", "ab", "0-1" },
        { "a*?", "aaa", "0-0" },
        { "(?U)a*", "aaa", "0-0" },
        { "(?U)a*?", "aaa", "0-3" },
        { "^b", "a\nb", "no" },
        { "(?m)^b", "a\nb", "2-3" },
        { "(?m)^$", "a\n", "2-2" },
        { "a$", "a\n", "no" },
        { "(?m)a$", "a\nb", "0-1" },
        { "a\\z", "ba", "1-2" },
        { "\\Aa", "ba", "no" },
        { "a.b", "a\nb", "no" },
        { "(?s)a.b", "a\nb", "0-3" },
        { "(?i)straSSe", "STRASSE", "0-7" },
        { "(?i)k", "\xE2\x84\xAA", "0-3" },
        { "(?i)a(?-i)b", "Ab", "0-2" },
        { "(?i)a(?-i)b", "AB", "no" },
        { "(?i:a)b", "Ab", "0-2" },
        { "(a(?i)b|c)d", "Cd", "0-2 0-1" },
        { "(a(?i)b|c)d", "CD", "no" },
        { "a(?i)*", "aaa", "0-3" },
        { "\\d+",
          "x\xD9\xA3"
          "7",
          "3-4" },
        { "\\w+",
          "\xC3\xA9"
          "ab",
          "2-4" },
        { "\\s", "\v ", "1-2" },
        { "[[:space:]]", "\v ", "0-1" },
        { "[[:^alpha:]]", "a1", "1-2" },
        { "[^[:alpha:]\\d]+", "a1-+b", "2-4" },
        { "[\\D]", "12x", "2-3" },
        { "(?i)[^k]", "\xE2\x84\xAAkx", "4-5" },
        { "(?i)\\W", "\xC5\xBFx!", "3-4" },
        { "[]a]+", "x]a", "1-3" },
        { "[a-]+", "x-a", "1-3" },
        { "[&&~~]+", "a&&~", "1-4" },
        { "[[a]+", "x[a", "1-3" },
        { "\\pL+", "12\xC3\xA9\xCE\xB1", "2-6" },
        { "\\p{Greek}+", "a\xCE\xB1\xCE\xB2", "1-5" },
        { "\\P{Greek}", "\xCE\xB1x", "2-3" },
        { "\\p{^Greek}", "\xCE\xB1x", "2-3" },
        { "[\\p{Lu}_]+", "a_B", "1-3" },
        { "(?i)\\p{Lu}", "1a", "1-2" },
        { "\\p{Uppercase_Letter}", "aB", "1-2" },
        { "\\Qa.b\\E+", "xa.bb", "1-5" },
        { "\\Qa.b", "a.b", "0-3" },
        { "\\x41\\x{42}\\103\\07", "ABC\a", "0-4" },
        { "\\a\\f\\n\\r\\t\\v", "\a\f\n\r\t\v", "0-6" },
        { "a{,2}", "a{,2}", "0-5" },
        { "a{2}", "aaa", "0-2" },
        { "a{2,}?", "aaa", "0-2" },
        { "x{0}y", "xy", "1-2" },
        { "a{1", "a{1", "0-3" },
        { "(a)(b)?", "ac", "0-1 0-1 -1--1" },
        { "(?P<x>a)(?<y>b)", "ab", "0-2 0-1 1-2" },
        { "\\bfoo\\b", "a foo b", "2-5" },
        { "\\Bo", "foo", "1-2" },
        { "(?:\\b)+a", "a", "0-1" },
        { "^*a", "a", "0-1" },
        { "(|a)+", "aa", "0-0 0-0" },
        { "(a|b|c)+d", "abcd", "0-4 2-3" },
        { "[^\\x00-\\x{10FFFF}]", "a", "no" },
        { "#x y", "#x y", "0-4" },
        { "\\_\\-\\/", "_-/", "0-3" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_search(cases[i][0], cases[i][1], cases[i][2]);
}

static void bytes_that_are_no_utf8_are_a_character_each(void **state)
{
    char found[256];

    (void)state;
    check_search("a.c",
                 "a\xFF"
                 "c",
                 "0-3");
    check_search("(.)(.)c",
                 "\xFF\xE2\x82"
                 "c",
                 "1-4 1-2 2-3");
    check_search("\\x{FFFD}+",
                 "ab\xC3"
                 "c",
                 "2-3");
    check_search("\xEF\xBF\xBD(c)",
                 "\xEF\xBF\xBD"
                 "x\xC3"
                 "c",
                 "4-6 5-6");
    search_sized("b.c", "a\0b\0c", 5, found);
    assert_string_equal(found, "2-5");
}

static void what_go_refuses_is_refused_in_its_words(void **state)
{
    static const char *const cases[][2] = {
        { "(a", "missing closing ): `(a`" },
        { "a)", "unexpected ): `a)`" },
        { "[a", "missing closing ]: `[a`" },
        { "x[]", "missing closing ]: `[]`" },
        { "*", "missing argument to repetition operator: `*`" },
        { "a|*", "missing argument to repetition operator: `*`" },
        { "(+?)", "missing argument to repetition operator: `+?`" },
        { "a**", "invalid nested repetition operator: `**`" },
        { "a*+", "invalid nested repetition operator: `*+`" },
        { "a*??", "invalid nested repetition operator: `*??`" },
        { "x{2}{3}", "invalid nested repetition operator: `{2}{3}`" },
        { "a{1001}", "invalid repeat count: `{1001}`" },
        { "a{2,1}", "invalid repeat count: `{2,1}`" },
        { "a{99999999999}", "invalid repeat count: `{99999999999}`" },
        { "(a{100}){11}", "invalid repeat count: `{11}`" },
        { "((a{10}){10}b*){11}", "invalid repeat count: `{11}`" },
        { "[b-a]", "invalid character class range: `b-a`" },
        { "[[:foo:]]", "invalid character class range: `[:foo:]`" },
        { "\\p{Foo}", "invalid character class range: `\\p{Foo}`" },
        { "\\p{Xan}", "invalid character class range: `\\p{Xan}`" },
        { "\\p{L&}", "invalid character class range: `\\p{L&}`" },
        { "\\pX", "invalid character class range: `\\pX`" },
        { "\\p{Lu", "invalid character class range: `\\p{Lu`" },
        { "[a-\\d]", "invalid escape sequence: `\\d`" },
        { "\\8", "invalid escape sequence: `\\8`" },
        { "(a)\\1", "invalid escape sequence: `\\1`" },
        { "\\y", "invalid escape sequence: `\\y`" },
        { "\\Z", "invalid escape sequence: `\\Z`" },
        { "\\C", "invalid escape sequence: `\\C`" },
        { "\\k<a>", "invalid escape sequence: `\\k`" },
        { "\\x{110000}", "invalid escape sequence: `\\x{110000`" },
        { "\\xg1", "invalid escape sequence: `\\xg1`" },
        { "a\\", "trailing backslash at end of expression: ``" },
        { "(?<=a)b", "invalid named capture: `(?<=a)b`" },
        { "(?P<n", "invalid named capture: `(?P<n`" },
        { "(?P<a-b>x)", "invalid named capture: `(?P<a-b>`" },
        { "(?=a)", "invalid or unsupported Perl syntax: `(?=`" },
        { "(?!a)", "invalid or unsupported Perl syntax: `(?!`" },
        { "(?>a)", "invalid or unsupported Perl syntax: `(?>`" },
        { "(?P=a)", "invalid or unsupported Perl syntax: `(?P`" },
        { "(?R)", "invalid or unsupported Perl syntax: `(?R`" },
        { "(?x)a", "invalid or unsupported Perl syntax: `(?x`" },
        { "(?i-)", "invalid or unsupported Perl syntax: `(?i-)`" },
        { "(*UTF)", "missing argument to repetition operator: `*`" },
        { "a\xFF", "invalid UTF-8: `\xFF`" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check_refused(cases[i][0], cases[i][1]);
}

static int add_match(const vcl_regex_span *spans, void *user_data)
{
    vcl_buf_addf(user_data, "%d-%d ", (int)spans[0].begin, (int)spans[0].end);
    return 0;
}

static void check_all(const char *pattern, const char *text, const char *expected)
{
    vcl_regex *regex = NULL;
    VCL_AUTO_BUF buf = { .max = 1000 };
    vcl_regex_visitor visitor = { .match = add_match, .user_data = &buf };

    assert_int_equal(vcl_regex_compile(pattern, &regex, NULL), 0);
    assert_int_equal(vcl_regex_each(regex, text, strlen(text), &visitor, NULL), 0);
    assert_string_equal(vcl_buf_text(&buf), expected);
    vcl_regex_free(regex);
}

static void all_matches_are_those_of_go(void **state)
{
    (void)state;
    check_all("a*", "baac", "0-0 1-3 4-4 ");
    check_all("", "\xC3\xA9x", "0-0 2-2 3-3 ");
    check_all("x", "abc", "");
    check_all("^", "aa", "0-0 ");
    check_all("\\b", "a b", "0-0 1-1 2-2 3-3 ");
    check_all(".", "\xFF\xFEx", "0-1 1-2 2-3 ");
    check_all("", "\xFFx", "0-0 1-1 2-2 ");
}

static void search_from_a_place_sees_what_is_before(void **state)
{
    vcl_regex *regex = NULL;
    vcl_regex_span span;

    (void)state;
    assert_int_equal(vcl_regex_compile("\\bb|^b", &regex, NULL), 0);
    assert_int_equal(vcl_regex_search(regex, "ab b", 4, 1, &span, NULL), 1);
    assert_int_equal(span.begin, 3);
    assert_int_equal(vcl_regex_search(regex, "ab", 2, 3, &span, NULL), 0);
    vcl_regex_free(regex);
}

static void names_of_groups_are_known(void **state)
{
    vcl_regex *regex = NULL;

    (void)state;
    assert_int_equal(vcl_regex_compile("(a)(?P<one>b)(?:c)(?<2>d)(?<one>e)", &regex, NULL), 0);
    assert_int_equal(vcl_regex_groups(regex), 4);
    assert_int_equal(vcl_regex_group_named(regex, "one", 3), 2);
    assert_int_equal(vcl_regex_group_named(regex, "2", 1), 3);
    assert_int_equal(vcl_regex_group_named(regex, "two", 3), 0);
    vcl_regex_free(regex);
}

static void expect_limit(const char *pattern, const char *text, size_t size)
{
    vcl_regex *regex = NULL;
    vcl_regex_span spans[40];
    VCL_AUTO_ERROR *error = NULL;

    assert_int_equal(vcl_regex_compile(pattern, &regex, NULL), 0);
    assert_int_equal(vcl_regex_search(regex, text, size, 0, spans, &error), VCLUSTER_E_CONFIG);
    assert_non_null(strstr(vcluster_error_message(error), "takes too long"));
    vcl_regex_free(regex);
}

static void explosions_are_errors(void **state)
{
    enum { SIZE = 300000 };
    char *text = malloc(SIZE);

    (void)state;
    assert_non_null(text);
    memset(text, 'a', SIZE);
    expect_limit("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 39);
    expect_limit("^(a|a)*$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", 38);
    expect_limit("(?:a?){30}(?:a?){30}a{60}b|c", text, 59);
    expect_limit("a*a*c|d", text, SIZE);
    expect_limit("a.*c|d", text, SIZE);
    free(text);
}

static void large_patterns_and_deep_ones_are_errors(void **state)
{
    enum { SIZE = 200000 };
    char *pattern = malloc(SIZE + 1);
    vcl_regex *regex = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_non_null(pattern);
    memset(pattern, 'a', SIZE);
    pattern[SIZE] = '\0';
    assert_int_equal(vcl_regex_compile(pattern, &regex, &error), VCLUSTER_E_CONFIG);
    assert_non_null(strstr(vcluster_error_message(error), "expression too large"));
    memset(pattern, '(', 501);
    pattern[501] = '\0';
    vcl_error_clear(&error);
    assert_int_equal(vcl_regex_compile(pattern, &regex, &error), VCLUSTER_E_CONFIG);
    assert_non_null(strstr(vcluster_error_message(error), "expression nests too deeply"));

    memset(pattern + 500, ')', 500);
    pattern[1000] = '\0';
    assert_int_equal(vcl_regex_compile(pattern, &regex, NULL), 0);
    assert_int_equal(vcl_regex_groups(regex), 500);
    vcl_regex_free(regex);
    free(pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_finds_what_go_finds),
        cmocka_unit_test(bytes_that_are_no_utf8_are_a_character_each),
        cmocka_unit_test(what_go_refuses_is_refused_in_its_words),
        cmocka_unit_test(all_matches_are_those_of_go),
        cmocka_unit_test(search_from_a_place_sees_what_is_before),
        cmocka_unit_test(names_of_groups_are_known),
        cmocka_unit_test(explosions_are_errors),
        cmocka_unit_test(large_patterns_and_deep_ones_are_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
