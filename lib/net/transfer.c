/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way; see transfer.h. */
#include "net/transfer.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "net/client.h"
#include "net/easy.h"

enum {
    HOLD_ABOVE = 64 << 10,
    NEAR_US = 2000 /* the round trip to a server in the same network */
};

/* ---- Callbacks of curl, on the thread that drives ---- */

static void lock(vcl_transfer *transfer)
{
    (void)pthread_mutex_lock(&transfer->http->reactor.lock);
}

static void unlock(vcl_transfer *transfer)
{
    (void)pthread_mutex_unlock(&transfer->http->reactor.lock);
}

static bool is_ordinary(const vcl_transfer *transfer)
{
    return transfer->hold_above == 0;
}

/* Of what comes for an ordinary request its caller reads nothing before the end. */
static void lock_stream(vcl_transfer *transfer)
{
    if (!is_ordinary(transfer))
        lock(transfer);
}

static void unlock_stream(vcl_transfer *transfer)
{
    if (!is_ordinary(transfer))
        unlock(transfer);
}

/* The server lives: it is waited for anew. */
static void note_answer(vcl_transfer *transfer)
{
    if (is_ordinary(transfer))
        transfer->http->reactor.unanswered_ms = vcl_monotonic_ms();
}

static size_t on_header(char *line, size_t size, size_t count, void *data)
{
    vcl_transfer *transfer = data;

    note_answer(transfer);
    lock_stream(transfer);
    bool taken = vcl_head_line(&transfer->head, line, size * count);
    transfer->head_too_large = !taken;
    if (!is_ordinary(transfer) && transfer->head.complete)
        vcl_bell_ring(&transfer->bell);
    unlock_stream(transfer);
    return taken ? size * count : 0;
}

/* What is not taken ends the transfer; its error waits for the caller. */
static size_t give_to_sink(vcl_transfer *transfer, const char *bytes, size_t size)
{
    vcluster_error **error = &transfer->sink_error;
    size_t max = transfer->body.max;

    if (size > max - transfer->received)
        transfer->sink_status = vcl_fail(error, VCLUSTER_E_PROTOCOL,
                                         "the answer is larger than the limit of %zu bytes", max);
    else
        transfer->sink_status = transfer->sink->take(bytes, size, transfer->sink->data, error);
    if (transfer->sink_status < 0)
        return 0;
    transfer->received += size;
    return size;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data)
{
    vcl_transfer *transfer = data;
    size_t taken = size * count;

    note_answer(transfer);
    if (transfer->sink && taken > 0 && transfer->head.status == 200)
        return give_to_sink(transfer, bytes, taken);
    lock_stream(transfer);
    if (transfer->hold_above && transfer->body.size >= transfer->hold_above) {
        transfer->held = true;
        taken = CURL_WRITEFUNC_PAUSE;
    } else if (vcl_buf_append(&transfer->body, bytes, taken)) {
        transfer->received += taken;
    } else {
        taken = taken ? 0 : 1; /* anything else than what was offered is a failure */
    }
    if (!is_ordinary(transfer))
        vcl_bell_ring(&transfer->bell);
    unlock_stream(transfer);
    return taken;
}

/* What a server in the same network would compress is on its way sooner without. Of one behind a
 * proxy (which has another port) the way is not known. */
static void drop_compression_if_near(vcl_transfer *transfer, int remote_port)
{
    if (!transfer->bulky || remote_port != transfer->http->server.port)
        return;
    int64_t trip_us =
        vcl_sockets_round_trip_us(&transfer->http->reactor.sockets, transfer->local_port);
    if (trip_us >= 0 && trip_us < NEAR_US)
        (void)curl_easy_setopt(transfer->easy, CURLOPT_ACCEPT_ENCODING, NULL);
}

/* Called before every sending. curl sends a request again whose reused connection was closed before
 * an answer came, and one that the server has refused to look at (GOAWAY, REFUSED_STREAM), and does
 * not say which it was; the server may have carried it out by then, so only what may be repeated
 * gets a second chance. */
