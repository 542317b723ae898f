/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WebSocket of one exec call, on the I/O loop. The calling thread reaches it by jobs on the
 * loop only (vcl_exec_session_exchange()), so that nothing here needs a lock; a bell tells it that
 * there is something to fetch. Private to pod_exec*.c.
 */
#ifndef VCL_KUBE_POD_EXEC_SESSION_H
#define VCL_KUBE_POD_EXEC_SESSION_H

#include "kube/api.h"
#include "kube/pod_exec_frames.h"

typedef struct vcl_exec_session vcl_exec_session;

/* Where the standard input comes from; its bytes are only read, its descriptor is not closed. */
typedef struct vcl_exec_input {
    bool wanted;
    bool piecewise; /* pieces come with the exchange */
    const uint8_t *bytes;
    size_t size;
    int fd; /* -1: none */
} vcl_exec_input;

/* One trip of the calling thread to the loop. */
typedef struct vcl_exec_exchange {
    /* In. */
    const void *piece; /* of the input, copied; only when one was asked for */
    size_t piece_size;
    bool input_ended;      /* no piece comes any more */
    const uint8_t *resize; /* message to send; may be NULL */
    size_t resize_size;
    /* Out. */
    vcl_buf received;      /* records: see vcl_exec_next_record() */
    bool opened;           /* the handshake is done: messages may be sent */
    bool wants_piece;      /* of the input */
    bool input_stuck;      /* the input has ended and the server cannot be told (v4) */
    bool status_told;      /* the last record is the Status */
    bool closed;           /* nothing comes any more */
    vcluster_error *error; /* why, unless it was a clean end; NULL before */
} vcl_exec_exchange;

void vcl_exec_exchange_done(vcl_exec_exchange *exchange);

/* Begin to connect. */
int vcl_exec_session_open(vcl_kube *kube,
                          const char *path,
                          const vcl_exec_input *input,
                          vcl_exec_session **out_session,
                          vcluster_error **error);
/* Close and free; what the input points to is not touched afterwards. Never waits for the peer. */
void vcl_exec_session_close(vcl_exec_session *session);

/* Readable when an exchange would bring something new. */
int vcl_exec_session_fd(const vcl_exec_session *session);
int vcl_exec_session_exchange(vcl_exec_session *session,
                              vcl_exec_exchange *exchange,
                              vcluster_error **error);

/* The next record of what was received: channel and bytes. false at the end. *at begins with 0. */
bool vcl_exec_next_record(const vcl_buf *received,
                          size_t *at,
                          int *out_channel,
                          const void **out_bytes,
                          size_t *out_size);

#endif
