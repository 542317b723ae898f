/* SPDX-License-Identifier: Apache-2.0 */
/* The WebSocket of one exec call; see pod_exec_session.h. All but the bell on the loop's thread. */
#include "kube/pod_exec_session.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/bell.h"
#include "base/str.h"
#include "kube/client.h"
#include "net/loop.h"
#include "net/websocket.h"

enum {
    MAX_RECEIVED = 4 << 20,  /* a paused socket still brings what it has read already */
    PAUSE_ABOVE = 512 << 10, /* bytes that the calling thread has not fetched */
    QUEUE_BELOW = 256 << 10, /* bytes of the input on their way at most */
    PIECE = 32 << 10,        /* of the input in a message */
    RECORD_HEAD = 5
};

struct vcl_exec_session {
    vcl_http *http;
    vcl_websocket *socket; /* NULL once it is closed */
    vcl_bell bell;
    bool abandoned; /* the caller has gone: free it with the socket */

    vcl_exec_input input;
    vcl_watch_fd *input_watch;
    vcl_buf pieces; /* of the input, from the calling thread */
    bool input_ended;
    bool end_told;
    bool knows_end; /* the server speaks v5 */

    vcl_buf received;
    bool paused;
    bool opened;
    bool status_told;
    bool closed;
    vcluster_error *error;
};

void vcl_exec_exchange_done(vcl_exec_exchange *exchange)
{
    vcl_buf_done(&exchange->received);
    vcluster_error_free(exchange->error);
    exchange->error = NULL;
}

static void free_session(vcl_exec_session *session)
{
    if (!session)
        return;
    vcl_buf_done(&session->pieces);
    vcl_buf_done(&session->received);
    vcl_bell_done(&session->bell);
    vcluster_error_free(session->error);
    free(session);
}
VCL_DEFINE_CLEANUP(vcl_exec_session, free_session);

static void stop_reading(vcl_exec_session *session)
{
    vcl_loop_remove_fd(session->input_watch);
    session->input_watch = NULL;
}

static void fail_session(vcl_exec_session *session, int status, const char *text)
{
    if (!session->error)
        (void)vcl_fail(&session->error, status, "%s", text);
    stop_reading(session);
    vcl_websocket_close(session->socket);
}

/* ---- Input ---- */

static bool has_room(const vcl_exec_session *session)
{
    return vcl_websocket_queued(session->socket) < QUEUE_BELOW;
}

static bool send_piece(vcl_exec_session *session, const uint8_t *bytes, size_t size)
{
    uint8_t message[PIECE + 1] = { VCL_EXEC_INPUT };

    memcpy(message + 1, bytes, size);
    if (vcl_websocket_send(session->socket, message, size + 1))
        return true;
    fail_session(session, VCLUSTER_E_UNAVAILABLE, "the command's input cannot be sent");
    return false;
}

static void send_bytes(vcl_exec_session *session)
{
    vcl_exec_input *input = &session->input;

    while (input->size > 0 && has_room(session)) {
        size_t size = input->size < PIECE ? input->size : PIECE;

        if (!send_piece(session, input->bytes, size))
            return;
        input->bytes += size;
        input->size -= size;
    }
    session->input_ended = input->size == 0;
}

static void send_pieces(vcl_exec_session *session)
{
    while (session->pieces.size > 0 && has_room(session)) {
        size_t size = session->pieces.size < PIECE ? session->pieces.size : PIECE;

        if (!send_piece(session, (const uint8_t *)session->pieces.data, size))
            return;
        vcl_buf_consume(&session->pieces, size);
    }
}

static void tell_end(vcl_exec_session *session)
{
    static const uint8_t end[] = { VCL_EXEC_CLOSE, VCL_EXEC_INPUT };

    if (session->end_told || !session->input_ended || session->pieces.size > 0)
        return;
    session->end_told = true;
    if (session->knows_end)
        (void)vcl_websocket_send(session->socket, end, sizeof(end));
    else
        vcl_http_log(session->http, VCLUSTER_LOG_WARNING,
                     "the server speaks " VCL_EXEC_PROTOCOL_4
                     " only: the command is not told that its input has ended");
}

/* Send what there is of the input, as far as there is room. */
static void feed(vcl_exec_session *session)
{
    if (!session->opened || session->closed || !session->socket || !session->input.wanted ||
        session->abandoned || session->error)
        return;
    if (session->input.piecewise)
        send_pieces(session);
    else if (session->input.fd < 0)
        send_bytes(session);
    else if (session->input_watch)
        vcl_loop_set_events(session->input_watch, has_room(session) ? POLLIN : 0);
    if (session->error)
        return;
    tell_end(session);
    if (session->input.piecewise && session->pieces.size == 0 && !session->input_ended)
        vcl_bell_ring(&session->bell); /* the caller is asked for more */
}

