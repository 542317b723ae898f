/* SPDX-License-Identifier: Apache-2.0 */
/* The server's side of a WebSocket by hand, for test_server handlers. */
#ifndef TEST_FRAMES_H
#define TEST_FRAMES_H

#include "test_server.h"

enum { FRAME_BINARY = 2, FRAME_CLOSE = 8, FRAME_PING = 9, FRAME_PONG = 10 };

/* Accept the handshake with that subprotocol; more may follow the head in the same write. */
void test_frames_upgrade(test_conn *conn,
                         const test_request *request,
                         const char *protocol,
                         const char *behind);
bool test_frames_send(test_conn *conn, int opcode, const void *bytes, size_t size);
/* A binary message whose first byte is the channel. */
bool test_frames_send_channel(test_conn *conn, int channel, const void *bytes, size_t size);
/* One whole frame; *out_bytes is NUL-terminated and freed by the caller. Returns the opcode, -1 at
 * the end of the connection, -2 for a fragment or an unmasked frame. */
int test_frames_read(test_conn *conn, unsigned char **out_bytes, size_t *out_size);
/* A close frame with code 1000, then wait for the client's and close. */
void test_frames_end(test_conn *conn);

#endif
