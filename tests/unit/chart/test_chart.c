/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from files, directories and out of the library; .helmignore. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/helmignore.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

#define MINIMAL "apiVersion: v2\nname: small\nversion: 1.2.3\n"

static void files_become_a_chart(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(fixture_chart(&chart, &error, "Chart.yaml", MINIMAL, "values.yaml", "a: 1\n",
                            "templates/x.yaml", "x", "values.schema.json", "{}", "README.md",
                            "read", "files/a.txt", "A", NULL),
              error);
    assert_string_equal(vcluster_chart_name(chart), "small");
    assert_string_equal(vcluster_chart_version(chart), "1.2.3");
    assert_int_equal(vcl_json_find_int(chart->values, 0, "a", NULL), 1);
    assert_string_equal(chart->values_text, "a: 1\n");
    assert_string_equal(chart->schema, "{}");
    assert_uint_equal(chart->template_count, 1);
    assert_uint_equal(chart->file_count, 2);
    assert_string_equal(chart->files[1].name, "files/a.txt");
}

static void chart_without_values_has_none(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_PTR(vcluster_chart) empty = NULL;

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, NULL), 0);
    assert_true(cJSON_IsObject(chart->values));
    assert_null(chart->values->child);
    assert_null(chart->schema);
    assert_int_equal(
        fixture_chart(&empty, NULL, "Chart.yaml", MINIMAL, "values.yaml", "# nothing\n", NULL), 0);
    assert_true(cJSON_IsObject(empty->values));
}

static void byte_order_marks_are_dropped(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", "\xEF\xBB\xBF" MINIMAL, NULL), 0);
    assert_string_equal(vcluster_chart_name(chart), "small");
}

static void bad_charts_are_refused_with_the_reason(void **state)
{
    static const struct {
        const char *chart;
        const char *values;
        const char *reason;
    } cases[] = {
        { "name: a\n", "", "'version' is missing" },
        { "version: 1.0.0\n", "", "'name' is missing" },
        { "name: a\nversion: 1.0\n", "", "'version' must be a text" },
        { "name: a\nversion: x\n", "", "no semantic version" },
        { "name: a\nversion: 1.2.3.4\n", "", "no semantic version" },
        { "name: ..\nversion: 1.0.0\n", "", "'name' is not allowed" },
        { "name: a/b\nversion: 1.0.0\n", "", "'name' is not allowed" },
        { "name: [a]\nversion: 1.0.0\n", "", "'name' must be a text" },
        { "name: a\nversion: 1.0.0\ntype: other\n", "", "'type' must be" },
        { "- a\n", "", "no map" },
        { "name: 'a\n", "", "Chart.yaml" },
        { MINIMAL, "- a\n", "values.yaml: this is no map" },
        { MINIMAL, "text", "values.yaml: this is no map" },
        { MINIMAL, "a: [1\n", "values.yaml" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        vcluster_chart *chart = NULL;
        int status = fixture_chart(&chart, &error, "Chart.yaml", cases[i].chart, "values.yaml",
                                   cases[i].values, NULL);
        assert_fails(status, VCLUSTER_E_CONFIG, error, cases[i].reason);
        assert_null(chart);
    }
}

static void a_chart_needs_its_metadata(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;

    (void)state;
    int status = fixture_chart(&chart, &error, "templates/a.yaml", "a", NULL);
    assert_fails(status, VCLUSTER_E_CONFIG, error, "Chart.yaml");
    fixture_assert_finding(error, "Chart.yaml", "chart-metadata");
}

static void versions_take_the_forms_of_helm(void **state)
{
    static const char *const good[] = { "1.2.3",      "v1.2.3",    "\"1\"",
                                        "1.2.3-rc.1", "1.2.3+b.5", "1.2.3-rc.1+b" };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        VCL_AUTO_PTR(vcluster_chart) chart = NULL;
        vcl_auto_free char *text = vcl_format("name: a\nversion: %s\n", good[i]);
        assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", text, NULL), 0);
    }
}

static void charts_with_subcharts_are_refused(void **state)
{
    VCL_AUTO_ERROR *first = NULL;
    VCL_AUTO_ERROR *second = NULL;
    VCL_AUTO_PTR(vcluster_chart) ignored = NULL;
    vcluster_chart *chart = NULL;

    (void)state;
    int status = fixture_chart(&chart, &first, "Chart.yaml", MINIMAL, "charts/sub/Chart.yaml",
                               MINIMAL, NULL);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, first, "depends on other charts");
    status = fixture_chart(&chart, &second, "Chart.yaml",
                           MINIMAL "dependencies: [{name: x, version: 1.0.0}]\n", NULL);
    assert_fails(status, VCLUSTER_E_UNSUPPORTED, second, "depends on other charts");
    assert_int_equal(fixture_chart(&ignored, NULL, "Chart.yaml", MINIMAL, "charts/_x/Chart.yaml",
                                   "", "charts/README.md", "", NULL),
                     0);
}

static void files_must_not_come_twice(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;

    (void)state;
    int status = fixture_chart(&chart, &error, "Chart.yaml", MINIMAL, "templates/a.yaml", "a",
                               "templates/a.yaml", "b", NULL);
    assert_fails(status, VCLUSTER_E_CONFIG, error, "twice");
}

