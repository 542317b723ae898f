/* SPDX-License-Identifier: Apache-2.0 */
/* One connection of a client through the fault proxy: requests, answers, faults. */
#include "fault_conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_HEAD = 64 << 10 };

/* How a relay ended. */
typedef enum relay_end { RELAY_DONE, RELAY_CUT, RELAY_BROKEN } relay_end;

/* ---- One side ---- */

static bool side_write(fault_side *side, const char *bytes, size_t size)
{
    while (size > 0) {
        int done = SSL_write(side->ssl, bytes, size > 16384 ? 16384 : (int)size);
        if (done <= 0)
            return false;
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

static bool side_has_bytes(const fault_side *side)
{
    return side->from < side->to || SSL_pending(side->ssl) > 0;
}

/* Have at least a byte. 1: so it is; 0: a record without data came; -1: the end. */
static int side_read(fault_side *side)
{
    if (side->from < side->to)
        return 1;
    int done = SSL_read(side->ssl, side->bytes, sizeof(side->bytes));
    if (done <= 0)
        return SSL_get_error(side->ssl, done) == SSL_ERROR_WANT_READ ? 0 : -1;
    side->from = 0;
    side->to = (size_t)done;
    return 1;
}

static bool client_fill(fault_conn *conn)
{
    int status = 0;

    while (status == 0)
        status = side_read(&conn->client);
    return status > 0;
}

/* Bytes of the server; false also when the client has gone: it says nothing while it waits. */
static bool server_fill(fault_conn *conn)
{
    struct pollfd fds[2] = { { .fd = conn->server.fd, .events = POLLIN },
                             { .fd = conn->client.fd, .events = POLLIN } };

    for (;;) {
        if (!side_has_bytes(&conn->server) &&
            (poll(fds, 2, -1) < 0 || (fds[1].revents && !fds[0].revents)))
            return false;
        int status = side_read(&conn->server);
        if (status != 0)
            return status > 0;
    }
}

static void side_close(fault_side *side)
{
    SSL_free(side->ssl);
    side->ssl = NULL;
    if (side->fd >= 0)
        (void)close(side->fd);
    side->fd = -1;
}

static void reset_client(fault_conn *conn)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    (void)setsockopt(conn->client.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* ---- Heads ---- */

typedef struct head {
    char text[MAX_HEAD]; /* with the empty line */
    size_t size;
    char method[16];
    char path[4096];
    int status;
} head;

/* One line with its end; false at the end of the connection. */
static bool read_line(fault_conn *conn, fault_side *side, char *line, size_t max)
{
    size_t size = 0;

    while (size + 1 < max) {
        if (!(side == &conn->server ? server_fill(conn) : client_fill(conn)))
            return false;
        char c = side->bytes[side->from++];
        line[size++] = c;
        line[size] = '\0';
        if (c == '\n')
            return true;
    }
    return false;
}

static bool read_head(fault_conn *conn, fault_side *side, head *out)
{
    out->size = 0;
    do {
        if (!read_line(conn, side, out->text + out->size, sizeof(out->text) - out->size))
            return false;
        out->size += strlen(out->text + out->size);
    } while (out->size < 4 || memcmp(out->text + out->size - 4, "\r\n\r\n", 4) != 0);
    return true;
}

static const char *find_header(const head *from, const char *name)
{
    size_t size = strlen(name);

    for (const char *line = strstr(from->text, "\r\n"); line; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, size) == 0 && line[2 + size] == ':')
            return line + 3 + size + strspn(line + 3 + size, " ");
    }
    return NULL;
}

static bool header_has(const head *from, const char *name, const char *part)
{
    const char *value = find_header(from, name);

    return value && strncasecmp(value, part, strlen(part)) == 0;
}

/* The client's credentials stay here; ours are used instead. */
static void replace_authorization(const fault_proxy *proxy, head *request)
{
    char *value = NULL;
    const char *found = find_header(request, "Authorization");

    if (found) {
        char *begin = request->text + (found - request->text);
        while (begin[-1] != '\n')
            begin--;
        char *end = strstr(begin, "\r\n") + 2;
        memmove(begin, end, strlen(end) + 1);
    }
    request->size = strlen(request->text);
    if (proxy->upstream.token &&
        asprintf(&value, "Authorization: Bearer %s\r\n\r\n", proxy->upstream.token) > 0) {
        (void)snprintf(request->text + request->size - 2, sizeof(request->text) - request->size,
                       "%s", value);
        request->size = strlen(request->text);
        free(value);
    }
}

/* ---- Bodies ---- */

/* Write to the client unless `budget` (of all bytes; -1: no end) says that the line is cut. */
static relay_end give(fault_conn *conn, const char *bytes, size_t size, long *budget)
{
    size_t allowed = *budget >= 0 && (size_t)*budget < size ? (size_t)*budget : size;

    if (!side_write(&conn->client, bytes, allowed))
        return RELAY_BROKEN;
    if (*budget >= 0)
        *budget -= (long)allowed;
    return allowed < size || *budget == 0 ? RELAY_CUT : RELAY_DONE;
}

static relay_end relay_bytes(fault_conn *conn, size_t size, long *budget)
{
    fault_side *server = &conn->server;

    while (size > 0) {
        if (!server_fill(conn))
            return RELAY_BROKEN;
        size_t part = server->to - server->from < size ? server->to - server->from : size;
        relay_end end = give(conn, server->bytes + server->from, part, budget);
        server->from += part;
        size -= part;
        if (end != RELAY_DONE)
            return end;
    }
    return RELAY_DONE;
}

static relay_end relay_chunks(fault_conn *conn, long *budget)
{
    char line[1024];

    for (;;) {
        if (!read_line(conn, &conn->server, line, sizeof(line)))
            return RELAY_BROKEN;
        size_t size = strtoul(line, NULL, 16);
        relay_end end = give(conn, line, strlen(line), budget);
        if (end == RELAY_DONE) /* the last chunk is followed by an empty line too */
            end = relay_bytes(conn, size + 2, budget);
        if (end != RELAY_DONE || size == 0)
            return end;
    }
}

static relay_end relay_body(fault_conn *conn, const head *request, const head *answer, long budget)
{
    const char *length = find_header(answer, "Content-Length");

    if (strcmp(request->method, "HEAD") == 0 || answer->status == 204 || answer->status == 304)
        return RELAY_DONE;
    if (length)
        return relay_bytes(conn, strtoul(length, NULL, 10), &budget);
    if (header_has(answer, "Transfer-Encoding", "chunked"))
        return relay_chunks(conn, &budget);
    (void)relay_bytes(conn, SIZE_MAX, &budget); /* until the server closes */
    return RELAY_CUT;
}

/* ---- Requests ---- */

/* A head and its body are two writes: the second must not wait for the first's acknowledgement. */
static void send_at_once(int fd)
{
    int yes = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
}

static bool connect_server(fault_conn *conn)
{
    fault_side *server = &conn->server;

    if (server->ssl)
        return true;
    int fd = fault_upstream_connect(&conn->proxy->upstream);
    (void)pthread_mutex_lock(&conn->proxy->lock);
    server->fd = fd;
    (void)pthread_mutex_unlock(&conn->proxy->lock);
    if (fd < 0)
        return false;
    send_at_once(fd);
    server->ssl = SSL_new(conn->proxy->upstream.context);
    /* A read after poll() must not wait for data behind a session ticket. */
    return server->ssl && SSL_clear_mode(server->ssl, SSL_MODE_AUTO_RETRY) >= 0 &&
           SSL_set_fd(server->ssl, server->fd) == 1 && SSL_connect(server->ssl) == 1;
}

static bool send_request(fault_conn *conn, head *request, const char *body, size_t body_size)
{
    replace_authorization(conn->proxy, request);
    return connect_server(conn) && side_write(&conn->server, request->text, request->size) &&
           side_write(&conn->server, body, body_size);
}

/* Raw bytes in both directions until either side ends, or the server has sent `budget` (-1: no
 * end). */
static relay_end pass_through(fault_conn *conn, long budget)
{
    fault_side *sides[2] = { &conn->client, &conn->server };

    for (;;) {
        struct pollfd fds[2] = { { .fd = conn->client.fd, .events = POLLIN },
                                 { .fd = conn->server.fd, .events = POLLIN } };
        bool waiting = side_has_bytes(sides[0]) || side_has_bytes(sides[1]);

        if (poll(fds, 2, waiting ? 0 : -1) < 0)
            return RELAY_BROKEN;
        for (int i = 0; i < 2; i++) {
            if (!fds[i].revents && !side_has_bytes(sides[i]))
                continue;
            int status = side_read(sides[i]);
            if (status == 0)
                continue;
            size_t size = sides[i]->to - sides[i]->from;
            bool cut = i == 1 && budget >= 0 && size >= (size_t)budget;
            if (cut)
                size = (size_t)budget;
            if (status < 0 || !side_write(sides[1 - i], sides[i]->bytes + sides[i]->from, size))
                return RELAY_BROKEN;
            if (cut)
                return RELAY_CUT;
            if (i == 1 && budget >= 0)
                budget -= (long)size;
            sides[i]->from = sides[i]->to;
        }
    }
}

static void strike(const fault_rule *rule)
{
    if (rule->on_strike)
        rule->on_strike(rule->data);
}

/* Hand a request on and its answer back. Returns whether the connection goes on. */
static bool
forward(fault_conn *conn, head *request, const char *body, size_t body_size, const fault_rule *rule)
{
    long budget = rule->kind == FAULT_CUT_BODY ? rule->value : -1;
    head *answer = calloc(1, sizeof(*answer));
    relay_end end = RELAY_BROKEN;

    bool answered = answer && send_request(conn, request, body, body_size) &&
                    read_head(conn, &conn->server, answer) &&
                    sscanf(answer->text, "HTTP/1.1 %d", &answer->status) == 1;
    if (answered && rule->kind == FAULT_REPLY_LOST) {
        strike(rule);
        reset_client(conn);
    } else if (answered && side_write(&conn->client, answer->text, answer->size)) {
        end = answer->status == 101 ? pass_through(conn, budget)
                                    : relay_body(conn, request, answer, budget);
        if (end == RELAY_CUT)
            strike(rule);
        if (answer->status == 101 || header_has(answer, "Connection", "close"))
            end = RELAY_BROKEN;
    }
    free(answer);
    return end == RELAY_DONE;
}

static bool
answer_with(fault_conn *conn, int status, const char *headers, const char *type, const char *body)
{
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "HTTP/1.1 %d Fault\r\n%sContent-Type: %s\r\nContent-Length: %zu\r\n\r\n", status,
                   headers, type, strlen(body));
    return side_write(&conn->client, text, strlen(text)) &&
           side_write(&conn->client, body, strlen(body));
}

