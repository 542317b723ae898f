/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TLS proxy in front of a real API server that breaks requests at random, as networks and servers
 * do: over HTTP/2 it relays frames and strikes at one stream, over HTTP/1.1 (watches, WebSockets)
 * it relays bytes and strikes at the connection. Towards the server it uses the credentials of the
 * host's kubeconfig; its clients need none. fault_proxy.h is the one that does what it is told.
 */
#ifndef CHAOS_PROXY_H
#define CHAOS_PROXY_H

#include <stdint.h>

typedef struct chaos_proxy chaos_proxy;

typedef enum chaos_kind {
    CHAOS_NONE,
    CHAOS_DELAY,          /* some milliseconds, before the server gets it */
    CHAOS_RESET_BEFORE,   /* the server never sees it */
    CHAOS_RESET_AFTER,    /* the server carries it out; a reset instead of the answer */
    CHAOS_CUT_FRAME,      /* the end inside a frame or a body */
    CHAOS_CUT_RECORD,     /* the end inside a TLS record */
    CHAOS_HALF_OPEN,      /* nothing more, in neither direction, and no end */
    CHAOS_TRICKLE,        /* the answer byte by byte */
    CHAOS_BUSY,           /* 429 with Retry-After */
    CHAOS_ERROR,          /* 500 without */
    CHAOS_UNAVAILABLE,    /* 503 with Retry-After */
    CHAOS_GONE,           /* 410; to a watch as an event inside a 200 */
    CHAOS_GOAWAY_BEFORE,  /* GOAWAY that leaves this stream out */
    CHAOS_GOAWAY_AFTER,   /* GOAWAY that takes it in; it is answered */
    CHAOS_REFUSED,        /* RST_STREAM with REFUSED_STREAM */
    CHAOS_RENEWED_SERVER, /* reset; from now on another certificate of the same CA */
    CHAOS_FOREIGN_SERVER, /* reset; the next connection sees a certificate of another CA */
    CHAOS_KINDS
} chaos_kind;

const char *chaos_kind_name(chaos_kind kind);

/* kubeconfig_path: of the host. Aborts the program when it cannot be used. */
chaos_proxy *chaos_proxy_start(const char *kubeconfig_path, unsigned seed);
void chaos_proxy_stop(chaos_proxy *proxy);
const char *chaos_proxy_url(const chaos_proxy *proxy);
const char *chaos_proxy_ca(const chaos_proxy *proxy);

/* So many of a hundred requests are struck from now on. */
void chaos_proxy_set_rate(chaos_proxy *proxy, int percent);
int64_t chaos_proxy_count(chaos_proxy *proxy, chaos_kind kind);
int64_t chaos_proxy_total(chaos_proxy *proxy);

#endif
