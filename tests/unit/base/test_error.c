/* SPDX-License-Identifier: Apache-2.0 */
/* The error object: messages, operations, causes, findings, and errors nobody wants. */
#include "base/error.h"

#include <string.h>

#include "base/limits.h"
#include "cmocka_support.h"

static void every_status_has_its_name(void **state)
{
    (void)state;
    assert_text_equal(vcluster_status_name(VCLUSTER_OK), "OK");
    assert_text_equal(vcluster_status_name(VCLUSTER_E_INVALID_ARGUMENT), "INVALID_ARGUMENT");
    assert_text_equal(vcluster_status_name(VCLUSTER_E_NO_MEMORY), "NO_MEMORY");
    assert_text_equal(vcluster_status_name(VCLUSTER_E_QUOTA), "QUOTA");
    assert_text_equal(vcluster_status_name(VCLUSTER_E_PRECONDITION), "PRECONDITION");
    assert_text_equal(vcluster_status_name(-17), "UNKNOWN");
    assert_text_equal(vcluster_status_name(1), "UNKNOWN");
    assert_text_equal(vcluster_status_name(INT32_MIN), "UNKNOWN");
}

static void fail_makes_and_returns_at_once(void **state)
{
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcl_fail(&error, VCLUSTER_E_NOT_FOUND, "no '%s'", "x"), VCLUSTER_E_NOT_FOUND);
    assert_int_equal(vcluster_error_code(error), VCLUSTER_E_NOT_FOUND);
    assert_text_equal(vcluster_error_message(error), "no 'x'");
    assert_text_equal(vcluster_error_to_string(error), "no 'x'");
    assert_null(vcluster_error_operation(error));
    assert_null(vcluster_error_reason(error));
    assert_null(vcluster_error_field(error));
    assert_null(vcluster_error_cause(error));
    assert_int_equal(vcluster_error_http_status(error), 0);
    assert_false(vcluster_error_retryable(error));
}

static void an_unwanted_error_costs_nothing(void **state)
{
    (void)state;
    assert_int_equal(vcl_fail(NULL, VCLUSTER_E_CONFIG, "x"), VCLUSTER_E_CONFIG);
    assert_int_equal(vcl_no_memory(NULL), VCLUSTER_E_NO_MEMORY);
    assert_int_equal(vcl_wrap(NULL, VCLUSTER_E_CONFIG, "x"), VCLUSTER_E_CONFIG);
    vcl_error_set_http(NULL, 404);
    vcl_error_set_reason(NULL, "x");
    vcl_error_set_cause(NULL, NULL);
    vcl_error_add_finding(NULL, "", 1, "r", VCLUSTER_SEVERITY_ERROR, "m", NULL);
    vcl_error_clear(NULL);
    vcluster_error_free(NULL);
    assert_int_equal(vcluster_error_code(NULL), VCLUSTER_OK);
    assert_text_equal(vcluster_error_message(NULL), "");
    assert_text_equal(vcluster_error_to_string(NULL), "");
    assert_null(vcluster_error_finding_at(NULL, 0));
    assert_text_equal(vcluster_finding_path(NULL), "");
}

static void temporary_trouble_is_retryable_by_default(void **state)
{
    static const struct {
        int status;
        bool retryable;
    } cases[] = { { VCLUSTER_E_UNAVAILABLE, true },
                  { VCLUSTER_E_TIMEOUT, true },
                  { VCLUSTER_E_CONFLICT, true },
                  { VCLUSTER_E_PERMISSION, false } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        (void)vcl_fail(&error, cases[i].status, "x");
        assert_int_equal(vcluster_error_retryable(error), cases[i].retryable);
        vcl_error_set_retryable(&error, !cases[i].retryable);
        assert_int_equal(vcluster_error_retryable(error), !cases[i].retryable);
    }
}

static void out_of_memory_needs_no_memory_and_stays_constant(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_int_equal(vcl_no_memory(&error), VCLUSTER_E_NO_MEMORY);
    assert_text_equal(vcluster_error_to_string(error), "out of memory");
    vcl_error_set_reason(&error, "x");
    vcl_error_add_finding(&error, "", 1, "r", VCLUSTER_SEVERITY_ERROR, "m", NULL);
    assert_int_equal(vcl_wrap(&error, VCLUSTER_E_NO_MEMORY, "reading"), VCLUSTER_E_NO_MEMORY);
    assert_null(vcluster_error_reason(error));
    assert_text_equal(vcluster_error_to_string(error), "out of memory");
    vcl_error_clear(&error);
    assert_null(error);
}

