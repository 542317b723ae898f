/* SPDX-License-Identifier: Apache-2.0 */
/* Decimal arithmetic: exact where binary is not, and its bounds. */
#include "data/decimal.h"

#include <math.h>
#include <string.h>

#include "cmocka_support.h"

static double fold(vcl_decimal_operation operation, const double *numbers, size_t count)
{
    VCL_AUTO_ERROR *error = NULL;
    double result = -1;

    assert_ok(vcl_decimal_fold(operation, numbers, count, &result, &error), error);
    return result;
}

#define FOLD(operation, ...)                                                                       \
    fold(operation, (const double[]){ __VA_ARGS__ },                                               \
         sizeof((const double[]){ __VA_ARGS__ }) / sizeof(double))

static void sums_are_those_of_decimals(void **state)
{
    (void)state;
    assert_true(FOLD(VCL_DECIMAL_ADD, 0.1, 0.2) == 0.3);
    assert_true(FOLD(VCL_DECIMAL_ADD, 1e20, 0.5, -1e20) == 0.5);
    assert_true(FOLD(VCL_DECIMAL_SUBTRACT, 0.3, 0.1) == 0.2);
    assert_true(FOLD(VCL_DECIMAL_SUBTRACT, 5) == 5);
    assert_true(FOLD(VCL_DECIMAL_ADD, 1.7976931348623157e308, 1.7976931348623157e308) == HUGE_VAL);
    assert_true(FOLD(VCL_DECIMAL_ADD, 5e-324, -5e-324) == 0);
}

static void products_are_those_of_decimals(void **state)
{
    (void)state;
    assert_true(FOLD(VCL_DECIMAL_MULTIPLY, 1.1, 1.1) == 1.21);
    assert_true(FOLD(VCL_DECIMAL_MULTIPLY, 1e300, 1e300, 1e-300) == 1e300);
    assert_true(FOLD(VCL_DECIMAL_MULTIPLY, 1e-300, 1e-300) == 0);
    assert_true(FOLD(VCL_DECIMAL_MULTIPLY, -1e300, 1e300) == -HUGE_VAL);
}

static void quotients_have_sixteen_digits_rounded_away_from_zero(void **state)
{
    (void)state;
    assert_true(FOLD(VCL_DECIMAL_DIVIDE, 1, 3) == 0.3333333333333333);
    assert_true(FOLD(VCL_DECIMAL_DIVIDE, 2, 3) == 0.6666666666666667);
    assert_true(FOLD(VCL_DECIMAL_DIVIDE, -2, 3) == -0.6666666666666667);
    assert_true(FOLD(VCL_DECIMAL_DIVIDE, 5e-17, 1) == 1e-16);
    assert_true(FOLD(VCL_DECIMAL_DIVIDE, 4e-17, 1) == 0);
    assert_true(FOLD(VCL_DECIMAL_DIVIDE, 0, 7) == 0);
}

static void what_has_no_result_is_refused(void **state)
{
    static const struct {
        double a;
        double b;
        const char *reason;
    } cases[] = {
        { 1, 0, "decimal division by 0" },
        { HUGE_VAL, 1, "Cannot create a Decimal from +Inf" },
        { 1, -HUGE_VAL, "Cannot create a Decimal from -Inf" },
        { NAN, 1, "Cannot create a Decimal from NaN" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const double numbers[] = { cases[i].a, cases[i].b };
        VCL_AUTO_ERROR *error = NULL;
        double result = 42;
        assert_fails(vcl_decimal_fold(VCL_DECIMAL_DIVIDE, numbers, 2, &result, &error),
                     VCLUSTER_E_INVALID_ARGUMENT, error, cases[i].reason);
        assert_true(result == 42);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_decimals),
        cmocka_unit_test(products_are_those_of_decimals),
        cmocka_unit_test(quotients_have_sixteen_digits_rounded_away_from_zero),
        cmocka_unit_test(what_has_no_result_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
