/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from files, directories and out of the library; .helmignore. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/helmignore.h"
#include "chart/render.h"
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
        { "name: a\nversion: [1.0]\n", "", "'version' must be a text" },
        { "name: a\nversion: 1.0.0\nkeywords: x\n", "", "'keywords' must be a list of texts" },
        { "name: a\nversion: 1.0.0\nannotations: {a: {}}\n", "", "'annotations' must be a text" },
        { "name: a\nversion: 1.0.0\ndeprecated: 'yes'\n", "", "'deprecated' must be true" },
        { "name: a\nversion: 1.0.0\nmaintainers: [null]\n", "", "'maintainers' has an empty" },
        { "name: a\nversion: 1.0.0\ndependencies: [null]\n", "", "'dependencies' has an empty" },
        { "name: a\nversion: 1.0.0\ndependencies: [x]\n", "", "must be a list of maps" },
        { "name: a\nversion: 1.0.0\ndependencies: [{name: x}, {name: y, alias: x}]\n", "",
          "two dependencies have the name or alias 'x'" },
        { "name: a\nversion: 1.0.0\ndependencies: [{name: x, alias: 'a b'}]\n", "",
          "the alias of dependency 'x'" },
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

static void metadata_has_the_form_of_helm(void **state)
{
    static const char yaml[] =
        "appVersion: 1.10\nName: x\nversion: 1\nname: a\nunknown: 1\nkeywords: [1, true, null]\n"
        "description: \"a\\tb\\ec\"\nannotations: {b: 1, a: null}\nhome: null\n"
        "dependencies: [{version: 1, name: d, enabled: false, tags: []}]\n";
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", yaml, NULL), 0);
    vcl_auto_free char *text = vcl_json_print_go(chart->metadata);
    assert_string_equal(
        text, "{\"name\":\"a\",\"version\":\"1\",\"description\":\"a bc\","
              "\"keywords\":[\"1\",\"true\",\"\"],\"apiVersion\":\"v1\",\"appVersion\":\"1.1\","
              "\"annotations\":{\"a\":\"\",\"b\":\"1\"},"
              "\"dependencies\":[{\"name\":\"d\",\"version\":\"1\",\"repository\":\"\"}]}");
}

static void charts_in_charts_are_loaded(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(fixture_chart(&chart, &error, "Chart.yaml", MINIMAL, "charts/b/Chart.yaml",
                            "name: b\nversion: 1.0.0\n", "charts/b/charts/c/Chart.yaml",
                            "name: c\nversion: 1.0.0\n", "charts/a/Chart.yaml",
                            "name: z\nversion: 1.0.0\n", "charts/_x/Chart.yaml", "[", "charts/.y",
                            "", "charts/b.tgz.prov", "p", "charts/b/x.txt", "x", NULL),
              error);
    assert_int_equal(chart->dependency_count, 2);
    assert_string_equal(vcluster_chart_name(chart->dependencies[0]), "z");
    assert_string_equal(vcluster_chart_name(chart->dependencies[1]), "b");
    assert_int_equal(chart->dependencies[1]->dependency_count, 1);
    assert_int_equal(chart->dependencies[1]->file_count, 1);
    assert_string_equal(chart->dependencies[1]->files[0].name, "x.txt");
    assert_int_equal(chart->file_count, 1); /* the .prov */
}

