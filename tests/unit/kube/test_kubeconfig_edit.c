/* SPDX-License-Identifier: Apache-2.0 */
/* Editing the text of a kubeconfig: every layout keeps what was not meant. */
#include <stdio.h>
#include <string.h>

#include "cmocka_support.h"

#include "base/buf.h"
#include "base/str.h"
#include "kube/kubeconfig_edit.h"

static cJSON *entry_of(const char *json)
{
    cJSON *entry = NULL;

    assert_int_equal(vcl_json_parse(json, strlen(json), &entry, NULL), 0);
    return entry;
}

static void open_text(vcl_config_text *config, const char *text)
{
    vcluster_error *error = NULL;

    assert_ok(vcl_config_text_open(config, text, strlen(text), &error), error);
}

static int put(vcl_config_text *config, const char *list, const char *json, vcluster_error **error)
{
    cJSON *entry = entry_of(json);
    int status = vcl_config_text_put(config, list, entry, error);

    cJSON_Delete(entry);
    return status;
}

#define NEW "{\"cluster\": {\"server\": \"https://h\"}, \"name\": \"new\"}"

/* Put a cluster "new" into a text; the result, and the text again once it is dropped. */
static void check_put(const char *text, const char *expected, const char *after)
{
    vcl_config_text config;
    vcluster_error *error = NULL;

    open_text(&config, text);
    assert_ok(put(&config, "clusters", NEW, &error), error);
    assert_string_equal(config.text, expected);
    assert_uint_equal(config.size, strlen(expected));
    assert_ok(vcl_config_text_drop(&config, "clusters", "new", &error), error);
    assert_string_equal(config.text, after);
    vcl_config_text_done(&config);
}

static void check_current(const char *text, const char *name, const char *expected)
{
    vcl_config_text config;
    vcluster_error *error = NULL;

    open_text(&config, text);
    assert_ok(vcl_config_text_set_current(&config, name, &error), error);
    assert_string_equal(config.text, expected);
    vcl_config_text_done(&config);
}

static void check_refused(const char *text)
{
    vcl_config_text config;
    vcluster_error *error = NULL;

    open_text(&config, text);
    int status = put(&config, "clusters", NEW, &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, error, "'clusters'");
    assert_string_equal(config.text, text);
    vcluster_error_free(error);
    vcl_config_text_done(&config);
}

static void block_lists_keep_comments_order_and_indent(void **state)
{
    (void)state;
    check_put("# head\n"
              "users: []   # none yet\n"
              "clusters:   # mine\n"
              "  # first\n"
              "  - name: a\n"
              "    cluster: {server: https://a}  # x\n"
              "  # about b\n"
              "  - cluster:\n"
              "      server: https://b\n"
              "      unknown: [1, 2]\n"
              "    name: b # last\n"
              "\n"
              "# the rest\n"
              "extra: 1\n",
              "# head\n"
              "users: []   # none yet\n"
              "clusters:   # mine\n"
              "  # first\n"
              "  - name: a\n"
              "    cluster: {server: https://a}  # x\n"
              "  # about b\n"
              "  - cluster:\n"
              "      server: https://b\n"
              "      unknown: [1, 2]\n"
              "    name: b # last\n"
              "  - cluster:\n"
              "      server: https://h\n"
              "    name: new\n"
              "\n"
              "# the rest\n"
              "extra: 1\n",
              "# head\n"
              "users: []   # none yet\n"
              "clusters:   # mine\n"
              "  # first\n"
              "  - name: a\n"
              "    cluster: {server: https://a}  # x\n"
              "  # about b\n"
              "  - cluster:\n"
              "      server: https://b\n"
              "      unknown: [1, 2]\n"
              "    name: b # last\n"
              "\n"
              "# the rest\n"
              "extra: 1\n");
}

#define ITEM "- cluster:\n    server: https://h\n  name: new\n"

