/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket of a forwarded connection: reading, writing, and its end. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/str.h"
#include "kube/forward_connection.h"

enum {
    READS_AT_ONCE = 4,
    /* After the last byte: time for the local side to close first. */
    DRAIN_MS = 2000
};

void vcl_local_finish(vcl_connection *c)
{
    /* Closing at once would reset the connection if the local side has sent something that nobody
     * read, and what was written last would be lost with it. */
    if (c->local_ended || shutdown(c->fd, SHUT_WR) != 0) {
        vcl_connection_end(c, false);
        return;
    }
    c->state = CONNECTION_DRAINING;
    vcl_connection_set_timer(c, DRAIN_MS);
    vcl_connection_update(c);
}

bool vcl_local_write(vcl_connection *c)
{
    while (vcl_connection_unwritten(c) > 0) {
        ssize_t put =
            send(c->fd, c->out.data + c->out_at, vcl_connection_unwritten(c), MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (put < 0) { /* it does not read any more */
            vcl_connection_end(c, false);
            return false;
        }
        c->out_at += (size_t)put;
        atomic_fetch_add(&c->forward->bytes_in, put);
    }
    if (vcl_connection_unwritten(c) == 0) {
        vcl_buf_done(&c->out); /* an idle connection holds no memory */
        c->out_at = 0;
    } else if (c->out_at > VCL_FORWARD_HIGH_WATER) {
        vcl_buf_consume(&c->out, c->out_at);
        c->out_at = 0;
    }
    return true;
}

static bool send_to_pod(vcl_connection *c, const uint8_t *message, size_t size)
{
    if (c->replayable && !vcl_buf_append(&c->replay, message + 1, size - 1))
        vcl_connection_forget_replay(c);
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
    vcl_connection_set_timer(c, VCL_FORWARD_HALF_CLOSED_MS);
}

typedef enum read_result { READ_MORE, READ_ENOUGH, READ_ENDED } read_result;

/* One piece from the local side; READ_ENDED: the connection is gone. */
static read_result read_local(vcl_connection *c)
{
    uint8_t message[VCL_FORWARD_MESSAGE];
    ssize_t got = recv(c->fd, message + 1, sizeof(message) - 1, 0);

    if (got < 0 && errno == EINTR)
        return READ_MORE;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return READ_ENOUGH;
    if (got < 0 || (got == 0 && (c->state == CONNECTION_DRAINING || is_gone(c->fd)))) {
        vcl_connection_end(c, false);
        return READ_ENDED;
    }
    if (got == 0) {
        half_close(c);
        return READ_ENOUGH;
    }
    if (c->state == CONNECTION_DRAINING)
        return READ_MORE;

    atomic_fetch_add(&c->forward->bytes_out, got);
    message[0] = VCL_FORWARD_DATA_CHANNEL;
    bool sent = send_to_pod(c, message, (size_t)got + 1);
    vcl_wipe(message, (size_t)got + 1);
    if (!sent) {
        vcl_connection_fail(c, "the connection to the pod takes no more data");
        return READ_ENDED;
    }
    return vcl_websocket_queued(c->socket) < VCL_FORWARD_HIGH_WATER ? READ_MORE : READ_ENOUGH;
}

void vcl_local_ready(vcl_watch_fd *watch, short revents, void *data)
{
    vcl_connection *c = data;
    read_result result = READ_MORE;

    (void)watch;
    if ((revents & POLLOUT) && !vcl_local_write(c))
        return;
    if (c->state == CONNECTION_FLUSHING && vcl_connection_unwritten(c) == 0) {
        vcl_local_finish(c);
        return;
    }
    for (int i = 0; (revents & POLLIN) && i < READS_AT_ONCE && result == READ_MORE; i++)
        result = read_local(c);
    if (result != READ_ENDED)
        vcl_connection_update(c);
}
