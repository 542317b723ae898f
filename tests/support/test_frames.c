/* SPDX-License-Identifier: Apache-2.0 */
#include "test_frames.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static void accept_text(const test_request *request, char text[64])
{
    char key[128] = "";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;

    (void)test_request_header(request, "Sec-WebSocket-Key", key, 64);
    (void)strcat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    (void)EVP_Digest(key, strlen(key), digest, &size, EVP_sha1(), NULL);
    (void)EVP_EncodeBlock((unsigned char *)text, digest, (int)size);
}

void test_frames_upgrade(test_conn *conn,
                         const test_request *request,
                         const char *protocol,
                         const char *behind)
{
    char text[64];

    accept_text(request, text);
    (void)test_conn_printf(conn,
                           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n"
                           "Sec-WebSocket-Protocol: %s\r\n\r\n%s",
                           text, protocol, behind);
}

bool test_frames_send(test_conn *conn, int opcode, const void *bytes, size_t size)
{
    unsigned char head[10] = { (unsigned char)(0x80 | opcode) };
    size_t head_size = 2;

    if (size < 126) {
        head[1] = (unsigned char)size;
    } else if (size < 65536) {
        head[1] = 126;
        head[2] = (unsigned char)(size >> 8);
        head[3] = (unsigned char)size;
        head_size = 4;
    } else {
        head[1] = 127;
        for (int i = 0; i < 8; i++)
            head[2 + i] = (unsigned char)((uint64_t)size >> (56 - 8 * i));
        head_size = 10;
    }
    return test_conn_write(conn, head, head_size) && test_conn_write(conn, bytes, size);
}

bool test_frames_send_channel(test_conn *conn, int channel, const void *bytes, size_t size)
{
    unsigned char *message = malloc(size + 1);

    if (!message)
        abort();
    message[0] = (unsigned char)channel;
    if (size)
        memcpy(message + 1, bytes, size);
    bool ok = test_frames_send(conn, FRAME_BINARY, message, size + 1);
    free(message);
    return ok;
}

int test_frames_read(test_conn *conn, unsigned char **out_bytes, size_t *out_size)
{
    unsigned char head[2];
    unsigned char length[8];
    unsigned char mask[4];

    if (!test_conn_read(conn, head, 2))
        return -1;
    if (!(head[0] & 0x80) || !(head[1] & 0x80))
        return -2;
    size_t size = head[1] & 0x7f;
    size_t more = size == 126 ? 2 : size == 127 ? 8 : 0;
    if (more) {
        if (!test_conn_read(conn, length, more))
            return -1;
        size = 0;
        for (size_t i = 0; i < more; i++)
            size = size << 8 | length[i];
    }
    *out_bytes = calloc(1, size + 1);
    *out_size = size;
    if (!test_conn_read(conn, mask, 4) || !test_conn_read(conn, *out_bytes, size)) {
        free(*out_bytes);
        return -1;
    }
    for (size_t i = 0; i < size; i++)
        (*out_bytes)[i] ^= mask[i % 4];
    return head[0] & 0x0f;
}

void test_frames_end(test_conn *conn)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    int opcode = 0;

    (void)test_frames_send(conn, FRAME_CLOSE, "\x03\xe8", 2);
    while (opcode >= 0 && opcode != FRAME_CLOSE) {
        bytes = NULL;
        opcode = test_frames_read(conn, &bytes, &size);
        if (opcode >= 0)
            free(bytes);
    }
    test_conn_close(conn, false);
}