static void limits_for_files_hold(void **state)
{
    VCL_AUTO_CHART_FILES files = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *large = calloc(1, VCL_MAX_CHART_FILE + 1);

    (void)state;
    int status = vcl_chart_files_add(&files, "a", large, VCL_MAX_CHART_FILE + 1, &error);
    assert_fails(status, VCLUSTER_E_CONFIG, error, "larger than");
    for (int i = 0; i < VCL_MAX_CHART_FILES; i++)
        assert_int_equal(vcl_chart_files_add(&files, "a", "", 0, NULL), 0);
    assert_int_equal(vcl_chart_files_add(&files, "a", "", 0, NULL), VCLUSTER_E_CONFIG);
}

static void the_embedded_chart_is_there(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcluster_chart_embedded(&chart, &error), error);
    assert_string_equal(vcluster_chart_name(chart), "vcluster-embedded");
    assert_true(chart->template_count > 3);
    assert_int_equal(vcluster_chart_embedded(NULL, NULL), VCLUSTER_E_INVALID_ARGUMENT);
}

static void directories_are_read_without_what_is_ignored(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(vcluster_chart_load(VCLUSTER_FIXTURES "/charts/constructs", &chart, &error), error);
    assert_string_equal(vcluster_chart_name(chart), "constructs");
    for (size_t i = 0; i < chart->file_count; i++)
        assert_null(strstr(chart->files[i].name, "ignored"));
}

static void what_is_no_chart_cannot_be_loaded(void **state)
{
    static const struct {
        const char *path;
        int status;
    } cases[] = {
        { "/does/not/exist", VCLUSTER_E_NOT_FOUND },
        { "/dev/null", VCLUSTER_E_CONFIG },
        { VCLUSTER_FIXTURES, VCLUSTER_E_CONFIG },
        { VCLUSTER_FIXTURES "/templates/values.yaml", VCLUSTER_E_CONFIG },
        { "", VCLUSTER_E_INVALID_ARGUMENT },
        { NULL, VCLUSTER_E_INVALID_ARGUMENT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        vcluster_chart *chart = NULL;
        int status = vcluster_chart_load(cases[i].path, &chart, &error);
        assert_fails(status, cases[i].status, error, "");
        assert_null(chart);
    }
}

/* A chart in a new folder that has something besides files. */
static void folders_with_pipes_are_refused(void **state)
{
    char folder[] = "/tmp/vcl-chart-XXXXXX";
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;

    (void)state;
    assert_non_null(mkdtemp(folder));
    vcl_auto_free char *pipe_path = vcl_format("%s/pipe", folder);
    vcl_auto_free char *loop_path = vcl_format("%s/loop", folder);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    int status = vcluster_chart_load(folder, &chart, &error);
    assert_fails(status, VCLUSTER_E_CONFIG, error, "'pipe' of the chart is neither");
    assert_int_equal(unlink(pipe_path), 0);

    VCL_AUTO_ERROR *second = NULL;
    assert_int_equal(symlink(".", loop_path), 0);
    status = vcluster_chart_load(folder, &chart, &second);
    assert_fails(status, VCLUSTER_E_CONFIG, second, "nested too deep");
    assert_int_equal(unlink(loop_path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void helmignore_rules_fit_as_in_helm(void **state)
{
    static const struct {
        const char *rules;
        const char *path;
        bool directory;
        bool ignored;
    } cases[] = {
        { "", "a.txt", false, false },
        { "*.txt\n", "a.txt", false, true },
        { "*.txt\n", "deep/a.txt", false, true },
        { "# *.txt\n", "a.txt", false, false },
        { "  *.md  \r\n*.txt", "a.txt", false, true },
        { "/a.txt", "a.txt", false, true },
        { "/a.txt", "deep/a.txt", false, false },
        { "deep/*.txt", "deep/a.txt", false, true },
        { "deep/*.txt", "deep/er/a.txt", false, false },
        { "build/", "build", true, true },
        { "build/", "build", false, false },
        { "!*.txt", "a.txt", false, false },
        { "!*.txt", "a.md", false, true },
        { "[ab].txt", "b.txt", false, true },
        { "{a}.txt", "a.txt", false, false },
        { "", "templates/.hidden", false, true },
        { "", ".hidden", false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (vcl_helmignore(cases[i].rules, cases[i].path, cases[i].directory) != cases[i].ignored)
            fail_msg("rules '%s' for '%s'", cases[i].rules, cases[i].path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_become_a_chart),
        cmocka_unit_test(chart_without_values_has_none),
        cmocka_unit_test(byte_order_marks_are_dropped),
        cmocka_unit_test(bad_charts_are_refused_with_the_reason),
        cmocka_unit_test(a_chart_needs_its_metadata),
        cmocka_unit_test(versions_take_the_forms_of_helm),
        cmocka_unit_test(charts_with_subcharts_are_refused),
        cmocka_unit_test(files_must_not_come_twice),
        cmocka_unit_test(limits_for_files_hold),
        cmocka_unit_test(the_embedded_chart_is_there),
        cmocka_unit_test(directories_are_read_without_what_is_ignored),
        cmocka_unit_test(what_is_no_chart_cannot_be_loaded),
        cmocka_unit_test(folders_with_pipes_are_refused),
        cmocka_unit_test(helmignore_rules_fit_as_in_helm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
