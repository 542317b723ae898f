/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists over a broken network: a failure is an error, never an empty list; a server that stalls
 * costs no more than the deadline; a cancel token ends any call at any moment.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "faults.h"

#define NAME "fault-list"
#define NAMESPACE "vcluster-fault-list"

/* The figure is printed; a busy machine may be late, so that only a call that does not end fails.
 */
enum { CANCELS = 20, CANCEL_GOAL_MS = 100, DEADLINE_MS = 20000 };

static int
list(vcluster_client *client, int64_t timeout_ms, size_t *out_size, vcluster_error **error)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *found = NULL;

    options.timeout_ms = timeout_ms;
    int status = vcluster_instance_list_new(client, &options, &found, error);
    if (status == 0)
        *out_size = vcluster_instance_list_size(found);
    else
        assert_null(found);
    vcluster_instance_list_free(found);
    return status;
}

/* A list under a rule fails with this status, and says this. */
static void check_list(const fault_rule *rule, int expected, const char *part)
{
    vcluster_client *client = faults_client();
    vcluster_error *error = NULL;
    size_t size = 0;

    fault_proxy_set(faults_proxy(), rule);
    int64_t start_ms = faults_now_ms();
    int status = list(client, DEADLINE_MS, &size, &error);
    int64_t took_ms = faults_now_ms() - start_ms;
    print_message("%6lld ms: %s\n", (long long)took_ms, vcluster_error_to_string(error));
    assert_true(status < 0);
    assert_true(fault_proxy_hits(faults_proxy()) > 0);
    assert_true(faults_is_good_error(status, error, "list virtual clusters", took_ms, DEADLINE_MS));
    e2e_fails(status, expected, error, part);

    /* The client is as good as new. */
    error = NULL;
    fault_proxy_set(faults_proxy(), NULL);
    e2e_ok(list(client, 5000, &size, &error), error);
    vcluster_client_unref(client);
}

static void a_list_that_fails_is_an_error_and_never_empty(void **state)
{
    static const char *const kinds[] = { "/statefulsets", "/deployments" };
    static const struct {
        fault_rule rule;
        int status;
        const char *part; /* besides the kind */
    } cases[] = {
        { { .kind = FAULT_STATUS, .value = 401 }, VCLUSTER_E_UNAUTHENTICATED, "credentials" },
        { { .kind = FAULT_STATUS, .value = 403 }, VCLUSTER_E_PERMISSION, "cannot list" },
        { { .kind = FAULT_STATUS, .value = 404 }, VCLUSTER_E_NOT_FOUND, "the proxy says 404" },
        { { .kind = FAULT_STATUS, .value = 410 }, VCLUSTER_E_UNAVAILABLE, "the proxy says 410" },
        { { .kind = FAULT_STATUS, .value = 429, .retry_after_s = 60 },
          VCLUSTER_E_UNAVAILABLE,
          "the proxy says 429" },
        { { .kind = FAULT_STATUS, .value = 500 }, VCLUSTER_E_UNAVAILABLE, "the proxy says 500" },
        { { .kind = FAULT_STATUS, .value = 503 }, VCLUSTER_E_UNAVAILABLE, "the proxy says 503" },
        { { .kind = FAULT_RESET_BEFORE }, VCLUSTER_E_UNAVAILABLE, "lost" },
        { { .kind = FAULT_REPLY_LOST }, VCLUSTER_E_UNAVAILABLE, "lost" },
        { { .kind = FAULT_CUT_BODY, .value = 20 }, VCLUSTER_E_UNAVAILABLE, "cut after" },
        { { .kind = FAULT_GARBAGE }, VCLUSTER_E_PROTOCOL, "JSON" },
        { { .kind = FAULT_NO_HTTP }, VCLUSTER_E_PROTOCOL, "does not speak HTTP" },
        { { .kind = FAULT_ANSWER, .text = "" }, VCLUSTER_E_PROTOCOL, "JSON" },
        { { .kind = FAULT_ANSWER, .text = "{}" }, VCLUSTER_E_PROTOCOL, "no list" },
        { { .kind = FAULT_ANSWER, .text = "[]" }, VCLUSTER_E_PROTOCOL, "no list" },
        { { .kind = FAULT_ANSWER, .text = "{\"items\":7}" }, VCLUSTER_E_PROTOCOL, "no list" },
        { { .kind = FAULT_ANSWER,
            .text = "{\"kind\":\"Status\",\"status\":\"Failure\",\"code\":500,"
                    "\"message\":\"no store\",\"reason\":\"InternalError\"}" },
          VCLUSTER_E_UNAVAILABLE,
          "no store" },
        { { .kind = FAULT_ANSWER, .text = "<html>log in</html>", .content_type = "text/html" },
          VCLUSTER_E_PROTOCOL,
          "does not answer with 'text/html'" },
        { { .kind = FAULT_HUGE, .value = 65 }, VCLUSTER_E_PROTOCOL, "larger than the limit" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (size_t kind = 0; kind < 2; kind++) {
            fault_rule rule = cases[i].rule;

            if (rule.kind == FAULT_HUGE && kind == 1)
                continue; /* once is slow enough */
            rule.path = kinds[kind];
            check_list(&rule, cases[i].status, cases[i].part);
        }
    }
}

static void a_server_that_asks_to_wait_is_waited_for(void **state)
{
    const fault_rule rule = {
        .kind = FAULT_STATUS, .value = 429, .retry_after_s = 1, .times = 1, .path = "/statefulsets"
    };
    vcluster_client *client = faults_client();
    vcluster_error *error = NULL;
    size_t size = 0;

    (void)state;
    fault_proxy_set(faults_proxy(), &rule);
    int64_t start_ms = faults_now_ms();
    e2e_ok(list(client, 10000, &size, &error), error);
    assert_true(faults_now_ms() - start_ms >= 1000);
    vcluster_client_unref(client);
}

static void a_stall_ends_at_the_deadline(void **state)
{
    static const char *const paths[] = { "/statefulsets", "/pods", "/secrets", NULL };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        const fault_rule rule = { .kind = FAULT_STALL, .path = paths[i] };
        vcluster_client *client = faults_client();
        vcluster_error *error = NULL;
        size_t size = 0;

        fault_proxy_set(faults_proxy(), &rule);
        int64_t start_ms = faults_now_ms();
        int status = list(client, 700, &size, &error);
        int64_t took_ms = faults_now_ms() - start_ms;
        print_message("deadline 700 ms: %lld ms\n", (long long)took_ms);
        assert_true(took_ms >= 700);
        assert_true(faults_is_good_error(status, error, "list virtual clusters", took_ms, 700));
        e2e_fails(status, VCLUSTER_E_TIMEOUT, error, "the deadline of 700 ms passed");
        fault_proxy_set(faults_proxy(), NULL);
        vcluster_client_unref(client);
    }
}

