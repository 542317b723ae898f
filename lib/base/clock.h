/* SPDX-License-Identifier: Apache-2.0 */
/* Time: a monotonic clock for waiting, the wall clock for stamps, RFC 3339 text. */
#ifndef VCL_BASE_CLOCK_H
#define VCL_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Milliseconds of a clock that never jumps. */
int64_t vcl_monotonic_ms(void);
/* Seconds since 1970, and the same in milliseconds. */
int64_t vcl_wall_seconds(void);
int64_t vcl_wall_ms(void);

enum { VCL_RFC3339_SIZE = 96 };
/* "2026-01-02T03:04:05Z", or with nine decimals of a second when nanoseconds is not negative. */
void vcl_rfc3339(int64_t seconds, int64_t nanoseconds, char text[VCL_RFC3339_SIZE]);
/* Read such a time, with any offset; decimals are dropped. */
bool vcl_parse_rfc3339(const char *text, int64_t *out_seconds);

#endif
