/* SPDX-License-Identifier: Apache-2.0 */
/* One server and one client of it, for the tests of lib/net. */
#ifndef NET_FIXTURE_H
#define NET_FIXTURE_H

#include <stdatomic.h>

#include "net/http.h"
#include "test_pki.h"
#include "test_server.h"

enum { YEAR_S = 365 * 86400 };

extern test_identity ca;
extern test_identity server_identity; /* localhost and 127.0.0.1, of ca */
extern test_identity client_identity; /* of ca */

typedef struct fixture {
    test_server *server;
    vcl_endpoint endpoint; /* borrowed strings; may be changed before the first use of http */
    vcl_http *http;
    vcl_call call;
    vcl_http_response response;
    vcluster_error *error;
    char *log;
    atomic_int marks;
    char text[128];
} fixture;

/* Group set-up and tear-down: makes the identities. */
int make_identities(void **state);
int drop_identities(void **state);

/* Start a server whose handler gets the fixture as its data. */
fixture *start(test_handler handler, bool tls);
/* One that speaks HTTP/2 over TLS as it likes. */
fixture *start_raw(test_raw http2);
/* One that speaks it with whoever offers it, and HTTP/1.1 with the others. */
fixture *start_mixed(test_handler http1, test_raw http2);
/* Make f->http from f->endpoint. */
int make(fixture *f);
void stop(fixture *f);

/* Send a request to f->response, making f->http first if needed. */
int send_request(fixture *f, const vcl_http_request *request);
int get(fixture *f, const char *path);
int post(fixture *f, const char *path, const char *body);

/* Whether the error, or the log, contains the part; fails the test if not. */
void assert_says(const fixture *f, const char *part);
void assert_logged(const fixture *f, const char *part);
void assert_body(const fixture *f, const char *body);

/* Handlers: an empty JSON object; and the request as the server saw it, line by line. */
void answer_ok(test_conn *conn, const test_request *request, void *data);
void answer_head(test_conn *conn, const test_request *request, void *data);

#endif
