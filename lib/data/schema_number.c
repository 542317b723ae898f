/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of any size, compared and divided exactly by their decimal digits: 0.3 is a multiple of
 * 0.1 here. A double stands for the shortest decimal that reads back as it. Most numbers are
 * doubles on both sides and never get here as digits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "data/number.h"
#include "data/schema_node.h"

enum {
    MAX_EXPONENT = 1000000, /* beyond it Helm takes numbers for no numbers */
    MAX_DIVISION_STEPS = 20000000
};

/* DIGITS times ten to the power of exponent; the first and the last digit are no zeros. */
typedef struct decimal {
    char digits[VCL_MAX_SCHEMA_DIGITS + 1];
    size_t count; /* 0: zero */
    int64_t exponent;
    bool negative;
} decimal;

/* The double that a number stands for exactly; false when none does. */
static bool as_double(const cJSON *number, double *out)
{
    if (cJSON_IsRaw(number))
        return vcl_double_keeps(number->valuestring, out);
    *out = number->valuedouble;
    return true;
}

static int64_t read_exponent(const char *text)
{
    bool negative = *text == '-';
    int64_t value = 0;

    text += *text == '-' || *text == '+';
    for (; *text >= '0' && *text <= '9' && value < 10 * (int64_t)MAX_EXPONENT; text++)
        value = value * 10 + (*text - '0');
    return negative ? -value : value;
}

static bool read_text(const char *text, decimal *out)
{
    bool fraction = false;
    int64_t zeros = 0; /* seen, but not yet known to be followed by a digit */

    *out = (decimal){ .negative = *text == '-' };
    text += *text == '-' || *text == '+';
    for (; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        out->exponent -= fraction;
        if (*text == '0') {
            zeros += out->count > 0;
            continue;
        }
        if (out->count + (size_t)zeros >= VCL_MAX_SCHEMA_DIGITS)
            return false;
        memset(out->digits + out->count, '0', (size_t)zeros);
        out->count += (size_t)zeros;
        zeros = 0;
        out->digits[out->count++] = *text;
    }
    out->digits[out->count] = '\0';
    out->exponent += zeros;
    if (*text)
        out->exponent += read_exponent(text + 1);
    return out->count == 0 || (out->exponent <= MAX_EXPONENT && out->exponent >= -MAX_EXPONENT);
}

/* False for what is beyond the limits. */
static bool read_decimal(const cJSON *number, decimal *out)
{
    char text[VCL_NUMBER_SIZE];

    if (cJSON_IsRaw(number))
        return read_text(number->valuestring, out);
    if (!isfinite(number->valuedouble))
        return false;
    vcl_format_json_double(number->valuedouble, text);
    return read_text(text, out);
}

static int compare_decimals(const decimal *a, const decimal *b)
{
    int sign = a->negative ? -1 : 1;

    if (a->count == 0 || b->count == 0 || a->negative != b->negative) {
        int left = a->count == 0 ? 0 : sign;
        int right = b->count == 0 ? 0 : b->negative ? -1 : 1;
        return (left > right) - (left < right);
    }
    int64_t left = (int64_t)a->count + a->exponent;
    int64_t right = (int64_t)b->count + b->exponent;
    if (left != right)
        return left < right ? -sign : sign;
    /* One text being the beginning of the other, the longer one is larger: strcmp agrees. */
    int order = strcmp(a->digits, b->digits);
    return order < 0 ? -sign : order > 0 ? sign : 0;
}

bool vcl_schema_compare(const cJSON *a, const cJSON *b, int *out_order)
{
    double left;
    double right;
    decimal first;
    decimal second;

    if (as_double(a, &left) && as_double(b, &right)) {
        *out_order = (left > right) - (left < right);
        return true;
    }
    if (!read_decimal(a, &first) || !read_decimal(b, &second))
        return false;
    *out_order = compare_decimals(&first, &second);
    return true;
}

