/* SPDX-License-Identifier: Apache-2.0 */
/* The insides of the fault proxy: the proxy itself and one connection of a client. */
#ifndef FAULT_CONN_H
#define FAULT_CONN_H

#include <pthread.h>
#include <stdbool.h>

#include "fault_proxy.h"
#include "fault_upstream.h"
#include "test_pki.h"

enum { FAULT_KEPT = 128 };

/* One side of a connection. */
typedef struct fault_side {
    int fd;
    SSL *ssl;
    char bytes[16384]; /* read, from `from` to `to` not yet used */
    size_t from;
    size_t to;
} fault_side;

typedef struct fault_conn {
    struct fault_conn *next;
    struct fault_proxy *proxy;
    pthread_t thread;
    bool ended; /* guarded by the proxy's lock: the descriptors are closed */
    fault_side client;
    fault_side server;
} fault_conn;

struct fault_proxy {
    fault_upstream upstream;
    test_identity ca;
    SSL_CTX *context;
    char *kubeconfig;
    const char *token;
    char key_line[64];
    char url[64];
    int port;
    pthread_t thread;

    pthread_mutex_t lock; /* of all below */
    int fd;
    int pause_ms;
    bool stopping;
    fault_conn *conns;
    fault_rule rule;
    int requests;
    int hits;
    char last_hit[512];
    char kept[FAULT_KEPT][256];
};

/* The thread of a connection. */
void *fault_conn_main(void *data);
/* Wake the thread; under the lock. */
void fault_conn_shut(fault_conn *conn);

/* Count a request and find out what shall happen to it. */
fault_rule fault_proxy_judge(fault_proxy *proxy, const char *method, const char *path);
/* No listener for a while. */
void fault_proxy_close_for(fault_proxy *proxy, int pause_ms);

#endif
