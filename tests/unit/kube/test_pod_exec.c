/* SPDX-License-Identifier: Apache-2.0 */
/* Commands in a pod against a server in this program that speaks the channel protocol by hand:
 * well, in pieces, wrongly, and not to the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "kube/pod.h"
#include "kube/pod_exec_frames.h"
#include "test_frames.h"

#define SUCCESS "{\"metadata\":{},\"status\":\"Success\"}"
#define EXIT(code)                                                                                 \
    "{\"metadata\":{},\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\",\"message\":"          \
    "\"command terminated with non-zero exit code\",\"details\":{\"causes\":[{\"reason\":"         \
    "\"ExitCode\",\"message\":\"" code "\"}]}}"

typedef struct host host;
struct host {
    void (*play)(test_conn *conn, host *self);
    const char *protocol;
    int refuse; /* HTTP status instead of the upgrade */
    const char *refusal;
    const char *status; /* told at the end */
    char path[1024];
    vcl_buf input; /* what the command got */
    atomic_bool input_ended;
    atomic_bool broken;
    char resize[64];
    atomic_int connections;
};

static void handle(test_conn *conn, const test_request *request, void *data)
{
    host *self = data;

    (void)snprintf(self->path, sizeof(self->path), "%s", request->path);
    atomic_fetch_add(&self->connections, 1);
    if (self->refuse) {
        test_conn_answer(conn, self->refuse, "Content-Type: application/json\r\n", self->refusal);
        return;
    }
    test_frames_upgrade(conn, request, self->protocol ? self->protocol : "v5.channel.k8s.io", "");
    (void)test_frames_send_channel(conn, 1, "", 0); /* established */
    self->play(conn, self);
}

static void tell_end(test_conn *conn, const host *self)
{
    const char *status = self->status ? self->status : SUCCESS;

    (void)test_frames_send_channel(conn, 3, status, strlen(status));
    test_frames_end(conn);
}

/* Read messages until the input has ended; echo what comes if asked to. */
static void take_input(test_conn *conn, host *self, bool echo)
{
    while (!atomic_load(&self->input_ended)) {
        unsigned char *bytes = NULL;
        size_t size = 0;
        int opcode = test_frames_read(conn, &bytes, &size);

        if (opcode == -2)
            atomic_store(&self->broken, true);
        if (opcode < 0)
            return;
        if (opcode == FRAME_BINARY && size == 2 && bytes[0] == 255 && bytes[1] == 0)
            atomic_store(&self->input_ended, true);
        else if (opcode == FRAME_BINARY && size > 1 && bytes[0] == 0 && size <= (32 << 10) + 1)
            (void)vcl_buf_append(&self->input, bytes + 1, size - 1);
        else if (opcode == FRAME_BINARY && bytes[0] == 4)
            (void)snprintf(self->resize, sizeof(self->resize), "%s", (char *)bytes + 1);
        else
            atomic_store(&self->broken, true);
        if (echo && opcode == FRAME_BINARY && bytes[0] == 0)
            (void)test_frames_send_channel(conn, 1, bytes + 1, size - 1);
        free(bytes);
    }
}

static void play_outputs(test_conn *conn, host *self)
{
    (void)test_frames_send_channel(conn, 1, "out ", 4);
    (void)test_frames_send_channel(conn, 2, "", 0);
    (void)test_frames_send_channel(conn, 2, "wrong", 5);
    (void)test_frames_send_channel(conn, 1, "put", 3);
    tell_end(conn, self);
}

static void play_cat(test_conn *conn, host *self)
{
    take_input(conn, self, true);
    tell_end(conn, self);
}

static void play_hold(test_conn *conn, host *self)
{
    take_input(conn, self, false);
    test_conn_wait_closed(conn);
}

static void play_flood(test_conn *conn, host *self)
{
    static char block[32 << 10];

    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 1024; i++) {
        if (!test_frames_send_channel(conn, 1, block, sizeof(block)))
            return;
    }
    tell_end(conn, self);
}

static void play_cut(test_conn *conn, host *self)
{
    (void)self;
    (void)test_frames_send_channel(conn, 1, "half", 4);
    test_conn_close(conn, false);
}