static int
create(vcluster_client *client, vcluster_cancel *cancel, int64_t timeout_ms, vcluster_error **error)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();

    options.timeout_ms = timeout_ms;
    options.cancel = cancel;
    options.no_wait = 1;
    int status = vcluster_instance_ensure(client, NAME, config, &options, NULL, error);
    vcluster_config_free(config);
    return status;
}

static int delete (vcluster_client *client,
                   vcluster_cancel *cancel,
                   int64_t timeout_ms,
                   vcluster_error **error)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;

    options.timeout_ms = timeout_ms;
    options.cancel = cancel;
    options.namespace_name = NAMESPACE;
    options.missing_ok = 1;
    return vcluster_instance_delete(client, NAME, &options, error);
}

static int list_cancelled(vcluster_client *client,
                          vcluster_cancel *cancel,
                          int64_t timeout_ms,
                          vcluster_error **error)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *found = NULL;

    options.timeout_ms = timeout_ms;
    options.cancel = cancel;
    int status = vcluster_instance_list_new(client, &options, &found, error);
    vcluster_instance_list_free(found);
    return status;
}

/* A stall in the middle of a create and of a delete, also while the lock is held: a deadline is a
 * deadline, and what is tidied up behind it takes a moment only. */
static void a_stalled_operation_ends_at_the_deadline(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        bool deletes;
    } cases[] = {
        { "GET", "/serviceaccounts", false }, { "POST", "/secrets", false },
        { "PATCH", "/statefulsets", false },  { "PUT", "/secrets", false },
        { "PUT", "/secrets", true },          { "DELETE", "/statefulsets", true },
        { "GET", "/statefulsets", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const fault_rule rule = { .kind = FAULT_STALL,
                                  .method = cases[i].method,
                                  .path = cases[i].path };
        vcluster_client *client = faults_client();
        vcluster_error *error = NULL;

        if (cases[i].deletes)
            e2e_ok(create(e2e_host(), NULL, 0, &error), error);
        fault_proxy_set(faults_proxy(), &rule);
        int64_t start_ms = faults_now_ms();
        int status = (cases[i].deletes ? delete : create)(client, NULL, 3000, &error);
        int64_t took_ms = faults_now_ms() - start_ms;
        print_message("%s %s: deadline 3000 ms: %lld ms: %s\n", cases[i].method, cases[i].path,
                      (long long)took_ms, vcluster_error_to_string(error));
        assert_true(faults_is_good_error(status, error, NAME, took_ms, 3000));
        e2e_fails(status, VCLUSTER_E_TIMEOUT, error, "the deadline of 3000 ms passed");
        fault_proxy_set(faults_proxy(), NULL);
        vcluster_client_unref(client);
        faults_remove(NAME, NAMESPACE);
    }
}

