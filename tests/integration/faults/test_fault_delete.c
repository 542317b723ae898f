/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every request of a delete, broken in every way: the call succeeds or fails with one error that
 * says what failed, and the same call without the fault completes. Nothing is ever told to be gone
 * that is not.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

#define NAME "fault-delete"
#define NAMESPACE "vcluster-fault-delete"

enum { TIMEOUT_MS = 10000 };

static const struct {
    const char *name;
    fault_rule rule;
} faults[] = {
    { "reset before", { .kind = FAULT_RESET_BEFORE, .times = 1 } },
    { "reply lost", { .kind = FAULT_REPLY_LOST, .times = 1 } },
    { "500", { .kind = FAULT_STATUS, .value = 500, .times = 1 } },
    { "cut body", { .kind = FAULT_CUT_BODY, .value = 10, .times = 1 } },
    { "403", { .kind = FAULT_STATUS, .value = 403, .times = 1 } },
    { "an empty object", { .kind = FAULT_ANSWER, .text = "{}", .times = 1 } },
    { "410", { .kind = FAULT_STATUS, .value = 410, .times = 1 } },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

typedef struct outcome {
    int tried, recovered, failed, wrong;
} outcome;

static void install(void)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    options.no_wait = 1;
    e2e_ok(vcluster_instance_create(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
}

static int delete (vcluster_client *client,
                   bool missing_ok,
                   int64_t timeout_ms,
                   vcluster_error **error)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;

    options.namespace_name = NAMESPACE;
    options.timeout_ms = timeout_ms;
    options.missing_ok = missing_ok;
    return vcluster_instance_delete(client, NAME, &options, error);
}

static void show(const char *fault, int number, const char *what, const vcluster_error *error)
{
    char hit[512];

    fault_proxy_last_hit(faults_proxy(), hit, sizeof(hit));
    print_error("%s at request %d (%s): %s: %s\n", fault, number, hit, what,
                vcluster_error_to_string(error));
}

/* One delete with a fault, then the same call without it. */
static void try_one(size_t fault, int number, outcome *sum)
{
    vcluster_client *client = faults_client();
    fault_rule rule = faults[fault].rule;
    vcluster_error *error = NULL;

    rule.number = number;
    fault_proxy_set(faults_proxy(), &rule);
    int64_t start_ms = faults_now_ms();
    int status = delete (client, false, TIMEOUT_MS, &error);
    int64_t took_ms = faults_now_ms() - start_ms;
    sum->tried++;
    sum->recovered += status == 0;
    if (status < 0) {
        sum->failed++;
        if (status == VCLUSTER_E_NOT_FOUND ||
            !faults_is_good_error(status, error, "delete virtual cluster '" NAME "'", took_ms,
                                  TIMEOUT_MS)) {
            show(faults[fault].name, number, "a bad error", error);
            sum->wrong++;
        }
        vcluster_error_free(error);
        error = NULL;
        start_ms = faults_now_ms();
        /* The first may have done all its work before its answer was lost. */
        status = delete (client, true, TIMEOUT_MS * 3, &error);
        took_ms = faults_now_ms() - start_ms;
        if (status < 0 || took_ms > 5000) {
            show(faults[fault].name, number,
                 status < 0 ? "the same call did not complete" : "the same call waited long",
                 error);
            sum->wrong++;
        }
        vcluster_error_free(error);
    } else if (e2e_exists(e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME)) {
        show(faults[fault].name, number, "it is told to be gone, but it is there", NULL);
        sum->wrong++;
        faults_remove(NAME, NAMESPACE);
    }
    fault_proxy_set(faults_proxy(), NULL);
    vcluster_client_unref(client);
}

/* How many requests a delete without faults sends. */
static int count_requests(void)
{
    vcluster_client *client = faults_client();
    vcluster_error *error = NULL;

    install();
    fault_proxy_set(faults_proxy(), NULL);
    e2e_ok(delete (client, false, TIMEOUT_MS, &error), error);
    int count = fault_proxy_requests(faults_proxy());
    for (int number = 1; number <= count; number++) {
        char line[256];
        fault_proxy_request(faults_proxy(), number, line, sizeof(line));
        print_message("%2d %s\n", number, line);
    }
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
        install();
        try_one((size_t)at % FAULTS, at / FAULTS + 1, &sum);
    }
    print_message("delete: %d requests, %d of %d combinations tried, %d recovered by the call "
                  "itself, %d completed by the next, %d wrong\n",
                  count, sum.tried, total, sum.recovered, sum.failed - sum.wrong, sum.wrong);
    assert_int_equal(sum.wrong, 0);
    assert_true(sum.tried >= 5);
    faults_check_empty(NAMESPACE);
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
        cmocka_unit_test(any_request_may_fail_and_the_same_call_completes),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, clean, clean);
}
