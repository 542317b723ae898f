/* SPDX-License-Identifier: Apache-2.0 */
/* JSON: what is read, what is refused and where, how it is printed, and the helpers on trees. */
#include "data/json.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "cmocka_support.h"

static cJSON *parse(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    assert_non_null(tree);
    assert_true(vcl_json_is_valid(text, strlen(text)));
    return tree;
}

static void assert_prints(const cJSON *tree, const char *expected)
{
    vcl_auto_free char *text = vcl_json_print(tree);

    assert_text_equal(text, expected);
}

static void parse_and_print_keep_documents(void **state)
{
    static const struct {
        const char *text;
        const char *printed;
    } cases[] = {
        { "null", "null" },
        { " [ true , false ] ", "[true,false]" },
        { "{\"b\":1,\"a\":[{},[]]}", "{\"b\":1,\"a\":[{},[]]}" },
        { "\"\\u0041\\u00e9\\ud83d\\ude00\"", "\"A\xc3\xa9\xf0\x9f\x98\x80\"" },
        { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\"" },
        { "[1,-1,0,-0,1.5,1e5,1E+2,0.1]", "[1,-1,0,-0,1.5,100000,100,0.1]" },
        { "[1000000000000000,100000000000000000000,1e21]",
          "[1000000000000000,100000000000000000000,1e+21]" },
        { "[9007199254740993,1e400,12345678901234567890,-9223372036854775807]",
          "[9007199254740993,1e400,12345678901234567890,-9223372036854775807]" },
        { "[1152921504606846976,1152921504606847000]",
          "[1152921504606846976,1152921504606847000]" },
        { "[0.10000000000000000000,0.12345678901234567890]", "[0.1,0.12345678901234567890]" },
        { "{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}" },
        { "{\"A\":1,\"a\":2}", "{\"A\":1,\"a\":2}" },
        { "\"<>&\xe2\x80\xa8\"", "\"<>&\\u2028\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *tree = parse(cases[i].text);
        assert_prints(tree, cases[i].printed);
    }
}

static void parse_refuses_what_is_no_json(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        { "", "line 1:1: expected a value" },
        { "[1,\n 2,]", "line 2:4: expected a value" },
        { "{\"a\" 1}", "line 1:6: expected ':'" },
        { "{a: 1}", "line 1:2: expected a key" },
        { "[1 2]", "line 1:4: expected ','" },
        { "1 2", "line 1:3: more text" },
        { "01", "line 1:2: more text" },
        { "[1.]", "expected a value" },
        { "[1e]", "expected a value" },
        { "-", "expected a value" },
        { "+1", "expected a value" },
        { "nul", "expected a value" },
        { "\"abc", "no closing quote" },
        { "\"\\\"", "no closing quote" },
        { "\"\\x\"", "unknown escape" },
        { "\"\\u12g4\"", "four hexadecimal" },
        { "\"a\\u0000b\"", "\\u0000" },
        { "\"a\tb\"", "control character" },
        { "\"\xff\"", "UTF-8" },
        { "\xef\xbb\xbf{}", "expected a value" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        cJSON *tree = NULL;
        int status = vcl_json_parse(cases[i].text, strlen(cases[i].text), &tree, &error);
        assert_fails(status, VCLUSTER_E_PROTOCOL, error, cases[i].message);
        assert_null(tree);
        assert_false(vcl_json_is_valid(cases[i].text, strlen(cases[i].text)));
    }
}

static void halves_of_surrogate_pairs_are_replaced(void **state)
{
    static const char text[] = "[\"\\ud800\",\"\\ud800\\u0041\",\"\\udc00\"]";
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = NULL;

    (void)state;
    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    assert_prints(tree, "[\"\xef\xbf\xbd\",\"\xef\xbf\xbd"
                        "A\",\"\xef\xbf\xbd\"]");
}

static void parse_reads_no_byte_behind_the_size(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = NULL;

    (void)state;
    assert_ok(vcl_json_parse("123456", 3, &tree, &error), error);
    assert_prints(tree, "123");
}

static char *nested(size_t depth)
{
    char *text = malloc(2 * depth + 1);

    assert_non_null(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    text[2 * depth] = '\0';
    return text;
}

static void parse_refuses_depth_over_limit(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *deepest = nested(VCL_MAX_JSON_DEPTH);
    vcl_auto_free char *deeper = nested(VCL_MAX_JSON_DEPTH + 1);
    VCL_AUTO_JSON *tree = parse(deepest);
    cJSON *none = NULL;

    (void)state;
    assert_prints(tree, deepest);
    assert_fails(vcl_json_parse(deeper, strlen(deeper), &none, &error), VCLUSTER_E_PROTOCOL, error,
                 "deeper than the limit");
    assert_false(vcl_json_is_valid(deeper, strlen(deeper)));
}

static void parse_keeps_the_last_of_many_duplicates(void **state)
{
    VCL_AUTO_BUF text;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = NULL;
    int64_t value;

    (void)state;
    vcl_buf_init(&text, 1 << 20);
    vcl_buf_add(&text, "{");
    for (int i = 0; i < 3000; i++)
        vcl_buf_addf(&text, "%s\"k%d\":%d", i ? "," : "", i % 1000, i);
    vcl_buf_add(&text, "}");
    assert_false(vcl_buf_failed(&text));

    assert_ok(vcl_json_parse(text.data, text.size, &tree, &error), error);
    assert_int_equal(cJSON_GetArraySize(tree), 1000);
    assert_true(vcl_json_to_int(vcl_json_get(tree, "k7"), &value));
    assert_int_equal(value, 2007);
}

static void print_go_sorts_keys_and_escapes_html(void **state)
{
    VCL_AUTO_JSON *tree = parse("{\"b\":\"<a>&\xe2\x80\xa8\xe2\x80\xa9\xe2\x82\xac\",\"B\":1,"
                                "\"a\":{\"z\":1e-7,\"y\":1e21}}");
    vcl_auto_free char *text = vcl_json_print_go(tree);

    (void)state;
    assert_text_equal(text, "{\"B\":1,\"a\":{\"y\":1e+21,\"z\":1e-7},"
                            "\"b\":\"\\u003ca\\u003e\\u0026\\u2028\\u2029\xe2\x82\xac\"}");
}

static void print_pretty_indents_by_two(void **state)
{
    VCL_AUTO_JSON *tree = parse("{\"a\":[1,{\"b\":null}],\"c\":{},\"d\":[]}");
    vcl_auto_free char *text = vcl_json_print_pretty(tree);

    (void)state;
    assert_text_equal(text, "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n"
                            "  \"c\": {},\n  \"d\": []\n}");
}

static void print_refuses_a_tree_without_end(void **state)
{
    VCL_AUTO_JSON *tree = cJSON_CreateArray();
    cJSON *node = tree;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        cJSON *child = cJSON_CreateArray();
        assert_true(vcl_json_append(node, child));
        node = child;
    }
    assert_null(vcl_json_print(tree));
}

static void find_walks_down_exact_keys(void **state)
{
    VCL_AUTO_JSON *tree = parse("{\"a\":{\"B\":{\"n\":42,\"big\":9223372036854775807,\"s\":\"x\","
                                "\"t\":true,\"f\":1.5}}}");

    (void)state;
    assert_non_null(vcl_json_find(tree, "a", "B", NULL));
    assert_null(vcl_json_find(tree, "a", "b", NULL));
    assert_null(vcl_json_find(NULL, "a", NULL));
    assert_text_equal(vcl_json_find_string(tree, "a", "B", "s", NULL), "x");
    assert_null(vcl_json_find_string(tree, "a", "B", "n", NULL));
    assert_int_equal(vcl_json_find_int(tree, 7, "a", "B", "n", NULL), 42);
    assert_true(vcl_json_find_int(tree, 7, "a", "B", "big", NULL) == INT64_MAX);
    assert_int_equal(vcl_json_find_int(tree, 7, "a", "B", "f", NULL), 7);
    assert_int_equal(vcl_json_find_int(tree, 7, "a", "B", "s", NULL), 7);
    assert_true(vcl_json_find_bool(tree, false, "a", "B", "t", NULL));
    assert_true(vcl_json_find_bool(tree, true, "a", "none", NULL));
}

static void to_int_takes_only_integers_that_fit(void **state)
{
    static const struct {
        const char *text;
        bool fits;
        int64_t value;
    } cases[] = {
        { "0", true, 0 },
        { "-5", true, -5 },
        { "1e3", true, 1000 },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775808", false, 0 },
        { "1.5", false, 0 },
        { "1e400", false, 0 },
        { "\"1\"", false, 0 },
        { "null", false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *tree = parse(cases[i].text);
        int64_t value = 0;
        assert_int_equal(vcl_json_to_int(tree, &value), cases[i].fits);
        assert_true(value == cases[i].value);
    }
}

static void set_replaces_in_place_and_keeps_digits(void **state)
{
    VCL_AUTO_JSON *tree = parse("{\"a\":1,\"b\":2,\"c\":3}");

    (void)state;
    assert_true(vcl_json_set_string(tree, "b", "x"));
    assert_true(vcl_json_set_int(tree, "d", 9007199254740993));
    assert_true(vcl_json_set_int(tree, "e", INT64_MIN));
    vcl_json_remove(tree, "a");
    vcl_json_remove(tree, "none");
    assert_prints(tree, "{\"b\":\"x\",\"c\":3,\"d\":9007199254740993,\"e\":-9223372036854775808}");
    assert_false(vcl_json_set(tree, "f", NULL));
    assert_false(vcl_json_set_string(tree, "f", NULL));
    assert_false(vcl_json_set(vcl_json_get(tree, "c"), "f", cJSON_CreateNull()));
    assert_false(vcl_json_append(tree, cJSON_CreateNull()));
}

static void set_renames_a_member_that_was_taken_out(void **state)
{
    VCL_AUTO_JSON *tree = parse("{\"a\":{\"x\":1}}");
    cJSON *node = cJSON_DetachItemViaPointer(tree, vcl_json_get(tree, "a"));

    (void)state;
    assert_true(vcl_json_set(tree, "b", node));
    assert_prints(tree, "{\"b\":{\"x\":1}}");
}

static void object_makes_what_is_missing(void **state)
{
    VCL_AUTO_JSON *tree = parse("{\"a\":1}");
    cJSON *made = vcl_json_object(tree, "a");

    (void)state;
    assert_true(cJSON_IsObject(made));
    assert_ptr_equal(vcl_json_object(tree, "a"), made);
    assert_true(vcl_json_set_int(vcl_json_object(tree, "b"), "c", 1));
    assert_prints(tree, "{\"a\":{},\"b\":{\"c\":1}}");
}

static void take_leaves_no_empty_maps_behind(void **state)
{
    static const char *const deep[] = { "a", "b", "c", NULL };
    static const char *const wrong[] = { "a", "n", "c", NULL };
    static const char text[] = "{\"a\":{\"b\":{\"c\":{}},\"n\":1},\"z\":{}}";
    VCL_AUTO_JSON *tree = NULL;
    (void)state;

    assert_int_equal(vcl_json_parse(text, strlen(text), &tree, NULL), 0);
    assert_null(vcl_json_take(tree, wrong));
    VCL_AUTO_JSON *taken = vcl_json_take(tree, deep);
    assert_true(cJSON_IsObject(taken));
    vcl_auto_free char *left = vcl_json_print(tree);
    assert_string_equal(left, "{\"a\":{\"n\":1},\"z\":{}}");
    assert_null(vcl_json_take(tree, deep));
}

static void equal_ignores_order_but_no_value(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        { "{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\"a\":1.0}", true },
        { "[1,2]", "[2,1]", false },
        { "[1]", "[1,2]", false },
        { "{\"a\":1}", "{\"a\":1,\"b\":2}", false },
        { "{\"a\":1}", "{\"A\":1}", false },
        { "\"1\"", "1", false },
        { "9007199254740993", "9007199254740992", false },
        { "9007199254740993", "9007199254740993", true },
        { "null", "false", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *a = parse(cases[i].a);
        VCL_AUTO_JSON *b = parse(cases[i].b);
        assert_int_equal(vcl_json_equal(a, b), cases[i].equal);
    }
    assert_true(vcl_json_equal(NULL, NULL));
}

static void exchange_keeps_keys_and_places(void **state)
{
    VCL_AUTO_JSON *a = parse("{\"x\":{\"p\":1},\"y\":2}");
    VCL_AUTO_JSON *b = parse("[3,\"s\"]");

    (void)state;
    vcl_json_exchange(vcl_json_get(a, "x"), cJSON_GetArrayItem(b, 1));
    assert_prints(a, "{\"x\":\"s\",\"y\":2}");
    assert_prints(b, "[3,{\"p\":1}]");
}

static void free_secret_takes_any_tree(void **state)
{
    (void)state;
    vcl_json_free_secret(NULL);
    vcl_json_free_secret(parse("{\"token\":\"secret\",\"l\":[\"s\",1,{\"a\":null}]}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_and_print_keep_documents),
        cmocka_unit_test(parse_refuses_what_is_no_json),
        cmocka_unit_test(halves_of_surrogate_pairs_are_replaced),
        cmocka_unit_test(parse_reads_no_byte_behind_the_size),
        cmocka_unit_test(parse_refuses_depth_over_limit),
        cmocka_unit_test(parse_keeps_the_last_of_many_duplicates),
        cmocka_unit_test(print_go_sorts_keys_and_escapes_html),
        cmocka_unit_test(print_pretty_indents_by_two),
        cmocka_unit_test(print_refuses_a_tree_without_end),
        cmocka_unit_test(find_walks_down_exact_keys),
        cmocka_unit_test(to_int_takes_only_integers_that_fit),
        cmocka_unit_test(set_replaces_in_place_and_keeps_digits),
        cmocka_unit_test(set_renames_a_member_that_was_taken_out),
        cmocka_unit_test(object_makes_what_is_missing),
        cmocka_unit_test(take_leaves_no_empty_maps_behind),
        cmocka_unit_test(equal_ignores_order_but_no_value),
        cmocka_unit_test(exchange_keeps_keys_and_places),
        cmocka_unit_test(free_secret_takes_any_tree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
