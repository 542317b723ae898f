/* SPDX-License-Identifier: Apache-2.0 */
/* What a vcl_http consists of. Private to lib/net. */
#ifndef VCL_NET_CLIENT_H
#define VCL_NET_CLIENT_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "net/easy_pool.h"
#include "net/http.h"
#include "net/login.h"
#include "net/reactor.h"
#include "net/server.h"
#include "net/tls_sessions.h"
#include "net/token.h"

/* What the connections of the first credentials share; see easy_tls.c. */
typedef struct vcl_tls {
    pthread_mutex_t lock;
    bool begun;           /* the rest does not change any more */
    vcl_tls_parts *parts; /* may be NULL, as may */
    vcl_tls_sessions *sessions;
    atomic_bool met;       /* there may be a session */
    atomic_bool forgotten; /* they are not resumed any more */
} vcl_tls;

struct vcl_http {
    pid_t pid; /* of the process that made it: a child of fork() must not use it */
    vcl_endpoint endpoint;
    vcl_server server;
    vcl_token token;
    vcl_logins logins;
    vcl_reactor reactor;
    atomic_llong requests;
    int64_t ping_ms;    /* pause between WebSocket pings, and the longest wait for a pong */
    int64_t silence_ms; /* a connection on which so long nothing came, though it should, is left */
    struct vcl_websocket *websockets; /* loop thread only */
    vcl_tls tls;
    vcl_easy_pool easies; /* of ordinary requests, see vcl_easy_is_common() */

    pthread_mutex_t log_lock; /* one call of either callback at a time */
    vcluster_log_fn log;
    void *log_user_data;
    vcluster_warning_fn warning;
    void *warning_user_data;
    vcl_http_obstacle_fn obstacle; /* may be NULL */
    void *obstacle_data;
};

/* Whether this process made it. */
bool vcl_http_is_ours(const vcl_http *http);

#endif
