/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP/1.1 server for tests, plain or TLS, on 127.0.0.1 or a unix socket, one thread a
 * connection. The test's handler writes each answer byte by byte as it likes: cut, delayed, wrong.
 */
#ifndef TEST_SERVER_H
#define TEST_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct test_server test_server;
typedef struct test_conn test_conn;

typedef struct test_request {
    char method[16];
    char path[1024];
    char head[16384]; /* from the first header line to the empty one */
    char *body;       /* NUL-terminated */
    size_t body_size;
    int number;      /* of the request at this server, from 1 */
    int conn_number; /* of the connection at this server, from 1 */
} test_request;

/* Answer one request; the connection stays open unless it was closed. Runs on the connection's
 * thread. */
typedef void (*test_handler)(test_conn *conn, const test_request *request, void *data);

/* Serve a connection from its first byte to its end. */
typedef void (*test_raw)(test_conn *conn, int conn_number, void *data);

typedef struct test_server_options {
    test_handler handler;
    test_raw http2; /* in place of handler, for connections that agree on HTTP/2: test_http2.h */
    void *data;
    const char *cert_pem; /* NULL: no TLS */
    const char *key_pem;
    const char *client_ca_pem; /* not NULL: clients must have a certificate of this CA */
    bool forgets_sessions;     /* fails when a client resumes one that it gave */
    const char *unix_path;     /* NULL: a free port of 127.0.0.1 */
} test_server_options;

test_server *test_server_start(const test_server_options *options);
/* Closes all connections and ends all threads. */
void test_server_stop(test_server *server);
/* "https://localhost:PORT" or "http://...". */
const char *test_server_url(const test_server *server);
int test_server_port(const test_server *server);
int test_server_requests(test_server *server);
int test_server_connections(test_server *server);
/* Connections that resumed a TLS session of an earlier one. */
int test_server_resumptions(test_server *server);

bool test_conn_write(test_conn *conn, const void *data, size_t size);
bool test_conn_printf(test_conn *conn, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* A whole answer with Content-Length; headers are "Name: value\r\n"... or "". */
void test_conn_answer(test_conn *conn, int status, const char *headers, const char *body);
/* Exactly size bytes; false at the end of the connection. */
bool test_conn_read(test_conn *conn, void *data, size_t size);
/* Until the client closes. */
void test_conn_wait_closed(test_conn *conn);
/* No further request is read from it. hard: without a word of TLS, and with a TCP reset. */
void test_conn_close(test_conn *conn, bool hard);

/* Value of a header of the request, into value; false if there is none. */
bool test_request_header(const test_request *request, const char *name, char *value, size_t size);

#endif
