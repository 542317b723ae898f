/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ordinary requests with their retries. The rules are client-go's: an answer that names a time to
 * come back is followed for every verb, since the server has not done anything; a lost connection
 * is tried again only when the request may be carried out twice.
 */
#include "net/send.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "net/client.h"

enum {
    MAX_ASKED = 10, /* answers with Retry-After */
    MAX_LOST = 3,
    MAX_RETRY_AFTER_S = 60,
    FIRST_LOST_WAIT_MS = 250
};

typedef struct retries {
    int asked;
    int lost;
    bool renewed;
} retries;

/* The warnings of an answer: the caller's, and in the log. */
static void tell_warnings(vcl_transfer *transfer)
{
    vcl_http *http = transfer->http;

    for (size_t i = 0; i < transfer->head.warning_count; i++) {
        vcl_http_log(http, VCLUSTER_LOG_WARNING, "%s", transfer->head.warnings[i]);
        if (!http->warning)
            continue;
        (void)pthread_mutex_lock(&http->log_lock);
        http->warning(transfer->label, transfer->head.warnings[i], http->warning_user_data);
        (void)pthread_mutex_unlock(&http->log_lock);
    }
}

static void log_answer(vcl_transfer *transfer)
{
    vcl_http *http = transfer->http;
    long long took_ms = vcl_monotonic_ms() - transfer->started_ms;

    if (!transfer->head.complete) {
        vcl_http_log(http, VCLUSTER_LOG_DEBUG, "%s failed after %lld ms: %s", transfer->label,
                     took_ms,
                     transfer->detail[0] ? transfer->detail : curl_easy_strerror(transfer->result));
        return;
    }
    vcl_http_log(http, VCLUSTER_LOG_DEBUG, "%s %d %lld ms", transfer->label, transfer->head.status,
                 took_ms);
    tell_warnings(transfer);
}

int vcl_send_once(vcl_transfer *transfer,
                  vcl_call *call,
                  vcl_transfer_event event,
                  vcluster_error **error)
{
    int status = vcl_call_check(call, error);
    if (status == VCLUSTER_OK)
        status = vcl_transfer_start(transfer, call, error);
    if (status == VCLUSTER_OK)
        status = vcl_transfer_wait(transfer, call, event, error);
    if (status < 0)
        return vcl_wrap(error, status, "%s", transfer->label);
    log_answer(transfer);
    return VCLUSTER_OK;
}

/* The server's certificate is not one that our credentials came with: both may be of the past. A
 * stream that has a head still runs: its result is not there to be read. */
static bool is_stranger(const vcl_transfer *transfer)
{
    return !transfer->head.complete && transfer->result == CURLE_PEER_FAILED_VERIFICATION &&
           transfer->identity && transfer->identity->login.ca_pem;
}

bool vcl_send_may_log_in_again(vcl_transfer *transfer, vcl_call *call)
{
    vcl_http *http = transfer->http;
    VCL_AUTO_ERROR *why = NULL;
    bool stranger = is_stranger(transfer);

    if (transfer->head.status != 401 && !stranger)
        return false;
    bool renewed = !stranger && vcl_token_renewed(&http->token, transfer->token_edition);
    if (transfer->identity && vcl_logins_renewed(&http->logins, call, transfer->identity, &why))
        renewed = true;
    if (why)
        vcl_http_log(http, VCLUSTER_LOG_WARNING, "logging in again failed: %s",
                     vcluster_error_message(why));
    /* What a server or a webhook behind it may have acted upon is the caller's to repeat; a
     * stranger was sent nothing. */
    return renewed && (stranger || transfer->may_repeat);
}

static int64_t wait_for_lost(retries *done)
{
    return (int64_t)FIRST_LOST_WAIT_MS << done->lost++;
}

/* At least what the server asks for, and more each time, but not the same for all whom it asks at
 * once: they would come back together. No limit of ours is in front of that: the server's priority
 * and fairness knows better who may ask how much. */
static int64_t wait_as_asked(int64_t retry_after_s, int times)
{
    int64_t asked_ms =
        (retry_after_s < MAX_RETRY_AFTER_S ? retry_after_s : MAX_RETRY_AFTER_S) * 1000;
    int64_t spread_ms = (asked_ms / 4 + 10) * (times + 1);
    uint32_t bits = 0;

    if (getentropy(&bits, sizeof(bits)) != 0)
        bits = 0;
    return asked_ms + bits % (spread_ms + 1);
}

