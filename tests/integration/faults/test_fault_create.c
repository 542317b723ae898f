/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every request of a create, broken in every way: the call succeeds or fails with one error that
 * says what failed, and the same call without the fault completes. In the end nothing is left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

#define NAME "fault-create"
#define NAMESPACE "vcluster-fault-create"

enum { TIMEOUT_MS = 10000 };

static const struct {
    const char *name;
    fault_rule rule;
} faults[] = {
    { "reset before", { .kind = FAULT_RESET_BEFORE, .times = 1 } },
    { "reply lost", { .kind = FAULT_REPLY_LOST, .times = 1 } },
    { "500", { .kind = FAULT_STATUS, .value = 500, .times = 1 } },
    { "cut body", { .kind = FAULT_CUT_BODY, .value = 10, .times = 1 } },
    { "429 once", { .kind = FAULT_STATUS, .value = 429, .retry_after_s = 1, .times = 1 } },
    { "409", { .kind = FAULT_STATUS, .value = 409, .times = 1 } },
    { "garbage", { .kind = FAULT_GARBAGE, .times = 1 } },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]), MAIN_FAULTS = 4 };

typedef struct outcome {
    int tried, recovered, failed, wrong;
} outcome;

static int create(vcluster_client *client,
                  const char *namespace_name,
                  bool no_wait,
                  int64_t timeout_ms,
                  vcluster_error **error)
{
    vcluster_ensure_options options = e2e_ensure_options(namespace_name);
    vcluster_config *config = e2e_config();
    vcluster_instance *instance = NULL;

    options.timeout_ms = timeout_ms;
    options.no_wait = no_wait;
    int status = vcluster_instance_create(client, NAME, config, &options, &instance, error);
    assert_true((status == 0) == (instance != NULL));
    vcluster_instance_free(instance);
    vcluster_config_free(config);
    return status;
}

static void show(const char *fault, int number, const char *what, const vcluster_error *error)
{
    char hit[512];

    fault_proxy_last_hit(faults_proxy(), hit, sizeof(hit));
    print_error("%s at request %d (%s): %s: %s\n", fault, number, hit, what,
                vcluster_error_to_string(error));
}

/* One create with a fault, then the same call without it. */
static void try_one(size_t fault, int number, const char *namespace_name, outcome *sum)
{
    vcluster_client *client = faults_client();
    fault_rule rule = faults[fault].rule;
    vcluster_error *error = NULL;

    rule.number = number;
    fault_proxy_set(faults_proxy(), &rule);
    int64_t start_ms = faults_now_ms();
    int status = create(client, namespace_name, true, TIMEOUT_MS, &error);
    int64_t took_ms = faults_now_ms() - start_ms;
    sum->tried++;
    sum->recovered += status == 0;
    if (status < 0) {
        sum->failed++;
        if (!faults_is_good_error(status, error, "create virtual cluster '" NAME "'", took_ms,
                                  TIMEOUT_MS)) {
            show(faults[fault].name, number, "a bad error", error);
            sum->wrong++;
        }
        vcluster_error_free(error);
        error = NULL;
        start_ms = faults_now_ms();
        status = create(client, namespace_name, true, TIMEOUT_MS * 3, &error);
        took_ms = faults_now_ms() - start_ms;
        if (status < 0 || took_ms > 5000) {
            show(faults[fault].name, number,
                 status < 0 ? "the same call did not complete" : "the same call waited long",
                 error);
            sum->wrong++;
        }
        vcluster_error_free(error);
    }
    fault_proxy_set(faults_proxy(), NULL);
    vcluster_client_unref(client);
}

/* How many requests a create without faults sends. */
static int count_requests(void)
{
    vcluster_client *client = faults_client();
    vcluster_error *error = NULL;

    fault_proxy_set(faults_proxy(), NULL);
    e2e_ok(create(client, NAMESPACE, true, TIMEOUT_MS, &error), error);
    int count = fault_proxy_requests(faults_proxy());
    for (int number = 1; number <= count; number++) {
        char line[256];
        fault_proxy_request(faults_proxy(), number, line, sizeof(line));
        print_message("%2d %s\n", number, line);
    }
    e2e_remove(NAME, NAMESPACE);
    vcluster_client_unref(client);
    return count;
}

