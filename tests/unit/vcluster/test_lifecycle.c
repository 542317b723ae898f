/* SPDX-License-Identifier: Apache-2.0 */
/* Upgrades by ensure, plans, pause and resume against a host in memory on which nothing runs. */
#include "cm.h"

#include <libvcluster/plan.h>

#include "base/clock.h"
#include "chart/release.h"
#include "fake_host.h"
#include "release/record.h"
#include "small_chart.h"

#define NAMESPACE_PATH "/api/v1/namespaces/vcluster-dev"
#define RECORD_PATH NAMESPACE_PATH "/secrets/sh.helm.release.v1.dev.v"
static const char set_path[] = "/apis/apps/v1/namespaces/vcluster-dev/statefulsets/dev";

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_ensure_options options;
static vcluster_pause_options pause_options;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    options = (vcluster_ensure_options)VCLUSTER_ENSURE_OPTIONS_INIT;
    options.chart = chart;
    options.no_wait = 1;
    options.timeout_ms = patience_ms(5000);
    pause_options = (vcluster_pause_options)VCLUSTER_PAUSE_OPTIONS_INIT;
    pause_options.namespace_name = "vcluster-dev";
    pause_options.no_wait = 1;
    pause_options.timeout_ms = patience_ms(5000);
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

static int writes(void)
{
    return fake_host_requests(host, "POST", "") + fake_host_requests(host, "PUT", "") +
           fake_host_requests(host, "PATCH", "") + fake_host_requests(host, "DELETE", "");
}

static int ensure(const char *yaml, vcluster_error **error)
{
    vcluster_config *config = NULL;

    int status = vcluster_config_parse(yaml, &config, error);
    if (status == 0)
        status = vcluster_instance_ensure(client, "dev", config, &options, NULL, error);
    vcluster_config_free(config);
    return status;
}

static void ensure_works(const char *yaml)
{
    vcluster_error *error = NULL;

    assert_works(ensure(yaml, &error), &error);
}

static vcluster_plan *plan_of(const char *yaml)
{
    vcluster_config *config = NULL;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    assert_works(vcluster_config_parse(yaml, &config, &error), &error);
    assert_works(vcluster_instance_plan(client, "dev", config, &options, &plan, &error), &error);
    vcluster_config_free(config);
    return plan;
}

static cJSON *record(const char *path, cJSON **out_release)
{
    cJSON *secret = fake_host_get(host, path);
    vcluster_error *error = NULL;

    assert_non_null(secret);
    assert_null(vcl_json_find(secret, "metadata", "annotations", VCL_ANNOTATION_HOLDER, NULL));
    assert_works(vcl_release_decode(secret, out_release, &error), &error);
    return secret;
}

static void assert_status(const char *path, const char *status)
{
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_JSON *secret = record(path, &release);

    assert_string_equal(vcl_json_find_string(secret, "metadata", "labels", "status", NULL), status);
}

static void other_values_make_a_new_revision_over_the_earlier_ones(void **state)
{
    VCL_AUTO_JSON *release = NULL;

    (void)state;
    ensure_works("sync: {fromHost: one, other: kept}");
    ensure_works("sync: {fromHost: two}");
    assert_status(RECORD_PATH "1", "superseded");
    VCL_AUTO_JSON *secret = record(RECORD_PATH "2", &release);
    assert_string_equal(vcl_json_find_string(secret, "metadata", "labels", "status", NULL),
                        "deployed");
    assert_string_equal(
        vcl_json_find_string(secret, "metadata", "labels", "libvcluster.dev/instance", NULL),
        "dev");
    assert_string_equal(vcl_json_find_string(release, "config", "sync", "fromHost", NULL), "two");
    assert_string_equal(vcl_json_find_string(release, "config", "sync", "other", NULL), "kept");
}

static void the_same_wish_costs_the_lists_only(void **state)
{
    (void)state;
    ensure_works("sync: {fromHost: one}");
    fake_host_forget(host);
    ensure_works("sync: {fromHost: one}");
    assert_int_equal(fake_host_requests(host, NULL, ""), 6);
    assert_int_equal(writes(), 0);
}

