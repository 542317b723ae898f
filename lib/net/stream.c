/* SPDX-License-Identifier: Apache-2.0 */
/* A long answer that is read piece by piece; see http.h. The transfer does the buffering. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "net/client.h"
#include "net/send.h"

struct vcl_http_stream {
    vcl_transfer *transfer;
};

void vcl_http_stream_close(vcl_http_stream *stream)
{
    if (!stream)
        return;
    vcl_transfer_free(stream->transfer);
    free(stream);
}
VCL_DEFINE_CLEANUP(vcl_http_stream, vcl_http_stream_close);

/* Move what has arrived to buf, as much as fits. Returns whether the transfer is at its end. */
static bool take(vcl_transfer *transfer, vcl_buf *buf, size_t *out_taken, bool *out_held)
{
    pthread_mutex_t *lock = &transfer->http->reactor.lock;

    (void)pthread_mutex_lock(lock);
    size_t room = buf->max - buf->size;
    size_t size = transfer->body.size < room ? transfer->body.size : room;
    if (size == 0 || !vcl_buf_append(buf, transfer->body.data, size))
        size = 0;
    else if (size == transfer->body.size) /* may last long, and nothing may come for as long */
        vcl_buf_done(&transfer->body);
    else
        vcl_buf_consume(&transfer->body, size);
    *out_taken = size;
    *out_held = transfer->held && transfer->body.size == 0;
    if (*out_held)
        transfer->held = false;
    bool ended = transfer->finished && transfer->body.size == 0;
    (void)pthread_mutex_unlock(lock);
    return ended;
}

static int fail_read(const vcl_transfer *transfer, const vcl_buf *buf, vcluster_error **error)
{
    int status =
        buf->state == VCL_BUF_NO_MEMORY
            ? vcl_no_memory(error)
            : vcl_fail(error, VCLUSTER_E_PROTOCOL,
                       "a part of the answer is larger than the limit of %zu bytes", buf->max);

    return vcl_wrap(error, status, "%s", transfer->label);
}

int vcl_http_stream_read(vcl_http_stream *stream,
                         vcl_call *call,
                         vcl_buf *buf,
                         vcluster_error **error)
{
    vcl_transfer *transfer = stream->transfer;
    size_t taken;
    bool held;

    if (!vcl_http_is_ours(transfer->http))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED, "the stream was opened before fork()");

    int status = vcl_transfer_wait(transfer, call, VCL_TRANSFER_BYTES, error);
    if (status < 0)
        return vcl_wrap(error, status, "%s", transfer->label);

    bool ended = take(transfer, buf, &taken, &held);
    if (held)
        status = vcl_transfer_resume(transfer, error);
    if (status < 0)
        return status;
    if (taken > 0)
        return 1;
    if (!ended)
        return fail_read(transfer, buf, error);
    return transfer->result == CURLE_OK ? 0 : vcl_transfer_fail(transfer, error);
}

bool vcl_http_stream_ready(const vcl_http_stream *stream)
{
    return vcl_transfer_has(stream->transfer, VCL_TRANSFER_BYTES);
}

int vcl_http_stream_fd(const vcl_http_stream *stream)
{
    return stream->transfer->bell.read_fd;
}

/* One try, until the answer's head is there or the transfer is at its end. */
static int open_once(vcl_http *http,
                     vcl_call *call,
                     const vcl_http_request *request,
                     vcl_http_stream *stream,
                     vcluster_error **error)
{
    int status = vcl_transfer_new(http, call, request, true, &stream->transfer, error);
    return status < 0 ? status : vcl_send_once(stream->transfer, call, VCL_TRANSFER_HEAD, error);
}

static int
collect(vcl_http_stream *stream, vcl_call *call, vcl_http_response *not_ok, vcluster_error **error)
{
    vcl_transfer *transfer = stream->transfer;
    VCL_AUTO_BUF body = { 0 };
    int status;

    vcl_buf_init(&body, VCL_MAX_HTTP_BODY);
    do {
        status = vcl_http_stream_read(stream, call, &body, error);
    } while (status > 0);
    if (status < 0)
        return status;

    *not_ok = (vcl_http_response){ .status = transfer->head.status,
                                   .content_type = vcl_steal(&transfer->head.content_type),
                                   .retry_after_s = vcl_head_retry_after(&transfer->head),
                                   .body = body };
    vcl_buf_init(&body, 0);
    return VCLUSTER_OK;
}

/* Open it, once more with new credentials where the first ones were refused. */
static int open_logged_in(vcl_http *http,
                          vcl_call *call,
                          const vcl_http_request *request,
                          vcl_http_stream *stream,
                          vcluster_error **error)
{
    int status = open_once(http, call, request, stream, error);

    if (status == VCLUSTER_OK && vcl_send_may_log_in_again(stream->transfer, call)) {
        vcl_transfer_free(vcl_steal(&stream->transfer));
        status = open_once(http, call, request, stream, error);
    }
    return status;
}

int vcl_http_stream_open(vcl_http *http,
                         vcl_call *call,
                         const vcl_http_request *request,
                         vcl_http_stream **out_stream,
                         vcl_http_response *not_ok,
                         vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_http_stream) stream = calloc(1, sizeof(*stream));
    if (!stream)
        return vcl_no_memory(error);

    int status = open_logged_in(http, call, request, stream, error);
    for (int asked = 0; status == VCLUSTER_OK && !request->no_waiting; asked++) {
        int64_t wait_ms = vcl_send_asked_ms(stream->transfer, call, asked);
        if (wait_ms < 0)
            break;
        status = vcl_send_wait_as_asked(stream->transfer, call, wait_ms, error);
        vcl_transfer_free(vcl_steal(&stream->transfer));
        if (status == VCLUSTER_OK)
            status = open_logged_in(http, call, request, stream, error);
    }
    if (status < 0)
        return status;
    if (!stream->transfer->head.complete)
        return vcl_transfer_fail(stream->transfer, error);

    int code = stream->transfer->head.status;
    if (code < 200 || code > 299)
        return collect(stream, call, not_ok, error);
    *out_stream = vcl_steal(&stream);
    return VCLUSTER_OK;
}
