/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YAML read and printed. The bulk is in two tables, tests/fixtures/yaml/parse.json and print.json,
 * whose right-hand sides were made by sigs.k8s.io/yaml v1.6.0; here are the rules that are ours:
 * limits, duplicates, several documents, and the findings.
 */
#include "data/yaml.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "cmocka_support.h"

static cJSON *load_table(const char *name)
{
    VCL_AUTO_BUF text;
    VCL_AUTO_ERROR *error = NULL;
    char chunk[4096];
    cJSON *table = NULL;
    vcl_auto_free char *path = vcl_format("%s/yaml/%s", VCLUSTER_FIXTURES, name);

    assert_non_null(path);
    vcl_buf_init(&text, 1 << 20);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (size_t size; (size = fread(chunk, 1, sizeof(chunk), file)) > 0;)
        assert_true(vcl_buf_append(&text, chunk, size));
    (void)fclose(file);
    assert_ok(vcl_json_parse(text.data, text.size, &table, &error), error);
    assert_true(cJSON_GetArraySize(table) > 40);
    return table;
}

static void print_matches_the_table(void **state)
{
    VCL_AUTO_JSON *table = load_table("print.json");

    (void)state;
    for (const cJSON *row = table->child; row; row = row->next) {
        const char *expected = vcl_json_find_string(row, "yaml", NULL);
        vcl_auto_free char *text = NULL;
        int status = vcl_yaml_print(vcl_json_get(row, "value"), &text, NULL);
        if (expected)
            assert_text_equal(text, expected);
        else
            assert_int_equal(status, VCLUSTER_E_CONFIG);
    }
}

static void parse_matches_the_table(void **state)
{
    VCL_AUTO_JSON *table = load_table("parse.json");

    (void)state;
    for (const cJSON *row = table->child; row; row = row->next) {
        const char *text = vcl_json_find_string(row, "yaml", NULL);
        const cJSON *value = vcl_json_get(row, "value");
        VCL_AUTO_ERROR *error = NULL;
        VCL_AUTO_JSON *tree = NULL;
        int status = vcl_yaml_parse(text, strlen(text), &tree, &error);
        if (value) {
            assert_ok(status, error);
            if (!vcl_json_equal(tree, value))
                fail_msg("differs: %s", text);
        } else {
            if (status >= 0)
                fail_msg("accepted: %s", text);
            assert_int_equal(status, VCLUSTER_E_CONFIG);
            assert_uint_equal(vcluster_error_finding_count(error), 1);
        }
    }
}

static void printed_trees_read_back_the_same(void **state)
{
    VCL_AUTO_JSON *table = load_table("print.json");

    (void)state;
    for (const cJSON *row = table->child; row; row = row->next) {
        const cJSON *value = vcl_json_get(row, "value");
        vcl_auto_free char *text = NULL;
        VCL_AUTO_JSON *tree = NULL;
        vcl_auto_free char *json = vcl_json_print(value);
        /* A next-line character becomes a space; the last newline is left off. */
        if (strstr(json, "\xc2\x85") || vcl_yaml_print(value, &text, NULL) < 0)
            continue;
        vcl_auto_free char *whole = vcl_format("%s\n", text);
        assert_int_equal(vcl_yaml_parse(whole, strlen(whole), &tree, NULL), VCLUSTER_OK);
        if (!vcl_json_equal(tree, value))
            fail_msg("differs: %s", json);
    }
}

static void assert_refused(const char *text, int64_t line, const char *rule, const char *message)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_fails(vcl_yaml_parse(text, strlen(text), &tree, &error), VCLUSTER_E_CONFIG, error,
                 message);
    assert_null(tree);
    assert_uint_equal(vcluster_error_finding_count(error), 1);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
    assert_int_equal(vcluster_finding_line(finding), line);
    assert_string_equal(vcluster_finding_rule(finding), rule);
}