int64_t vcl_send_asked_ms(const vcl_transfer *transfer, const vcl_call *call, int times)
{
    const vcl_head *head = &transfer->head;

    if ((head->status != 429 && head->status < 500) || head->retry_after_s < 0 ||
        times == MAX_ASKED)
        return -1;
    int64_t wait_ms = wait_as_asked(head->retry_after_s, times);
    return wait_ms < vcl_call_left_ms(call) ? wait_ms : -1;
}

/* Milliseconds to wait before the next try, or -1 when this answer is the one to return. */
static int64_t next_try_ms(vcl_transfer *transfer, vcl_call *call, retries *done)
{
    if (!done->renewed && vcl_send_may_log_in_again(transfer, call)) {
        done->renewed = true;
        return 0;
    }
    if (transfer->result != CURLE_OK) {
        bool again = transfer->may_repeat && vcl_transfer_was_lost(transfer) &&
                     !vcl_buf_failed(&transfer->body) && done->lost < MAX_LOST &&
                     vcl_transfer_obstacle(transfer, NULL) == VCLUSTER_OK;
        return again ? wait_for_lost(done) : -1;
    }
    int64_t wait_ms = vcl_send_asked_ms(transfer, call, done->asked);
    done->asked += wait_ms >= 0;
    return wait_ms;
}

static int
sleep_for(vcl_transfer *transfer, vcl_call *call, int64_t wait_ms, vcluster_error **error)
{
    int status = vcl_call_sleep(call, wait_ms, error);

    return status < 0 ? vcl_wrap(error, status, "%s", transfer->label) : VCLUSTER_OK;
}

int vcl_send_wait_as_asked(vcl_transfer *transfer,
                           vcl_call *call,
                           int64_t wait_ms,
                           vcluster_error **error)
{
    vcl_http_log(transfer->http, VCLUSTER_LOG_INFO, "%s answered %d: again in %lld ms",
                 transfer->label, transfer->head.status, (long long)wait_ms);
    return sleep_for(transfer, call, wait_ms, error);
}

static int
wait_again(vcl_transfer *transfer, vcl_call *call, int64_t wait_ms, vcluster_error **error)
{
    if (transfer->result == CURLE_OK)
        return vcl_send_wait_as_asked(transfer, call, wait_ms, error);
    vcl_http_log(transfer->http, VCLUSTER_LOG_INFO, "%s lost its connection: again in %lld ms",
                 transfer->label, (long long)wait_ms);
    return sleep_for(transfer, call, wait_ms, error);
}

static void hand_over(vcl_transfer *transfer, vcl_http_response *response)
{
    *response =
        (vcl_http_response){ .status = transfer->head.status,
                             .content_type = vcl_steal(&transfer->head.content_type),
                             .location = vcl_steal(&transfer->head.location),
                             .etag = vcl_steal(&transfer->head.etag),
                             .www_authenticate = vcl_steal(&transfer->head.www_authenticate),
                             .content_digest = vcl_steal(&transfer->head.content_digest),
                             .link = vcl_steal(&transfer->head.link),
                             .retry_after_s = vcl_head_retry_after(&transfer->head),
                             .body = transfer->body };
    vcl_buf_init(&transfer->body, 0);
}

/* One try, up to the end of the answer. */
static int send_whole(vcl_transfer *transfer,
                      vcl_call *call,
                      const vcl_http_request *request,
                      vcluster_error **error)
{
    int status = request->sink ? request->sink->begin(request->sink->data, error) : VCLUSTER_OK;

    if (status == VCLUSTER_OK)
        status = vcl_send_once(transfer, call, VCL_TRANSFER_END, error);
    if (status < 0 || transfer->sink_status == VCLUSTER_OK)
        return status;
    status = vcl_error_pass(error, &transfer->sink_error, transfer->sink_status);
    return vcl_wrap(error, status, "%s", transfer->label);
}

int vcl_http_send(vcl_http *http,
                  vcl_call *call,
                  const vcl_http_request *request,
                  vcl_http_response *response,
                  vcluster_error **error)
{
    retries done = { 0 };

    for (;;) {
        VCL_AUTO_PTR(vcl_transfer) transfer = NULL;
        int status = vcl_transfer_new(http, call, request, false, &transfer, error);
        if (status == VCLUSTER_OK)
            status = send_whole(transfer, call, request, error);
        if (status < 0)
            return status;

        int64_t wait_ms = next_try_ms(transfer, call, &done);
        if (wait_ms < 0 && transfer->result != CURLE_OK)
            return vcl_transfer_fail(transfer, error);
        if (wait_ms < 0) {
            hand_over(transfer, response);
            return VCLUSTER_OK;
        }
        status = wait_again(transfer, call, wait_ms, error);
        if (status < 0)
            return status;
    }
}
