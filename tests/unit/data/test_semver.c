/* SPDX-License-Identifier: Apache-2.0 */
/* Versions and constraints; the expectations are what Masterminds/semver 3.5 answers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "data/semver.h"

static void versions_are_read_and_printed(void **state)
{
    static const struct {
        const char *text;
        bool strict;
        const char *expected; /* the version, or the error */
    } cases[] = {
        { "1.2.3", true, "1.2.3" },
        { "1.2.3-rc.1+b.2", true, "1.2.3-rc.1+b.2" },
        { "18446744073709551615.0.0", true, "18446744073709551615.0.0" },
        { "v1.2.3", false, "1.2.3" },
        { "1", false, "1.0.0" },
        { "1.2-a", false, "1.2.0-a" },
        { "01.002.3", false, "1.2.3" },
        { "1.2.3--", false, "1.2.3--" },
        { "1.2.3-01", false, "version segment starts with 0" },
        { "1.2.3-0a", false, "1.2.3-0a" },
        { "", false, "invalid semantic version" },
        { "V1", false, "invalid semantic version" },
        { "1.2.3.4", false, "invalid semantic version" },
        { "1.2.3-", false, "invalid semantic version" },
        { "1.2.3-a..b", false, "invalid semantic version" },
        { " 1.2.3", false, "invalid semantic version" },
        { "1.2.3\n", false, "invalid semantic version" },
        { "99999999999999999999", false,
          "error parsing version segment: strconv.ParseUint: parsing \"99999999999999999999\": "
          "value out of range" },
        { "", true, "version string empty" },
        { "1.2", true, "invalid semantic version" },
        { "v1.2.3", true, "invalid characters in version" },
        { "01.2.3", true, "version segment starts with 0" },
        { "1..3", true, "strconv.ParseUint: parsing \"\": invalid syntax" },
        { "1.2.3-", true, "invalid prerelease string" },
        { "1.2.3-a_b", true, "invalid prerelease string" },
        { "1.2.3-00", true, "version segment starts with 0" },
        { "1.2.3+", true, "invalid metadata string" },
        { "1.2.3+a..b", true, "invalid metadata string" },
        { "1.2.3.4", true, "invalid characters in version" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_version version = { 0 };
        VCL_AUTO_ERROR *error = NULL;
        int status = vcl_version_parse(cases[i].text, cases[i].strict, &version, &error);
        if (status == VCLUSTER_OK) {
            char *text = vcl_version_format(&version);
            assert_string_equal(text, cases[i].expected);
            assert_string_equal(version.original, cases[i].text);
            free(text);
        } else {
            assert_int_equal(status, VCLUSTER_E_INVALID_ARGUMENT);
            assert_string_equal(vcluster_error_message(error), cases[i].expected);
            assert_null(version.original);
        }
        vcl_version_done(&version);
    }
}

static void versions_of_256_bytes_are_the_longest(void **state)
{
    char text[300];
    vcl_version version = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "1.2.3-", 6);
    text[256] = '\0';
    assert_int_equal(vcl_version_parse(text, true, &version, NULL), 0);
    vcl_version_done(&version);
    text[256] = 'a';
    text[257] = '\0';
    assert_fails(vcl_version_parse(text, true, &version, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 error, "version string is too long (max 256 bytes)");
}

/* Each is less than the one behind it. */
static void versions_have_an_order(void **state)
{
    static const char *const sorted[] = {
        "0.0.1",
        "0.1.0",
        "1.0.0-0",
        "1.0.0-2",
        "1.0.0-10",
        "1.0.0--",
        "1.0.0-99999999999999999999",
        "1.0.0-A",
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.1.0",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-rc.1",
        "1.0.0",
        "1.0.1",
        "1.10.0",
        "2.0.0",
        "18446744073709551615.0.0",
    };
    enum { COUNT = sizeof(sorted) / sizeof(sorted[0]) };

    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            vcl_version a = { 0 };
            vcl_version b = { 0 };
            assert_int_equal(vcl_version_parse(sorted[i], true, &a, NULL), 0);
            assert_int_equal(vcl_version_parse(sorted[k], true, &b, NULL), 0);
            if (vcl_version_compare(&a, &b) != (i < k ? -1 : i > k))
                fail_msg("%s and %s: %d", sorted[i], sorted[k], vcl_version_compare(&a, &b));
            vcl_version_done(&a);
            vcl_version_done(&b);
        }
    }
}

static bool matches(const char *constraint, const char *text, bool prereleases)
{
    vcl_constraint *parsed = NULL;
    vcl_version version = { 0 };

    assert_int_equal(vcl_constraint_parse(constraint, &parsed, NULL), 0);
    assert_int_equal(vcl_version_parse(text, false, &version, NULL), 0);
    bool found = vcl_constraint_matches(parsed, &version, prereleases);
    vcl_constraint_free(parsed);
    vcl_version_done(&version);
    return found;
}

