/* SPDX-License-Identifier: Apache-2.0 */
/* Dates, times and durations as sprig has them: what is no time is the time now. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/functions/time_value.h"
#include "chart/template/convert.h"

/* Longest name of a zone; what a call costs, at most a file that is read. */
enum { SECOND = 1000000000, MAX_ZONE = 255, STEPS = 2000 };

/* The time that a value stands for. */
static vcl_gotime to_time(vcl_tpl_state *state, const vcl_tpl_value *value)
{
    vcl_gotime time = { .seconds = value->integer };

    if (value->type == VCL_TPL_T_TIME)
        return vcl_tpl_time_of(value);
    if (value->type == VCL_TPL_T_INT || value->type == VCL_TPL_T_INT64)
        return time;
    return vcl_tpl_time_now(state);
}

/* The name of a zone as a string; one that cannot be one becomes "..", which is none. */
static void copy_name(vcl_tpl_text text, char name[MAX_ZONE + 1])
{
    bool fits = text.size <= MAX_ZONE && (!text.size || !memchr(text.data, '\0', text.size));

    if (!fits)
        text = vcl_tpl_literal("..");
    if (text.size)
        memcpy(name, text.data, text.size);
    name[text.size] = '\0';
}

static int format_in(vcl_tpl_state *state,
                     vcl_tpl_text layout,
                     const vcl_tpl_value *date,
                     vcl_tpl_text zone_name,
                     vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = VCL_MAX_TEMPLATE_OUTPUT };
    vcl_gotime time = to_time(state, date);
    char name[MAX_ZONE + 1];
    int result = vcl_tpl_spend(state, STEPS);

    if (result < 0)
        return result;
    copy_name(zone_name, name);
    vcl_gotime_in(&time, vcl_tpl_zone(state, name), vcl_streq(name, "Local"));
    vcl_gotime_format(&buf, &time, layout);
    return vcl_tpl_return_buf(state, &buf, out);
}

static const char html[] = "2006-01-02";

static int date(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return format_in(state, args[0].text, &args[1], vcl_tpl_literal("Local"), out);
}

static int
date_in_zone(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return format_in(state, args[0].text, &args[1], args[2].text, out);
}

static int
html_date(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return format_in(state, vcl_tpl_literal(html), &args[0], vcl_tpl_literal("Local"), out);
}

static int
html_date_in_zone(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return format_in(state, vcl_tpl_literal(html), &args[0], args[1].text, out);
}

static int now(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime time = vcl_tpl_time_now(state);
    int result = vcl_tpl_spend(state, STEPS);

    (void)args;
    (void)count;
    return result < 0 ? result : vcl_tpl_time_value(state, &time, out);
}

static int modify(vcl_tpl_state *state, const vcl_tpl_value *args, bool must, vcl_tpl_value *out)
{
    VCL_AUTO_BUF reason = { .max = VCL_MAX_MESSAGE };
    vcl_gotime time = vcl_tpl_time_of(&args[1]);
    int64_t step = 0;
    int result = vcl_tpl_spend(state, STEPS);

    if (result < 0)
        return result;
    if (!vcl_duration_parse(args[0].text, &step, &reason) && must)
        return vcl_tpl_raise(state, "%s", vcl_buf_text(&reason));
    if (step == 0) {
        *out = args[1];
        return 0;
    }
    time = vcl_tpl_time_add(state, &time, step);
    return vcl_tpl_time_value(state, &time, out);
}

static int
date_modify(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return modify(state, args, false, out);
}

static int
must_date_modify(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return modify(state, args, true, out);
}

static int read_date(vcl_tpl_state *state, const vcl_tpl_value *args, bool must, vcl_tpl_value *out)
{
    VCL_AUTO_BUF reason = { .max = VCL_MAX_MESSAGE };
    const vcl_zone *zone = vcl_tpl_zone(state, "Local");
    vcl_gotime time = vcl_gotime_zero();
    int result = vcl_tpl_spend(state, STEPS);

    if (result < 0)
        return result;
    if (!vcl_gotime_parse(args[0].text, args[1].text, zone, true, &time, &reason) && must)
        return vcl_tpl_raise(state, "%s", vcl_buf_text(&reason));
    return vcl_tpl_time_value(state, &time, out);
}

static int
to_date(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return read_date(state, args, false, out);
}

static int
must_to_date(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    (void)count;
    return read_date(state, args, true, out);
}

static int
unix_epoch(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = 64 };

    (void)count;
    vcl_buf_addf(&buf, "%lld", (long long)vcl_tpl_time_of(&args[0]).seconds);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* ------------------------------------------------------------ durations */

