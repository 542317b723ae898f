/* SPDX-License-Identifier: Apache-2.0 */
/* One connection of a client through the chaos proxy: frames or bytes, and where it is struck. */
#include "chaos_conn.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_SIZE = 9,
    PREFACE_SIZE = 24,
    DATA = 0,
    HEADERS = 1,
    RST_STREAM = 3,
    GOAWAY = 7,
    END_STREAM = 1,
    END_HEADERS = 4,
    REFUSED_STREAM = 7,
    MAX_DELAY_MS = 60,
    LAST_WORDS_MS = 400, /* of a connection that has said GOAWAY */
    MAX_TRICKLE = 150
};

static bool side_write(chaos_side *side, const uint8_t *bytes, size_t size)
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

/* 1: bytes have come; 0: a record without any; -1: the end. */
static int side_read(chaos_side *side)
{
    int room = (int)(sizeof(side->bytes) - side->size);
    int done = room > 0 ? SSL_read(side->ssl, side->bytes + side->size, room) : -1;

    if (done <= 0)
        return room > 0 && SSL_get_error(side->ssl, done) == SSL_ERROR_WANT_READ ? 0 : -1;
    side->size += (size_t)done;
    return 1;
}

static void side_consume(chaos_side *side, size_t size)
{
    side->size -= size;
    memmove(side->bytes, side->bytes + size, side->size);
}

static void pause_ms(unsigned ms)
{
    const struct timespec time = { ms / 1000, (ms % 1000) * 1000000L };

    (void)nanosleep(&time, NULL);
}

