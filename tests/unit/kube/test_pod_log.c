/* SPDX-License-Identifier: Apache-2.0 */
/* Logs of a pod against a server in this program: what is asked for, and what becomes of cuts, slow
 * readers and refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/str.h"
#include "kube/pod.h"
#include "test_server.h"

typedef struct script {
    const char *pod;  /* answer to GET of the pod */
    int status;       /* of the log; 0: 200 */
    const char *body; /* of the log */
    enum { END, HOLD, CUT, FLOOD } then;
    char path[1024]; /* of the last request for a log */
    char accept[128];
    atomic_llong sent; /* bytes, by a FLOOD */
    atomic_int logs;
} script;

static void chunk(test_conn *conn, const char *text, size_t size)
{
    test_conn_printf(conn, "%zx\r\n", size);
    test_conn_write(conn, text, size);
    test_conn_printf(conn, "\r\n");
}

static void flood(test_conn *conn, script *plan)
{
    static char block[64 << 10];

    memset(block, 'x', sizeof(block));
    for (int i = 0; i < 1024; i++) {
        if (!test_conn_printf(conn, "%zx\r\n", sizeof(block)) ||
            !test_conn_write(conn, block, sizeof(block)) || !test_conn_printf(conn, "\r\n"))
            return;
        atomic_fetch_add(&plan->sent, sizeof(block));
    }
}

static void play(test_conn *conn, const test_request *request, void *data)
{
    script *plan = data;

    if (!strstr(request->path, "/log")) {
        test_conn_answer(conn, plan->pod ? 200 : 404, "Content-Type: application/json\r\n",
                         plan->pod ? plan->pod : "{}");
        return;
    }
    (void)snprintf(plan->path, sizeof(plan->path), "%s", request->path);
    (void)test_request_header(request, "Accept", plan->accept, sizeof(plan->accept));
    atomic_fetch_add(&plan->logs, 1);
    if (plan->status) {
        test_conn_answer(conn, plan->status, "Content-Type: application/json\r\n", plan->body);
        return;
    }
    test_conn_printf(conn, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                           "Content-Type: text/plain\r\n\r\n");
    if (plan->body && *plan->body)
        chunk(conn, plan->body, strlen(plan->body));
    if (plan->then == HOLD)
        test_conn_wait_closed(conn);
    else if (plan->then == CUT)
        test_conn_close(conn, true);
    else if (plan->then == FLOOD)
        flood(conn, plan);
    if (plan->then == END || plan->then == FLOOD)
        test_conn_printf(conn, "0\r\n\r\n");
}

typedef struct reader {
    vcl_buf text;
    int64_t bytes;
    int stop_after; /* calls; 0: never */
    int calls;
    int pause_ms; /* of the first call */
    script *plan;
    vcluster_cancel *cancel; /* triggered by the first call */
} reader;

static int take(const void *bytes, size_t size, void *data)
{
    reader *self = data;

    self->calls++;
    self->bytes += (int64_t)size;
    if (self->text.max)
        assert_true(vcl_buf_append(&self->text, bytes, size));
    if (self->pause_ms && self->calls == 1) {
        (void)usleep((unsigned)self->pause_ms * 1000);
        /* Held back: only buffers on the way are full. */
        assert_true(atomic_load(&self->plan->sent) < 32 << 20);
    }
    vcluster_cancel_trigger(self->cancel);
    return self->stop_after && self->calls >= self->stop_after;
}

static int read_log(script *plan,
                    reader *self,
                    const vcl_pod_ref *ref,
                    const vcl_pod_log_options *options,
                    int64_t timeout_ms,
                    vcluster_error **error)
{
    test_server_options server_options = { .handler = play, .data = plan };
    test_server *server = test_server_start(&server_options);
    vcl_auto_free char *url = vcl_strdup(test_server_url(server));
    vcl_endpoint endpoint = { .server = url };
    vcl_kube *kube = NULL;
    vcl_call call;

    assert_int_equal(vcl_kube_new(&endpoint, NULL, NULL, &kube, error), 0);
    vcl_call_init(&call, timeout_ms, timeout_ms, self->cancel, NULL, NULL);
    int status = vcl_pod_log(kube, &call, ref, options, take, self, error);
    vcl_kube_free(kube);
    test_server_stop(server);
    return status;
}

static const vcl_pod_ref one = { "x", "web-0", "main" };

