/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of deletes against a host in memory: what goes, stays, and would be left behind. */
#include "cm.h"

#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

#include "chart/release.h"
#include "fake_host.h"
#include "release/record.h"
#include "small_chart.h"

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

static vcluster_plan *plan_of(const char *name)
{
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    fake_host_forget(host);
    assert_works(vcluster_instance_plan_delete(client, name, &options, &plan, &error), &error);
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
    assert_int_equal(fake_host_requests(host, "PUT", ""), 0);
    return plan;
}

/* NULL: it is not told of. */
static const vcluster_change *told(const vcluster_plan *plan, const char *kind, const char *name)
{
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *change = vcluster_plan_at(plan, i);
        if (!strcmp(vcluster_change_kind(change), kind) &&
            !strcmp(vcluster_change_name(change), name))
            return change;
    }
    return NULL;
}

static void put_claim(const char *space, const char *name)
{
    char yaml[512];

    (void)snprintf(yaml, sizeof(yaml),
                   "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: %s, namespace: "
                   "%s, labels: {app: vcluster, release: dev}}}",
                   name, space);
    fake_host_put(host, yaml);
}

static void all_goes_with_a_namespace_of_its_own(void **state)
{
    (void)state;
    make("dev", NULL);
    put_claim("vcluster-dev", "data-dev-0");
    vcluster_plan *plan = plan_of("dev");
    assert_string_equal(vcluster_plan_operation(plan), "delete");
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_DATALOSS);
    for (size_t i = 0; i < vcluster_plan_size(plan); i++)
        assert_int_equal(vcluster_change_action(vcluster_plan_at(plan, i)), VCLUSTER_ACTION_REMOVE);
    assert_non_null(told(plan, "StatefulSet", "dev"));
    assert_non_null(told(plan, "Secret", "sh.helm.release.v1.dev.v1"));
    assert_non_null(told(plan, "Namespace", "vcluster-dev"));
    assert_int_equal(vcluster_change_impact(told(plan, "PersistentVolumeClaim", "data-dev-0")),
                     VCLUSTER_IMPACT_DATALOSS);
    vcluster_plan_free(plan);
}

static void what_is_kept_and_what_leaks_is_told_apart(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    make("dev", "team");
    put_claim("team", "data-dev-0");
    put_claim("team", "cache-dev-0");
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: copy, namespace: ci, "
                        "labels: {app: vcluster, vcluster-name: dev}}}");
    fake_host_put(host, "{apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: {name: "
                        "high, labels: {vcluster.loft.sh/managed-by: team-x-dev}, annotations: "
                        "{vcluster.loft.sh/object-name: high}}}");
    options.keep_volumes = 1;
    vcluster_plan *plan = plan_of("dev");
    assert_int_equal(vcluster_change_action(told(plan, "PersistentVolumeClaim", "data-dev-0")),
                     VCLUSTER_ACTION_KEEP);
    assert_int_equal(vcluster_change_action(told(plan, "PersistentVolumeClaim", "cache-dev-0")),
                     VCLUSTER_ACTION_LEAK);
    assert_int_equal(vcluster_change_action(told(plan, "Secret", "copy")), VCLUSTER_ACTION_LEAK);
    assert_int_equal(vcluster_change_action(told(plan, "PriorityClass", "high")),
                     VCLUSTER_ACTION_LEAK);
    const vcluster_change *space = told(plan, "Namespace", "team");
    assert_int_equal(vcluster_change_action(space), VCLUSTER_ACTION_KEEP);
    assert_non_null(strstr(vcluster_change_reason(space), "was not made for"));
    vcluster_plan_free(plan);
}

static void what_the_plan_says_goes_is_gone_after_the_delete(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    make("dev", "team");
    put_claim("team", "data-dev-0");
    put_claim("team", "cache-dev-0");
    vcluster_plan *plan = plan_of("dev");
    assert_works(vcluster_instance_delete(client, "dev", &options, &error), &error);
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *change = vcluster_plan_at(plan, i);
        char part[256];
        (void)snprintf(part, sizeof(part), "/%s", vcluster_change_name(change));
        if (!strcmp(vcluster_change_kind(change), "Namespace"))
            continue;
        int left = vcluster_change_action(change) != VCLUSTER_ACTION_REMOVE;
        assert_int_equal(fake_host_count(host, part), left);
    }
    vcluster_plan_free(plan);
}

