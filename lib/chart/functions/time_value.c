/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times as values, and their methods. Those of time.Time that a template can call and that need no
 * *time.Location are here. A time has no monotonic clock: `now` prints without "m=+0.1".
 */
#include "chart/functions/time_value.h"

#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/template/objects.h"

#define SECONDS " seconds"
#define NANOS " nanos"
#define OFFSET " offset"
#define ZONE " zone"
#define IS_LOCAL " local"

enum { SECOND = 1000000000, MAX_STEP = 1000000 };

static int
text_of(vcl_tpl_state *state, const vcl_gotime *time, const char *layout, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = 256 };

    vcl_gotime_format(&buf, time, vcl_tpl_literal(layout));
    return vcl_tpl_return_buf(state, &buf, out);
}

int vcl_tpl_time_value(vcl_tpl_state *state, const vcl_gotime *time, vcl_tpl_value *out)
{
    vcl_tpl_value text;
    vcl_tpl_value json;
    vcl_tpl_value zone;
    int result = text_of(state, time, "2006-01-02 15:04:05.999999999 -0700 MST", &text);

    if (result == 0)
        result = text_of(state, time, "2006-01-02T15:04:05.999999999Z07:00", &json);
    if (result == 0)
        result = vcl_tpl_return_text(state, time->zone, strlen(time->zone), &zone);
    if (result == 0)
        result = vcl_tpl_new_map(state, VCL_TPL_T_TIME, out);
    if (result < 0)
        return result;

    const struct {
        const char *name;
        vcl_tpl_value value;
    } fields[] = {
        { VCL_TPL_TEXT_FIELD, text },
        { VCL_TPL_JSON_FIELD, json },
        { ZONE, zone },
        { SECONDS, vcl_tpl_int64(time->seconds) },
        { NANOS, vcl_tpl_int(time->nanos) },
        { OFFSET, vcl_tpl_int(time->offset) },
        { IS_LOCAL, vcl_tpl_bool(time->is_local) },
    };
    for (size_t i = 0; result == 0 && i < sizeof(fields) / sizeof(fields[0]); i++)
        result = vcl_tpl_put(state, out->map, vcl_tpl_literal(fields[i].name), fields[i].value);
    return result;
}

static vcl_tpl_value field(const vcl_tpl_value *value, const char *name)
{
    const vcl_tpl_value *found = vcl_tpl_map_get(value->map, vcl_tpl_literal(name));

    return found ? *found : vcl_tpl_int(0);
}

vcl_gotime vcl_tpl_time_of(const vcl_tpl_value *value)
{
    vcl_tpl_value zone = field(value, ZONE);
    vcl_gotime time = {
        .seconds = field(value, SECONDS).integer,
        .nanos = (int32_t)field(value, NANOS).integer,
        .offset = (int32_t)field(value, OFFSET).integer,
        .is_local = field(value, IS_LOCAL).boolean,
    };

    if (zone.kind == VCL_TPL_STRING && zone.text.size < sizeof(time.zone))
        memcpy(time.zone, zone.text.data, zone.text.size);
    return time;
}

const vcl_zone *vcl_tpl_zone(vcl_tpl_state *state, const char *name)
{
    vcl_tpl_engine *engine = state->engine;
    bool is_local = vcl_streq(name, "Local");
    vcl_zone **kept = is_local ? &engine->local_zone : &engine->named_zone;

    if (*kept && (is_local || vcl_streq(name, engine->zone_name)))
        return *kept;
    vcl_zone_free(*kept);
    *kept = vcl_zone_load(name);
    if (!is_local && !vcl_str_replace(&engine->zone_name, name)) {
        vcl_zone_free(vcl_steal(kept));
        return NULL;
    }
    return *kept;
}

/* What the local zone says of a time; other zones do not change. */
static void settle_zone(vcl_tpl_state *state, vcl_gotime *time)
{
    if (time->is_local)
        vcl_gotime_in(time, vcl_tpl_zone(state, "Local"), true);
}

vcl_gotime vcl_tpl_time_add(vcl_tpl_state *state, const vcl_gotime *time, int64_t nanoseconds)
{
    vcl_gotime sum = *time;
    int64_t seconds = nanoseconds / SECOND;

    sum.nanos += (int32_t)(nanoseconds % SECOND);
    if (sum.nanos < 0) {
        sum.nanos += SECOND;
        seconds--;
    } else if (sum.nanos >= SECOND) {
        sum.nanos -= SECOND;
        seconds++;
    }
    sum.seconds = (int64_t)((uint64_t)sum.seconds + (uint64_t)seconds);
    settle_zone(state, &sum);
    return sum;
}

int64_t vcl_tpl_time_between(const vcl_gotime *later, const vcl_gotime *earlier)
{
    __extension__ typedef __int128 wide;
    wide between =
        ((wide)later->seconds - earlier->seconds) * SECOND + later->nanos - earlier->nanos;

    if (between > INT64_MAX)
        return INT64_MAX;
    return between < INT64_MIN ? INT64_MIN : (int64_t)between;
}