static void empty_texts_become_kubeconfigs(void **state)
{
    static const char *const heads[] = { "", "# only a comment\n", "---\n# c\n" };

    (void)state;
    for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
        vcl_auto_free char *expected =
            vcl_format("%sapiVersion: v1\nkind: Config\nclusters:\n" ITEM, heads[i]);
        vcl_auto_free char *after =
            vcl_format("%sapiVersion: v1\nkind: Config\nclusters: []\n", heads[i]);
        check_put(heads[i], expected, after);
    }
    check_put("null\n", "apiVersion: v1\nkind: Config\nclusters:\n" ITEM,
              "apiVersion: v1\nkind: Config\nclusters: []\n");
}

static void lists_that_hold_nothing_are_filled(void **state)
{
    static const char *const values[] = { "", " null", " ~", " []", " [ ]", "\n  []", "  null  " };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        vcl_auto_free char *text = vcl_format("clusters:%s # c\nkind: Config\n", values[i]);
        vcl_config_text config;
        vcluster_error *error = NULL;

        open_text(&config, text);
        assert_ok(put(&config, "clusters", NEW, &error), error);
        assert_non_null(strstr(config.text, "# c\n- cluster:"));
        vcl_config_text_done(&config);
    }
    check_put("kind: Config\n", "kind: Config\nclusters:\n" ITEM, "kind: Config\nclusters: []\n");
    check_put("clusters: null\nkind: Config\n", "clusters:\n" ITEM "kind: Config\n",
              "clusters: []\nkind: Config\n");
    check_put("clusters: [\n # c\n]\n",
              "clusters: [{\"cluster\":{\"server\":\"https://h\"},\"name\":\"new\"}\n # c\n]\n",
              "clusters: [\n # c\n]\n");
}

static void a_last_line_without_a_break_gets_one(void **state)
{
    (void)state;
    check_put("clusters:\n- name: a", "clusters:\n- name: a\n" ITEM, "clusters:\n- name: a\n");
    check_put("kind: Config # c", "kind: Config # c\nclusters:\n" ITEM,
              "kind: Config # c\nclusters: []\n");
}

static void carriage_returns_stay(void **state)
{
    (void)state;
    check_put("kind: Config\r\nclusters:\r\n- name: a\r\n\r\n# end\r\n",
              "kind: Config\r\nclusters:\r\n- name: a\r\n"
              "- cluster:\r\n    server: https://h\r\n  name: new\r\n\r\n# end\r\n",
              "kind: Config\r\nclusters:\r\n- name: a\r\n\r\n# end\r\n");
    check_current("kind: Config\r\n", "c", "kind: Config\r\ncurrent-context: c\r\n");
}

static void json_stays_json(void **state)
{
    (void)state;
    check_put("{\"kind\":\"Config\",\"clusters\":[{\"name\":\"a\"}]}",
              "{\"kind\":\"Config\",\"clusters\":[{\"name\":\"a\"}, "
              "{\"cluster\":{\"server\":\"https://h\"},\"name\":\"new\"}]}",
              "{\"kind\":\"Config\",\"clusters\":[{\"name\":\"a\"}]}");
    check_put(
        "{\n    \"clusters\": [\n        {\n            \"name\": \"a\"\n        }\n    ]\n}\n",
        "{\n    \"clusters\": [\n        {\n            \"name\": \"a\"\n        },\n"
        "        {\n          \"cluster\": {\n            \"server\": \"https://h\"\n"
        "          },\n          \"name\": \"new\"\n        }\n    ]\n}\n",
        "{\n    \"clusters\": [\n        {\n            \"name\": \"a\"\n        }\n    ]\n}\n");
    check_put(
        "{\n  \"kind\": \"Config\",\n  \"clusters\": null\n}\n",
        "{\n  \"kind\": \"Config\",\n  \"clusters\": [\n    {\n      \"cluster\": {\n"
        "        \"server\": \"https://h\"\n      },\n      \"name\": \"new\"\n    }\n  ]\n}\n",
        "{\n  \"kind\": \"Config\",\n  \"clusters\": []\n}\n");
    check_put("{}", "{\"clusters\": [{\"cluster\":{\"server\":\"https://h\"},\"name\":\"new\"}]}",
              "{\"clusters\": []}");
    check_current("{\"kind\": \"Config\"}", "c\"d",
                  "{\"kind\": \"Config\", \"current-context\": \"c\\\"d\"}");
    check_current("{\"current-context\": \"a\", \"x\": 1}", "",
                  "{\"current-context\": \"\", \"x\": 1}");
}

