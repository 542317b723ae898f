/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of HTTP/2 (RFC 9113, 4 and 6); see test_http2.h. */
#include "test_http2.h"

#include <stdlib.h>
#include <string.h>

enum {
    DATA = 0,
    HEADERS = 1,
    RST_STREAM = 3,
    SETTINGS = 4,
    PING = 6,
    GOAWAY = 7,
    END_STREAM = 1,
    ACK = 1,
    END_HEADERS = 4,
    HEAD_SIZE = 9,
    MAX_FRAME = 1 << 14
};

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static bool
send_frame(test_conn *conn, int type, int flags, uint32_t stream, const void *data, size_t size)
{
    uint8_t frame[HEAD_SIZE + MAX_FRAME];

    if (size > MAX_FRAME)
        abort();
    put_u32(frame, (uint32_t)size << 8);
    frame[3] = (uint8_t)type;
    frame[4] = (uint8_t)flags;
    put_u32(frame + 5, stream);
    if (size > 0)
        memcpy(frame + HEAD_SIZE, data, size);
    return test_conn_write(conn, frame, HEAD_SIZE + size);
}

bool test_http2_begin(test_conn *conn)
{
    char preface[24];

    return test_conn_read(conn, preface, sizeof(preface)) &&
           memcmp(preface, "PRI * HTTP/2.0", 14) == 0 && send_frame(conn, SETTINGS, 0, 0, NULL, 0);
}

uint32_t test_http2_request(test_conn *conn)
{
    uint8_t head[HEAD_SIZE];
    uint8_t body[MAX_FRAME];

    for (;;) {
        if (!test_conn_read(conn, head, sizeof(head)))
            return 0;
        size_t size = get_u32(head) >> 8;
        if (size > sizeof(body) || !test_conn_read(conn, body, size))
            return 0;
        int type = head[3];
        int flags = head[4];
        if (type == SETTINGS && !(flags & ACK))
            (void)send_frame(conn, SETTINGS, ACK, 0, NULL, 0);
        if (type == PING && !(flags & ACK))
            (void)send_frame(conn, PING, ACK, 0, body, size);
        if ((type == HEADERS || type == DATA) && (flags & END_STREAM))
            return get_u32(head + 5);
    }
}

bool test_http2_answer(test_conn *conn, uint32_t stream, const char *body)
{
    static const uint8_t status_200 = 0x88; /* of HPACK's static table */

    return send_frame(conn, HEADERS, END_HEADERS, stream, &status_200, 1) &&
           send_frame(conn, DATA, END_STREAM, stream, body, strlen(body));
}

bool test_http2_goaway(test_conn *conn, uint32_t last)
{
    uint8_t body[8] = { 0 }; /* code 0: NO_ERROR */

    put_u32(body, last);
    return send_frame(conn, GOAWAY, 0, 0, body, sizeof(body));
}

bool test_http2_reset(test_conn *conn, uint32_t stream, uint32_t code)
{
    uint8_t body[4];

    put_u32(body, code);
    return send_frame(conn, RST_STREAM, 0, stream, body, sizeof(body));
}
