/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a container, as a stream of bytes: an answer of any length whose pieces go to the
 * caller as they come. The stream reads no further while the caller has not taken what is there.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "kube/client.h"
#include "kube/pod.h"

enum {
    PIECE = 64 << 10 /* bytes at most that a callback gets at once */
};

static int check_options(const vcl_pod_log_options *options, vcluster_error **error)
{
    if (options->since_seconds < 0 || options->limit_bytes < 0 ||
        (options->tail && options->tail_lines < 0))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "number of lines, seconds and bytes of a log must not be negative");
    if (options->since_seconds > 0 && options->since_time)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a log begins at a time or some seconds ago, not both");
    if (options->previous && options->follow)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the log of the run before has ended: it cannot be followed");
    return VCLUSTER_OK;
}

static int build_path(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_pod_ref *ref,
                      const vcl_pod_log_options *options,
                      vcl_buf *path,
                      vcluster_error **error)
{
    int status = vcl_pod_path(kube, call, ref, "log", path, error);

    if (status < 0)
        return status;
    vcl_query_add(path, "follow", options->follow ? "true" : NULL);
    vcl_query_add(path, "previous", options->previous ? "true" : NULL);
    vcl_query_add(path, "timestamps", options->timestamps ? "true" : NULL);
    if (options->tail)
        vcl_query_add_int(path, "tailLines", options->tail_lines);
    if (options->since_seconds > 0)
        vcl_query_add_int(path, "sinceSeconds", options->since_seconds);
    vcl_query_add(path, "sinceTime", options->since_time);
    if (options->limit_bytes > 0)
        vcl_query_add_int(path, "limitBytes", options->limit_bytes);
    return vcl_kube_check_buf(path, error);
}

/* The server says 400 for two things that are no fault of the request. */
static int fail_status(const vcl_http_request *request,
                       const vcl_http_response *response,
                       vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    int status = vcl_kube_status_error(request, response, &failure);
    const char *text = failure ? vcluster_error_message(failure) : "";

    if (status == VCLUSTER_E_INVALID_ARGUMENT && strstr(text, "waiting to start"))
        status = vcl_fail(error, VCLUSTER_E_PRECONDITION, "%s", text);
    else if (status == VCLUSTER_E_INVALID_ARGUMENT &&
             (strstr(text, "is not valid for pod") || strstr(text, "previous terminated")))
        status = vcl_fail(error, VCLUSTER_E_NOT_FOUND, "%s", text);
    else
        return vcl_error_pass(error, &failure, status);
    vcl_error_set_http(error, response->status);
    return status;
}

static int open_stream(vcl_kube *kube,
                       vcl_call *call,
                       const char *path,
                       vcl_http_stream **out_stream,
                       vcluster_error **error)
{
    /* text/plain would be refused: the API machinery has no such form. */
    vcl_http_request request = { .method = "GET", .path = path, .accept = "*/*" };
    vcl_http_response not_ok = { 0 };

    int status = vcl_http_stream_open(kube->http, call, &request, out_stream, &not_ok, error);
    if (status == VCLUSTER_OK && !*out_stream)
        status = fail_status(&request, &not_ok, error);
    vcl_http_response_done(&not_ok);
    return status;
}

static int read_all(vcl_http_stream *stream,
                    vcl_call *call,
                    vcl_pod_bytes_fn fn,
                    void *data,
                    vcluster_error **error)
{
    VCL_AUTO_BUF piece = { 0 };

    vcl_buf_init(&piece, PIECE);
    for (;;) {
        int status = vcl_http_stream_read(stream, call, &piece, error);
        if (status <= 0)
            return status;
        if (fn(piece.data, piece.size, data) != 0)
            return vcl_fail(error, VCLUSTER_E_CANCELLED, "a callback ended the reading of the log");
        vcl_buf_reset(&piece);
        /* A log that never pauses must not keep the deadline from being seen. */
        status = vcl_call_check(call, error);
        if (status < 0)
            return status;
    }
}

int vcl_pod_log(vcl_kube *kube,
                vcl_call *call,
                const vcl_pod_ref *ref,
                const vcl_pod_log_options *options,
                vcl_pod_bytes_fn fn,
                void *data,
                vcluster_error **error)
{
    vcl_http_stream *stream = NULL;
    VCL_AUTO_BUF path = { 0 };

    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = check_options(options, error);
    if (status == VCLUSTER_OK)
        status = build_path(kube, call, ref, options, &path, error);
    if (status == VCLUSTER_OK)
        status = open_stream(kube, call, vcl_buf_text(&path), &stream, error);
    if (status == VCLUSTER_OK)
        status = read_all(stream, call, fn, data, error);
    vcl_http_stream_close(stream);
    if (status == VCLUSTER_E_PERMISSION)
        return vcl_pod_lacks_rights(error, "read the log of", ref, "log");
    return status < 0 ? vcl_wrap(error, status, "read the log of pod '%s'", vcl_str(ref->pod))
                      : VCLUSTER_OK;
}
