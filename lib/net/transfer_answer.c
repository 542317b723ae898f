/* SPDX-License-Identifier: Apache-2.0 */
/* What curl calls while it carries out a transfer, on the thread that drives; see transfer.h. */
#include "base/clock.h"
#include "base/limits.h"
#include "net/easy.h"
#include "net/transfer_private.h"

enum { NEAR_US = 2000 /* the round trip to a server in the same network */ };

/* Of what comes for an ordinary request its caller reads nothing before the end. */
static void lock_stream(vcl_transfer *transfer)
{
    if (!vcl_transfer_is_ordinary(transfer))
        vcl_transfer_lock(transfer);
}

static void unlock_stream(vcl_transfer *transfer)
{
    if (!vcl_transfer_is_ordinary(transfer))
        vcl_transfer_unlock(transfer);
}

/* The server lives: it is waited for anew. */
static void note_answer(vcl_transfer *transfer)
{
    if (vcl_transfer_is_ordinary(transfer))
        transfer->http->reactor.unanswered_ms = vcl_monotonic_ms();
}

static size_t on_header(char *line, size_t size, size_t count, void *data)
{
    vcl_transfer *transfer = data;

    note_answer(transfer);
    lock_stream(transfer);
    bool taken = vcl_head_line(&transfer->head, line, size * count);
    transfer->head_too_large = !taken;
    if (!vcl_transfer_is_ordinary(transfer) && transfer->head.complete)
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
    if (!vcl_transfer_is_ordinary(transfer))
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

void vcl_transfer_set_callbacks(CURLcode *first, CURL *easy)
{
    VCL_SET(first, easy, CURLOPT_HEADERFUNCTION, on_header);
    VCL_SET(first, easy, CURLOPT_WRITEFUNCTION, on_body);
    VCL_SET(first, easy, CURLOPT_PREREQFUNCTION, on_sending);
}

void vcl_transfer_set_receiver(CURLcode *first, CURL *easy, vcl_transfer *transfer)
{
    VCL_SET(first, easy, CURLOPT_HEADERDATA, transfer);
    VCL_SET(first, easy, CURLOPT_WRITEDATA, transfer);
    VCL_SET(first, easy, CURLOPT_PREREQDATA, transfer);
}
