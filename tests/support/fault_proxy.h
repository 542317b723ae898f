/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TLS proxy in front of a real API server that breaks what it is told to: HTTP/1.1, one thread a
 * connection, one rule at a time. The client under test gets a kubeconfig that leads to the proxy
 * and holds credentials of its own (canaries); towards the server the proxy uses those of the
 * host's kubeconfig, of which it reads the first cluster and the first user. Upgraded connections
 * pass as raw bytes.
 */
#ifndef FAULT_PROXY_H
#define FAULT_PROXY_H

#include <stddef.h>

typedef struct fault_proxy fault_proxy;

typedef enum fault_kind {
    FAULT_NONE,
    FAULT_STATUS,       /* answer with status `value`; retry_after_s > 0 adds Retry-After */
    FAULT_REFUSE,       /* reset, and no listener for `value` milliseconds */
    FAULT_RESET_BEFORE, /* reset; the server never sees the request */
    FAULT_REPLY_LOST,   /* the server carries it out; reset instead of the answer */
    FAULT_CUT_BODY,     /* close after `value` bytes of the answer's body, or of what an upgraded
                           connection sends */
    FAULT_STALL,        /* nothing, until the client goes */
    FAULT_GARBAGE,      /* 200, "application/json", bytes that are not JSON */
    FAULT_NO_HTTP,      /* bytes that are not HTTP */
    FAULT_ANSWER,       /* 200 with `text`, of `content_type` */
    FAULT_HUGE          /* 200 with `value` MiB of white space in a JSON object */
} fault_kind;

typedef struct fault_rule {
    fault_kind kind;
    int number;         /* the request of this number since the rule was set; 0: any */
    const char *method; /* NULL: any */
    const char *path;   /* part of the path with its query; NULL: any */
    int times;          /* how often; 0: always */
    int value;
    int retry_after_s;
    const char *text;
    const char *content_type; /* NULL: application/json */
    /* Called, on a thread of the proxy, where the fault strikes and before the client notices:
     * before the server gets the request, once it has answered, or inside the body. May be NULL. */
    void (*on_strike)(void *data);
    void *data;
} fault_rule;

/* kubeconfig_path: of the host. Aborts the program when it cannot be used. */
fault_proxy *fault_proxy_start(const char *kubeconfig_path);
void fault_proxy_stop(fault_proxy *proxy);

/* The rule from now on (NULL: none); the strings must live on. Requests are counted anew. */
void fault_proxy_set(fault_proxy *proxy, const fault_rule *rule);
/* Requests since the rule was set, and how many of them it hit. */
int fault_proxy_requests(fault_proxy *proxy);
int fault_proxy_hits(fault_proxy *proxy);
/* "METHOD PATH" of the last request that was hit, cut to size. */
void fault_proxy_last_hit(fault_proxy *proxy, char *text, size_t size);
/* "METHOD PATH" of a request since the rule was set, from 1; "" behind the last one that is kept.
 */
void fault_proxy_request(fault_proxy *proxy, int number, char *text, size_t size);

const char *fault_proxy_url(const fault_proxy *proxy);
/* Kubeconfig for clients: the proxy's CA, a bearer token, a client certificate and its key. */
const char *fault_proxy_kubeconfig(const fault_proxy *proxy);
/* The token of it, and a line from the middle of its private key. */
const char *fault_proxy_token(const fault_proxy *proxy);
const char *fault_proxy_key_line(const fault_proxy *proxy);

/* A kubeconfig as text, freed with free(); ca_pem, token, cert_pem and key_pem may be NULL. */
char *fault_kubeconfig(const char *server,
                       const char *ca_pem,
                       const char *token,
                       const char *cert_pem,
                       const char *key_pem);

#endif
