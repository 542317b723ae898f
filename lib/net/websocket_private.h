/* SPDX-License-Identifier: Apache-2.0 */
/* What a WebSocket consists of, and what its two source files need of each other. */
#ifndef VCL_NET_WEBSOCKET_PRIVATE_H
#define VCL_NET_WEBSOCKET_PRIVATE_H

#include <wslay/wslay.h>

#include "net/handshake.h"
#include "net/reactor.h"
#include "net/websocket.h"
#include "net/wire.h"

typedef enum ws_state { WS_CONNECTING, WS_HANDSHAKE, WS_OPEN, WS_CLOSING } ws_state;

struct vcl_websocket {
    vcl_easy_user user; /* first: CURLOPT_PRIVATE points here */
    vcl_http *http;
    vcl_websocket *next;
    vcl_websocket **slot; /* that points to this one, in the list of http */
    vcl_websocket_events events;
    void *data;
    ws_state state;
    char *label; /* "GET /path", for messages */
    int64_t started_ms;
    struct curl_slist *connect_to;
    char detail[CURL_ERROR_SIZE];
    vcl_identity *identity; /* may be NULL */
    vcl_handshake handshake;
    wslay_event_context_ptr frames;
    vcl_wire wire;
    vcl_watch_fd *watch;
    vcl_timer *timer; /* of the state: handshake, next ping, close */
    vcl_timer *soon;  /* pump() without waiting for the descriptor */
    bool shaken;      /* frames may go to and fro */
    bool pumping;
    bool paused;
    bool ping_sent; /* and nothing has come since */
    bool heard;     /* something has come since the last time for a ping */
    bool undrained; /* something was queued that on_drain was not called for */
    size_t budget;
    vcluster_error *error;
};

/* Pump without waiting for the descriptor: something is here already. */
void vcl_websocket_pump_soon(vcl_websocket *socket);

/* websocket_frames.c */
int vcl_websocket_make_frames(vcl_websocket *socket);
/* Read and write what goes without waiting. false when all is said, or the connection is gone. */
bool vcl_websocket_exchange(vcl_websocket *socket);
/* Set socket->error unless the end was a clean one. */
void vcl_websocket_judge_end(vcl_websocket *socket);
/* Set socket->error for a lost connection. */
void vcl_websocket_fail_wire(vcl_websocket *socket);

#endif
