/* SPDX-License-Identifier: Apache-2.0 */
/* One thread that polls; see cut_proxy.h. */
#include "cut_proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_LINKS = 256, CLIENT = 0, SERVER = 1 };

/* One direction. */
typedef struct way {
    char bytes[1 << 16];
    size_t at;
    size_t size;
    bool ended; /* the end was read; it is passed on behind the last byte */
} way;

/* One connection; way[i] is what side i says. */
typedef struct link {
    struct link *next;
    int fd[2];
    way way[2];
} link_t;

struct cut_proxy {
    struct sockaddr_storage server;
    socklen_t server_size;
    char url[64];
    int port;
    int bell;
    pthread_t thread;

    pthread_mutex_t lock; /* of the three below */
    pthread_cond_t changed;
    cut_state wanted;
    bool stopping;
    bool obeyed;

    /* The thread's own. */
    cut_state state;
    int listen_fd;
    link_t *links;
    struct pollfd fds[2 + 2 * MAX_LINKS];
};

static void must(bool good, const char *what)
{
    if (!good) {
        perror(what);
        abort();
    }
}

static void find_server(cut_proxy *proxy, const char *url)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found = NULL;
    char host[256] = "";
    char port[8] = "443";

    must(sscanf(url, "https://%255[^:/]:%7[0-9]", host, port) >= 1, "the server's URL");
    must(getaddrinfo(host, port, &hints, &found) == 0, host);
    memcpy(&proxy->server, found->ai_addr, found->ai_addrlen);
    proxy->server_size = found->ai_addrlen;
    freeaddrinfo(found);
}