static int on_sending(void *data, char *remote_ip, char *local_ip, int remote_port, int local_port)
{
    vcl_transfer *transfer = data;

    (void)remote_ip;
    (void)local_ip;
    transfer->local_port = local_port;
    vcl_easy_note_session(transfer->http);
    drop_compression_if_near(transfer, remote_port);
    transfer->sendings++;
    return transfer->sendings > 1 && !transfer->may_repeat ? CURL_PREREQFUNC_ABORT
                                                           : CURL_PREREQFUNC_OK;
}

/* The last touch of the loop: whoever holds the lock and sees `finished` owns the transfer. */
static void finish(vcl_transfer *transfer, CURLcode result)
{
    vcl_reactor *reactor = &transfer->http->reactor;

    reactor->transfers--;
    if (is_ordinary(transfer) && --reactor->requests == 0)
        reactor->unanswered_ms = result == CURLE_ABORTED_BY_CALLBACK ? reactor->unanswered_ms : 0;
    lock(transfer);
    transfer->result = result;
    transfer->finished = true;
    vcl_bell_ring(&transfer->bell);
    unlock(transfer);
}

static bool add_easy(vcl_transfer *transfer)
{
    vcl_http *http = transfer->http;

    return is_ordinary(transfer)
               ? curl_multi_add_handle(http->reactor.multi, transfer->easy) == CURLM_OK
               : vcl_streams_add(http, transfer->easy);
}

static void remove_easy(vcl_transfer *transfer)
{
    vcl_http *http = transfer->http;

    if (is_ordinary(transfer))
        (void)curl_multi_remove_handle(http->reactor.multi, transfer->easy);
    else
        vcl_streams_remove(http, transfer->easy);
}

static void on_finished(vcl_easy_user *user, CURLcode result)
{
    vcl_transfer *transfer = (vcl_transfer *)user;

    remove_easy(transfer);
    if (vcl_easy_try_again(transfer->http, transfer->easy, user, result) && add_easy(transfer))
        return;
    finish(transfer, result);
}

/* ---- Jobs of the loop ---- */

static void start_job(vcl_http *http, void *data)
{
    vcl_transfer *transfer = data;

    http->reactor.transfers++;
    if (is_ordinary(transfer)) {
        http->reactor.requests++;
        if (http->reactor.unanswered_ms == 0)
            http->reactor.unanswered_ms = vcl_monotonic_ms();
    }
    if (!add_easy(transfer))
        finish(transfer, CURLE_OUT_OF_MEMORY);
}

/* A request is given up. curl keeps an HTTP/2 connection then, and cannot ping the peer: where
 * nothing has come for long that should have, the peer is dead, and the next request would wait in
 * vain as well. Those that share the connection see it end now. */
static void leave_silent_connection(vcl_transfer *transfer)
{
    vcl_reactor *reactor = &transfer->http->reactor;

    if (!is_ordinary(transfer) || transfer->local_port == 0 || reactor->unanswered_ms == 0 ||
        vcl_monotonic_ms() - reactor->unanswered_ms < transfer->http->silence_ms)
        return;
    vcl_sockets_shut(&reactor->sockets, transfer->local_port);
    reactor->unanswered_ms = 0;
}

void vcl_transfer_abort(vcl_transfer *transfer)
{
    if (transfer->finished)
        return;
    leave_silent_connection(transfer);
    remove_easy(transfer);
    finish(transfer, CURLE_ABORTED_BY_CALLBACK);
}

static void abort_job(vcl_http *http, void *data)
{
    (void)http;
    vcl_transfer_abort(data);
}

static void resume_job(vcl_http *http, void *data)
{
    vcl_transfer *transfer = data;

    (void)http;
    if (!transfer->finished)
        (void)curl_easy_pause(transfer->easy, CURLPAUSE_CONT);
}

/* ---- Making ---- */