static int return_duration(vcl_tpl_state *state, int64_t nanoseconds, vcl_tpl_value *out)
{
    VCL_AUTO_BUF buf = { .max = 64 };

    vcl_duration_format(&buf, nanoseconds);
    return vcl_tpl_return_buf(state, &buf, out);
}

/* How long ago, in whole seconds. */
static int ago(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_gotime then = to_time(state, &args[0]);
    vcl_gotime present = vcl_tpl_time_now(state);
    int64_t between = vcl_tpl_time_between(&present, &then);
    int64_t rest = between % SECOND;

    (void)count;
    if (between != INT64_MAX && between != INT64_MIN) {
        between -= rest;
        if (rest >= SECOND / 2 && between <= INT64_MAX - SECOND)
            between += SECOND;
        else if (rest <= -SECOND / 2 && between >= INT64_MIN + SECOND)
            between -= SECOND;
    }
    return return_duration(state, between, out);
}

/* A number of seconds: a text or an int64, not an int. */
static int
duration(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    vcl_tpl_text text = args[0].kind == VCL_TPL_STRING ? args[0].text : vcl_tpl_literal("");
    int64_t seconds = 0;

    (void)count;
    if (args[0].type == VCL_TPL_T_INT64) {
        seconds = args[0].integer;
    } else if (args[0].type == VCL_TPL_T_STRING && !vcl_tpl_parse_int(text, 10, &seconds)) {
        bool negative = text.size && text.data[0] == '-';
        size_t digits = text.size && (negative || text.data[0] == '+');
        seconds = negative ? INT64_MIN : INT64_MAX; /* what is too large is the largest */
        for (size_t i = digits; i < text.size; i++)
            seconds = text.data[i] >= '0' && text.data[i] <= '9' ? seconds : 0;
        if (digits == text.size)
            seconds = 0;
    }
    return return_duration(state, (int64_t)((uint64_t)seconds * (uint64_t)SECOND), out);
}

/* The largest unit that there is more than one of. */
static int
duration_round(vcl_tpl_state *state, const vcl_tpl_value *args, size_t count, vcl_tpl_value *out)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = { { 365 * 86400, "y" }, { 30 * 86400, "mo" }, { 86400, "d" },
                  { 3600, "h" },        { 60, "m" },          { 1, "s" } };
    VCL_AUTO_BUF buf = { .max = 64 };
    int64_t nanoseconds = 0;

    (void)count;
    if (args[0].type == VCL_TPL_T_STRING) {
        VCL_AUTO_BUF reason = { .max = VCL_MAX_MESSAGE };
        (void)vcl_duration_parse(args[0].text, &nanoseconds, &reason);
    } else if (args[0].type == VCL_TPL_T_INT64) {
        nanoseconds = args[0].integer;
    } else if (args[0].type == VCL_TPL_T_TIME) {
        vcl_gotime present = vcl_tpl_time_now(state);
        vcl_gotime then = vcl_tpl_time_of(&args[0]);
        nanoseconds = vcl_tpl_time_between(&present, &then);
    }

    uint64_t size = nanoseconds < 0 ? 0 - (uint64_t)nanoseconds : (uint64_t)nanoseconds;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && buf.size == 0; i++) {
        uint64_t unit = units[i].seconds * SECOND;
        if (size > unit)
            vcl_buf_addf(&buf, "%llu%s", (unsigned long long)(size / unit), units[i].name);
    }
    if (buf.size == 0)
        vcl_buf_add(&buf, "0s");
    return vcl_tpl_return_buf(state, &buf, out);
}

const vcl_tpl_function vcl_tpl_funcs_date[] = {
    { "now", "", 0, now },
    { "date", "sa", 0, date },
    { "dateInZone", "sas", 0, date_in_zone },
    { "date_in_zone", "sas", 0, date_in_zone },
    { "htmlDate", "a", 0, html_date },
    { "htmlDateInZone", "as", 0, html_date_in_zone },
    { "dateModify", "st", 0, date_modify },
    { "date_modify", "st", 0, date_modify },
    { "mustDateModify", "st", 0, must_date_modify },
    { "must_date_modify", "st", 0, must_date_modify },
    { "toDate", "ss", 0, to_date },
    { "mustToDate", "ss", 0, must_to_date },
    { "unixEpoch", "t", 0, unix_epoch },
    { "ago", "a", 0, ago },
    { "duration", "a", 0, duration },
    { "durationRound", "a", 0, duration_round },
    { NULL, NULL, 0, NULL },
};
