/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a watch's body into events; see watch_lines.h. */
#include "kube/watch_lines.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

/* Room for what one read may append behind an event that is nearly at its limit. */
enum { READ_SLACK = 4 << 20 };

/* What a quiet watch keeps of its buffer. */
enum { KEPT = 16 << 10 };

void vcl_watch_lines_init(vcl_watch_lines *lines)
{
    *lines = (vcl_watch_lines){ 0 };
    vcl_buf_init(&lines->buf, (size_t)VCL_MAX_WATCH_EVENT + READ_SLACK);
}

void vcl_watch_lines_done(vcl_watch_lines *lines)
{
    vcl_buf_done(&lines->buf);
    lines->start = lines->scanned = 0;
}

void vcl_watch_lines_reset(vcl_watch_lines *lines)
{
    vcl_buf_reset(&lines->buf);
    lines->start = lines->scanned = 0;
}

/* Drop what was told; called only when more must be read, so that a burst is moved once. */
static void compact(vcl_watch_lines *lines)
{
    if (lines->start == lines->buf.size && lines->buf.capacity > KEPT)
        vcl_buf_done(&lines->buf);
    else
        vcl_buf_consume(&lines->buf, lines->start);
    lines->scanned -= lines->start;
    lines->start = 0;
}

bool vcl_watch_lines_pending(const vcl_watch_lines *lines)
{
    return lines->scanned < lines->buf.size;
}

int vcl_watch_lines_next(vcl_watch_lines *lines,
                         const char **out_line,
                         size_t *out_size,
                         vcluster_error **error)
{
    for (;;) {
        const char *text = vcl_buf_text(&lines->buf);
        const char *end =
            lines->scanned < lines->buf.size
                ? memchr(text + lines->scanned, '\n', lines->buf.size - lines->scanned)
                : NULL;
        size_t stop = end ? (size_t)(end - text) : lines->buf.size;
        size_t size = stop - lines->start;

        if (size > VCL_MAX_WATCH_EVENT)
            return vcl_fail(error, VCLUSTER_E_PROTOCOL,
                            "the server sent a watch event of more than %d bytes",
                            VCL_MAX_WATCH_EVENT);
        if (!end) {
            lines->scanned = stop;
            compact(lines);
            return 0;
        }

        *out_line = text + lines->start;
        *out_size = size;
        lines->start = lines->scanned = stop + 1;
        if (size > 0 && !(size == 1 && **out_line == '\r'))
            return 1;
    }
}

static vcl_raw_event_type type_of(const char *name)
{
    static const char *const names[] = { "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_streq(names[i], name))
            return (vcl_raw_event_type)i;
    }
    return VCL_RAW_OTHER;
}

int vcl_watch_event_parse(const char *line,
                          size_t size,
                          vcl_raw_event_type *out_type,
                          cJSON **out_object,
                          vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    int status = vcl_json_parse(line, size, &tree, error);

    if (status < 0)
        return vcl_wrap(error, status, "reading a watch event");

    const char *type = vcl_json_find_string(tree, "type", NULL);
    cJSON *object = vcl_json_get(tree, "object");
    if (!type || !cJSON_IsObject(object))
        return vcl_fail(error, VCLUSTER_E_PROTOCOL, "a watch event has no type or no object");
    *out_type = type_of(type);
    *out_object = cJSON_DetachItemViaPointer(tree, object);
    return VCLUSTER_OK;
}