static void on_input(vcl_watch_fd *watch, short revents, void *data)
{
    vcl_exec_session *session = data;
    uint8_t bytes[PIECE];

    (void)watch;
    (void)revents;
    ssize_t got = read(session->input.fd, bytes, sizeof(bytes));
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got > 0) {
        if (send_piece(session, bytes, (size_t)got))
            feed(session);
    } else { /* a terminal that has gone is an end too */
        stop_reading(session);
        session->input_ended = true;
        feed(session);
    }
    vcl_wipe(bytes, sizeof(bytes));
}

/* ---- Events of the socket ---- */

static void on_open(vcl_websocket *socket, const char *protocol, void *data)
{
    vcl_exec_session *session = data;

    (void)socket;
    session->opened = true;
    session->knows_end = vcl_streq(protocol, VCL_EXEC_PROTOCOL_5);
    if (session->abandoned)
        return;
    if (session->input.wanted && session->input.fd >= 0) {
        session->input_watch =
            vcl_loop_add_fd(session->http, session->input.fd, POLLIN, on_input, session);
        if (!session->input_watch)
            fail_session(session, VCLUSTER_E_NO_MEMORY, "out of memory");
    }
    feed(session);
    vcl_bell_ring(&session->bell);
}

static void on_message(vcl_websocket *socket, const uint8_t *bytes, size_t size, void *data)
{
    vcl_exec_session *session = data;
    const uint8_t *payload = NULL;
    size_t payload_size = 0;
    int channel = 0;

    if (session->abandoned || session->error)
        return;
    vcl_exec_kind kind = vcl_exec_frame(bytes, size, &channel, &payload, &payload_size);
    if (kind == VCL_EXEC_NOTHING)
        return;
    if (kind == VCL_EXEC_BROKEN || session->status_told) {
        fail_session(session, VCLUSTER_E_PROTOCOL,
                     "the server sent an exec message against its protocol");
        return;
    }
    uint8_t head[RECORD_HEAD] = { (uint8_t)channel };
    uint32_t length = (uint32_t)payload_size;
    memcpy(head + 1, &length, sizeof(length));
    if (session->received.size + RECORD_HEAD + payload_size > MAX_RECEIVED ||
        !vcl_buf_append(&session->received, head, RECORD_HEAD) ||
        !vcl_buf_append(&session->received, payload, payload_size)) {
        fail_session(session, VCLUSTER_E_NO_MEMORY,
                     "no memory is left for the output of the command");
        return;
    }
    session->status_told = kind == VCL_EXEC_END;
    if (session->status_told)
        stop_reading(session);
    if (session->received.size > PAUSE_ABOVE && !session->paused) {
        session->paused = true;
        vcl_websocket_pause(socket, true);
    }
    vcl_bell_ring(&session->bell);
}

static void on_drain(vcl_websocket *socket, void *data)
{
    (void)socket;
    feed(data);
}

/* The socket's error is not ours to keep: make one that says the same. */
static void copy_error(vcl_exec_session *session, const vcluster_error *error)
{
    if (session->error || !error)
        return;
    (void)vcl_fail(&session->error, vcluster_error_code(error), "%s",
                   vcluster_error_message(error));
    vcl_error_set_http(&session->error, vcluster_error_http_status(error));
    if (!vcl_str_empty(vcluster_error_reason(error)))
        vcl_error_set_reason(&session->error, vcluster_error_reason(error));
    /* Once it runs nobody knows what the command has done. */
    vcl_error_set_retryable(&session->error, vcluster_error_retryable(error) && !session->opened);
}

static void on_close(vcl_websocket *socket, const vcluster_error *error, void *data)
{
    vcl_exec_session *session = data;

    (void)socket;
    session->socket = NULL;
    stop_reading(session);
    if (session->abandoned) {
        free_session(session);
        return;
    }
    copy_error(session, error);
    session->closed = true;
    vcl_bell_ring(&session->bell);
}

/* ---- Jobs ---- */

typedef struct open_job {
    vcl_exec_session *session;
    const char *path;
    int status;
    vcluster_error *error;
} open_job;