static void constraints_match_what_they_should(void **state)
{
    static const struct {
        const char *constraint, *version;
        bool expected;
    } cases[] = {
        { "=1.2.3", "1.2.3", true },
        { "1.2.3", "1.2.3+x", true },
        { "1.2", "1.2.9", true },
        { "1.2", "1.3.0", false },
        { "1", "1.9.9", true },
        { "*", "7.0.0", true },
        { "*", "7.0.0-rc.1", false },
        { "x", "0.0.0", true },
        { "1.x.x", "1.5.0", true },
        { "1.2.X", "1.3.0", false },
        { "!=1.2.3", "1.2.3", false },
        { "!=1.2.x", "1.2.7", false },
        { "!=1.2.x", "1.3.0", true },
        { "!=1", "2.0.0", true },
        { "!=*", "1.0.0", true },
        { "!=*", "0.0.0", false },
        { ">11", "11.1.0", false },
        { ">11", "12.0.0", true },
        { ">11.1", "11.1.1", false },
        { ">11.1", "11.2.0", true },
        { ">=1.2", "1.2.0", true },
        { "=>1.2", "1.1.9", false },
        { "<1.2", "1.1.9", true },
        { "<=11", "11.9.9", true },
        { "<=11.1", "11.2.0", false },
        { "=<11.1", "11.1.5", true },
        { "~1.2.3", "1.2.9", true },
        { "~>1.2.3", "1.3.0", false },
        { "~1", "1.9.0", true },
        { "~0.0.0", "5.0.0", true },
        { "^1.2.3", "1.9.0", true },
        { "^1.2.3", "2.0.0", false },
        { "^0.2.3", "0.2.9", true },
        { "^0.2.3", "0.3.0", false },
        { "^0.0.3", "0.0.4", false },
        { "^0.0", "0.0.9", true },
        { "^0", "0.9.0", true },
        { "^*", "5.0.0", false },
        { ">=1.2 <2 || ^3", "1.9.0", true },
        { ">=1.2 <2 || ^3", "2.5.0", false },
        { ">=1.2,<2||^3", "3.5.0", true },
        { ">=1.2 , != 3.1.x", "3.1.5", false },
        { "1.2 - 1.4", "1.4.9", true },
        { "1.2 - 1.4.0", "1.4.9", false },
        { "1 - 2 || 5", "5.0.0", true },
        { ">1.0.0-0", "1.5.0-rc.1", true },
        { ">1.0.0", "1.5.0-rc.1", false },
        { ">=1.0 <2.0-0", "1.5.0-rc.1", true },
        { ">=1.0-0 || <1", "1.5.0-rc.1", true },
        { "<1 || >=1.0", "1.5.0-rc.1", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (matches(cases[i].constraint, cases[i].version, false) != cases[i].expected)
            fail_msg("'%s' and %s", cases[i].constraint, cases[i].version);
    }
    assert_true(matches("*", "7.0.0-rc.1", true));
    assert_true(matches(">1.0.0", "1.5.0-rc.1", true));
    assert_false(matches(">1.0.0", "1.0.0-rc.1", true));
}

static void constraints_that_are_none_are_refused(void **state)
{
    static const char *const cases[][2] = {
        { "", "improper constraint: \"\"" },
        { "a\t\"", "improper constraint: \"a\\t\\\"\"" },
        { ">=", "improper constraint: \">=\"" },
        { ">>1", "improper constraint: \">>1\"" },
        { "1 ||", "improper constraint: \"\"" },
        { "1,,2", "improper constraint: \"1,,2\"" },
        { "1,", "improper constraint: \"1,\"" },
        { "1.2.3.4", "improper constraint: \"1.2.3.4\"" },
        { "1\v", "improper constraint: \"1\\v\"" },
        { "\xc3\xa9\xff", "improper constraint: \"\xc3\xa9\\xff\"" },
        { "1 ||2 - 3", "improper constraint: \"1>= \"" },
        { "1.2.3-01", "constraint parser error" },
        { "xx", "constraint parser error" },
        { "99999999999999999999", "constraint parser error" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_constraint *constraint = NULL;
        VCL_AUTO_ERROR *error = NULL;
        assert_int_equal(vcl_constraint_parse(cases[i][0], &constraint, &error),
                         VCLUSTER_E_INVALID_ARGUMENT);
        assert_string_equal(vcluster_error_message(error), cases[i][1]);
        assert_null(constraint);
    }
}

static void constraints_are_bounded(void **state)
{
    char text[600] = "1";
    vcl_constraint *constraint = NULL;
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    for (int i = 1; i < 32; i++)
        strncat(text, "||1", sizeof(text) - strlen(text) - 1);
    assert_int_equal(vcl_constraint_parse(text, &constraint, NULL), 0);
    vcl_constraint_free(constraint);
    strncat(text, "||1", sizeof(text) - strlen(text) - 1);
    assert_fails(vcl_constraint_parse(text, &constraint, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 error, "too many constraint groups (max 32)");
    vcl_error_clear(&error);
    memset(text, '1', 513);
    text[513] = '\0';
    assert_fails(vcl_constraint_parse(text, &constraint, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 error, "constraint string is too long (max 512 bytes)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions_are_read_and_printed),
        cmocka_unit_test(versions_of_256_bytes_are_the_longest),
        cmocka_unit_test(versions_have_an_order),
        cmocka_unit_test(constraints_match_what_they_should),
        cmocka_unit_test(constraints_that_are_none_are_refused),
        cmocka_unit_test(constraints_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