#define ONE_CONTAINER                                                                              \
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-0\"},\"spec\":{\"containers\":[{\"name\":"     \
    "\"only\"}]}}"
#define TWO_CONTAINERS(annotations)                                                                \
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"web-0\",\"annotations\":{" annotations "}},"       \
    "\"spec\":{\"containers\":[{\"name\":\"a\"},{\"name\":\"b\"}],"                                \
    "\"initContainers\":[{\"name\":\"c\"}]}}"

static void log_comes_whole_and_asks_for_what_was_wanted(void **state)
{
    script plan = { .body = "one\ntwo\n" };
    reader self = { .plan = &plan };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { .timestamps = true,
                                    .tail = true,
                                    .tail_lines = 0,
                                    .since_seconds = 5,
                                    .limit_bytes = 100,
                                    .follow = true };

    (void)state;
    vcl_buf_init(&self.text, 1000);
    assert_int_equal(read_log(&plan, &self, &one, &options, 10000, &error), 0);
    assert_string_equal(vcl_buf_text(&self.text), "one\ntwo\n");
    assert_string_equal(plan.accept, "*/*");
    assert_string_equal(plan.path, "/api/v1/namespaces/x/pods/web-0/log?container=main&follow=true"
                                   "&timestamps=true&tailLines=0&sinceSeconds=5&limitBytes=100");
    vcl_buf_done(&self.text);
}

static void log_may_be_empty(void **state)
{
    script plan = { .body = "" };
    reader self = { .plan = &plan };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { .previous = true, .since_time = "2026-01-02T03:04:05Z" };

    (void)state;
    assert_int_equal(read_log(&plan, &self, &one, &options, 10000, &error), 0);
    assert_int_equal(self.calls, 0);
    assert_non_null(strstr(plan.path, "previous=true&sinceTime=2026-01-02T03%3A04%3A05Z"));
}

static void container_is_the_annotated_one_or_the_only_one(void **state)
{
    static const vcl_pod_ref any = { "x", "web-0", NULL };
    static const struct {
        const char *pod;
        const char *asked;
    } cases[] = {
        { ONE_CONTAINER, "container=only" },
        { TWO_CONTAINERS("\"kubectl.kubernetes.io/default-container\":\"b\""), "container=b" },
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        script plan = { .pod = cases[i].pod, .body = "x" };
        reader self = { .plan = &plan };
        vcluster_error *error = NULL;
        vcl_pod_log_options options = { 0 };

        assert_int_equal(read_log(&plan, &self, &any, &options, 10000, &error), 0);
        assert_non_null(strstr(plan.path, cases[i].asked));
    }
}