static void a_protected_one_is_refused_in_the_plan(void **state)
{
    (void)state;
    make("dev", NULL);
    VCL_AUTO_JSON *workload =
        fake_host_get(host, "/apis/apps/v1/namespaces/vcluster-dev/statefulsets/dev");
    assert_true(
        vcl_json_set_string(vcl_json_object(vcl_json_object(workload, "metadata"), "annotations"),
                            "loft.sh/non-deletable", "true"));
    char *json = vcl_json_print(workload);
    fake_host_put(host, json);
    free(json);
    vcluster_plan *plan = plan_of("dev");
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_REFUSED);
    const vcluster_change *guard = vcluster_plan_at(plan, 0);
    assert_int_equal(vcluster_change_action(guard), VCLUSTER_ACTION_KEEP);
    assert_non_null(strstr(vcluster_change_reason(guard), "loft.sh/non-deletable"));
    vcluster_plan_free(plan);
}

static void what_a_killed_restore_has_left_goes_too(void **state)
{
    static const char workload[] = "/apis/apps/v1/namespaces/team/statefulsets/dev";
    static const char record[] = "/api/v1/namespaces/team/secrets/sh.helm.release.v1.dev.v1";
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    make("dev", "team");
    put_claim("team", "data-dev-0");
    VCL_AUTO_JSON *set = fake_host_get(host, workload);
    VCL_AUTO_JSON *secret = fake_host_get(host, record);
    assert_true(
        vcl_json_set_string(vcl_json_object(vcl_json_object(set, "metadata"), "annotations"),
                            VCL_ANNOTATION_RESTORING, "2026-01-01T00:00:00Z"));
    assert_int_equal(vcl_release_set_status(secret, "pending-upgrade", NULL, NULL), 0);
    char *texts[] = { vcl_json_print(set), vcl_json_print(secret) };
    for (int i = 0; i < 2; i++) {
        fake_host_put(host, texts[i]);
        free(texts[i]);
    }
    fake_host_put(host,
                  "{apiVersion: v1, kind: Pod, metadata: {name: dev-restore, namespace: team, "
                  "labels: {app: vcluster-restore, release: dev}}}");
    vcluster_plan *plan = plan_of("dev");
    const vcluster_change *claim = told(plan, "PersistentVolumeClaim", "data-dev-0");
    assert_non_null(strstr(vcluster_change_reason(claim), "a restore that was not finished"));
    const vcluster_change *pod = told(plan, "Pod", "dev-restore");
    assert_int_equal(vcluster_change_action(pod), VCLUSTER_ACTION_REMOVE);
    vcluster_plan_free(plan);
    assert_works(vcluster_instance_delete(client, "dev", &options, &error), &error);
    assert_int_equal(fake_host_count(host, workload), 0);
    assert_int_equal(fake_host_count(host, record), 0);
}

static void a_user_of_one_namespace_is_told_what_cannot_be_seen(void **state)
{
    (void)state;
    make("dev", NULL);
    options.namespace_name = "vcluster-dev";
    fake_host_fail(host, "GET", "/priorityclasses", 403);
    vcluster_plan *plan = plan_of("dev");
    const vcluster_change *hidden = told(plan, "Namespace", "*");
    assert_non_null(hidden);
    assert_non_null(strstr(vcluster_change_reason(hidden), "may not be listed"));
    vcluster_plan_free(plan);
}

static void nothing_there_is_not_found_and_a_failing_look_no_plan(void **state)
{
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(vcluster_instance_plan_delete(client, "dev", &options, &plan, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "no virtual cluster 'dev'");
    options.missing_ok = 1;
    plan = plan_of("dev");
    assert_string_equal(vcluster_plan_operation(plan), "none");
    vcluster_plan_free(plan);
    plan = NULL;
    make("dev", NULL);
    fake_host_fail(host, "GET", "/configmaps", 403);
    assert_fails(vcluster_instance_plan_delete(client, "dev", &options, &plan, &error),
                 VCLUSTER_E_PERMISSION, &error, "plan the deletion");
    assert_null(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_goes_with_a_namespace_of_its_own, begin, end),
        cmocka_unit_test_setup_teardown(what_is_kept_and_what_leaks_is_told_apart, begin, end),
        cmocka_unit_test_setup_teardown(what_the_plan_says_goes_is_gone_after_the_delete, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_protected_one_is_refused_in_the_plan, begin, end),
        cmocka_unit_test_setup_teardown(what_a_killed_restore_has_left_goes_too, begin, end),
        cmocka_unit_test_setup_teardown(a_user_of_one_namespace_is_told_what_cannot_be_seen, begin,
                                        end),
        cmocka_unit_test_setup_teardown(nothing_there_is_not_found_and_a_failing_look_no_plan,
                                        begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
