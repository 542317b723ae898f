/* SPDX-License-Identifier: Apache-2.0 */
/* What delete takes away, and what it must not touch, against a host in memory. */
#include "cm.h"

#include <libvcluster/instance.h>

#include "base/clock.h"
#include "chart/release.h"
#include "fake_host.h"
#include "release/record.h"
#include "small_chart.h"
#include "vcluster/names.h"

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_delete_options options;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    options = (vcluster_delete_options)VCLUSTER_DELETE_OPTIONS_INIT;
    options.timeout_ms = patience_ms(5000);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static void make(const char *name, const char *namespace_name)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    how.chart = chart;
    how.no_wait = 1;
    how.namespace_name = namespace_name;
    assert_works(vcluster_instance_ensure(client, name, NULL, &how, NULL, &error), &error);
}

static void put(const char *version, const char *kind, const char *namespace_name, const char *name)
{
    char *yaml = vcl_format("{apiVersion: %s, kind: %s, metadata: {name: %s, namespace: %s}}",
                            version, kind, name, namespace_name);

    fake_host_put(host, yaml);
    free(yaml);
}

static void delete_works(const char *name)
{
    vcluster_error *error = NULL;

    assert_works(vcluster_instance_delete(client, name, &options, &error), &error);
}

static void delete_fails(int expected, const char *part)
{
    vcluster_error *error = NULL;

    assert_fails(vcluster_instance_delete(client, "dev", &options, &error), expected, &error, part);
}

static void nothing_remains_of_one_in_a_namespace_that_was_made_for_it(void **state)
{
    (void)state;
    make("dev", NULL);
    put("v1", "PersistentVolumeClaim", "vcluster-dev", "data-dev-0");
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/"), 0);
}

static void a_namespace_of_somebody_else_stays_with_what_is_in_it(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    put("v1", "ConfigMap", "team", "theirs");
    put("v1", "Secret", "team", "theirs");
    put("v1", "PersistentVolumeClaim", "team", "data-dev-0");
    put("v1", "PersistentVolumeClaim", "team", "data-dev-1-0");
    make("dev", "team");
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/api/v1/namespaces/team"), 4);
    assert_int_equal(fake_host_count(host, "data-dev-1-0"), 1);
    assert_int_equal(fake_host_count(host, "/apis/"), 0);
}

static void keep_volumes_keeps_claims_and_namespace(void **state)
{
    (void)state;
    make("dev", NULL);
    put("v1", "PersistentVolumeClaim", "vcluster-dev", "data-dev-0");
    options.keep_volumes = 1;
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "data-dev-0"), 1);
    assert_int_equal(fake_host_count(host, "/api/v1/namespaces/vcluster-dev"), 2);
    assert_int_equal(fake_host_count(host, "/"), 2);
}

static void keep_namespace_keeps_the_namespace_only(void **state)
{
    (void)state;
    make("dev", NULL);
    options.keep_namespace = 1;
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/"), 1);
}

static void secrets_that_the_control_plane_made_go_too(void **state)
{
    (void)state;
    make("dev", NULL);
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: vc-dev, namespace: "
                        "vcluster-dev, labels: {app: vcluster, vcluster-name: dev}}}");
    options.keep_namespace = 1;
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/secrets/"), 0);
}

static void put_upstream(void)
{
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev, heritage: Helm}}, spec: "
                        "{replicas: 1, template: {spec: {containers: [{name: syncer, image: "
                        "'ghcr.io/loft-sh/vcluster-oss:0.36.1'}]}}}}");
}

static void put_request(const char *finalizers)
{
    vcl_auto_free char *yaml = vcl_format(
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: dev-snapshot-request-1, namespace: "
        "team, labels: {vcluster.loft.sh/snapshot-request: '', vcluster.loft.sh/vcluster-name: "
        "dev}, finalizers: [%s]}}",
        finalizers);

    fake_host_put(host, yaml);
}

/* Upstream's control plane is gone, and with it who would take its finalizer away. */
static void a_request_of_a_snapshot_does_not_hold_what_goes(void **state)
{
    (void)state;
    put_upstream();
    put_request("vcluster.loft.sh/snapshot-controller");
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: dev-snapshot-request-1, "
                        "namespace: team, labels: {vcluster.loft.sh/snapshot-request: '', "
                        "vcluster.loft.sh/vcluster-name: dev}}}");
    fake_host_put(host,
                  "{apiVersion: v1, kind: ConfigMap, metadata: {name: other, namespace: team, "
                  "labels: {vcluster.loft.sh/snapshot-request: '', "
                  "vcluster.loft.sh/vcluster-name: other}}}");
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "dev-snapshot-request"), 0);
    assert_int_equal(fake_host_count(host, "/configmaps/other"), 1);
}