static void several_containers_are_named_when_none_was_chosen(void **state)
{
    static const vcl_pod_ref any = { "x", "web-0", NULL };
    /* A default that is no container of the pod is none. */
    script plan = { .pod = TWO_CONTAINERS("\"kubectl.kubernetes.io/default-container\":\"zz\"") };
    reader self = { .plan = &plan };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { 0 };

    (void)state;
    assert_int_equal(read_log(&plan, &self, &any, &options, 10000, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_non_null(strstr(vcluster_error_to_string(error), "'a', 'b', 'c' (init)"));
    assert_int_equal(atomic_load(&plan.logs), 0);
    vcluster_error_free(error);
}

static void refusals_say_what_is_wrong(void **state)
{
#define REFUSAL(text, reason, code)                                                                \
    "{\"kind\":\"Status\",\"status\":\"Failure\",\"message\":\"" text "\",\"reason\":\"" reason    \
    "\",\"code\":" code "}"
    static const struct {
        int http;
        const char *body;
        int status;
    } cases[] = {
        { 400,
          REFUSAL("container \\\"main\\\" in pod \\\"web-0\\\" is waiting to start: "
                  "ContainerCreating",
                  "BadRequest", "400"),
          VCLUSTER_E_PRECONDITION },
        { 400, REFUSAL("container zz is not valid for pod web-0", "BadRequest", "400"),
          VCLUSTER_E_NOT_FOUND },
        { 400,
          REFUSAL("previous terminated container \\\"main\\\" in pod \\\"web-0\\\" not found",
                  "BadRequest", "400"),
          VCLUSTER_E_NOT_FOUND },
        { 404, REFUSAL("pods \\\"web-0\\\" not found", "NotFound", "404"), VCLUSTER_E_NOT_FOUND },
        { 403, REFUSAL("pods \\\"web-0\\\" is forbidden", "Forbidden", "403"),
          VCLUSTER_E_PERMISSION },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        script plan = { .status = cases[i].http, .body = cases[i].body };
        reader self = { .plan = &plan };
        vcluster_error *error = NULL;
        vcl_pod_log_options options = { 0 };

        assert_int_equal(read_log(&plan, &self, &one, &options, 10000, &error), cases[i].status);
        assert_int_equal(vcluster_error_http_status(error), cases[i].http);
        assert_int_equal(self.calls, 0);
        vcluster_error_free(error);
    }
}

static void cut_log_is_an_error_and_not_an_end(void **state)
{
    script plan = { .body = "half", .then = CUT };
    reader self = { .plan = &plan };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { .follow = true };

    (void)state;
    vcl_buf_init(&self.text, 1000);
    assert_int_equal(read_log(&plan, &self, &one, &options, 10000, &error), VCLUSTER_E_UNAVAILABLE);
    assert_string_equal(vcl_buf_text(&self.text), "half");
    vcl_buf_done(&self.text);
    vcluster_error_free(error);
}

static void deadline_and_cancel_end_a_log_that_goes_on(void **state)
{
    script plan = { .body = "x", .then = HOLD };
    reader self = { .plan = &plan };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { .follow = true };

    (void)state;
    assert_int_equal(read_log(&plan, &self, &one, &options, 100, &error), VCLUSTER_E_TIMEOUT);
    vcl_error_clear(&error);

    reader second = { .plan = &plan };
    assert_int_equal(vcluster_cancel_new(&second.cancel, NULL), 0);
    assert_int_equal(read_log(&plan, &second, &one, &options, 10000, &error), VCLUSTER_E_CANCELLED);
    assert_int_equal(second.calls, 1);
    vcluster_error_free(error);
    vcluster_cancel_free(second.cancel);
}

static void deadline_ends_a_log_that_never_pauses(void **state)
{
    script plan = { .then = FLOOD };
    reader self = { .plan = &plan, .pause_ms = 120 };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { .follow = true };

    (void)state;
    assert_int_equal(read_log(&plan, &self, &one, &options, 100, &error), VCLUSTER_E_TIMEOUT);
    vcluster_error_free(error);
}

static void callback_can_end_it_and_a_slow_one_holds_the_server_back(void **state)
{
    script plan = { .then = FLOOD };
    reader self = { .plan = &plan, .pause_ms = 200, .stop_after = 3 };
    vcluster_error *error = NULL;
    vcl_pod_log_options options = { .follow = true };

    (void)state;
    assert_int_equal(read_log(&plan, &self, &one, &options, 10000, &error), VCLUSTER_E_CANCELLED);
    assert_int_equal(self.calls, 3);
    assert_true(self.bytes <= 3 * (64 << 10));
    vcluster_error_free(error);
}

static void options_that_contradict_are_refused(void **state)
{
    static const vcl_pod_log_options wrong[] = {
        { .since_seconds = -1 },
        { .limit_bytes = -1 },
        { .tail = true, .tail_lines = -1 },
        { .since_seconds = 1, .since_time = "2026-01-02T03:04:05Z" },
        { .previous = true, .follow = true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        script plan = { 0 };
        reader self = { .plan = &plan };
        vcluster_error *error = NULL;

        assert_int_equal(read_log(&plan, &self, &one, &wrong[i], 10000, &error),
                         VCLUSTER_E_INVALID_ARGUMENT);
        vcluster_error_free(error);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_comes_whole_and_asks_for_what_was_wanted),
        cmocka_unit_test(log_may_be_empty),
        cmocka_unit_test(container_is_the_annotated_one_or_the_only_one),
        cmocka_unit_test(several_containers_are_named_when_none_was_chosen),
        cmocka_unit_test(refusals_say_what_is_wrong),
        cmocka_unit_test(cut_log_is_an_error_and_not_an_end),
        cmocka_unit_test(deadline_and_cancel_end_a_log_that_goes_on),
        cmocka_unit_test(deadline_ends_a_log_that_never_pauses),
        cmocka_unit_test(callback_can_end_it_and_a_slow_one_holds_the_server_back),
        cmocka_unit_test(options_that_contradict_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
