/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The streams and WebSockets of a client: a multi handle of their own. curl 7.88 takes what one
 * connection agreed on for all that a server speaks: because a stream came over HTTP/1.1 it would
 * give each of several requests at once a connection; and where a WebSocket was first, which agrees
 * on nothing, requests would wait for its end. One wait serves both handles: the sockets of this
 * one are watched as any other descriptor is. Of the driver (reactor.h). Private to lib/net.
 */
#ifndef VCL_NET_STREAMS_H
#define VCL_NET_STREAMS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "net/http.h"

typedef struct vcl_streams {
    CURLM *multi;   /* made with the first */
    int64_t due_ms; /* when curl wants to be called, whatever comes; 0: it does not */
    bool broken;    /* memory was short: all of them end */
} vcl_streams;

bool vcl_streams_add(vcl_http *http, CURL *easy);
void vcl_streams_remove(vcl_http *http, CURL *easy);

/* Do what is due without a socket being ready. */
void vcl_streams_turn(vcl_streams *streams);

/* Before the watches are dropped. */
void vcl_streams_done(vcl_streams *streams);

#endif
