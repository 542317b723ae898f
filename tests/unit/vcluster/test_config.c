/* SPDX-License-Identifier: Apache-2.0 */
/* The values document through its public functions. */
#include "cm.h"

#include <libvcluster/config.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"

static vcluster_config *parsed(const char *text)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    assert_works(vcluster_config_parse(text, &config, &error), &error);
    return config;
}

static void assert_value(const vcluster_config *config, const char *path, const char *json)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    assert_works(vcluster_config_get(config, path, &text, &error), &error);
    assert_string_equal(text, json);
    vcluster_free(text);
}

static void assert_yaml(const vcluster_config *config, const char *expected)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    assert_works(vcluster_config_to_yaml(config, &text, &error), &error);
    assert_string_equal(text, expected);
    vcluster_free(text);
}

static void parse_reads_yaml_and_json(void **state)
{
    vcluster_config *yaml = parsed("sync:\n  toHost:\n    pods: {enabled: true}\nlist: [1, two]\n");
    vcluster_config *json = parsed("{\"a\": {\"b\": \"1.35\"}}");

    (void)state;
    assert_value(yaml, "sync.toHost.pods.enabled", "true");
    assert_value(yaml, "list", "[1,\"two\"]");
    assert_value(yaml, "list[1]", "\"two\"");
    assert_value(json, "a.b", "\"1.35\"");
    vcluster_config_free(yaml);
    vcluster_config_free(json);
}

static void an_empty_text_is_an_empty_document(void **state)
{
    static const char *const texts[] = { "", "\n", "# only a comment\n", "---\n", "null", "{}" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcluster_config *config = parsed(texts[i]);
        assert_yaml(config, "{}\n");
        vcluster_config_free(config);
    }
}

static void a_list_or_scalar_as_document_is_refused(void **state)
{
    static const char *const texts[] = { "- a\n- b\n", "just text", "5", "[]" };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        vcluster_config *config = NULL;
        VCL_AUTO_ERROR *error = NULL;

        assert_int_equal(vcluster_config_parse(texts[i], &config, &error), VCLUSTER_E_CONFIG);
        assert_null(config);
        assert_int_equal(vcluster_error_finding_count(error), 1);
        assert_string_equal(vcluster_finding_rule(vcluster_error_finding_at(error, 0)),
                            "values-map");
        assert_string_equal(vcluster_error_operation(error), "read values");
    }
}

static void a_syntax_error_has_its_line(void **state)
{
    vcluster_config *config = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcluster_config_parse("a: 1\nb: 2\nc: [1, 2\nd: 3\n", &config, &error),
                     VCLUSTER_E_CONFIG);
    assert_null(config);
    assert_int_equal(vcluster_error_finding_count(error), 1);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
    assert_string_equal(vcluster_finding_rule(finding), "yaml-syntax");
    assert_in_range(vcluster_finding_line(finding), 3, 5);
}

static void a_document_over_the_limit_is_refused(void **state)
{
    size_t size = VCL_MAX_DOCUMENT + 2;
    char *text = malloc(size + 1);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', size);
    memcpy(text, "a: 1\n#", 6);
    text[size] = '\0';
    assert_fails(vcluster_config_parse(text, &config, &error), VCLUSTER_E_CONFIG, &error, "4");
    assert_null(config);
    free(text);
}

static void load_reads_a_file_and_names_it_in_errors(void **state)
{
    char path[] = "/tmp/libvcluster-test-XXXXXX";
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a: {b: 1}\n", 10), 10);
    assert_works(vcluster_config_load(path, &config, &error), &error);
    assert_value(config, "a.b", "1");
    vcluster_config_free(config);
    config = NULL;

    assert_int_equal(write(fd, "- x\n", 4), 4);
    assert_fails(vcluster_config_load(path, &config, &error), VCLUSTER_E_CONFIG, &error, path);
    assert_int_equal(ftruncate(fd, VCL_MAX_DOCUMENT + 1L), 0);
    assert_fails(vcluster_config_load(path, &config, &error), VCLUSTER_E_CONFIG, &error,
                 "larger than 4 MiB");
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(path), 0);
    assert_fails(vcluster_config_load(path, &config, &error), VCLUSTER_E_NOT_FOUND, &error, path);
    assert_fails(vcluster_config_load("/", &config, &error), VCLUSTER_E_CONFIG, &error,
                 "cannot read it");
    assert_null(config);
}

static void merge_goes_through_maps_and_replaces_lists(void **state)
{
    vcluster_config *config = parsed("a: {k: 1, l: 2}\nlist: [1, 2]\nkeep: yes\ngone: {m: 1}\n");
    vcluster_config *over = parsed("a: {l: 3, m: 4}\nlist: [9]\ngone: null\n");
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_config_merge(config, over, &error), &error);
    assert_yaml(config, "a:\n  k: 1\n  l: 3\n  m: 4\ngone: null\nkeep: true\nlist:\n- 9\n");
    assert_yaml(over, "a:\n  l: 3\n  m: 4\ngone: null\nlist:\n- 9\n");
    vcluster_config_free(config);
    vcluster_config_free(over);
}

