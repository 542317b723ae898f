/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: comparison with NULL, numbers, names of Kubernetes, UTF-8, clean-up of server texts. */
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_support.h"

static void comparisons_take_null(void **state)
{
    (void)state;
    assert_true(vcl_streq(NULL, NULL));
    assert_false(vcl_streq(NULL, ""));
    assert_true(vcl_streq("a", "a"));
    assert_false(vcl_streq("a", "A"));
    assert_true(vcl_starts_with("abc", "ab"));
    assert_false(vcl_starts_with("a", "ab"));
    assert_false(vcl_starts_with(NULL, ""));
    assert_true(vcl_ends_with("abc", "bc"));
    assert_false(vcl_ends_with("c", "bc"));
    assert_false(vcl_ends_with(NULL, "c"));
    assert_text_equal(vcl_str(NULL), "");
    assert_true(vcl_str_empty(NULL));
    assert_true(vcl_str_empty(""));
    assert_false(vcl_str_empty(" "));
}

static void copies_are_new_and_take_null(void **state)
{
    const char *original = "text";
    vcl_auto_free char *copy = vcl_strdup(original);
    vcl_auto_free char *part = vcl_strndup(original, 2);
    vcl_auto_free char *made = vcl_format("%s-%d", "a", 7);

    (void)state;
    assert_text_equal(copy, original);
    assert_ptr_not_equal(copy, original);
    assert_text_equal(part, "te");
    assert_text_equal(made, "a-7");
    assert_null(vcl_strdup(NULL));
    assert_null(vcl_strndup(NULL, 3));
}

static void replace_frees_the_old_text(void **state)
{
    char *slot = NULL;

    (void)state;
    assert_true(vcl_str_replace(&slot, "one"));
    assert_true(vcl_str_replace(&slot, "two"));
    assert_text_equal(slot, "two");
    assert_true(vcl_str_replace(&slot, NULL));
    assert_null(slot);
}

static void parse_i64_takes_whole_numbers_only(void **state)
{
    static const struct {
        const char *text;
        bool good;
        int64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "-0", true, 0 },
        { "+7", true, 7 },
        { "007", true, 7 },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775808", false, 0 },
        { "", false, 0 },
        { "-", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "1.0", false, 0 },
        { "0x1", false, 0 },
        { "--1", false, 0 },
        { NULL, false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t value = 0;
        assert_int_equal(vcl_parse_i64(cases[i].text, &value), cases[i].good);
        assert_true(value == cases[i].value);
    }
}

static void names_follow_the_rules_of_kubernetes(void **state)
{
    static const struct {
        const char *text;
        bool label, label1035, subdomain;
    } cases[] = {
        { "a", true, true, true },           { "a-1", true, true, true },
        { "1a", true, false, true },         { "a.b", false, false, true },
        { "", false, false, false },         { NULL, false, false, false },
        { "-a", false, false, false },       { "a-", false, false, false },
        { "A", false, false, false },        { "a_b", false, false, false },
        { "a..b", false, false, false },     { ".a", false, false, false },
        { "a.", false, false, false },       { "a.-b", false, false, false },
        { "\xc3\xa9", false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(vcl_is_dns_label(cases[i].text), cases[i].label);
        assert_int_equal(vcl_is_dns1035_label(cases[i].text), cases[i].label1035);
        assert_int_equal(vcl_is_dns_subdomain(cases[i].text), cases[i].subdomain);
    }
}

static void names_have_a_longest_size(void **state)
{
    char text[300];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[63] = '\0';
    assert_true(vcl_is_dns_label(text));
    memset(text, 'a', sizeof(text));
    text[64] = '\0';
    assert_false(vcl_is_dns_label(text));
    assert_false(vcl_is_dns_subdomain(text));

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = i % 50 == 49 ? '.' : 'a';
    text[253] = '\0';
    assert_true(vcl_is_dns_subdomain(text));
    text[253] = 'a';
    text[254] = '\0';
    assert_false(vcl_is_dns_subdomain(text));
}

static void utf8_valid_knows_bad_sequences(void **state)
{
    static const char *const good[] = { "",
                                        "abc",
                                        "\xc3\xa9",
                                        "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xf4\x8f\xbf\xbf" };
    static const char *const bad[] = { "\x80",
                                       "\xc3",
                                       "\xc0\x80",
                                       "\xe0\x80\x80",
                                       "\xed\xa0\x80",
                                       "\xf4\x90\x80\x80",
                                       "\xf0\x80\x80\x80",
                                       "\xff",
                                       "a\xc3 b",
                                       "\xe2\x82",
                                       "\xf8\x88\x80\x80\x80" };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(vcl_utf8_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(vcl_utf8_valid(bad[i], strlen(bad[i])));
    assert_true(vcl_utf8_valid("a\0b", 3));
}

static void sanitize_replaces_control_characters(void **state)
{
    char text[] = "a\x1b[31m\tb\n\r\x7f\xc2\x9b"
                  "c\xc3\xa9";

    (void)state;
    vcl_sanitize(text);
    assert_text_equal(text, "a?[31m\tb\n????c\xc3\xa9");
    vcl_sanitize(NULL);
}

static void secrets_are_wiped(void **state)
{
    char bytes[] = "secret";

    (void)state;
    vcl_wipe(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        assert_int_equal(bytes[i], 0);
    vcl_wipe(NULL, 5);
    vcl_free_secret(NULL);
    vcl_free_secret(vcl_strdup("x"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons_take_null),
        cmocka_unit_test(copies_are_new_and_take_null),
        cmocka_unit_test(replace_frees_the_old_text),
        cmocka_unit_test(parse_i64_takes_whole_numbers_only),
        cmocka_unit_test(names_follow_the_rules_of_kubernetes),
        cmocka_unit_test(names_have_a_longest_size),
        cmocka_unit_test(utf8_valid_knows_bad_sequences),
        cmocka_unit_test(sanitize_replaces_control_characters),
        cmocka_unit_test(secrets_are_wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