static void any_request_may_fail_and_the_same_call_completes(void **state)
{
    int64_t end_ms = faults_now_ms() + faults_budget_ms();
    outcome sum = { 0 };

    (void)state;
    faults_make_namespace(NAMESPACE);
    int count = count_requests();
    assert_true(count > 5);
    int total = count * FAULTS;
    for (int i = 0; i < total && faults_now_ms() < end_ms; i++) {
        int at = faults_spread(i, total);
        try_one((size_t)at % FAULTS, at / FAULTS + 1, NAMESPACE, &sum);
        faults_remove(NAME, NAMESPACE);
    }
    print_message("create: %d requests, %d of %d combinations tried, %d recovered by the call "
                  "itself, %d completed by the next, %d wrong\n",
                  count, sum.tried, total, sum.recovered, sum.failed - sum.wrong, sum.wrong);
    assert_int_equal(sum.wrong, 0);
    assert_true(sum.tried >= 5);
    faults_check_empty(NAMESPACE);
}

static void a_namespace_whose_making_fails_is_still_the_librarys(void **state)
{
    static const char *const names[] = { NAMESPACE "-0", NAMESPACE "-1", NAMESPACE "-2",
                                         NAMESPACE "-3" };
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    for (size_t fault = 0; fault < MAIN_FAULTS; fault++) {
        vcluster_client *client = faults_client();
        fault_rule rule = faults[fault].rule;

        rule.method = "POST";
        rule.path = "/api/v1/namespaces?";
        fault_proxy_set(faults_proxy(), &rule);
        int status = create(client, names[fault], true, TIMEOUT_MS, &error);
        assert_int_equal(fault_proxy_hits(faults_proxy()), 1);
        if (status < 0) {
            assert_true(faults_is_good_error(status, error, names[fault], 0, TIMEOUT_MS));
            vcluster_error_free(error);
            error = NULL;
            e2e_ok(create(client, names[fault], true, TIMEOUT_MS, &error), error);
        }
        fault_proxy_set(faults_proxy(), NULL);
        vcluster_client_unref(client);
        options.namespace_name = names[fault];
        options.no_wait = 1;
        e2e_ok(vcluster_instance_delete(e2e_host(), NAME, &options, &error), error);
    }
    for (size_t fault = 0; fault < MAIN_FAULTS; fault++) {
        e2e_remove(NAME, names[fault]);
        assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, names[fault]));
    }
}

/* What is asked while a create waits: some of it may fail without harm. */
static void a_create_that_waits_survives_a_bad_network(void **state)
{
    static const fault_rule rules[] = {
        { .kind = FAULT_CUT_BODY, .path = "watch=1", .value = 300, .times = 2 },
        { .kind = FAULT_STATUS, .path = "watch=1", .value = 410, .times = 1 },
        { .kind = FAULT_RESET_BEFORE, .path = "/portforward", .times = 1 },
        { .kind = FAULT_STATUS, .path = "/secrets/vc-" NAME, .value = 503, .times = 3 },
        { .kind = FAULT_STATUS, .path = "/events", .value = 500, .times = 2 },
        { .kind = FAULT_REPLY_LOST, .method = "PUT", .times = 1 },
    };
    int completed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        vcluster_client *client = faults_client();
        vcluster_error *error = NULL;

        fault_proxy_set(faults_proxy(), &rules[i]);
        int status = create(client, NAMESPACE "-wait", false, 120000, &error);
        assert_true(fault_proxy_hits(faults_proxy()) > 0);
        completed += status == 0;
        if (status < 0) {
            show("a fault", (int)i, "create failed", error);
            assert_true(faults_is_good_error(status, error, NAME, 0, 120000));
            vcluster_error_free(error);
            error = NULL;
            fault_proxy_set(faults_proxy(), NULL);
            e2e_ok(create(client, NAMESPACE "-wait", false, 120000, &error), error);
        }
        fault_proxy_set(faults_proxy(), NULL);
        vcluster_client_unref(client);
        e2e_remove(NAME, NAMESPACE "-wait");
    }
    print_message("%d of %zu waiting creates completed by themselves\n", completed,
                  sizeof(rules) / sizeof(rules[0]));
    assert_int_equal(completed, (int)(sizeof(rules) / sizeof(rules[0])));
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove(NAME, NAMESPACE "-wait");
    e2e_remove_namespace(NAMESPACE);
    faults_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_request_may_fail_and_the_same_call_completes),
        cmocka_unit_test(a_namespace_whose_making_fails_is_still_the_librarys),
        cmocka_unit_test(a_create_that_waits_survives_a_bad_network),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, clean, clean);
}
