/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many ensures at once: those for which there is nothing to do share one look at the host, and what
 * is not certain from it is never taken for that.
 */
#include "cm.h"

#include <libvcluster/batch.h>
#include <stdio.h>

#include "base/clock.h"
#include "fake_host.h"
#include "small_chart.h"
#include "vcluster/client.h"
#include "vcluster/lifecycle/ensure_unchanged.h"

enum { COUNT = 10, LISTS = 6 };

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_config *configs[COUNT];

static int count_success(const vcluster_result *result, void *data)
{
    size_t *succeeded = data;

    if (vcluster_result_status(result) < 0)
        fail_msg("%s: %s", vcluster_result_name(result),
                 vcluster_error_to_string(vcluster_result_error(result)));
    (*succeeded)++;
    return 0;
}

static const char *name_of(size_t index)
{
    static const char *const names[COUNT] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };

    return names[index];
}

/* Ensure all, in one batch. */
static void ensure_all(void)
{
    vcluster_batch *batch = NULL;
    vcluster_error *error = NULL;
    size_t succeeded = 0;

    assert_works(vcluster_batch_new(&batch, &error), &error);
    for (size_t i = 0; i < COUNT; i++) {
        vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;

        options.chart = chart;
        options.no_wait = 1;
        options.timeout_ms = patience_ms(10000);
        assert_works(vcluster_batch_add_ensure(batch, name_of(i), configs[i], &options, &error),
                     &error);
    }
    assert_works(vcluster_batch_run(client, batch, NULL, count_success, &succeeded, &error),
                 &error);
    assert_int_equal((int)succeeded, COUNT);
    vcluster_batch_free(batch);
}

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    ensure_all();
    fake_host_forget(host);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        vcluster_config_free(configs[i]);
        configs[i] = NULL;
    }
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static int writes(void)
{
    return fake_host_requests(host, "POST", "") + fake_host_requests(host, "PUT", "") +
           fake_host_requests(host, "PATCH", "") + fake_host_requests(host, "DELETE", "");
}

static void what_is_as_wanted_costs_one_look_for_all(void **state)
{
    (void)state;
    ensure_all();
    assert_int_equal(fake_host_requests(host, NULL, ""), LISTS);
    assert_int_equal(writes(), 0);
}

static void one_that_differs_goes_its_own_way(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_config_parse("sync: {fromHost: two}", &configs[3], &error), &error);
    ensure_all();
    assert_int_equal(fake_host_count(host, "/secrets/sh.helm.release.v1.d.v2"), 1);
    assert_int_equal(fake_host_count(host, "v2"), 1);
    fake_host_forget(host);
    ensure_all();
    assert_int_equal(fake_host_requests(host, NULL, ""), LISTS);
}

static void who_may_not_list_the_whole_host_looks_at_each(void **state)
{
    (void)state;
    fake_host_fail(host, "GET", "/api/v1/secrets", 403);
    ensure_all();
    assert_true(fake_host_requests(host, NULL, "") >= 6 * COUNT);
    assert_int_equal(writes(), 0);
}

/* ---- What is not certain ---- */

#define SET_PATH "/apis/apps/v1/namespaces/vcluster-c/statefulsets/c"
#define RECORD_PATH "/api/v1/namespaces/vcluster-c/secrets/sh.helm.release.v1.c.v1"

/* Change a text of an object's metadata. */
static void edit(const char *path, const char *map, const char *key, const char *value)
{
    VCL_AUTO_JSON *object = fake_host_get(host, path);
    cJSON *metadata = vcl_json_object(object, "metadata");

    assert_non_null(object);
    assert_true(vcl_json_set_string(map ? vcl_json_object(metadata, map) : metadata, key, value));
    char *json = vcl_json_print(object);
    fake_host_put(host, json);
    free(json);
}

static void its_namespace_goes(vcl_ensure_request *request)
{
    (void)request;
    edit("/api/v1/namespaces/vcluster-c", NULL, "deletionTimestamp", "2026-01-02T03:04:05Z");
}

static void a_delete_has_marked_its_record(vcl_ensure_request *request)
{
    (void)request;
    edit(RECORD_PATH, "labels", "status", "uninstalling");
}

static void an_upgrade_is_at_work(vcl_ensure_request *request)
{
    (void)request;
    fake_host_put(host, "{apiVersion: v1, kind: Secret, type: helm.sh/release.v1, metadata: {name: "
                        "sh.helm.release.v1.c.v2, namespace: vcluster-c, labels: {owner: helm, "
                        "name: c, status: pending-upgrade, version: '2'}}}");
}

