/* SPDX-License-Identifier: Apache-2.0 */
/* The listener of the fault proxy, its rule and its kubeconfig; see fault_proxy.h. The
 * connections are in fault_conn.c. */
#include "fault_proxy.h"

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

#include "fault_conn.h"

static void must(bool good, const char *what)
{
    if (!good) {
        perror(what);
        abort();
    }
}

/* ---- The rule ---- */

static bool
matches(const fault_rule *rule, int number, int hits, const char *method, const char *path)
{
    return rule->kind != FAULT_NONE && (rule->times == 0 || hits < rule->times) &&
           (rule->number == 0 || rule->number == number) &&
           (!rule->method || strcmp(rule->method, method) == 0) &&
           (!rule->path || strstr(path, rule->path));
}

fault_rule fault_proxy_judge(fault_proxy *proxy, const char *method, const char *path)
{
    fault_rule rule = { .kind = FAULT_NONE };

    (void)pthread_mutex_lock(&proxy->lock);
    int number = ++proxy->requests;
    if (number <= FAULT_KEPT)
        (void)snprintf(proxy->kept[number - 1], sizeof(proxy->kept[0]), "%s %s", method, path);
    if (matches(&proxy->rule, number, proxy->hits, method, path)) {
        rule = proxy->rule;
        proxy->hits++;
        (void)snprintf(proxy->last_hit, sizeof(proxy->last_hit), "%s %s", method, path);
    }
    (void)pthread_mutex_unlock(&proxy->lock);
    return rule;
}

void fault_proxy_set(fault_proxy *proxy, const fault_rule *rule)
{
    (void)pthread_mutex_lock(&proxy->lock);
    proxy->rule = rule ? *rule : (fault_rule){ .kind = FAULT_NONE };
    proxy->requests = 0;
    proxy->hits = 0;
    proxy->last_hit[0] = '\0';
    memset(proxy->kept, 0, sizeof(proxy->kept));
    (void)pthread_mutex_unlock(&proxy->lock);
}

static int read_number(fault_proxy *proxy, const int *number)
{
    (void)pthread_mutex_lock(&proxy->lock);
    int value = *number;
    (void)pthread_mutex_unlock(&proxy->lock);
    return value;
}

int fault_proxy_requests(fault_proxy *proxy)
{
    return read_number(proxy, &proxy->requests);
}

int fault_proxy_hits(fault_proxy *proxy)
{
    return read_number(proxy, &proxy->hits);
}

void fault_proxy_last_hit(fault_proxy *proxy, char *text, size_t size)
{
    (void)pthread_mutex_lock(&proxy->lock);
    (void)snprintf(text, size, "%s", proxy->last_hit);
    (void)pthread_mutex_unlock(&proxy->lock);
}

void fault_proxy_request(fault_proxy *proxy, int number, char *text, size_t size)
{
    (void)pthread_mutex_lock(&proxy->lock);
    (void)snprintf(text, size, "%s",
                   number >= 1 && number <= FAULT_KEPT ? proxy->kept[number - 1] : "");
    (void)pthread_mutex_unlock(&proxy->lock);
}

/* ---- The listener ---- */

static void listen_again(fault_proxy *proxy)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)proxy->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int yes = 1;

    proxy->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(proxy->fd >= 0 &&
             setsockopt(proxy->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
             bind(proxy->fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
             getsockname(proxy->fd, (struct sockaddr *)&address, &size) == 0 &&
             listen(proxy->fd, 64) == 0,
         "listen");
    proxy->port = ntohs(address.sin_port);
}

void fault_proxy_close_for(fault_proxy *proxy, int pause_ms)
{
    (void)pthread_mutex_lock(&proxy->lock);
    proxy->pause_ms = pause_ms;
    (void)shutdown(proxy->fd, SHUT_RDWR);
    (void)pthread_mutex_unlock(&proxy->lock);
}

static void add_conn(fault_proxy *proxy, int fd)
{
    fault_conn *conn = calloc(1, sizeof(*conn));

    must(conn != NULL, "calloc");
    conn->proxy = proxy;
    conn->client.fd = fd;
    conn->server.fd = -1;
    (void)pthread_mutex_lock(&proxy->lock);
    conn->next = proxy->conns;
    proxy->conns = conn;
    must(pthread_create(&conn->thread, NULL, fault_conn_main, conn) == 0, "pthread_create");
    (void)pthread_mutex_unlock(&proxy->lock);
}

/* accept() has failed: go on after a pause that was asked for; false: the end. */
static bool after_pause(fault_proxy *proxy)
{
    (void)pthread_mutex_lock(&proxy->lock);
    int pause_ms = proxy->stopping ? 0 : proxy->pause_ms;
    proxy->pause_ms = 0;
    if (pause_ms > 0) {
        (void)close(proxy->fd);
        proxy->fd = -1;
    }
    (void)pthread_mutex_unlock(&proxy->lock);
    if (pause_ms == 0)
        return false;
    const struct timespec pause = { pause_ms / 1000, (pause_ms % 1000) * 1000000L };
    (void)nanosleep(&pause, NULL);
    (void)pthread_mutex_lock(&proxy->lock);
    bool goes_on = !proxy->stopping;
    if (goes_on)
        listen_again(proxy);
    (void)pthread_mutex_unlock(&proxy->lock);
    return goes_on;
}

static void *accept_main(void *data)
{
    fault_proxy *proxy = data;

    for (;;) {
        int fd = accept4(proxy->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            add_conn(proxy, fd);
        else if (!after_pause(proxy))
            return NULL;
    }
}

/* ---- Making and ending ---- */

static int accept_any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified;
    (void)store;
    return 1;
}

static SSL_CTX *server_context(const test_identity *identity)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    BIO *cert_text = BIO_new_mem_buf(identity->cert_pem, -1);
    BIO *key_text = BIO_new_mem_buf(identity->key_pem, -1);
    X509 *cert = PEM_read_bio_X509(cert_text, NULL, NULL, NULL);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, NULL, NULL);

    must(context && cert && key && SSL_CTX_use_certificate(context, cert) == 1 &&
             SSL_CTX_use_PrivateKey(context, key) == 1,
         "SSL_CTX");
    (void)SSL_CTX_set_num_tickets(context, 0);
    /* The client certificate is asked for, so that its key is used, and then believed. */
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, accept_any);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(cert_text);
    BIO_free(key_text);
    return context;
}

