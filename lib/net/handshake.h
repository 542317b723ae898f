/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The opening handshake of a WebSocket (RFC 6455, 4.1): our request and the check of the answer. No
 * input or output of its own. Private to lib/net.
 */
#ifndef VCL_NET_HANDSHAKE_H
#define VCL_NET_HANDSHAKE_H

#include "base/buf.h"
#include "net/login.h"

typedef struct vcl_handshake {
    char key[32];    /* Sec-WebSocket-Key */
    char *protocols; /* that we asked for, comma separated; "" for none */
    char *protocol;  /* that the server chose; "" for none */
    vcl_buf request; /* holds credentials */
    size_t request_sent;
    vcl_buf answer;   /* what has arrived */
    size_t head_size; /* of the answer, once it is complete */
    int status;       /* of the answer, once the head is complete */
    uint64_t token_edition;
} vcl_handshake;

typedef enum vcl_handshake_state {
    VCL_HANDSHAKE_MORE,  /* more of the answer is needed */
    VCL_HANDSHAKE_DONE,  /* what follows head_size in answer are frames */
    VCL_HANDSHAKE_FAILED /* vcl_handshake_fail() says why */
} vcl_handshake_state;

int vcl_handshake_init(vcl_handshake *handshake,
                       vcl_http *http,
                       const vcl_identity *identity,
                       const char *path,
                       const char *protocols,
                       vcluster_error **error);
void vcl_handshake_done(vcl_handshake *handshake);

/* Take bytes of the answer; size 0 means that the server has closed the connection. */
vcl_handshake_state vcl_handshake_take(vcl_handshake *handshake, const void *bytes, size_t size);

/* The error of a failed handshake. */
int vcl_handshake_fail(const vcl_handshake *handshake, vcluster_error **error);

/* Value of Sec-WebSocket-Accept that belongs to a key. */
bool vcl_handshake_accept(const char *key, char out_text[64]);

#endif
