/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions for texts, URLs, times and random values. The charts texts and times use each of them
 * that is deterministic; what is expected is what helm template 3.21.4 printed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "chart/functions/time_zone.h"
#include "chart/render.h"
#include "chart_fixture.h"
#include "cmocka_support.h"

static const vcl_render_input plain_input = {
    .release_name = "demo", .namespace_name = "team", .revision = 1, .kubernetes_version = "v1.35.4"
};

static void assert_golden(const char *folder, const char *expected_file)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_ERROR *error = NULL;
    vcl_auto_free char *expected = fixture_read(expected_file);
    vcl_rendered rendered = { 0 };

    assert_ok(vcluster_chart_load(folder, &chart, &error), error);
    assert_ok(vcl_chart_render(chart, &plain_input, &rendered, &error), error);
    assert_string_equal(rendered.manifest, expected);
    vcl_rendered_done(&rendered);
}

static void texts_are_as_with_helm(void **state)
{
    (void)state;
    assert_golden(VCLUSTER_FIXTURES "/charts/texts", "charts/texts.expected.yaml");
}

static void times_are_as_with_helm(void **state)
{
    (void)state;
    if (access("/usr/share/zoneinfo/America/Sao_Paulo", R_OK) < 0) {
        print_message("no zoneinfo files here\n");
        skip();
    }
    assert_golden(VCLUSTER_FIXTURES "/charts/times", "charts/times.expected.yaml");
}

static void assert_output(const char *template, const char *expected)
{
    vcl_auto_free char *output = fixture_output("{}", template);

    assert_string_equal(output, expected);
}

static void assert_failure(const char *template, const char *part)
{
    VCL_AUTO_JSON *values = fixture_values("{}");
    vcl_auto_free char *message = NULL;

    assert_int_equal(fixture_run(values, template, strlen(template), &message), VCLUSTER_E_CONFIG);
    if (!strstr(message, part))
        fail_msg("'%s' does not contain '%s'", message, part);
}