static void play_end_without_status(test_conn *conn, host *self)
{
    (void)self;
    test_frames_end(conn);
}

static void play_status_and_silence(test_conn *conn, host *self)
{
    (void)self;
    (void)test_frames_send_channel(conn, 3, EXIT("9"), strlen(EXIT("9")));
    test_conn_wait_closed(conn);
}

static void play_unknown_channel(test_conn *conn, host *self)
{
    (void)self;
    (void)test_frames_send_channel(conn, 77, "?", 1);
    test_conn_wait_closed(conn);
}

/* ---- The caller's side ---- */

typedef struct caller {
    vcl_buf out;
    vcl_buf err;
    int64_t bytes;
    bool keep;
    int stop_after;
    int calls;
    int pause_ms;
    int64_t to_write; /* bytes of input left */
    bool refuses_input;
    vcluster_cancel *cancel; /* triggered by the first output */
    EVP_MD_CTX *sum_in;
    EVP_MD_CTX *sum_out;
} caller;

static int on_output(const void *bytes, size_t size, void *data)
{
    caller *self = data;

    self->calls++;
    self->bytes += (int64_t)size;
    if (self->sum_out)
        (void)EVP_DigestUpdate(self->sum_out, bytes, size);
    else if (self->keep)
        assert_true(vcl_buf_append(&self->out, bytes, size));
    if (self->pause_ms)
        (void)usleep((unsigned)self->pause_ms * 1000);
    vcluster_cancel_trigger(self->cancel);
    return self->stop_after && self->calls >= self->stop_after;
}

static int on_error_output(const void *bytes, size_t size, void *data)
{
    caller *self = data;

    assert_true(vcl_buf_append(&self->err, bytes, size));
    return 0;
}

static int64_t give_input(void *bytes, size_t size, void *data)
{
    caller *self = data;

    if (self->refuses_input)
        return -1;
    int64_t got = self->to_write < (int64_t)size ? self->to_write : (int64_t)size;
    if (got > 10007) /* odd pieces */
        got = 10007;
    for (int64_t i = 0; i < got; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)((self->to_write - i) * 31 >> 3);
    if (self->sum_in)
        (void)EVP_DigestUpdate(self->sum_in, bytes, (size_t)got);
    self->to_write -= got;
    return got;
}

typedef struct fixture {
    host server;
    caller self;
    vcl_pod_exec_options options;
    int64_t timeout_ms;
    int exit_code;
} fixture;

static const char *const command[] = { "sh", "-c", "a b&c" };

static void set_up(fixture *f, void (*play)(test_conn *conn, host *self))
{
    *f = (fixture){ .server = { .play = play },
                    .self = { .keep = true },
                    .options = { .command = command, .command_size = 3 },
                    .timeout_ms = 20000,
                    .exit_code = -1 };
    f->options.on_output = on_output;
    f->options.on_error_output = on_error_output;
    f->options.data = &f->self;
    vcl_buf_init(&f->self.out, 64 << 20);
    vcl_buf_init(&f->self.err, 64 << 20);
    vcl_buf_init(&f->server.input, 64 << 20);
}

static void tear_down(fixture *f)
{
    vcl_buf_done(&f->self.out);
    vcl_buf_done(&f->self.err);
    vcl_buf_done(&f->server.input);
    vcluster_cancel_free(f->self.cancel);
}

static int run(fixture *f, vcluster_error **error)
{
    test_server_options server_options = { .handler = handle, .data = &f->server };
    test_server *server = test_server_start(&server_options);
    vcl_auto_free char *url = vcl_strdup(test_server_url(server));
    vcl_endpoint endpoint = { .server = url };
    vcl_pod_ref ref = { "x", "web-0", "main" };
    vcl_kube *kube = NULL;
    vcl_call call;

    assert_int_equal(vcl_kube_new(&endpoint, NULL, NULL, &kube, error), 0);
    vcl_call_init(&call, f->timeout_ms, f->timeout_ms, f->self.cancel, NULL, NULL);
    int status = vcl_pod_exec(kube, &call, &ref, &f->options, &f->exit_code, error);
    vcl_kube_free(kube);
    test_server_stop(server);
    return status;
}