static void set_types_values_as_helm_does(void **state)
{
    vcluster_config *config = parsed("");
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_config_set(config, "a.b.c", "true", &error), &error);
    assert_works(vcluster_config_set(config, "a.n", "42", &error), &error);
    assert_works(vcluster_config_set(config, "a.v", "1.35", &error), &error);
    assert_works(vcluster_config_set(config, "a.list[1].x", "y,z=1", &error), &error);
    assert_works(vcluster_config_set(config, "a\\.b", "null", &error), &error);
    assert_works(vcluster_config_set_string(config, "s", "true", &error), &error);
    assert_value(config, "a.b.c", "true");
    assert_value(config, "a.n", "42");
    assert_value(config, "a.v", "\"1.35\"");
    assert_value(config, "a.list[0]", "null");
    assert_value(config, "a.list[1].x", "\"y,z=1\"");
    assert_value(config, "a\\.b", "null");
    assert_value(config, "s", "\"true\"");
    vcluster_config_free(config);
}

static void set_refuses_paths_that_cannot_be_read_and_changes_nothing(void **state)
{
    static const char *const paths[] = { "", "a[", "a[x]", "a[-1]", "a[99999999]", "a..b" };
    vcluster_config *config = parsed("keep: 1");
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (vcluster_config_set(config, paths[i], "1", &error) == VCLUSTER_OK)
            fail_msg("the path '%s' was taken", paths[i]);
        assert_int_equal(vcluster_error_code(error), VCLUSTER_E_INVALID_ARGUMENT);
        vcl_error_clear(&error);
    }
    assert_yaml(config, "keep: 1\n");
    vcluster_config_free(config);
}

static void set_expression_takes_several_values(void **state)
{
    vcluster_config *config = parsed("");
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_config_set_expression(config, "a=1,b.c={x,y},d=", &error), &error);
    assert_yaml(config, "a: 1\nb:\n  c:\n  - x\n  - \"y\"\nd: \"\"\n");
    vcluster_config_free(config);
}

static void errors_never_repeat_a_value(void **state)
{
    vcluster_config *config = parsed("a: 1");
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_true(vcluster_config_set_expression(config, "a[=topsecret", &error) < 0);
    assert_null(strstr(vcluster_error_to_string(error), "topsecret"));
    vcl_error_clear(&error);
    assert_true(vcluster_config_set(config, "a[", "topsecret", &error) < 0);
    assert_null(strstr(vcluster_error_to_string(error), "topsecret"));
    vcluster_config_free(config);
}

static void get_of_nothing_is_not_found(void **state)
{
    vcluster_config *config = parsed("a: {b: null}");
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_fails(vcluster_config_get(config, "a.c", &text, &error), VCLUSTER_E_NOT_FOUND, &error,
                 "'a.c'");
    assert_fails(vcluster_config_get(config, "a.b.c", &text, &error), VCLUSTER_E_NOT_FOUND, &error,
                 "'a.b.c'");
    assert_null(text);
    assert_value(config, "a.b", "null");
    vcluster_config_free(config);
}

static void null_arguments_are_refused(void **state)
{
    vcluster_config *config = parsed("");
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    assert_fails(vcluster_config_new(NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, &error, "NULL");
    assert_fails(vcluster_config_parse(NULL, &config, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "NULL");
    assert_fails(vcluster_config_load(NULL, &config, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "NULL");
    assert_fails(vcluster_config_merge(config, NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "NULL");
    assert_fails(vcluster_config_set(config, "a", NULL, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 &error, "NULL");
    assert_fails(vcluster_config_set_string(NULL, "a", "b", &error), VCLUSTER_E_INVALID_ARGUMENT,
                 &error, "NULL");
    assert_fails(vcluster_config_set_expression(config, NULL, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 &error, "NULL");
    assert_fails(vcluster_config_get(NULL, "a", &text, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "NULL");
    assert_fails(vcluster_config_to_yaml(config, NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "NULL");
    vcluster_config_free(config);
    vcluster_config_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_reads_yaml_and_json),
        cmocka_unit_test(an_empty_text_is_an_empty_document),
        cmocka_unit_test(a_list_or_scalar_as_document_is_refused),
        cmocka_unit_test(a_syntax_error_has_its_line),
        cmocka_unit_test(a_document_over_the_limit_is_refused),
        cmocka_unit_test(load_reads_a_file_and_names_it_in_errors),
        cmocka_unit_test(merge_goes_through_maps_and_replaces_lists),
        cmocka_unit_test(set_types_values_as_helm_does),
        cmocka_unit_test(set_refuses_paths_that_cannot_be_read_and_changes_nothing),
        cmocka_unit_test(set_expression_takes_several_values),
        cmocka_unit_test(errors_never_repeat_a_value),
        cmocka_unit_test(get_of_nothing_is_not_found),
        cmocka_unit_test(null_arguments_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
