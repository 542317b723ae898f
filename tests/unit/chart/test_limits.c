/* SPDX-License-Identifier: Apache-2.0 */
/* Charts that would take for ever, or all memory: an error that says where, and no more than that.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/render.h"
#include "chart/template/eval.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

#define MINIMAL "name: small\nversion: 1.2.3\n"

static const vcl_render_input plain_input = {
    .release_name = "demo", .namespace_name = "team", .revision = 1, .kubernetes_version = "v1.35.4"
};

/* Render a chart of two templates, which must fail. */
static void assert_refused(const char *first, const char *second, const char *reason)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_rendered rendered = { 0 };

    assert_int_equal(fixture_chart(&chart, NULL, "Chart.yaml", MINIMAL, "templates/a.yaml", first,
                                   "templates/b.yaml", second, NULL),
                     0);
    assert_fails(vcl_chart_render(chart, &plain_input, &rendered, &error), VCLUSTER_E_CONFIG, error,
                 reason);
    assert_null(rendered.manifest);
    assert_true(vcluster_error_finding_count(error) > 0);
    assert_true(vcl_starts_with(vcluster_finding_path(vcluster_error_finding_at(error, 0)),
                                "small/templates/"));
}

/* The number of steps is made small here, so that the test is short. */
static void loops_without_output_end(void **state)
{
    static const char text[] = "{{ range 1000000000 }}{{ end }}";
    vcl_tpl_engine engine;
    VCL_AUTO_BUF output = { .max = 1024 };
    VCL_AUTO_ERROR *error = NULL;
    vcl_tpl_value dot = vcl_tpl_nil();
    vcl_tpl_text name = vcl_tpl_literal("x");

    (void)state;
    vcl_tpl_engine_init(&engine);
    assert_int_equal(engine.steps, VCL_MAX_TEMPLATE_STEPS);
    engine.steps = 10000;
    assert_int_equal(vcl_tpl_engine_parse(&engine, name, vcl_tpl_literal(text)), 0);
    assert_int_equal(vcl_tpl_engine_execute(&engine, name, &dot, &output), VCLUSTER_E_CONFIG);
    assert_fails(vcl_tpl_engine_error(&engine, &error), VCLUSTER_E_CONFIG, error,
                 "rendering takes more than");
    vcl_tpl_engine_done(&engine);
}

static void recursion_ends(void **state)
{
    (void)state;
    assert_refused("{{ define \"r\" }}{{ include \"r\" . }}{{ end }}", "{{ include \"r\" . }}",
                   "nested reference name: r");
    assert_refused("{{ define \"a\" }}{{ include \"b\" . }}{{ end }}"
                   "{{ define \"b\" }}{{ template \"a\" . }}{{ end }}",
                   "{{ include \"a\" . }}", "nested");
}

/* One kilobyte that would make gigabytes; and files that only together make too much. */
static void output_is_bounded(void **state)
{
    static const char much[] = "a: {{ range 100 }}{{ repeat 100000 \"x\" }}{{ end }}";

    (void)state;
    assert_refused("{{ range 100000 }}{{ repeat 10000 \"x\" }}{{ end }}", "", "MiB");
    assert_refused(much, much, "MiB");
}

static void memory_is_bounded(void **state)
{
    (void)state;
    assert_refused("{{ $l := list }}{{ range 100000 }}{{ $l = concat $l (until 10000) }}{{ end }}",
                   "", "MiB of memory");
}

static void mistakes_of_templates_say_where(void **state)
{
    (void)state;
    assert_refused("{{ include \"not.there\" . }}", "",
                   "error calling include: template: no template \"not.there\" associated with "
                   "template \"gotpl\"");
    assert_refused("", "\n{{ .Values.a.b.c }}", "small/templates/b.yaml:2:10");
    assert_refused("{{ index .Release 1 }}", "", "error calling index");
    assert_refused("{{ len 5 }}", "", "error calling len");
    assert_refused("{{ required \"say it\" .Values.x }}", "", "say it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loops_without_output_end),
        cmocka_unit_test(recursion_ends),
        cmocka_unit_test(output_is_bounded),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(mistakes_of_templates_say_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