static void expect_code(fixture *f, int code)
{
    vcluster_error *error = NULL;

    if (run(f, &error) != 0)
        fail_msg("%s", vcluster_error_to_string(error));
    assert_int_equal(f->exit_code, code);
    assert_false(atomic_load(&f->server.broken));
}

static void expect_failure(fixture *f, int status, const char *part)
{
    vcluster_error *error = NULL;
    int got = run(f, &error);

    if (got != status)
        fail_msg("%s: %s", vcluster_status_name(got),
                 error ? vcluster_error_to_string(error) : "no error");
    if (!strstr(vcluster_error_to_string(error), part))
        fail_msg("'%s' is not in: %s", part, vcluster_error_to_string(error));
    assert_int_equal(f->exit_code, -1);
    vcluster_error_free(error);
}

static void outputs_are_told_apart(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_outputs);
    expect_code(&f, 0);
    assert_string_equal(vcl_buf_text(&f.self.out), "out put");
    assert_string_equal(vcl_buf_text(&f.self.err), "wrong");
    assert_string_equal(f.server.path,
                        "/api/v1/namespaces/x/pods/web-0/exec?container=main&command=sh"
                        "&command=-c&command=a%20b%26c&stdin=false&stdout=true&stderr=true"
                        "&tty=false");
    tear_down(&f);
}

static void exit_codes_come_back(void **state)
{
    static const struct {
        const char *status;
        int code;
    } cases[] = { { EXIT("3"), 3 }, { EXIT("127"), 127 }, { EXIT("255"), 255 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture f;

        set_up(&f, play_outputs);
        f.server.status = cases[i].status;
        expect_code(&f, cases[i].code);
        tear_down(&f);
    }
}

#define RUNTIME(text)                                                                              \
    "{\"status\":\"Failure\",\"reason\":\"InternalError\",\"code\":500,\"message\":\"Internal "    \
    "error occurred: error executing command in container: failed to exec in container: failed "   \
    "to start exec: OCI runtime exec failed: exec failed: unable to start container process: "     \
    "exec: \\\"x\\\": " text ": unknown\"}"

static void programs_that_do_not_start_end_as_in_a_shell(void **state)
{
    static const struct {
        const char *status;
        int code;
    } cases[] = {
        { RUNTIME("executable file not found in $PATH"), 127 },
        { RUNTIME("stat /x: no such file or directory"), 127 },
        { RUNTIME("permission denied"), 126 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fixture f;

        set_up(&f, play_outputs);
        f.server.status = cases[i].status;
        expect_code(&f, cases[i].code);
        assert_non_null(strstr(vcl_buf_text(&f.self.err), "unable to start container process"));
        tear_down(&f);
    }
}

static void other_failures_are_errors(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_outputs);
    f.server.status = "{\"status\":\"Failure\",\"reason\":\"InternalError\",\"code\":500,"
                      "\"message\":\"container is not running\"}";
    expect_failure(&f, VCLUSTER_E_UNAVAILABLE, "container is not running");
    tear_down(&f);

    set_up(&f, play_outputs);
    f.server.status = "not a status";
    expect_failure(&f, VCLUSTER_E_PROTOCOL, "not understood");
    tear_down(&f);
}

static void ten_megabytes_of_input_come_back_whole(void **state)
{
    enum { SIZE = 10 << 20 };
    unsigned char sums[2][EVP_MAX_MD_SIZE];
    fixture f;

    (void)state;
    set_up(&f, play_cat);
    f.options.read_input = give_input;
    f.self.to_write = SIZE;
    f.self.sum_in = EVP_MD_CTX_new();
    f.self.sum_out = EVP_MD_CTX_new();
    (void)EVP_DigestInit_ex(f.self.sum_in, EVP_sha256(), NULL);
    (void)EVP_DigestInit_ex(f.self.sum_out, EVP_sha256(), NULL);
    expect_code(&f, 0);
    assert_int_equal(f.self.bytes, SIZE);
    (void)EVP_DigestFinal_ex(f.self.sum_in, sums[0], NULL);
    (void)EVP_DigestFinal_ex(f.self.sum_out, sums[1], NULL);
    assert_memory_equal(sums[0], sums[1], 32);
    EVP_MD_CTX_free(f.self.sum_in);
    EVP_MD_CTX_free(f.self.sum_out);
    tear_down(&f);
}

static void bytes_as_input_end_with_the_half_close(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_cat);
    f.options.input = "some words";
    f.options.input_size = 10;
    expect_code(&f, 0);
    assert_string_equal(vcl_buf_text(&f.self.out), "some words");
    assert_true(atomic_load(&f.server.input_ended));
    tear_down(&f);

    set_up(&f, play_cat);
    f.options.input = "";
    expect_code(&f, 0);
    assert_true(atomic_load(&f.server.input_ended));
    tear_down(&f);
}