vcl_gotime vcl_tpl_time_now(vcl_tpl_state *state)
{
    struct timespec now = { 0 };
    vcl_gotime time = { .is_local = true };

    (void)clock_gettime(CLOCK_REALTIME, &now);
    time.seconds = now.tv_sec;
    time.nanos = (int32_t)now.tv_nsec;
    settle_zone(state, &time);
    return time;
}

/* ------------------------------------------------------------ methods */

#define METHOD(name, body)                                                                         \
    static int name(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count,                 \
                    vcl_tpl_value *out)                                                            \
    {                                                                                              \
        vcl_gotime time = vcl_tpl_time_of(&args[0]);                                               \
        vcl_civil civil;                                                                           \
        (void)state;                                                                               \
        (void)count;                                                                               \
        vcl_gotime_civil(&time, &civil);                                                           \
        body;                                                                                      \
        return 0;                                                                                  \
    }

static int64_t units_of(const vcl_gotime *time, int64_t per_second)
{
    uint64_t whole = (uint64_t)time->seconds * (uint64_t)per_second;

    return (int64_t)(whole + (uint64_t)(time->nanos / (SECOND / per_second)));
}

static vcl_tpl_value named_number(int64_t number, vcl_tpl_type type)
{
    vcl_tpl_value value = vcl_tpl_int(number);

    value.type = (uint8_t)type;
    return value;
}

static int order_of(const vcl_tpl_value *args)
{
    vcl_gotime a = vcl_tpl_time_of(&args[0]);
    vcl_gotime b = vcl_tpl_time_of(&args[1]);

    if (a.seconds != b.seconds)
        return a.seconds < b.seconds ? -1 : 1;
    return (a.nanos > b.nanos) - (a.nanos < b.nanos);
}

METHOD(unix_, *out = vcl_tpl_int64(time.seconds))
METHOD(unix_milli, *out = vcl_tpl_int64(units_of(&time, 1000)))
METHOD(unix_micro, *out = vcl_tpl_int64(units_of(&time, 1000000)))
METHOD(unix_nano, *out = vcl_tpl_int64(units_of(&time, SECOND)))
METHOD(year, *out = vcl_tpl_int(civil.year))
METHOD(month, *out = named_number(civil.month, VCL_TPL_T_MONTH))
METHOD(day, *out = vcl_tpl_int(civil.day))
METHOD(weekday, *out = named_number(civil.weekday, VCL_TPL_T_WEEKDAY))
METHOD(year_day, *out = vcl_tpl_int(civil.year_day))
METHOD(hour, *out = vcl_tpl_int(civil.hour))
METHOD(minute, *out = vcl_tpl_int(civil.minute))
METHOD(second, *out = vcl_tpl_int(civil.second))
METHOD(nanosecond, *out = vcl_tpl_int(time.nanos))
METHOD(is_zero, *out = vcl_tpl_bool(time.seconds == vcl_gotime_zero().seconds && !time.nanos))
METHOD(string, *out = field(&args[0], VCL_TPL_TEXT_FIELD))
METHOD(before, *out = vcl_tpl_bool(order_of(args) < 0))
METHOD(after, *out = vcl_tpl_bool(order_of(args) > 0))
METHOD(equal, *out = vcl_tpl_bool(order_of(args) == 0))
METHOD(compare, *out = vcl_tpl_int(order_of(args)))

static int format(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_gotime time = vcl_tpl_time_of(&args[0]);

    (void)count;
    vcl_gotime_format(&buf, &time, args[1].text);
    return vcl_tpl_return_buf(state, &buf, out);
}

static int utc(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime time = vcl_tpl_time_of(&args[0]);

    (void)count;
    vcl_gotime_in(&time, NULL, false);
    return vcl_tpl_time_value(state, &time, out);
}

static int local(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime time = vcl_tpl_time_of(&args[0]);

    (void)count;
    time.is_local = true;
    settle_zone(state, &time);
    return vcl_tpl_time_value(state, &time, out);
}

static int add(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime time = vcl_tpl_time_of(&args[0]);
    vcl_gotime sum = vcl_tpl_time_add(state, &time, args[1].integer);

    (void)count;
    return vcl_tpl_time_value(state, &sum, out);
}

static int
add_date(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime time = vcl_tpl_time_of(&args[0]);
    const vcl_zone *zone = time.is_local ? vcl_tpl_zone(state, "Local") : NULL;
    vcl_civil civil;

    (void)count;
    for (size_t i = 1; i <= 3; i++) {
        if (args[i].integer > MAX_STEP || args[i].integer < -MAX_STEP)
            return vcl_tpl_raise(state, "a date is out of range");
    }
    vcl_gotime_civil(&time, &civil);
    civil.year += args[1].integer;
    civil.month += (int)args[2].integer;
    civil.day += (int)args[3].integer;

    vcl_gotime sum = vcl_gotime_make(&civil, time.nanos, zone, time.is_local);
    if (!time.is_local) { /* it was made as of UTC */
        sum.seconds -= time.offset;
        sum.offset = time.offset;
        memcpy(sum.zone, time.zone, sizeof(sum.zone));
    }
    return vcl_tpl_time_value(state, &sum, out);
}

