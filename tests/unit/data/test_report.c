/* SPDX-License-Identifier: Apache-2.0 */
/* Reports: order, severity, the two printed forms, and the error they become. */
#include "cmocka_support.h"

#include <string.h>

#include "base/error.h"
#include "data/report.h"

static void
add(vcluster_report *report, const char *file, int64_t line, int severity, const char *rule)
{
    vcl_report_addf(report,
                    &(vcl_finding_facts){ .file = file,
                                          .line = line,
                                          .column = 3,
                                          .path = "a.b",
                                          .rule = rule,
                                          .severity = severity,
                                          .remedy = "take it out" },
                    "'%s' is wrong", "b");
}

static void an_empty_report_is_no_error(void **state)
{
    (void)state;
    VCL_AUTO_REPORT *report = vcl_report_new();
    vcluster_error *error = NULL;
    char *text = NULL;

    assert_non_null(report);
    assert_int_equal(vcluster_report_severity(report), 0);
    assert_int_equal(vcl_report_to_error(report, VCLUSTER_E_CONFIG, "bad", &error), 0);
    assert_int_equal(vcluster_report_to_text(report, &text, &error), 0);
    assert_string_equal(text, "");
    vcluster_free(text);
    assert_null(vcluster_report_at(report, 0));
}

static void findings_are_ordered_by_place_and_else_as_they_came(void **state)
{
    (void)state;
    VCL_AUTO_REPORT *report = vcl_report_new();

    add(report, "b", 1, VCLUSTER_SEVERITY_INFO, "r1");
    add(report, "a", 9, VCLUSTER_SEVERITY_INFO, "r2");
    add(report, "a", 2, VCLUSTER_SEVERITY_WARNING, "r3");
    add(report, "a", 9, VCLUSTER_SEVERITY_INFO, "r4");
    add(report, "", 0, VCLUSTER_SEVERITY_INFO, "r5");
    vcl_report_sort(report);
    assert_false(vcl_report_failed(report));

    const char *const wanted[] = { "r5", "r3", "r2", "r4", "r1" };
    assert_int_equal(vcluster_report_size(report), 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(vcluster_finding_rule(vcluster_report_at(report, i)), wanted[i]);
    assert_int_equal(vcluster_report_severity(report), VCLUSTER_SEVERITY_WARNING);
}

static void moving_leaves_the_other_report_empty(void **state)
{
    (void)state;
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_REPORT *other = vcl_report_new();

    vcl_report_move(report, other);
    add(report, "a", 1, VCLUSTER_SEVERITY_INFO, "r1");
    for (int i = 0; i < 20; i++)
        add(other, "a", i, VCLUSTER_SEVERITY_ERROR, "r2");
    vcl_report_move(report, other);
    assert_int_equal(vcluster_report_size(report), 21);
    assert_int_equal(vcluster_report_size(other), 0);
    assert_false(vcl_report_failed(report));
}

static void a_report_prints_lines_and_json(void **state)
{
    (void)state;
    VCL_AUTO_REPORT *report = vcl_report_new();
    vcluster_error *error = NULL;
    char *text = NULL;
    char *json = NULL;

    add(report, "values.yaml", 7, VCLUSTER_SEVERITY_ERROR, "VC001");
    vcl_report_add(report, &(vcl_finding_facts){ .severity = VCLUSTER_SEVERITY_INFO,
                                                 .message = "line\x1b[31m" });
    assert_int_equal(vcluster_report_to_text(report, &text, &error), 0);
    assert_non_null(strstr(text, "values.yaml:7:3: error: a.b: 'b' is wrong [VC001]\n"
                                 "    take it out\ninfo: line"));
    assert_null(strchr(text, '\x1b'));
    assert_int_equal(vcluster_report_to_json(report, &json, &error), 0);
    assert_non_null(strstr(json, "\"errors\":1,\"warnings\":0,\"infos\":1"));
    vcluster_free(text);
    vcluster_free(json);
}

static void a_grave_report_becomes_an_error_with_all_findings(void **state)
{
    (void)state;
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_ERROR *error = NULL;

    add(report, "a", 1, VCLUSTER_SEVERITY_WARNING, "r1");
    assert_int_equal(vcl_report_to_error(report, VCLUSTER_E_CONFIG, "bad", &error), 0);
    add(report, "a", 2, VCLUSTER_SEVERITY_ERROR, "r2");
    assert_int_equal(vcl_report_to_error(report, VCLUSTER_E_CONFIG, "bad", &error),
                     VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    assert_string_equal(vcluster_error_message(error), "bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_report_is_no_error),
        cmocka_unit_test(findings_are_ordered_by_place_and_else_as_they_came),
        cmocka_unit_test(moving_leaves_the_other_report_empty),
        cmocka_unit_test(a_report_prints_lines_and_json),
        cmocka_unit_test(a_grave_report_becomes_an_error_with_all_findings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
