/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client WebSocket on the I/O loop: libcurl makes the connection (TLS, proxy, client
 * certificate) with CURLOPT_CONNECT_ONLY and HTTP/1.1, the handshake is ours, wslay frames.
 * Every message is sent as one unfragmented frame (the Kubernetes server needs that).
 * Loop thread only; callbacks come on the loop's thread.
 */
#ifndef VCL_NET_WEBSOCKET_H
#define VCL_NET_WEBSOCKET_H

#include "net/loop.h"

typedef struct vcl_websocket vcl_websocket;

typedef struct vcl_websocket_events {
    /* The handshake succeeded; protocol is what the server chose. */
    void (*on_open)(vcl_websocket *socket, const char *protocol, void *data);
    /* One whole message. */
    void (*on_message)(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data);
    /* What was queued has been written: more may be sent. */
    void (*on_drain)(vcl_websocket *socket, void *data);
    /* The end, exactly once, also for a failed connection or handshake; error is NULL for a clean
     * close and owned by the callback's caller. The socket frees itself afterwards. */
    void (*on_close)(vcl_websocket *socket, const vcluster_error *error, void *data);
} vcl_websocket_events;

/* Connect to path (with query) of the server, asking for the subprotocols (comma separated). */
int vcl_websocket_open(vcl_http *http,
                       const char *path,
                       const char *protocols,
                       const vcl_websocket_events *events,
                       void *data,
                       vcl_websocket **out_socket,
                       vcluster_error **error);
/* Queue one binary message. false: memory is short or the socket is closing. */
bool vcl_websocket_send(vcl_websocket *socket, const uint8_t *bytes, size_t size);
/* Bytes queued and not yet written, for back-pressure. */
size_t vcl_websocket_queued(const vcl_websocket *socket);
/* Stop or go on reading, for back-pressure. A few messages that were read already may still come.
 */
void vcl_websocket_pause(vcl_websocket *socket, bool paused);
/* Close: on_close follows from the loop (never from inside this call). */
void vcl_websocket_close(vcl_websocket *socket);

#endif
