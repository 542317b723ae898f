/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a time by a layout, as time.ParseInLocation of Go 1.26; see time_text.h. */
#include <string.h>

#include "chart/functions/time_reading.h"

static vcl_tpl_text from(vcl_tpl_text text, size_t start)
{
    return (vcl_tpl_text){ text.data + start, text.size - start };
}

static bool starts_with(vcl_tpl_text text, const char *prefix)
{
    size_t size = strlen(prefix);

    return text.size >= size && memcmp(text.data, prefix, size) == 0;
}

/* Text of the layout in the value: spaces stand for any number of them. */
static bool take_text(vcl_time_reading *r, vcl_tpl_text text)
{
    while (text.size) {
        if (text.data[0] == ' ') {
            if (r->value.size && r->value.data[0] != ' ')
                return false;
            while (starts_with(text, " "))
                text = from(text, 1);
            while (starts_with(r->value, " "))
                r->value = from(r->value, 1);
            continue;
        }
        if (r->value.size == 0 || r->value.data[0] != text.data[0])
            return false;
        text = from(text, 1);
        r->value = from(r->value, 1);
    }
    return true;
}

/* ------------------------------------------------------------ messages */

/* Go's own quotes of this package. */
static void add_quoted(vcl_buf *buf, vcl_tpl_text text)
{
    vcl_buf_add_char(buf, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c >= 0x80 || c < ' ') {
            vcl_buf_addf(buf, "\\x%02x", c);
            continue;
        }
        if (c == '"' || c == '\\')
            vcl_buf_add_char(buf, '\\');
        vcl_buf_add_char(buf, (char)c);
    }
    vcl_buf_add_char(buf, '"');
}

static bool fail(vcl_buf *reason, vcl_tpl_text value, const char *what, const char *more)
{
    vcl_buf_add(reason, "parsing time ");
    add_quoted(reason, value);
    vcl_buf_addf(reason, ": %s%s", what, more);
    return false;
}

static bool
fail_unfit(vcl_buf *reason, const vcl_tpl_text whole[2], vcl_tpl_text value, vcl_tpl_text layout)
{
    const char *const between[] = { "parsing time ", " as ", ": cannot parse ", " as " };
    const vcl_tpl_text texts[] = { whole[1], whole[0], value, layout };

    for (size_t i = 0; i < 4; i++) {
        vcl_buf_add(reason, between[i]);
        add_quoted(reason, texts[i]);
    }
    return false;
}

/* ------------------------------------------------------------ from parts to a time */

/* Month and day of a day of the year. */
static const char *apply_year_day(vcl_time_reading *r)
{
    static const char *const wrong[] = { "day-of-year does not match month",
                                         "day-of-year does not match day" };
    int limit = vcl_civil_is_leap(r->civil.year) ? 366 : 365;
    int day = r->civil.year_day;
    int month = 1;

    if (day < 1 || day > limit)
        return "day-of-year out of range";
    for (; day > vcl_civil_month_days(r->civil.year, month); month++)
        day -= vcl_civil_month_days(r->civil.year, month);
    if (r->has_month && r->civil.month != month)
        return wrong[0];
    if (r->has_day && r->civil.day != day)
        return wrong[1];
    r->civil.month = month;
    r->civil.day = day;
    return NULL;
}

static const char *complete(vcl_time_reading *r)
{
    const char *wrong = NULL;

    if (r->pm && r->civil.hour < 12)
        r->civil.hour += 12;
    else if (r->am && r->civil.hour == 12)
        r->civil.hour = 0;
    if (r->has_year_day)
        wrong = apply_year_day(r);
    if (!r->has_month && !r->has_year_day)
        r->civil.month = 1;
    if (!r->has_day && !r->has_year_day)
        r->civil.day = 1;
    if (!wrong &&
        (r->civil.day < 1 || r->civil.day > vcl_civil_month_days(r->civil.year, r->civil.month)))
        wrong = "day out of range";
    return wrong;
}

/* A time with an offset: in the zone, when that has this offset then, or in one made up. */
static vcl_gotime with_offset(const vcl_time_reading *r, const vcl_zone *zone, bool is_local)
{
    vcl_gotime time = vcl_gotime_make(&r->civil, r->nanos, NULL, false);
    vcl_zone_period period;

    time.seconds -= r->offset;
    vcl_zone_lookup(zone, time.seconds, &period);
    if (period.offset == r->offset && (!r->zone[0] || strcmp(period.name, r->zone) == 0)) {
        vcl_gotime_in(&time, zone, is_local);
        return time;
    }
    time.offset = r->offset;
    memcpy(time.zone, r->zone, sizeof(time.zone));
    return time;
}

static vcl_gotime with_zone_name(const vcl_time_reading *r, const vcl_zone *zone, bool is_local)
{
    vcl_gotime time = vcl_gotime_make(&r->civil, r->nanos, NULL, false);
    int32_t offset = 0;

    if (vcl_zone_offset_of(zone, r->zone, time.seconds, &offset)) {
        time.seconds -= offset;
        vcl_gotime_in(&time, zone, is_local);
        return time;
    }
    if (strncmp(r->zone, "GMT", 3) == 0) {
        for (const char *c = r->zone + 4; r->zone[3] && *c; c++)
            offset = offset * 10 + (*c - '0');
        offset *= r->zone[3] == '-' ? -3600 : 3600;
    }
    time.offset = offset;
    memcpy(time.zone, r->zone, sizeof(time.zone));
    return time;
}

static vcl_gotime to_time(const vcl_time_reading *r, const vcl_zone *zone, bool is_local)
{
    if (r->is_utc)
        return vcl_gotime_make(&r->civil, r->nanos, NULL, false);
    if (r->has_offset && r->offset != -1)
        return with_offset(r, zone, is_local);
    if (r->zone[0])
        return with_zone_name(r, zone, is_local);
    return vcl_gotime_make(&r->civil, r->nanos, zone, is_local);
}

bool vcl_gotime_parse(vcl_tpl_text layout,
                      vcl_tpl_text value,
                      const vcl_zone *zone,
                      bool is_local,
                      vcl_gotime *out_time,
                      vcl_buf *reason)
{
    const vcl_tpl_text whole[2] = { layout, value };
    vcl_time_reading r = { .value = value };

    for (;;) {
        vcl_layout_part part = vcl_layout_next(layout);
        vcl_tpl_text text = { layout.data, part.begin };
        vcl_tpl_text form = { layout.data + part.begin, part.size };
        if (!take_text(&r, text))
            return fail_unfit(reason, whole, r.value, text);
        if (part.kind == VCL_LAYOUT_END)
            break;
        layout = from(layout, part.begin + part.size);
        vcl_tpl_text hold = r.value;
        vcl_time_take(&r, part.kind, form, layout);
        if (r.out_of_range)
            return fail(reason, value, r.out_of_range, " out of range");
        if (r.bad)
            return fail_unfit(reason, whole, hold, form);
    }
    if (r.value.size) {
        fail(reason, value, "extra text: ", "");
        add_quoted(reason, r.value);
        return false;
    }

    const char *wrong = complete(&r);
    if (wrong)
        return fail(reason, value, wrong, "");
    *out_time = to_time(&r, zone, is_local);
    return true;
}