static void wrong_arguments_are_named_as_by_helm(void **state)
{
    static const char *const cases[][2] = {
        { "{{ regexFind \"(\" \"x\" }}",
          "error calling regexFind: regexp: Compile(`(`): error parsing regexp: missing closing ): "
          "`(`" },
        { "{{ regexFind \"(`\" \"x\" }}", "regexp: Compile(\"(`\"): error parsing" },
        { "{{ mustRegexFind \"(\" \"x\" }}",
          "error calling mustRegexFind: error parsing regexp: missing closing ): `(`" },
        { "{{ randInt 5 5 }}", "error calling randInt: invalid argument to Intn" },
        { "{{ randBytes -1 }}", "makeslice: len out of range" },
        { "{{ mustToDate \"2006-01-02\" \"2024-13-01\" }}",
          "parsing time \"2024-13-01\": month out of range" },
        { "{{ mustToDate \"2006-01-02\" \"2024-02-30\" }}",
          "parsing time \"2024-02-30\": day out of range" },
        { "{{ mustToDate \"2006-01-02\" \"x\\\"\xC3\xA9\" }}",
          "parsing time \"x\\\"\\xc3\\xa9\" as \"2006-01-02\": cannot parse \"x\\\"\\xc3\\xa9\" as "
          "\"2006\"" },
        { "{{ mustToDate \"2006\" \"2024z\" }}", "parsing time \"2024z\": extra text: \"z\"" },
        { "{{ mustDateModify \"1x\" now }}", "time: unknown unit \"x\" in duration \"1x\"" },
        { "{{ mustDateModify \"1\" now }}", "time: missing unit in duration \"1\"" },
        { "{{ mustDateModify \"99999999999h\" now }}", "time: invalid duration" },
        { "{{ dateModify \"1h\" nil }}", "cannot assign nil to time.Time" },
        { "{{ unixEpoch .Values.x }}", "expected time.Time; got interface {}" },
        { "{{ now.Foo }}", "can't evaluate field Foo in type time.Time" },
        { "{{ now.Add \"1h\" }}", "expected integer; found \"1h\"" },
        { "{{ now.AddDate 9999999 0 0 }}", "a date is out of range" },
        { "{{ urlParse \"http://h/%zz\" }}",
          "unable to parse url: parse \"http://h/%zz\": invalid URL escape \"%zz\"" },
        { "{{ urlParse \"http://[::1\" }}", "missing ']' in host" },
        { "{{ urlParse \"http://h:port/\" }}", "invalid port \":port\" after host" },
        { "{{ urlParse \":x\" }}", "missing protocol scheme" },
        { "{{ urlJoin (dict \"host\" 5) }}",
          "unable to parse host key, must be of type string, but int found" },
        { "{{ urlJoin (dict \"userinfo\" \"a b\") }}", "net/url: invalid userinfo" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_failure(cases[i][0], cases[i][1]);
}

static void work_and_memory_are_bounded(void **state)
{
    (void)state;
    assert_failure("{{ randAlpha 99999999 }}", "larger than");
    assert_failure("{{ randBytes 99999999 }}", "larger than");
    assert_failure("{{ regexMatch \"^(a+)+$\" \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\" }}",
                   "takes too long with this text");
    assert_failure("{{ regexReplaceAll \"\" (repeat 1000000 \"ab\") (repeat 100 \"x\") }}",
                   "larger than");
    assert_failure("{{ wrapWith 1 (repeat 1000 \"x\") (repeat 100000 \"a\") }}", "larger than");
    assert_failure("{{ date (repeat 300000 \"January\") 0 | repeat 9 }}{{ date (repeat 3000000 "
                   "\"Monday\") 0 }}",
                   "larger than");
    assert_failure("{{ range 1000000 }}{{ $x := now }}{{ end }}", "steps");
    assert_failure("{{ range 1000 }}{{ $x := randAscii 100000 }}{{ end }}", "steps");
}

static void check_characters(const char *template, size_t size, int (*fits)(int))
{
    vcl_auto_free char *one = fixture_output("{}", template);
    vcl_auto_free char *other = fixture_output("{}", template);

    assert_int_equal(strlen(one), size);
    assert_string_not_equal(one, other);
    for (const char *c = one; *c; c++)
        assert_true(fits((unsigned char)*c));
}

static void random_values_differ_and_have_their_form(void **state)
{
    (void)state;
    check_characters("{{ randAlphaNum 100 }}", 100, isalnum);
    check_characters("{{ randAlpha 100 }}", 100, isalpha);
    check_characters("{{ randNumeric 100 }}", 100, isdigit);
    check_characters("{{ randAscii 1000 }}", 1000, isprint);
    assert_output("{{ randAlpha 0 }}{{ randNumeric -1 }}", "");
    assert_output("{{ randBytes 5 | b64dec | len }} {{ randBytes 0 }}", "5 ");
    assert_output("{{ regexMatch \"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-"
                  "[0-9a-f]{12}$\" uuidv4 }}",
                  "true");
    assert_output("{{ ne uuidv4 uuidv4 }}", "true");
    assert_output("{{ $ok := true }}{{ range 200 }}{{ $n := randInt -3 4 }}{{ $ok = and $ok (ge $n "
                  "-3) (lt $n 4) }}{{ end }}{{ $ok }} {{ randInt 7 8 }}",
                  "true 7");
    assert_output("{{ shuffle \"h\xC3\xA9llo\" | splitList \"\" | sortAlpha | join \"\" }}{{ "
                  "shuffle \"\" }}",
                  "hllo\xC3\xA9");
}

static void damaged_zone_files_are_refused(void **state)
{
    /* version 1, one kind of time, no transitions: "ABC", an hour east */
    char file[44 + 6 + 4] = "TZif";
    vcl_zone_period period;

    (void)state;
    file[39] = 1;
    file[43] = 4;
    memcpy(file + 44,
           "\0\0\x0E\x10\0\0"
           "ABC",
           10);
    for (size_t size = 0; size < sizeof(file); size++)
        assert_null(vcl_zone_parse(file, size));

    vcl_zone *zone = vcl_zone_parse(file, sizeof(file));
    assert_non_null(zone);
    vcl_zone_lookup(zone, 12345, &period);
    assert_string_equal(period.name, "ABC");
    assert_int_equal(period.offset, 3600);
    vcl_zone_free(zone);

    file[49] = 4; /* a name behind the end */
    assert_null(vcl_zone_parse(file, sizeof(file)));
    memset(file + 32, 0xFF, 4); /* transitions without end */
    assert_null(vcl_zone_parse(file, sizeof(file)));
}

static void names_of_zones_do_not_leave_their_folder(void **state)
{
    static const char *const names[] = { "../../../etc/localtime", "/etc/localtime", "Europe",
                                         "\\x", "No/Such" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_null(vcl_zone_load(names[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_as_with_helm),
        cmocka_unit_test(times_are_as_with_helm),
        cmocka_unit_test(wrong_arguments_are_named_as_by_helm),
        cmocka_unit_test(work_and_memory_are_bounded),
        cmocka_unit_test(random_values_differ_and_have_their_form),
        cmocka_unit_test(damaged_zone_files_are_refused),
        cmocka_unit_test(names_of_zones_do_not_leave_their_folder),
    };

    (void)setenv("TZ", "Europe/Berlin", 1); /* as it was for helm */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
