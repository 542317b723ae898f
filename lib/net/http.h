/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP towards one server. There is one curl multi handle per vcl_http, so that all callers share
 * one HTTP/2 connection pool, and a lazily started I/O thread, which runs what lives on while no
 * caller is inside the library (forwards: net/loop.h). A blocking call carries its request out
 * itself where it is alone (net/lead.c), else it hands it over and waits in vcl_call_poll();
 * deadline and cancel token end it at once.
 */
#ifndef VCL_NET_HTTP_H
#define VCL_NET_HTTP_H

#include <libvcluster/client.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/call.h"
#include "net/tls_parts.h"

typedef struct vcl_http vcl_http;

/* What a source says about who we are: a token, a certificate with its key, or both. One that knows
 * which certificates the server has says that, too. */
typedef struct vcl_login {
    char *token;
    char *client_cert_pem;
    char *client_key_pem;
    char *ca_pem;             /* in place of the endpoint's; NULL: that one */
    vcl_tls_parts *tls_parts; /* these, read already; may be NULL. Copies share it */
    int64_t expires_at;       /* seconds since 1970; INT64_MAX: not known */
} vcl_login;

void vcl_login_done(vcl_login *login);
bool vcl_login_copy(const vcl_login *login, vcl_login *out_copy);

/* Credentials that an endpoint does not hold itself: a program or files that others renew. Whoever
 * makes one begins with one reference. */
typedef struct vcl_login_source {
    atomic_int references;
    /* Asked again when the answer is older, which stays good if that fails; 0: an answer is good
     * until it expires or the server refuses it. */
    int64_t reread_ms;
    /* An answer that is known from the start: who uses the source begins with it. All NULL: none.
     */
    vcl_login first;
    /* By one thread at a time; within the call. login->expires_at is INT64_MAX before. */
    int (*fetch)(const struct vcl_login_source *source,
                 vcl_call *call,
                 vcl_login *login,
                 vcluster_error **error);
    void (*destroy)(struct vcl_login_source *source);
} vcl_login_source;

vcl_login_source *vcl_login_source_ref(vcl_login_source *source);
void vcl_login_source_unref(vcl_login_source *source);

struct sockaddr;

/* Where connections come from that no address leads to: a server in this process. Whoever makes one
 * begins with one reference. */
typedef struct vcl_dialer {
    atomic_int references;
    /* Where a stream can be connected to, once: a struct sockaddr of so many bytes at most. Returns
     * the size of the address, 0: there is no way. On the I/O thread. */
    size_t (*dial)(struct vcl_dialer *dialer, struct sockaddr *address, size_t size);
    void (*destroy)(struct vcl_dialer *dialer);
} vcl_dialer;

vcl_dialer *vcl_dialer_ref(vcl_dialer *dialer);
void vcl_dialer_unref(vcl_dialer *dialer);

/* How to reach a server and who we are. Copied by vcl_http_new(); secrets are wiped with it. */
typedef struct vcl_endpoint {
    char *server;          /* "https://host:port[/prefix]" */
    char *tls_server_name; /* SNI and name to verify; NULL: the host of server */
    char *ca_pem;          /* the only trust store when set; NULL: the system's */
    bool insecure;         /* no verification, only when a kubeconfig says so */
    char *proxy_url;       /* NULL: environment as curl does, but never for loopback */
    char *unix_socket;     /* connect to this path instead of server's host; may be NULL */
    vcl_dialer *dialer;    /* takes the place of any address; may be NULL. Copies share it */
    char *client_cert_pem;
    int64_t client_cert_not_after; /* seconds since 1970, of one from a kubeconfig */
    char *client_key_pem;
    vcl_tls_parts *tls_parts; /* ca_pem and these, read already; may be NULL. Copies share it */
    char *bearer_token;
    char *token_file; /* read again when older than 60 s, and after a 401; wins over bearer_token */
    char *username;
    char *password;
    vcl_login_source *login; /* in place of all of these; may be NULL. Copies share it */
    char **headers;          /* "Name: value" of every request, up to a NULL; may be NULL */
    bool no_compression;     /* do not ask for gzip */
    char *user_agent;
} vcl_endpoint;

void vcl_endpoint_done(vcl_endpoint *endpoint);
/* Append a header line, owned by the endpoint. false: memory is short. */
bool vcl_endpoint_add_header(vcl_endpoint *endpoint, const char *name, const char *value);

/* Where the body of an answer 200 goes as it comes, instead of being collected. */
typedef struct vcl_http_sink {
    /* An answer is asked for; after a failure that another try follows, once more. On the calling
     * thread. */
    int (*begin)(void *data, vcluster_error **error);
    /* On the thread that drives the loop, which receives nothing meanwhile: what is sent faster
     * than it is taken stays with the server. It must neither wait nor use the client. */
    int (*take)(const char *bytes, size_t size, void *data, vcluster_error **error);
    void *data;
} vcl_http_sink;

