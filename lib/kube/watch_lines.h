/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a watch: JSON events, one a line, that arrive in pieces of any size. No I/O here.
 */
#ifndef VCL_KUBE_WATCH_LINES_H
#define VCL_KUBE_WATCH_LINES_H

#include "data/json.h"

typedef struct vcl_watch_lines {
    vcl_buf buf;    /* append what arrives to it */
    size_t start;   /* of the line that is not told yet */
    size_t scanned; /* up to here there is no line end */
} vcl_watch_lines;

void vcl_watch_lines_init(vcl_watch_lines *lines);
void vcl_watch_lines_done(vcl_watch_lines *lines);
/* Forget what is there, for a new stream. */
void vcl_watch_lines_reset(vcl_watch_lines *lines);

/* The next whole line, borrowed until the next call or append. Returns 1, 0 when more must arrive,
 * or PROTOCOL for a line beyond VCL_MAX_WATCH_EVENT. Empty lines are skipped. */
int vcl_watch_lines_next(vcl_watch_lines *lines,
                         const char **out_line,
                         size_t *out_size,
                         vcluster_error **error);

/* Whether something has arrived that the last call did not look at. */
bool vcl_watch_lines_pending(const vcl_watch_lines *lines);

typedef enum vcl_raw_event_type {
    VCL_RAW_ADDED,
    VCL_RAW_MODIFIED,
    VCL_RAW_DELETED,
    VCL_RAW_BOOKMARK,
    VCL_RAW_ERROR,
    VCL_RAW_OTHER /* of a later API: skipped */
} vcl_raw_event_type;

/* Read one line: {"type": ..., "object": {...}}. */
int vcl_watch_event_parse(const char *line,
                          size_t size,
                          vcl_raw_event_type *out_type,
                          cJSON **out_object,
                          vcluster_error **error);

#endif