static bool reset_client(chaos_conn *conn)
{
    struct linger linger = { .l_onoff = 1, .l_linger = 0 };

    (void)setsockopt(conn->client.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    return false;
}

/* Half of a TLS record, and the end. */
static bool cut_record(chaos_conn *conn, const uint8_t *bytes, size_t size)
{
    BIO *sealed = BIO_new(BIO_s_mem());
    char *data = NULL;

    SSL_set0_wbio(conn->client.ssl, sealed);
    (void)SSL_write(conn->client.ssl, bytes, size > 16384 ? 16384 : (int)size);
    long sealed_size = BIO_get_mem_data(sealed, &data);
    if (sealed_size > 1)
        (void)!write(conn->client.fd, data, (size_t)sealed_size / 2);
    return false;
}

static bool trickle(chaos_conn *conn, const uint8_t *bytes, size_t size)
{
    size_t slow = size < MAX_TRICKLE ? size : MAX_TRICKLE;

    for (size_t i = 0; i < slow; i++) {
        if (!side_write(&conn->client, bytes + i, 1))
            return false;
        pause_ms(1);
    }
    return side_write(&conn->client, bytes + slow, size - slow);
}

/* ---- What is said in the server's place ---- */

static int status_of(chaos_kind kind)
{
    return kind == CHAOS_BUSY ? 429 : kind == CHAOS_ERROR ? 500 : kind == CHAOS_GONE ? 410 : 503;
}

static int status_body(chaos_kind kind, char *text, size_t size)
{
    static const char *const reasons[] = { "TooManyRequests", "InternalError", "Expired",
                                           "ServiceUnavailable" };
    int code = status_of(kind);
    int reason = code == 429 ? 0 : code == 500 ? 1 : code == 410 ? 2 : 3;

    return snprintf(text, size,
                    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":"
                    "\"Failure\",\"message\":\"chaos\",\"reason\":\"%s\",\"code\":%d}",
                    reasons[reason], code);
}

static bool has_retry_after(chaos_kind kind)
{
    return kind == CHAOS_BUSY || kind == CHAOS_UNAVAILABLE;
}

static void put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static bool
say(chaos_conn *conn, int type, int flags, uint32_t stream, const void *data, size_t size)
{
    uint8_t frame[HEAD_SIZE + 1024];

    put_u32(frame, (uint32_t)size << 8);
    frame[3] = (uint8_t)type;
    frame[4] = (uint8_t)flags;
    put_u32(frame + 5, stream);
    memcpy(frame + HEAD_SIZE, data, size);
    return side_write(&conn->client, frame, HEAD_SIZE + size);
}

static bool say_goaway(chaos_conn *conn, uint32_t last)
{
    uint8_t body[8] = { 0 };

    put_u32(body, last);
    conn->ends_at_ms = chaos_now_ms() + LAST_WORDS_MS;
    return say(conn, GOAWAY, 0, 0, body, sizeof(body));
}

/* Literals without indexing (RFC 7541, 6.2.2): the server's table of headers stays as it is. The
 * server has not seen the request's headers, whose table is out of step then: so it ends with
 * GOAWAY. */
static bool say_status(chaos_conn *conn, uint32_t stream, chaos_kind kind)
{
    char head[32];
    char body[256];
    int size = status_body(kind, body, sizeof(body));
    int head_size = snprintf(head, sizeof(head), "\x08\x03%d", status_of(kind));

    if (has_retry_after(kind)) {
        static const char retry[] = "\x0f\x26\x01" /* retry-after, of the static table */
                                    "0";
        memcpy(head + head_size, retry, sizeof(retry) - 1);
        head_size += (int)sizeof(retry) - 1;
    }
    return say(conn, HEADERS, END_HEADERS, stream, head, (size_t)head_size) &&
           say(conn, DATA, END_STREAM, stream, body, (size_t)size) && say_goaway(conn, stream);
}

static bool say_refused(chaos_conn *conn, uint32_t stream)
{
    uint8_t code[4];

    put_u32(code, REFUSED_STREAM);
    return say(conn, RST_STREAM, 0, stream, code, sizeof(code)) && say_goaway(conn, stream);
}

/* ---- HTTP/2 ---- */

/* A request is about to be relayed. Returns whether the connection goes on; *out_relay: with it. */
static bool strike_stream(chaos_conn *conn, uint32_t stream, bool *out_relay)
{
    chaos_kind kind = conn->armed ? CHAOS_NONE : chaos_choose(conn->proxy, true);

    *out_relay = true;
    switch (kind) {
    case CHAOS_DELAY:
        pause_ms(1 + chaos_random(conn->proxy, MAX_DELAY_MS));
        return true;
    case CHAOS_RESET_BEFORE:
    case CHAOS_RENEWED_SERVER:
    case CHAOS_FOREIGN_SERVER:
        return reset_client(conn);
    case CHAOS_HALF_OPEN:
        conn->silent = true;
        return true;
    case CHAOS_RESET_AFTER:
    case CHAOS_CUT_FRAME:
    case CHAOS_CUT_RECORD:
    case CHAOS_TRICKLE:
        conn->armed = kind;
        conn->stream = stream;
        conn->frame_type = chaos_random(conn->proxy, 2) ? HEADERS : DATA;
        return true;
    case CHAOS_GOAWAY_AFTER:
        conn->drop_from = stream + 1;
        return say_goaway(conn, stream);
    case CHAOS_BUSY:
    case CHAOS_ERROR:
    case CHAOS_UNAVAILABLE:
    case CHAOS_GONE:
    case CHAOS_GOAWAY_BEFORE:
    case CHAOS_REFUSED:
        conn->drop_from = stream;
        *out_relay = false;
        return kind == CHAOS_GOAWAY_BEFORE ? say_goaway(conn, stream - 1)
               : kind == CHAOS_REFUSED     ? say_refused(conn, stream)
                                           : say_status(conn, stream, kind);
    case CHAOS_NONE:
    case CHAOS_KINDS:
    default:
        return true;
    }
}

static size_t frame_size(const chaos_side *side)
{
    if (side->size < HEAD_SIZE)
        return 0;
    size_t size = HEAD_SIZE + (get_u32(side->bytes) >> 8);
    return side->size < size ? 0 : size;
}

static bool take_request_frames(chaos_conn *conn)
{
    chaos_side *client = &conn->client;

    if (!conn->begun) {
        if (client->size < PREFACE_SIZE)
            return true;
        conn->begun = true;
        if (!side_write(&conn->server, client->bytes, PREFACE_SIZE))
            return false;
        side_consume(client, PREFACE_SIZE);
    }
    for (size_t size; (size = frame_size(client)) > 0; side_consume(client, size)) {
        uint32_t stream = get_u32(client->bytes + 5);
        bool relay = conn->drop_from == 0 || stream == 0 || stream < conn->drop_from;

        if (relay && client->bytes[3] == HEADERS && !strike_stream(conn, stream, &relay))
            return false;
        if (conn->silent)
            return true;
        if (relay && !side_write(&conn->server, client->bytes, size))
            return false;
    }
    return true;
}

/* The answer that is to be struck has begun. */
static bool strike_answer(chaos_conn *conn, const uint8_t *bytes, size_t size)
{
    chaos_kind kind = conn->armed;

    conn->armed = CHAOS_NONE;
    switch ((int)kind) {
    case CHAOS_RESET_AFTER:
        return reset_client(conn);
    case CHAOS_CUT_FRAME:
        (void)side_write(&conn->client, bytes, 1 + chaos_random(conn->proxy, (unsigned)size) / 2);
        return false;
    case CHAOS_CUT_RECORD:
        return cut_record(conn, bytes, size);
    default:
        return trickle(conn, bytes, size);
    }
}

static bool take_answer_frames(chaos_conn *conn)
{
    chaos_side *server = &conn->server;

    for (size_t size; (size = frame_size(server)) > 0; side_consume(server, size)) {
        int type = server->bytes[3];
        bool last = (type == HEADERS || type == DATA) && (server->bytes[4] & END_STREAM);
        bool hit = conn->armed && get_u32(server->bytes + 5) == conn->stream &&
                   (type == conn->frame_type || last || type == RST_STREAM);

        if (!(hit ? strike_answer(conn, server->bytes, size)
                  : side_write(&conn->client, server->bytes, size)))
            return false;
    }
    return true;
}

/* ---- HTTP/1.1: one request a connection ---- */

/* A 410 inside of a watch that has begun well. */
static bool answer_watch_gone(chaos_conn *conn)
{
    char body[256];
    char text[640];
    int size = status_body(CHAOS_GONE, body, sizeof(body));
    int event_size = size + (int)strlen("{\"type\":\"ERROR\",\"object\":}\n");

    int length = snprintf(text, sizeof(text),
                          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                          "chunked\r\n\r\n%x\r\n{\"type\":\"ERROR\",\"object\":%s}\n\r\n0\r\n\r\n",
                          (unsigned)event_size, body);
    (void)side_write(&conn->client, (const uint8_t *)text, (size_t)length);
    return false;
}

static bool answer_status(chaos_conn *conn, chaos_kind kind)
{
    char body[256];
    char text[640];
    int size = status_body(kind, body, sizeof(body));

    conn->client.bytes[conn->client.size - 1] = '\0';
    if (kind == CHAOS_GONE && strstr((const char *)conn->client.bytes, "watch=1"))
        return answer_watch_gone(conn);
    int length =
        snprintf(text, sizeof(text),
                 "HTTP/1.1 %d Chaos\r\nContent-Type: application/json\r\n"
                 "Connection: close\r\n%sContent-Length: %d\r\n\r\n%s",
                 status_of(kind), has_retry_after(kind) ? "Retry-After: 0\r\n" : "", size, body);
    (void)side_write(&conn->client, (const uint8_t *)text, (size_t)length);
    return false;
}

static bool strike_connection(chaos_conn *conn)
{
    chaos_kind kind = chaos_choose(conn->proxy, false);

    switch ((int)kind) {
    case CHAOS_NONE:
        return true;
    case CHAOS_DELAY:
        pause_ms(1 + chaos_random(conn->proxy, MAX_DELAY_MS));
        return true;
    case CHAOS_HALF_OPEN:
        conn->silent = true;
        return true;
    case CHAOS_RESET_AFTER:
    case CHAOS_CUT_FRAME:
    case CHAOS_CUT_RECORD:
    case CHAOS_TRICKLE:
        conn->armed = kind;
        conn->bytes_before = chaos_random(conn->proxy, 6000);
        return true;
    case CHAOS_BUSY:
    case CHAOS_ERROR:
    case CHAOS_UNAVAILABLE:
    case CHAOS_GONE:
        return answer_status(conn, kind);
    default:
        return reset_client(conn);
    }
}

static bool take_request_bytes(chaos_conn *conn)
{
    chaos_side *client = &conn->client;

    if (!conn->begun) {
        conn->begun = true;
        if (!strike_connection(conn))
            return false;
    }
    if (conn->silent)
        return true;
    bool written = side_write(&conn->server, client->bytes, client->size);
    client->size = 0;
    return written;
}

static bool take_answer_bytes(chaos_conn *conn)
{
    chaos_side *server = &conn->server;
    size_t size = server->size;

    server->size = 0;
    if (conn->armed && size > conn->bytes_before)
        return strike_answer(conn, server->bytes, size);
    if (conn->armed)
        conn->bytes_before -= size;
    return side_write(&conn->client, server->bytes, size);
}

/* ---- The connection ---- */

static bool connect_server(chaos_conn *conn)
{
    static const unsigned char http2[] = "\x02h2";
    static const unsigned char http1[] = "\x08http/1.1";
    chaos_side *server = &conn->server;
    int yes = 1;
    int fd = fault_upstream_connect(&conn->proxy->upstream);

    (void)pthread_mutex_lock(&conn->proxy->lock);
    server->fd = fd;
    (void)pthread_mutex_unlock(&conn->proxy->lock);
    if (fd < 0)
        return false;
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    server->ssl = SSL_new(conn->proxy->upstream.context);
    return server->ssl && SSL_clear_mode(server->ssl, SSL_MODE_AUTO_RETRY) >= 0 &&
           SSL_set_alpn_protos(server->ssl, conn->http2 ? http2 : http1,
                               conn->http2 ? sizeof(http2) - 1 : sizeof(http1) - 1) == 0 &&
           SSL_set_fd(server->ssl, fd) == 1 && SSL_connect(server->ssl) == 1;
}

/* A half-open peer: it takes and says nothing, until the client gives up. */
static void stay_silent(chaos_conn *conn)
{
    struct pollfd fd = { .fd = conn->client.fd, .events = POLLIN };
    char bytes[4096];

    while (poll(&fd, 1, -1) > 0 && recv(fd.fd, bytes, sizeof(bytes), 0) > 0)
        ;
}

static bool take(chaos_conn *conn, chaos_side *side)
{
    int status = side_read(side);

    if (status <= 0)
        return status == 0;
    if (side == &conn->client)
        return conn->http2 ? take_request_frames(conn) : take_request_bytes(conn);
    return conn->http2 ? take_answer_frames(conn) : take_answer_bytes(conn);
}

static void relay(chaos_conn *conn)
{
    chaos_side *sides[2] = { &conn->client, &conn->server };

    while (!conn->silent) {
        struct pollfd fds[2] = { { .fd = conn->client.fd, .events = POLLIN },
                                 { .fd = conn->server.fd, .events = POLLIN } };
        bool waiting = SSL_pending(sides[0]->ssl) > 0 || SSL_pending(sides[1]->ssl) > 0;
        int64_t left_ms = conn->ends_at_ms ? conn->ends_at_ms - chaos_now_ms() : -1;

        if (conn->ends_at_ms && left_ms <= 0)
            return;
        if (poll(fds, 2, waiting ? 0 : (int)left_ms) < 0)
            return;
        for (int i = 0; i < 2 && !conn->silent; i++) {
            if ((fds[i].revents || SSL_pending(sides[i]->ssl) > 0) && !take(conn, sides[i]))
                return;
        }
    }
    stay_silent(conn);
}

static bool accept_client(chaos_conn *conn)
{
    chaos_side *client = &conn->client;
    const unsigned char *name = NULL;
    unsigned size = 0;
    int yes = 1;

    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    client->ssl = SSL_new(chaos_context(conn->proxy));
    if (!client->ssl || SSL_clear_mode(client->ssl, SSL_MODE_AUTO_RETRY) < 0 ||
        SSL_set_fd(client->ssl, client->fd) != 1 || SSL_accept(client->ssl) != 1)
        return false;
    SSL_get0_alpn_selected(client->ssl, &name, &size);
    conn->http2 = size == 2;
    return true;
}

void *chaos_conn_main(void *data)
{
    chaos_conn *conn = data;

    if (accept_client(conn) && connect_server(conn))
        relay(conn);
    (void)pthread_mutex_lock(&conn->proxy->lock);
    conn->ended = true;
    SSL_free(conn->client.ssl);
    SSL_free(conn->server.ssl);
    (void)close(conn->client.fd);
    if (conn->server.fd >= 0)
        (void)close(conn->server.fd);
    (void)pthread_mutex_unlock(&conn->proxy->lock);
    return NULL;
}
