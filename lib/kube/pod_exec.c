/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a command in a container: the calling thread waits for what the WebSocket
 * (pod_exec_session.h) has received and gives it to the callbacks.
 */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/str.h"
#include "kube/client.h"
#include "kube/pod.h"
#include "kube/pod_exec_session.h"

enum {
    MAX_COMMAND = 1000,
    INPUT_PIECE = 64 << 10,
    SIZE_EVERY_MS = 250, /* how often the size of the terminal is asked for */
    LAST_WORDS_MS = 2000 /* from the Status to the end of the connection */
};

/* One call on its way. */
typedef struct runner {
    const vcl_pod_exec_options *options;
    vcl_exec_session *session;
    vcl_exec_exchange exchange;
    char *piece; /* of the input, INPUT_PIECE bytes */
    bool size_asked;
    int columns;
    int rows;
    uint8_t resize[VCL_EXEC_RESIZE_SIZE];
    bool ended; /* the Status was there */
    int64_t end_by_ms;
    vcl_exec_end end;
} runner;

static bool has_input(const vcl_pod_exec_options *options)
{
    return options->input || options->read_input || options->reads_fd;
}

static int check_options(const vcl_pod_exec_options *options, vcluster_error **error)
{
    int sources = (options->input != NULL) + (options->read_input != NULL) + options->reads_fd;

    if (options->command_size == 0 || options->command_size > MAX_COMMAND ||
        vcl_str_empty(options->command[0]))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a command has between 1 and %d words, the first one its program",
                        MAX_COMMAND);
    for (size_t i = 0; i < options->command_size; i++) {
        if (!options->command[i])
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "a word of the command is NULL");
    }
    if (sources > 1)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a command's input comes from bytes, a callback or a descriptor, not two");
    return VCLUSTER_OK;
}

static int build_path(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_pod_ref *ref,
                      const vcl_pod_exec_options *options,
                      vcl_buf *path,
                      vcluster_error **error)
{
    int status = vcl_pod_path(kube, call, ref, "exec", path, error);

    if (status < 0)
        return status;
    for (size_t i = 0; i < options->command_size; i++)
        vcl_query_add(path, "command", options->command[i]);
    vcl_query_add(path, "stdin", has_input(options) ? "true" : "false");
    vcl_query_add(path, "stdout", "true");
    vcl_query_add(path, "stderr", options->tty ? "false" : "true"); /* a tty has one output */
    vcl_query_add(path, "tty", options->tty ? "true" : "false");
    if (path->state == VCL_BUF_TOO_LARGE)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the command is too long: pass what is large as its input");
    return vcl_kube_check_buf(path, error);
}

/* ---- The way in ---- */

/* What the loop is to be told next: the size of the terminal, a piece of the input. */
static int prepare(runner *run, vcluster_error **error)
{
    const vcl_pod_exec_options *options = run->options;
    vcl_exec_exchange *exchange = &run->exchange;
    int columns = 0;
    int rows = 0;

    exchange->piece_size = 0;
    exchange->input_ended = false;
    exchange->resize = NULL;
    run->size_asked = exchange->opened;
    if (options->tty && options->terminal_size && exchange->opened &&
        options->terminal_size(&columns, &rows, options->data) && columns > 0 && rows > 0 &&
        columns <= UINT16_MAX && rows <= UINT16_MAX &&
        (columns != run->columns || rows != run->rows)) {
        run->columns = columns;
        run->rows = rows;
        exchange->resize = run->resize;
        exchange->resize_size = vcl_exec_resize(columns, rows, run->resize);
    }
    if (!exchange->wants_piece || run->ended)
        return VCLUSTER_OK;
    int64_t got = options->read_input(run->piece, INPUT_PIECE, options->data);
    if (got < 0 || got > INPUT_PIECE)
        return vcl_fail(error, VCLUSTER_E_CANCELLED, "a callback ended the command's input");
    exchange->piece = run->piece;
    exchange->piece_size = (size_t)got;
    exchange->input_ended = got == 0;
    return VCLUSTER_OK;
}

