/* SPDX-License-Identifier: Apache-2.0 */
/* A small HTTP/1.1 server for tests; see test_server.h. */
#include "test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_CONNS = 512 };

struct test_conn {
    test_server *server;
    pthread_t thread;
    int fd;
    int number;
    SSL *ssl;
    bool closed; /* by the handler */
    bool shut;   /* guarded by the server's lock: the descriptor is gone */
};

struct test_server {
    test_server_options options;
    SSL_CTX *context;
    int fd;
    int port;
    char url[64];
    pthread_t thread;
    pthread_mutex_t lock;
    bool stopping;
    int requests;
    int conn_count;
    int resumptions;
    test_conn *conns[MAX_CONNS];
};

static void must(bool good, const char *what)
{
    if (!good) {
        perror(what);
        abort();
    }
}

bool test_conn_write(test_conn *conn, const void *data, size_t size)
{
    const char *bytes = data;

    while (size > 0) {
        ssize_t done = conn->ssl ? SSL_write(conn->ssl, bytes, size > 16384 ? 16384 : (int)size)
                                 : write(conn->fd, bytes, size);
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

bool test_conn_printf(test_conn *conn, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    int size = vasprintf(&text, format, arguments);
    va_end(arguments);
    must(size >= 0, "vasprintf");
    bool written = test_conn_write(conn, text, (size_t)size);
    free(text);
    return written;
}

void test_conn_answer(test_conn *conn, int status, const char *headers, const char *body)
{
    (void)test_conn_printf(conn, "HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s", status,
                           headers, strlen(body), body);
}

bool test_conn_read(test_conn *conn, void *data, size_t size)
{
    char *bytes = data;

    while (size > 0) {
        ssize_t done =
            conn->ssl ? SSL_read(conn->ssl, bytes, (int)size) : read(conn->fd, bytes, size);
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

void test_conn_wait_closed(test_conn *conn)
{
    char byte;

    while (test_conn_read(conn, &byte, 1))
        ;
}

void test_conn_close(test_conn *conn, bool hard)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    if (hard)
        (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    else if (conn->ssl)
        (void)SSL_shutdown(conn->ssl);
    conn->closed = true;
}

bool test_request_header(const test_request *request, const char *name, char *value, size_t size)
{
    size_t name_size = strlen(name);

    for (const char *line = request->head; *line;) {
        const char *end = strstr(line, "\r\n");
        if (!end)
            return false;
        if (strncasecmp(line, name, name_size) == 0 && line[name_size] == ':') {
            const char *text = line + name_size + 1 + strspn(line + name_size + 1, " ");
            (void)snprintf(value, size, "%.*s", (int)(end - text), text);
            return true;
        }
        line = end + 2;
    }
    return false;
}

static bool read_head(test_conn *conn, test_request *request)
{
    static __thread char text[20000];
    size_t size = 0;

    while (size < sizeof(text) - 1 && test_conn_read(conn, text + size, 1)) {
        text[++size] = '\0';
        if (size >= 4 && memcmp(text + size - 4, "\r\n\r\n", 4) == 0) {
            char *line_end = strstr(text, "\r\n");
            if (sscanf(text, "%15s %1023s", request->method, request->path) != 2)
                return false;
            (void)snprintf(request->head, sizeof(request->head), "%s", line_end + 2);
            return true;
        }
    }
    return false;
}

static bool read_request(test_conn *conn, test_request *request)
{
    char length[32];

    if (!read_head(conn, request))
        return false;
    if (test_request_header(request, "Content-Length", length, sizeof(length)))
        request->body_size = (size_t)strtoul(length, NULL, 10);
    request->body = calloc(1, request->body_size + 1);
    must(request->body != NULL, "calloc");
    return test_conn_read(conn, request->body, request->body_size);
}

static void serve(test_conn *conn)
{
    test_server *server = conn->server;
    test_request *request = calloc(1, sizeof(*request));

    must(request != NULL, "calloc");
    while (!conn->closed && read_request(conn, request)) {
        (void)pthread_mutex_lock(&server->lock);
        request->number = ++server->requests;
        (void)pthread_mutex_unlock(&server->lock);
        request->conn_number = conn->number;
        server->options.handler(conn, request, server->options.data);
        free(request->body);
        *request = (test_request){ 0 };
    }
    free(request->body);
    free(request);
}

/* To close with unread bytes would reset the connection before the client has read the alert. */
static void drain(int fd)
{
    char bytes[4096];

    (void)shutdown(fd, SHUT_WR);
    while (read(fd, bytes, sizeof(bytes)) > 0)
        ;
}

static bool speaks_http2(const test_conn *conn)
{
    const unsigned char *name = NULL;
    unsigned size = 0;

    if (!conn->ssl || !conn->server->options.http2)
        return false;
    SSL_get0_alpn_selected(conn->ssl, &name, &size);
    return size == 2 && memcmp(name, "h2", 2) == 0;
}

static void count_resumption(const test_conn *conn)
{
    (void)pthread_mutex_lock(&conn->server->lock);
    conn->server->resumptions += SSL_session_reused(conn->ssl);
    (void)pthread_mutex_unlock(&conn->server->lock);
}

static void *conn_main(void *data)
{
    test_conn *conn = data;
    bool ready = true;

    if (conn->server->context) {
        conn->ssl = SSL_new(conn->server->context);
        must(conn->ssl && SSL_set_fd(conn->ssl, conn->fd), "SSL_new");
        ready = SSL_accept(conn->ssl) == 1;
        count_resumption(conn);
    }
    if (ready && speaks_http2(conn))
        conn->server->options.http2(conn, conn->number, conn->server->options.data);
    else if (ready)
        serve(conn);
    else
        drain(conn->fd);

    (void)pthread_mutex_lock(&conn->server->lock);
    conn->shut = true;
    SSL_free(conn->ssl);
    (void)close(conn->fd);
    (void)pthread_mutex_unlock(&conn->server->lock);
    return NULL;
}

static void add_conn(test_server *server, int fd)
{
    test_conn *conn = calloc(1, sizeof(*conn));

    must(conn && server->conn_count < MAX_CONNS, "a connection");
    conn->server = server;
    conn->fd = fd;
    (void)pthread_mutex_lock(&server->lock);
    server->conns[server->conn_count++] = conn;
    conn->number = server->conn_count;
    if (server->stopping)
        (void)shutdown(fd, SHUT_RDWR);
    must(pthread_create(&conn->thread, NULL, conn_main, conn) == 0, "pthread_create");
    (void)pthread_mutex_unlock(&server->lock);
}

static void *accept_main(void *data)
{
    test_server *server = data;

    for (;;) {
        int fd = accept(server->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        add_conn(server, fd);
    }
}

static int choose_http2(SSL *ssl,
                        const unsigned char **out,
                        unsigned char *out_size,
                        const unsigned char *offered,
                        unsigned size,
                        void *data)
{
    unsigned char *chosen = NULL;

    (void)ssl;
    (void)data;
    if (SSL_select_next_proto(&chosen, out_size, (const unsigned char *)"\x02h2\x08http/1.1", 12,
                              offered, size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_context(const test_server_options *options)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    BIO *cert_text = BIO_new_mem_buf(options->cert_pem, -1);
    BIO *key_text = BIO_new_mem_buf(options->key_pem, -1);
    X509 *cert = PEM_read_bio_X509(cert_text, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);

    must(context && cert && key && SSL_CTX_use_certificate(context, cert) &&
             SSL_CTX_use_PrivateKey(context, key),
         "SSL_CTX");
    if (options->http2)
        SSL_CTX_set_alpn_select_cb(context, choose_http2, NULL);
    /* OpenSSL refuses with an alert what a server resumes without this, if clients have to show a
     * certificate. */
    if (!options->forgets_sessions)
        must(SSL_CTX_set_session_id_context(context, (const unsigned char *)"test", 4), "sessions");
    if (options->client_ca_pem) {
        BIO *ca_text = BIO_new_mem_buf(options->client_ca_pem, -1);
        X509 *ca = PEM_read_bio_X509(ca_text, NULL, NULL, NULL);
        must(ca && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca), "client CA");
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
        X509_free(ca);
        BIO_free(ca_text);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_text);
    BIO_free(key_text);
    return context;
}

static void listen_tcp(test_server *server)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(server->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    must(getsockname(server->fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
    server->port = ntohs(address.sin_port);
}

static void listen_unix(test_server *server)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", server->options.unix_path);
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(server->fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    server->port = 8443; /* stands in the URL only */
}

/* Signals are for the thread of the test, and a closed connection must not raise any. */
static void start_thread(test_server *server)
{
    sigset_t all;
    sigset_t before;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    must(pthread_create(&server->thread, NULL, accept_main, server) == 0, "pthread_create");
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

test_server *test_server_start(const test_server_options *options)
{
    test_server *server = calloc(1, sizeof(*server));

    must(server && pthread_mutex_init(&server->lock, NULL) == 0, "test_server");
    server->options = *options;
    if (options->cert_pem)
        server->context = make_context(options);
    if (options->unix_path)
        listen_unix(server);
    else
        listen_tcp(server);
    must(listen(server->fd, 64) == 0, "listen");
    (void)snprintf(server->url, sizeof(server->url), "%s://localhost:%d",
                   options->cert_pem ? "https" : "http", server->port);
    start_thread(server);
    return server;
}

void test_server_stop(test_server *server)
{
    if (!server)
        return;
    (void)pthread_mutex_lock(&server->lock);
    server->stopping = true;
    for (int i = 0; i < server->conn_count; i++) {
        if (!server->conns[i]->shut)
            (void)shutdown(server->conns[i]->fd, SHUT_RDWR);
    }
    (void)pthread_mutex_unlock(&server->lock);
    (void)shutdown(server->fd, SHUT_RDWR);
    (void)pthread_join(server->thread, NULL);
    for (int i = 0; i < server->conn_count; i++) {
        (void)pthread_join(server->conns[i]->thread, NULL);
        free(server->conns[i]);
    }
    (void)close(server->fd);
    SSL_CTX_free(server->context);
    (void)pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *test_server_url(const test_server *server)
{
    return server->url;
}

int test_server_port(const test_server *server)
{
    return server->port;
}

static int read_counter(test_server *server, const int *counter)
{
    (void)pthread_mutex_lock(&server->lock);
    int value = *counter;
    (void)pthread_mutex_unlock(&server->lock);
    return value;
}

int test_server_requests(test_server *server)
{
    return read_counter(server, &server->requests);
}

int test_server_connections(test_server *server)
{
    return read_counter(server, &server->conn_count);
}

int test_server_resumptions(test_server *server)
{
    return read_counter(server, &server->resumptions);
}
