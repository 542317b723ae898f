/* SPDX-License-Identifier: Apache-2.0 */
/* One request on its way; see transfer.h. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/easy.h"
#include "net/transfer_private.h"

/* ---- The end ---- */

/* The last touch of the loop: whoever holds the lock and sees `finished` owns the transfer. */
static void finish(vcl_transfer *transfer, CURLcode result)
{
    vcl_reactor *reactor = &transfer->http->reactor;

    reactor->transfers--;
    if (vcl_transfer_is_ordinary(transfer) && --reactor->requests == 0)
        reactor->unanswered_ms = result == CURLE_ABORTED_BY_CALLBACK ? reactor->unanswered_ms : 0;
    vcl_transfer_lock(transfer);
    transfer->result = result;
    transfer->finished = true;
    vcl_bell_ring(&transfer->bell);
    vcl_transfer_unlock(transfer);
}

static bool add_easy(vcl_transfer *transfer)
{
    vcl_http *http = transfer->http;

    return vcl_transfer_is_ordinary(transfer)
               ? curl_multi_add_handle(http->reactor.multi, transfer->easy) == CURLM_OK
               : vcl_streams_add(http, transfer->easy);
}

static void remove_easy(vcl_transfer *transfer)
{
    vcl_http *http = transfer->http;

    if (vcl_transfer_is_ordinary(transfer))
        (void)curl_multi_remove_handle(http->reactor.multi, transfer->easy);
    else
        vcl_streams_remove(http, transfer->easy);
}

void vcl_transfer_on_finished(vcl_easy_user *user, CURLcode result)
{
    vcl_transfer *transfer = (vcl_transfer *)user;

    remove_easy(transfer);
    if (vcl_easy_try_again(transfer->http, transfer->easy, user, result) && add_easy(transfer))
        return;
    finish(transfer, result);
}

/* ---- Jobs of the loop ---- */

void vcl_transfer_on_start(vcl_http *http, void *data)
{
    vcl_transfer *transfer = data;

    http->reactor.transfers++;
    if (vcl_transfer_is_ordinary(transfer)) {
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

    if (!vcl_transfer_is_ordinary(transfer) || transfer->local_port == 0 ||
        reactor->unanswered_ms == 0 ||
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

/* ---- Using ---- */

int vcl_transfer_make_bell(vcl_transfer *transfer, vcluster_error **error)
{
    vcl_transfer_lock(transfer);
    bool made =
        transfer->finished || vcl_bell_is_made(&transfer->bell) || vcl_bell_init(&transfer->bell);
    vcl_transfer_unlock(transfer);
    return made ? VCLUSTER_OK
                : vcl_fail(error, VCLUSTER_E_UNAVAILABLE, "no descriptor for a request: %s",
                           strerror(errno));
}

int vcl_transfer_start(vcl_transfer *transfer, vcl_call *call, vcluster_error **error)
{
    bool leads = vcl_transfer_is_ordinary(transfer) && vcl_reactor_take(transfer->http);
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
    vcl_transfer_lock(transfer);
    bool happened = transfer->finished || (event == VCL_TRANSFER_HEAD && transfer->head.complete) ||
                    (event == VCL_TRANSFER_BYTES && transfer->body.size > 0);
    if (!happened)
        vcl_bell_quiet(&transfer->bell);
    vcl_transfer_unlock(transfer);
    return happened;
}

int vcl_transfer_wait(vcl_transfer *transfer,
                      vcl_call *call,
                      vcl_transfer_event event,
                      vcluster_error **error)
{
    int status = vcl_transfer_make_bell(transfer, error);

    while (status >= 0 && !vcl_transfer_has(transfer, event))
        status = vcl_call_poll(call, transfer->bell.read_fd, -1, error);
    return status < 0 ? status : VCLUSTER_OK;
}

int vcl_transfer_resume(vcl_transfer *transfer, vcluster_error **error)
{
    return vcl_loop_run(transfer->http, resume_job, transfer, error);
}

/* Its connection is good for another request, and so is it. */
static void leave_easy(vcl_transfer *transfer)
{
    if (transfer->common && transfer->finished && transfer->result == CURLE_OK)
        vcl_easy_pool_give(&transfer->http->easies, transfer->easy);
    else
        curl_easy_cleanup(transfer->easy);
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
