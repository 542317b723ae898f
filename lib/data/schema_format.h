/* SPDX-License-Identifier: Apache-2.0 */
/* Formats of points in time and of spans between them (RFC 3339). */
#ifndef VCL_DATA_SCHEMA_FORMAT_H
#define VCL_DATA_SCHEMA_FORMAT_H

#include <stdbool.h>

bool vcl_schema_is_date(const char *text);
bool vcl_schema_is_time(const char *text);
bool vcl_schema_is_date_time(const char *text);
bool vcl_schema_is_duration(const char *text);
/* Two points in time, or one and a duration, with a slash between them. */
bool vcl_schema_is_period(const char *text);

#endif
