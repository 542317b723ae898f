/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client WebSocket: connecting, the handshake, messages, pings and the end; see websocket.h. User
 * callbacks are called from pump() and finish() only, and finish() only as the last thing that a
 * callback of the loop does, so that nothing is used after it was freed.
 */
#include "net/websocket.h"

#include <openssl/rand.h>
#include <poll.h>
#include <string.h>
#include <wslay/wslay.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"
#include "net/handshake.h"
#include "net/transfer.h"
#include "net/websocket_end.h"
#include "net/wire.h"

enum {
    HANDSHAKE_MS = 30000,
    CLOSE_MS = 2000,           /* for the peer's close frame */
    MAX_MESSAGE = 1 << 20,     /* a Kubernetes server sends 32 KiB */
    MAX_QUEUED = 8 << 20,      /* beyond it the caller does not heed back-pressure */
    READ_AT_ONCE = 256 << 10   /* then it is the turn of the others on the loop */
};

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
    vcl_handshake handshake;
    wslay_event_context_ptr frames;
    vcl_wire wire;
    vcl_watch_fd *watch;
    vcl_timer *timer; /* of the state: handshake, next ping, close */
    vcl_timer *soon;  /* pump() without waiting for the descriptor */
    bool shaken; /* frames may go to and fro */
    bool pumping;
    bool paused;
    bool ping_sent; /* and nothing has come since */
    bool undrained; /* something was queued that on_drain was not called for */
    size_t budget;
    vcluster_error *error;
};

static void pump(vcl_websocket *socket);
static void finish(vcl_websocket *socket);

/* ---- Bytes between wslay and the connection ---- */