char *fault_kubeconfig(const char *server,
                       const char *ca_pem,
                       const char *token,
                       const char *cert_pem,
                       const char *key_pem)
{
    char *ca = fault_base64(ca_pem ? ca_pem : "");
    char *cert = fault_base64(cert_pem ? cert_pem : "");
    char *key = fault_base64(key_pem ? key_pem : "");
    char *text = NULL;

    must(asprintf(&text,
                  "apiVersion: v1\nkind: Config\ncurrent-context: proxy\n"
                  "contexts: [{name: proxy, context: {cluster: proxy, user: proxy}}]\n"
                  "clusters: [{name: proxy, cluster: {server: '%s'%s%s}}]\n"
                  "users: [{name: proxy, user: {%s%s%s%s%s%s}}]\n",
                  server, ca_pem ? ", certificate-authority-data: " : "", ca_pem ? ca : "",
                  token ? "token: " : "", token ? token : "",
                  cert_pem ? (token ? ", client-certificate-data: " : "client-certificate-data: ")
                           : "",
                  cert, key_pem ? ", client-key-data: " : "", key) > 0,
         "asprintf");
    free(ca);
    free(cert);
    free(key);
    return text;
}

static void make_client(fault_proxy *proxy)
{
    static const char token[] = "canary-token-7d1f0c52e9";
    test_identity client = test_identity_new("canary", &proxy->ca, 3600);
    const char *line = strchr(client.key_pem, '\n');

    must(line != NULL, "a private key");
    (void)snprintf(proxy->key_line, sizeof(proxy->key_line), "%.32s", line + 1);
    proxy->token = token;
    proxy->kubeconfig =
        fault_kubeconfig(proxy->url, proxy->ca.cert_pem, token, client.cert_pem, client.key_pem);
    test_identity_done(&client);
}

fault_proxy *fault_proxy_start(const char *kubeconfig_path)
{
    fault_proxy *proxy = calloc(1, sizeof(*proxy));
    sigset_t all;
    sigset_t before;

    must(proxy && pthread_mutex_init(&proxy->lock, NULL) == 0, "fault_proxy");
    fault_upstream_init(&proxy->upstream, kubeconfig_path);
    proxy->ca = test_identity_new("fault-ca", NULL, 3600);
    test_identity server = test_identity_new("localhost", &proxy->ca, 3600);
    proxy->context = server_context(&server);
    test_identity_done(&server);
    listen_again(proxy);
    (void)snprintf(proxy->url, sizeof(proxy->url), "https://localhost:%d", proxy->port);
    make_client(proxy);

    /* Signals are for the thread of the test, and a closed connection must not raise any. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    must(pthread_create(&proxy->thread, NULL, accept_main, proxy) == 0, "pthread_create");
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return proxy;
}

void fault_proxy_stop(fault_proxy *proxy)
{
    if (!proxy)
        return;
    (void)pthread_mutex_lock(&proxy->lock);
    proxy->stopping = true;
    if (proxy->fd >= 0)
        (void)shutdown(proxy->fd, SHUT_RDWR);
    (void)pthread_mutex_unlock(&proxy->lock);
    (void)pthread_join(proxy->thread, NULL);

    (void)pthread_mutex_lock(&proxy->lock);
    for (fault_conn *conn = proxy->conns; conn; conn = conn->next)
        fault_conn_shut(conn);
    (void)pthread_mutex_unlock(&proxy->lock);
    while (proxy->conns) {
        fault_conn *conn = proxy->conns;

        proxy->conns = conn->next;
        (void)pthread_join(conn->thread, NULL);
        free(conn);
    }
    if (proxy->fd >= 0)
        (void)close(proxy->fd);
    fault_upstream_done(&proxy->upstream);
    test_identity_done(&proxy->ca);
    SSL_CTX_free(proxy->context);
    (void)pthread_mutex_destroy(&proxy->lock);
    free(proxy->kubeconfig);
    free(proxy);
}

const char *fault_proxy_url(const fault_proxy *proxy)
{
    return proxy->url;
}

const char *fault_proxy_kubeconfig(const fault_proxy *proxy)
{
    return proxy->kubeconfig;
}

const char *fault_proxy_token(const fault_proxy *proxy)
{
    return proxy->token;
}

const char *fault_proxy_key_line(const fault_proxy *proxy)
{
    return proxy->key_line;
}
