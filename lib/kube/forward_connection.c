/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One forwarded connection: a local socket and a WebSocket of its own. It waits for a pod, dials,
 * carries bytes both ways with back-pressure, and ends with the pod's answer. What was sent is kept
 * until the pod answers, so that a pod that refused the connection can be replaced by its
 * successor without the local side noticing. Loop thread only.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/forward_private.h"

enum {
    /* One message, channel included; longer ones gain nothing. */
    MESSAGE_SIZE = 32 << 10,
    /* Beyond this either side is held back. */
    HIGH_WATER = 256 << 10,
    /* One message of the peer may come on top of what is there. */
    MAX_OUT = 64 << 20,
    MAX_REPLAY = 64 << 10,
    READS_AT_ONCE = 4,
    WAIT_FOR_POD_MS = 30000,
    /* The local side ended its half: nothing tells whether it still reads. */
    HALF_CLOSED_MS = 60000,
    /* After the last byte: time for the local side to close first. */
    DRAIN_MS = 2000,
    /* Pause before a pod that failed is asked for again. */
    RETRY_MS = 200
};

typedef enum connection_state {
    WAITING, /* for a pod */
    DIALING, /* the WebSocket is on its way */
    OPEN,
    FLUSHING, /* the pod has ended; the local side has not read all yet */
    DRAINING, /* all is written, the local side's end is waited for */
    ENDED     /* no local socket any more; waits for on_close */
} connection_state;

struct vcl_connection {
    vcl_forward *forward; /* NULL once ended */
    vcl_connection *next;
    connection_state state;
    int fd;
    vcl_watch_fd *watch;
    vcl_timer *timer;
    vcl_websocket *socket;
    vcl_forward_frames frames;
    bool local_ended;
    bool failed;  /* the pod's side said so on the error channel */
    bool refused; /* the same, and the pod saw nothing */
    int64_t pod_number;
    char *refused_pod;
    int64_t active_ms;
    int64_t deadline_ms; /* for reaching a pod */
    vcl_buf out;         /* to the local side */
    size_t out_at;
    vcl_buf replay; /* what was sent, while replayable */
    bool replayable;
};

bool vcl_connection_waits(const vcl_connection *connection)
{
    return connection->state == WAITING;
}

vcl_connection *vcl_connection_next(const vcl_connection *connection)
{
    return connection->next;
}

static size_t unwritten(const vcl_connection *c)
{
    return c->out.size - c->out_at;
}

static void update_events(vcl_connection *c)
{
    bool reads = c->state == DRAINING || (c->state == OPEN && !c->local_ended &&
                                          vcl_websocket_queued(c->socket) < HIGH_WATER);
    short events = (short)((reads ? POLLIN : 0) | (unwritten(c) > 0 ? POLLOUT : 0));

    vcl_loop_set_events(c->watch, events);
    if (c->socket && c->state == OPEN)
        vcl_websocket_pause(c->socket, unwritten(c) > HIGH_WATER);
}

static void on_timer(void *data);

static void set_timer(vcl_connection *c, int64_t after_ms)
{
    vcl_loop_remove_timer(c->timer);
    c->timer = NULL;
    if (after_ms >= 0)
        c->timer = vcl_loop_add_timer(vcl_kube_http(c->forward->kube),
                                      vcl_monotonic_ms() + after_ms, on_timer, c);
}

static void unlink_connection(vcl_connection *c)
{
    vcl_connection **slot = &c->forward->connections;

    while (*slot != c)
        slot = &(*slot)->next;
    *slot = c->next;
    atomic_fetch_sub(&c->forward->connection_count, 1);
    c->forward = NULL;
}

static void release(vcl_connection *c)
{
    vcl_buf_done(&c->out);
    vcl_buf_done(&c->replay);
    free(c->refused_pod);
    free(c);
}

/* Let go of the local side, and of the pod's. The memory stays until on_close has come. */
static void end(vcl_connection *c, bool reset)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    set_timer(c, -1);
    vcl_loop_remove_fd(c->watch);
    if (reset)
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    (void)close(c->fd);
    c->state = ENDED;
    unlink_connection(c);
    if (c->socket)
        vcl_websocket_close(c->socket);
    else
        release(c);
}

