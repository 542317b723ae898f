/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a forward: the listener and its pod (forward.c), the connections
 * (forward_connection.h). All on the loop's thread but what the mutex guards.
 */
#ifndef VCL_KUBE_FORWARD_PRIVATE_H
#define VCL_KUBE_FORWARD_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "base/bell.h"
#include "kube/client.h"
#include "kube/forward.h"
#include "kube/forward_frames.h"
#include "kube/forward_resolver.h"
#include "net/loop.h"
#include "net/websocket.h"

typedef struct vcl_connection vcl_connection;

struct vcl_forward {
    vcl_kube *kube;
    pid_t pid; /* of the process that opened it: threads do not live on in a fork */
    char *namespace_name;
    char *label_selector; /* one of these two */
    char *field_selector;
    char *unix_socket; /* NULL: TCP */
    int remote_port;
    int local_port;
    int64_t wait_ms;
    atomic_llong connection_count; /* open now */
    atomic_llong accepted_count;   /* ever */
    atomic_llong failed_count;     /* of them */
    atomic_llong bytes_in;         /* from the pod */
    atomic_llong bytes_out;
    atomic_llong reconnect_count; /* pods found in place of one that was lost */
    vcl_bell ahead_bell;          /* rings once it is known what came of dialing ahead */
    atomic_bool ahead_taken;      /* the pod has taken that connection */

    pthread_mutex_t mutex; /* guards these */
    char *failure;
    char *obstacle; /* what will not pass by itself; NULL: nothing */
    int obstacle_status;
    int obstacle_http;

    /* Loop thread. */
    int listen_fd;
    vcl_watch_fd *listen_watch;
    vcl_timer *listen_timer; /* accepting rests: no descriptors are left */
    vcl_resolver *resolver;
    int64_t find_pause_ms; /* until the next search, which grows while none finds a pod */
    vcl_connection *connections;
    vcl_connection *ahead; /* one of them that waits for its local side; NULL: none */
    int ahead_fd;          /* which this stands for meanwhile */
    char *pod;             /* NULL: to be found */
    bool pod_ready;
    bool pod_answered;  /* a connection to it */
    int64_t pod_number; /* counts the pods that were found, one after the other */
};

/* Remember why a connection failed. */
void vcl_forward_note(vcl_forward *forward, const char *text);
/* The same of an error that the next connection will meet again; NULL: one has got through. */
void vcl_forward_note_obstacle(vcl_forward *forward, const vcluster_error *error);

/* A connection found its pod (the one with this number) unusable. */
void vcl_forward_lose_pod(vcl_forward *forward, int64_t pod_number);
/* Find a pod for the connections that wait, at the earliest pause_ms after the last try. */
void vcl_forward_find_pod(vcl_forward *forward, int64_t pause_ms);

/* The pod has taken this connection. */
void vcl_forward_was_taken(vcl_forward *forward, const vcl_connection *connection);
/* The connection that was dialed ahead has its local side, or has ended. */
void vcl_forward_drop_ahead(vcl_forward *forward);

/* Take over an accepted socket. Closes it when memory is short. */
void vcl_connection_new(vcl_forward *forward, int fd);
/* Its local side has come: whether it can be this socket. Nothing was sent or read before. */
bool vcl_connection_adopt(vcl_connection *connection, int fd);
/* A pod was found: dial it if the connection waits. */
void vcl_connection_dial(vcl_connection *connection);
/* Whether it waits for a pod. */
bool vcl_connection_waits(const vcl_connection *connection);
vcl_connection *vcl_connection_next(const vcl_connection *connection);
/* End with a reset that is nobody's fault: the forward is closed. */
void vcl_connection_abandon(vcl_connection *connection);
/* End with a reset; the text is remembered as the failure unless NULL. */
void vcl_connection_fail(vcl_connection *connection, const char *text);

#endif