static void run_open(vcl_http *http, void *data)
{
    static const vcl_websocket_events events = {
        .on_open = on_open, .on_message = on_message, .on_drain = on_drain, .on_close = on_close
    };
    open_job *job = data;

    job->status = vcl_websocket_open(http, job->path, VCL_EXEC_PROTOCOLS, &events, job->session,
                                     &job->session->socket, &job->error);
}

int vcl_exec_session_open(vcl_kube *kube,
                          const char *path,
                          const vcl_exec_input *input,
                          vcl_exec_session **out_session,
                          vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_exec_session) session = calloc(1, sizeof(*session));
    if (!session)
        return vcl_no_memory(error);

    session->http = vcl_kube_http(kube);
    session->input = *input;
    session->bell = (vcl_bell)VCL_BELL_NONE;
    vcl_buf_init(&session->received, MAX_RECEIVED);
    vcl_buf_init(&session->pieces, QUEUE_BELOW);
    if (!vcl_bell_init(&session->bell))
        return vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor is left for an exec");

    open_job job = { .session = session, .path = path };
    int status = vcl_loop_run(session->http, run_open, &job, error);
    if (status < 0)
        return status;
    if (job.status < 0)
        return vcl_error_pass(error, &job.error, job.status);
    *out_session = vcl_steal(&session);
    return VCLUSTER_OK;
}

static void run_close(vcl_http *http, void *data)
{
    vcl_exec_session *session = data;

    (void)http;
    stop_reading(session);
    session->input = (vcl_exec_input){ .fd = -1 };
    session->abandoned = true;
    if (session->socket)
        vcl_websocket_close(session->socket); /* on_close frees the session */
    else
        free_session(session);
}

void vcl_exec_session_close(vcl_exec_session *session)
{
    if (session) /* in the child of a fork all is the parent's: leave it as it is */
        (void)vcl_loop_run(session->http, run_close, session, NULL);
}

int vcl_exec_session_fd(const vcl_exec_session *session)
{
    return session->bell.read_fd;
}

typedef struct exchange_job {
    vcl_exec_session *session;
    vcl_exec_exchange *exchange;
} exchange_job;

static void take_input(vcl_exec_session *session, const vcl_exec_exchange *exchange)
{
    if (exchange->piece_size > 0 &&
        !vcl_buf_append(&session->pieces, exchange->piece, exchange->piece_size) && session->socket)
        fail_session(session, VCLUSTER_E_NO_MEMORY, "no memory is left for the command's input");
    session->input_ended = session->input_ended || exchange->input_ended;
}

static void run_exchange(vcl_http *http, void *data)
{
    exchange_job *job = data;
    vcl_exec_session *session = job->session;
    vcl_exec_exchange *exchange = job->exchange;
    vcl_buf fetched = session->received;

    (void)http;
    vcl_bell_quiet(&session->bell);
    session->received = exchange->received; /* empty, with its memory */
    exchange->received = fetched;
    take_input(session, exchange);
    if (session->paused && session->socket) {
        session->paused = false;
        vcl_websocket_pause(session->socket, false);
    }
    if (exchange->resize && session->opened && session->socket)
        (void)vcl_websocket_send(session->socket, exchange->resize, exchange->resize_size);
    if (exchange->piece_size > 0 || exchange->input_ended)
        feed(session);

    exchange->opened = session->opened;
    exchange->wants_piece = session->opened && session->socket && session->input.piecewise &&
                            !session->input_ended && session->pieces.size == 0;
    exchange->input_stuck = session->end_told && !session->knows_end;
    exchange->status_told = session->status_told;
    exchange->closed = session->closed;
    if (session->closed) {
        exchange->error = session->error;
        session->error = NULL;
    }
}

int vcl_exec_session_exchange(vcl_exec_session *session,
                              vcl_exec_exchange *exchange,
                              vcluster_error **error)
{
    exchange_job job = { session, exchange };

    if (exchange->received.max == 0)
        vcl_buf_init(&exchange->received, MAX_RECEIVED);
    vcl_buf_reset(&exchange->received);
    return vcl_loop_run(session->http, run_exchange, &job, error);
}

bool vcl_exec_next_record(
    const vcl_buf *received, size_t *at, int *out_channel, const void **out_bytes, size_t *out_size)
{
    uint32_t length;

    if (*at >= received->size)
        return false;
    memcpy(&length, received->data + *at + 1, sizeof(length));
    *out_channel = (uint8_t)received->data[*at];
    *out_bytes = received->data + *at + RECORD_HEAD;
    *out_size = length;
    *at += RECORD_HEAD + length;
    return true;
}