bool vcl_schema_numbers_equal(const cJSON *a, const cJSON *b)
{
    int order;

    return vcl_schema_compare(a, b, &order) && order == 0;
}

bool vcl_schema_is_integer(const cJSON *number)
{
    double value;
    decimal digits;

    if (as_double(number, &value))
        return isfinite(value) && value == trunc(value);
    return read_decimal(number, &digits) && (digits.count == 0 || digits.exponent >= 0);
}

uint64_t vcl_schema_number_hash(const cJSON *number)
{
    double value;
    decimal digits;

    if (as_double(number, &value)) {
        if (value == 0)
            value = 0; /* not -0 */
        return vcl_schema_hash(VCL_SCHEMA_HASH_START, &value, sizeof(value));
    }
    if (!read_decimal(number, &digits))
        return 0;
    uint64_t hash = vcl_schema_hash(VCL_SCHEMA_HASH_START, digits.digits, digits.count);
    return vcl_schema_hash(hash, &digits.exponent, sizeof(digits.exponent));
}

/* Long division by hand: bring down one digit after the other, keep only the rest. It has one digit
 * more than the divisor, the highest first. */
typedef struct division {
    const decimal *divisor;
    char rest[VCL_MAX_SCHEMA_DIGITS + 1];
} division;

static bool at_least_divisor(const division *d)
{
    return d->rest[0] != 0 || memcmp(d->rest + 1, d->divisor->digits, d->divisor->count) >= 0;
}

static void subtract_divisor(division *d)
{
    int borrow = 0;

    for (size_t i = d->divisor->count; i > 0; i--) {
        int digit = d->rest[i] - d->divisor->digits[i - 1] - borrow;
        borrow = digit < 0;
        d->rest[i] = (char)('0' + digit + (borrow ? 10 : 0));
    }
    d->rest[0] = (char)(d->rest[0] - borrow);
}

static void bring_down(division *d, char digit)
{
    /* The highest digit is a number, all others are texts. */
    d->rest[0] = (char)(d->rest[1] - '0');
    memmove(d->rest + 1, d->rest + 2, d->divisor->count - 1);
    d->rest[d->divisor->count] = digit;
    while (at_least_divisor(d))
        subtract_divisor(d);
}

static bool rest_is_zero(const division *d)
{
    return d->rest[0] == 0 && strspn(d->rest + 1, "0") >= d->divisor->count;
}

/* Whether a is a multiple of b; false in the return value when that takes too long to find out. */
static bool divide(const decimal *a, const decimal *b, bool *out_multiple)
{
    int64_t zeros = a->exponent - b->exponent;
    division d = { .divisor = b };

    /* With its zeros at the end gone, a is no multiple of ten. */
    *out_multiple = a->count == 0;
    if (a->count == 0 || zeros < 0)
        return true;
    if ((a->count + (size_t)zeros) > MAX_DIVISION_STEPS / (b->count + 8))
        return false;

    memset(d.rest + 1, '0', b->count);
    for (size_t i = 0; i < a->count; i++)
        bring_down(&d, a->digits[i]);
    for (; zeros > 0 && !rest_is_zero(&d); zeros--)
        bring_down(&d, '0');
    *out_multiple = rest_is_zero(&d);
    return true;
}

bool vcl_schema_is_multiple(const cJSON *number, const cJSON *divisor, bool *out_multiple)
{
    const double exact = 9007199254740992.0; /* integers up to here are exact */
    double a;
    double b;
    decimal first;
    decimal second;

    if (as_double(number, &a) && as_double(divisor, &b) && a == trunc(a) && b == trunc(b) &&
        fabs(a) <= exact && b <= exact && b > 0) {
        double rest = fmod(a, b);
        *out_multiple = !(rest < 0) && !(rest > 0);
        return true;
    }
    if (!read_decimal(number, &first) || !read_decimal(divisor, &second) || second.count == 0)
        return false;
    return divide(&first, &second, out_multiple);
}
