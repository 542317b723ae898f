/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, and times by a layout; see time_text.h. Reading is in time_parse.c. */
#include "chart/functions/time_text.h"

#include <string.h>

enum { DAY = 86400 };

bool vcl_civil_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int vcl_civil_month_days(int64_t year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && vcl_civil_is_leap(year));
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years are taken to start in March, so that the leap day is their last. */
int64_t vcl_civil_days(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int vcl_civil_weekday(int64_t days)
{
    int64_t weekday = (days + 4) % 7;

    return (int)(weekday < 0 ? weekday + 7 : weekday);
}

static void civil_from_days(int64_t days, vcl_civil *out)
{
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t of_era = shifted - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;

    out->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = year + era * 400 + (out->month <= 2);
    out->weekday = vcl_civil_weekday(days);
    out->year_day = (int)(days - vcl_civil_days(out->year, 1, 1)) + 1;
}

int64_t vcl_civil_year(int64_t seconds)
{
    vcl_civil civil;

    civil_from_days(floor_div(seconds, DAY), &civil);
    return civil.year;
}

void vcl_gotime_civil(const vcl_gotime *time, vcl_civil *out_civil)
{
    int64_t local = time->seconds;

    if (__builtin_add_overflow(local, (int64_t)time->offset, &local))
        local = time->seconds;
    int64_t days = floor_div(local, DAY);
    int second = (int)(local - days * DAY);
    civil_from_days(days, out_civil);
    out_civil->hour = second / 3600;
    out_civil->minute = second / 60 % 60;
    out_civil->second = second % 60;
}

void vcl_gotime_in(vcl_gotime *time, const vcl_zone *zone, bool is_local)
{
    vcl_zone_period period;

    vcl_zone_lookup(zone, time->seconds, &period);
    time->offset = period.offset;
    time->is_local = is_local;
    memcpy(time->zone, period.name, sizeof(time->zone));
}

vcl_gotime vcl_gotime_make(const vcl_civil *civil, int32_t nanos, const vcl_zone *zone, bool local)
{
    int64_t months = civil->year * 12 + civil->month - 1;
    int64_t year = floor_div(months, 12);
    int64_t days = vcl_civil_days(year, (int)(months - year * 12) + 1, 1) + civil->day - 1;
    vcl_gotime time = { .nanos = nanos };
    vcl_zone_period period;

    time.seconds = days * DAY + civil->hour * 3600 + civil->minute * 60 + civil->second;
    vcl_zone_lookup(zone, time.seconds, &period);
    int64_t utc = time.seconds - period.offset;
    if (utc < period.begin || utc >= period.end)
        vcl_zone_lookup(zone, utc, &period);
    time.seconds -= period.offset;
    vcl_gotime_in(&time, zone, local);
    return time;
}

vcl_gotime vcl_gotime_zero(void)
{
    return (vcl_gotime){ .seconds = vcl_civil_days(1, 1, 1) * DAY, .zone = "UTC" };
}

const char *vcl_month_name(int month)
{
    static const char *const names[] = { "January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December" };

    return month >= 1 && month <= 12 ? names[month - 1] : "";
}

const char *vcl_weekday_name(int weekday)
{
    static const char *const names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday" };

    return weekday >= 0 && weekday <= 6 ? names[weekday] : "";
}

/* ------------------------------------------------------------ layouts */

typedef struct layout_word {
    const char *text;
    vcl_layout_kind kind;
    bool is_word; /* no small letter may follow */
} layout_word;

/* Longer ones stand before those that begin like them. */
static const layout_word words[] = {
    { "January", VCL_LAYOUT_LONG_MONTH, false },
    { "Jan", VCL_LAYOUT_MONTH, true },
    { "Monday", VCL_LAYOUT_LONG_WEEKDAY, false },
    { "Mon", VCL_LAYOUT_WEEKDAY, true },
    { "MST", VCL_LAYOUT_ZONE, false },
    { "002", VCL_LAYOUT_ZERO_YEAR_DAY, false },
    { "01", VCL_LAYOUT_ZERO_MONTH, false },
    { "02", VCL_LAYOUT_ZERO_DAY, false },
    { "03", VCL_LAYOUT_ZERO_HOUR12, false },
    { "04", VCL_LAYOUT_ZERO_MINUTE, false },
    { "05", VCL_LAYOUT_ZERO_SECOND, false },
    { "06", VCL_LAYOUT_YEAR, false },
    { "15", VCL_LAYOUT_HOUR, false },
    { "1", VCL_LAYOUT_NUM_MONTH, false },
    { "2006", VCL_LAYOUT_LONG_YEAR, false },
    { "2", VCL_LAYOUT_DAY, false },
    { "__2", VCL_LAYOUT_UNDER_YEAR_DAY, false },
    { "_2006", VCL_LAYOUT_LONG_YEAR, false }, /* the underscore is text */
    { "_2", VCL_LAYOUT_UNDER_DAY, false },
    { "3", VCL_LAYOUT_HOUR12, false },
    { "4", VCL_LAYOUT_MINUTE, false },
    { "5", VCL_LAYOUT_SECOND, false },
    { "PM", VCL_LAYOUT_PM, false },
    { "pm", VCL_LAYOUT_SMALL_PM, false },
    { "-070000", VCL_LAYOUT_OFFSET, false },
    { "-07:00:00", VCL_LAYOUT_OFFSET, false },
    { "-0700", VCL_LAYOUT_OFFSET, false },
    { "-07:00", VCL_LAYOUT_OFFSET, false },
    { "-07", VCL_LAYOUT_OFFSET, false },
    { "Z070000", VCL_LAYOUT_OFFSET, false },
    { "Z07:00:00", VCL_LAYOUT_OFFSET, false },
    { "Z0700", VCL_LAYOUT_OFFSET, false },
    { "Z07:00", VCL_LAYOUT_OFFSET, false },
    { "Z07", VCL_LAYOUT_OFFSET, false },
};

static bool word_at(const layout_word *word, const char *at, size_t left)
{
    size_t size = strlen(word->text);

    if (left < size || memcmp(at, word->text, size) != 0)
        return false;
    return !word->is_word || left == size || at[size] < 'a' || at[size] > 'z';
}

/* ".000" or ",999": digits of one kind, and none of another behind them. Its size, or 0. */
static size_t fraction_at(const char *at, size_t left)
{
    size_t size = 2;

    if (left < 2 || (at[0] != '.' && at[0] != ',') || (at[1] != '0' && at[1] != '9'))
        return 0;
    while (size < left && at[size] == at[1])
        size++;
    return size < left && at[size] >= '0' && at[size] <= '9' ? 0 : size;
}

static bool part_at(vcl_tpl_text layout, size_t at, vcl_layout_part *out)
{
    size_t left = layout.size - at;
    size_t fraction = fraction_at(layout.data + at, left);

    *out = (vcl_layout_part){ .begin = at, .size = fraction };
    if (fraction) {
        out->kind = layout.data[at + 1] == '0' ? VCL_LAYOUT_FRACTION0 : VCL_LAYOUT_FRACTION9;
        return true;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        bool skips = words[i].text[0] == '_' && words[i].kind == VCL_LAYOUT_LONG_YEAR;
        if (!word_at(&words[i], layout.data + at, left))
            continue;
        out->kind = words[i].kind;
        out->begin = at + skips;
        out->size = strlen(words[i].text) - skips;
        return true;
    }
    return false;
}

vcl_layout_part vcl_layout_next(vcl_tpl_text layout)
{
    vcl_layout_part part;

    for (size_t i = 0; i < layout.size; i++) {
        if (part_at(layout, i, &part))
            return part;
    }
    return (vcl_layout_part){ .kind = VCL_LAYOUT_END, .begin = layout.size };
}

/* ------------------------------------------------------------ writing */

static void add_offset(vcl_buf *buf, const vcl_gotime *time, vcl_tpl_text form)
{
    int32_t offset = time->offset;
    bool colon = memchr(form.data, ':', form.size) != NULL;

    if (form.data[0] == 'Z' && offset == 0) {
        vcl_buf_add_char(buf, 'Z');
        return;
    }
    vcl_buf_add_char(buf, offset / 60 < 0 ? '-' : '+');
    if (offset < 0)
        offset = -offset;
    vcl_buf_addf(buf, "%02d", offset / 3600);
    if (form.size > 3)
        vcl_buf_addf(buf, "%s%02d", colon ? ":" : "", offset / 60 % 60);
    if (form.size > 6)
        vcl_buf_addf(buf, "%s%02d", colon ? ":" : "", offset % 60);
}

static void add_fraction(vcl_buf *buf, const vcl_gotime *time, vcl_tpl_text form)
{
    int32_t nanos = time->nanos;
    size_t digits = form.size - 1;
    char text[9];

    for (int i = 8; i >= 0; i--, nanos /= 10)
        text[i] = (char)('0' + nanos % 10);
    if (digits > 9)
        digits = 9;
    while (form.data[1] == '9' && digits && text[digits - 1] == '0')
        digits--;
    if (digits == 0)
        return;
    vcl_buf_add_char(buf, form.data[0]);
    vcl_buf_append(buf, text, digits);
}

static void add_zone(vcl_buf *buf, const vcl_gotime *time)
{
    int32_t minutes = time->offset / 60;

    if (time->zone[0]) {
        vcl_buf_add(buf, time->zone);
        return;
    }
    vcl_buf_add_char(buf, minutes < 0 ? '-' : '+');
    if (minutes < 0)
        minutes = -minutes;
    vcl_buf_addf(buf, "%02d%02d", minutes / 60, minutes % 60);
}

static void add_year(vcl_buf *buf, int64_t year)
{
    vcl_buf_addf(buf, "%s%04lld", year < 0 ? "-" : "", (long long)(year < 0 ? -year : year));
}

static int hour12(const vcl_civil *civil)
{
    return civil->hour % 12 == 0 ? 12 : civil->hour % 12;
}

static void
add_part(vcl_buf *buf, const vcl_gotime *time, const vcl_civil *civil, vcl_layout_kind kind)
{
    switch (kind) {
    case VCL_LAYOUT_LONG_MONTH:
    case VCL_LAYOUT_MONTH:
        vcl_buf_addf(buf, "%.*s", kind == VCL_LAYOUT_MONTH ? 3 : 9, vcl_month_name(civil->month));
        break;
    case VCL_LAYOUT_LONG_WEEKDAY:
    case VCL_LAYOUT_WEEKDAY:
        vcl_buf_addf(buf, "%.*s", kind == VCL_LAYOUT_WEEKDAY ? 3 : 9,
                     vcl_weekday_name(civil->weekday));
        break;
    case VCL_LAYOUT_NUM_MONTH:
    case VCL_LAYOUT_ZERO_MONTH:
        vcl_buf_addf(buf, kind == VCL_LAYOUT_NUM_MONTH ? "%d" : "%02d", civil->month);
        break;
    case VCL_LAYOUT_DAY:
        vcl_buf_addf(buf, "%d", civil->day);
        break;
    case VCL_LAYOUT_UNDER_DAY:
        vcl_buf_addf(buf, "%2d", civil->day);
        break;
    case VCL_LAYOUT_ZERO_DAY:
        vcl_buf_addf(buf, "%02d", civil->day);
        break;
    case VCL_LAYOUT_UNDER_YEAR_DAY:
        vcl_buf_addf(buf, "%3d", civil->year_day);
        break;
    case VCL_LAYOUT_ZERO_YEAR_DAY:
        vcl_buf_addf(buf, "%03d", civil->year_day);
        break;
    case VCL_LAYOUT_HOUR:
        vcl_buf_addf(buf, "%02d", civil->hour);
        break;
    case VCL_LAYOUT_HOUR12:
    case VCL_LAYOUT_ZERO_HOUR12:
        vcl_buf_addf(buf, kind == VCL_LAYOUT_HOUR12 ? "%d" : "%02d", hour12(civil));
        break;
    case VCL_LAYOUT_MINUTE:
    case VCL_LAYOUT_ZERO_MINUTE:
        vcl_buf_addf(buf, kind == VCL_LAYOUT_MINUTE ? "%d" : "%02d", civil->minute);
        break;
    case VCL_LAYOUT_SECOND:
    case VCL_LAYOUT_ZERO_SECOND:
        vcl_buf_addf(buf, kind == VCL_LAYOUT_SECOND ? "%d" : "%02d", civil->second);
        break;
    case VCL_LAYOUT_LONG_YEAR:
        add_year(buf, civil->year);
        break;
    case VCL_LAYOUT_YEAR:
        vcl_buf_addf(buf, "%02d", (int)(civil->year < 0 ? 0 : civil->year % 100));
        break;
    case VCL_LAYOUT_PM:
        vcl_buf_add(buf, civil->hour >= 12 ? "PM" : "AM");
        break;
    case VCL_LAYOUT_SMALL_PM:
        vcl_buf_add(buf, civil->hour >= 12 ? "pm" : "am");
        break;
    default:
        add_zone(buf, time);
        break;
    }
}

bool vcl_gotime_format(vcl_buf *buf, const vcl_gotime *time, vcl_tpl_text layout)
{
    vcl_civil civil;

    vcl_gotime_civil(time, &civil);
    while (layout.size && !vcl_buf_failed(buf)) {
        vcl_layout_part part = vcl_layout_next(layout);
        vcl_tpl_text form = { layout.data + part.begin, part.size };
        vcl_buf_append(buf, layout.data, part.begin);
        if (part.kind == VCL_LAYOUT_OFFSET)
            add_offset(buf, time, form);
        else if (part.kind == VCL_LAYOUT_FRACTION0 || part.kind == VCL_LAYOUT_FRACTION9)
            add_fraction(buf, time, form);
        else if (part.kind != VCL_LAYOUT_END)
            add_part(buf, time, &civil, part.kind);
        layout.data += part.begin + part.size;
        layout.size -= part.begin + part.size;
    }
    return !vcl_buf_failed(buf);
}