void vcl_connection_fail(vcl_connection *connection, const char *text)
{
    if (text)
        vcl_forward_note(connection->forward, text);
    end(connection, true);
}

static void on_timer(void *data)
{
    vcl_connection *c = data;
    int64_t idle_ms = vcl_monotonic_ms() - c->active_ms;

    c->timer = NULL; /* the loop forgets it */
    if (c->state == OPEN && c->local_ended && idle_ms < HALF_CLOSED_MS)
        set_timer(c, HALF_CLOSED_MS - idle_ms);
    else if (c->state == OPEN || c->state == DRAINING)
        end(c, false);
    else /* the reason was noted when finding or dialing failed */
        vcl_connection_fail(c, NULL);
}

/* All is written and the pod has ended. Closing at once would reset the connection if the local
 * side has sent something that nobody read. */
static void finish(vcl_connection *c)
{
    if (c->local_ended || shutdown(c->fd, SHUT_WR) != 0) {
        end(c, false);
        return;
    }
    c->state = DRAINING;
    set_timer(c, DRAIN_MS);
    update_events(c);
}

/* Write what there is to the local side. false: the connection has ended. */
static bool write_local(vcl_connection *c)
{
    while (unwritten(c) > 0) {
        ssize_t put = send(c->fd, c->out.data + c->out_at, unwritten(c), MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (put < 0) { /* it does not read any more */
            end(c, false);
            return false;
        }
        c->out_at += (size_t)put;
    }
    if (unwritten(c) == 0) {
        vcl_buf_reset(&c->out);
        c->out_at = 0;
    } else if (c->out_at > HIGH_WATER) {
        vcl_buf_consume(&c->out, c->out_at);
        c->out_at = 0;
    }
    return true;
}

static void forget_replay(vcl_connection *c)
{
    c->replayable = false;
    vcl_buf_done(&c->replay);
}

static bool send_to_pod(vcl_connection *c, const uint8_t *message, size_t size)
{
    if (c->replayable && !vcl_buf_append(&c->replay, message + 1, size - 1))
        forget_replay(c);
    return vcl_websocket_send(c->socket, message, size);
}

/* Whether the local side has closed altogether: a unix socket tells, TCP does not. */
static bool is_gone(int fd)
{
    struct pollfd ask = { .fd = fd, .events = 0 };

    return poll(&ask, 1, 0) == 1 && (ask.revents & (POLLHUP | POLLERR));
}

static void half_close(vcl_connection *c)
{
    c->local_ended = true;
    c->active_ms = vcl_monotonic_ms();
    set_timer(c, HALF_CLOSED_MS);
}

typedef enum read_result { READ_MORE, READ_ENOUGH, READ_ENDED } read_result;

/* One piece from the local side; READ_ENDED: the connection is gone. */
static read_result read_local(vcl_connection *c)
{
    uint8_t message[MESSAGE_SIZE];
    ssize_t got = recv(c->fd, message + 1, sizeof(message) - 1, 0);

    if (got < 0 && errno == EINTR)
        return READ_MORE;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return READ_ENOUGH;
    if (got < 0 || (got == 0 && (c->state == DRAINING || is_gone(c->fd)))) {
        end(c, false);
        return READ_ENDED;
    }
    if (got == 0) {
        half_close(c);
        return READ_ENOUGH;
    }
    if (c->state == DRAINING)
        return READ_MORE;

    message[0] = VCL_FORWARD_DATA_CHANNEL;
    bool sent = send_to_pod(c, message, (size_t)got + 1);
    vcl_wipe(message, (size_t)got + 1);
    if (!sent) {
        vcl_connection_fail(c, "the connection to the pod takes no more data");
        return READ_ENDED;
    }
    return vcl_websocket_queued(c->socket) < HIGH_WATER ? READ_MORE : READ_ENOUGH;
}

static void on_local(vcl_watch_fd *watch, short revents, void *data)
{
    vcl_connection *c = data;
    read_result result = READ_MORE;

    (void)watch;
    if ((revents & POLLOUT) && !write_local(c))
        return;
    if (c->state == FLUSHING && unwritten(c) == 0) {
        finish(c);
        return;
    }
    for (int i = 0; (revents & POLLIN) && i < READS_AT_ONCE && result == READ_MORE; i++)
        result = read_local(c);
    if (result != READ_ENDED)
        update_events(c);
}

/* Back to waiting for a pod; the one that was used is not good. */
static void retry(vcl_connection *c)
{
    vcl_forward *forward = c->forward;

    c->state = WAITING;
    c->failed = c->refused = false;
    update_events(c);
    vcl_forward_lose_pod(forward, c->pod_number);
    vcl_forward_find_pod(forward, RETRY_MS);
}

static void on_open(vcl_websocket *socket, const char *protocol, void *data)
{
    vcl_connection *c = data;
    uint8_t message[MESSAGE_SIZE] = { VCL_FORWARD_DATA_CHANNEL };

    if (c->state != DIALING)
        return;
    if (!vcl_streq(protocol, VCL_FORWARD_PROTOCOL)) {
        vcl_connection_fail(c, "the server does not speak " VCL_FORWARD_PROTOCOL);
        return;
    }
    c->state = OPEN;
    set_timer(c, c->local_ended ? HALF_CLOSED_MS : -1);
    for (size_t at = 0; at < c->replay.size;) {
        size_t size = c->replay.size - at;

        if (size > sizeof(message) - 1)
            size = sizeof(message) - 1;
        memcpy(message + 1, c->replay.data + at, size);
        if (!vcl_websocket_send(socket, message, size + 1)) {
            vcl_connection_fail(c, "the connection to the pod takes no data");
            return;
        }
        at += size;
    }
    update_events(c);
}

static void take_data(vcl_connection *c, const uint8_t *bytes, size_t size)
{
    forget_replay(c);
    c->active_ms = vcl_monotonic_ms();
    if (!vcl_buf_append(&c->out, bytes, size)) {
        vcl_connection_fail(c, "the pod sends faster than the local side reads");
        return;
    }
    if (write_local(c))
        update_events(c);
}

/* The error channel: the port cannot be reached, or its connection broke. */
static void take_error(vcl_connection *c, const uint8_t *bytes, size_t size)
{
    size_t length = size < VCL_MAX_ERROR_TEXT ? size : VCL_MAX_ERROR_TEXT;
    vcl_auto_free char *text = vcl_strndup((const char *)bytes, length);

    if (text) {
        vcl_sanitize(text);
        vcl_forward_note(c->forward, text);
    }
    c->failed = true;
    c->refused = text && c->replayable && vcl_forward_was_refused(text);
    vcl_websocket_close(c->socket);
}

static void on_message(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data)
{
    vcl_connection *c = data;
    const uint8_t *payload = NULL;
    size_t payload_size = 0;

    (void)socket;
    if (c->state != OPEN || c->failed)
        return;
    switch (vcl_forward_frame(&c->frames, bytes, size, &payload, &payload_size)) {
    case VCL_FRAME_DATA:
        take_data(c, payload, payload_size);
        break;
    case VCL_FRAME_ERROR:
        take_error(c, payload, payload_size);
        break;
    case VCL_FRAME_BROKEN:
        vcl_connection_fail(c, "the server sent a port-forward message against its protocol");
        break;
    case VCL_FRAME_NOTHING:
        break;
    }
}

static void on_drain(vcl_websocket *socket, void *data)
{
    vcl_connection *c = data;

    (void)socket;
    if (c->state == OPEN)
        update_events(c);
}

/* Errors that another pod or another moment will not mend. */
static bool is_final(const vcluster_error *error)
{
    int code = vcluster_error_code(error);

    if (code == VCLUSTER_E_UNAVAILABLE) /* a certificate that is not trusted stays so */
        return !vcluster_error_retryable(error);
    return code == VCLUSTER_E_PERMISSION || code == VCLUSTER_E_UNAUTHENTICATED ||
           code == VCLUSTER_E_UNSUPPORTED || code == VCLUSTER_E_NO_MEMORY ||
           code == VCLUSTER_E_CANCELLED || code == VCLUSTER_E_CONFIG;
}

/* The WebSocket never opened. */
static void dial_failed(vcl_connection *c, const vcluster_error *error)
{
    if (error)
        vcl_forward_note(c->forward, vcluster_error_to_string(error));
    if (is_final(error))
        vcl_connection_fail(c, NULL);
    else
        retry(c);
}

static void refused(vcl_connection *c)
{
    vcl_forward *forward = c->forward;

    if (c->pod_number == forward->pod_number && forward->pod)
        (void)vcl_str_replace(&c->refused_pod, forward->pod);
    int64_t left_ms = c->deadline_ms - vcl_monotonic_ms();
    set_timer(c, left_ms > 0 ? left_ms : 0);
    retry(c);
}

static void open_ended(vcl_connection *c, const vcluster_error *error)
{
    if (c->refused) {
        refused(c);
        return;
    }
    if (c->failed || error) {
        vcl_forward_lose_pod(c->forward, c->pod_number);
        vcl_connection_fail(c, c->failed ? NULL : vcluster_error_to_string(error));
        return;
    }
    c->state = FLUSHING;
    set_timer(c, -1);
    if (unwritten(c) == 0)
        finish(c);
    else
        update_events(c);
}

static void on_close(vcl_websocket *socket, const vcluster_error *error, void *data)
{
    vcl_connection *c = data;

    (void)socket;
    c->socket = NULL;
    if (c->state == ENDED)
        release(c);
    else if (c->state == DIALING)
        dial_failed(c, error);
    else if (c->state == OPEN)
        open_ended(c, error);
}

static const vcl_websocket_events events = {
    .on_open = on_open, .on_message = on_message, .on_drain = on_drain, .on_close = on_close
};

static int open_socket(vcl_connection *c, vcluster_error **error)
{
    vcl_forward *forward = c->forward;
    vcl_resource pods = { "v1", "Pod", "pods", true };
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = vcl_kube_path(&pods, forward->namespace_name, forward->pod, &path, error);
    if (status < 0)
        return status;
    vcl_buf_add(&path, "/portforward");
    vcl_query_add_int(&path, "ports", forward->remote_port);
    status = vcl_kube_check_buf(&path, error);
    if (status < 0)
        return status;
    return vcl_websocket_open(vcl_kube_http(forward->kube), vcl_buf_text(&path),
                              VCL_FORWARD_PROTOCOL, &events, c, &c->socket, error);
}

void vcl_connection_dial(vcl_connection *connection)
{
    vcl_connection *c = connection;
    vcl_forward *forward = c->forward;
    VCL_AUTO_ERROR *failure = NULL;

    if (!forward->pod) /* lost again while others were dialing it */
        return;
    /* Refused, found again, said to be ready: then it does not listen there. */
    if (c->refused_pod && forward->pod_ready && vcl_streq(c->refused_pod, forward->pod)) {
        vcl_connection_fail(c, NULL);
        return;
    }
    c->pod_number = forward->pod_number;
    c->frames = (vcl_forward_frames){ .port = forward->remote_port };
    c->state = DIALING;
    if (open_socket(c, &failure) < 0)
        dial_failed(c, failure);
}

void vcl_connection_new(vcl_forward *forward, int fd)
{
    vcl_http *http = vcl_kube_http(forward->kube);
    vcl_connection *c = calloc(1, sizeof(*c));
    vcl_watch_fd *watch = c ? vcl_loop_add_fd(http, fd, 0, on_local, c) : NULL;

    if (!watch) {
        free(c);
        (void)close(fd);
        return;
    }
    c->forward = forward;
    c->fd = fd;
    c->watch = watch;
    c->state = WAITING;
    c->replayable = true;
    vcl_buf_init(&c->out, MAX_OUT);
    vcl_buf_init(&c->replay, MAX_REPLAY);
    c->next = forward->connections;
    forward->connections = c;
    atomic_fetch_add(&forward->connection_count, 1);
    c->deadline_ms = vcl_monotonic_ms() + WAIT_FOR_POD_MS;
    set_timer(c, WAIT_FOR_POD_MS);

    if (forward->pod)
        vcl_connection_dial(c);
    else
        vcl_forward_find_pod(forward, 0);
}
