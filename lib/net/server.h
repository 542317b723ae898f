/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address of the server, taken apart once: what goes into URLs, what curl connects to instead,
 * and what the Host header says when the name to verify differs from the name to connect to.
 */
#ifndef VCL_NET_SERVER_H
#define VCL_NET_SERVER_H

#include <stdbool.h>

#include "net/http.h"

typedef struct vcl_server {
    char *base;       /* "https://NAME:port/prefix" without a slash at the end */
    char *prefix;     /* path of the server URL without a slash at the end, or "" */
    char *authority;  /* "host:port" of the server URL, for messages and the Host header */
    char *connect_to; /* "::host:port" when NAME is not the host of the URL, or NULL */
    int port;         /* of the server URL */
    bool tls;
    bool loopback; /* never reached through a proxy that only the environment names */
} vcl_server;

/* CONFIG: the URL cannot be used. */
int vcl_server_init(vcl_server *server, const vcl_endpoint *endpoint, vcluster_error **error);
void vcl_server_done(vcl_server *server);

/* Whether text can go into a request line or a header: no control characters, no spaces. */
bool vcl_is_header_token(const char *text);

#endif
