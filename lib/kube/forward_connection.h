/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of one forwarded connection: its life (forward_connection.c), the local socket
 * (forward_local.c) and the pod's side (forward_remote.c). Loop thread only.
 */
#ifndef VCL_KUBE_FORWARD_CONNECTION_H
#define VCL_KUBE_FORWARD_CONNECTION_H

#include "kube/forward_private.h"

enum {
    /* One message, channel included; longer ones gain nothing. */
    VCL_FORWARD_MESSAGE = 32 << 10,
    /* Beyond this either side is held back. */
    VCL_FORWARD_HIGH_WATER = 256 << 10,
    /* The local side ended its half: nothing tells whether it still reads. */
    VCL_FORWARD_HALF_CLOSED_MS = 60000
};

typedef enum connection_state {
    CONNECTION_WAITING, /* for a pod */
    CONNECTION_DIALING, /* the WebSocket is on its way */
    CONNECTION_OPEN,
    CONNECTION_FLUSHING, /* the pod has ended; the local side has not read all yet */
    CONNECTION_DRAINING, /* all is written, the local side's end is waited for */
    CONNECTION_ENDED     /* no local socket any more; waits for on_close */
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
    int64_t refused_ms; /* since when a pod that is said to be ready refuses; 0: it does not */
    bool ended_empty;   /* by a pod that is said to be ready, without a byte */
    int64_t active_ms;
    int64_t deadline_ms; /* for reaching a pod */
    vcl_buf out;         /* to the local side */
    size_t out_at;
    vcl_buf replay; /* what was sent, while replayable */
    bool replayable;
};

/* What is not written to the local side yet. */
static inline size_t vcl_connection_unwritten(const vcl_connection *c)
{
    return c->out.size - c->out_at;
}

/* Listen to what matters in the present state, and hold back who is too fast. */
void vcl_connection_update(vcl_connection *c);
/* Replace the timer; negative: none. */
void vcl_connection_set_timer(vcl_connection *c, int64_t after_ms);
/* Let go of the local side, and of the pod's. The memory stays until on_close has come. */
void vcl_connection_end(vcl_connection *c, bool reset);
/* Free the memory of an ended connection. */
void vcl_connection_release(vcl_connection *c);
/* What was sent is not needed again. */
void vcl_connection_forget_replay(vcl_connection *c);

/* Callback of the local socket. */
void vcl_local_ready(vcl_watch_fd *watch, short revents, void *data);
/* Write what there is to the local side. false: the connection has ended. */
bool vcl_local_write(vcl_connection *c);
/* All is written and the pod has ended: end the connection in order. */
void vcl_local_finish(vcl_connection *c);

#endif
