/* SPDX-License-Identifier: Apache-2.0 */
/* Between the two halves of reading times by a layout: time_parse.c and time_reading.c. */
#ifndef VCL_CHART_TEMPLATE_TIME_READING_H
#define VCL_CHART_TEMPLATE_TIME_READING_H

#include "chart/functions/time_text.h"

/* One reading. A failure is `bad`: the value does not fit the layout; or what is out of range. */
typedef struct vcl_time_reading {
    vcl_tpl_text value; /* what is left of it */
    bool bad;
    const char *out_of_range;
    vcl_civil civil;
    bool has_month;
    bool has_day;
    bool has_year_day;
    int32_t nanos;
    bool am;
    bool pm;
    bool is_utc;
    bool has_offset;
    int32_t offset;
    char zone[VCL_ZONE_NAME];
} vcl_time_reading;

/* Read what one place of the layout stands for; rest is what is behind it there. */
void vcl_time_take(vcl_time_reading *r, vcl_layout_kind kind, vcl_tpl_text form, vcl_tpl_text rest);

#endif