static void a_finalizer_of_somebody_else_stays_on_it(void **state)
{
    (void)state;
    put_upstream();
    put_request("vcluster.loft.sh/snapshot-controller, example.com/keep");
    delete_works("dev");
    VCL_AUTO_JSON *left =
        fake_host_get(host, "/api/v1/namespaces/team/configmaps/dev-snapshot-request-1");
    vcl_auto_free char *text = vcl_json_print(vcl_json_find(left, "metadata", "finalizers", NULL));
    assert_string_equal(text, "[\"example.com/keep\"]");
}

static void requests_that_may_not_be_listed_stop_no_delete(void **state)
{
    (void)state;
    put_upstream();
    fake_host_fail(host, "GET", "/configmaps", 403);
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/statefulsets/dev"), 0);
}

static void nothing_to_delete_is_not_found_unless_that_is_fine(void **state)
{
    (void)state;
    delete_fails(VCLUSTER_E_NOT_FOUND, "no virtual cluster 'dev'");
    options.missing_ok = 1;
    delete_works("dev");
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

static void the_guard_stops_everything(void **state)
{
    (void)state;
    make("dev", NULL);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "vcluster-dev, labels: {app: vcluster, release: dev}, annotations: "
                        "{loft.sh/non-deletable: 'true'}}}");
    delete_fails(VCLUSTER_E_PRECONDITION, "loft.sh/non-deletable on StatefulSet 'dev'");
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

/* Whether there is a guard is not known when what carries it cannot be read. */
static void a_guard_that_cannot_be_read_counts(void **state)
{
    static const int statuses[] = { 403, 500 };

    (void)state;
    make("dev", NULL);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "vcluster-dev, labels: {app: vcluster, release: dev}, annotations: "
                        "{loft.sh/non-deletable: 'true'}}}");
    fake_host_forget(host);
    for (int i = 0; i < 2; i++) {
        fake_host_fail(host, "GET", "/statefulsets", statuses[i]);
        delete_fails(i == 0 ? VCLUSTER_E_PERMISSION : VCLUSTER_E_UNAVAILABLE, "statefulsets");
        fake_host_heal(host);
    }
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 0);
}

static void one_without_a_record_is_deleted_by_its_labels(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: gitops}}");
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "gitops, labels: {app: vcluster, heritage: Helm, release: dev}}}");
    fake_host_put(host, "{apiVersion: v1, kind: Service, metadata: {name: dev, namespace: gitops, "
                        "labels: {app: vcluster, heritage: Helm, release: dev}}}");
    fake_host_put(host, "{apiVersion: v1, kind: Service, metadata: {name: mine, namespace: gitops, "
                        "labels: {release: dev}}}");
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/statefulsets/"), 0);
    assert_int_equal(fake_host_count(host, "/services/"), 1);
    assert_int_equal(fake_host_count(host, "/api/v1/namespaces/gitops"), 2);
}

/* An upgrade that had looked for a delete before there was one. */
static void put_newer_revision(fake_host *where, void *data)
{
    VCL_AUTO_JSON *secret =
        fake_host_get(where, "/api/v1/namespaces/vcluster-dev/secrets/sh.helm.release.v1.dev.v1");
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_JSON *newer = NULL;

    (void)data;
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_true(vcl_json_set_int(release, "version", 2));
    assert_int_equal(vcl_release_encode_json(release, &newer, NULL), 0);
    char *json = vcl_json_print(newer);
    fake_host_put(where, json);
    free(json);
}

static void a_revision_that_came_before_the_mark_is_the_one_to_lock(void **state)
{
    (void)state;
    make("dev", NULL);
    fake_host_forget(host);
    fake_host_before(host, "PUT", "dev.v1", put_newer_revision, NULL);
    delete_works("dev");
    assert_int_equal(fake_host_requests(host, "PUT", "dev.v1"), 2); /* its mark, and let go again */
    assert_int_equal(fake_host_requests(host, "PUT", "dev.v2"), 1);
    assert_int_equal(fake_host_count(host, "/"), 0);
}

