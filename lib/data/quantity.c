/* SPDX-License-Identifier: Apache-2.0 */
/* Quantities: reading, writing, arithmetic on 128-bit counts of 10^-9. */
#include "data/quantity.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

typedef __int128 wide;

#define NANO 1000000000
/* 10^28 units: enough for any cluster, and far from the ends of 128 bits. */
#define MAX_NANO ((wide)10000000000000000000ULL * 1000000000000000000LL)

typedef struct suffix {
    const char *text;
    int base; /* 10 or 2 */
    int exponent;
} suffix;

static const suffix suffixes[] = {
    { "", 10, 0 },   { "m", 10, -3 }, { "k", 10, 3 },  { "M", 10, 6 },
    { "G", 10, 9 },  { "T", 10, 12 }, { "P", 10, 15 }, { "E", 10, 18 },
    { "Ki", 2, 10 }, { "Mi", 2, 20 }, { "Gi", 2, 30 }, { "Ti", 2, 40 },
    { "Pi", 2, 50 }, { "Ei", 2, 60 }, { "u", 10, -6 }, { "n", 10, -9 },
};

enum { SUFFIXES = sizeof(suffixes) / sizeof(suffixes[0]), MAX_EXPONENT = 99 };

static const suffix *find_suffix(const char *text)
{
    for (size_t i = 0; i < SUFFIXES; i++) {
        if (strcmp(suffixes[i].text, text) == 0)
            return &suffixes[i];
    }
    return NULL;
}

/* The suffix of base 10 or 2 with an exponent; there is always one for those that are asked for. */
static const char *name_suffix(int base, int exponent)
{
    for (size_t i = 0; i < SUFFIXES; i++) {
        if (suffixes[i].base == base && suffixes[i].exponent == exponent)
            return suffixes[i].text;
    }
    return "";
}

/* The digits of a number as an integer and a power of ten; what follows them is left in text. */
typedef struct digits {
    wide value;
    int exponent; /* of ten */
    bool lost;    /* digits other than 0 that value has no room for */
    bool too_large;
    bool negative;
} digits;

static void take_digit(digits *number, int digit, bool fraction)
{
    if (number->value > MAX_NANO / 16) {
        number->lost = number->lost || digit != 0;
        number->too_large = number->too_large || !fraction;
        return;
    }
    number->value = number->value * 10 + digit;
    if (fraction)
        number->exponent--;
}

/* False where there is no digit. */
static bool read_digits(const char **text, digits *number)
{
    const char *at = *text;
    bool any = false;

    *number = (digits){ 0 };
    if (*at == '+' || *at == '-')
        number->negative = *at++ == '-';
    for (; isdigit((unsigned char)*at); at++, any = true)
        take_digit(number, *at - '0', false);
    bool point = *at == '.';
    if (point)
        at++;
    for (; point && isdigit((unsigned char)*at); at++, any = true)
        take_digit(number, *at - '0', true);
    *text = at;
    return any;
}

/* "e3", "E-2": true, and its exponent, where text is one. */
static bool read_exponent(const char *text, int *out_exponent)
{
    bool negative = false;
    int exponent = 0;

    if (*text != 'e' && *text != 'E')
        return false;
    text++;
    if (*text == '+' || *text == '-')
        negative = *text++ == '-';
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (!isdigit((unsigned char)*text))
            return false;
        if (exponent <= MAX_EXPONENT)
            exponent = exponent * 10 + (*text - '0');
    }
    *out_exponent = negative ? -exponent : exponent;
    return true;
}

/* value *= 2^exponent. Where that needs more digits than there is room for, those of the fraction
 * that do not count (tens is negative then) make it. */
static bool raise_two(digits *number, int exponent, int *tens)
{
    for (; exponent > 0 && number->value != 0; exponent--) {
        number->value *= 2;
        if (number->value <= MAX_NANO)
            continue;
        if (*tens >= 0)
            return false;
        number->lost = number->lost || number->value % 10 != 0;
        number->value /= 10;
        (*tens)++;
    }
    return true;
}

/* value *= 10^exponent, away from zero where it is not whole. */
static bool raise_ten(digits *number, int exponent)
{
    for (; exponent > 0 && number->value != 0; exponent--) {
        number->value *= 10;
        if (number->value > MAX_NANO)
            return false;
    }
    for (; exponent < 0; exponent++) {
        number->lost = number->lost || number->value % 10 != 0;
        number->value /= 10;
    }
    number->value += number->lost;
    return number->value <= MAX_NANO;
}

static bool to_nano(digits *number, int base, int exponent, wide *out_nano)
{
    int tens = number->exponent + 9;

    if (number->too_large)
        return false;
    if (base == 2 && !raise_two(number, exponent, &tens))
        return false;
    if (!raise_ten(number, base == 10 ? tens + exponent : tens))
        return false;
    *out_nano = number->negative ? -number->value : number->value;
    return true;
}

