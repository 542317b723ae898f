/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a time, one by one, as a layout asks for them; see time_reading.h. */
#include "chart/functions/time_reading.h"

#include <string.h>

static vcl_tpl_text from(vcl_tpl_text text, size_t start)
{
    return (vcl_tpl_text){ text.data + start, text.size - start };
}

static bool digit_at(vcl_tpl_text text, size_t index)
{
    return index < text.size && text.data[index] >= '0' && text.data[index] <= '9';
}

static bool starts_with(vcl_tpl_text text, const char *prefix)
{
    size_t size = strlen(prefix);

    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

/* A number of at most max digits; fixed: of just as many. */
static int take_number(vcl_time_reading *r, size_t max, bool fixed)
{
    int number = 0;
    size_t size = 0;

    while (size < max && digit_at(r->value, size))
        number = number * 10 + (r->value.data[size++] - '0');
    if (size == 0 || (fixed && size != max)) {
        r->bad = true;
        return 0;
    }
    r->value = from(r->value, size);
    return number;
}

static int take_in_range(vcl_time_reading *r, bool fixed, int min, int max, const char *what)
{
    int number = take_number(r, 2, fixed);

    if (!r->bad && (number < min || number > max))
        r->out_of_range = what;
    return number;
}

/* A year is taken by its width; what is no number there is an error. */
static int take_year(vcl_time_reading *r, size_t width)
{
    int year = 0;

    if (r->value.size < width || (width == 4 && !digit_at(r->value, 0))) {
        r->bad = true;
        return 0;
    }
    for (size_t i = 0; i < width; i++) {
        if (!digit_at(r->value, i)) {
            r->bad = true;
            return 0;
        }
        year = year * 10 + (r->value.data[i] - '0');
    }
    r->value = from(r->value, width);
    if (width == 2)
        year += year >= 69 ? 1900 : 2000;
    return year;
}

/* A name of a month or day of the week, whatever its case; -1 when it is none. */
static int
take_name(vcl_time_reading *r, const char *(*name_of)(int), int first, int last, bool is_short)
{
    for (int i = first; i <= last; i++) {
        const char *name = name_of(i);
        size_t size = is_short ? 3 : strlen(name);
        bool same = r->value.size >= size;
        for (size_t c = 0; same && c < size; c++)
            same = (r->value.data[c] | 0x20) == (name[c] | 0x20);
        if (same) {
            r->value = from(r->value, size);
            return i;
        }
    }
    r->bad = true;
    return -1;
}

/* The digits behind a point or comma, size bytes with it. */
static void take_fraction(vcl_time_reading *r, size_t size)
{
    r->nanos = 0;
    for (size_t i = 1; i < 10; i++) {
        if (i < size && !digit_at(r->value, i)) {
            r->bad = true;
            return;
        }
        r->nanos = r->nanos * 10 + (i < size ? r->value.data[i] - '0' : 0);
    }
    r->value = from(r->value, size);
}

static bool fraction_follows(const vcl_time_reading *r)
{
    return r->value.size >= 2 && (r->value.data[0] == '.' || r->value.data[0] == ',') &&
           digit_at(r->value, 1);
}

static void take_any_fraction(vcl_time_reading *r)
{
    size_t size = 1;

    if (!fraction_follows(r))
        return;
    while (digit_at(r->value, size))
        size++;
    take_fraction(r, size);
}

static void take_exact_fraction(vcl_time_reading *r, size_t size)
{
    if (r->value.size < size || (r->value.data[0] != '.' && r->value.data[0] != ','))
        r->bad = true;
    else
        take_fraction(r, size);
}

/* Seconds; decimals behind them are taken even when the layout has none. */
static void take_seconds(vcl_time_reading *r, bool fixed, vcl_tpl_text layout)
{
    r->civil.second = take_in_range(r, fixed, 0, 59, "second");
    if (r->bad || r->out_of_range || !fraction_follows(r))
        return;
    vcl_layout_kind next = vcl_layout_next(layout).kind;
    if (next != VCL_LAYOUT_FRACTION0 && next != VCL_LAYOUT_FRACTION9)
        take_any_fraction(r);
}

static void take_half(vcl_time_reading *r, const char *am, const char *pm)
{
    bool is_am = starts_with(r->value, am);
    bool is_pm = starts_with(r->value, pm);

    r->bad = !is_am && !is_pm;
    r->am = r->am || is_am; /* a layout may have it twice */
    r->pm = r->pm || is_pm;
    if (!r->bad)
        r->value = from(r->value, 2);
}

/* Two digits of an offset, at a place of the value. */
static int offset_digits(vcl_time_reading *r, size_t at, int max, const char *what)
{
    if (!digit_at(r->value, at) || !digit_at(r->value, at + 1)) {
        r->bad = true;
        return 0;
    }
    int number = (r->value.data[at] - '0') * 10 + (r->value.data[at + 1] - '0');
    if (number > max && !r->out_of_range)
        r->out_of_range = what;
    return number;
}

/* "+02:00" in the form of the layout; 'Z' when it may be. */
static void take_offset(vcl_time_reading *r, vcl_tpl_text form)
{
    bool colon = memchr(form.data, ':', form.size) != NULL;
    size_t step = colon ? 3 : 2;

    if (form.data[0] == 'Z' && starts_with(r->value, "Z")) {
        r->value = from(r->value, 1);
        r->is_utc = true;
        return;
    }
    if (r->value.size < form.size || (colon && r->value.data[3] != ':') ||
        (colon && form.size == 9 && r->value.data[6] != ':')) {
        r->bad = true;
        return;
    }
    r->offset = offset_digits(r, 1, 24, "time zone offset hour") * 3600;
    if (form.size > 3 && !r->bad)
        r->offset += offset_digits(r, 1 + step, 60, "time zone offset minute") * 60;
    if (form.size > 6 && !r->bad)
        r->offset += offset_digits(r, 1 + 2 * step, 60, "time zone offset second");
    if (r->value.data[0] == '-')
        r->offset = -r->offset;
    else if (r->value.data[0] != '+')
        r->bad = true;
    r->has_offset = true;
    r->value = from(r->value, form.size);
}

/* Bytes of "+3" or "-11"; 0 when it is none. */
static size_t signed_hours(vcl_tpl_text text)
{
    size_t size = 1;
    int hours = 0;

    if (text.size == 0 || (text.data[0] != '+' && text.data[0] != '-'))
        return 0;
    for (; digit_at(text, size); size++)
        hours = hours > 23 ? hours : hours * 10 + (text.data[size] - '0');
    return size > 1 && hours <= 23 ? size : 0;
}

/* Bytes of what looks like the name of a zone; 0 when nothing does. */
static size_t zone_name_size(vcl_tpl_text text)
{
    size_t capitals = 0;

    if (text.size < 3)
        return 0;
    if (starts_with(text, "ChST") || starts_with(text, "MeST"))
        return 4;
    if (starts_with(text, "GMT"))
        return 3 + signed_hours(from(text, 3));
    if (text.data[0] == '+' || text.data[0] == '-')
        return signed_hours(text);
    while (capitals < 6 && capitals < text.size && text.data[capitals] >= 'A' &&
           text.data[capitals] <= 'Z')
        capitals++;
    if (capitals == 5)
        return text.data[4] == 'T' ? 5 : 0;
    if (capitals == 4)
        return text.data[3] == 'T' || starts_with(text, "WITA") ? 4 : 0;
    return capitals == 3 ? 3 : 0;
}

static void take_zone(vcl_time_reading *r)
{
    size_t size = starts_with(r->value, "UTC") ? 3 : zone_name_size(r->value);

    if (size == 0 || size >= VCL_ZONE_NAME) {
        r->bad = true;
        return;
    }
    if (starts_with(r->value, "UTC")) {
        r->is_utc = true;
    } else {
        memcpy(r->zone, r->value.data, size);
        r->zone[size] = '\0';
    }
    r->value = from(r->value, size);
}

static void skip_spaces(vcl_time_reading *r, int most)
{
    while (most-- > 0 && starts_with(r->value, " "))
        r->value = from(r->value, 1);
}

static void take_date_part(vcl_time_reading *r, vcl_layout_kind kind)
{
    switch (kind) {
    case VCL_LAYOUT_LONG_YEAR:
    case VCL_LAYOUT_YEAR:
        r->civil.year = take_year(r, kind == VCL_LAYOUT_YEAR ? 2 : 4);
        break;
    case VCL_LAYOUT_LONG_MONTH:
    case VCL_LAYOUT_MONTH:
        r->civil.month = take_name(r, vcl_month_name, 1, 12, kind == VCL_LAYOUT_MONTH);
        r->has_month = true;
        break;
    case VCL_LAYOUT_NUM_MONTH:
    case VCL_LAYOUT_ZERO_MONTH:
        r->civil.month = take_in_range(r, kind == VCL_LAYOUT_ZERO_MONTH, 1, 12, "month");
        r->has_month = true;
        break;
    case VCL_LAYOUT_LONG_WEEKDAY:
    case VCL_LAYOUT_WEEKDAY:
        take_name(r, vcl_weekday_name, 0, 6, kind == VCL_LAYOUT_WEEKDAY);
        break;
    case VCL_LAYOUT_UNDER_YEAR_DAY:
    case VCL_LAYOUT_ZERO_YEAR_DAY:
        skip_spaces(r, kind == VCL_LAYOUT_UNDER_YEAR_DAY ? 2 : 0);
        r->civil.year_day = take_number(r, 3, kind == VCL_LAYOUT_ZERO_YEAR_DAY);
        r->has_year_day = true;
        break;
    default:
        skip_spaces(r, kind == VCL_LAYOUT_UNDER_DAY ? 1 : 0);
        r->civil.day = take_number(r, 2, kind == VCL_LAYOUT_ZERO_DAY);
        r->has_day = true;
        break;
    }
}

void vcl_time_take(vcl_time_reading *r, vcl_layout_kind kind, vcl_tpl_text form, vcl_tpl_text rest)
{
    switch (kind) {
    case VCL_LAYOUT_HOUR:
        r->civil.hour = take_in_range(r, false, 0, 23, "hour");
        break;
    case VCL_LAYOUT_HOUR12:
    case VCL_LAYOUT_ZERO_HOUR12:
        r->civil.hour = take_in_range(r, kind == VCL_LAYOUT_ZERO_HOUR12, 0, 12, "hour");
        break;
    case VCL_LAYOUT_MINUTE:
    case VCL_LAYOUT_ZERO_MINUTE:
        r->civil.minute = take_in_range(r, kind == VCL_LAYOUT_ZERO_MINUTE, 0, 59, "minute");
        break;
    case VCL_LAYOUT_SECOND:
    case VCL_LAYOUT_ZERO_SECOND:
        take_seconds(r, kind == VCL_LAYOUT_ZERO_SECOND, rest);
        break;
    case VCL_LAYOUT_PM:
        take_half(r, "AM", "PM");
        break;
    case VCL_LAYOUT_SMALL_PM:
        take_half(r, "am", "pm");
        break;
    case VCL_LAYOUT_OFFSET:
        take_offset(r, form);
        break;
    case VCL_LAYOUT_ZONE:
        take_zone(r);
        break;
    case VCL_LAYOUT_FRACTION0:
        take_exact_fraction(r, form.size);
        break;
    case VCL_LAYOUT_FRACTION9:
        take_any_fraction(r);
        break;
    default:
        take_date_part(r, kind);
        break;
    }
}