static void operations_wrap_from_the_inside_out(void **state)
{
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    (void)vcl_fail(&error, VCLUSTER_E_PERMISSION, "refused");
    vcl_error_set_http(&error, 403);
    vcl_error_set_reason(&error, "Forbidden");
    vcl_error_set_field(&error, "spec.x");
    (void)vcl_wrap(&error, VCLUSTER_E_PERMISSION, "apply '%s'", "cm");
    assert_text_equal(vcluster_error_operation(error), "apply 'cm'");
    (void)vcl_wrap(&error, VCLUSTER_E_PERMISSION, "create '%s'", "dev");

    assert_text_equal(vcluster_error_to_string(error), "create 'dev': apply 'cm': refused");
    assert_int_equal(vcluster_error_code(error), VCLUSTER_E_PERMISSION);
    assert_int_equal(vcluster_error_http_status(error), 403);
    assert_text_equal(vcluster_error_reason(error), "Forbidden");
    assert_text_equal(vcluster_error_field(error), "spec.x");
    assert_text_equal(vcluster_error_message(vcluster_error_cause(error)), "refused");
}

static void causes_are_appended_to_the_chain(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    vcluster_error *cause = NULL;
    vcluster_error *root = NULL;

    (void)state;
    (void)vcl_fail(&error, VCLUSTER_E_TIMEOUT, "gave up");
    (void)vcl_fail(&cause, VCLUSTER_E_UNAVAILABLE, "no pod");
    (void)vcl_fail(&root, VCLUSTER_E_NOT_FOUND, "no image");
    vcl_error_set_cause(&error, cause);
    vcl_error_set_cause(&error, root);
    vcl_error_set_cause(&error, NULL);
    assert_text_equal(vcluster_error_to_string(error), "gave up: no pod: no image");
}

static void findings_travel_with_the_error(void **state)
{
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    (void)vcl_fail(&error, VCLUSTER_E_CONFIG, "2 problems");
    vcl_error_add_finding(&error, "a.b", 3, "type", VCLUSTER_SEVERITY_ERROR, "not a number",
                          "write 1");
    vcl_error_add_finding(&error, NULL, 0, "lint", VCLUSTER_SEVERITY_WARNING, "odd", NULL);
    assert_uint_equal(vcluster_error_finding_count(error), 2);

    const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
    assert_text_equal(vcluster_finding_path(finding), "a.b");
    assert_int_equal(vcluster_finding_line(finding), 3);
    assert_text_equal(vcluster_finding_rule(finding), "type");
    assert_int_equal(vcluster_finding_severity(finding), VCLUSTER_SEVERITY_ERROR);
    assert_text_equal(vcluster_finding_message(finding), "not a number");
    assert_text_equal(vcluster_finding_remedy(finding), "write 1");
    assert_text_equal(vcluster_finding_remedy(vcluster_error_finding_at(error, 1)), "");
    assert_null(vcluster_error_finding_at(error, 2));
    assert_text_equal(vcluster_error_to_string(error), "2 problems; a.b: not a number; odd");
}

static void findings_stay_with_the_outermost_error(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    int status = vcl_fail(&error, VCLUSTER_E_CONFIG, "wrong");
    vcl_error_add_finding(&error, "a.b", 3, "type", VCLUSTER_SEVERITY_ERROR, "not a number", NULL);
    status = vcl_wrap(&error, status, "check values");
    status = vcl_wrap(&error, status, "render chart");
    assert_int_equal(vcl_wrap(&error, status, "install"), VCLUSTER_E_CONFIG);
    assert_uint_equal(vcluster_error_finding_count(error), 1);
    assert_uint_equal(vcluster_error_finding_count(vcluster_error_cause(error)), 0);
    assert_text_equal(vcluster_error_to_string(error),
                      "install: render chart: check values: wrong; a.b: not a number");
    vcluster_error_free(error);
}

static void messages_from_servers_are_bounded_and_clean(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    char text[VCL_MAX_MESSAGE + 100];

    (void)state;
    memset(text, 'x', sizeof(text));
    text[3] = '\x1b';
    text[4] = '\n';
    text[sizeof(text) - 1] = '\0';
    (void)vcl_fail(&error, VCLUSTER_E_PROTOCOL, "%s", text);
    assert_uint_equal(strlen(vcluster_error_message(error)), VCL_MAX_MESSAGE);
    assert_int_equal(vcluster_error_message(error)[3], '?');
    assert_null(strchr(vcluster_error_to_string(error), '\n'));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_its_name),
        cmocka_unit_test(fail_makes_and_returns_at_once),
        cmocka_unit_test(an_unwanted_error_costs_nothing),
        cmocka_unit_test(temporary_trouble_is_retryable_by_default),
        cmocka_unit_test(out_of_memory_needs_no_memory_and_stays_constant),
        cmocka_unit_test(operations_wrap_from_the_inside_out),
        cmocka_unit_test(causes_are_appended_to_the_chain),
        cmocka_unit_test(findings_travel_with_the_error),
        cmocka_unit_test(findings_stay_with_the_outermost_error),
        cmocka_unit_test(messages_from_servers_are_bounded_and_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