static void the_same_values_in_other_words_write_nothing(void **state)
{
    (void)state;
    ensure_works("sync: {fromHost: one}");
    ensure_works("sync: {fromHost: two}");
    fake_host_forget(host);
    options.reset_values = 1;
    ensure_works("sync: {fromHost: two}");
    assert_int_equal(writes(), 0);
    assert_int_equal(fake_host_count(host, RECORD_PATH), 2);
}

static void another_chart_is_another_wish(void **state)
{
    (void)state;
    ensure_works("{}");
    vcluster_chart_free(chart);
    chart = small_chart_new("vcluster-embedded");
    assert_true(vcl_json_set_string(chart->metadata, "version", "1.2.4"));
    options.chart = chart;
    ensure_works("{}");
    assert_int_equal(fake_host_count(host, RECORD_PATH), 2);
}

static void a_dry_run_that_is_refused_stops_it_before_any_write(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("sync: {fromHost: one}");
    fake_host_fail(host, "PATCH", "dryRun=All", 403);
    int status = ensure("sync: {fromHost: two}", &error);
    assert_int_equal((int)vcluster_error_finding_count(error), 3);
    assert_string_equal(vcluster_finding_rule(vcluster_error_finding_at(error, 0)),
                        "refused-by-host");
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "Secret/vc-config-dev");
    assert_int_equal(fake_host_count(host, RECORD_PATH), 1);
    assert_status(RECORD_PATH "1", "deployed");
}

static void a_workload_that_somebody_deleted_is_made_again(void **state)
{
    (void)state;
    ensure_works("{}");
    fake_host_remove(host, set_path);
    ensure_works("{}");
    assert_int_equal(fake_host_count(host, set_path), 1);
    assert_status(RECORD_PATH "2", "deployed");
}

static void a_failed_upgrade_is_done_again_by_the_same_call(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("sync: {fromHost: one}");
    fake_host_fail(host, "PATCH", "/secrets/vc-config-dev?fieldManager=helm&force=false", 500);
    fake_host_fail(host, "PATCH", "/secrets/vc-config-dev", 500);
    assert_true(ensure("sync: {fromHost: two}", &error) < 0);
    vcl_error_clear(&error);
    fake_host_heal(host);
    ensure_works("sync: {fromHost: two}");
    VCL_AUTO_JSON *set = fake_host_get(host, NAMESPACE_PATH "/secrets/vc-config-dev");
    assert_string_equal(vcl_json_find_string(set, "stringData", "k", NULL), "two");
}

/* At the third list of the records: the upgrade is about to begin, the values are decided. */
static void put_newer_revision(fake_host *where, void *data)
{
    int *lists_left = data;

    if (--*lists_left > 0) {
        fake_host_before(where, "GET", "owner%3Dhelm", put_newer_revision, lists_left);
        return;
    }
    VCL_AUTO_JSON *secret = fake_host_get(where, RECORD_PATH "1");
    VCL_AUTO_JSON *release = NULL;
    VCL_AUTO_JSON *newer = NULL;
    cJSON *config = cJSON_CreateObject();

    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_true(vcl_json_set_int(release, "version", 2));
    assert_true(vcl_json_set_string(config, "theirs", "kept"));
    assert_true(vcl_json_set(release, "config", config));
    assert_int_equal(vcl_release_encode_json(release, &newer, NULL), 0);
    char *json = vcl_json_print(newer);
    fake_host_put(where, json);
    free(json);
}

static void a_revision_that_another_makes_meanwhile_is_not_lost(void **state)
{
    VCL_AUTO_JSON *release = NULL;
    int lists_left = 3;

    (void)state;
    ensure_works("sync: {fromHost: one}");
    fake_host_before(host, "GET", "owner%3Dhelm", put_newer_revision, &lists_left);
    ensure_works("sync: {fromHost: two}");
    cJSON_Delete(record(RECORD_PATH "3", &release));
    assert_string_equal(vcl_json_find_string(release, "config", "theirs", NULL), "kept");
    assert_string_equal(vcl_json_find_string(release, "config", "sync", "fromHost", NULL), "two");
}

