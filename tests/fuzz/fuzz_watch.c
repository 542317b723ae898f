/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a watch, cut into pieces whose size the first byte tells: the same events must come
 * out whatever the pieces are.
 */
#include <string.h>

#include "base/str.h"
#include "fuzz.h"
#include "kube/forward_frames.h"
#include "kube/watch_lines.h"

/* Feed in pieces; returns how many lines there were, and how long they are together. */
static size_t feed(const uint8_t *data, size_t size, size_t piece, size_t *out_bytes)
{
    vcl_watch_lines lines;
    size_t count = 0;

    *out_bytes = 0;
    vcl_watch_lines_init(&lines);
    for (size_t at = 0; at < size; at += piece) {
        size_t part = size - at < piece ? size - at : piece;
        const char *line = NULL;
        size_t line_size = 0;

        FUZZ_CHECK(vcl_buf_append(&lines.buf, data + at, part));
        while (vcl_watch_lines_next(&lines, &line, &line_size, NULL) == 1) {
            vcl_raw_event_type type;
            cJSON *object = NULL;

            if (vcl_watch_event_parse(line, line_size, &type, &object, NULL) == 0)
                FUZZ_CHECK(cJSON_IsObject(object));
            cJSON_Delete(object);
            *out_bytes += line_size;
            count++;
        }
    }
    vcl_watch_lines_done(&lines);
    return count;
}

/* The same bytes as a message of a port-forward. */
static void take_frame(const uint8_t *data, size_t size)
{
    vcl_forward_frames frames = { .port = 8443, .begun = { true, false } };
    const uint8_t *payload = data;
    size_t payload_size = 0;
    vcl_frame_kind kind = vcl_forward_frame(&frames, data, size, &payload, &payload_size);

    if (kind == VCL_FRAME_DATA)
        FUZZ_CHECK(payload == data + 1 && payload_size == size - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t whole = 0;
    size_t pieces = 0;

    if (size < 2 || size > 1 << 20)
        return 0;
    size_t count = feed(data + 1, size - 1, size, &whole);
    FUZZ_CHECK(feed(data + 1, size - 1, (size_t)data[0] + 1, &pieces) == count);
    FUZZ_CHECK(pieces == whole);
    take_frame(data, size);
    return 0;
}
