/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One forwarded connection: a local socket and a WebSocket of its own. It waits for a pod, dials,
 * carries bytes both ways with back-pressure, and ends with the pod's answer. What was sent is kept
 * until the pod answers, so that a pod that refused the connection, or was lost before it could act
 * on anything, can be replaced by its successor without the local side noticing. This file is its
 * life.
 */
#include "kube/forward_connection.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

enum {
    /* One message of the peer may come on top of what is there. */
    MAX_OUT = 64 << 20,
    MAX_REPLAY = 64 << 10
};

bool vcl_connection_waits(const vcl_connection *connection)
{
    return connection->state == CONNECTION_WAITING;
}

vcl_connection *vcl_connection_next(const vcl_connection *connection)
{
    return connection->next;
}

void vcl_connection_update(vcl_connection *c)
{
    bool reads = c->state == CONNECTION_DRAINING ||
                 (c->state == CONNECTION_OPEN && !c->local_ended && !c->failed &&
                  vcl_websocket_queued(c->socket) < VCL_FORWARD_HIGH_WATER);
    short events = (short)((reads ? POLLIN : 0) | (vcl_connection_unwritten(c) > 0 ? POLLOUT : 0));

    vcl_loop_set_events(c->watch, events);
    if (c->socket && c->state == CONNECTION_OPEN)
        vcl_websocket_pause(c->socket, vcl_connection_unwritten(c) > VCL_FORWARD_HIGH_WATER);
}

static void on_timer(void *data);

void vcl_connection_set_timer(vcl_connection *c, int64_t after_ms)
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
    if (c->forward->ahead == c)
        vcl_forward_drop_ahead(c->forward);
    atomic_fetch_sub(&c->forward->connection_count, 1);
    c->forward = NULL;
}

void vcl_connection_release(vcl_connection *c)
{
    vcl_buf_done(&c->out);
    vcl_buf_done(&c->replay);
    free(c);
}

void vcl_connection_end(vcl_connection *c, bool reset)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };

    vcl_connection_set_timer(c, -1);
    vcl_loop_remove_fd(c->watch);
    if (reset)
        (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    (void)close(c->fd);
    c->state = CONNECTION_ENDED;
    unlink_connection(c);
    if (c->socket)
        vcl_websocket_close(c->socket);
    else
        vcl_connection_release(c);
}

void vcl_connection_fail(vcl_connection *connection, const char *text)
{
    if (text)
        vcl_forward_note(connection->forward, text);
    atomic_fetch_add(&connection->forward->failed_count, 1);
    vcl_connection_end(connection, true);
}

void vcl_connection_abandon(vcl_connection *connection)
{
    vcl_connection_end(connection, true);
}

static void on_timer(void *data)
{
    vcl_connection *c = data;
    int64_t idle_ms = vcl_monotonic_ms() - c->active_ms;

    c->timer = NULL; /* the loop forgets it */
    if (c->state == CONNECTION_OPEN && c->local_ended && idle_ms < VCL_FORWARD_HALF_CLOSED_MS)
        vcl_connection_set_timer(c, VCL_FORWARD_HALF_CLOSED_MS - idle_ms);
    else if (c->state == CONNECTION_OPEN || c->state == CONNECTION_DRAINING)
        vcl_connection_end(c, false);
    else /* the reason was noted when finding or dialing failed */
        vcl_connection_fail(c, NULL);
}

void vcl_connection_forget_replay(vcl_connection *c)
{
    c->replayable = false;
    vcl_buf_done(&c->replay);
}

void vcl_connection_new(vcl_forward *forward, int fd)
{
    vcl_http *http = vcl_kube_http(forward->kube);
    vcl_connection *c = calloc(1, sizeof(*c));
    vcl_watch_fd *watch = c ? vcl_loop_add_fd(http, fd, 0, vcl_local_ready, c) : NULL;

    if (!watch) {
        free(c);
        (void)close(fd);
        return;
    }
    c->forward = forward;
    c->fd = fd;
    c->watch = watch;
    c->state = CONNECTION_WAITING;
    c->replayable = true;
    vcl_buf_init(&c->out, MAX_OUT);
    vcl_buf_init(&c->replay, MAX_REPLAY);
    c->next = forward->connections;
    forward->connections = c;
    atomic_fetch_add(&forward->connection_count, 1);
    atomic_fetch_add(&forward->accepted_count, 1);
    c->deadline_ms = vcl_monotonic_ms() + forward->wait_ms;
    vcl_connection_set_timer(c, forward->wait_ms);

    if (forward->pod)
        vcl_connection_dial(c);
    else
        vcl_forward_find_pod(forward, 0);
}

bool vcl_connection_adopt(vcl_connection *c, int fd)
{
    vcl_forward *forward = c->forward;
    bool begins = c->state == CONNECTION_WAITING || c->state == CONNECTION_DIALING;

    if (!c->replayable || c->local_ended || (!begins && c->state != CONNECTION_OPEN))
        return false;
    vcl_watch_fd *watch = vcl_loop_add_fd(vcl_kube_http(forward->kube), fd, 0, vcl_local_ready, c);
    if (!watch)
        return false;
    vcl_loop_remove_fd(c->watch);
    (void)close(c->fd);
    c->watch = watch;
    c->fd = fd;
    c->deadline_ms = vcl_monotonic_ms() + forward->wait_ms;
    if (begins)
        vcl_connection_set_timer(c, forward->wait_ms);
    vcl_connection_update(c);
    return true;
}