static void a_plan_tells_and_changes_nothing(void **state)
{
    (void)state;
    vcluster_plan *plan = plan_of("plugins: {a: 1}");
    assert_string_equal(vcluster_plan_operation(plan), "create");
    assert_int_equal((int)vcluster_plan_size(plan), 4);
    assert_int_equal(vcluster_change_impact(vcluster_plan_at(plan, 0)), VCLUSTER_IMPACT_NONE);
    assert_string_equal(vcluster_change_path(vcluster_plan_at(plan, 0)), "plugins");
    vcluster_plan_free(plan);
    assert_int_equal(writes(), 0);

    ensure_works("sync: {fromHost: one}");
    fake_host_forget(host);
    plan = plan_of("sync: {fromHost: one}");
    assert_string_equal(vcluster_plan_operation(plan), "none");
    vcluster_plan_free(plan);
    plan = plan_of("sync: {fromHost: two}");
    assert_string_equal(vcluster_plan_operation(plan), "upgrade");
    assert_int_equal((int)vcluster_plan_size(plan), 2);
    assert_string_equal(vcluster_change_path(vcluster_plan_at(plan, 0)), ".stringData.k");
    assert_string_equal(vcluster_change_after(vcluster_plan_at(plan, 0)), "\"(secret, 3 bytes)\"");
    assert_string_equal(vcluster_change_path(vcluster_plan_at(plan, 1)), ".data[\"config.yaml\"]");
    vcluster_plan_free(plan);
    fake_host_fail(host, "PATCH", "/statefulsets/", 403);
    plan = plan_of("sync: {fromHost: two}");
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_REFUSED);
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_count(host, RECORD_PATH), 1);
    assert_int_equal(
        fake_host_requests(host, "PATCH", "") - fake_host_requests(host, "PATCH", "dryRun=All"), 0);
}

static void values_of_one_made_by_gitops_are_compared(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: vcluster-dev}}");
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "vcluster-dev, labels: {app: vcluster, release: dev}, annotations: "
                        "{libvcluster.dev/distribution: embedded}}, spec: {replicas: 1}}");
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: vc-config-dev, namespace: "
                        "vcluster-dev}, data: {config.yaml: c3luYzoge2Zyb21Ib3N0OiBvbmV9Cg==}}");
    ensure_works("sync: {fromHost: one}");
    int status = ensure("sync: {fromHost: two}", &error);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)),
                        "sync.fromHost");
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "change it where it is made");
    assert_int_equal(writes(), 0);
}

/* ---- Pause and resume ---- */

static void put_pods(void)
{
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: synced, namespace: "
                        "vcluster-dev, labels: {vcluster.loft.sh/managed-by: dev}}}");
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: foreign, namespace: "
                        "vcluster-dev}}");
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: far, labels: "
                        "{vcluster.loft.sh/managed-by: vcluster-dev-x-dev}}}");
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: anything, namespace: far}}");
}

static void pause_works(void)
{
    vcluster_error *error = NULL;

    assert_works(vcluster_instance_pause(client, "dev", &pause_options, &error), &error);
}

static void a_pause_takes_pods_and_nothing_else(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    put_pods();
    pause_works();
    assert_int_equal(fake_host_count(host, "/pods/"), 1);
    assert_int_equal(fake_host_count(host, "/pods/foreign"), 1);
    assert_int_equal(fake_host_count(host, "/services/dev"), 1);
    assert_status(RECORD_PATH "1", "deployed");
    VCL_AUTO_JSON *set = fake_host_get(host, set_path);
    assert_int_equal((int)vcl_json_find_int(set, 9, "spec", "replicas", NULL), 0);

    int before = fake_host_requests(host, "PATCH", "");
    pause_works();
    assert_int_equal(fake_host_requests(host, "PATCH", ""), before);
    assert_works(vcluster_instance_resume(client, "dev", &pause_options, &error), &error);
    VCL_AUTO_JSON *resumed = fake_host_get(host, set_path);
    assert_int_equal((int)vcl_json_find_int(resumed, 9, "spec", "replicas", NULL), 1);
    assert_null(vcl_json_find(resumed, "metadata", "annotations", "loft.sh/paused", NULL));
}