/* A delete that was killed behind the workload: the record leads to the rest. */
static void a_killed_delete_is_finished_by_the_next(void **state)
{
    (void)state;
    make("dev", NULL);
    fake_host_fail(host, "DELETE", "/secrets/vc-config", 500);
    delete_fails(VCLUSTER_E_UNAVAILABLE, "delete virtual cluster 'dev'");
    assert_int_equal(fake_host_count(host, "/statefulsets/"), 0);
    assert_int_equal(fake_host_count(host, "/secrets/vc-config"), 1);

    /* Its lock has expired meanwhile. */
    VCL_AUTO_JSON *record =
        fake_host_get(host, "/api/v1/namespaces/vcluster-dev/secrets/sh.helm.release.v1.dev.v1");
    cJSON *annotations = vcl_json_find(record, "metadata", "annotations", NULL);
    if (annotations && vcl_json_get(annotations, VCL_ANNOTATION_EXPIRES)) {
        assert_true(
            vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, "2020-01-01T00:00:00Z"));
        char *json = vcl_json_print(record);
        fake_host_put(host, json);
        free(json);
    }
    fake_host_heal(host);
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/"), 0);
}

static void a_remaining_namespace_alone_is_still_deleted(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: vcluster-dev, "
                        "labels: {libvcluster.dev/instance: dev}, annotations: "
                        "{vcluster.loft.sh/created: 'true'}}}");
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/"), 0);
}

static void a_namespace_made_for_another_is_not_a_remainder(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: vcluster-dev, "
                        "labels: {libvcluster.dev/instance: other}, annotations: "
                        "{vcluster.loft.sh/created: 'true'}}}");
    delete_fails(VCLUSTER_E_NOT_FOUND, "no virtual cluster 'dev'");
    assert_int_equal(fake_host_count(host, "/"), 1);
}

static void a_failing_look_is_never_taken_for_nothing_there(void **state)
{
    static const struct {
        const char *part;
        int http, status;
    } cases[] = {
        { "/statefulsets", 500, VCLUSTER_E_UNAVAILABLE },
        { "/statefulsets", 403, VCLUSTER_E_PERMISSION },
        { "/deployments", 500, VCLUSTER_E_UNAVAILABLE },
        { "/deployments", 403, VCLUSTER_E_PERMISSION },
        { "/secrets", 500, VCLUSTER_E_UNAVAILABLE },
        { "/persistentvolumeclaims", 500, VCLUSTER_E_UNAVAILABLE },
        { "/persistentvolumeclaims", 403, VCLUSTER_E_PERMISSION },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        make("dev", NULL);
        options.missing_ok = 1;
        fake_host_fail(host, "GET", cases[i].part, cases[i].http);
        delete_fails(cases[i].status, "delete virtual cluster 'dev'");
        assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
        (void)end(state);
        (void)begin(state);
    }
}

static void the_one_of_another_namespace_is_not_touched(void **state)
{
    (void)state;
    make("dev", "one");
    make("dev", "two");
    delete_fails(VCLUSTER_E_PRECONDITION, "'one', 'two'");
    options.namespace_name = "two";
    delete_works("dev");
    assert_int_equal(fake_host_count(host, "/namespaces/two"), 0);
    assert_int_equal(fake_host_count(host, "/statefulsets/"), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_remains_of_one_in_a_namespace_that_was_made_for_it),
        CASE(a_namespace_of_somebody_else_stays_with_what_is_in_it),
        CASE(keep_volumes_keeps_claims_and_namespace),
        CASE(keep_namespace_keeps_the_namespace_only),
        CASE(secrets_that_the_control_plane_made_go_too),
        CASE(a_request_of_a_snapshot_does_not_hold_what_goes),
        CASE(a_finalizer_of_somebody_else_stays_on_it),
        CASE(requests_that_may_not_be_listed_stop_no_delete),
        CASE(nothing_to_delete_is_not_found_unless_that_is_fine),
        CASE(the_guard_stops_everything),
        CASE(a_guard_that_cannot_be_read_counts),
        CASE(one_without_a_record_is_deleted_by_its_labels),
        CASE(a_revision_that_came_before_the_mark_is_the_one_to_lock),
        CASE(a_killed_delete_is_finished_by_the_next),
        CASE(a_remaining_namespace_alone_is_still_deleted),
        CASE(a_namespace_made_for_another_is_not_a_remainder),
        CASE(a_failing_look_is_never_taken_for_nothing_there),
        CASE(the_one_of_another_namespace_is_not_touched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
