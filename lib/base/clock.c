/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and RFC 3339 text; see clock.h. */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static struct timespec now(clockid_t clock)
{
    struct timespec time = { 0 };

    (void)clock_gettime(clock, &time);
    return time;
}

int64_t vcl_monotonic_ms(void)
{
    struct timespec time = now(CLOCK_MONOTONIC);

    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t vcl_wall_seconds(void)
{
    return now(CLOCK_REALTIME).tv_sec;
}

int64_t vcl_wall_ms(void)
{
    struct timespec time = now(CLOCK_REALTIME);

    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void vcl_rfc3339(int64_t seconds, int64_t nanoseconds, char text[VCL_RFC3339_SIZE])
{
    time_t time = (time_t)seconds;
    struct tm parts = { 0 };
    char fraction[16] = "";

    (void)gmtime_r(&time, &parts);
    if (nanoseconds >= 0)
        (void)snprintf(fraction, sizeof(fraction), ".%09d", (int)(nanoseconds % 1000000000));
    (void)snprintf(text, VCL_RFC3339_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d%sZ",
                   (parts.tm_year + 1900) % 10000, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                   parts.tm_min, parts.tm_sec, fraction);
}

/* Whether there is such a day and time; a second may be a leap second. */
static bool is_real(const struct tm *parts)
{
    struct tm day = { .tm_year = parts->tm_year,
                      .tm_mon = parts->tm_mon,
                      .tm_mday = parts->tm_mday };

    (void)timegm(&day); /* carries what is too much over to the next month */
    return day.tm_mon == parts->tm_mon && day.tm_mday == parts->tm_mday && parts->tm_hour >= 0 &&
           parts->tm_hour < 24 && parts->tm_min >= 0 && parts->tm_min < 60 && parts->tm_sec >= 0 &&
           parts->tm_sec <= 60;
}

bool vcl_parse_rfc3339(const char *text, int64_t *out_seconds)
{
    struct tm parts = { 0 };
    int used = 0;

    if (!text || strlen(text) < 20 ||
        sscanf(text, "%4d-%2d-%2d%*1[Tt ]%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
               &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &used) != 6 ||
        used == 0)
        return false;
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    if (!is_real(&parts))
        return false;

    const char *rest = text + used;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");

    int hours = 0;
    int minutes = 0;
    if (*rest == '+' || *rest == '-') {
        if (sscanf(rest + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || rest[1 + used])
            return false;
    } else if ((*rest != 'Z' && *rest != 'z') || rest[1]) {
        return false;
    }
    int64_t offset = (int64_t)(hours * 60 + minutes) * 60;
    *out_seconds = (int64_t)timegm(&parts) - (*rest == '-' ? -offset : offset);
    return true;
}