static void what_is_not_there_cannot_be_paused(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(vcluster_instance_pause(client, "dev", &pause_options, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "pause virtual cluster 'dev'");
}

static void an_unfinished_one_is_not_paused(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    VCL_AUTO_JSON *secret = fake_host_get(host, RECORD_PATH "1");
    assert_true(vcl_json_set_string(vcl_json_find(secret, "metadata", "labels", NULL), "status",
                                    "pending-upgrade"));
    char *json = vcl_json_print(secret);
    fake_host_put(host, json);
    free(json);
    fake_host_forget(host);
    assert_fails(vcluster_instance_pause(client, "dev", &pause_options, &error),
                 VCLUSTER_E_PRECONDITION, &error, "was cut short (pending-upgrade)");
    assert_int_equal(writes(), 0);
}

/* Somebody holds the record at rest: a pause of another process, say. */
static void claim(int64_t seconds)
{
    VCL_AUTO_JSON *secret = fake_host_get(host, RECORD_PATH "1");
    cJSON *annotations = vcl_json_object(vcl_json_object(secret, "metadata"), "annotations");
    char until[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds() + seconds, -1, until);
    assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, "other"));
    assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until));
    char *json = vcl_json_print(secret);
    fake_host_put(host, json);
    free(json);
}

static void a_held_record_keeps_pause_upgrade_and_delete_out(void **state)
{
    vcluster_delete_options delete_options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    claim(60);
    pause_options.timeout_ms = options.timeout_ms = patience_ms(300);
    delete_options.timeout_ms = patience_ms(300);
    delete_options.namespace_name = "vcluster-dev";
    assert_fails(vcluster_instance_pause(client, "dev", &pause_options, &error),
                 VCLUSTER_E_CONFLICT, &error, "still at work");
    assert_fails(ensure("sync: {fromHost: two}", &error), VCLUSTER_E_CONFLICT, &error,
                 "still at work");
    assert_fails(vcluster_instance_delete(client, "dev", &delete_options, &error),
                 VCLUSTER_E_CONFLICT, &error, "still at work");
    assert_int_equal(fake_host_count(host, RECORD_PATH), 1);
}

static void a_dead_holder_is_passed_over(void **state)
{
    (void)state;
    ensure_works("{}");
    claim(-1);
    pause_works();
    assert_status(RECORD_PATH "1", "deployed");
}

static void put_claim(fake_host *where, void *data)
{
    (void)where;
    (void)data;
    claim(1);
}

static void an_upgrade_gives_way_to_who_holds_the_record_meanwhile(void **state)
{
    (void)state;
    ensure_works("{}");
    options.timeout_ms = patience_ms(10000);
    fake_host_before(host, "POST", "/secrets", put_claim, NULL);
    ensure_works("sync: {fromHost: two}");
    assert_status(RECORD_PATH "2", "deployed");
    /* Ours was taken back once, and made again when the other one was done. */
    assert_int_equal(fake_host_requests(host, "DELETE", RECORD_PATH "2"), 1);
}

static void a_paused_one_is_changed_only_when_it_may_be_resumed(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    pause_works();
    ensure_works("{}"); /* nothing new, and nothing to wait for */
    assert_fails(ensure("sync: {fromHost: two}", &error), VCLUSTER_E_PRECONDITION, &error,
                 "is paused: resume it first");
    assert_int_equal(fake_host_count(host, RECORD_PATH), 1);
    options.resume = 1;
    ensure_works("sync: {fromHost: two}");
    VCL_AUTO_JSON *set = fake_host_get(host, set_path);
    assert_int_equal((int)vcl_json_find_int(set, 9, "spec", "replicas", NULL), 1);
}