/* ---- The way out ---- */

static int take_status(runner *run, const void *bytes, size_t size, vcluster_error **error)
{
    int status = vcl_exec_read_status(bytes, size, &run->end, error);

    if (status < 0)
        return status;
    run->ended = true;
    run->end_by_ms = vcl_monotonic_ms() + LAST_WORDS_MS;
    return VCLUSTER_OK;
}

static int give(vcl_pod_bytes_fn fn, const void *bytes, size_t size, void *data)
{
    return fn ? fn(bytes, size, data) : 0;
}

static int deliver(runner *run, vcluster_error **error)
{
    const vcl_pod_exec_options *options = run->options;
    const void *bytes = NULL;
    size_t size = 0;
    size_t at = 0;
    int channel = 0;
    int stop = 0;

    while (!stop && vcl_exec_next_record(&run->exchange.received, &at, &channel, &bytes, &size)) {
        if (channel == VCL_EXEC_STATUS) {
            int status = take_status(run, bytes, size, error);
            if (status < 0)
                return status;
        } else {
            stop = give(channel == VCL_EXEC_OUTPUT ? options->on_output : options->on_error_output,
                        bytes, size, options->data);
        }
    }
    return stop ? vcl_fail(error, VCLUSTER_E_CANCELLED, "a callback ended the command's output")
                : VCLUSTER_OK;
}

/* ---- Waiting ---- */

/* The connection has ended; with the Status that is how it should be. */
static int judge_end(runner *run, vcluster_error **error)
{
    VCL_AUTO_ERROR *why = vcl_steal(&run->exchange.error);

    if (run->ended)
        return VCLUSTER_OK;
    if (why)
        return vcl_error_pass(error, &why, vcluster_error_code(why));
    (void)vcl_fail(error, VCLUSTER_E_UNAVAILABLE,
                   "the connection ended before the command's exit code was told");
    vcl_error_set_retryable(error, false);
    return VCLUSTER_E_UNAVAILABLE;
}

static int wait_for_news(runner *run, vcl_call *call, vcluster_error **error)
{
    int64_t wait_ms = -1;

    if (run->options->tty && run->options->terminal_size)
        wait_ms = run->exchange.opened && !run->size_asked ? 0 : SIZE_EVERY_MS;
    if (run->exchange.wants_piece)
        wait_ms = 0;
    if (run->ended)
        wait_ms = run->end_by_ms > vcl_monotonic_ms() ? run->end_by_ms - vcl_monotonic_ms() : 0;
    int status = vcl_call_poll(call, vcl_exec_session_fd(run->session), wait_ms, error);
    return status < 0 ? status : VCLUSTER_OK;
}

static int run_loop(runner *run, vcl_call *call, vcluster_error **error)
{
    for (;;) {
        int status = wait_for_news(run, call, error);
        if (status == VCLUSTER_OK)
            status = prepare(run, error);
        if (status == VCLUSTER_OK)
            status = vcl_exec_session_exchange(run->session, &run->exchange, error);
        if (status == VCLUSTER_OK)
            status = deliver(run, error);
        if (status == VCLUSTER_OK)
            status = vcl_call_check(call, error);
        if (status < 0)
            return status;
        if (run->exchange.closed)
            return judge_end(run, error);
        if (run->ended && vcl_monotonic_ms() >= run->end_by_ms)
            return VCLUSTER_OK;
    }
}

/* ---- Errors ---- */

