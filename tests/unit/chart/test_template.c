/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: the cases of tests/fixtures/templates, limits, places in errors. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/template/eval.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

/* One case of a file; everything points into its text. */
typedef struct test_case {
    const char *name;
    const char *template;
    size_t size;
    const char *expected;
    bool fails;
} test_case;

/* Cut the next case off; the text is changed. */
static bool next_case(char **text, test_case *out_case)
{
    char *start = *text;

    if (!start || strncmp(start, "=== ", 4) != 0)
        return false;
    char *end = strstr(start, "\n=== ");
    char *template = strchr(start, '\n') + 1;
    char *output = strstr(template, "\n--- output\n");
    char *error = strstr(template, "\n--- error\n");
    if (end)
        *end = '\0';
    else
        start[strlen(start) - 1] = '\0'; /* the newline at the end of the file */
    out_case->fails = error && (!output || error < output);
    char *mark = out_case->fails ? error : output;
    assert_non_null(mark);
    *mark = '\0';
    template[-1] = '\0';
    out_case->name = start + 4;
    out_case->template = template;
    out_case->size = strlen(template);
    out_case->expected = mark + (out_case->fails ? 11 : 12);
    *text = end ? end + 1 : NULL;
    return true;
}

static bool matches(const char *actual, const char *expected)
{
    size_t size = strlen(expected);

    if (vcl_ends_with(expected, "..."))
        return strncmp(actual, expected, size - 3) == 0;
    return vcl_streq(actual, expected);
}

static void run_cases(const char *file)
{
    vcl_auto_free char *yaml = fixture_read("templates/values.yaml");
    vcl_auto_free char *text = fixture_read(file);
    char *rest = text;
    test_case c;
    int count = 0;
    int wrong = 0;

    while (next_case(&rest, &c)) {
        VCL_AUTO_JSON *values = fixture_values(yaml);
        vcl_auto_free char *actual = NULL;
        int status = fixture_run(values, c.template, c.size, &actual);
        count++;
        if ((status < 0) == c.fails && matches(actual, c.expected))
            continue;
        wrong++;
        print_error("case '%s': %s\nexpected: %s\n", c.name, actual, c.expected);
    }
    assert_true(count > 30);
    assert_int_equal(wrong, 0);
}

static void templates_have_the_syntax_of_go(void **state)
{
    (void)state;
    run_cases("templates/syntax.cases");
}

static void functions_give_what_helm_gives(void **state)
{
    (void)state;
    run_cases("templates/functions.cases");
}

static void passwords_and_certificates_are_those_of_helm(void **state)
{
    (void)state;
    run_cases("templates/crypto.cases");
}

static void yaml_json_versions_and_decimals_are_those_of_helm(void **state)
{
    (void)state;
    run_cases("templates/data.cases");
}

static void toml_is_that_of_helm(void **state)
{
    (void)state;
    run_cases("templates/toml.cases");
}

static void errors_read_as_those_of_helm(void **state)
{
    (void)state;
    run_cases("templates/errors.cases");
}

static void assert_refused(const char *template, size_t size, const char *part)
{
    VCL_AUTO_JSON *values = fixture_values("{}");
    vcl_auto_free char *message = NULL;

    assert_int_equal(fixture_run(values, template, size, &message), VCLUSTER_E_CONFIG);
    if (!strstr(message, part))
        fail_msg("'%s' does not contain '%s'", message, part);
}

static void functions_that_are_not_done_are_named(void **state)
{
    (void)state;
    assert_refused("{{ call \"a\" \"b\" }}", 18, "function \"call\" is not supported");
    assert_refused("{{ regexNope \"a\" \"b\" }}", 23, "function \"regexNope\" not defined");
}

/* Templates that would take for ever, or all memory, or the whole stack. */
static void limits_stop_hostile_templates(void **state)
{
    static const struct {
        const char *template;
        const char *part;
    } cases[] = {
        { "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
          "nested too deep" },
        { "{{ define \"r\" }}{{ tpl \"{{ include \\\"r\\\" . }}\" . }}{{ end }}{{ include \"r\" . "
          "}}",
          "" },
        { "{{ range 100000 }}{{ repeat 10000 \"x\" }}{{ end }}", "MiB" },
        { "{{ repeat 100000000 \"x\" }}", "larger than" },
        { "{{ until 1000000000 }}", "MiB of memory" },
        { "{{ indent 999999999 \"x\" }}", "larger than" },
        { "{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ $d }}", "nested too deep" },
        { "{{ $d := dict }}{{ $_ := set $d \"a\" $d }}{{ deepCopy $d }}", "nested too deep" },
        { "{{ $l := list }}{{ range 100 }}{{ $l = list $l $l }}{{ end }}{{ deepCopy $l }}",
          "too large" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_refused(cases[i].template, strlen(cases[i].template), cases[i].part);
}

static void values_that_hold_themselves_have_no_yaml(void **state)
{
    vcl_auto_free char *text = fixture_output(
        "{}", "{{ $d := dict }}{{ $_ := set $d \"a\" $d }}[{{ toYaml $d }}][{{ toJson $d }}]");

    (void)state;
    assert_string_equal(text, "[][]");
}

static void nesting_of_the_source_has_a_limit(void **state)
{
    VCL_AUTO_BUF deep = { .max = 1 << 20 };

    (void)state;
    for (int i = 0; i < 100000; i++)
        vcl_buf_add(&deep, "{{ if 1 }}");
    assert_refused(vcl_buf_text(&deep), deep.size, "max expression depth exceeded");
    vcl_buf_reset(&deep);
    vcl_buf_add(&deep, "{{ ");
    for (int i = 0; i < 100000; i++)
        vcl_buf_add_char(&deep, '(');
    assert_refused(vcl_buf_text(&deep), deep.size, "max expression depth exceeded");
}

static void includes_nest_a_thousand_times(void **state)
{
    vcl_auto_free char *text = fixture_output(
        "{}",
        "{{ define \"r\" }}{{ if . }}{{ with . }}{{ include \"r\" (sub . 1) }}{{ end }}{{ else }}"
        "end{{ end }}{{ end }}{{ include \"r\" 900 }}");

    (void)state;
    assert_string_equal(text, "end");
}

static void texts_may_have_any_byte(void **state)
{
    static const char template[] = "a\0b{{ \"\\x00\\xff\" }}";
    VCL_AUTO_JSON *values = fixture_values("{}");
    vcl_auto_free char *text = NULL;

    (void)state;
    assert_int_equal(fixture_run(values, template, sizeof(template) - 1, &text), 0);
    assert_memory_equal(text, "a\0b\0\xff", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_have_the_syntax_of_go),
        cmocka_unit_test(functions_give_what_helm_gives),
        cmocka_unit_test(errors_read_as_those_of_helm),
        cmocka_unit_test(passwords_and_certificates_are_those_of_helm),
        cmocka_unit_test(yaml_json_versions_and_decimals_are_those_of_helm),
        cmocka_unit_test(toml_is_that_of_helm),
        cmocka_unit_test(functions_that_are_not_done_are_named),
        cmocka_unit_test(limits_stop_hostile_templates),
        cmocka_unit_test(values_that_hold_themselves_have_no_yaml),
        cmocka_unit_test(nesting_of_the_source_has_a_limit),
        cmocka_unit_test(includes_nest_a_thousand_times),
        cmocka_unit_test(texts_may_have_any_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