static bool add_header(vcl_transfer *transfer, const char *name, const char *value)
{
    char *line = vcl_format("%s: %s", name, value);
    struct curl_slist *list = line ? curl_slist_append(transfer->headers, line) : NULL;

    vcl_free_secret(line);
    if (list)
        transfer->headers = list;
    return list != NULL;
}

static int
add_headers(vcl_transfer *transfer, const vcl_http_request *request, vcluster_error **error)
{
    char *authorization = vcl_strdup(request->authorization);
    int status = VCLUSTER_OK;

    if (request->authorization && !authorization)
        return vcl_no_memory(error);
    if (!authorization)
        status = vcl_easy_authorization(transfer->http, transfer->identity, &authorization,
                                        &transfer->token_edition, error);
    if (status < 0)
        return status;

    bool added = !authorization || add_header(transfer, "Authorization", authorization);
    vcl_free_secret(authorization);
    added = added &&
            add_header(transfer, "Accept", request->accept ? request->accept : "application/json");
    if (request->if_none_match)
        added = added && add_header(transfer, "If-None-Match", request->if_none_match);
    if (request->content_type)
        added = added && add_header(transfer, "Content-Type", request->content_type);
    if (transfer->http->server.connect_to)
        added = added && add_header(transfer, "Host", transfer->http->server.authority);
    /* Without this curl waits a second for "100 Continue" before it sends a large body. */
    struct curl_slist *list = added ? curl_slist_append(transfer->headers, "Expect:") : NULL;
    char **header = transfer->http->endpoint.headers;
    for (; list && header && *header; header++) {
        transfer->headers = list;
        list = curl_slist_append(transfer->headers, *header);
    }
    if (!list)
        return vcl_no_memory(error);
    transfer->headers = list;
    return VCLUSTER_OK;
}