typedef struct trigger {
    vcluster_cancel *cancel;
    int after_ms;
    int64_t at_ms;
} trigger;

static void *trigger_main(void *data)
{
    trigger *self = data;
    const struct timespec pause = { self->after_ms / 1000, (self->after_ms % 1000) * 1000000L };

    (void)nanosleep(&pause, NULL);
    self->at_ms = faults_now_ms();
    vcluster_cancel_trigger(self->cancel);
    return NULL;
}

typedef int (*cancelled_call)(vcluster_client *client,
                              vcluster_cancel *cancel,
                              int64_t timeout_ms,
                              vcluster_error **error);

/* Returns how long the call went on behind the cancellation; -1: it had ended before. */
static int64_t cancel_one(cancelled_call call, vcluster_client *client, int after_ms)
{
    vcluster_error *error = NULL;
    trigger at = { .after_ms = after_ms };
    pthread_t thread;

    e2e_ok(vcluster_cancel_new(&at.cancel, &error), error);
    assert_int_equal(pthread_create(&thread, NULL, trigger_main, &at), 0);
    int status = call(client, at.cancel, 20000, &error);
    int64_t end_ms = faults_now_ms();
    (void)pthread_join(thread, NULL);
    vcluster_cancel_free(at.cancel);
    if (status == 0)
        return -1;
    e2e_fails(status, VCLUSTER_E_CANCELLED, error, "cancelled by the caller");
    return end_ms > at.at_ms ? end_ms - at.at_ms : 0;
}

static void a_cancel_token_ends_any_call_at_any_moment(void **state)
{
    static const struct {
        const char *name;
        cancelled_call call;
        int span_ms; /* about as long as the call takes */
    } calls[] = { { "create", create, 300 },
                  { "delete", delete, 200 },
                  { "list", list_cancelled, 40 } };
    unsigned seed = 20260801;

    (void)state;
    for (size_t c = 0; c < sizeof(calls) / sizeof(calls[0]); c++) {
        int64_t longest_ms = 0;
        int cancelled = 0;
        int late = 0;

        for (int i = 0; i < CANCELS; i++) {
            vcluster_client *client = faults_client();
            vcluster_error *error = NULL;
            fault_rule rule = { .kind = FAULT_STALL, .number = 1 + i };

            /* Every second time the server stalls somewhere, too. */
            fault_proxy_set(faults_proxy(), i % 2 ? &rule : NULL);
            if (calls[c].call == delete)
                e2e_ok(create(e2e_host(), NULL, 20000, &error), error);
            int64_t took_ms = cancel_one(calls[c].call, client, rand_r(&seed) % calls[c].span_ms);
            cancelled += took_ms >= 0;
            late += took_ms > CANCEL_GOAL_MS;
            if (took_ms > longest_ms)
                longest_ms = took_ms;
            fault_proxy_set(faults_proxy(), NULL);
            vcluster_client_unref(client);
            faults_remove(NAME, NAMESPACE);
        }
        print_message(
            "%s: %d of %d cancelled in the middle, %d later than %d ms, longest %lld ms\n",
            calls[c].name, cancelled, CANCELS, late, CANCEL_GOAL_MS, (long long)longest_ms);
        assert_true(cancelled > 0);
        assert_true(longest_ms < HANGS_MS);
    }
    faults_check_empty(NAMESPACE);
}

static int prepare(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    faults_make_namespace(NAMESPACE);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove_namespace(NAMESPACE);
    faults_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_that_fails_is_an_error_and_never_empty),
        cmocka_unit_test(a_server_that_asks_to_wait_is_waited_for),
        cmocka_unit_test(a_stall_ends_at_the_deadline),
        cmocka_unit_test(a_stalled_operation_ends_at_the_deadline),
        cmocka_unit_test(a_cancel_token_ends_any_call_at_any_moment),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, prepare, clean);
}