static void lists_in_brackets_stay_in_brackets(void **state)
{
    (void)state;
    check_put("clusters: [{name: a},] # c\nusers:\n",
              "clusters: [{name: a}, {\"cluster\":{\"server\":\"https://h\"},\"name\":\"new\"},] "
              "# c\nusers:\n",
              "clusters: [{name: a},] # c\nusers:\n");
}

static void check_drop(const char *text, const char *name, const char *expected)
{
    vcl_config_text config;
    vcluster_error *error = NULL;

    open_text(&config, text);
    assert_ok(vcl_config_text_drop(&config, "users", name, &error), error);
    assert_string_equal(config.text, expected);
    vcl_config_text_done(&config);
}

static void drops_leave_the_neighbours(void **state)
{
    (void)state;
    check_drop(
        "users:\n# one\n- name: a\n  user:\n    token: |\n      x\n\n# two\n- name: b\nk: 1\n", "a",
        "users:\n# one\n# two\n- name: b\nk: 1\n");
    check_drop("users:\n- name: a\n-\n  # c\n  name: b # d\n- {name: é}\nk: 1\n", "b",
               "users:\n- name: a\n- {name: é}\nk: 1\n");
    check_drop("# é\nusers: [{name: a}, {name: b}, {name: c}]\n", "a",
               "# é\nusers: [{name: b}, {name: c}]\n");
    check_drop("users: [{name: a}, {name: b}, {name: c}]\n", "b",
               "users: [{name: a}, {name: c}]\n");
    check_drop("users: [{name: a}, {name: b}, {name: c}]\n", "c",
               "users: [{name: a}, {name: b}]\n");
    check_drop("users: [{name: a}, # about a\n {name: b}]\n", "b",
               "users: [{name: a} # about a\n ]\n");
    check_drop("users: [{name: a},]\n", "a", "users: []\n");
    check_drop("users: [{name: a}]\n", "x", "users: [{name: a}]\n");
}

static void a_put_replaces_in_place(void **state)
{
    vcl_config_text config;
    vcluster_error *error = NULL;

    (void)state;
    open_text(&config,
              "clusters:\n  - name: new\n    cluster: {a: b}\n    # in it\n  - name: z # z\n");
    assert_ok(put(&config, "clusters", NEW, &error), error);
    assert_string_equal(config.text, "clusters:\n  - cluster:\n      server: https://h\n"
                                     "    name: new\n    # in it\n  - name: z # z\n");
    vcl_config_text_done(&config);
}

static void current_context_is_set_where_it_stands(void **state)
{
    (void)state;
    check_current("current-context: a # now\nk: 1\n", "b", "current-context: b # now\nk: 1\n");
    check_current("current-context:\nk: 1\n", "b", "current-context: b\nk: 1\n");
    check_current("current-context: 'a'\n", "true", "current-context: \"true\"\n");
    check_current("current-context: |\n  a\n\nk: 1\n", "b", "current-context: b\nk: 1\n");
    check_current("k: 1\n# end\n", "b", "k: 1\ncurrent-context: b\n# end\n");
    check_current("k: 1\n...\n", "b", "k: 1\ncurrent-context: b\n...\n");
    check_current("  k: 1\n", "b", "  k: 1\n  current-context: b\n");
    check_current("%YAML 1.1\n---\nk: 1\n", "b", "%YAML 1.1\n---\nk: 1\ncurrent-context: b\n");
    check_current("current-context: a\n", "", "current-context: \"\"\n");
    check_current("\xef\xbb\xbfk: \xf0\x9f\x98\x80\n", "é",
                  "\xef\xbb\xbfk: \xf0\x9f\x98\x80\ncurrent-context: é\n");
}