static void parse_names_the_line_of_a_mistake(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: [1, 2\n", 3, "yaml-syntax", "did not find");
    assert_refused("a: 1\n\tb: 2\n", 2, "yaml-syntax", "found a tab");
    assert_refused("a: 1\nb: 2\n\na: 3\n", 4, "yaml-syntax", "first in line 1");
    assert_refused("true: 1\nyes: 2\n", 2, "yaml-syntax", "'true' is in the map twice");
    assert_refused("a: 1\n---\nb: 2\n", 2, "yaml-syntax", "second document");
    assert_refused("a: 1\nb: !custom x\n", 2, "yaml-syntax", "unknown tag '!custom'");
    assert_refused("b: !!set {x}\n", 1, "yaml-syntax", "unknown tag");
    assert_refused("a: \"\\0\"\n", 1, "yaml-syntax", "NUL");
    assert_refused("a: .inf\n", 1, "yaml-syntax", "no place in JSON");
    assert_refused("a: &x [1, *x]\n", 1, "yaml-syntax", "contains itself");
    assert_refused("~: 1\n", 1, "yaml-syntax", "must not be null");
    assert_refused("a: \xff\n", 1, "yaml-syntax", "UTF-8");
}

static void parse_refuses_depth_over_limit(void **state)
{
    char text[2 * VCL_MAX_YAML_DEPTH + 3];
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    memset(text, '[', VCL_MAX_YAML_DEPTH);
    memset(text + VCL_MAX_YAML_DEPTH, ']', VCL_MAX_YAML_DEPTH);
    text[2 * VCL_MAX_YAML_DEPTH] = '\0';
    assert_ok(vcl_yaml_parse(text, strlen(text), &tree, &error), error);

    memset(text, '[', VCL_MAX_YAML_DEPTH + 1);
    memset(text + VCL_MAX_YAML_DEPTH + 1, ']', VCL_MAX_YAML_DEPTH + 1);
    text[2 * VCL_MAX_YAML_DEPTH + 2] = '\0';
    assert_refused(text, 1, "yaml-limit", "nested deeper");
}

static void aliases_count_for_depth_and_nodes(void **state)
{
    VCL_AUTO_BUF bomb;
    VCL_AUTO_BUF tower;

    (void)state;
    vcl_buf_init(&bomb, 1 << 16);
    vcl_buf_add(&bomb, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++)
        vcl_buf_addf(&bomb, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
                     i - 1, i - 1, i - 1, i - 1);
    assert_refused(vcl_buf_text(&bomb), 6, "yaml-limit", "aliases expand");

    vcl_buf_init(&tower, 1 << 16);
    vcl_buf_add(&tower, "a0: &a0 [x]\n");
    for (int i = 1; i < 70; i++)
        vcl_buf_addf(&tower, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    assert_refused(vcl_buf_text(&tower), 64, "yaml-limit", "nested deeper");
}

/* Few values, each as long as the document. */
static void the_text_of_aliases_is_bounded(void **state)
{
    enum { LONG = 1 << 20 };
    VCL_AUTO_BUF text;
    vcl_auto_free char *value = malloc(LONG + 1);

    (void)state;
    assert_non_null(value);
    memset(value, 'x', LONG);
    value[LONG] = '\0';
    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    vcl_buf_addf(&text, "a: &a %s\n", value);
    for (int i = 0; i <= VCL_MAX_YAML_ALIAS_TEXT / LONG; i++)
        vcl_buf_addf(&text, "b%d: *a\n", i);
    assert_refused(vcl_buf_text(&text), 18, "yaml-limit", "aliases expand to more text");
}

static void anchors_are_bounded(void **state)
{
    VCL_AUTO_BUF text;

    (void)state;
    vcl_buf_init(&text, 1 << 20);
    for (int i = 0; i <= VCL_MAX_YAML_ANCHORS; i++)
        vcl_buf_addf(&text, "- &a%d x\n", i);
    assert_refused(vcl_buf_text(&text), VCL_MAX_YAML_ANCHORS + 1, "yaml-limit", "more anchors");
}

static void large_texts_are_refused_unread(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    (void)state;
    assert_fails(vcl_yaml_parse("", (size_t)VCL_MAX_DOCUMENT + 1, &tree, &error), VCLUSTER_E_CONFIG,
                 error, "bytes");
}

static void parse_takes_empty_documents_around_one(void **state)
{
    static const char *const texts[] = { "a: 1", "---\na: 1\n", "---\n---\na: 1\n---\n",
                                         "\xef\xbb\xbf---\na: 1\n", "# c\n---\n# d\na: 1\n...\n" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        VCL_AUTO_JSON *tree = NULL;
        VCL_AUTO_ERROR *error = NULL;
        assert_ok(vcl_yaml_parse(texts[i], strlen(texts[i]), &tree, &error), error);
        assert_int_equal(vcl_json_find_int(tree, 0, "a", NULL), 1);
    }
}

static void parse_all_leaves_empty_documents_out(void **state)
{
    static const char text[] = "---\na: &x 1\n---\n# nothing\n---\n- b\n---\nnull\n";
    VCL_AUTO_JSON *all = NULL;
    VCL_AUTO_ERROR *error = NULL;
    cJSON *none = NULL;

    (void)state;
    assert_ok(vcl_yaml_parse_all(text, strlen(text), &all, &error), error);
    vcl_auto_free char *json = vcl_json_print(all);
    assert_text_equal(json, "[{\"a\":1},[\"b\"],null]");
    /* Anchors end with their document. */
    assert_int_equal(vcl_yaml_parse_all("a: &x 1\n---\nb: *x\n", 19, &none, NULL),
                     VCLUSTER_E_CONFIG);
}

static void many_keys_are_read_quickly_and_checked(void **state)
{
    VCL_AUTO_BUF text;
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    vcl_buf_init(&text, 1 << 20);
    for (int i = 0; i < 20000; i++)
        vcl_buf_addf(&text, "key%d: %d\n", i, i);
    assert_ok(vcl_yaml_parse(text.data, text.size, &tree, &error), error);
    assert_int_equal(cJSON_GetArraySize(tree), 20000);
    vcl_buf_add(&text, "key77: again\n");
    assert_refused(vcl_buf_text(&text), 20001, "yaml-syntax", "'key77'");
}

static void merge_values_may_hold_anchors(void **state)
{
    static const char text[] = "a:\n  <<: {p: &p [1], q: 2}\n  q: 3\nb: *p\n"
                               "c: {? &k key : 1}\nd: *k\n";
    VCL_AUTO_JSON *tree = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_yaml_parse(text, strlen(text), &tree, &error), error);
    vcl_auto_free char *json = vcl_json_print_go(tree);
    assert_text_equal(json,
                      "{\"a\":{\"p\":[1],\"q\":3},\"b\":[1],\"c\":{\"key\":1},\"d\":\"key\"}");
}

static void print_keeps_the_digits_of_integers(void **state)
{
    VCL_AUTO_JSON *tree = cJSON_CreateArray();
    vcl_auto_free char *text = NULL;

    (void)state;
    assert_true(vcl_json_append(tree, vcl_json_new_int(9007199254740993)));
    assert_true(vcl_json_append(tree, cJSON_CreateRaw("18446744073709551615")));
    assert_true(vcl_json_append(tree, cJSON_CreateRaw("123456789012345678901234")));
    assert_int_equal(vcl_yaml_print(tree, &text, NULL), VCLUSTER_OK);
    assert_text_equal(text, "- 9007199254740993\n- 18446744073709551615\n"
                            "- 1.2345678901234569e+23");
}

static void print_does_not_depend_on_the_order_of_keys(void **state)
{
    static const char *const keys[] = { "1k", "01_", "12", "b", "a1", "a01", "a10", "a9", "A" };
    enum { COUNT = sizeof(keys) / sizeof(keys[0]) };
    vcl_auto_free char *first = NULL;

    (void)state;
    for (size_t shift = 0; shift < COUNT; shift++) {
        VCL_AUTO_JSON *tree = cJSON_CreateObject();
        vcl_auto_free char *text = NULL;
        for (size_t i = 0; i < COUNT; i++)
            assert_true(vcl_json_set_int(tree, keys[(i * 7 + shift) % COUNT], 1));
        assert_int_equal(cJSON_GetArraySize(tree), COUNT);
        assert_int_equal(vcl_yaml_print(tree, &text, NULL), VCLUSTER_OK);
        if (first)
            assert_text_equal(text, first);
        else
            first = vcl_strdup(text);
    }
}

static void print_refuses_what_yaml_cannot_hold(void **state)
{
    static const char *const texts[] = { "a\x7f", "\xc2\x81", "\xef\xbf\xbf", "\xff" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        VCL_AUTO_JSON *tree = cJSON_CreateString(texts[i]);
        VCL_AUTO_ERROR *error = NULL;
        char *text = NULL;
        assert_fails(vcl_yaml_print(tree, &text, &error), VCLUSTER_E_CONFIG, error,
                     "cannot be printed as YAML");
        assert_null(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_matches_the_table),
        cmocka_unit_test(parse_matches_the_table),
        cmocka_unit_test(printed_trees_read_back_the_same),
        cmocka_unit_test(parse_names_the_line_of_a_mistake),
        cmocka_unit_test(parse_refuses_depth_over_limit),
        cmocka_unit_test(aliases_count_for_depth_and_nodes),
        cmocka_unit_test(the_text_of_aliases_is_bounded),
        cmocka_unit_test(anchors_are_bounded),
        cmocka_unit_test(large_texts_are_refused_unread),
        cmocka_unit_test(parse_takes_empty_documents_around_one),
        cmocka_unit_test(parse_all_leaves_empty_documents_out),
        cmocka_unit_test(many_keys_are_read_quickly_and_checked),
        cmocka_unit_test(merge_values_may_hold_anchors),
        cmocka_unit_test(print_keeps_the_digits_of_integers),
        cmocka_unit_test(print_does_not_depend_on_the_order_of_keys),
        cmocka_unit_test(print_refuses_what_yaml_cannot_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