static int
subtract(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime later = vcl_tpl_time_of(&args[0]);
    vcl_gotime earlier = vcl_tpl_time_of(&args[1]);

    (void)state;
    (void)count;
    *out = named_number(vcl_tpl_time_between(&later, &earlier), VCL_TPL_T_DURATION);
    return 0;
}

static int
number_text(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text;
    int result = vcl_tpl_text_of(state, &args[0], &text);

    (void)count;
    if (result == 0)
        *out = vcl_tpl_string(text);
    return result;
}

/* A duration in hours and the like. */
static int in_unit(const vcl_tpl_value *args, int64_t unit, vcl_tpl_value *out)
{
    int64_t whole = args[0].integer / unit;

    *out = vcl_tpl_float((double)whole + (double)(args[0].integer % unit) / (double)unit);
    return 0;
}

#define DURATION(name, body)                                                                       \
    static int name(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count,                 \
                    vcl_tpl_value *out)                                                            \
    {                                                                                              \
        (void)state;                                                                               \
        (void)count;                                                                               \
        body;                                                                                      \
        return 0;                                                                                  \
    }

DURATION(hours, in_unit(args, 3600LL * SECOND, out))
DURATION(minutes, in_unit(args, 60LL * SECOND, out))
DURATION(seconds, in_unit(args, SECOND, out))
DURATION(milliseconds, *out = vcl_tpl_int64(args[0].integer / 1000000))
DURATION(microseconds, *out = vcl_tpl_int64(args[0].integer / 1000))
DURATION(nanoseconds, *out = vcl_tpl_int64(args[0].integer))

const vcl_tpl_method vcl_tpl_time_methods[] = {
    { VCL_TPL_T_TIME, { "Unix", "r", 0, unix_ } },
    { VCL_TPL_T_TIME, { "UnixMilli", "r", 0, unix_milli } },
    { VCL_TPL_T_TIME, { "UnixMicro", "r", 0, unix_micro } },
    { VCL_TPL_T_TIME, { "UnixNano", "r", 0, unix_nano } },
    { VCL_TPL_T_TIME, { "Year", "r", 0, year } },
    { VCL_TPL_T_TIME, { "Month", "r", 0, month } },
    { VCL_TPL_T_TIME, { "Day", "r", 0, day } },
    { VCL_TPL_T_TIME, { "Weekday", "r", 0, weekday } },
    { VCL_TPL_T_TIME, { "YearDay", "r", 0, year_day } },
    { VCL_TPL_T_TIME, { "Hour", "r", 0, hour } },
    { VCL_TPL_T_TIME, { "Minute", "r", 0, minute } },
    { VCL_TPL_T_TIME, { "Second", "r", 0, second } },
    { VCL_TPL_T_TIME, { "Nanosecond", "r", 0, nanosecond } },
    { VCL_TPL_T_TIME, { "IsZero", "r", 0, is_zero } },
    { VCL_TPL_T_TIME, { "String", "r", 0, string } },
    { VCL_TPL_T_TIME, { "Format", "rs", 0, format } },
    { VCL_TPL_T_TIME, { "UTC", "r", 0, utc } },
    { VCL_TPL_T_TIME, { "Local", "r", 0, local } },
    { VCL_TPL_T_TIME, { "Add", "rd", 0, add } },
    { VCL_TPL_T_TIME, { "AddDate", "riii", 0, add_date } },
    { VCL_TPL_T_TIME, { "Sub", "rt", 0, subtract } },
    { VCL_TPL_T_TIME, { "Before", "rt", 0, before } },
    { VCL_TPL_T_TIME, { "After", "rt", 0, after } },
    { VCL_TPL_T_TIME, { "Equal", "rt", 0, equal } },
    { VCL_TPL_T_TIME, { "Compare", "rt", 0, compare } },
    { VCL_TPL_T_DURATION, { "String", "r", 0, number_text } },
    { VCL_TPL_T_DURATION, { "Hours", "r", 0, hours } },
    { VCL_TPL_T_DURATION, { "Minutes", "r", 0, minutes } },
    { VCL_TPL_T_DURATION, { "Seconds", "r", 0, seconds } },
    { VCL_TPL_T_DURATION, { "Milliseconds", "r", 0, milliseconds } },
    { VCL_TPL_T_DURATION, { "Microseconds", "r", 0, microseconds } },
    { VCL_TPL_T_DURATION, { "Nanoseconds", "r", 0, nanoseconds } },
    { VCL_TPL_T_MONTH, { "String", "r", 0, number_text } },
    { VCL_TPL_T_WEEKDAY, { "String", "r", 0, number_text } },
    { VCL_TPL_T_NIL, { NULL, NULL, 0, NULL } },
};