static void descriptor_as_input_is_read_to_its_end(void **state)
{
    int ends[2];
    fixture f;

    (void)state;
    set_up(&f, play_cat);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from a pipe", 11), 11);
    (void)close(ends[1]);
    f.options.reads_fd = true;
    f.options.input_fd = ends[0];
    expect_code(&f, 0);
    assert_string_equal(vcl_buf_text(&f.self.out), "from a pipe");
    (void)close(ends[0]);
    tear_down(&f);
}

static void silent_descriptor_does_not_hold_the_end_back(void **state)
{
    int ends[2];
    fixture f;

    (void)state;
    set_up(&f, play_outputs);
    assert_int_equal(pipe(ends), 0);
    f.options.reads_fd = true;
    f.options.input_fd = ends[0];
    expect_code(&f, 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
    tear_down(&f);
}

static void old_protocol_gets_no_end_of_input_and_the_error_says_so(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_hold);
    f.server.protocol = "v4.channel.k8s.io";
    f.options.input = "abc";
    f.options.input_size = 3;
    f.timeout_ms = 300;
    expect_failure(&f, VCLUSTER_E_TIMEOUT, "cannot tell a command that its input has ended");
    assert_string_equal(vcl_buf_text(&f.server.input), "abc");
    assert_false(atomic_load(&f.server.input_ended));
    tear_down(&f);
}

static bool terminal_size(int *columns, int *rows, void *data)
{
    (void)data;
    *columns = 81;
    *rows = 25;
    return true;
}

static void terminal_tells_its_size_and_has_one_output(void **state)
{
    int ends[2];
    fixture f;

    (void)state;
    set_up(&f, play_hold);
    assert_int_equal(pipe(ends), 0);
    f.options.tty = true;
    f.options.terminal_size = terminal_size;
    f.options.reads_fd = true;
    f.options.input_fd = ends[0];
    f.timeout_ms = 700;
    expect_failure(&f, VCLUSTER_E_TIMEOUT, "run a command in pod 'web-0'");
    assert_string_equal(f.server.resize, "{\"Width\":81,\"Height\":25}");
    assert_non_null(strstr(f.server.path, "stdin=true&stdout=true&stderr=false&tty=true"));
    (void)close(ends[0]);
    (void)close(ends[1]);
    tear_down(&f);
}

static void slow_reader_loses_nothing(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_flood);
    f.self.keep = false;
    f.self.pause_ms = 1;
    expect_code(&f, 0);
    assert_int_equal(f.self.bytes, 32 << 20);
    tear_down(&f);
}

static void callbacks_can_end_the_call(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_flood);
    f.self.stop_after = 2;
    expect_failure(&f, VCLUSTER_E_CANCELLED, "a callback ended the command's output");
    assert_int_equal(f.self.calls, 2);
    tear_down(&f);

    set_up(&f, play_cat);
    f.options.read_input = give_input;
    f.self.refuses_input = true;
    expect_failure(&f, VCLUSTER_E_CANCELLED, "a callback ended the command's input");
    tear_down(&f);
}

static void deadline_and_cancel_end_the_call_at_once(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_hold);
    f.timeout_ms = 100;
    int64_t began_ms = vcl_monotonic_ms();
    expect_failure(&f, VCLUSTER_E_TIMEOUT, "deadline");
    assert_true(vcl_monotonic_ms() - began_ms < 5000);
    tear_down(&f);

    set_up(&f, play_flood);
    assert_int_equal(vcluster_cancel_new(&f.self.cancel, NULL), 0);
    expect_failure(&f, VCLUSTER_E_CANCELLED, "cancelled");
    tear_down(&f);
}

