/* SPDX-License-Identifier: Apache-2.0 */
/* The frames of a WebSocket: wslay between the connection and the caller's callbacks. */
#include <openssl/rand.h>

#include "base/str.h"
#include "net/client.h"
#include "net/websocket_private.h"

enum {
    MAX_MESSAGE = 1 << 20,   /* a Kubernetes server sends 32 KiB */
    READ_AT_ONCE = 256 << 10 /* then it is the turn of the others on the loop */
};

/* ---- Bytes between wslay and the connection ---- */

static ssize_t
on_recv(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, int flags, void *data)
{
    vcl_websocket *socket = data;

    (void)flags;
    ssize_t got = 0;
    if (!socket->paused && socket->budget > 0)
        got = vcl_wire_read(&socket->wire, bytes, size);
    if (got > 0) {
        socket->budget -= (size_t)got < socket->budget ? (size_t)got : socket->budget;
        socket->ping_sent = false;
        socket->heard = true;
        return got;
    }
    wslay_event_set_error(frames, got < 0 ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t
on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t size, int flags, void *data)
{
    vcl_websocket *socket = data;

    (void)flags;
    ssize_t taken = vcl_wire_write(&socket->wire, bytes, size);
    if (taken > 0)
        return taken;
    wslay_event_set_error(frames, taken < 0 ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static int on_mask(wslay_event_context_ptr frames, uint8_t *mask, size_t size, void *data)
{
    (void)data;
    if (RAND_bytes(mask, (int)size) == 1)
        return 0;
    wslay_event_set_error(frames, WSLAY_ERR_CALLBACK_FAILURE);
    return -1;
}

static void
on_frame(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *arg, void *data)
{
    vcl_websocket *socket = data;

    (void)frames;
    if (!wslay_is_ctrl_frame(arg->opcode) && socket->state == WS_OPEN)
        socket->events.on_message(socket, arg->msg, arg->msg_length, socket->data);
}

int vcl_websocket_make_frames(vcl_websocket *socket)
{
    static const struct wslay_event_callbacks callbacks = { .recv_callback = on_recv,
                                                            .send_callback = on_send,
                                                            .genmask_callback = on_mask,
                                                            .on_msg_recv_callback = on_frame };

    if (wslay_event_context_client_init(&socket->frames, &callbacks, socket) != 0)
        return VCLUSTER_E_NO_MEMORY;
    wslay_event_config_set_max_recv_msg_length(socket->frames, MAX_MESSAGE);
    return VCLUSTER_OK;
}

void vcl_websocket_fail_wire(vcl_websocket *socket)
{
    const char *detail = socket->detail[0] ? socket->detail : "closed by the peer";

    (void)vcl_fail(&socket->error, VCLUSTER_E_UNAVAILABLE,
                   "the WebSocket connection to '%s' was lost (%s)", socket->http->server.authority,
                   socket->wire.failure == CURLE_OK ? "closed by the peer" : detail);
}

/* ---- Messages ---- */

/* How it ended, once both close frames are through or the connection is gone. */
void vcl_websocket_judge_end(vcl_websocket *socket)
{
    uint16_t received = wslay_event_get_status_code_received(socket->frames);
    uint16_t sent = wslay_event_get_status_code_sent(socket->frames);

    if (socket->error || socket->state == WS_CLOSING)
        return;
    if (wslay_event_get_close_received(socket->frames)) {
        if (received != WSLAY_CODE_NORMAL_CLOSURE && received != WSLAY_CODE_NO_STATUS_RCVD &&
            received != WSLAY_CODE_GOING_AWAY)
            (void)vcl_fail(&socket->error, VCLUSTER_E_UNAVAILABLE,
                           "'%s' closed the WebSocket with code %d", socket->http->server.authority,
                           received);
    } else if (sent == WSLAY_CODE_MESSAGE_TOO_BIG) {
        (void)vcl_fail(&socket->error, VCLUSTER_E_PROTOCOL,
                       "a WebSocket message is larger than the limit of %d bytes", MAX_MESSAGE);
    } else if (!socket->wire.ended && socket->wire.failure == CURLE_OK) {
        (void)vcl_fail(&socket->error, VCLUSTER_E_PROTOCOL,
                       "'%s' does not keep to the WebSocket protocol",
                       socket->http->server.authority);
    } else {
        vcl_websocket_fail_wire(socket);
    }
}

/* Returns false when all is said. */
bool vcl_websocket_exchange(vcl_websocket *socket)
{
    wslay_event_context_ptr frames = socket->frames;
    bool alive = true;

    socket->budget = READ_AT_ONCE;
    if (wslay_event_get_read_enabled(frames))
        alive = wslay_event_recv(frames) == 0;
    if (alive && (wslay_event_send(frames) != 0 || !vcl_wire_flush(&socket->wire))) {
        alive = false;
        if (wslay_event_get_read_enabled(frames)) /* its last words may have come meanwhile */
            (void)wslay_event_recv(frames);
    }
    if (alive && socket->undrained && vcl_websocket_queued(socket) == 0) {
        socket->undrained = false;
        if (socket->state == WS_OPEN)
            socket->events.on_drain(socket, socket->data);
    }
    if (socket->budget == 0)
        vcl_websocket_pump_soon(socket);

    bool said = wslay_event_get_close_sent(frames) && vcl_wire_pending(&socket->wire) == 0;
    bool heard = !wslay_event_get_read_enabled(frames) || wslay_event_get_close_received(frames);
    return alive && !(said && heard);
}
