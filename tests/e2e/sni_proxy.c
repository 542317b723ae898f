/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A proxy that passes TLS through, as Ingress controllers and Gateways do: it reads the name in the
 * first message of a client (SNI) and connects to whatever that name leads to. Nothing is
 * decrypted. usage: sni_proxy ADDRESS:PORT NAME=HOST:PORT...   NAME "-": no name, or one that is
 * not listed Prints "ready" when it listens; goes on until a signal.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_ROUTES = 16, HELLO_SIZE = 16 << 10, NAME_SIZE = 256 };

typedef struct route {
    const char *name;
    const char *address;
} route;

static route routes[MAX_ROUTES]; /* set before the first connection */
static size_t route_count;

/* Connect to, or listen on, "HOST:PORT"; -1 and a message when that fails. */
static int open_socket(const char *address, bool listening)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST };
    struct addrinfo *found = NULL;
    char host[NAME_SIZE];
    const char *colon = strrchr(address, ':');
    int one = 1;
    int fd = -1;

    (void)snprintf(host, sizeof(host), "%.*s", colon ? (int)(colon - address) : 0, address);
    if (!colon || getaddrinfo(host, colon + 1, &hints, &found) != 0) {
        (void)fprintf(stderr, "sni_proxy: '%s' is no ADDRESS:PORT\n", address);
        return -1;
    }
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool done = fd >= 0;
    if (done && listening)
        done = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
               bind(fd, found->ai_addr, found->ai_addrlen) == 0 && listen(fd, 16) == 0;
    else if (done)
        done = connect(fd, found->ai_addr, found->ai_addrlen) == 0;
    freeaddrinfo(found);
    if (!done) {
        (void)fprintf(stderr, "sni_proxy: %s: %s\n", address, strerror(errno));
        if (fd >= 0)
            (void)close(fd);
        return -1;
    }
    return fd;
}

static bool write_all(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t written = send(fd, data, size, MSG_NOSIGNAL);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        data += written;
        size -= (size_t)written;
    }
    return true;
}

/* What is left to read of a message. */
typedef struct cursor {
    const unsigned char *at;
    size_t left;
} cursor;

static bool skip(cursor *c, size_t size)
{
    if (size > c->left)
        return false;
    c->at += size;
    c->left -= size;
    return true;
}

/* A number of one or two bytes. */
static bool number(cursor *c, size_t bytes, size_t *out)
{
    if (bytes > c->left)
        return false;
    *out = bytes == 1 ? c->at[0] : (size_t)c->at[0] << 8 | c->at[1];
    return skip(c, bytes);
}

/* Over something that begins with its own length. */
static bool skip_vector(cursor *c, size_t bytes)
{
    size_t size = 0;

    return number(c, bytes, &size) && skip(c, size);
}

/* The host name of a server_name extension. */
static bool read_name(cursor c, char name[NAME_SIZE])
{
    size_t size = 0;

    if (!skip(&c, 3) || !number(&c, 2, &size) || size > c.left || size >= NAME_SIZE)
        return false;
    memcpy(name, c.at, size);
    name[size] = '\0';
    return true;
}

/* The name in a ClientHello that lies in one record (RFC 8446, 4.1.2; RFC 6066, 3); "" for none. */
static void find_name(cursor c, char name[NAME_SIZE])
{
    size_t all = 0;

    name[0] = '\0';
    /* Record and handshake headers, version and random; session, ciphers, compression. */
    if (!skip(&c, 5 + 4 + 2 + 32) || !skip_vector(&c, 1) || !skip_vector(&c, 2) ||
        !skip_vector(&c, 1) || !number(&c, 2, &all))
        return;
    for (;;) {
        size_t type = 0;
        size_t size = 0;
        if (!number(&c, 2, &type) || !number(&c, 2, &size) || size > c.left)
            return;
        if (type == 0) {
            (void)read_name((cursor){ c.at, size }, name);
            return;
        }
        (void)skip(&c, size);
    }
}

static const char *address_for(const char *name)
{
    const char *otherwise = NULL;

    for (size_t i = 0; i < route_count; i++) {
        if (*name && strcmp(routes[i].name, name) == 0)
            return routes[i].address;
        if (strcmp(routes[i].name, "-") == 0)
            otherwise = routes[i].address;
    }
    return otherwise;
}

/* The first record, whole. */
static size_t read_hello(int fd, unsigned char *data)
{
    size_t size = 0;

    while (size < 5 || size < 5u + ((size_t)data[3] << 8 | data[4])) {
        ssize_t got = size < HELLO_SIZE ? recv(fd, data + size, HELLO_SIZE - size, 0) : 0;
        if (got <= 0)
            return 0;
        size += (size_t)got;
    }
    return size;
}

/* Both ways until either side ends. */
static void pass(int client, int server)
{
    struct pollfd ends[] = { { .fd = client, .events = POLLIN },
                             { .fd = server, .events = POLLIN } };
    unsigned char data[HELLO_SIZE];

    while (poll(ends, 2, -1) > 0) {
        for (int i = 0; i < 2; i++) {
            if (!ends[i].revents)
                continue;
            ssize_t got = recv(ends[i].fd, data, sizeof(data), 0);
            if (got <= 0 || !write_all(ends[1 - i].fd, data, (size_t)got))
                return;
        }
    }
}

static void *serve(void *argument)
{
    int client = (int)(intptr_t)argument;
    unsigned char hello[HELLO_SIZE];
    char name[NAME_SIZE];

    size_t size = read_hello(client, hello);
    find_name((cursor){ hello, size }, name);
    const char *address = size > 0 ? address_for(name) : NULL;
    int server = address ? open_socket(address, false) : -1;
    if (server >= 0) {
        if (write_all(server, hello, size))
            pass(client, server);
        (void)close(server);
    }
    (void)close(client);
    return NULL;
}

int main(int argc, char **argv)
{
    for (int i = 2; i < argc && route_count < MAX_ROUTES; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals)
            break;
        *equals = '\0';
        routes[route_count++] = (route){ argv[i], equals + 1 };
    }
    if (argc < 3 || route_count != (size_t)argc - 2) {
        (void)fputs("usage: sni_proxy ADDRESS:PORT NAME=HOST:PORT...\n", stderr);
        return 2;
    }
    int listener = open_socket(argv[1], true);
    if (listener < 0)
        return 1;
    (void)puts("ready");
    (void)fflush(stdout);
    for (;;) {
        pthread_t thread;
        int client = accept(listener, NULL, NULL);
        if (client < 0)
            continue;
        if (pthread_create(&thread, NULL, serve, (void *)(intptr_t)client) == 0)
            (void)pthread_detach(thread);
        else
            (void)close(client);
    }
}
