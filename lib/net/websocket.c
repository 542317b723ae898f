/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client WebSocket: connecting, the handshake, pings and the end; see websocket.h. The callbacks
 * of the caller are called from pump() and finish() only, and finish() only as the last thing that
 * a callback of the loop does, so that nothing is used after it was freed.
 */
#include "net/websocket.h"

#include <poll.h>
#include <string.h>
#include <wslay/wslay.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"
#include "net/transfer.h"
#include "net/websocket_end.h"
#include "net/websocket_private.h"

enum {
    HANDSHAKE_MS = 30000,
    CLOSE_MS = 2000,     /* for the peer's close frame */
    MAX_QUEUED = 8 << 20 /* beyond it the caller does not heed back-pressure */
};

static void pump(vcl_websocket *socket);
static void finish(vcl_websocket *socket);

/* ---- Timers and interest ---- */

static void on_soon(void *data)
{
    vcl_websocket *socket = data;

    socket->soon = NULL;
    pump(socket);
}

void vcl_websocket_pump_soon(vcl_websocket *socket)
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
        vcl_loop_set_events(socket->watch,
                            (short)((reads ? POLLIN : 0) | (wants_write(socket) ? POLLOUT : 0)));
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
 * read, nothing can be told. A ping is sent only when nothing came for a while: to a server that
 * has said all and closed, it would make the kernel there drop what we have not read yet. */
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
    if (!socket->paused && !socket->heard)
        socket->ping_sent = wslay_event_queue_msg(socket->frames, &ping) == 0;
    socket->heard = false;
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
        vcl_streams_remove(socket->http, socket->wire.easy);
        curl_easy_cleanup(socket->wire.easy);
    }
    vcl_identity_unref(socket->identity);
    if (socket->frames)
        wslay_event_context_free(socket->frames);
    curl_slist_free_all(socket->connect_to);
    vcl_handshake_done(&socket->handshake);
    vcl_wire_done(&socket->wire);
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
    if (socket->handshake.status != 401)
        return;
    bool renewable = vcl_logins_refuse(&socket->http->logins, socket->identity);
    if (vcl_token_renewed(&socket->http->token, socket->handshake.token_edition))
        renewable = true;
    vcl_error_set_retryable(&socket->error, renewable);
}

static void open_frames(vcl_websocket *socket, const uint8_t *bytes, size_t size)
{
    vcl_handshake *handshake = &socket->handshake;
    size_t behind = handshake->answer.size - handshake->head_size;

    vcl_wire_unread(&socket->wire, bytes + (size - behind), behind);
    vcl_http_log(socket->http, VCLUSTER_LOG_DEBUG, "%s 101 %lld ms", socket->label,
                 (long long)(vcl_monotonic_ms() - socket->started_ms));
    vcl_buf_done(&handshake->request);
    vcl_buf_done(&handshake->answer);
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
        vcl_websocket_fail_wire(socket);
        return false;
    }
    for (;;) {
        ssize_t got = vcl_wire_read(&socket->wire, bytes, sizeof(bytes));
        if (got == 0)
            return true;
        if (got < 0 && socket->wire.failure != CURLE_OK) {
            vcl_websocket_fail_wire(socket);
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

static void pump(vcl_websocket *socket)
{
    bool alive = true;

    socket->pumping = true;
    if (socket->state == WS_HANDSHAKE)
        alive = shake_hands(socket);
    if (alive && socket->shaken) {
        alive = vcl_websocket_exchange(socket);
        if (!alive)
            vcl_websocket_judge_end(socket);
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
    if (vcl_easy_try_again(socket->http, socket->wire.easy, user, result)) {
        vcl_streams_remove(socket->http, socket->wire.easy);
        if (vcl_streams_add(socket->http, socket->wire.easy))
            return;
    }
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
    vcl_easy_note_session(socket->http);
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
    VCL_SET(&first, easy, CURLOPT_BUFFERSIZE, 1024L); /* of no use here: bytes go past it */
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

static int
prepare(vcl_websocket *socket, const char *path, const char *protocols, vcluster_error **error)
{
    int status = vcl_easy_identity(socket->http, NULL, &socket->identity, error);
    socket->user.resumes = vcl_easy_resumes(socket->http);
    if (status == VCLUSTER_OK)
        status = vcl_easy_new(socket->http, socket->identity, path, &socket->wire.easy, error);
    if (status == VCLUSTER_OK)
        status = vcl_handshake_init(&socket->handshake, socket->http, socket->identity, path,
                                    protocols, error);
    if (status < 0)
        return status;

    socket->label = vcl_format("GET %s", path);
    if (!socket->label || set_options(socket) < 0 || vcl_websocket_make_frames(socket) < 0)
        return vcl_no_memory(error);
    set_timer(socket, HANDSHAKE_MS, on_handshake_timeout);
    if (!socket->timer)
        return vcl_no_memory(error);
    if (!vcl_streams_add(socket->http, socket->wire.easy)) {
        vcl_loop_remove_timer(socket->timer);
        return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

int vcl_websocket_open(vcl_http *http,
                       const char *path,
                       const char *protocols,
                       const vcl_websocket_events *events,
                       void *data,
                       vcl_websocket **out_socket,
                       vcluster_error **error)
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
        vcl_websocket_pump_soon(socket); /* bytes that are here already come with no event */
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
        vcl_websocket_pump_soon(socket);
}
