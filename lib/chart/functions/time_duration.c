/* SPDX-License-Identifier: Apache-2.0 */
/* Durations as text: "1h30m0s", "1.5s", "-300ms"; see time_text.h. */
#include <string.h>

#include "chart/functions/time_text.h"
#include "chart/template/utf8.h"

enum { SECOND = 1000000000 };

/* A number of nanoseconds in a unit, without zeros at the end of the decimals. */
static void add_decimals(vcl_buf *buf, uint64_t value, uint64_t unit)
{
    uint64_t rest = value % unit;

    vcl_buf_addf(buf, "%llu", (unsigned long long)(value / unit));
    if (rest == 0)
        return;
    vcl_buf_add_char(buf, '.');
    for (uint64_t digit = unit / 10; rest; digit /= 10) {
        vcl_buf_add_char(buf, (char)('0' + rest / digit));
        rest %= digit;
    }
}

bool vcl_duration_format(vcl_buf *buf, int64_t nanoseconds)
{
    uint64_t left = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;

    if (left == 0)
        return vcl_buf_add(buf, "0s");
    vcl_buf_add(buf, nanoseconds < 0 ? "-" : "");
    if (left < 1000) {
        vcl_buf_addf(buf, "%uns", (unsigned)left);
    } else if (left < SECOND) {
        add_decimals(buf, left, left < 1000000 ? 1000 : 1000000);
        vcl_buf_add(buf, left < 1000000 ? "\xC2\xB5s" : "ms");
    } else {
        uint64_t minutes = left / SECOND / 60;
        if (minutes >= 60)
            vcl_buf_addf(buf, "%lluh", (unsigned long long)(minutes / 60));
        if (minutes)
            vcl_buf_addf(buf, "%um", (unsigned)(minutes % 60));
        add_decimals(buf, left % ((uint64_t)60 * SECOND), SECOND);
        vcl_buf_add_char(buf, 's');
    }
    return !vcl_buf_failed(buf);
}

typedef struct duration_unit {
    const char *name;
    int64_t nanoseconds;
} duration_unit;

static const duration_unit units[] = {
    { "ns", 1 },       { "us", 1000 },  { "\xC2\xB5s", 1000 },  { "\xCE\xBCs", 1000 },
    { "ms", 1000000 }, { "s", SECOND }, { "m", 60LL * SECOND }, { "h", 3600LL * SECOND },
};

static vcl_tpl_text from(vcl_tpl_text text, size_t start)
{
    return (vcl_tpl_text){ text.data + start, text.size - start };
}

static bool bad(vcl_buf *reason, const char *what, vcl_tpl_text text)
{
    vcl_buf_addf(reason, "time: %s ", what);
    vcl_tpl_quote(reason, text, false);
    return false;
}

static bool digit_at(vcl_tpl_text text, size_t index)
{
    return index < text.size && text.data[index] >= '0' && text.data[index] <= '9';
}

/* Digits in front of and behind a point. */
typedef struct decimal {
    uint64_t whole;
    uint64_t fraction;
    double scale;
} decimal;

/* False: no digits, or too large a number. */
static bool take_amount(vcl_tpl_text *text, decimal *out)
{
    size_t size = 0;
    bool digits = false;

    *out = (decimal){ .scale = 1 };
    for (; digit_at(*text, size); size++) {
        digits = true;
        if (out->whole > (UINT64_C(1) << 63) / 10)
            return false;
        out->whole = out->whole * 10 + (uint64_t)(text->data[size] - '0');
        if (out->whole > UINT64_C(1) << 63)
            return false;
    }
    if (size < text->size && text->data[size] == '.') {
        for (size++; digit_at(*text, size); size++) {
            digits = true;
            if (out->fraction > (INT64_MAX - 9) / 10) /* further digits do not count */
                continue;
            out->fraction = out->fraction * 10 + (uint64_t)(text->data[size] - '0');
            out->scale *= 10;
        }
    }
    *text = from(*text, size);
    return digits;
}

/* The unit in front: up to the next digit or point. */
static vcl_tpl_text take_unit(vcl_tpl_text *text)
{
    vcl_tpl_text name = { text->data, 0 };

    while (name.size < text->size && text->data[name.size] != '.' && !digit_at(*text, name.size))
        name.size++;
    *text = from(*text, name.size);
    return name;
}

static int64_t unit_of(vcl_tpl_text name)
{
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (vcl_tpl_text_is(name, units[i].name))
            return units[i].nanoseconds;
    }
    return 0;
}

static bool bad_unit(vcl_buf *reason, vcl_tpl_text name, vcl_tpl_text whole)
{
    if (name.size == 0)
        return bad(reason, "missing unit in duration", whole);
    vcl_buf_add(reason, "time: unknown unit ");
    vcl_tpl_quote(reason, name, false);
    vcl_buf_add(reason, " in duration ");
    vcl_tpl_quote(reason, whole, false);
    return false;
}

bool vcl_duration_parse(vcl_tpl_text text, int64_t *out_nanoseconds, vcl_buf *reason)
{
    static const char invalid[] = "invalid duration";
    const uint64_t limit = UINT64_C(1) << 63;
    vcl_tpl_text whole = text;
    bool negative = text.size && text.data[0] == '-';
    uint64_t total = 0;

    if (text.size && (negative || text.data[0] == '+'))
        text = from(text, 1);
    if (vcl_tpl_text_is(text, "0")) {
        *out_nanoseconds = 0;
        return true;
    }
    if (text.size == 0)
        return bad(reason, invalid, whole);
    while (text.size) {
        decimal amount;
        uint64_t part;
        if (!take_amount(&text, &amount))
            return bad(reason, invalid, whole);
        vcl_tpl_text name = take_unit(&text);
        int64_t unit = unit_of(name);
        if (unit == 0)
            return bad_unit(reason, name, whole);
        if (__builtin_mul_overflow(amount.whole, (uint64_t)unit, &part) || part > limit)
            return bad(reason, invalid, whole);
        if (amount.fraction)
            part += (uint64_t)((double)amount.fraction * ((double)unit / amount.scale));
        total += part;
        if (part > limit || total > limit)
            return bad(reason, invalid, whole);
    }
    if (total > limit - !negative)
        return bad(reason, invalid, whole);
    *out_nanoseconds = negative ? (int64_t)(0 - total) : (int64_t)total;
    return true;
}
