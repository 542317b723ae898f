/* SPDX-License-Identifier: Apache-2.0 */
/* Looking for the reason: what is asked for, what may be missing, what becomes of it. */
#include "cm.h"

#include <libvcluster/diagnosis.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fake_host.h"

static fake_host *host;
static vcluster_client *client;

static int setup(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static void put_workload(void)
{
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1}}");
}

static void put_pod(const char *status)
{
    char text[1024];

    (void)snprintf(text, sizeof(text),
                   "{apiVersion: v1, kind: Pod, metadata: {name: dev-0, namespace: team, labels: "
                   "{app: vcluster, release: dev}}, spec: {nodeName: n}, status: %s}",
                   status);
    fake_host_put(host, text);
}

static vcluster_diagnosis *why(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_diagnosis *found = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = "team";
    int status = vcluster_instance_why(client, "dev", &options, &found, &error);
    if (status < 0)
        fail_msg("%s", vcluster_error_to_string(error));
    return found;
}

static const char *code_of(const vcluster_diagnosis *found)
{
    return vcluster_reason_code(vcluster_cause_reason(vcluster_diagnosis_at(found, 0)));
}

static void a_ready_one_has_no_cause_and_costs_seven_requests(void **state)
{
    (void)state;
    put_workload();
    put_pod("{phase: Running, conditions: [{type: Ready, status: 'True'}]}");
    fake_host_forget(host);
    vcluster_diagnosis *found = why();
    assert_true(vcluster_diagnosis_ready(found));
    assert_int_equal(vcluster_diagnosis_size(found), 0);
    assert_null(vcluster_diagnosis_at(found, 0));
    assert_string_equal(vcluster_diagnosis_note(found), "");
    assert_int_equal(fake_host_requests(host, NULL, ""), 7);
    vcluster_diagnosis_free(found);
}

/* The node asks its readiness probe once a second or less: the virtual cluster itself knows before.
 */
static void one_that_has_just_started_is_asked_itself(void **state)
{
    static const struct {
        int64_t age_seconds;
        int restarts;
        int asked;
    } cases[] = { { 2, 0, 1 }, { 2, 1, 0 }, { 120, 0, 0 } };

    (void)state;
    put_workload();
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char started[VCL_RFC3339_SIZE];
        char status[512];

        vcl_rfc3339(vcl_wall_seconds() - cases[i].age_seconds, -1, started);
        (void)snprintf(status, sizeof(status),
                       "{phase: Running, conditions: [{type: Ready, status: 'False'}], "
                       "containerStatuses: [{name: syncer, restartCount: %d, state: {running: "
                       "{startedAt: '%s'}}}]}",
                       cases[i].restarts, started);
        put_pod(status);
        fake_host_forget(host);
        vcluster_diagnosis *found = why();
        assert_false(vcluster_diagnosis_ready(found)); /* for its kubeconfig is not there */
        assert_int_equal(fake_host_requests(host, "GET", "/secrets/vc-dev"), cases[i].asked);
        vcluster_diagnosis_free(found);
    }
}

static void a_restore_that_is_not_finished_is_not_taken_for_a_scaling_by_hand(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}, annotations: "
                        "{libvcluster.dev/restoring: x}}, spec: {replicas: 0}}");
    vcluster_diagnosis *found = why();
    assert_string_equal(code_of(found), "unfinished");
    assert_non_null(strstr(vcluster_cause_message(vcluster_diagnosis_at(found, 0)), "a restore"));
    vcluster_diagnosis_free(found);
}

static void what_may_not_be_read_is_noted(void **state)
{
    (void)state;
    put_workload();
    put_pod("{phase: Pending, containerStatuses: [{name: syncer, state: {waiting: {reason: "
            "InvalidImageName, message: bad}}}]}");
    fake_host_fail(host, "GET", "/events", 403);
    fake_host_fail(host, "GET", "/nodes", 403);
    vcluster_diagnosis *found = why();
    assert_string_equal(code_of(found), "image-name");
    assert_non_null(strstr(vcluster_diagnosis_note(found), "Events may not be read"));
    assert_non_null(strstr(vcluster_diagnosis_note(found), "Nodes may not be read"));
    vcluster_diagnosis_free(found);
}

static void pods_that_may_not_be_read_are_an_error(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_diagnosis *found = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = "team";
    fake_host_fail(host, "GET", "/pods", 403);
    assert_int_equal(vcluster_instance_why(client, "dev", &options, &found, &error),
                     VCLUSTER_E_PERMISSION);
    assert_null(found);
    vcluster_error_free(error);
}

static void a_host_that_fails_is_an_error_and_no_diagnosis(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_diagnosis *found = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = "team";
    options.timeout_ms = 2000;
    fake_host_fail(host, "GET", "/events", 500);
    assert_true(vcluster_instance_why(client, "dev", &options, &found, &error) < 0);
    assert_null(found);
    vcluster_error_free(error);
}

static void a_namespace_that_is_not_there_is_told(void **state)
{
    (void)state;
    fake_host_remove(host, "/api/v1/namespaces/team");
    vcluster_diagnosis *found = why();
    assert_string_equal(code_of(found), "namespace-missing");
    vcluster_diagnosis_free(found);
}

static void a_diagnosis_is_printed_as_json(void **state)
{
    char *text = NULL;
    vcluster_error *error = NULL;

    (void)state;
    vcluster_diagnosis *found = why();
    assert_int_equal(vcluster_diagnosis_to_json(found, &text, &error), 0);
    assert_non_null(strstr(text, "\"reason\":\"not-found\",\"certainty\":\"certain\",\"status\":"
                                 "\"NOT_FOUND\""));
    assert_non_null(strstr(text, "\"ready\":false"));
    vcluster_free(text);
    vcluster_diagnosis_free(found);
    vcluster_diagnosis_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_ready_one_has_no_cause_and_costs_seven_requests, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            a_restore_that_is_not_finished_is_not_taken_for_a_scaling_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(one_that_has_just_started_is_asked_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(what_may_not_be_read_is_noted, setup, teardown),
        cmocka_unit_test_setup_teardown(pods_that_may_not_be_read_are_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(a_host_that_fails_is_an_error_and_no_diagnosis, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_namespace_that_is_not_there_is_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_diagnosis_is_printed_as_json, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