static int explain(const runner *run, const vcl_pod_ref *ref, vcluster_error **failure)
{
    int status = vcluster_error_code(*failure);
    vcl_auto_free char *text = vcl_strdup(vcluster_error_message(*failure));

    if (!text)
        return status;
    if (status == VCLUSTER_E_INVALID_ARGUMENT && strstr(text, "is not valid for pod")) {
        int http_status = vcluster_error_http_status(*failure);
        vcl_error_clear(failure);
        status = vcl_fail(failure, VCLUSTER_E_NOT_FOUND, "%s", text);
        vcl_error_set_http(failure, http_status);
    }
    if (status == VCLUSTER_E_PERMISSION)
        return vcl_pod_lacks_rights(failure, "run a command in", ref, "exec");
    if (status == VCLUSTER_E_TIMEOUT && run->exchange.input_stuck)
        return vcl_wrap(failure, status,
                        "run a command in pod '%s' (the server speaks " VCL_EXEC_PROTOCOL_4
                        " only, which cannot tell a command that its input has ended)",
                        ref->pod);
    return vcl_wrap(failure, status, "run a command in pod '%s'", vcl_str(ref->pod));
}

/* The words of the runtime as a shell would print them. */
static int complain(const runner *run, vcluster_error **error)
{
    const char *text = run->end.complaint;
    vcl_pod_bytes_fn fn = run->options->on_error_output;

    if (!text || !fn)
        return VCLUSTER_OK;
    if (fn(text, strlen(text), run->options->data) != 0 || fn("\n", 1, run->options->data) != 0)
        return vcl_fail(error, VCLUSTER_E_CANCELLED, "a callback ended the command's output");
    return VCLUSTER_OK;
}

static int
execute(runner *run, vcl_kube *kube, vcl_call *call, const char *path, vcluster_error **error)
{
    const vcl_pod_exec_options *options = run->options;
    vcl_exec_input input = { .wanted = has_input(options),
                             .piecewise = options->read_input != NULL,
                             .bytes = options->input,
                             .size = options->input_size,
                             .fd = options->reads_fd ? options->input_fd : -1 };

    int status = vcl_exec_session_open(kube, path, &input, &run->session, error);
    if (status == VCLUSTER_OK)
        status = run_loop(run, call, error);
    vcl_exec_session_close(run->session);
    run->session = NULL;
    return status;
}

/* A token that was renewed with the refusal makes the second try worth it: nothing has run yet. */
static int execute_renewed(
    runner *run, vcl_kube *kube, vcl_call *call, const char *path, vcluster_error **error)
{
    VCL_AUTO_ERROR *failure = NULL;
    int status = execute(run, kube, call, path, &failure);

    if (status != VCLUSTER_E_UNAUTHENTICATED || run->exchange.opened)
        return vcl_error_pass(error, &failure, status);
    vcl_exec_exchange_done(&run->exchange);
    run->exchange = (vcl_exec_exchange){ 0 };
    return execute(run, kube, call, path, error);
}

int vcl_pod_exec(vcl_kube *kube,
                 vcl_call *call,
                 const vcl_pod_ref *ref,
                 const vcl_pod_exec_options *options,
                 int *out_exit_code,
                 vcluster_error **error)
{
    runner run = { .options = options };
    VCL_AUTO_BUF path = { 0 };
    VCL_AUTO_ERROR *failure = NULL;
    vcl_auto_free char *piece = options->read_input ? malloc(INPUT_PIECE) : NULL;

    run.piece = piece;
    if (options->read_input && !piece)
        return vcl_no_memory(error);
    vcl_buf_init(&path, VCL_KUBE_MAX_PATH);
    int status = check_options(options, &failure);
    if (status == VCLUSTER_OK)
        status = build_path(kube, call, ref, options, &path, &failure);
    if (status == VCLUSTER_OK)
        status = execute_renewed(&run, kube, call, vcl_buf_text(&path), &failure);
    if (status == VCLUSTER_OK)
        status = complain(&run, &failure);
    if (status == VCLUSTER_OK)
        *out_exit_code = run.end.exit_code;
    else
        status = vcl_error_pass(error, &failure, explain(&run, ref, &failure));
    if (piece)
        vcl_wipe(piece, INPUT_PIECE);
    vcl_exec_exchange_done(&run.exchange);
    free(run.end.complaint);
    return status;
}
