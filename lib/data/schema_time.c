/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, times and durations of RFC 3339, with leap seconds at the end of a day in UTC only. */
#include <string.h>

#include "base/str.h"
#include "data/schema_format.h"

enum { MINUTES_PER_DAY = 24 * 60, DATE_SIZE = 10 };

/* Exactly count digits; -1 when there are others. */
static int read_digits(const char *text, size_t count)
{
    int value = 0;

    for (size_t i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static int days_in(int year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (leap && month == 2);
}

bool vcl_schema_is_date(const char *text)
{
    if (strlen(text) != DATE_SIZE || text[4] != '-' || text[7] != '-')
        return false;
    int year = read_digits(text, 4);
    int month = read_digits(text + 5, 2);
    int day = read_digits(text + 8, 2);
    return year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= days_in(year, month);
}

/* "+02:00" as the minutes to subtract; false when it is none. */
static bool read_offset(const char *text, int *out_minutes)
{
    if (strlen(text) != 6 || (*text != '+' && *text != '-') || text[3] != ':')
        return false;
    int hours = read_digits(text + 1, 2);
    int minutes = read_digits(text + 4, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *out_minutes = (*text == '+' ? 1 : -1) * (hours * 60 + minutes);
    return true;
}

bool vcl_schema_is_time(const char *text)
{
    int offset = 0;

    if (strlen(text) < 9 || text[2] != ':' || text[5] != ':')
        return false;
    int hour = read_digits(text, 2);
    int minute = read_digits(text + 3, 2);
    int second = read_digits(text + 6, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
        return false;

    text += 8;
    if (*text == '.') {
        size_t count = strspn(++text, "0123456789");
        if (count == 0)
            return false;
        text += count;
    }
    if (!vcl_streq(text, "z") && !vcl_streq(text, "Z") && !read_offset(text, &offset))
        return false;
    int utc = (hour * 60 + minute - offset + MINUTES_PER_DAY) % MINUTES_PER_DAY;
    return second < 60 || utc == MINUTES_PER_DAY - 1;
}

static bool is_date_time_of(const char *text, size_t size)
{
    char copy[64];

    /* Nothing longer than this has a meaning; more digits of a second are cut off by nobody. */
    if (size < 20 || size >= sizeof(copy))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (copy[DATE_SIZE] != 't' && copy[DATE_SIZE] != 'T')
        return false;
    copy[DATE_SIZE] = '\0';
    return vcl_schema_is_date(copy) && vcl_schema_is_time(copy + DATE_SIZE + 1);
}

bool vcl_schema_is_date_time(const char *text)
{
    return is_date_time_of(text, strlen(text));
}

/* Numbers, each with a unit, the units in the order given; up to size. */
static bool are_parts(const char *text, const char *end, const char *units)
{
    while (text < end) {
        size_t count = strspn(text, "0123456789");
        if (count == 0 || text + count >= end)
            return false;
        const char *unit = strchr(units, text[count]);
        if (!unit)
            return false;
        units = unit + 1;
        text += count + 1;
    }
    return true;
}

static bool is_duration_of(const char *text, size_t size)
{
    const char *end = text + size;

    if (size < 2 || *text != 'P')
        return false;
    text++;
    if (end[-1] == 'W')
        return end - text > 1 && strspn(text, "0123456789") == (size_t)(end - text) - 1;

    const char *time = memchr(text, 'T', (size_t)(end - text));
    if (!time)
        return are_parts(text, end, "YMD");
    return are_parts(text, time, "YMD") && time + 1 < end && are_parts(time + 1, end, "HMS");
}

bool vcl_schema_is_duration(const char *text)
{
    return is_duration_of(text, strlen(text));
}

bool vcl_schema_is_period(const char *text)
{
    size_t size = strcspn(text, "/");

    if (!text[size])
        return false;
    const char *end = text + size + 1;
    if (*text == 'P')
        return is_duration_of(text, size) && vcl_schema_is_date_time(end);
    return is_date_time_of(text, size) &&
           (*end == 'P' ? vcl_schema_is_duration(end) : vcl_schema_is_date_time(end));
}
