/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times as Go's time package has them: a point in time with the zone in which it is shown, layouts
 * such as "2006-01-02 15:04 MST", durations such as "1h30m". Nanoseconds are kept.
 */
#ifndef VCL_CHART_TEMPLATE_TIME_TEXT_H
#define VCL_CHART_TEMPLATE_TIME_TEXT_H

#include "base/buf.h"
#include "chart/functions/time_zone.h"
#include "chart/template/value.h"

typedef struct vcl_gotime {
    int64_t seconds; /* since 1970 */
    int32_t nanos;
    int32_t offset;           /* seconds east of UTC */
    char zone[VCL_ZONE_NAME]; /* "" for one that is known by its offset only */
    bool is_local;            /* in the zone "Local" */
} vcl_gotime;

/* The parts of a time in its zone. */
typedef struct vcl_civil {
    int64_t year;
    int month; /* 1-12 */
    int day;
    int year_day; /* 1-366 */
    int weekday;  /* 0 is Sunday */
    int hour;
    int minute;
    int second;
} vcl_civil;

/* Days since 1970 of a date, and what goes with it. */
int64_t vcl_civil_days(int64_t year, int month, int day);
int vcl_civil_weekday(int64_t days);
bool vcl_civil_is_leap(int64_t year);
int vcl_civil_month_days(int64_t year, int month);
/* The year of a time in UTC. */
int64_t vcl_civil_year(int64_t seconds);

/* Show a time in a zone (NULL: UTC). */
void vcl_gotime_in(vcl_gotime *time, const vcl_zone *zone, bool is_local);
/* The time that has these parts in a zone; parts may be out of range, as for time.Date. */
vcl_gotime vcl_gotime_make(const vcl_civil *civil, int32_t nanos, const vcl_zone *zone, bool local);
void vcl_gotime_civil(const vcl_gotime *time, vcl_civil *out_civil);
/* The zero time of Go, 1 January of the year 1. */
vcl_gotime vcl_gotime_zero(void);

const char *vcl_month_name(int month);
const char *vcl_weekday_name(int weekday);

/* What a place in a layout stands for. */
typedef enum vcl_layout_kind {
    VCL_LAYOUT_END,
    VCL_LAYOUT_LONG_MONTH,
    VCL_LAYOUT_MONTH,
    VCL_LAYOUT_NUM_MONTH,
    VCL_LAYOUT_ZERO_MONTH,
    VCL_LAYOUT_LONG_WEEKDAY,
    VCL_LAYOUT_WEEKDAY,
    VCL_LAYOUT_DAY,
    VCL_LAYOUT_UNDER_DAY,
    VCL_LAYOUT_ZERO_DAY,
    VCL_LAYOUT_UNDER_YEAR_DAY,
    VCL_LAYOUT_ZERO_YEAR_DAY,
    VCL_LAYOUT_HOUR,
    VCL_LAYOUT_HOUR12,
    VCL_LAYOUT_ZERO_HOUR12,
    VCL_LAYOUT_MINUTE,
    VCL_LAYOUT_ZERO_MINUTE,
    VCL_LAYOUT_SECOND,
    VCL_LAYOUT_ZERO_SECOND,
    VCL_LAYOUT_LONG_YEAR,
    VCL_LAYOUT_YEAR,
    VCL_LAYOUT_PM,
    VCL_LAYOUT_SMALL_PM,
    VCL_LAYOUT_ZONE,
    VCL_LAYOUT_OFFSET, /* its form is in the text: -0700, Z07:00 */
    VCL_LAYOUT_FRACTION0,
    VCL_LAYOUT_FRACTION9,
} vcl_layout_kind;

/* The next place: begin and size in the layout. END: all of it is text. */
typedef struct vcl_layout_part {
    vcl_layout_kind kind;
    size_t begin;
    size_t size;
} vcl_layout_part;

vcl_layout_part vcl_layout_next(vcl_tpl_text layout);

bool vcl_gotime_format(vcl_buf *buf, const vcl_gotime *time, vcl_tpl_text layout);
/* time.ParseInLocation; false: a reason was written. */
bool vcl_gotime_parse(vcl_tpl_text layout,
                      vcl_tpl_text value,
                      const vcl_zone *zone,
                      bool is_local,
                      vcl_gotime *out_time,
                      vcl_buf *reason);

/* "1h30m0s" of nanoseconds, and back. */
bool vcl_duration_format(vcl_buf *buf, int64_t nanoseconds);
bool vcl_duration_parse(vcl_tpl_text text, int64_t *out_nanoseconds, vcl_buf *reason);

#endif
