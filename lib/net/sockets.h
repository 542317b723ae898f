/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of curl's connections: made so that no child inherits them and that a peer which
 * acknowledges nothing ends them, and remembered, because curl does not tell which of them a
 * transfer uses. Loop thread only. Private to lib/net.
 */
#ifndef VCL_NET_SOCKETS_H
#define VCL_NET_SOCKETS_H

#include <curl/curl.h>

enum { VCL_MAX_SOCKETS = 128 };

typedef struct vcl_sockets {
    curl_socket_t open[VCL_MAX_SOCKETS]; /* those beyond are not remembered */
    size_t count;
    struct vcl_dialer *dialer; /* borrowed: it knows where to connect to; may be NULL */
} vcl_sockets;

/* CURLOPT_OPENSOCKETFUNCTION and CURLOPT_CLOSESOCKETFUNCTION; data is a vcl_sockets. */
curl_socket_t vcl_sockets_open(void *data, curlsocktype purpose, struct curl_sockaddr *address);
int vcl_sockets_close(void *data, curl_socket_t fd);

/* The time that a packet takes to the peer and back on the connection from this port of ours, in
 * microseconds; -1: not known. */
int64_t vcl_sockets_round_trip_us(const vcl_sockets *sockets, int local_port);

/* End the connection from this port of ours, as if the peer had. */
void vcl_sockets_shut(const vcl_sockets *sockets, int local_port);

#endif