static void set_method(CURLcode *first, CURL *easy, const vcl_http_request *request)
{
    bool has_body = request->body || vcl_streq(request->method, "POST") ||
                    vcl_streq(request->method, "PUT") || vcl_streq(request->method, "PATCH");

    if (vcl_streq(request->method, "HEAD")) {
        VCL_SET(first, easy, CURLOPT_NOBODY, 1L);
        return;
    }
    if (has_body) {
        VCL_SET(first, easy, CURLOPT_POST, 1L);
        VCL_SET(first, easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
        VCL_SET(first, easy, CURLOPT_POSTFIELDSIZE_LARGE,
                (curl_off_t)(request->body ? request->body_size : 0));
    }
    VCL_SET(first, easy, CURLOPT_CUSTOMREQUEST, request->method);
}

/* A stream has a connection of its own over HTTP/1.1: with HTTP/2, a transfer that is held back
 * stops all others on its connection in curl before 8.0, and so would a slow reader stop the calls
 * that it makes itself. It stays its own because streams have a multi handle of their own. */
static void set_version(CURLcode *first, CURL *easy, bool stream)
{
    if (stream) {
        VCL_SET(first, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
        VCL_SET(first, easy, CURLOPT_FORBID_REUSE, 1L);
    } else if (vcl_easy_has_http2()) {
        VCL_SET(first, easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
        VCL_SET(first, easy, CURLOPT_PIPEWAIT, 1L);
    }
}

/* What all have in common. */
static int make_easy(vcl_transfer *transfer, const char *path, vcluster_error **error)
{
    CURLcode first = CURLE_OK;
    int status = vcl_easy_new(transfer->http, transfer->identity, path, &transfer->easy, error);

    if (status < 0)
        return status;
    set_version(&first, transfer->easy, !is_ordinary(transfer));
    VCL_SET(&first, transfer->easy, CURLOPT_HEADERFUNCTION, on_header);
    VCL_SET(&first, transfer->easy, CURLOPT_WRITEFUNCTION, on_body);
    VCL_SET(&first, transfer->easy, CURLOPT_PREREQFUNCTION, on_sending);
    return first == CURLE_OK ? VCLUSTER_OK : vcl_no_memory(error);
}

static int find_easy(vcl_transfer *transfer, const char *path, vcluster_error **error)
{
    transfer->common =
        is_ordinary(transfer) && vcl_easy_is_common(transfer->http, transfer->identity);
    int status = transfer->common ? vcl_easy_reuse(transfer->http, path, &transfer->easy, error)
                                  : VCLUSTER_OK;
    return status == VCLUSTER_OK && !transfer->easy ? make_easy(transfer, path, error) : status;
}

/* Its connection is good for another request, and so is it. */
static void leave_easy(vcl_transfer *transfer)
{
    if (transfer->common && transfer->finished && transfer->result == CURLE_OK)
        vcl_easy_pool_give(&transfer->http->easies, transfer->easy);
    else
        curl_easy_cleanup(transfer->easy);
}

static int
set_options(vcl_transfer *transfer, const vcl_http_request *request, vcluster_error **error)
{
    CURL *easy = transfer->easy;
    CURLcode first = CURLE_OK;

    set_method(&first, easy, request);
    if (!request->as_stored && !transfer->http->endpoint.no_compression)
        VCL_SET(&first, easy, CURLOPT_ACCEPT_ENCODING, "");
    VCL_SET(&first, easy, CURLOPT_HTTPHEADER, transfer->headers);
    VCL_SET(&first, easy, CURLOPT_PRIVATE, &transfer->user);
    VCL_SET(&first, easy, CURLOPT_ERRORBUFFER, transfer->detail);
    VCL_SET(&first, easy, CURLOPT_HEADERDATA, transfer);
    VCL_SET(&first, easy, CURLOPT_WRITEDATA, transfer);
    VCL_SET(&first, easy, CURLOPT_PREREQDATA, transfer);
    if (transfer->http->server.connect_to) {
        transfer->connect_to = curl_slist_append(NULL, transfer->http->server.connect_to);
        if (!transfer->connect_to)
            return vcl_no_memory(error);
        VCL_SET(&first, easy, CURLOPT_CONNECT_TO, transfer->connect_to);
    }
    if (first == CURLE_OUT_OF_MEMORY)
        return vcl_no_memory(error);
    if (first != CURLE_OK)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "libcurl refused an option: %s",
                        curl_easy_strerror(first));
    return VCLUSTER_OK;
}

static int check_request(const vcl_http_request *request, vcluster_error **error)
{
    bool usable = !vcl_str_empty(request->method) && vcl_is_header_token(request->method) &&
                  !strpbrk(vcl_str(request->accept), "\r\n") &&
                  !strpbrk(vcl_str(request->authorization), "\r\n") &&
                  !strpbrk(vcl_str(request->content_type), "\r\n") &&
                  !strpbrk(vcl_str(request->if_none_match), "\r\n");

    if (!usable)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "method, media type or authorization of a request cannot be sent");
    return VCLUSTER_OK;
}

static int make_bell(vcl_transfer *transfer, vcluster_error **error)
{
    lock(transfer);
    bool made =
        transfer->finished || vcl_bell_is_made(&transfer->bell) || vcl_bell_init(&transfer->bell);
    unlock(transfer);
    return made ? VCLUSTER_OK
                : vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor for a request: %s",
                           strerror(errno));
}

