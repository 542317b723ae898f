/* SPDX-License-Identifier: Apache-2.0 */
/* Merging, coalescing and setting values as Helm does. */
#include "data/values.h"

#include <string.h>

#include "cmocka_support.h"

static cJSON *parse(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

static void assert_tree(const cJSON *tree, const char *expected)
{
    vcl_auto_free char *text = vcl_json_print_go(tree);

    assert_text_equal(text, expected);
}

static void merge_lays_one_document_over_another(void **state)
{
    static const struct {
        const char *base;
        const char *over;
        const char *merged;
    } cases[] = {
        { "{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}" },
        { "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":3}}", "{\"a\":{\"x\":1,\"y\":3}}" },
        { "{\"a\":[1,2]}", "{\"a\":[3]}", "{\"a\":[3]}" },
        { "{\"a\":{\"x\":1}}", "{\"a\":5}", "{\"a\":5}" },
        { "{\"a\":5}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}" },
        { "{\"a\":5}", "{\"a\":null}", "{\"a\":null}" },
        { "{\"a\":5}", "null", "{\"a\":5}" },
        { "null", "{\"a\":5}", "{\"a\":5}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *base = parse(cases[i].base);
        VCL_AUTO_JSON *over = parse(cases[i].over);
        VCL_AUTO_ERROR *error = NULL;
        assert_ok(vcl_values_merge(base, over, &error), error);
        assert_tree(base, cases[i].merged);
    }
}

static void merge_refuses_what_is_no_map(void **state)
{
    VCL_AUTO_JSON *base = parse("{\"a\":1}");
    VCL_AUTO_JSON *over = parse("[1]");
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_fails(vcl_values_merge(base, over, &error), VCLUSTER_E_CONFIG, error, "not a map");
    assert_tree(base, "{\"a\":1}");
}

static void coalesce_lays_values_over_defaults(void **state)
{
    static const struct {
        const char *defaults;
        const char *user;
        const char *values;
    } cases[] = {
        { "{\"a\":1,\"b\":2}", "{\"b\":3}", "{\"a\":1,\"b\":3}" },
        { "{\"a\":1,\"b\":2}", "{\"a\":null}", "{\"b\":2}" },
        { "{\"m\":{\"x\":1,\"y\":2}}", "{\"m\":{\"x\":null}}", "{\"m\":{\"y\":2}}" },
        { "{\"m\":{\"x\":1}}", "{\"m\":null}", "{}" },
        { "{\"m\":{\"x\":null}}", "{\"m\":{\"x\":null,\"z\":null}}",
          "{\"m\":{\"x\":null,\"z\":null}}" },
        { "{\"a\":1}", "{\"new\":null}", "{\"a\":1,\"new\":null}" },
        { "{\"m\":{\"x\":1}}", "{\"m\":7}", "{\"m\":7}" },
        { "{\"m\":7}", "{\"m\":{\"x\":1}}", "{\"m\":{\"x\":1}}" },
        { "{\"l\":[1,2]}", "{\"l\":[]}", "{\"l\":[]}" },
        { "{\"m\":{\"n\":{\"x\":1,\"y\":1}}}", "{\"m\":{\"n\":{\"y\":2}}}",
          "{\"m\":{\"n\":{\"x\":1,\"y\":2}}}" },
        { "null", "{\"a\":1}", "{\"a\":1}" },
        { "{\"a\":1}", "null", "{\"a\":1}" },
        { "{\"a\":null}", "{}", "{\"a\":null}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *defaults = parse(cases[i].defaults);
        VCL_AUTO_JSON *user = parse(cases[i].user);
        VCL_AUTO_JSON *values = NULL;
        VCL_AUTO_ERROR *error = NULL;
        assert_ok(vcl_values_coalesce(defaults, user, &values, &error), error);
        assert_tree(values, cases[i].values);
        assert_tree(user, cases[i].user);
    }
}

static void set_expression_follows_the_grammar_of_helm(void **state)
{
    static const struct {
        const char *base;
        const char *expression;
        const char *values;
    } cases[] = {
        { "{}", "", "{}" },
        { "{}", "a.b=c", "{\"a\":{\"b\":\"c\"}}" },
        { "{}", "a=1,b=true,c=FALSE,d=Null,e=",
          "{\"a\":1,\"b\":true,\"c\":false,\"d\":null,\"e\":\"\"}" },
        { "{}", "a=007,b=1.5,c=-3,d=0,e=00,f=1e3",
          "{\"a\":\"007\",\"b\":\"1.5\",\"c\":-3,\"d\":0,\"e\":\"00\",\"f\":\"1e3\"}" },
        { "{}", "a=9223372036854775807,b=9223372036854775808",
          "{\"a\":9223372036854775807,\"b\":\"9223372036854775808\"}" },
        { "{}", "l={x,1,true},m={}", "{\"l\":[\"x\",1,true],\"m\":[\"\"]}" },
        { "{}", "l[2]=x", "{\"l\":[null,null,\"x\"]}" },
        { "{}", "l[1][0].k=v", "{\"l\":[null,[{\"k\":\"v\"}]]}" },
        { "{\"l\":[{\"a\":1},2]}", "l[0].b=2", "{\"l\":[{\"a\":1,\"b\":2},2]}" },
        { "{}", "a\\.b=1\\,2", "{\"a.b\":\"1,2\"}" },
        { "{}", "a\\=b=c=d", "{\"a=b\":\"c=d\"}" },
        { "{}", "n.kubernetes\\.io/os=linux", "{\"n\":{\"kubernetes.io/os\":\"linux\"}}" },
        { "{\"a\":{\"x\":1}}", "a.y=2,a.x=3", "{\"a\":{\"x\":3,\"y\":2}}" },
        { "{\"a\":1}", "a[0]", NULL },
        { "{}", "a[0]", "{\"a\":[]}" },
        { "{}", "a[0].b=", "{\"a\":[]}" },
        { "{}", "a={x}b=1", "{\"a\":[\"x\"],\"b\":1}" },
        { "{}", "a={x,{y}", "{\"a\":[\"x\",\"{y\"]}" },
        { "{}", "=1,a=2", "{\"a\":2}" },
        { "{}", "a.=1", NULL },
        { "{}", "a.", "{}" },
        { "{}", "a=b\\", "{\"a\":\"b\"}" },
        { "{\"l\":[1]}", "l[0].b=2", "{\"l\":[{\"b\":2}]}" },
        { "{\"l\":[1]}", "l[0][0]=2", NULL },
        { "{\"l\":[null]}", "l[0][1]=2", "{\"l\":[[null,2]]}" },
        { "{\"a\":null}", "a.b=1", NULL },
        { "{\"a\":null}", "a[0]=1", NULL },
        { "{}", "a=b,", "{\"a\":\"b\"}" },
        { "{}", "a=one two  three", "{\"a\":\"one two  three\"}" },
        { "null", "a=1", "{\"a\":1}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *values = parse(cases[i].base);
        VCL_AUTO_ERROR *error = NULL;
        int status = vcl_values_set_expression(values, cases[i].expression, VCL_SET_TYPED, &error);
        if (cases[i].values)
            assert_ok(status, error);
        else
            assert_int_equal(status, VCLUSTER_E_INVALID_ARGUMENT);
        assert_tree(values, cases[i].values ? cases[i].values : cases[i].base);
    }
}

static void every_mode_has_its_grammar(void **state)
{
    static const struct {
        vcl_set_mode mode;
        const char *expression;
        const char *values; /* NULL: refused */
    } cases[] = {
        { VCL_SET_JSON, "a={\"b\":[1,null]}", "{\"a\":{\"b\":[1,null]}}" },
        { VCL_SET_JSON, "a=1,b.c=\"x,y\" , l[1]=true",
          "{\" l\":[null,true],\"a\":1,\"b\":{\"c\":\"x,y\"}}" },
        { VCL_SET_JSON, "a=,b= ,c=null", "{\"a\":null,\"b\":null,\"c\":null}" },
        { VCL_SET_JSON, "a=1b=-2.5e3", "{\"a\":1,\"b\":-2500}" },
        { VCL_SET_JSON, "a={\"x\":1}b=2", "{\"a\":{\"x\":1},\"b\":2}" },
        { VCL_SET_JSON, "{\"a\":{\"b\":1},\"c\":null}", "{\"a\":{\"b\":1},\"c\":null}" },
        { VCL_SET_JSON, "a=01", NULL },
        { VCL_SET_JSON, "a=text", NULL },
        { VCL_SET_JSON, "a={\"b\":1", NULL },
        { VCL_SET_JSON, "a=\"b", NULL },
        { VCL_SET_JSON, "a=1.", NULL },
        { VCL_SET_JSON, "{\"a\":1} x", NULL },
        { VCL_SET_LITERAL, "a.b=1,c={x}\\", "{\"a\":{\"b\":\"1,c={x}\\\\\"}}" },
        { VCL_SET_LITERAL, "a,b[1]=", "{\"a,b\":[null,\"\"]}" },
        { VCL_SET_LITERAL, "a", NULL },
        { VCL_SET_STRING, "a=1,b={1,null},c=", "{\"a\":\"1\",\"b\":[\"1\",\"null\"],\"c\":\"\"}" },
        { VCL_SET_FILE, "a=", "{\"a\":\"\"}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *values = parse("{}");
        VCL_AUTO_ERROR *error = NULL;
        int status = vcl_values_set_expression(values, cases[i].expression, cases[i].mode, &error);
        if (cases[i].values)
            assert_ok(status, error);
        else
            assert_int_equal(status, VCLUSTER_E_INVALID_ARGUMENT);
        assert_tree(values, cases[i].values ? cases[i].values : "{}");
    }
}

static void files_are_set_as_texts(void **state)
{
    static const char expression[] = "a.b=" VCLUSTER_FIXTURES "/charts/constructs/top.txt";
    VCL_AUTO_JSON *values = parse("{}");
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_ERROR *missing = NULL;
    const cJSON *node = NULL;

    (void)state;
    assert_ok(vcl_values_set_expression(values, expression, VCL_SET_FILE, &error), error);
    assert_int_equal(vcl_values_get(values, "a.b", &node, NULL), 0);
    assert_true(cJSON_IsString(node) && strlen(node->valuestring) > 0);
    assert_fails(vcl_values_set_expression(values, "a=/no/such/file", VCL_SET_FILE, &missing),
                 VCLUSTER_E_NOT_FOUND, missing, "cannot open '/no/such/file'");
    assert_int_equal(vcl_values_set_expression(values, "a=/dev/null", VCL_SET_FILE, NULL), 0);
    assert_int_equal(vcl_values_set_expression(values, "a=/dev/zero", VCL_SET_FILE, NULL),
                     VCLUSTER_E_INVALID_ARGUMENT);
}

/* Only integers of --set are marked, and copies and merges keep the mark. */
static void integers_of_set_are_told_from_those_of_documents(void **state)
{
    VCL_AUTO_JSON *values = parse("{\"a\":1}");
    VCL_AUTO_JSON *base = parse("{\"m\":{\"x\":1}}");
    const cJSON *node = NULL;

    (void)state;
    assert_int_equal(
        vcl_values_set_expression(values, "m.b=5,big=9007199254740993,s=1.5", VCL_SET_TYPED, NULL),
        0);
    assert_int_equal(vcl_values_merge(base, values, NULL), 0);
    assert_false(vcl_json_get(base, "a")->type & VCL_JSON_INT64);
    assert_true(vcl_json_get(base, "big")->type & VCL_JSON_INT64);
    assert_int_equal(vcl_values_get(base, "m.b", &node, NULL), 0);
    assert_true(node->type & VCL_JSON_INT64);
    assert_int_equal(vcl_values_get(base, "m.x", &node, NULL), 0);
    assert_false(node->type & VCL_JSON_INT64);
}

static void set_expression_failure_changes_nothing(void **state)
{
    static const struct {
        const char *expression;
        const char *message;
    } cases[] = {
        { "x=1,a", "'a', character 6: expected '='" },
        { "x=1,,y=2", "expected '='" },
        { "x=1,s.t=2", "not a map" },
        { "x=1,s[0]=2", "not a list" },
        { "x=1,m[0]=2", "not a list" },
        { "x=1,m.=2", "no value" },
        { "x=1,l.a=2", "not a map" },
        { "x=1,l[a]=2", "index is no number" },
        { "x=1,l[-1]=2", "index is no number" },
        { "x=1,l[65537]=2", "index is larger than 65536" },
        { "x=1,l[1", "needs an index" },
        { "x=1,l[1]z=2", "expected '.', '[' or '='" },
        { "x=1,l={a,b", "closing '}'" },
        { "x=1,l={a}b", "expected '='" },
        { "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.1.2.3.4.5.6=1", "30 names" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *values = parse("{\"l\":[1],\"m\":{},\"s\":\"text\"}");
        VCL_AUTO_ERROR *error = NULL;
        assert_fails(vcl_values_set_expression(values, cases[i].expression, VCL_SET_TYPED, &error),
                     VCLUSTER_E_INVALID_ARGUMENT, error, cases[i].message);
        assert_tree(values, "{\"l\":[1],\"m\":{},\"s\":\"text\"}");
    }
}

static void set_expression_errors_hide_values(void **state)
{
    VCL_AUTO_JSON *values = parse("{}");
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcl_values_set_expression(values, "password={hunter2", VCL_SET_STRING, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_null(strstr(vcluster_error_to_string(error), "hunter2"));
}

static void set_string_mode_makes_texts_only(void **state)
{
    VCL_AUTO_JSON *values = parse("{}");
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcl_values_set_expression(values, "a=1,b=true,c={1,null}", VCL_SET_STRING, &error),
              error);
    assert_tree(values, "{\"a\":\"1\",\"b\":\"true\",\"c\":[\"1\",\"null\"]}");
}

static void lists_of_many_indices_are_bounded(void **state)
{
    VCL_AUTO_BUF expression;
    VCL_AUTO_JSON *values = parse("{}");
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    vcl_buf_init(&expression, 1 << 20);
    for (int i = 0; i < 40; i++)
        vcl_buf_addf(&expression, "l%d[65536]=1,", i);
    assert_fails(
        vcl_values_set_expression(values, vcl_buf_text(&expression), VCL_SET_TYPED, &error),
        VCLUSTER_E_INVALID_ARGUMENT, error, "too long");
}

static void set_takes_any_value_and_get_finds_it(void **state)
{
    VCL_AUTO_JSON *values = parse("{}");
    VCL_AUTO_ERROR *error = NULL;
    const cJSON *node = NULL;

    (void)state;
    assert_ok(vcl_values_set(values, "a.b[1].c\\.d", "x,y={1}\\", VCL_SET_TYPED, &error), error);
    assert_ok(vcl_values_set(values, "n", "5", VCL_SET_TYPED, &error), error);
    assert_ok(vcl_values_set(values, "s", "5", VCL_SET_STRING, &error), error);
    assert_tree(values, "{\"a\":{\"b\":[null,{\"c.d\":\"x,y={1}\\\\\"}]},\"n\":5,\"s\":\"5\"}");

    assert_ok(vcl_values_get(values, "a.b[1].c\\.d", &node, &error), error);
    assert_true(cJSON_IsString(node));
    assert_ok(vcl_values_get(values, "a.b[7].c", &node, &error), error);
    assert_null(node);
    assert_ok(vcl_values_get(values, "n.x[0]", &node, &error), error);
    assert_null(node);
}

static void paths_that_cannot_be_read_are_refused(void **state)
{
    static const char *const paths[] = { "", ".", "a.", ".a", "a..b", "a=b", "a,b", "a[x]", "a[1" };
    VCL_AUTO_JSON *values = parse("{\"a\":1}");

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const cJSON *node = NULL;
        assert_int_equal(vcl_values_get(values, paths[i], &node, NULL),
                         VCLUSTER_E_INVALID_ARGUMENT);
        assert_int_equal(vcl_values_set(values, paths[i], "1", VCL_SET_TYPED, NULL),
                         VCLUSTER_E_INVALID_ARGUMENT);
    }
    assert_tree(values, "{\"a\":1}");
}

static void a_difference_laid_over_the_defaults_gives_the_values_again(void **state)
{
    static const struct {
        const char *values;
        const char *defaults;
        const char *user;
    } cases[] = {
        { "{\"a\":1,\"b\":{\"x\":1}}", "{\"a\":1,\"b\":{\"x\":1}}", "{}" },
        { "{\"a\":2}", "{\"a\":1}", "{\"a\":2}" },
        { "{\"a\":{\"x\":1,\"y\":3}}", "{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"y\":3}}" },
        { "{\"a\":{}}", "{\"a\":{\"x\":1}}", "{\"a\":{\"x\":null}}" },
        { "{\"b\":1}", "{\"a\":1}", "{\"a\":null,\"b\":1}" },
        { "{\"a\":[1,2]}", "{\"a\":[1]}", "{\"a\":[1,2]}" },
        { "{\"a\":\"1\"}", "{\"a\":1}", "{\"a\":\"1\"}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *values = parse(cases[i].values);
        VCL_AUTO_JSON *defaults = parse(cases[i].defaults);
        VCL_AUTO_JSON *user = NULL;
        VCL_AUTO_JSON *again = NULL;
        VCL_AUTO_ERROR *error = NULL;
        assert_ok(vcl_values_difference(values, defaults, &user, &error), error);
        assert_tree(user, cases[i].user);
        assert_ok(vcl_values_coalesce(defaults, user, &again, &error), error);
        VCL_AUTO_JSON *left = NULL;
        assert_ok(vcl_values_difference(again, values, &left, &error), error);
        assert_tree(left, "{}");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merge_lays_one_document_over_another),
        cmocka_unit_test(merge_refuses_what_is_no_map),
        cmocka_unit_test(coalesce_lays_values_over_defaults),
        cmocka_unit_test(set_expression_follows_the_grammar_of_helm),
        cmocka_unit_test(set_expression_failure_changes_nothing),
        cmocka_unit_test(every_mode_has_its_grammar),
        cmocka_unit_test(files_are_set_as_texts),
        cmocka_unit_test(integers_of_set_are_told_from_those_of_documents),
        cmocka_unit_test(set_expression_errors_hide_values),
        cmocka_unit_test(set_string_mode_makes_texts_only),
        cmocka_unit_test(lists_of_many_indices_are_bounded),
        cmocka_unit_test(set_takes_any_value_and_get_finds_it),
        cmocka_unit_test(paths_that_cannot_be_read_are_refused),
        cmocka_unit_test(a_difference_laid_over_the_defaults_gives_the_values_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