static void what_cannot_be_edited_is_refused_untouched(void **state)
{
    (void)state;
    check_refused("a: &l\n- name: x\nclusters: *l\n");
    check_refused("clusters: &l\n- name: x\nb: *l\n");
    check_refused("base: &b {clusters: [{name: x}]}\n<<: *b\n");
    check_refused("clusters: !!seq\n- name: x\n");
    check_refused("? clusters\n: - name: x\n");
}

static void anchors_elsewhere_do_no_harm(void **state)
{
    (void)state;
    check_put(
        "clusters:\n- name: a\n  cluster: &c {server: https://a}\n- {name: b, cluster: *c}\n",
        "clusters:\n- name: a\n  cluster: &c {server: https://a}\n- {name: b, cluster: *c}\n" ITEM,
        "clusters:\n- name: a\n  cluster: &c {server: https://a}\n- {name: b, cluster: *c}\n");

    vcl_config_text config;
    vcluster_error *error = NULL;
    open_text(&config, "users:\n- {name: a, user: &u {token: t}}\n- {name: b, user: *u}\n");
    int status = vcl_config_text_drop(&config, "users", "a", &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, error, "users");
    vcluster_error_free(error);
    vcl_config_text_done(&config);
}

static void other_documents_are_no_kubeconfigs(void **state)
{
    static const char *const texts[] = {
        "[1]\n", "text\n", "a: 1\n---\nb: 2\n", "kind: Pod\n", "clusters: [{name: a}, {name: a}]\n",
        "a: [\n"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcl_config_text config = { .text = NULL };
        vcluster_error *error = NULL;

        int status = vcl_config_text_open(&config, texts[i], strlen(texts[i]), &error);
        assert_int_equal(status, VCLUSTER_E_CONFIG);
        assert_null(config.text);
        vcluster_error_free(error);
    }
}

#define CONTEXT "{\"context\": {\"cluster\": \"new\", \"user\": \"new\"}, \"name\": \"new\"}"
#define USER "{\"name\": \"new\", \"user\": {\"token\": \"t\"}}"

/* What a merge does to a text, and what a disconnect does. */
static void merge_at_once(vcl_config_text *config)
{
    cJSON *entries[] = { entry_of(NEW), entry_of(CONTEXT), entry_of(USER) };
    const vcl_config_edit edits[] = { { .list = "clusters", .entry = entries[0] },
                                      { .list = "contexts", .entry = entries[1] },
                                      { .list = "users", .entry = entries[2] },
                                      { .name = "new" } };
    vcluster_error *error = NULL;

    assert_ok(vcl_config_text_edit(config, edits, 4, &error), error);
    for (size_t i = 0; i < 3; i++)
        cJSON_Delete(entries[i]);
}

static void several_edits_at_once_give_what_they_give_one_by_one(void **state)
{
    static const vcl_config_edit away[] = { { .name = "" },
                                            { .list = "contexts", .name = "new" },
                                            { .list = "clusters", .name = "new" },
                                            { .list = "users", .name = "new" } };
    static const char *const texts[] = {
        "",
        "# c\n",
        "{}\n",
        "users: []\nclusters: null\ncontexts:\n",
        "apiVersion: v1\nclusters:\n- name: a\nkind: Config",
        "users:\n- name: a\n", /* what is missing ends where the users do */
        "users:\n  - name: a # x\n# end\n",
        "clusters: [{name: a}]\nusers: [ ]\ncurrent-context: old\n",
        "{\"clusters\": [{\"name\": \"a\"}], \"current-context\": \"\"}",
        "{\n  \"kind\": \"Config\",\n  \"users\": null\n}\n",
        "clusters:\n- name: new\n- name: z\nusers:\n- name: new\ncontexts:\n- name: new\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcl_config_text once;
        vcl_config_text each;
        vcluster_error *error = NULL;

        open_text(&once, texts[i]);
        open_text(&each, texts[i]);
        merge_at_once(&once);
        assert_ok(put(&each, "clusters", NEW, &error), error);
        assert_ok(put(&each, "contexts", CONTEXT, &error), error);
        assert_ok(put(&each, "users", USER, &error), error);
        assert_ok(vcl_config_text_set_current(&each, "new", &error), error);
        assert_true(vcl_json_equal(once.tree, each.tree));
        assert_null(strstr(once.text, "\n\n"));

        assert_ok(vcl_config_text_edit(&once, away, 4, &error), error);
        assert_null(strstr(once.text, "new"));
        for (size_t k = 1; k < 4; k++)
            assert_ok(vcl_config_text_drop(&each, away[k].list, "new", &error), error);
        assert_ok(vcl_config_text_set_current(&each, "", &error), error);
        assert_true(vcl_json_equal(once.tree, each.tree));
        vcl_config_text_done(&once);
        vcl_config_text_done(&each);
    }
}