static bool answer_status(fault_conn *conn, const fault_rule *rule)
{
    static const struct {
        int code;
        const char *reason;
    } reasons[] = { { 401, "Unauthorized" },      { 403, "Forbidden" },
                    { 404, "NotFound" },          { 409, "Conflict" },
                    { 410, "Expired" },           { 422, "Invalid" },
                    { 429, "TooManyRequests" },   { 500, "InternalError" },
                    { 503, "ServiceUnavailable" } };
    const char *reason = "";
    char headers[64] = "";
    char body[256];

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].code == rule->value)
            reason = reasons[i].reason;
    }
    if (rule->retry_after_s > 0)
        (void)snprintf(headers, sizeof(headers), "Retry-After: %d\r\n", rule->retry_after_s);
    (void)snprintf(body, sizeof(body),
                   "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                   "\"Failure\",\"message\":\"the proxy says %d\",\"reason\":\"%s\",\"code\":%d}",
                   rule->value, reason, rule->value);
    return answer_with(conn, rule->value, headers, "application/json", body);
}

static bool answer_huge(fault_conn *conn, int mib)
{
    static char spaces[16384];
    char text[256];
    size_t left = (size_t)mib << 20;

    (void)snprintf(
        text, sizeof(text),
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n{",
        left + 2);
    bool going = side_write(&conn->client, text, strlen(text));
    memset(spaces, ' ', sizeof(spaces));
    for (; going && left > 0; left -= sizeof(spaces))
        going = side_write(&conn->client, spaces, sizeof(spaces));
    return going && side_write(&conn->client, "}", 1);
}

static void stall(fault_conn *conn)
{
    struct pollfd fd = { .fd = conn->client.fd, .events = POLLIN };

    (void)poll(&fd, 1, -1);
}

/* Returns whether the connection goes on. */
static bool serve_one(fault_conn *conn, head *request, const char *body, size_t body_size)
{
    static const char noise[] = "\x01\x02}{]\xff\xfe garbage";
    fault_rule rule = fault_proxy_judge(conn->proxy, request->method, request->path);

    switch (rule.kind) {
    case FAULT_STATUS:
        return answer_status(conn, &rule);
    case FAULT_REFUSE:
        fault_proxy_close_for(conn->proxy, rule.value);
        reset_client(conn);
        return false;
    case FAULT_RESET_BEFORE:
        strike(&rule);
        reset_client(conn);
        return false;
    case FAULT_STALL:
        stall(conn);
        return false;
    case FAULT_GARBAGE:
        return answer_with(conn, 200, "", "application/json", noise);
    case FAULT_NO_HTTP:
        (void)side_write(&conn->client, noise, sizeof(noise));
        return false;
    case FAULT_ANSWER:
        return answer_with(conn, 200, "",
                           rule.content_type ? rule.content_type : "application/json", rule.text);
    case FAULT_HUGE:
        return answer_huge(conn, rule.value);
    case FAULT_NONE:
    case FAULT_REPLY_LOST:
    case FAULT_CUT_BODY:
    default:
        return forward(conn, request, body, body_size, &rule);
    }
}

static char *read_body(fault_conn *conn, const head *request, size_t *out_size)
{
    const char *length = find_header(request, "Content-Length");
    size_t size = length ? strtoul(length, NULL, 10) : 0;
    char *body = calloc(1, size + 1);

    *out_size = size;
    for (size_t done = 0; body && done < size;) {
        if (!client_fill(conn)) {
            free(body);
            return NULL;
        }
        size_t part = conn->client.to - conn->client.from;
        if (part > size - done)
            part = size - done;
        memcpy(body + done, conn->client.bytes + conn->client.from, part);
        conn->client.from += part;
        done += part;
    }
    return body;
}

static void serve(fault_conn *conn)
{
    head *request = calloc(1, sizeof(*request));
    bool going = request != NULL;

    while (going && read_head(conn, &conn->client, request) &&
           sscanf(request->text, "%15s %4095s", request->method, request->path) == 2) {
        size_t size = 0;
        char *body = read_body(conn, request, &size);
        going = body && serve_one(conn, request, body, size);
        free(body);
    }
    free(request);
}

void fault_conn_shut(fault_conn *conn)
{
    if (conn->ended)
        return;
    (void)shutdown(conn->client.fd, SHUT_RDWR);
    if (conn->server.fd >= 0)
        (void)shutdown(conn->server.fd, SHUT_RDWR);
}

void *fault_conn_main(void *data)
{
    fault_conn *conn = data;
    fault_side *client = &conn->client;

    send_at_once(client->fd);
    client->ssl = SSL_new(conn->proxy->context);
    if (client->ssl && SSL_set_fd(client->ssl, client->fd) == 1 && SSL_accept(client->ssl) == 1)
        serve(conn);
    (void)pthread_mutex_lock(&conn->proxy->lock);
    conn->ended = true;
    side_close(client);
    side_close(&conn->server);
    (void)pthread_mutex_unlock(&conn->proxy->lock);
    return NULL;
}
