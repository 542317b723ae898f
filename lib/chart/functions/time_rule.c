/* SPDX-License-Identifier: Apache-2.0 */
/* POSIX TZ rules; see time_rule.h. */
#include "chart/functions/time_rule.h"

#include <string.h>

#include "chart/functions/time_text.h"

/* A day of the year on which a change comes, and its second. */
typedef struct rule_change {
    char kind; /* 'M' month.week.day, 'J' 1-365 without 29 February, 'D' 0-365 with it */
    int day;
    int week;
    int month;
    int32_t time;
} rule_change;

static bool take_number(const char **at, int min, int max, int *out_number)
{
    int number = 0;
    const char *c = *at;

    if (*c < '0' || *c > '9')
        return false;
    for (; *c >= '0' && *c <= '9'; c++) {
        number = number * 10 + (*c - '0');
        if (number > max)
            return false;
    }
    *at = c;
    *out_number = number;
    return number >= min;
}

/* "CET" or "<+03>" */
static bool take_name(const char **at, char name[VCL_ZONE_NAME])
{
    bool quoted = **at == '<';
    const char *c = *at + quoted;
    size_t size = 0;

    while (quoted ? *c && *c != '>' : (*c | 0x20) >= 'a' && (*c | 0x20) <= 'z') {
        if (size + 1 == VCL_ZONE_NAME)
            return false;
        name[size++] = *c++;
    }
    name[size] = '\0';
    if (quoted && *c != '>')
        return false;
    *at = c + quoted;
    return size >= (quoted ? 1 : 3);
}

/* "[+-]h[:m[:s]]" */
static bool take_offset(const char **at, int32_t *out_seconds)
{
    bool negative = **at == '-';
    int hours = 0;
    int minutes = 0;
    int seconds = 0;

    if (**at == '+' || **at == '-')
        (*at)++;
    if (!take_number(at, 0, 24 * 7, &hours))
        return false;
    if (**at == ':') {
        (*at)++;
        if (!take_number(at, 0, 59, &minutes))
            return false;
        if (**at == ':') {
            (*at)++;
            if (!take_number(at, 0, 59, &seconds))
                return false;
        }
    }
    *out_seconds = (hours * 60 + minutes) * 60 + seconds;
    if (negative)
        *out_seconds = -*out_seconds;
    return true;
}

/* ",M3.5.0/2" */
static bool take_change(const char **at, rule_change *out)
{
    *out = (rule_change){ .kind = 'D', .time = 2 * 3600 };
    if (**at != ',')
        return false;
    (*at)++;
    if (**at == 'J' || **at == 'M')
        out->kind = *(*at)++;
    if (out->kind == 'M') {
        if (!take_number(at, 1, 12, &out->month) || *(*at)++ != '.' ||
            !take_number(at, 1, 5, &out->week) || *(*at)++ != '.' ||
            !take_number(at, 0, 6, &out->day))
            return false;
    } else if (!take_number(at, out->kind == 'J', 365, &out->day)) {
        return false;
    }
    if (**at != '/')
        return true;
    (*at)++;
    return take_offset(at, &out->time);
}

/* When the change comes in a year: seconds since 1970, when the clock is offset from UTC. */
static int64_t change_at(const rule_change *change, int64_t year, int32_t offset)
{
    int64_t first = vcl_civil_days(year, 1, 1);
    int64_t day = first + change->day;

    if (change->kind == 'J') {
        day = first + change->day - 1 + (vcl_civil_is_leap(year) && change->day >= 60);
    } else if (change->kind == 'M') {
        int64_t month = vcl_civil_days(year, change->month, 1);
        int weekday = vcl_civil_weekday(month);
        int length = vcl_civil_month_days(year, change->month);
        int64_t in_month = (change->day - weekday + 7) % 7 + (change->week - 1) * 7;
        day = month + (in_month >= length ? in_month - 7 : in_month);
    }
    return day * 86400 + change->time - offset;
}

static void set_period(vcl_zone_period *period,
                       const char *name,
                       int32_t offset,
                       bool is_summer,
                       const int64_t bounds[2])
{
    memcpy(period->name, name, VCL_ZONE_NAME);
    period->offset = offset;
    period->is_summer = is_summer;
    if (bounds[0] > period->begin)
        period->begin = bounds[0];
    if (bounds[1] < period->end)
        period->end = bounds[1];
}

void vcl_zone_rule(const char *rule, int64_t seconds, vcl_zone_period *period)
{
    char names[2][VCL_ZONE_NAME] = { "", "" };
    int32_t standard = 0;
    int32_t summer = 0;
    rule_change starts;
    rule_change ends;

    if (!take_name(&rule, names[0]) || !take_offset(&rule, &standard))
        return;
    standard = -standard;
    if (*rule == '\0') {
        set_period(period, names[0], standard, false, (int64_t[]){ INT64_MIN, INT64_MAX });
        return;
    }
    if (!take_name(&rule, names[1]))
        return;
    summer = standard + 3600;
    if (*rule != ',' && *rule) {
        if (!take_offset(&rule, &summer))
            return;
        summer = -summer;
    }
    if (*rule == '\0')
        rule = ",M3.2.0,M11.1.0";
    if (!take_change(&rule, &starts) || !take_change(&rule, &ends) || *rule)
        return;

    /* The changes around the time: those of the year before, of this one, of the next. */
    int64_t year = vcl_civil_year(seconds);
    int64_t begin = INT64_MIN;
    int64_t end = INT64_MAX;
    bool is_summer = false;
    for (int64_t y = year - 1; y <= year + 1; y++) {
        int64_t times[2] = { change_at(&starts, y, standard), change_at(&ends, y, summer) };
        for (int i = 0; i < 2; i++) {
            if (times[i] <= seconds && times[i] >= begin) {
                begin = times[i];
                is_summer = i == 0;
            } else if (times[i] > seconds && times[i] < end) {
                end = times[i];
            }
        }
    }
    set_period(period, names[is_summer], is_summer ? summer : standard, is_summer,
               (int64_t[]){ begin, end });
}
