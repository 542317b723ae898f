/* SPDX-License-Identifier: Apache-2.0 */
/* The probes' server; see health.h. */
#include "health.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"

enum { MAX_CONNECTIONS = 16, MAX_REQUEST = 2048, MAX_ANSWER = 512, PATIENCE_MS = 3000 };

/* One connection; fd < 0: free. */
typedef struct connection {
    int fd;
    int64_t until_ms;
    size_t size;
    char text[MAX_REQUEST + 1];
} connection;

typedef struct server {
    int listener;
    const rt_state *state;
    connection connections[MAX_CONNECTIONS];
} server;

static void answer(vcl_buf *out, const char *status, const char *body)
{
    (void)vcl_buf_addf(out,
                       "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
                       "Connection: close\r\n\r\n%s",
                       status, strlen(body), body);
}

/* Whether the request line asks for a path, with or without a query. */
static bool asks_for(const char *request, const char *path)
{
    const char *target = strchr(request, ' ');
    size_t size = strlen(path);

    return target && strncmp(target + 1, path, size) == 0 &&
           (target[1 + size] == ' ' || target[1 + size] == '?');
}

void rt_health_answer(const char *request, const rt_state *state, int64_t now_ms, vcl_buf *out)
{
    bool stuck = now_ms - (int64_t)atomic_load(&state->beat_ms) > RT_STUCK_MS;

    if (!vcl_starts_with(request, "GET ") && !vcl_starts_with(request, "HEAD "))
        answer(out, "405 Method Not Allowed", "only GET\n");
    else if (asks_for(request, "/healthz") || asks_for(request, "/livez"))
        answer(out, stuck ? "500 Internal Server Error" : "200 OK",
               stuck ? "the worker hangs\n" : "ok\n");
    else if (asks_for(request, "/readyz"))
        answer(out, atomic_load(&state->published) ? "200 OK" : "503 Service Unavailable",
               atomic_load(&state->published) ? "ok\n" : "the kubeconfig is not published yet\n");
    else
        answer(out, "404 Not Found", "only /healthz and /readyz\n");
}

static int try_listen(int family, int port)
{
    int yes = 1;
    int no = 0;
    struct sockaddr_in6 six = { .sin6_family = AF_INET6,
                                .sin6_port = htons((uint16_t)port),
                                .sin6_addr = IN6ADDR_ANY_INIT };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    const struct sockaddr *address = family == AF_INET6 ? (const void *)&six : (const void *)&four;
    socklen_t size = family == AF_INET6 ? sizeof(six) : sizeof(four);
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof(no));
    if (bind(fd, address, size) == 0 && listen(fd, MAX_CONNECTIONS) == 0)
        return fd;

    int saved_errno = errno;
    (void)close(fd);
    errno = saved_errno;
    return -1;
}

int rt_health_listen(int port, int *out_fd, vcluster_error **error)
{
    int fd = try_listen(AF_INET6, port);

    if (fd < 0)
        fd = try_listen(AF_INET, port);
    if (fd < 0)
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "cannot listen on port %d: %s", port,
                        strerror(errno));
    *out_fd = fd;
    return VCLUSTER_OK;
}

int rt_health_port(int fd)
{
    struct sockaddr_storage address = { 0 };
    socklen_t size = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return 0;
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

static void hang_up(connection *peer)
{
    if (peer->fd >= 0)
        (void)close(peer->fd);
    peer->fd = -1;
    peer->size = 0;
}

static connection *free_place(server *self)
{
    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        if (self->connections[i].fd < 0)
            return &self->connections[i];
    }
    return NULL;
}

static void welcome(server *self)
{
    connection *peer = free_place(self);
    int fd = peer ? accept4(self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK) : -1;

    if (fd < 0)
        return;
    peer->fd = fd;
    peer->until_ms = vcl_monotonic_ms() + PATIENCE_MS;
}

/* The answer fits into any socket buffer: one send is enough, and a peer that is gone is no
 * concern. */
static void reply(const server *self, connection *peer)
{
    VCL_AUTO_BUF out = { 0 };

    vcl_buf_init(&out, MAX_ANSWER);
    rt_health_answer(peer->text, self->state, vcl_monotonic_ms(), &out);
    ssize_t sent = send(peer->fd, vcl_buf_text(&out), out.size, MSG_NOSIGNAL);
    (void)sent;
    (void)shutdown(peer->fd, SHUT_RDWR);
    hang_up(peer);
}

static void listen_to(const server *self, connection *peer)
{
    ssize_t size = recv(peer->fd, peer->text + peer->size, MAX_REQUEST - peer->size, 0);

    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0) {
        hang_up(peer);
        return;
    }
    peer->size += (size_t)size;
    peer->text[peer->size] = '\0';
    if (strstr(peer->text, "\r\n\r\n"))
        reply(self, peer);
    else if (peer->size == MAX_REQUEST)
        hang_up(peer);
}

/* Milliseconds until the first connection runs out of patience; -1: there is none. */
static int64_t next_end(const server *self, int64_t now_ms)
{
    int64_t wait = -1;

    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        int64_t left = self->connections[i].until_ms - now_ms;
        if (self->connections[i].fd >= 0 && (wait < 0 || left < wait))
            wait = left > 0 ? left : 0;
    }
    return wait;
}

static void serve_round(server *self, struct pollfd *fds)
{
    int64_t now_ms = vcl_monotonic_ms();

    for (size_t i = 0; i < MAX_CONNECTIONS; i++) {
        connection *peer = &self->connections[i];
        if (peer->fd < 0)
            continue;
        if (fds[i].revents)
            listen_to(self, peer);
        else if (peer->until_ms <= now_ms)
            hang_up(peer);
    }
    if (fds[MAX_CONNECTIONS].revents)
        welcome(self);
}

int rt_health_run(int fd, const rt_state *state, vcluster_cancel *cancel, vcluster_error **error)
{
    server self = { .listener = fd, .state = state };
    struct pollfd fds[MAX_CONNECTIONS + 2];

    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        self.connections[i].fd = -1;
    while (!vcluster_cancel_triggered(cancel)) {
        for (size_t i = 0; i < MAX_CONNECTIONS; i++)
            fds[i] = (struct pollfd){ .fd = self.connections[i].fd, .events = POLLIN };
        /* No place for one more: it waits in the listener's queue. */
        fds[MAX_CONNECTIONS] =
            (struct pollfd){ .fd = free_place(&self) ? fd : -1, .events = POLLIN };
        fds[MAX_CONNECTIONS + 1] = (struct pollfd){ .fd = vcl_cancel_fd(cancel), .events = POLLIN };
        int wait = (int)next_end(&self, vcl_monotonic_ms());
        if (poll(fds, MAX_CONNECTIONS + 2, wait) < 0) {
            if (errno == EINTR)
                continue;
            return vcl_fail(error, VCLUSTER_E_INTERNAL, "poll: %s", strerror(errno));
        }
        serve_round(&self, fds);
    }
    for (size_t i = 0; i < MAX_CONNECTIONS; i++)
        hang_up(&self.connections[i]);
    return VCLUSTER_OK;
}
