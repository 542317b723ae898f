/* SPDX-License-Identifier: Apache-2.0 */
/* The listener of the chaos proxy, its dice and its certificates; see chaos_proxy.h. */
#include "chaos_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "chaos_conn.h"

static void must(bool good, const char *what)
{
    if (!good) {
        perror(what);
        abort();
    }
}

int64_t chaos_now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const char *chaos_kind_name(chaos_kind kind)
{
    static const char *const names[CHAOS_KINDS] = {
        "none",
        "delay",
        "reset before",
        "reset after",
        "cut frame",
        "cut record",
        "half-open",
        "trickle",
        "429",
        "500",
        "503",
        "410",
        "GOAWAY before",
        "GOAWAY after",
        "refused stream",
        "renewed certificate",
        "foreign certificate",
    };

    return names[kind];
}

/* ---- Dice ---- */

static unsigned roll(chaos_proxy *proxy, unsigned limit)
{
    return (unsigned)rand_r(&proxy->seed) % limit;
}

unsigned chaos_random(chaos_proxy *proxy, unsigned limit)
{
    (void)pthread_mutex_lock(&proxy->lock);
    unsigned number = roll(proxy, limit);
    (void)pthread_mutex_unlock(&proxy->lock);
    return number;
}

/* What only HTTP/2 has becomes a reset elsewhere. Certificates and silence cost much time: they are
 * rarer. */
static chaos_kind choose_kind(chaos_proxy *proxy, bool http2)
{
    chaos_kind kind = (chaos_kind)(1 + roll(proxy, CHAOS_KINDS - 1));

    if ((kind == CHAOS_HALF_OPEN || kind >= CHAOS_RENEWED_SERVER) && roll(proxy, 3) != 0)
        kind = CHAOS_DELAY;
    if (!http2 && kind >= CHAOS_GOAWAY_BEFORE && kind <= CHAOS_REFUSED)
        kind = CHAOS_RESET_BEFORE;
    return kind;
}

chaos_kind chaos_choose(chaos_proxy *proxy, bool http2)
{
    chaos_kind kind = CHAOS_NONE;

    (void)pthread_mutex_lock(&proxy->lock);
    if ((int)roll(proxy, 100) < proxy->percent)
        kind = choose_kind(proxy, http2);
    proxy->counts[kind]++;
    if (kind == CHAOS_RENEWED_SERVER)
        proxy->current = 1 - proxy->current;
    if (kind == CHAOS_FOREIGN_SERVER)
        proxy->foreign_next = true;
    (void)pthread_mutex_unlock(&proxy->lock);
    return kind;
}

SSL_CTX *chaos_context(chaos_proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
    SSL_CTX *context = proxy->contexts[proxy->foreign_next ? 2 : proxy->current];
    proxy->foreign_next = false;
    (void)pthread_mutex_unlock(&proxy->lock);
    return context;
}

void chaos_proxy_set_rate(chaos_proxy *proxy, int percent)
{
    (void)pthread_mutex_lock(&proxy->lock);
    proxy->percent = percent;
    if (percent == 0)
        proxy->foreign_next = false;
    (void)pthread_mutex_unlock(&proxy->lock);
}

int64_t chaos_proxy_count(chaos_proxy *proxy, chaos_kind kind)
{
    (void)pthread_mutex_lock(&proxy->lock);
    int64_t count = proxy->counts[kind];
    (void)pthread_mutex_unlock(&proxy->lock);
    return count;
}

int64_t chaos_proxy_total(chaos_proxy *proxy)
{
    int64_t total = 0;

    for (int kind = CHAOS_NONE + 1; kind < CHAOS_KINDS; kind++)
        total += chaos_proxy_count(proxy, (chaos_kind)kind);
    return total;
}

/* ---- Certificates ---- */

