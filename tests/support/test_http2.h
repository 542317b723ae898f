/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames of HTTP/2 as a server says them, on a connection of test_server.h: enough to answer,
 * to refuse, to say GOAWAY and to fall silent. Headers of requests are not decoded.
 */
#ifndef TEST_HTTP2_H
#define TEST_HTTP2_H

#include "test_server.h"

/* The client's preface is read, and settings are exchanged. */
bool test_http2_begin(test_conn *conn);
/* Number of the stream of the next whole request; 0: the client has gone. */
uint32_t test_http2_request(test_conn *conn);
/* 200 with a body. */
bool test_http2_answer(test_conn *conn, uint32_t stream, const char *body);
/* No request behind last was looked at, and none will be. */
bool test_http2_goaway(test_conn *conn, uint32_t last);
/* RST_STREAM; 7: REFUSED_STREAM, 2: INTERNAL_ERROR. */
bool test_http2_reset(test_conn *conn, uint32_t stream, uint32_t code);

#endif