static void of_several_edits_none_is_made_when_one_cannot_be(void **state)
{
    static const char text[] = "users: &u\n- name: a\nclusters:\n- name: b\nx: *u\n";
    static const vcl_config_edit edits[] = { { .list = "clusters", .name = "b" },
                                             { .list = "users", .name = "a" } };
    vcl_config_text config;
    vcluster_error *error = NULL;

    (void)state;
    open_text(&config, text);
    int status = vcl_config_text_edit(&config, edits, 2, &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, error, "'users'");
    assert_string_equal(config.text, text);
    vcluster_error_free(error);
    vcl_config_text_done(&config);
}

static void ten_thousand_contexts_take_one_more(void **state)
{
    VCL_AUTO_BUF text = { 0 };
    vcl_config_text config;
    vcluster_error *error = NULL;

    (void)state;
    vcl_buf_init(&text, 1 << 20);
    assert_true(vcl_buf_add(&text, "contexts:\n"));
    for (int i = 0; i < 10000; i++)
        assert_true(vcl_buf_addf(&text, "- {name: c%d}\n", i));
    open_text(&config, vcl_buf_text(&text));
    assert_ok(put(&config, "contexts", CONTEXT, &error), error);
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(config.tree, "contexts")), 10001);
    vcl_config_text_done(&config);
}

/* Nothing is wrong with how the list is written, but the file would be no kubeconfig any more. */
static void what_a_kubeconfig_would_be_refused_for_is_told(void **state)
{
    static const char text[] = "clusters:\n- name: a\n";
    vcl_config_text config;
    vcluster_error *error = NULL;

    (void)state;
    open_text(&config, text);
    int status = put(&config, "clusters", "{\"cluster\": 5, \"name\": \"b\"}", &error);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, error, "'clusters'");
    assert_non_null(vcluster_error_cause(error));
    assert_non_null(strstr(vcluster_error_to_string(error), "clusters[b] is not a map"));
    assert_string_equal(config.text, text);
    vcluster_error_free(error);
    vcl_config_text_done(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_lists_keep_comments_order_and_indent),
        cmocka_unit_test(empty_texts_become_kubeconfigs),
        cmocka_unit_test(lists_that_hold_nothing_are_filled),
        cmocka_unit_test(a_last_line_without_a_break_gets_one),
        cmocka_unit_test(carriage_returns_stay),
        cmocka_unit_test(json_stays_json),
        cmocka_unit_test(lists_in_brackets_stay_in_brackets),
        cmocka_unit_test(drops_leave_the_neighbours),
        cmocka_unit_test(a_put_replaces_in_place),
        cmocka_unit_test(current_context_is_set_where_it_stands),
        cmocka_unit_test(what_cannot_be_edited_is_refused_untouched),
        cmocka_unit_test(anchors_elsewhere_do_no_harm),
        cmocka_unit_test(several_edits_at_once_give_what_they_give_one_by_one),
        cmocka_unit_test(of_several_edits_none_is_made_when_one_cannot_be),
        cmocka_unit_test(other_documents_are_no_kubeconfigs),
        cmocka_unit_test(ten_thousand_contexts_take_one_more),
        cmocka_unit_test(what_a_kubeconfig_would_be_refused_for_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
