/* SPDX-License-Identifier: Apache-2.0 */
/* The shortest texts of doubles in the forms of JSON and Go, and reading without a locale. */
#include "data/number.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

#include "cmocka_support.h"

static void formats_are_those_of_go(void **state)
{
    static const struct {
        double value;
        const char *json;
        const char *go;
    } cases[] = {
        { 0.0, "0", "0" },
        { -0.0, "-0", "-0" },
        { 1, "1", "1" },
        { -12, "-12", "-12" },
        { 0.1, "0.1", "0.1" },
        { 123456, "123456", "123456" },
        { 1000000, "1000000", "1e+06" },
        { 1234567.5, "1234567.5", "1.2345675e+06" },
        { 1e20, "100000000000000000000", "1e+20" },
        { 1e21, "1e+21", "1e+21" },
        { 1e-4, "0.0001", "0.0001" },
        { 1e-5, "0.00001", "1e-05" },
        { 1e-6, "0.000001", "1e-06" },
        { 1e-7, "1e-7", "1e-07" },
        { 12345678901234567890.0, "12345678901234567000", "1.2345678901234567e+19" },
        { 0x1p-44, "5.684341886080802e-14", "5.684341886080802e-14" },
        { 5e-324, "5e-324", "5e-324" },
        { 2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308" },
        { 1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308" },
        { 9007199254740993.0, "9007199254740992", "9.007199254740992e+15" },
        { 1.0 / 3, "0.3333333333333333", "0.3333333333333333" },
        { (double)INFINITY, "null", "+Inf" },
        { -(double)INFINITY, "null", "-Inf" },
        { (double)NAN, "null", "NaN" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[VCL_NUMBER_SIZE];
        vcl_format_json_double(cases[i].value, text);
        assert_string_equal(text, cases[i].json);
        vcl_format_go_double(cases[i].value, text);
        assert_string_equal(text, cases[i].go);
    }
}

static void floats_need_fewer_digits(void **state)
{
    char text[VCL_NUMBER_SIZE];

    (void)state;
    vcl_format_go_float(0.1F, text);
    assert_string_equal(text, "0.1");
    vcl_format_go_float(3.1415927F, text);
    assert_string_equal(text, "3.1415927");
    vcl_format_go_float(1e6F, text);
    assert_string_equal(text, "1e+06");
}

static void formatted_doubles_read_back_the_same(void **state)
{
    uint64_t bits = 88172645463325252ULL;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        union {
            uint64_t bits;
            double value;
        } number;
        char text[VCL_NUMBER_SIZE];
        double back;

        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        number.bits = bits;
        if (!isfinite(number.value))
            continue;
        vcl_format_json_double(number.value, text);
        assert_true(vcl_parse_double(text, &back));
        assert_memory_equal(&back, &number.value, sizeof(back));
        assert_true(vcl_double_keeps(text, &back));
    }
}

static void parse_takes_decimal_numbers_only(void **state)
{
    static const char *const good[] = { "1", "-1", "+1", "1.", ".5", "1e5", "1E-5", "00" };
    static const char *const bad[] = { "",    "-",   ".",  "e5", "1e",  "1e+",   "0x10",
                                       "inf", "nan", "1 ", " 1", "1_0", "1e400", "--1" };
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(vcl_parse_double(good[i], &value));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(vcl_parse_double(bad[i], &value));
    assert_false(vcl_parse_double(NULL, &value));
}

static void keeps_says_whether_a_double_is_exact_as_written(void **state)
{
    static const struct {
        const char *text;
        bool keeps;
    } cases[] = {
        { "0.1", true },
        { "1e5", true },
        { "-0", true },
        { "-0.0", true },
        { "123456789012345", true },
        { "9007199254740992", true },
        { "9007199254740993", false },
        { "1152921504606846976", false },
        { "1152921504606847000", true },
        { "18446744073709551615", false },
        { "0.10000000000000000000000000", true },
        { "0.1000000000000000055511151231257827", false },
        { "1e400", false },
        { "1e-400", false },
        { "0e-400", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        double value;
        if (vcl_double_keeps(cases[i].text, &value) != cases[i].keeps)
            fail_msg("%s", cases[i].text);
    }
}

static void a_locale_with_a_comma_changes_nothing(void **state)
{
    char text[VCL_NUMBER_SIZE];
    double value;

    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8") && !setlocale(LC_ALL, "fr_FR.UTF-8"))
        skip();
    assert_true(vcl_parse_double("1.5", &value));
    assert_true(value > 1.4 && value < 1.6);
    vcl_format_json_double(1234.25, text);
    (void)setlocale(LC_ALL, "C");
    assert_string_equal(text, "1234.25");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_are_those_of_go),
        cmocka_unit_test(floats_need_fewer_digits),
        cmocka_unit_test(formatted_doubles_read_back_the_same),
        cmocka_unit_test(parse_takes_decimal_numbers_only),
        cmocka_unit_test(keeps_says_whether_a_double_is_exact_as_written),
        cmocka_unit_test(a_locale_with_a_comma_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