static int choose_protocol(SSL *ssl,
                           const unsigned char **out,
                           unsigned char *out_size,
                           const unsigned char *offered,
                           unsigned size,
                           void *data)
{
    static const unsigned char ours[] = "\x02h2\x08http/1.1";
    unsigned char *chosen = NULL;

    (void)ssl;
    (void)data;
    if (SSL_select_next_proto(&chosen, out_size, ours, sizeof(ours) - 1, offered, size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_context(const test_identity *ca)
{
    test_identity server = test_identity_new("localhost", ca, 86400);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    BIO *cert_text = BIO_new_mem_buf(server.cert_pem, -1);
    BIO *key_text = BIO_new_mem_buf(server.key_pem, -1);
    X509 *cert = PEM_read_bio_X509(cert_text, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);

    must(context && cert && key && SSL_CTX_use_certificate(context, cert) == 1 &&
             SSL_CTX_use_PrivateKey(context, key) == 1,
         "SSL_CTX");
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    (void)SSL_CTX_set_num_tickets(context, 0);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_text);
    BIO_free(key_text);
    test_identity_done(&server);
    return context;
}

/* ---- The listener ---- */

/* Join and free the connections that have ended; all: those that have not, too. */
static void reap(chaos_proxy *proxy, bool all)
{
    chaos_conn *ended = NULL;

    (void)pthread_mutex_lock(&proxy->lock);
    for (chaos_conn **slot = &proxy->conns; *slot;) {
        chaos_conn *conn = *slot;

        if (!all && !conn->ended) {
            slot = &conn->next;
            continue;
        }
        if (!conn->ended) {
            (void)shutdown(conn->client.fd, SHUT_RDWR);
            if (conn->server.fd >= 0)
                (void)shutdown(conn->server.fd, SHUT_RDWR);
        }
        *slot = conn->next;
        conn->next = ended;
        ended = conn;
    }
    (void)pthread_mutex_unlock(&proxy->lock);
    while (ended) {
        chaos_conn *conn = ended;

        ended = conn->next;
        (void)pthread_join(conn->thread, NULL);
        free(conn);
    }
}

static void *accept_main(void *data)
{
    chaos_proxy *proxy = data;

    for (;;) {
        int fd = accept4(proxy->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        reap(proxy, false);
        chaos_conn *conn = calloc(1, sizeof(*conn));
        must(conn != NULL, "calloc");
        conn->proxy = proxy;
        conn->client.fd = fd;
        conn->server.fd = -1;
        (void)pthread_mutex_lock(&proxy->lock);
        conn->next = proxy->conns;
        proxy->conns = conn;
        must(pthread_create(&conn->thread, NULL, chaos_conn_main, conn) == 0, "pthread_create");
        (void)pthread_mutex_unlock(&proxy->lock);
    }
}

static int listen_on_loopback(int *out_fd)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);

    *out_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(*out_fd >= 0 && bind(*out_fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
             getsockname(*out_fd, (struct sockaddr *)&address, &size) == 0 &&
             listen(*out_fd, 128) == 0,
         "listen");
    return ntohs(address.sin_port);
}

chaos_proxy *chaos_proxy_start(const char *kubeconfig_path, unsigned seed)
{
    chaos_proxy *proxy = calloc(1, sizeof(*proxy));
    sigset_t all;
    sigset_t before;

    must(proxy && pthread_mutex_init(&proxy->lock, NULL) == 0, "chaos_proxy");
    proxy->seed = seed;
    fault_upstream_init(&proxy->upstream, kubeconfig_path);
    proxy->ca = test_identity_new("chaos-ca", NULL, 86400);
    test_identity foreign = test_identity_new("foreign-ca", NULL, 86400);
    for (int i = 0; i < 3; i++)
        proxy->contexts[i] = make_context(i == 2 ? &foreign : &proxy->ca);
    test_identity_done(&foreign);
    (void)snprintf(proxy->url, sizeof(proxy->url), "https://localhost:%d",
                   listen_on_loopback(&proxy->fd));

    /* Signals are for the thread of the test, and a closed connection must not raise any. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    must(pthread_create(&proxy->thread, NULL, accept_main, proxy) == 0, "pthread_create");
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return proxy;
}

void chaos_proxy_stop(chaos_proxy *proxy)
{
    (void)shutdown(proxy->fd, SHUT_RDWR);
    (void)pthread_join(proxy->thread, NULL);
    reap(proxy, true);
    (void)close(proxy->fd);
    fault_upstream_done(&proxy->upstream);
    for (int i = 0; i < 3; i++)
        SSL_CTX_free(proxy->contexts[i]);
    test_identity_done(&proxy->ca);
    (void)pthread_mutex_destroy(&proxy->lock);
    free(proxy);
}

const char *chaos_proxy_url(const chaos_proxy *proxy)
{
    return proxy->url;
}

const char *chaos_proxy_ca(const chaos_proxy *proxy)
{
    return proxy->ca.cert_pem;
}
