/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS sessions that the connections of one client resume: a connection of its own, as each
 * WebSocket has, then goes without certificates and signatures. Private to lib/net.
 */
#ifndef VCL_NET_TLS_SESSIONS_H
#define VCL_NET_TLS_SESSIONS_H

#include <curl/curl.h>

typedef struct vcl_tls_sessions vcl_tls_sessions;

/* NULL: memory is short. */
vcl_tls_sessions *vcl_tls_sessions_new(void);
/* Behind all handles that use it. */
void vcl_tls_sessions_free(vcl_tls_sessions *sessions);

/* For CURLOPT_SHARE, of handles with the same credentials only. */
CURLSH *vcl_tls_sessions_share(const vcl_tls_sessions *sessions);

#endif