int vcl_quantity_parse(const char *text, vcl_quantity *out_quantity, vcluster_error **error)
{
    const char *rest = text;
    digits number;
    vcl_quantity quantity = { 0 };
    int exponent = 0;
    int base = 10;

    if (!read_digits(&rest, &number))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "'%.64s' is not a quantity: it needs a number, such as \"500m\" or \"2Gi\"",
                        text);

    const suffix *known = find_suffix(rest);
    if (known) {
        base = known->base;
        exponent = known->exponent;
        quantity.form = base == 2 ? VCL_QUANTITY_BINARY : VCL_QUANTITY_DECIMAL;
    } else if (read_exponent(rest, &exponent)) {
        quantity.form = VCL_QUANTITY_EXPONENT;
    } else {
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "'%.64s' is not a quantity: '%.16s' is no suffix (n, u, m, k, M, G, T, P, "
                        "E, Ki, Mi, Gi, Ti, Pi, Ei)",
                        text, rest);
    }
    if (!to_nano(&number, base, exponent, &quantity.nano))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "quantity '%.64s' is too large", text);
    *out_quantity = quantity;
    return 0;
}

/* Write an integer of up to 38 digits; returns where it begins in the buffer. */
static char *write_wide(wide value, char *end)
{
    bool negative = value < 0;
    char *at = end;

    *--at = '\0';
    do {
        int digit = (int)(value % 10);
        *--at = (char)('0' + (digit < 0 ? -digit : digit));
        value /= 10;
    } while (value != 0);
    if (negative)
        *--at = '-';
    return at;
}

static void print_binary(wide units, char *out_text)
{
    char number[VCL_QUANTITY_TEXT];
    int exponent = 0;

    while (exponent < 60 && units % 1024 == 0) {
        units /= 1024;
        exponent += 10;
    }
    snprintf(out_text, VCL_QUANTITY_TEXT, "%s%s", write_wide(units, number + sizeof(number)),
             name_suffix(2, exponent));
}

static void print_decimal(wide nano, bool as_exponent, char *out_text)
{
    char number[VCL_QUANTITY_TEXT];
    int exponent = -9;

    while (exponent < 18 && nano != 0 && nano % 1000 == 0) {
        nano /= 1000;
        exponent += 3;
    }
    if (nano == 0)
        exponent = 0;
    const char *digits_text = write_wide(nano, number + sizeof(number));
    if (as_exponent && exponent != 0)
        snprintf(out_text, VCL_QUANTITY_TEXT, "%se%d", digits_text, exponent);
    else
        snprintf(out_text, VCL_QUANTITY_TEXT, "%s%s", digits_text, name_suffix(10, exponent));
}

void vcl_quantity_print(const vcl_quantity *quantity, char out_text[VCL_QUANTITY_TEXT])
{
    wide units = quantity->nano / NANO;
    bool whole = quantity->nano % NANO == 0;

    if (quantity->form == VCL_QUANTITY_BINARY && whole && (units >= 1024 || units <= -1024))
        print_binary(units, out_text);
    else
        print_decimal(quantity->nano, quantity->form == VCL_QUANTITY_EXPONENT, out_text);
}

vcl_quantity vcl_quantity_from_int(int64_t value)
{
    return (vcl_quantity){ .nano = (wide)value * NANO };
}

int vcl_quantity_compare(const vcl_quantity *a, const vcl_quantity *b)
{
    return (a->nano > b->nano) - (a->nano < b->nano);
}

static bool store(vcl_quantity *a, wide nano)
{
    if (nano > MAX_NANO || nano < -MAX_NANO)
        return false;
    a->nano = nano;
    return true;
}

bool vcl_quantity_add(vcl_quantity *a, const vcl_quantity *b)
{
    vcl_quantity_form form = a->nano == 0 ? b->form : a->form;

    if (!store(a, a->nano + b->nano))
        return false;
    a->form = form;
    return true;
}

bool vcl_quantity_subtract(vcl_quantity *a, const vcl_quantity *b)
{
    const vcl_quantity negative = { .nano = -b->nano, .form = b->form };

    return vcl_quantity_add(a, &negative);
}

bool vcl_quantity_multiply(vcl_quantity *a, int64_t factor)
{
    wide nano;

    return !__builtin_mul_overflow(a->nano, (wide)factor, &nano) && store(a, nano);
}

bool vcl_quantity_scale(vcl_quantity *a, int64_t numerator, int64_t denominator)
{
    wide nano;

    if (__builtin_mul_overflow(a->nano, (wide)numerator, &nano))
        return false;
    wide rest = nano % denominator;
    return store(a, nano / denominator + (rest > 0));
}
