/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doubles and their shortest texts; see number.h. The digits come from the C library's printf and
 * strtod, which round correctly, in a "C" locale of our own; their arrangement is done here.
 */
#include "data/number.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 17, MAX_TEXT_DIGITS = 40, SMALL_DIGITS = 15, FLOAT_DIGITS = 9 };

/* A decimal: 0.DIGITS times ten to the power of point, without zeros at the end. Zero has no digit.
 */
typedef struct decimal {
    char digits[MAX_TEXT_DIGITS + 1];
    int count;
    int point;
    bool negative;
} decimal;

/* The C locale. The C library keeps it as a constant, so that nothing is made and nothing freed. */
static locale_t c_locale(void)
{
    return newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

static double to_double(const char *text)
{
    locale_t locale = c_locale();
    double value = locale ? strtod_l(text, NULL, locale) : strtod(text, NULL);

    if (locale)
        freelocale(locale);
    return value;
}

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* Whether text is [sign] digits [. digits] [e [sign] digits] with a digit before the exponent. */
static bool is_decimal_text(const char *text)
{
    text += *text == '-' || *text == '+';
    size_t whole = digits_at(text);
    size_t fraction = 0;

    text += whole;
    if (*text == '.') {
        fraction = digits_at(text + 1);
        text += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        size_t exponent = digits_at(text);
        if (exponent == 0)
            return false;
        text += exponent;
    }
    return *text == '\0';
}

bool vcl_parse_double(const char *text, double *out_value)
{
    if (!text || !is_decimal_text(text))
        return false;

    double value = to_double(text);
    if (!isfinite(value))
        return false;
    *out_value = value;
    return true;
}

/* The power of ten in the text of an exponent, kept far away from overflow. */
static int exponent_of(const char *text)
{
    bool negative = *text == '-';
    int value = 0;

    text += *text == '-' || *text == '+';
    for (; isdigit((unsigned char)*text) && value < 100000; text++)
        value = value * 10 + (*text - '0');
    return negative ? -value : value;
}

/* Take decimal text apart; false when it has more digits than any text of a double needs. */
static bool read_decimal(const char *text, decimal *out)
{
    bool fraction = false;

    *out = (decimal){ .negative = *text == '-' };
    text += *text == '-' || *text == '+';
    for (; isdigit((unsigned char)*text) || *text == '.'; text++) {
        if (*text == '.') {
            fraction = true;
        } else if (out->count == 0 && *text == '0') {
            out->point -= fraction;
        } else {
            if (out->count == MAX_TEXT_DIGITS)
                return false;
            out->digits[out->count++] = *text;
            out->point += !fraction;
        }
    }
    if (*text)
        out->point += exponent_of(text + 1);
    while (out->count > 0 && out->digits[out->count - 1] == '0')
        out->count--;
    out->digits[out->count] = '\0';
    if (out->count == 0)
        out->point = 0;
    return true;
}

/* The decimal with that many digits that is nearest to value. */
static void round_to(double value, int digits, decimal *out)
{
    char text[MAX_TEXT_DIGITS + 16];
    locale_t locale = c_locale();
    locale_t before = locale ? uselocale(locale) : (locale_t)0;

    (void)snprintf(text, sizeof(text), "%.*e", digits - 1, value);
    if (locale) {
        (void)uselocale(before);
        freelocale(locale);
    }
    (void)read_decimal(text, out);
}

static double value_of(const decimal *number)
{
    char text[MAX_TEXT_DIGITS + 24];

    (void)snprintf(text, sizeof(text), "%s.%se%d", number->negative ? "-" : "", number->digits,
                   number->point);
    return to_double(text);
}

/* Add one unit in the last of `digits` places to a positive or negative decimal. */
static void step_away(decimal *number, int digits)
{
    while (number->count < digits)
        number->digits[number->count++] = '0';
    int at = number->count - 1;
    while (at >= 0 && number->digits[at] == '9')
        number->digits[at--] = '0';
    if (at >= 0) {
        number->digits[at]++;
    } else {
        number->digits[0] = '1';
        number->point++;
    }
    while (number->count > 0 && number->digits[number->count - 1] == '0')
        number->count--;
    number->digits[number->count] = '\0';
}

/* The shortest decimal that reads back as value, which is finite. Fewer than 15 digits
 * need no look of their own (the zeros at the end of 15 go), but for the subnormal numbers. The
 * step is for powers of two, whose lower neighbour is nearer than the upper one. */
static void shortest_double(double value, decimal *out)
{
    int digits = fpclassify(value) == FP_SUBNORMAL ? 1 : 15;

    for (; digits < MAX_DIGITS; digits++) {
        round_to(value, digits, out);
        if (value_of(out) == value)
            return;
        if (fabs(value_of(out)) < fabs(value)) {
            step_away(out, digits);
            if (value_of(out) == value)
                return;
        }
    }
    round_to(value, MAX_DIGITS, out);
}

/* Read an integer of at most 15 digits, which every double holds: most numbers are such. */
static bool parse_small_integer(const char *text, double *out_value)
{
    bool negative = *text == '-';
    int64_t value = 0;
    int digits = 0;

    for (text += negative; *text >= '0' && *text <= '9' && digits < SMALL_DIGITS; digits++)
        value = value * 10 + (*text++ - '0');
    if (digits == 0 || *text || (negative && value == 0))
        return false;
    *out_value = (double)(negative ? -value : value);
    return true;
}

bool vcl_double_keeps(const char *text, double *out_value)
{
    decimal asked;
    decimal printed;

    if (text && parse_small_integer(text, out_value))
        return true;
    if (!vcl_parse_double(text, out_value) || !read_decimal(text, &asked))
        return false;
    shortest_double(*out_value, &printed);
    return printed.point == asked.point && strcmp(printed.digits, asked.digits) == 0;
}

/* Digits with a point and the zeros that are needed: 0.00012, 12.5, 1200. */
static void write_plain(const decimal *number, char *text)
{
    if (number->point <= 0) {
        *text++ = '0';
        *text++ = '.';
        for (int i = number->point; i < 0; i++)
            *text++ = '0';
    }
    for (int i = 0; i < number->count || i < number->point; i++) {
        if (i == number->point && i > 0)
            *text++ = '.';
        *text++ = i < number->count ? number->digits[i] : '0';
    }
    *text = '\0';
}

/* Digits with an exponent of at least `places` digits. */
static void write_exponent(const decimal *number, int places, char *text, size_t size)
{
    int exponent = number->point - 1;

    (void)snprintf(text, size, "%c%s%se%c%0*d", number->digits[0], number->count > 1 ? "." : "",
                   number->digits + 1, exponent < 0 ? '-' : '+', places, abs(exponent));
}

static void format(const decimal *number, bool json, char text[VCL_NUMBER_SIZE])
{
    char *start = text;

    if (number->negative)
        *start++ = '-';
    if (number->count == 0) {
        memcpy(start, "0", 2);
        return;
    }

    int exponent = number->point - 1;
    bool plain = json ? exponent >= -6 && exponent < 21 : exponent >= -4 && exponent < 6;
    if (plain)
        write_plain(number, start);
    else
        write_exponent(number, json && exponent < 0 ? 1 : 2, start,
                       VCL_NUMBER_SIZE - (size_t)(start - text));
}

void vcl_format_json_double(double value, char text[VCL_NUMBER_SIZE])
{
    decimal number;

    if (fabs(value) < 1e15 && value == trunc(value) && !(value == 0 && signbit(value))) {
        (void)snprintf(text, VCL_NUMBER_SIZE, "%lld", (long long)value);
    } else if (!isfinite(value)) {
        memcpy(text, "null", sizeof("null"));
    } else {
        shortest_double(value, &number);
        format(&number, true, text);
    }
}

/* Write what has no digits; false for a finite value. */
static bool format_not_finite(double value, char text[VCL_NUMBER_SIZE])
{
    if (isnan(value))
        memcpy(text, "NaN", sizeof("NaN"));
    else if (isinf(value))
        memcpy(text, value < 0 ? "-Inf" : "+Inf", sizeof("+Inf"));
    return !isfinite(value);
}

void vcl_format_go_double(double value, char text[VCL_NUMBER_SIZE])
{
    decimal number;

    if (format_not_finite(value, text))
        return;
    shortest_double(value, &number);
    format(&number, false, text);
}

void vcl_format_go_float(float value, char text[VCL_NUMBER_SIZE])
{
    decimal number;

    if (format_not_finite((double)value, text))
        return;
    for (int digits = 1; digits <= FLOAT_DIGITS; digits++) {
        round_to((double)value, digits, &number);
        if ((float)value_of(&number) == value)
            break;
    }
    format(&number, false, text);
}