static void its_record_is_gone(vcl_ensure_request *request)
{
    (void)request;
    fake_host_remove(host, RECORD_PATH);
}

static void its_workload_is_gone(vcl_ensure_request *request)
{
    (void)request;
    fake_host_remove(host, SET_PATH);
}

static void it_is_paused(vcl_ensure_request *request)
{
    (void)request;
    edit(SET_PATH, "annotations", "loft.sh/paused", "true");
}

static void another_one_is_in_its_namespace(vcl_ensure_request *request)
{
    (void)request;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: x, namespace: "
                        "vcluster-c, labels: {app: vcluster, release: x}}, spec: {replicas: 1}}");
}

static void it_is_not_ready_and_waited_for(vcl_ensure_request *request)
{
    request->no_wait = false;
}

static void it_must_be_new(vcl_ensure_request *request)
{
    request->must_be_new = true;
}

static void it_gets_a_time_to_live(vcl_ensure_request *request)
{
    request->lease.expires_at = vcl_wall_seconds() + 60;
}

static void another_distribution_is_wanted(vcl_ensure_request *request)
{
    request->distribution = "upstream";
}

static void another_version_is_wanted(vcl_ensure_request *request)
{
    request->kubernetes_version = "v1.35.1";
}

static void a_profile_that_does_not_exist(vcl_ensure_request *request)
{
    request->profile = "none";
}

static void its_name_is_refused(vcl_ensure_request *request)
{
    request->name = NULL;
}

/* Whether the third of all is found to need nothing, after something was done to it. */
static bool is_unchanged(void (*disturb)(vcl_ensure_request *request), bool twice)
{
    vcl_ensure_request requests[COUNT] = { { 0 } };
    bool unchanged[COUNT] = { false };
    vcluster_error *error = NULL;
    vcl_call call;

    for (size_t i = 0; i < COUNT; i++)
        requests[i] = (vcl_ensure_request){
            .client = client, .name = name_of(i), .chart = chart, .no_wait = true
        };
    if (twice)
        requests[5].name = name_of(2);
    if (disturb)
        disturb(&requests[2]);
    vcl_call_init(&call, patience_ms(10000), -1, NULL, NULL, NULL);
    assert_works(vcl_ensure_find_unchanged(client, &call, requests, COUNT, unchanged, &error),
                 &error);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(i == 2 || unchanged[i] || (twice && i == 5));
    assert_false(twice && unchanged[5]);
    return unchanged[2];
}

static void whatever_is_not_certain_is_left_to_its_own_look(void **state)
{
    static void (*const disturbances[])(vcl_ensure_request * request) = {
        it_is_not_ready_and_waited_for,
        it_must_be_new,
        it_gets_a_time_to_live,
        another_distribution_is_wanted,
        another_version_is_wanted,
        a_profile_that_does_not_exist,
        its_name_is_refused,
    };

    (void)state;
    assert_true(is_unchanged(NULL, false));
    assert_false(is_unchanged(NULL, true));
    for (size_t i = 0; i < sizeof(disturbances) / sizeof(disturbances[0]); i++)
        assert_false(is_unchanged(disturbances[i], false));
}

/* Each on a host of its own. */
static void assert_seen(void (*disturb)(vcl_ensure_request *request))
{
    assert_true(is_unchanged(NULL, false));
    assert_false(is_unchanged(disturb, false));
}

#define SEEN(name)                                                                                 \
    static void when_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        assert_seen(name);                                                                         \
    }
SEEN(its_namespace_goes)
SEEN(a_delete_has_marked_its_record)
SEEN(an_upgrade_is_at_work)
SEEN(its_record_is_gone)
SEEN(its_workload_is_gone)
SEEN(it_is_paused)
SEEN(another_one_is_in_its_namespace)

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_as_wanted_costs_one_look_for_all),
        CASE(one_that_differs_goes_its_own_way),
        CASE(who_may_not_list_the_whole_host_looks_at_each),
        CASE(whatever_is_not_certain_is_left_to_its_own_look),
        CASE(when_its_namespace_goes),
        CASE(when_a_delete_has_marked_its_record),
        CASE(when_an_upgrade_is_at_work),
        CASE(when_its_record_is_gone),
        CASE(when_its_workload_is_gone),
        CASE(when_it_is_paused),
        CASE(when_another_one_is_in_its_namespace),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