typedef struct vcl_http_request {
    const char *method;        /* "GET", ... */
    const char *path;          /* "/api/v1/...?query", joined to the server's prefix */
    const char *accept;        /* NULL: application/json */
    const char *authorization; /* this header instead of the endpoint's, with TLS or without */
    const char *if_none_match; /* the ETag of what is known: 304 where that is still so */
    const char *content_type;  /* for a body */
    const char *body;
    size_t body_size;
    size_t max_response;       /* 0: VCL_MAX_HTTP_BODY */
    bool idempotent;           /* may be sent again after a lost connection (GETs always may) */
    const vcl_http_sink *sink; /* may be NULL */
    bool no_waiting; /* of a stream: an answer that says when to come back is the caller's */
    bool bulky; /* a long answer: where the way to the server is short, it is not compressed, which
                   would take the server longer than sending it */
    bool as_stored; /* ask for no compression and undo none: the body is what has a digest */
} vcl_http_request;

typedef struct vcl_http_response {
    int status;
    char *content_type; /* may be NULL, as may all of these */
    char *location;
    char *etag;
    char *www_authenticate; /* several fields joined by ", " */
    char *content_digest;   /* Docker-Content-Digest */
    char *link;             /* several fields joined by ", " */
    int64_t retry_after_s;  /* 0: none was asked for */
    vcl_buf body;
} vcl_http_response;

void vcl_http_response_done(vcl_http_response *response);

/* log may be NULL. Checks that libcurl is the OpenSSL flavour. */
int vcl_http_new(const vcl_endpoint *endpoint,
                 vcluster_log_fn log,
                 void *log_user_data,
                 vcl_http **out_http,
                 vcluster_error **error);
/* Who is told the warnings of answers; before the first request. */
void vcl_http_set_warning(vcl_http *http, vcluster_warning_fn warning, void *user_data);
/* Why the way to the server is closed, where somebody knows better than a connection that was lost
 * can tell: 0: it is open. On the calling thread. */
typedef int (*vcl_http_obstacle_fn)(void *data, vcluster_error **error);
/* Who is asked that when a request has failed on its way: before the first request. */
void vcl_http_set_obstacle(vcl_http *http, vcl_http_obstacle_fn obstacle, void *data);
/* Whether a connection can be begun without logging in first. */
bool vcl_http_is_logged_in(vcl_http *http);
/* Ends the thread; every call and stream must have returned. NULL is allowed. */
void vcl_http_free(vcl_http *http);

/* Send a request and collect the whole answer, whatever its HTTP status. Retries inside: 429 and
 * 5xx with Retry-After (at most 10 times, each wait about that long, at most 60 s of it), lost
 * connections for idempotent requests (3 times). Fails only when there is no answer: UNAVAILABLE,
 * TIMEOUT, CANCELLED, PROTOCOL (cut or too large). */
int vcl_http_send(vcl_http *http,
                  vcl_call *call,
                  const vcl_http_request *request,
                  vcl_http_response *response,
                  vcluster_error **error);

/* A long answer read piece by piece (watch, log). */
typedef struct vcl_http_stream vcl_http_stream;
/* Returns when the header is there. Waits as an ordinary request does where the server asks for
 * that; a lost connection is the caller's. The body of an answer that is not 2xx is collected into
 * *error_body (at most VCL_MAX_HTTP_BODY) and *out_stream stays NULL. */
int vcl_http_stream_open(vcl_http *http,
                         vcl_call *call,
                         const vcl_http_request *request,
                         vcl_http_stream **out_stream,
                         vcl_http_response *not_ok,
                         vcluster_error **error);
/* Append what has arrived to buf, waiting for at least one byte. Returns 1, or 0 at a clean end, or
 * an error: UNAVAILABLE for a cut one. The stream holds back the sender beyond 64 KiB unread. */
int vcl_http_stream_read(vcl_http_stream *stream,
                         vcl_call *call,
                         vcl_buf *buf,
                         vcluster_error **error);
/* Whether vcl_http_stream_read() would not wait. */
bool vcl_http_stream_ready(const vcl_http_stream *stream);
/* Readable when it is, for those who wait for several streams. */
int vcl_http_stream_fd(const vcl_http_stream *stream);
void vcl_http_stream_close(vcl_http_stream *stream);

/* Requests sent so far, retries included. */
int64_t vcl_http_request_count(const vcl_http *http);
/* Write a log line through the client's callback, if there is one and level is wanted. */
void vcl_http_log(vcl_http *http, int level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Percent-encode one path segment or query value into buf. */
bool vcl_url_escape(vcl_buf *buf, const char *text);

#endif