int vcl_transfer_new(vcl_http *http,
                     vcl_call *call,
                     const vcl_http_request *request,
                     bool stream,
                     vcl_transfer **out_transfer,
                     vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_transfer) transfer = calloc(1, sizeof(*transfer));
    size_t max = request->max_response ? request->max_response : VCL_MAX_HTTP_BODY;

    if (!transfer)
        return vcl_no_memory(error);
    transfer->http = http;
    transfer->user.finished = on_finished;
    transfer->start = (vcl_job){ .fn = start_job, .data = transfer };
    transfer->hold_above = stream ? HOLD_ABOVE : 0;
    transfer->bulky = request->bulky;
    transfer->sink = request->sink;
    transfer->bell = (vcl_bell)VCL_BELL_NONE;
    vcl_head_init(&transfer->head);
    vcl_buf_init(&transfer->body, stream ? 2 * HOLD_ABOVE : max);

    int status = check_request(request, error);
    if (status < 0)
        return status;
    transfer->may_repeat = request->idempotent || vcl_streq(request->method, "GET") ||
                           vcl_streq(request->method, "HEAD");
    /* The query of what is stored elsewhere may be a signature that opens it. */
    const char *path = vcl_str(request->path);
    transfer->label =
        vcl_format("%s %.*s", request->method,
                   (int)(request->as_stored ? strcspn(path, "?") : strlen(path)), path);
    if (!transfer->label)
        return vcl_no_memory(error);
    status = vcl_easy_identity(http, call, &transfer->identity, error);
    if (status < 0)
        return vcl_wrap(error, status, "%s", transfer->label);
    status = find_easy(transfer, request->path, error);
    if (status == VCLUSTER_OK)
        status = add_headers(transfer, request, error);
    if (status == VCLUSTER_OK)
        status = set_options(transfer, request, error);
    if (status == VCLUSTER_OK && stream)
        status = make_bell(transfer, error);
    if (status < 0)
        return status;
    *out_transfer = vcl_steal(&transfer);
    return VCLUSTER_OK;
}

/* ---- Using ---- */

int vcl_transfer_start(vcl_transfer *transfer, vcl_call *call, vcluster_error **error)
{
    bool leads = is_ordinary(transfer) && vcl_reactor_take(transfer->http);
    int status = VCLUSTER_OK;

    transfer->started_ms = vcl_monotonic_ms();
    if (!leads)
        status = vcl_reactor_post(transfer->http, &transfer->start, error);
    if (status < 0)
        return status;
    transfer->started = true;
    atomic_fetch_add(&transfer->http->requests, 1);
    return leads ? vcl_transfer_lead(transfer, call, error) : VCLUSTER_OK;
}

bool vcl_transfer_has(vcl_transfer *transfer, vcl_transfer_event event)
{
    lock(transfer);
    bool happened = transfer->finished || (event == VCL_TRANSFER_HEAD && transfer->head.complete) ||
                    (event == VCL_TRANSFER_BYTES && transfer->body.size > 0);
    if (!happened)
        vcl_bell_quiet(&transfer->bell);
    unlock(transfer);
    return happened;
}

int vcl_transfer_wait(vcl_transfer *transfer,
                      vcl_call *call,
                      vcl_transfer_event event,
                      vcluster_error **error)
{
    int status = make_bell(transfer, error);

    while (status >= 0 && !vcl_transfer_has(transfer, event))
        status = vcl_call_poll(call, transfer->bell.read_fd, -1, error);
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_transfer_resume(vcl_transfer *transfer, vcluster_error **error)
{
    return vcl_loop_run(transfer->http, resume_job, transfer, error);
}

static void free_headers(struct curl_slist *headers)
{
    for (struct curl_slist *line = headers; line; line = line->next)
        vcl_wipe(line->data, strlen(line->data));
    curl_slist_free_all(headers);
}

void vcl_transfer_free(vcl_transfer *transfer)
{
    if (!transfer)
        return;
    /* In the child of a fork() the handle is still the parent's: leave all as it is. */
    if (!vcl_http_is_ours(transfer->http))
        return;
    if (transfer->started && !vcl_transfer_has(transfer, VCL_TRANSFER_END))
        (void)vcl_loop_run(transfer->http, abort_job, transfer, NULL);
    leave_easy(transfer);
    vcl_identity_unref(transfer->identity);
    free_headers(transfer->headers);
    curl_slist_free_all(transfer->connect_to);
    vcl_head_done(&transfer->head);
    vcl_buf_done(&transfer->body);
    vcluster_error_free(transfer->sink_error);
    vcl_bell_done(&transfer->bell);
    free(transfer->label);
    free(transfer);
}