static void ends_without_an_exit_code_are_errors(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_cut);
    expect_failure(&f, VCLUSTER_E_UNAVAILABLE, "lost");
    assert_string_equal(vcl_buf_text(&f.self.out), "half");
    tear_down(&f);

    set_up(&f, play_end_without_status);
    expect_failure(&f, VCLUSTER_E_UNAVAILABLE, "before the command's exit code was told");
    tear_down(&f);

    set_up(&f, play_unknown_channel);
    expect_failure(&f, VCLUSTER_E_PROTOCOL, "against its protocol");
    tear_down(&f);
}

static void status_is_enough_when_the_connection_stays(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_status_and_silence);
    expect_code(&f, 9);
    tear_down(&f);
}

static void refusals_say_what_is_missing(void **state)
{
    fixture f;

    (void)state;
    set_up(&f, play_cat);
    f.server.refuse = 403;
    f.server.refusal = "{\"kind\":\"Status\",\"message\":\"pods \\\"web-0\\\" is forbidden: User "
                       "\\\"u\\\" cannot create resource \\\"pods/exec\\\"\",\"reason\":"
                       "\"Forbidden\",\"code\":403}";
    expect_failure(&f, VCLUSTER_E_PERMISSION, "'get' and 'create' on pods/exec");
    tear_down(&f);

    set_up(&f, play_cat);
    f.server.refuse = 404;
    f.server.refusal = "{\"kind\":\"Status\",\"message\":\"pods \\\"web-0\\\" not found\","
                       "\"reason\":\"NotFound\",\"code\":404}";
    expect_failure(&f, VCLUSTER_E_NOT_FOUND, "not found");
    tear_down(&f);

    set_up(&f, play_cat);
    f.server.refuse = 400;
    f.server.refusal = "{\"kind\":\"Status\",\"message\":\"container zz is not valid for pod "
                       "web-0\",\"reason\":\"BadRequest\",\"code\":400}";
    expect_failure(&f, VCLUSTER_E_NOT_FOUND, "container zz is not valid");
    tear_down(&f);
}

static void wrong_options_are_refused_before_anything_is_sent(void **state)
{
    static const char *const holes[] = { "sh", NULL };
    static const char *const nothing[] = { "" };
    fixture f;

    (void)state;
    set_up(&f, play_cat);
    f.options.command_size = 0;
    expect_failure(&f, VCLUSTER_E_INVALID_ARGUMENT, "command");
    f.options.command = nothing;
    f.options.command_size = 1;
    expect_failure(&f, VCLUSTER_E_INVALID_ARGUMENT, "command");
    f.options.command = holes;
    f.options.command_size = 2;
    expect_failure(&f, VCLUSTER_E_INVALID_ARGUMENT, "NULL");
    f.options.command_size = 1;
    f.options.input = "x";
    f.options.read_input = give_input;
    expect_failure(&f, VCLUSTER_E_INVALID_ARGUMENT, "not two");
    assert_int_equal(atomic_load(&f.server.connections), 0);
    tear_down(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(outputs_are_told_apart),
        cmocka_unit_test(exit_codes_come_back),
        cmocka_unit_test(programs_that_do_not_start_end_as_in_a_shell),
        cmocka_unit_test(other_failures_are_errors),
        cmocka_unit_test(ten_megabytes_of_input_come_back_whole),
        cmocka_unit_test(bytes_as_input_end_with_the_half_close),
        cmocka_unit_test(descriptor_as_input_is_read_to_its_end),
        cmocka_unit_test(silent_descriptor_does_not_hold_the_end_back),
        cmocka_unit_test(old_protocol_gets_no_end_of_input_and_the_error_says_so),
        cmocka_unit_test(terminal_tells_its_size_and_has_one_output),
        cmocka_unit_test(slow_reader_loses_nothing),
        cmocka_unit_test(callbacks_can_end_the_call),
        cmocka_unit_test(deadline_and_cancel_end_the_call_at_once),
        cmocka_unit_test(ends_without_an_exit_code_are_errors),
        cmocka_unit_test(status_is_enough_when_the_connection_stays),
        cmocka_unit_test(refusals_say_what_is_missing),
        cmocka_unit_test(wrong_options_are_refused_before_anything_is_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