static void what_is_no_chart_in_charts_is_refused(void **state)
{
    static const struct {
        const char *name;
        const char *reason;
    } cases[] = {
        { "charts/README.md", "unpack subchart 'README.md' of 'small'" },
        { "charts/x/templates/a.yaml", "unpack subchart 'x' of 'small'" },
        { "charts/x.tgz", "no chart archive" },
        { "charts/x.tgz/Chart.yaml", "expected an archive" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        vcluster_chart *chart = NULL;
        int status =
            fixture_chart(&chart, &error, "Chart.yaml", MINIMAL, cases[i].name, "text", NULL);
        assert_int_equal(status, VCLUSTER_E_CONFIG);
        assert_non_null(strstr(vcluster_error_to_string(error), cases[i].reason));
        assert_null(chart);
    }
}

static void charts_are_nested_to_a_limit(void **state)
{
    VCL_AUTO_CHART_FILES files = { 0 };
    VCL_AUTO_BUF path = { .max = 1000 };
    VCL_AUTO_ERROR *error = NULL;
    vcluster_chart *chart = NULL;

    (void)state;
    for (int i = 0; i < 20; i++) {
        vcl_auto_free char *name = vcl_format("%sChart.yaml", vcl_buf_text(&path));
        assert_int_equal(vcl_chart_files_add(&files, name, MINIMAL, strlen(MINIMAL), NULL), 0);
        vcl_buf_add(&path, "charts/a/");
    }
    assert_fails(vcl_chart_files_finish(&files, &chart, &error), VCLUSTER_E_CONFIG, error,
                 "nested too deep");
}

static void old_charts_have_their_dependencies_apart(void **state)
{
    static const char lock[] = "digest: x\ngenerated: \"2026-01-02T03:04:05Z\"\n"
                               "dependencies: [{name: d, version: 1.0.0, repository: r}]\n";
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_ok(fixture_chart(&chart, &error, "Chart.yaml", "name: a\nversion: 1.0.0\n",
                            "requirements.yaml", "dependencies: [{name: d}]\n", "requirements.lock",
                            lock, NULL),
              error);
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(chart->metadata, "dependencies")), 1);
    vcl_auto_free char *text = vcl_json_print_go(chart->lock);
    assert_string_equal(text, "{\"generated\":\"2026-01-02T03:04:05Z\",\"digest\":\"x\","
                              "\"dependencies\":[{\"name\":\"d\",\"version\":\"1.0.0\","
                              "\"repository\":\"r\"}]}");
    assert_int_equal(chart->file_count, 2);
}

/* Put something else in the place of node number *left of a tree. */
static bool replace_node(cJSON *node, size_t *left, const char *what)
{
    for (; node; node = node->next) {
        if ((*left)-- == 0) {
            VCL_AUTO_JSON *other = fixture_values(what);
            vcl_json_exchange(node, other);
            return true;
        }
        if (replace_node(node->child, left, what))
            return true;
    }
    return false;
}

/* CVE-2025-55198: no node of Chart.yaml is trusted to be of the kind that it should be. */
static void any_node_of_the_metadata_may_be_of_any_kind(void **state)
{
    static const char yaml[] =
        "apiVersion: v2\nname: a\nversion: 1.0.0\nsources: [x]\nkeywords: [x]\n"
        "maintainers: [{name: x, email: y, url: z}]\nannotations: {a: b}\ndeprecated: true\n"
        "dependencies: [{name: sub, version: 1.0.0, repository: '', condition: a.b, tags: [t],"
        " alias: other, import-values: [x, {child: a, parent: b}]}]\n";
    static const char *const kinds[] = { "null", "[]", "{}", "[null]", "{a: null}", "5", "x" };
    size_t loaded = 0;

    (void)state;
    for (size_t i = 0; i < 2 * 60 * 7; i++) {
        VCL_AUTO_JSON *tree = fixture_values(yaml);
        VCL_AUTO_PTR(vcluster_chart) chart = NULL;
        size_t left = i / 7 % 60;
        bool lock = i >= 60 * 7;
        if (!replace_node(tree->child, &left, kinds[i % 7]))
            continue;
        vcl_auto_free char *text = vcl_json_print(tree);
        int status = fixture_chart(&chart, NULL, "Chart.yaml", lock ? yaml : text, "Chart.lock",
                                   lock ? text : "", "charts/sub/Chart.yaml",
                                   "name: sub\nversion: 1.0.0\n", NULL);
        assert_true(status == 0 || status == VCLUSTER_E_CONFIG);
        if (status < 0)
            continue;
        vcl_rendered rendered = { 0 };
        vcl_render_input input = { .release_name = "r", .kubernetes_version = "v1.35.4" };
        if (vcl_chart_render(chart, &input, &rendered, NULL) == 0)
            vcl_rendered_done(&rendered);
        loaded++;
    }
    assert_true(loaded > 50);
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
        cmocka_unit_test(metadata_has_the_form_of_helm),
        cmocka_unit_test(charts_in_charts_are_loaded),
        cmocka_unit_test(what_is_no_chart_in_charts_is_refused),
        cmocka_unit_test(charts_are_nested_to_a_limit),
        cmocka_unit_test(old_charts_have_their_dependencies_apart),
        cmocka_unit_test(any_node_of_the_metadata_may_be_of_any_kind),
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
