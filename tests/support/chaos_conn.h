/* SPDX-License-Identifier: Apache-2.0 */
/* The insides of the chaos proxy: the proxy itself and one connection of a client. */
#ifndef CHAOS_CONN_H
#define CHAOS_CONN_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "chaos_proxy.h"
#include "fault_upstream.h"
#include "test_pki.h"

enum { CHAOS_BUFFER = 1 << 17 };

typedef struct chaos_side {
    int fd;
    SSL *ssl;
    uint8_t bytes[CHAOS_BUFFER]; /* read and not yet relayed */
    size_t size;
} chaos_side;

typedef struct chaos_conn {
    struct chaos_conn *next;
    struct chaos_proxy *proxy;
    pthread_t thread;
    bool ended; /* guarded by the proxy's lock: the descriptors are closed */
    chaos_side client;
    chaos_side server;
    bool http2;
    bool begun;          /* the preface, or the first request, is through */
    uint32_t drop_from;  /* frames of the client for this stream and later ones go nowhere; 0 */
    int64_t ends_at_ms;  /* after a GOAWAY; 0 */
    chaos_kind armed;    /* strikes at the answer */
    uint32_t stream;     /* to which */
    int frame_type;      /* HEADERS or DATA */
    size_t bytes_before; /* of an HTTP/1.1 answer */
    bool silent;         /* half-open */
} chaos_conn;

struct chaos_proxy {
    fault_upstream upstream;
    test_identity ca;
    SSL_CTX *contexts[3]; /* the usual one, a renewed one, a foreign one */
    char url[64];
    int fd;
    pthread_t thread;

    pthread_mutex_t lock; /* of all below */
    unsigned seed;
    int percent;
    int current; /* context */
    bool foreign_next;
    bool stopping;
    int64_t counts[CHAOS_KINDS];
    chaos_conn *conns;
};

/* The thread of a connection. */
void *chaos_conn_main(void *data);
/* A number below limit. */
unsigned chaos_random(chaos_proxy *proxy, unsigned limit);
/* What shall happen to a request. */
chaos_kind chaos_choose(chaos_proxy *proxy, bool http2);
/* The certificate of the next connection. */
SSL_CTX *chaos_context(chaos_proxy *proxy);
int64_t chaos_now_ms(void);

#endif
