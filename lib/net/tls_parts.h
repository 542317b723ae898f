/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust and identity of a client as OpenSSL's objects, made once for all its WebSockets: each has a
 * connection of its own, and to read key and certificates from their texts takes longer than the
 * rest of its TLS handshake. Connections that several requests may use get the texts, by which curl
 * tells whose they are. Private to lib/net, for whoever drives the loop.
 */
#ifndef VCL_NET_TLS_PARTS_H
#define VCL_NET_TLS_PARTS_H

#include <curl/curl.h>

#include "net/login.h"

typedef struct vcl_tls_parts vcl_tls_parts;

/* Let a handle of vcl_easy_new() for the same identity use them in place of the texts; it is to be
 * freed before what is returned. NULL: it keeps the texts, as there is no TLS, a proxy which is not
 * to see them, or something in them that curl is to tell. */
vcl_tls_parts *vcl_tls_parts_use(vcl_http *http, const vcl_identity *identity, CURL *easy);

void vcl_tls_parts_unref(vcl_tls_parts *parts);

#endif