static ssize_t on_recv(wslay_event_context_ptr frames, uint8_t *bytes, size_t size, int flags,
                       void *data)
{
    vcl_websocket *socket = data;

    (void)flags;
    ssize_t got = 0;
    if (!socket->paused && socket->budget > 0)
        got = vcl_wire_read(&socket->wire, bytes, size);
    if (got > 0) {
        socket->budget -= (size_t)got < socket->budget ? (size_t)got : socket->budget;
        socket->ping_sent = false;
        return got;
    }
    wslay_event_set_error(frames, got < 0 ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
}

static ssize_t on_send(wslay_event_context_ptr frames, const uint8_t *bytes, size_t size, int flags,
                       void *data)
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

static void on_frame(wslay_event_context_ptr frames, const struct wslay_event_on_msg_recv_arg *arg,
                     void *data)
{
    vcl_websocket *socket = data;

    (void)frames;
    if (!wslay_is_ctrl_frame(arg->opcode) && socket->state == WS_OPEN)
        socket->events.on_message(socket, arg->msg, arg->msg_length, socket->data);
}

static int make_frames(vcl_websocket *socket)
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

/* ---- Timers and interest ---- */

static void on_soon(void *data)
{
    vcl_websocket *socket = data;

    socket->soon = NULL;
    pump(socket);
}

static void pump_soon(vcl_websocket *socket)
{
    if (!socket->soon)
        socket->soon = vcl_loop_add_timer(socket->http, vcl_monotonic_ms(), on_soon, socket);
    if (!socket->soon && socket->watch) /* memory is short: as good as it goes */
        vcl_loop_set_events(socket->watch, POLLIN | POLLOUT);
}

static bool wants_write(const vcl_websocket *socket)
{
    if (vcl_wire_pending(&socket->wire) > 0)
        return true;
    if (!socket->shaken)
        return socket->handshake.request_sent < socket->handshake.request.size;
    return wslay_event_want_write(socket->frames);
}

static void update_interest(vcl_websocket *socket)
{
    bool reads = !socket->paused && wslay_event_get_read_enabled(socket->frames);

    if (socket->watch)
        vcl_loop_set_events(socket->watch, (short)((reads ? POLLIN : 0) |
                                                   (wants_write(socket) ? POLLOUT : 0)));
}

static void set_timer(vcl_websocket *socket, int64_t wait_ms, void (*fn)(void *data))
{
    vcl_loop_remove_timer(socket->timer);
    socket->timer = vcl_loop_add_timer(socket->http, vcl_monotonic_ms() + wait_ms, fn, socket);
}

static void on_close_timeout(void *data)
{
    vcl_websocket *socket = data;

    socket->timer = NULL;
    finish(socket);
}

static void on_handshake_timeout(void *data)
{
    vcl_websocket *socket = data;

    socket->timer = NULL;
    (void)vcl_fail(&socket->error, VCLUSTER_E_UNAVAILABLE,
                   "'%s' did not answer the WebSocket handshake within %d s",
                   socket->http->server.authority, HANDSHAKE_MS / 1000);
    finish(socket);
}

/* Every ping_ms: nothing since the last ping means that the connection is dead. While we do not
 * read, nothing can be told. */
static void on_ping_time(void *data)
{
    vcl_websocket *socket = data;
    static const struct wslay_event_msg ping = { .opcode = WSLAY_PING };

    socket->timer = NULL;
    if (socket->ping_sent && !socket->paused) {
        (void)vcl_fail(&socket->error, VCLUSTER_E_UNAVAILABLE,
                       "'%s' does not answer on the WebSocket any more",
                       socket->http->server.authority);
        finish(socket);
        return;
    }
    socket->ping_sent = wslay_event_queue_msg(socket->frames, &ping) == 0 && !socket->paused;
    set_timer(socket, socket->http->ping_ms, on_ping_time);
    pump(socket);
}

/* ---- The end ---- */

static void unlink_socket(vcl_websocket *socket)
{
    *socket->slot = socket->next;
    if (socket->next)
        socket->next->slot = socket->slot;
}

static void free_socket(vcl_websocket *socket)
{
    if (!socket)
        return;
    if (socket->wire.easy) {
        (void)curl_multi_remove_handle(socket->http->reactor.multi, socket->wire.easy);
        curl_easy_cleanup(socket->wire.easy);
    }
    if (socket->frames)
        wslay_event_context_free(socket->frames);
    curl_slist_free_all(socket->connect_to);
    vcl_handshake_done(&socket->handshake);
    vcl_wipe(&socket->wire, sizeof(socket->wire));
    vcluster_error_free(socket->error);
    free(socket->label);
    free(socket);
}
VCL_DEFINE_CLEANUP(vcl_websocket, free_socket);

static void finish(vcl_websocket *socket)
{
    vcl_loop_remove_fd(socket->watch);
    vcl_loop_remove_timer(socket->timer);
    vcl_loop_remove_timer(socket->soon);
    unlink_socket(socket);
    if (socket->error && socket->label)
        (void)vcl_wrap(&socket->error, vcluster_error_code(socket->error), "%s", socket->label);
    vcl_http_log(socket->http, VCLUSTER_LOG_DEBUG, "%s closed after %lld ms%s%s", socket->label,
                 (long long)(vcl_monotonic_ms() - socket->started_ms), socket->error ? ": " : "",
                 socket->error ? vcluster_error_message(socket->error) : "");
    socket->events.on_close(socket, socket->error, socket->data);
    free_socket(socket);
}

static void end_all_job(vcl_http *http, void *data)
{
    (void)data;
    while (http->websockets) {
        vcl_error_clear(&http->websockets->error);
        (void)vcl_fail(&http->websockets->error, VCLUSTER_E_CANCELLED, "the client was freed");
        finish(http->websockets);
    }
}

void vcl_websocket_end_all(vcl_http *http)
{
    (void)pthread_mutex_lock(&http->reactor.lock);
    bool started = http->reactor.started;
    (void)pthread_mutex_unlock(&http->reactor.lock);

    if (started)
        (void)vcl_loop_run(http, end_all_job, NULL, NULL);
}

/* ---- Handshake ---- */

static void fail_wire(vcl_websocket *socket)
{
    const char *detail = socket->detail[0] ? socket->detail : "closed by the peer";

    (void)vcl_fail(&socket->error, VCLUSTER_E_UNAVAILABLE,
                   "the WebSocket connection to '%s' was lost (%s)", socket->http->server.authority,
                   socket->wire.failure == CURLE_OK ? "closed by the peer" : detail);
}

static bool send_request(vcl_websocket *socket)
{
    vcl_handshake *handshake = &socket->handshake;
    ssize_t taken = 1;

    while (taken > 0 && handshake->request_sent < handshake->request.size) {
        taken = vcl_wire_write(&socket->wire,
                               (const uint8_t *)handshake->request.data + handshake->request_sent,
                               handshake->request.size - handshake->request_sent);
        if (taken > 0)
            handshake->request_sent += (size_t)taken;
    }
    return taken >= 0 && vcl_wire_flush(&socket->wire);
}

static void refuse(vcl_websocket *socket)
{
    (void)vcl_handshake_fail(&socket->handshake, &socket->error);
    if (socket->handshake.status == 401) /* the next try has a new token, if there is one */
        (void)vcl_token_renewed(&socket->http->token, socket->handshake.token_edition);
}

static void open_frames(vcl_websocket *socket, const uint8_t *bytes, size_t size)
{
    vcl_handshake *handshake = &socket->handshake;
    size_t behind = handshake->answer.size - handshake->head_size;

    vcl_wire_unread(&socket->wire, bytes + (size - behind), behind);
    vcl_http_log(socket->http, VCLUSTER_LOG_DEBUG, "%s 101 %lld ms", socket->label,
                 (long long)(vcl_monotonic_ms() - socket->started_ms));
    vcl_buf_done(&handshake->request);
    vcl_wipe(socket->wire.out, sizeof(socket->wire.out));
    socket->state = WS_OPEN;
    socket->shaken = true;
    set_timer(socket, socket->http->ping_ms, on_ping_time);
    socket->events.on_open(socket, handshake->protocol, socket->data);
}

/* Returns false when the connection is of no use any more. */
static bool shake_hands(vcl_websocket *socket)
{
    uint8_t bytes[4096];

    if (!send_request(socket)) {
        fail_wire(socket);
        return false;
    }
    for (;;) {
        ssize_t got = vcl_wire_read(&socket->wire, bytes, sizeof(bytes));
        if (got == 0)
            return true;
        if (got < 0 && socket->wire.failure != CURLE_OK) {
            fail_wire(socket);
            return false;
        }
        size_t size = got > 0 ? (size_t)got : 0;
        switch (vcl_handshake_take(&socket->handshake, bytes, size)) {
        case VCL_HANDSHAKE_MORE:
            continue;
        case VCL_HANDSHAKE_DONE:
            open_frames(socket, bytes, size);
            return true;
        default:
            refuse(socket);
            return false;
        }
    }
}

/* ---- Messages ---- */

/* How it ended, once both close frames are through or the connection is gone. */
static void judge_end(vcl_websocket *socket)
{
    uint16_t received = wslay_event_get_status_code_received(socket->frames);
    uint16_t sent = wslay_event_get_status_code_sent(socket->frames);

    if (socket->error || socket->state == WS_CLOSING)
        return;
    if (wslay_event_get_close_received(socket->frames)) {
        if (received != WSLAY_CODE_NORMAL_CLOSURE && received != WSLAY_CODE_NO_STATUS_RCVD &&
            received != WSLAY_CODE_GOING_AWAY)
            (void)vcl_fail(&socket->error, VCLUSTER_E_UNAVAILABLE,
                           "'%s' closed the WebSocket with code %d",
                           socket->http->server.authority, received);
    } else if (sent == WSLAY_CODE_MESSAGE_TOO_BIG) {
        (void)vcl_fail(&socket->error, VCLUSTER_E_PROTOCOL,
                       "a WebSocket message is larger than the limit of %d bytes", MAX_MESSAGE);
    } else if (!socket->wire.ended && socket->wire.failure == CURLE_OK) {
        (void)vcl_fail(&socket->error, VCLUSTER_E_PROTOCOL,
                       "'%s' does not keep to the WebSocket protocol",
                       socket->http->server.authority);
    } else {
        fail_wire(socket);
    }
}

/* Returns false when all is said. */
static bool exchange_frames(vcl_websocket *socket)
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
        pump_soon(socket);

    bool said = wslay_event_get_close_sent(frames) && vcl_wire_pending(&socket->wire) == 0;
    bool heard = !wslay_event_get_read_enabled(frames) || wslay_event_get_close_received(frames);
    return alive && !(said && heard);
}

