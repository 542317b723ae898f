/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Port-forward: a local listener (127.0.0.1 or a unix socket) whose connections reach a port of a
 * pod through the API server, one WebSocket (v4.channel.k8s.io) a connection. The pod is found by
 * label or name for the first connection and again whenever it was lost: ready, newest, not being
 * deleted. Runs on the client's I/O thread.
 */
#ifndef VCL_KUBE_FORWARD_H
#define VCL_KUBE_FORWARD_H

#include "kube/api.h"

typedef struct vcl_forward vcl_forward;

typedef struct vcl_forward_options {
    const char *namespace_name;
    const char *label_selector; /* or, when it is NULL: */
    const char *pod;            /* this one only */
    const char *first_pod;      /* with a selector: one that is ready now, not to be looked for */
    int remote_port;
    int local_port;          /* 0: any free one */
    const char *unix_socket; /* path to listen on (0600) instead of 127.0.0.1; may be NULL */
    int64_t wait_ms;         /* how long a connection waits for a pod; 0: a minute */
} vcl_forward_options;

/* PERMISSION when the user lacks a right that every connection needs; where whether he does is not
 * to be found out, he does not. pod: its name, or what describes it, for the message. */
int vcl_forward_check_rights(vcl_kube *kube,
                             vcl_call *call,
                             const char *namespace_name,
                             const char *pod,
                             vcluster_error **error);

/* Listen. The pod need not be there yet. UNAVAILABLE when the address is taken. */
int vcl_forward_open(vcl_kube *kube,
                     const vcl_forward_options *options,
                     vcl_forward **out_forward,
                     vcluster_error **error);
/* Ask the pod for a connection at once: the first that comes to the listener takes it over. */
int vcl_forward_dial_ahead(vcl_forward *forward, vcluster_error **error);
/* Wait until the pod has taken that connection: 1; 0 when it does not, or not within wait_ms. */
int vcl_forward_await_ahead(const vcl_forward *forward,
                            vcl_call *call,
                            int64_t wait_ms,
                            vcluster_error **error);
int vcl_forward_port(const vcl_forward *forward);

/* What it has done so far; see vcluster_tunnel_stat. */
typedef struct vcl_forward_stats {
    int64_t open;
    int64_t total;
    int64_t failed;
    int64_t bytes_in;
    int64_t bytes_out;
    int64_t reconnects;
} vcl_forward_stats;
void vcl_forward_read_stats(const vcl_forward *forward, vcl_forward_stats *stats);
/* Why a connection or a search for the pod failed last, or NULL; freed by the caller. */
char *vcl_forward_last_failure(const vcl_forward *forward);
/* Why none of its connections will come about, as the last of them found: a right that the user
 * lacks, credentials that are refused. 0: nothing of that kind is known. A vcl_http_obstacle_fn. */
int vcl_forward_obstacle(void *forward, vcluster_error **error);
/* Resets open connections, removes the socket file. */
void vcl_forward_close(vcl_forward *forward);

#endif
