/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every request of an install, an upgrade and an uninstall of a release, broken in every way: the
 * call succeeds or fails with one error that says what failed, and the same call without the fault
 * completes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "faults.h"

#define NAME "fault"
#define NAMESPACE "libvcluster-fault-release"

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
    { "409", { .kind = FAULT_STATUS, .value = 409, .times = 1 } },
    { "an empty object", { .kind = FAULT_ANSWER, .text = "{}", .times = 1 } },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

typedef enum phase { INSTALL, UPGRADE, UNINSTALL } phase;

static const char *const operations[] = { "upgrade release '" NAME "'",
                                          "upgrade release '" NAME "'",
                                          "uninstall release '" NAME "'" };
static vcluster_chart *chart;

static vcluster_release_options options_for(int64_t timeout_ms)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;

    options.namespace_name = NAMESPACE;
    options.timeout_ms = timeout_ms;
    options.install = 1;
    options.skip_crds = 1;
    options.missing_ok = 1;
    return options;
}

/* An install is an upgrade where nothing is: one that failed is repeated by the same call. */
static int run(vcluster_client *client, phase what, int64_t timeout_ms, vcluster_error **error)
{
    vcluster_release_options options = options_for(timeout_ms);
    vcluster_config *config = NULL;

    if (what == UNINSTALL)
        return vcluster_release_uninstall(client, NAME, &options, error);
    e2e_ok(vcluster_config_parse(what == INSTALL ? "{text: one}" : "{text: two, extra: false}",
                                 &config, error),
           *error);
    int status = vcluster_release_upgrade(client, NAME, chart, config, &options, NULL, error);
    vcluster_config_free(config);
    return status;
}

static bool there(const char *kind, const char *name)
{
    return e2e_exists(e2e_host(), "v1", kind, NAMESPACE, name);
}

/* Bring the host to where the phase begins. */
static void prepare(phase what)
{
    vcluster_error *error = NULL;

    e2e_ok(run(e2e_host(), UNINSTALL, TIMEOUT_MS * 3, &error), error);
    if (what != INSTALL)
        e2e_ok(run(e2e_host(), INSTALL, TIMEOUT_MS * 3, &error), error);
}

/* What is wrong with the host after the phase, or NULL. */
static const char *complaint(phase what)
{
    vcluster_release_query_options options = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;
    vcluster_release *release = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    int status = vcluster_release_get(e2e_host(), NAME, 0, &options, &release, &error);
    vcluster_error_free(error);
    bool deployed = status == 0 && !strcmp(vcluster_release_status(release), "deployed");
    vcluster_release_free(release);
    if (what == UNINSTALL)
        return status != VCLUSTER_E_NOT_FOUND                               ? "a record is left"
               : there("ConfigMap", NAME "-text") || there("Service", NAME) ? "objects are left"
                                                                            : NULL;
    if (!deployed)
        return "it is not deployed";
    if (!there("Service", NAME) || !there("ConfigMap", NAME "-text"))
        return "objects are missing";
    return there("ConfigMap", NAME "-extra") == (what == INSTALL) ? NULL
                                                                  : "what is optional is wrong";
}

static bool show(const char *fault, int number, const char *what, const vcluster_error *error)
{
    char hit[512];

    fault_proxy_last_hit(faults_proxy(), hit, sizeof(hit));
    print_error("%s at request %d (%s): %s: %s\n", fault, number, hit, what,
                vcluster_error_to_string(error));
    return false;
}

/* One call with a fault, then the same call without it. */
static bool try_one(phase what, size_t fault, int number, int *recovered)
{
    vcluster_client *client = faults_client();
    fault_rule rule = faults[fault].rule;
    vcluster_error *error = NULL;
    bool fine = true;

    rule.number = number;
    fault_proxy_set(faults_proxy(), &rule);
    int64_t start_ms = faults_now_ms();
    int status = run(client, what, TIMEOUT_MS, &error);
    if (status < 0) {
        if (!faults_is_good_error(status, error, operations[what], faults_now_ms() - start_ms,
                                  TIMEOUT_MS))
            fine = show(faults[fault].name, number, "a bad error", error);
        vcluster_error_free(error);
        error = NULL;
        fault_proxy_set(faults_proxy(), NULL);
        status = run(client, what, TIMEOUT_MS * 3, &error);
        if (status < 0)
            fine = show(faults[fault].name, number, "the same call did not complete", error);
        vcluster_error_free(error);
    } else {
        (*recovered)++;
    }
    fault_proxy_set(faults_proxy(), NULL);
    const char *wrong = complaint(what);
    if (wrong)
        fine = show(faults[fault].name, number, wrong, NULL);
    vcluster_client_unref(client);
    return fine;
}

static int count_requests(phase what)
{
    vcluster_client *client = faults_client();
    vcluster_error *error = NULL;

    prepare(what);
    fault_proxy_set(faults_proxy(), NULL);
    e2e_ok(run(client, what, TIMEOUT_MS, &error), error);
    int count = fault_proxy_requests(faults_proxy());
    vcluster_client_unref(client);
    return count;
}

static void walk(phase what)
{
    int64_t end_ms = faults_now_ms() + faults_budget_ms();
    int count = count_requests(what);
    int total = count * FAULTS;
    int tried = 0;
    int wrong = 0;
    int recovered = 0;

    assert_true(count > 5);
    for (int i = 0; i < total && faults_now_ms() < end_ms; i++) {
        int at = faults_spread(i, total);
        prepare(what);
        tried++;
        wrong += !try_one(what, (size_t)at % FAULTS, at / FAULTS + 1, &recovered);
    }
    print_message("%s: %d requests, %d of %d combinations tried, %d recovered by the call itself, "
                  "%d wrong\n",
                  operations[what], count, tried, total, recovered, wrong);
    assert_int_equal(wrong, 0);
    assert_true(tried >= 5);
}

static void any_request_of_an_install_may_fail(void **state)
{
    (void)state;
    walk(INSTALL);
}

static void any_request_of_an_upgrade_may_fail(void **state)
{
    (void)state;
    walk(UPGRADE);
}

static void any_request_of_an_uninstall_may_fail(void **state)
{
    (void)state;
    walk(UNINSTALL);
}

static int begin(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    e2e_remove_namespace(NAMESPACE);
    e2e_make_namespace(NAMESPACE);
    e2e_ok(vcluster_chart_load(VCLUSTER_FIXTURES "/release/life", &chart, &error), error);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    e2e_remove_namespace(NAMESPACE);
    faults_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_request_of_an_install_may_fail),
        cmocka_unit_test(any_request_of_an_upgrade_may_fail),
        cmocka_unit_test(any_request_of_an_uninstall_may_fail),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, begin, end);
}