static void pause_it(fake_host *where, void *data)
{
    VCL_AUTO_JSON *set = fake_host_get(where, set_path);

    (void)data;
    assert_true(
        vcl_json_set_string(vcl_json_object(vcl_json_object(set, "metadata"), "annotations"),
                            "loft.sh/paused", "true"));
    assert_true(vcl_json_set_int(vcl_json_object(set, "spec"), "replicas", 0));
    char *text = vcl_json_print(set);
    fake_host_put(where, text);
    free(text);
}

static void an_upgrade_does_not_undo_a_pause_that_came_first(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    fake_host_before(host, "POST", "/secrets", pause_it, NULL);
    assert_fails(ensure("sync: {fromHost: two}", &error), VCLUSTER_E_PRECONDITION, &error,
                 "was paused at this moment");
    assert_int_equal(fake_host_count(host, RECORD_PATH), 1);
    VCL_AUTO_JSON *set = fake_host_get(host, set_path);
    assert_int_equal((int)vcl_json_find_int(set, 9, "spec", "replicas", NULL), 0);
}

/* As a restore leaves them while it works, and at its end. */
static void set_restoring(fake_host *where, bool on)
{
    VCL_AUTO_JSON *set = fake_host_get(where, set_path);
    VCL_AUTO_JSON *secret = fake_host_get(where, RECORD_PATH "1");
    cJSON *annotations = vcl_json_object(vcl_json_object(secret, "metadata"), "annotations");
    char until[VCL_RFC3339_SIZE];

    vcl_rfc3339(vcl_wall_seconds() + (on ? 60 : -60), -1, until);
    assert_true(vcl_json_set_int(vcl_json_object(set, "spec"), "replicas", !on));
    assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, "a restore"));
    assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until));
    assert_int_equal(
        vcl_release_set_status(secret, on ? "pending-upgrade" : "deployed", NULL, NULL), 0);
    char *texts[] = { vcl_json_print(set), vcl_json_print(secret) };
    for (int i = 0; i < 2; i++) {
        fake_host_put(where, texts[i]);
        free(texts[i]);
    }
}

static void end_restore(fake_host *where, void *data)
{
    (void)data;
    set_restoring(where, false);
}

static void a_restore_that_is_at_work_is_waited_for(void **state)
{
    (void)state;
    ensure_works("{}");
    set_restoring(host, true);
    fake_host_before(host, "GET", RECORD_PATH "1", end_restore, NULL);
    ensure_works("sync: {fromHost: two}");
    assert_status(RECORD_PATH "2", "deployed");
}

/* As a restore that was killed leaves them: at 0 replicas, or as it brings the control plane up. */
static void cut_restore(int replicas)
{
    VCL_AUTO_JSON *set = fake_host_get(host, set_path);
    VCL_AUTO_JSON *secret = fake_host_get(host, RECORD_PATH "1");
    cJSON *annotations = vcl_json_object(vcl_json_object(secret, "metadata"), "annotations");
    char *texts[2];

    assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, "a restore"));
    assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, "2026-01-01T00:00:15Z"));
    assert_true(
        vcl_json_set_string(vcl_json_object(vcl_json_object(set, "metadata"), "annotations"),
                            VCL_ANNOTATION_RESTORING, "2026-01-01T00:00:00Z"));
    assert_true(vcl_json_set_int(vcl_json_object(set, "spec"), "replicas", replicas));
    assert_int_equal(vcl_release_set_status(secret, "pending-upgrade", NULL, NULL), 0);
    texts[0] = vcl_json_print(set);
    texts[1] = vcl_json_print(secret);
    for (int i = 0; i < 2; i++) {
        fake_host_put(host, texts[i]);
        free(texts[i]);
    }
}

static void assert_left_to_the_restore(int status, vcluster_error **error)
{
    assert_fails(status, VCLUSTER_E_PRECONDITION, error,
                 "a restore of virtual cluster 'dev' is not finished: repeat it");
    assert_int_equal(writes(), 0);
}

