/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: how they are read and written, and that arithmetic loses nothing. */
#include "data/quantity.h"

#include <string.h>

#include "base/error.h"
#include "cmocka_support.h"

static vcl_quantity parse(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    vcl_quantity quantity = { 0 };

    assert_ok(vcl_quantity_parse(text, &quantity, &error), error);
    return quantity;
}

static void assert_prints(const vcl_quantity *quantity, const char *wanted)
{
    char text[VCL_QUANTITY_TEXT];

    vcl_quantity_print(quantity, text);
    assert_string_equal(text, wanted);
}

static void every_form_is_read_and_written_canonically(void **state)
{
    static const struct {
        const char *text;
        const char *canonical;
    } cases[] = {
        { "0", "0" },
        { "0Gi", "0" },
        { "1", "1" },
        { "+1", "1" },
        { "-1", "-1" },
        { "1.", "1" },
        { ".5", "500m" },
        { "0.5", "500m" },
        { "100m", "100m" },
        { "1000m", "1" },
        { "1500m", "1500m" },
        { "1.5", "1500m" },
        { "12345", "12345" },
        { "2000", "2k" },
        { "5k", "5k" },
        { "0.001k", "1" },
        { "3M", "3M" },
        { "10G", "10G" },
        { "1T", "1T" },
        { "1P", "1P" },
        { "1E", "1E" },
        { "100E", "100E" },
        { "1Ki", "1Ki" },
        { "1024Ki", "1Mi" },
        { "1.5Gi", "1536Mi" },
        { "0.5Ki", "512" },
        { "1000Ki", "1000Ki" },
        { "1023", "1023" },
        { "0.1Gi", "107374182400m" },
        { "4Ti", "4Ti" },
        { "2Pi", "2Pi" },
        { "1Ei", "1Ei" },
        { "1e3", "1e3" },
        { "1E3", "1e3" },
        { "12e-3", "12e-3" },
        { "5e0", "5" },
        { "15e1", "150" },
        { "1u", "1u" },
        { "1n", "1n" },
        { "0.1n", "1n" },
        { "-0.1n", "-1n" },
        { "1.0000000001", "1000000001n" },
    };
    (void)state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcl_quantity quantity = parse(cases[i].text);
        assert_prints(&quantity, cases[i].canonical);
        vcl_quantity again = parse(cases[i].canonical);
        assert_int_equal(vcl_quantity_compare(&quantity, &again), 0);
    }
}

static void what_is_no_quantity_is_refused(void **state)
{
    static const char *const texts[] = {
        "",      "abc",  "1 ",
        " 1",    "1Gb",  "1ki",
        "1K",    "--1",  "1e",
        "1.2.3", "Gi",   "1GiB",
        "0x10",  "1,5",  ".",
        "+",     "1e3k", "1mi",
        "1e+",   "9e99", "99999999999999999999999999999999999999999999999"
    };
    (void)state;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        VCL_AUTO_ERROR *error = NULL;
        vcl_quantity quantity = { .nano = 7 };

        assert_int_equal(vcl_quantity_parse(texts[i], &quantity, &error),
                         VCLUSTER_E_INVALID_ARGUMENT);
        assert_non_null(strstr(vcluster_error_message(error), "quantity"));
        assert_true(quantity.nano == 7);
    }
}

static void sums_are_exact_across_forms(void **state)
{
    vcl_quantity sum = parse("0");
    vcl_quantity a = parse("1Gi");
    vcl_quantity b = parse("1G");
    (void)state;

    assert_true(vcl_quantity_add(&sum, &a));
    assert_prints(&sum, "1Gi");
    assert_true(vcl_quantity_add(&sum, &b));
    assert_prints(&sum, "2073741824");
    assert_true(vcl_quantity_subtract(&sum, &b));
    assert_prints(&sum, "1Gi");
    assert_true(vcl_quantity_multiply(&sum, 3));
    assert_prints(&sum, "3Gi");
    assert_int_equal(vcl_quantity_compare(&a, &b), 1);
}

static void a_share_is_rounded_up(void **state)
{
    vcl_quantity cpu = parse("1");
    (void)state;

    assert_true(vcl_quantity_scale(&cpu, 1, 3));
    assert_prints(&cpu, "333333334n");
    cpu = parse("8");
    assert_true(vcl_quantity_scale(&cpu, 1, 2));
    assert_prints(&cpu, "4");
}

static void what_would_overflow_changes_nothing(void **state)
{
    vcl_quantity large = parse("9000000000E");
    vcl_quantity copy = large;
    (void)state;

    assert_false(vcl_quantity_add(&large, &copy));
    assert_false(vcl_quantity_multiply(&large, INT64_MAX));
    assert_false(vcl_quantity_scale(&large, INT64_MAX, 1));
    assert_int_equal(vcl_quantity_compare(&large, &copy), 0);
}

static void long_fractions_are_rounded_away_from_zero(void **state)
{
    vcl_quantity a = parse("0.12345678900000000000000000000000000000000000001");
    vcl_quantity b = parse("0.12345678900000000000000000000000000000000000000");
    (void)state;

    assert_prints(&a, "123456790n");
    assert_prints(&b, "123456789n");
    a = parse("1.000000000000000000000000000000000001Ei");
    assert_prints(&a, "1152921504606846976000000001n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_is_read_and_written_canonically),
        cmocka_unit_test(what_is_no_quantity_is_refused),
        cmocka_unit_test(sums_are_exact_across_forms),
        cmocka_unit_test(a_share_is_rounded_up),
        cmocka_unit_test(what_would_overflow_changes_nothing),
        cmocka_unit_test(long_fractions_are_rounded_away_from_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
