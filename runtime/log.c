/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines of the runtime; see log.h. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"

void rt_log(const char *format, ...)
{
    char time[VCL_RFC3339_SIZE];
    va_list arguments;
    int64_t now_ms = vcl_wall_ms();

    va_start(arguments, format);
    vcl_auto_free char *text = vcl_vformat(format, arguments);
    va_end(arguments);

    vcl_sanitize(text);
    vcl_rfc3339(now_ms / 1000, now_ms % 1000 * 1000000, time);
    /* Milliseconds are enough: "2026-01-02T03:04:05.678". */
    (void)fprintf(stderr, "%.23sZ %s\n", time, vcl_str(text));
}

void rt_log_error(const char *what, const vcluster_error *error)
{
    rt_log("%s: %s", what, error ? vcluster_error_to_string(error) : "unknown error");
}
