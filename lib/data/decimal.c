/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decimal arithmetic; see decimal.h. A number is value * 10^exponent with a whole value of any
 * size. Mirrors shopspring/decimal 1.4, which Helm's functions use.
 */
#include "data/decimal.h"

#include <math.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "data/number.h"

enum { QUOTIENT_DIGITS = 16 };

typedef struct decimal {
    BIGNUM *value;
    long exponent;
} decimal;

/* What one calculation works with. */
typedef struct calculation {
    decimal result;
    decimal operand;
    BIGNUM *power;
    BIGNUM *rest;
    BN_CTX *context;
} calculation;

static void calculation_done(calculation *c)
{
    BN_free(c->result.value);
    BN_free(c->operand.value);
    BN_free(c->power);
    BN_free(c->rest);
    BN_CTX_free(c->context);
}

static bool calculation_init(calculation *c)
{
    c->result.value = BN_new();
    c->operand.value = BN_new();
    c->power = BN_new();
    c->rest = BN_new();
    c->context = BN_CTX_new();
    return c->result.value && c->operand.value && c->power && c->rest && c->context;
}

/* The digits of the shortest text, and where its point is. */
static bool read_number(double number, decimal *out)
{
    char text[VCL_NUMBER_SIZE];
    char digits[VCL_NUMBER_SIZE];
    size_t used = 0;
    bool behind_point = false;

    vcl_format_go_double(number, text);
    out->exponent = 0;
    for (const char *at = text; *at; at++) {
        if (*at == 'e') {
            int64_t exponent = 0;
            if (!vcl_parse_i64(at + 1, &exponent))
                return false;
            out->exponent += exponent;
            break;
        }
        if (*at == '.') {
            behind_point = true;
            continue;
        }
        digits[used++] = *at;
        out->exponent -= behind_point;
    }
    digits[used] = '\0';
    return BN_dec2bn(&out->value, digits) != 0;
}

/* Multiply by a power of ten. */
static bool scale(calculation *c, BIGNUM *value, long digits)
{
    return BN_set_word(c->rest, 10) && BN_set_word(c->power, (BN_ULONG)digits) &&
           BN_exp(c->power, c->rest, c->power, c->context) &&
           BN_mul(value, value, c->power, c->context);
}

static bool add(calculation *c, bool subtract)
{
    long difference = c->result.exponent - c->operand.exponent;
    decimal *larger = difference > 0 ? &c->result : &c->operand;

    if (difference != 0 && !scale(c, larger->value, labs(difference)))
        return false;
    c->result.exponent -= difference > 0 ? difference : 0;
    return subtract ? BN_sub(c->result.value, c->result.value, c->operand.value)
                    : BN_add(c->result.value, c->result.value, c->operand.value);
}

static bool multiply(calculation *c)
{
    c->result.exponent += c->operand.exponent;
    return BN_mul(c->result.value, c->result.value, c->operand.value, c->context);
}

/* The quotient cut off behind its last digit, then one more when the rest is half or above. */
static bool divide(calculation *c)
{
    long digits = c->result.exponent - c->operand.exponent + QUOTIENT_DIGITS;
    bool negative = BN_is_negative(c->result.value) != BN_is_negative(c->operand.value);

    if (!scale(c, digits < 0 ? c->operand.value : c->result.value, labs(digits)) ||
        !BN_div(c->result.value, c->rest, c->result.value, c->operand.value, c->context) ||
        !BN_lshift1(c->rest, c->rest))
        return false;
    c->result.exponent = -QUOTIENT_DIGITS;
    if (BN_ucmp(c->rest, c->operand.value) < 0)
        return true;
    return negative ? BN_sub_word(c->result.value, 1) : BN_add_word(c->result.value, 1);
}

static bool apply(calculation *c, vcl_decimal_operation operation)
{
    switch (operation) {
    case VCL_DECIMAL_ADD:
        return add(c, false);
    case VCL_DECIMAL_SUBTRACT:
        return add(c, true);
    case VCL_DECIMAL_MULTIPLY:
        return multiply(c);
    case VCL_DECIMAL_DIVIDE:
        return divide(c);
    }
    return false;
}

/* The nearest double. */
static bool write_number(const decimal *number, double *out_number)
{
    char *digits = BN_bn2dec(number->value);
    vcl_auto_free char *text = digits ? vcl_format("%se%ld", digits, number->exponent) : NULL;

    OPENSSL_free(digits);
    if (!text)
        return false;
    if (BN_is_zero(number->value))
        *out_number = 0;
    else if (!vcl_parse_double(text, out_number))
        *out_number = BN_is_negative(number->value) ? -HUGE_VAL : HUGE_VAL;
    return true;
}

static int
check(vcl_decimal_operation operation, const double *numbers, size_t count, vcluster_error **error)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(numbers[i]))
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "Cannot create a Decimal from %s",
                            isnan(numbers[i]) ? "NaN"
                            : numbers[i] > 0  ? "+Inf"
                                              : "-Inf");
        if (i > 0 && operation == VCL_DECIMAL_DIVIDE && numbers[i] == 0)
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "decimal division by 0");
    }
    return VCLUSTER_OK;
}

int vcl_decimal_fold(vcl_decimal_operation operation,
                     const double *numbers,
                     size_t count,
                     double *out_result,
                     vcluster_error **error)
{
    calculation c = { 0 };
    int status = check(operation, numbers, count, error);

    if (status < 0)
        return status;
    bool done = calculation_init(&c) && count > 0 && read_number(numbers[0], &c.result);
    for (size_t i = 1; done && i < count; i++)
        done = read_number(numbers[i], &c.operand) && apply(&c, operation);
    done = done && write_number(&c.result, out_result);
    calculation_done(&c);
    return done ? VCLUSTER_OK : vcl_no_memory(error);
}