static void listen_on_loopback(cut_proxy *proxy)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)proxy->port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int yes = 1;

    proxy->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    must(proxy->listen_fd >= 0 &&
             setsockopt(proxy->listen_fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
             bind(proxy->listen_fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
             getsockname(proxy->listen_fd, (struct sockaddr *)&address, &size) == 0 &&
             listen(proxy->listen_fd, 128) == 0,
         "listen");
    proxy->port = ntohs(address.sin_port);
}

/* ---- Connections ---- */

static void end_link(link_t **slot, bool reset)
{
    const struct linger now = { .l_onoff = 1, .l_linger = 0 };
    link_t *link = *slot;

    *slot = link->next;
    for (int i = 0; i < 2; i++) {
        if (reset)
            (void)setsockopt(link->fd[i], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
        (void)close(link->fd[i]);
    }
    free(link);
}

static void accept_one(cut_proxy *proxy)
{
    int yes = 1;
    int fd = accept4(proxy->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    if (fd < 0)
        return;
    int server = socket(proxy->server.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server < 0 || connect(server, (struct sockaddr *)&proxy->server, proxy->server_size) != 0) {
        (void)close(fd);
        if (server >= 0)
            (void)close(server);
        return;
    }
    link_t *link = calloc(1, sizeof(*link));
    must(link != NULL, "calloc");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    (void)setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    link->fd[CLIENT] = fd;
    link->fd[SERVER] = server;
    link->next = proxy->links;
    proxy->links = link;
}

/* false: the connection is broken. */
static bool take(link_t *link, int side)
{
    way *from = &link->way[side];
    ssize_t got = recv(link->fd[side], from->bytes, sizeof(from->bytes), MSG_DONTWAIT);

    from->at = 0;
    from->size = got > 0 ? (size_t)got : 0;
    from->ended = got == 0;
    if (from->ended) /* there is nothing left to pass on before it */
        (void)shutdown(link->fd[1 - side], SHUT_WR);
    return got >= 0 || errno == EAGAIN;
}

static bool give(link_t *link, int side)
{
    way *from = &link->way[side];
    ssize_t put =
        send(link->fd[1 - side], from->bytes + from->at, from->size, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (put < 0)
        return errno == EAGAIN;
    from->at += (size_t)put;
    from->size -= (size_t)put;
    return true;
}

/* What a side has to be polled for; nothing: not even its end would be of interest. */
static struct pollfd interest(const link_t *link, int side)
{
    bool reads = link->way[side].size == 0 && !link->way[side].ended;
    bool writes = link->way[1 - side].size > 0;
    short events = (short)((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));

    return (struct pollfd){ .fd = events ? link->fd[side] : -1, .events = events };
}

/* false: it is over. */
static bool relay(link_t *link, const struct pollfd fds[2])
{
    for (int side = 0; side < 2; side++) {
        if (!fds[side].revents)
            continue;
        if ((fds[side].events & POLLIN) && !take(link, side))
            return false;
        if ((fds[side].events & POLLOUT) && !give(link, 1 - side))
            return false;
    }
    return !(link->way[CLIENT].ended && link->way[SERVER].ended);
}

/* ---- The thread ---- */

static void apply(cut_proxy *proxy, cut_state state)
{
    if (state == CUT_SERVER && proxy->state != CUT_SERVER) {
        (void)close(proxy->listen_fd);
        proxy->listen_fd = -1;
        while (proxy->links)
            end_link(&proxy->links, true);
    }
    if (state != CUT_SERVER && proxy->state == CUT_SERVER)
        listen_on_loopback(proxy);
    proxy->state = state;
}

/* false: the end. */
static bool obey(cut_proxy *proxy)
{
    uint64_t rings = 0;

    (void)!read(proxy->bell, &rings, sizeof(rings));
    (void)pthread_mutex_lock(&proxy->lock);
    apply(proxy, proxy->wanted);
    bool goes_on = !proxy->stopping;
    proxy->obeyed = true;
    (void)pthread_cond_broadcast(&proxy->changed);
    (void)pthread_mutex_unlock(&proxy->lock);
    return goes_on;
}

static void relay_all(cut_proxy *proxy, const struct pollfd *fds, size_t count)
{
    size_t at = 0;

    for (link_t **slot = &proxy->links; *slot && at + 2 <= count; at += 2) {
        if (relay(*slot, fds + at))
            slot = &(*slot)->next;
        else
            end_link(slot, true);
    }
}

static void *run(void *data)
{
    cut_proxy *proxy = data;
    struct pollfd *fds = proxy->fds;

    for (;;) {
        size_t count = 2;

        fds[0] = (struct pollfd){ .fd = proxy->bell, .events = POLLIN };
        fds[1] = (struct pollfd){ .fd = -1 };
        if (proxy->state == CUT_NOT) {
            fds[1] = (struct pollfd){ .fd = proxy->listen_fd, .events = POLLIN };
            for (const link_t *l = proxy->links; l && count < 2 + 2 * MAX_LINKS; l = l->next) {
                fds[count++] = interest(l, CLIENT);
                fds[count++] = interest(l, SERVER);
            }
        }
        must(poll(fds, (nfds_t)count, -1) > 0, "poll");
        if (fds[0].revents) {
            if (!obey(proxy))
                return NULL;
            continue;
        }
        relay_all(proxy, fds + 2, count - 2);
        if (fds[1].revents)
            accept_one(proxy);
    }
}

/* ---- Making and telling ---- */

cut_proxy *cut_proxy_start(const char *url)
{
    cut_proxy *proxy = calloc(1, sizeof(*proxy));
    sigset_t all;
    sigset_t before;

    must(proxy && pthread_mutex_init(&proxy->lock, NULL) == 0 &&
             pthread_cond_init(&proxy->changed, NULL) == 0,
         "cut_proxy");
    find_server(proxy, url);
    proxy->bell = eventfd(0, EFD_CLOEXEC);
    must(proxy->bell >= 0, "eventfd");
    listen_on_loopback(proxy);
    (void)snprintf(proxy->url, sizeof(proxy->url), "https://127.0.0.1:%d", proxy->port);

    /* Signals are for the thread of the test. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    must(pthread_create(&proxy->thread, NULL, run, proxy) == 0, "pthread_create");
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return proxy;
}

static void tell(cut_proxy *proxy, cut_state state, bool stopping)
{
    const uint64_t one = 1;

    (void)pthread_mutex_lock(&proxy->lock);
    proxy->wanted = state;
    proxy->stopping = stopping;
    proxy->obeyed = false;
    must(write(proxy->bell, &one, sizeof(one)) == sizeof(one), "eventfd");
    while (!proxy->obeyed)
        (void)pthread_cond_wait(&proxy->changed, &proxy->lock);
    (void)pthread_mutex_unlock(&proxy->lock);
}

void cut_proxy_set(cut_proxy *proxy, cut_state state)
{
    tell(proxy, state, false);
}

void cut_proxy_stop(cut_proxy *proxy)
{
    if (!proxy)
        return;
    tell(proxy, CUT_SERVER, true);
    (void)pthread_join(proxy->thread, NULL);
    (void)close(proxy->bell);
    (void)pthread_cond_destroy(&proxy->changed);
    (void)pthread_mutex_destroy(&proxy->lock);
    free(proxy);
}

const char *cut_proxy_url(const cut_proxy *proxy)
{
    return proxy->url;
}