static void a_restore_that_was_cut_is_left_to_the_same_restore(void **state)
{
    vcluster_config *config = NULL;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    options.ttl_s = 3600;
    assert_works(vcluster_config_parse("sync: {fromHost: two}", &config, &error), &error);
    for (int replicas = 0; replicas < 2; replicas++) {
        cut_restore(replicas);
        fake_host_forget(host);
        options.resume = 0;
        assert_left_to_the_restore(ensure("{}", &error), &error);
        assert_left_to_the_restore(ensure("sync: {fromHost: two}", &error), &error);
        options.resume = 1;
        assert_left_to_the_restore(ensure("{}", &error), &error);
        assert_left_to_the_restore(
            vcluster_instance_plan(client, "dev", config, &options, &plan, &error), &error);
    }
    vcluster_config_free(config);
}

static void one_whose_restore_was_cut_is_neither_paused_nor_resumed(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    cut_restore(0);
    fake_host_forget(host);
    assert_left_to_the_restore(vcluster_instance_pause(client, "dev", &pause_options, &error),
                               &error);
    assert_left_to_the_restore(vcluster_instance_resume(client, "dev", &pause_options, &error),
                               &error);
    fake_host_remove(host, RECORD_PATH "1"); /* as of one that GitOps makes */
    assert_left_to_the_restore(vcluster_instance_resume(client, "dev", &pause_options, &error),
                               &error);
}

static void a_mark_that_a_finished_restore_left_is_in_nobodys_way(void **state)
{
    (void)state;
    ensure_works("{}");
    cut_restore(1);
    VCL_AUTO_JSON *secret = fake_host_get(host, RECORD_PATH "1");
    assert_int_equal(vcl_release_set_status(secret, "deployed", NULL, NULL), 0);
    char *text = vcl_json_print(secret);
    fake_host_put(host, text);
    free(text);
    ensure_works("sync: {fromHost: two}");
    assert_status(RECORD_PATH "2", "deployed");
}

static void delete_it(fake_host *where, void *data)
{
    (void)data;
    fake_host_remove(where, set_path);
    fake_host_remove(where, RECORD_PATH "1");
}

static void an_upgrade_of_one_that_is_deleted_meanwhile_says_so(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works("{}");
    fake_host_before(host, "GET", RECORD_PATH "1", delete_it, NULL); /* after the look */
    assert_fails(ensure("sync: {fromHost: two}", &error), VCLUSTER_E_CONFLICT, &error,
                 "somebody deleted virtual cluster 'dev'");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(other_values_make_a_new_revision_over_the_earlier_ones),
        CASE(the_same_wish_costs_the_lists_only),
        CASE(the_same_values_in_other_words_write_nothing),
        CASE(another_chart_is_another_wish),
        CASE(a_dry_run_that_is_refused_stops_it_before_any_write),
        CASE(a_workload_that_somebody_deleted_is_made_again),
        CASE(a_failed_upgrade_is_done_again_by_the_same_call),
        CASE(a_revision_that_another_makes_meanwhile_is_not_lost),
        CASE(a_plan_tells_and_changes_nothing),
        CASE(values_of_one_made_by_gitops_are_compared),
        CASE(a_pause_takes_pods_and_nothing_else),
        CASE(what_is_not_there_cannot_be_paused),
        CASE(an_unfinished_one_is_not_paused),
        CASE(a_held_record_keeps_pause_upgrade_and_delete_out),
        CASE(a_dead_holder_is_passed_over),
        CASE(an_upgrade_gives_way_to_who_holds_the_record_meanwhile),
        CASE(an_upgrade_does_not_undo_a_pause_that_came_first),
        CASE(an_upgrade_of_one_that_is_deleted_meanwhile_says_so),
        CASE(a_paused_one_is_changed_only_when_it_may_be_resumed),
        CASE(a_restore_that_is_at_work_is_waited_for),
        CASE(a_restore_that_was_cut_is_left_to_the_same_restore),
        CASE(one_whose_restore_was_cut_is_neither_paused_nor_resumed),
        CASE(a_mark_that_a_finished_restore_left_is_in_nobodys_way),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
