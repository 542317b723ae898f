/* SPDX-License-Identifier: Apache-2.0 */
/* What a chart keeps between renderings: renderings must not see each other by it. */
#include "chart/cache.h"

#include <pthread.h>
#include <string.h>

#include "base/str.h"
#include "chart/render.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

enum { THREADS = 8, ROUNDS = 25 };

static const vcl_render_input plain_input = {
    .release_name = "demo", .namespace_name = "team", .revision = 1, .kubernetes_version = "v1.35.4"
};

/* A chart with one inside, also under an alias; its define is there while one of the two is on. */
static vcluster_chart *family(void)
{
    vcluster_chart *chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(fixture_chart(
                  &chart, &error, "Chart.yaml",
                  "name: top\nversion: 1.0.0\ndependencies:\n"
                  "- {name: sub, version: 1.0.0, condition: sub.use}\n"
                  "- {name: sub, version: 1.0.0, condition: also.use, alias: also}\n",
                  "values.yaml", "sub: {use: false}\nalso: {use: false}\nseen: none\ntext: ''\n",
                  "values.schema.json",
                  "{\"type\":\"object\",\"properties\":{\"seen\":{\"type\":\"string\"}}}",
                  "templates/top.yaml",
                  "seen: {{ .Values.seen }}\nby: {{ include \"who\" . }}\n"
                  "tpl: {{ tpl .Values.text . }}\n",
                  "templates/_who.tpl", "{{ define \"who\" }}{{ include \"name\" . }}{{ end }}",
                  "templates/_a.tpl", "{{ define \"name\" }}top{{ end }}", "charts/sub/Chart.yaml",
                  "name: sub\nversion: 1.0.0\n", "charts/sub/templates/_own.tpl",
                  "{{ define \"own\" }}own{{ end }}", "charts/sub/templates/sub.yaml",
                  "sub: {{ include \"own\" . }} {{ .Chart.Name }}\n", NULL),
              error);
    return chart;
}

/* Render with values; the text is the manifest, or the message of the error. */
static char *rendered(const vcluster_chart *chart, const char *yaml)
{
    VCL_AUTO_JSON *values = fixture_values(yaml);
    VCL_AUTO_ERROR *error = NULL;
    vcl_render_input input = plain_input;
    vcl_rendered made = { 0 };

    input.user_values = values;
    if (vcl_chart_render(chart, &input, &made, &error) < 0)
        return vcl_strdup(vcluster_error_message(error));
    char *text = vcl_steal(&made.manifest);
    vcl_rendered_done(&made);
    return text;
}

static const char *const all_values[] = {
    "{}",
    "{sub: {use: true}}",
    "{also: {use: true}, seen: x}",
    "{sub: {use: true}, also: {use: true}}",
    "{text: '{{ define \"name\" }}other{{ end }}{{ include \"name\" . }}'}",
    "{text: '{{ include \"own\" . }}'}", /* fails unless a subchart is on */
    "{seen: 1}",                         /* does not fit the schema */
};

enum { VALUES = sizeof(all_values) / sizeof(all_values[0]) };

/* What a chart that rendered nothing before makes of the values. */
static void render_fresh(char *out_texts[VALUES])
{
    for (size_t i = 0; i < VALUES; i++) {
        VCL_AUTO_PTR(vcluster_chart) chart = family();
        out_texts[i] = rendered(chart, all_values[i]);
        assert_non_null(out_texts[i]);
    }
}

static void free_texts(char *texts[VALUES])
{
    for (size_t i = 0; i < VALUES; i++)
        free(texts[i]);
}

static void renderings_do_not_see_each_other(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = family();
    char *expected[VALUES];

    (void)state;
    render_fresh(expected);
    assert_non_null(strstr(expected[0], "tpl:\n"));
    assert_non_null(strstr(expected[3], "sub: own sub"));
    assert_non_null(strstr(expected[3], "sub: own also"));
    assert_non_null(strstr(expected[4], "by: top\ntpl: other"));
    assert_non_null(strstr(expected[5], "no template \"own\""));
    for (size_t i = 0; i < VALUES; i++) {
        for (size_t j = 0; j < VALUES; j++) {
            vcl_auto_free char *before = rendered(chart, all_values[i]);
            vcl_auto_free char *after = rendered(chart, all_values[j]);
            assert_string_equal(before, expected[i]);
            assert_string_equal(after, expected[j]);
        }
    }
    free_texts(expected);
}

typedef struct worker {
    const vcluster_chart *chart;
    char **expected;
    pthread_barrier_t *start;
    size_t first;
    size_t wrong;
} worker;

/* Each begins with other values, so that sets of templates are taken, kept and dropped at once. */
static void *work(void *data)
{
    worker *w = data;

    (void)pthread_barrier_wait(w->start);
    for (size_t i = 0; i < ROUNDS; i++) {
        size_t which = (w->first + i / 2) % VALUES;
        vcl_auto_free char *text = rendered(w->chart, all_values[which]);
        w->wrong += !text || strcmp(text, w->expected[which]) != 0;
    }
    return NULL;
}

static void one_chart_renders_in_many_threads_at_once(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = family();
    char *expected[VALUES];
    pthread_barrier_t start;
    pthread_t threads[THREADS];
    worker workers[THREADS];

    (void)state;
    render_fresh(expected);
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (size_t i = 0; i < THREADS; i++) {
        workers[i] =
            (worker){ .chart = chart, .expected = expected, .start = &start, .first = i / 2 };
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    (void)pthread_barrier_destroy(&start);
    free_texts(expected);
}

static void templates_are_parsed_once_for_the_same_files(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = family();
    VCL_AUTO_ERROR *error = NULL;
    const vcl_chart_template files[] = { { "top/templates/_a.tpl", &chart->templates[2] },
                                         { "top/templates/_who.tpl", &chart->templates[1] } };
    vcl_chart_templates *first = NULL;
    vcl_chart_templates *same = NULL;
    vcl_chart_templates *fewer = NULL;

    (void)state;
    assert_ok(vcl_chart_take_templates(chart, files, 2, &first, &error), error);
    assert_ok(vcl_chart_take_templates(chart, files, 2, &same, &error), error);
    assert_ptr_equal(first, same);
    vcl_chart_give_templates(chart, same);
    assert_ok(vcl_chart_take_templates(chart, files, 1, &fewer, &error), error);
    assert_ptr_not_equal(first, fewer);
    assert_null(vcl_tpl_set_find(vcl_chart_templates_set(fewer), vcl_tpl_literal("who")));
    /* Those that are held stay, although others are kept now. */
    assert_non_null(vcl_tpl_set_find(vcl_chart_templates_set(first), vcl_tpl_literal("who")));
    vcl_chart_give_templates(chart, first);
    vcl_chart_give_templates(chart, fewer);
}

static void a_template_that_cannot_be_parsed_fails_each_time(void **state)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;

    (void)state;
    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", "name: a\nversion: 1.0.0\n",
                                   "templates/x.yaml", "a\n{{ if }}", NULL),
                     0);
    for (int i = 0; i < 2; i++) {
        vcl_auto_free char *text = rendered(chart, "{}");
        assert_string_equal(text, "parse error at (a/templates/x.yaml:2): missing value for if");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renderings_do_not_see_each_other),
        cmocka_unit_test(one_chart_renders_in_many_threads_at_once),
        cmocka_unit_test(templates_are_parsed_once_for_the_same_files),
        cmocka_unit_test(a_template_that_cannot_be_parsed_fails_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