static void pump(vcl_websocket *socket)
{
    bool alive = true;

    socket->pumping = true;
    if (socket->state == WS_HANDSHAKE)
        alive = shake_hands(socket);
    if (alive && socket->shaken) {
        alive = exchange_frames(socket);
        if (!alive)
            judge_end(socket);
    }
    socket->pumping = false;
    if (alive)
        update_interest(socket);
    else
        finish(socket);
}

static void on_ready(vcl_watch_fd *watch, short revents, void *data)
{
    (void)watch;
    (void)revents;
    pump(data);
}

/* ---- Connecting ---- */

static void on_connected(vcl_easy_user *user, CURLcode result)
{
    vcl_websocket *socket = (vcl_websocket *)user;
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (socket->state == WS_CLOSING) /* its timer ends it */
        return;
    if (result != CURLE_OK) {
        (void)vcl_easy_fail(socket->http, socket->wire.easy, result, socket->detail,
                            &socket->error);
        finish(socket);
        return;
    }
    if (curl_easy_getinfo(socket->wire.easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK &&
        fd != CURL_SOCKET_BAD)
        socket->watch = vcl_loop_add_fd(socket->http, fd, POLLIN | POLLOUT, on_ready, socket);
    if (!socket->watch) {
        (void)vcl_no_memory(&socket->error);
        finish(socket);
        return;
    }
    socket->state = WS_HANDSHAKE;
    pump(socket);
}

/* HTTP/1.1 because there is no upgrade in HTTP/2, and because curl before 8.0 crashes in
 * curl_easy_recv() when ALPN has chosen HTTP/2. */
static int set_options(vcl_websocket *socket)
{
    CURL *easy = socket->wire.easy;
    CURLcode first = CURLE_OK;

    VCL_SET(&first, easy, CURLOPT_CONNECT_ONLY, 1L);
    VCL_SET(&first, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    VCL_SET(&first, easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    VCL_SET(&first, easy, CURLOPT_FRESH_CONNECT, 1L);
    VCL_SET(&first, easy, CURLOPT_PRIVATE, &socket->user);
    VCL_SET(&first, easy, CURLOPT_ERRORBUFFER, socket->detail);
    if (socket->http->server.connect_to) {
        socket->connect_to = curl_slist_append(NULL, socket->http->server.connect_to);
        if (!socket->connect_to)
            return VCLUSTER_E_NO_MEMORY;
        VCL_SET(&first, easy, CURLOPT_CONNECT_TO, socket->connect_to);
    }
    return first == CURLE_OK ? VCLUSTER_OK : VCLUSTER_E_NO_MEMORY;
}

static int prepare(vcl_websocket *socket, const char *path, const char *protocols,
                   vcluster_error **error)
{
    int status = vcl_easy_new(socket->http, path, &socket->wire.easy, error);
    if (status == VCLUSTER_OK)
        status = vcl_handshake_init(&socket->handshake, socket->http, path, protocols, error);
    if (status < 0)
        return status;

    socket->label = vcl_format("GET %s", path);
    if (!socket->label || set_options(socket) < 0 || make_frames(socket) < 0)
        return vcl_no_memory(error);
    set_timer(socket, HANDSHAKE_MS, on_handshake_timeout);
    if (!socket->timer)
        return vcl_no_memory(error);
    if (curl_multi_add_handle(socket->http->reactor.multi, socket->wire.easy) != CURLM_OK) {
        vcl_loop_remove_timer(socket->timer);
        return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_websocket_open(vcl_http *http, const char *path, const char *protocols,
                       const vcl_websocket_events *events, void *data,
                       vcl_websocket **out_socket, vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_websocket) socket = calloc(1, sizeof(*socket));
    if (!socket)
        return vcl_no_memory(error);

    socket->user.finished = on_connected;
    socket->http = http;
    socket->events = *events;
    socket->data = data;
    socket->started_ms = vcl_monotonic_ms();
    int status = prepare(socket, path, protocols, error);
    if (status < 0)
        return status;

    atomic_fetch_add(&http->requests, 1);
    socket->next = http->websockets;
    socket->slot = &http->websockets;
    if (socket->next)
        socket->next->slot = &socket->next;
    http->websockets = socket;
    *out_socket = vcl_steal(&socket);
    return VCLUSTER_OK;
}

/* ---- Using ---- */

bool vcl_websocket_send(vcl_websocket *socket, const uint8_t *bytes, size_t size)
{
    struct wslay_event_msg message = { .opcode = WSLAY_BINARY_FRAME,
                                       .msg = bytes,
                                       .msg_length = size };

    if (socket->state == WS_CLOSING || vcl_websocket_queued(socket) > MAX_QUEUED ||
        wslay_event_queue_msg(socket->frames, &message) != 0)
        return false;
    socket->undrained = true;
    if (!socket->pumping && socket->state == WS_OPEN)
        update_interest(socket);
    return true;
}

size_t vcl_websocket_queued(const vcl_websocket *socket)
{
    return wslay_event_get_queued_msg_length(socket->frames) + vcl_wire_pending(&socket->wire);
}

void vcl_websocket_pause(vcl_websocket *socket, bool paused)
{
    if (socket->paused == paused || socket->state == WS_CLOSING)
        return;
    socket->paused = paused;
    socket->ping_sent = false;
    if (!paused)
        pump_soon(socket); /* bytes that are here already come with no event */
    else if (!socket->pumping && socket->state == WS_OPEN)
        update_interest(socket);
}

void vcl_websocket_close(vcl_websocket *socket)
{
    bool open = socket->state == WS_OPEN;

    if (socket->state == WS_CLOSING)
        return;
    socket->state = WS_CLOSING;
    socket->paused = false;
    if (open)
        (void)wslay_event_queue_close(socket->frames, WSLAY_CODE_NORMAL_CLOSURE, NULL, 0);
    set_timer(socket, open ? CLOSE_MS : 0, on_close_timeout);
    if (open)
        pump_soon(socket);
}
