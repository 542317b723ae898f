/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dates and times of TOML; see toml_private.h. Those without a zone are marked by the name of the
 * zone they get, "date-local", as in the original, so that they are written again without one.
 */
#include <string.h>

#include "chart/functions/time_value.h"
#include "chart/functions/toml_private.h"

/* The forms that a time can have, in the order in which they are tried; zone == NULL: a real one.
 */
typedef struct time_form {
    const char *layout;
    const char *zone;
} time_form;

static const time_form forms[] = {
    { "2006-01-02T15:04:05.999999999Z07:00", NULL },
    { "2006-01-02T15:04:05.999999999", "datetime-local" },
    { "2006-01-02", "date-local" },
    { "15:04:05.999999999", "time-local" },
    { "2006-01-02T15:04Z07:00", NULL },
    { "2006-01-02T15:04", "datetime-local" },
    { "15:04", "time-local" },
};

/* Go's reader takes numbers of one digit, too; then a sign is not where the layout has it. */
static bool is_shifted(vcl_tpl_text text, const char *layout)
{
    for (size_t i = 0; layout[i] && layout[i] != '.' && layout[i] != 'Z'; i++) {
        bool digit = layout[i] >= '0' && layout[i] <= '9';
        if (i >= text.size || (!digit && text.data[i] != layout[i]))
            return true;
    }
    return false;
}

/* The time in a zone that lies where the local one does now. */
static void set_marked_zone(vcl_tpl_state *state, vcl_gotime *time, const char *zone)
{
    vcl_gotime now = vcl_tpl_time_now(state);
    vcl_zone_period period;

    vcl_zone_lookup(vcl_tpl_zone(state, "Local"), now.seconds, &period);
    time->offset = period.offset;
    time->seconds -= period.offset;
    time->is_local = false;
    memset(time->zone, 0, sizeof(time->zone));
    memcpy(time->zone, zone, strlen(zone));
}

static bool parse(vcl_tpl_state *state, vcl_tpl_text text, vcl_gotime *out_time)
{
    const vcl_zone *local = vcl_tpl_zone(state, "Local");

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        VCL_AUTO_BUF reason = { .max = 1024 };
        const time_form *form = &forms[i];
        if (!vcl_gotime_parse(vcl_tpl_literal(form->layout), text, form->zone ? NULL : local,
                              !form->zone, out_time, &reason))
            continue;
        if (form->zone)
            set_marked_zone(state, out_time, form->zone);
        return !is_shifted(text, form->layout);
    }
    return false;
}

void vcl_toml_read_time(vcl_toml_reader *reader, vcl_tpl_text text, vcl_tpl_value *out)
{
    char copy[64] = "";
    vcl_tpl_text tidy = { copy, text.size };
    vcl_gotime time;

    *out = vcl_tpl_nil();
    for (size_t i = 0; i < text.size && i < sizeof(copy); i++)
        copy[i] = (char)(text.data[i] == 'z'                          ? 'Z'
                         : text.data[i] == 't' || text.data[i] == ' ' ? 'T'
                                                                      : text.data[i]);
    if (text.size >= sizeof(copy) || !parse(reader->state, tidy, &time)) {
        vcl_toml_fail(reader, reader->line, "invalid datetime: %s",
                      vcl_toml_quoted(reader, text.size < sizeof(copy) ? tidy : text));
        return;
    }
    int status = vcl_tpl_time_value(reader->state, &time, out);
    if (status < 0)
        vcl_toml_fail_status(reader, status);
}

/* A marked zone is left out; the time is the one in UTC. */
void vcl_toml_print_time(vcl_buf *buf, const vcl_tpl_value *value)
{
    static const char *const layouts[][2] = {
        { "datetime-local", "2006-01-02T15:04:05.999999999" },
        { "date-local", "2006-01-02" },
        { "time-local", "15:04:05.999999999" },
    };
    vcl_gotime time = vcl_tpl_time_of(value);
    const char *layout = "2006-01-02T15:04:05.999999999Z07:00";

    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        if (strcmp(time.zone, layouts[i][0]) == 0) {
            layout = layouts[i][1];
            vcl_gotime_in(&time, NULL, false);
        }
    }
    vcl_gotime_format(buf, &time, vcl_tpl_literal(layout));
}
