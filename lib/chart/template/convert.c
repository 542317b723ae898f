/* SPDX-License-Identifier: Apache-2.0 */
/* Between text and numbers; see convert.h. */
#include "chart/template/convert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "data/number.h"

/* The longest text that is read as a floating-point number. */
enum { MAX_FLOAT = 400 };

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

/* The base that a prefix names, and the digits behind it. */
static int take_prefix(vcl_tpl_text *text)
{
    static const struct {
        char letter;
        int base;
    } prefixes[] = { { 'x', 16 }, { 'o', 8 }, { 'b', 2 } };

    if (text->size < 2 || text->data[0] != '0')
        return 10;
    for (size_t i = 0; i < 3; i++) {
        if ((text->data[1] | 0x20) == prefixes[i].letter && text->size > 2) {
            text->data += 2;
            text->size -= 2;
            return prefixes[i].base;
        }
    }
    text->data++;
    text->size--;
    return 8;
}

/* Underscores stand between digits, or between a prefix and a digit. */
static bool underscores_ok(vcl_tpl_text text, bool prefixed)
{
    bool digit_before = prefixed;

    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '_' && !digit_before)
            return false;
        digit_before = text.data[i] != '_';
    }
    return digit_before;
}

bool vcl_tpl_parse_uint(vcl_tpl_text text, int base, uint64_t *out_value)
{
    bool free_form = base == 0;
    const char *start = text.data;
    uint64_t value = 0;

    if (free_form)
        base = take_prefix(&text);
    if (text.size == 0 || (free_form && !underscores_ok(text, text.data != start)))
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (free_form && text.data[i] == '_')
            continue;
        int digit = digit_value(text.data[i]);
        if (digit >= base || __builtin_mul_overflow(value, (uint64_t)base, &value) ||
            __builtin_add_overflow(value, (uint64_t)digit, &value))
            return false;
    }
    *out_value = value;
    return true;
}

bool vcl_tpl_parse_int(vcl_tpl_text text, int base, int64_t *out_value)
{
    uint64_t value = 0;
    bool negative = text.size && text.data[0] == '-';

    if (text.size && (negative || text.data[0] == '+')) {
        text.data++;
        text.size--;
    }
    if (!vcl_tpl_parse_uint(text, base, &value) || value > (uint64_t)INT64_MAX + negative)
        return false;
    *out_value = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static bool parse_special(const char *text, double *out_value)
{
    const char *name = text + (*text == '+' || *text == '-');

    if (strcasecmp(name, "inf") == 0 || strcasecmp(name, "infinity") == 0) {
        *out_value = *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (strcasecmp(text, "nan") == 0) {
        *out_value = NAN;
        return true;
    }
    return false;
}

/* "0x1.8p3": digits, perhaps a point, and the exponent that Go demands. */
static bool parse_hex_float(const char *text, double *out_value)
{
    double value = 0;
    double sign = *text == '-' ? -1 : 1;
    int exponent = 0;
    int64_t power = 0;
    bool point = false;
    bool digits = false;
    const char *c = text + (*text == '+' || *text == '-') + 2;

    for (; digit_value(*c) < 16 || (*c == '.' && !point); c++) {
        if (*c == '.') {
            point = true;
            continue;
        }
        value = value * 16 + digit_value(*c);
        exponent -= point ? 4 : 0;
        digits = true;
    }
    if (!digits || (*c | 0x20) != 'p' || !vcl_parse_i64(c + 1, &power) || power > 5000 ||
        power < -5000)
        return false;
    *out_value = sign * ldexp(value, exponent + (int)power);
    return isfinite(*out_value);
}

/* Take underscores out of a number; false for one that stands elsewhere than between two digits, or
 * between the prefix 0x and a digit. */
static bool drop_underscores(char *text)
{
    const char *digits = text + (*text == '+' || *text == '-');
    bool prefixed = digits[0] == '0' && (digits[1] | 0x20) == 'x';
    int digit_end = prefixed ? 16 : 10;
    char before = prefixed ? '0' : '.';
    char *to = text + (digits - text) + (prefixed ? 2 : 0);

    for (const char *from = to; *from; before = *from++) {
        if (*from != '_')
            *to++ = *from;
        else if (digit_value(before) >= digit_end || digit_value(from[1]) >= digit_end)
            return false;
    }
    *to = '\0';
    return true;
}

bool vcl_tpl_parse_float(vcl_tpl_text text, double *out_value)
{
    char copy[MAX_FLOAT + 1];

    if (text.size == 0 || text.size > MAX_FLOAT || memchr(text.data, '\0', text.size))
        return false;
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    if (strchr(copy, '_') && !drop_underscores(copy))
        return false;
    if (parse_special(copy, out_value))
        return true;

    const char *digits = copy + (*copy == '+' || *copy == '-');
    if (digits[0] == '0' && (digits[1] | 0x20) == 'x')
        return parse_hex_float(copy, out_value);
    return vcl_parse_double(copy, out_value);
}

/* Go's int64(f) on amd64: what is out of range becomes the smallest number. */
static int64_t float_to_int64(double number)
{
    if (number >= -9223372036854775808.0 && number < 9223372036854775808.0)
        return (int64_t)number;
    return INT64_MIN;
}

/* "12.00" counts as the integer 12. */
static vcl_tpl_text trim_zero_decimal(vcl_tpl_text text)
{
    bool zero = false;

    for (size_t i = text.size; i > 0; i--) {
        if (text.data[i - 1] == '0')
            zero = true;
        else if (text.data[i - 1] == '.' && zero)
            return (vcl_tpl_text){ text.data, i - 1 };
        else if (text.data[i - 1] != '.')
            return text;
    }
    return text;
}

int64_t vcl_tpl_to_int64(const vcl_tpl_value *value)
{
    int64_t number = 0;

    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_BOOL:
        return value->boolean;
    case VCL_TPL_INT:
        return value->integer;
    case VCL_TPL_FLOAT:
        return float_to_int64(value->number);
    case VCL_TPL_STRING:
        if (value->type == VCL_TPL_T_STRING &&
            vcl_tpl_parse_int(trim_zero_decimal(value->text), 0, &number))
            return number;
        return 0;
    default:
        return 0;
    }
}

double vcl_tpl_to_float64(const vcl_tpl_value *value)
{
    double number = 0;

    switch ((vcl_tpl_kind)value->kind) {
    case VCL_TPL_BOOL:
        return value->boolean;
    case VCL_TPL_INT:
        return (double)value->integer;
    case VCL_TPL_FLOAT:
        return value->number;
    case VCL_TPL_STRING:
        if (value->type == VCL_TPL_T_STRING && vcl_tpl_parse_float(value->text, &number))
            return number;
        return 0;
    default:
        return 0;
    }
}
