/* SPDX-License-Identifier: Apache-2.0 */
/* Leases, the reaper and batches, against a host in memory. */
#include "cm.h"

#include <libvcluster/batch.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fake_host.h"
#include "small_chart.h"
#include "vcluster/names.h"

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;

/* What the results told. */
static struct {
    int count;
    int failed;
    char names[256];
    char reason[512];
    int stop_after;
} told;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    memset(&told, 0, sizeof(told));
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

static int on_result(const vcluster_result *result, void *data)
{
    size_t used = strlen(told.names);

    (void)data;
    told.count++;
    told.failed += vcluster_result_status(result) < 0;
    (void)snprintf(told.names + used, sizeof(told.names) - used, "%s/%s ",
                   vcluster_result_operation(result), vcluster_result_name(result));
    if (vcluster_result_error(result))
        (void)snprintf(told.reason, sizeof(told.reason), "%s",
                       vcluster_error_message(vcluster_result_error(result)));
    return told.stop_after && told.count >= told.stop_after;
}

static void make(const char *name, int64_t ttl_s, const char *owner)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    how.chart = chart;
    how.no_wait = 1;
    how.ttl_s = ttl_s;
    how.owner = owner;
    assert_works(vcluster_instance_ensure(client, name, NULL, &how, NULL, &error), &error);
}

static void path_of(const char *name, char path[128])
{
    (void)snprintf(path, 128, "/apis/apps/v1/namespaces/vcluster-%s/statefulsets/%s", name, name);
}

/* Set an annotation of a workload as if time had passed, or somebody had done it. */
static void annotate(fake_host *where, const char *name, const char *key, const char *value)
{
    char path[128];

    path_of(name, path);
    VCL_AUTO_JSON *workload = fake_host_get(where, path);
    assert_non_null(workload);
    assert_true(vcl_json_set_string(
        vcl_json_object(vcl_json_object(workload, "metadata"), "annotations"), key, value));
    char *json = vcl_json_print(workload);
    fake_host_put(where, json);
    free(json);
}

static void expire(const char *name)
{
    annotate(host, name, VCL_ANNOTATION_EXPIRES_AT, "2020-01-01T00:00:00Z");
}

static vcluster_instance *get(const char *name)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    assert_works(vcluster_instance_get(client, name, NULL, &instance, &error), &error);
    return instance;
}

static void reap(vcluster_reap_options options)
{
    vcluster_error *error = NULL;

    assert_works(vcluster_reap(client, &options, on_result, NULL, &error), &error);
}

static const vcluster_reap_options defaults = VCLUSTER_REAP_OPTIONS_INIT;

static void assert_expires_in(const char *name, int64_t seconds)
{
    vcluster_instance *instance = get(name);
    int64_t left = vcluster_instance_expires_at(instance) - vcl_wall_seconds();

    assert_true(left <= seconds && left >= seconds - 60);
    vcluster_instance_free(instance);
}

static void ensure_writes_expiry_and_owner(void **state)
{
    (void)state;
    make("dev", 3600, "ci/42");
    vcluster_instance *instance = get("dev");
    assert_string_equal(vcluster_instance_owner(instance), "ci/42");
    vcluster_instance_free(instance);
    assert_expires_in("dev", 3600);
    VCL_AUTO_JSON *record =
        fake_host_get(host, "/api/v1/namespaces/vcluster-dev/secrets/sh.helm.release.v1.dev.v1");
    assert_non_null(
        vcl_json_find_string(record, "metadata", "annotations", VCL_ANNOTATION_EXPIRES_AT, NULL));
}

static void ensure_extends_an_existing_one_only_when_asked(void **state)
{
    (void)state;
    make("dev", 3600, NULL);
    make("dev", 0, NULL);
    assert_expires_in("dev", 3600);
    make("dev", 7200, NULL);
    assert_expires_in("dev", 7200);
}

static void times_that_make_no_sense_are_refused(void **state)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    how.expires_at = vcl_wall_seconds() - 10;
    assert_fails(vcluster_instance_ensure(client, "dev", NULL, &how, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "not in the future");
    assert_fails(vcluster_instance_extend(client, "dev", &options, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "one of ttl_s, expires_at and never");
    options.ttl_s = -1;
    assert_fails(vcluster_instance_extend(client, "dev", &options, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "out of range");
    options.ttl_s = 5;
    options.never = 1;
    assert_fails(vcluster_instance_extend(client, "dev", &options, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "more than one");
    assert_int_equal(fake_host_requests(host, NULL, ""), 0);
}

static void extend_sets_keeps_and_removes_the_expiry(void **state)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    (void)state;
    make("dev", 0, NULL);
    options.ttl_s = 7200;
    assert_works(vcluster_instance_extend(client, "dev", &options, &instance, &error), &error);
    assert_true(vcluster_instance_expires_at(instance) > vcl_wall_seconds() + 7000);
    vcluster_instance_free(instance);
    options.ttl_s = 60;
    options.only_later = 1;
    assert_works(vcluster_instance_extend(client, "dev", &options, NULL, &error), &error);
    assert_expires_in("dev", 7200);
    options = (vcluster_extend_options)VCLUSTER_EXTEND_OPTIONS_INIT;
    options.never = 1;
    assert_works(vcluster_instance_extend(client, "dev", &options, NULL, &error), &error);
    instance = get("dev");
    assert_int_equal(vcluster_instance_expires_at(instance), 0);
    vcluster_instance_free(instance);
}

static void the_reaper_deletes_what_has_expired_and_nothing_else(void **state)
{
    vcluster_reap_options options = defaults;

    (void)state;
    make("forever", 0, NULL);
    make("later", 3600, NULL);
    make("gone", 3600, "me");
    expire("gone");
    options.dry_run = 1;
    reap(options);
    assert_string_equal(told.names, "none/gone ");
    options.dry_run = 0;
    options.owner = "another";
    reap(options);
    assert_int_equal(told.count, 1);
    options.owner = "me";
    reap(options);
    assert_string_equal(told.names, "none/gone delete/gone ");
    assert_int_equal(told.failed, 0);
    assert_int_equal(fake_host_count(host, "vcluster-gone"), 0);
    assert_int_equal(fake_host_count(host, "/statefulsets/"), 2);
    reap(defaults);
    assert_int_equal(told.count, 2);
}

static void grace_spares_for_a_while(void **state)
{
    vcluster_reap_options options = defaults;

    (void)state;
    make("dev", 3600, NULL);
    expire("dev");
    options.grace_s = INT64_C(20) * 365 * 86400;
    reap(options);
    assert_int_equal(told.count, 0);
}

static void extend_at_the_last_moment(fake_host *where, void *data)
{
    (void)data;
    annotate(where, "dev", VCL_ANNOTATION_EXPIRES_AT, "2999-01-01T00:00:00Z");
}

static void one_that_is_extended_meanwhile_stays(void **state)
{
    (void)state;
    make("dev", 3600, NULL);
    expire("dev");
    fake_host_before(host, "PATCH", "/statefulsets/dev", extend_at_the_last_moment, NULL);
    reap(defaults);
    assert_int_equal(told.count, 0);
    assert_int_equal(fake_host_count(host, "/statefulsets/dev"), 1);
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

static void what_a_reaper_has_claimed_cannot_be_extended(void **state)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    make("dev", 3600, NULL);
    annotate(host, "dev", VCL_ANNOTATION_REAPING, "2026-01-01T00:00:00Z");
    options.ttl_s = 60;
    assert_fails(vcluster_instance_extend(client, "dev", &options, NULL, &error),
                 VCLUSTER_E_CONFLICT, &error, "is being deleted");
}

static void a_killed_reaper_s_work_is_finished_without_its_workload(void **state)
{
    (void)state;
    make("dev", 3600, NULL);
    expire("dev");
    /* Its first deletion behind the claim fails, as if it had been killed. */
    fake_host_fail(host, "DELETE", "", 403);
    reap(defaults);
    assert_int_equal(told.failed, 1);
    fake_host_heal(host);
    fake_host_remove(host, "/apis/apps/v1/namespaces/vcluster-dev/statefulsets/dev");
    reap(defaults);
    assert_int_equal(told.count, 2);
    assert_int_equal(told.failed, 1);
    assert_int_equal(fake_host_count(host, "vcluster-dev"), 0);
}

static void guarded_and_gitops_ones_are_told_and_stay(void **state)
{
    (void)state;
    make("dev", 3600, NULL);
    expire("dev");
    annotate(host, "dev", VCL_ANNOTATION_GUARD, "true");
    reap(defaults);
    assert_int_equal(told.failed, 1);
    assert_non_null(strstr(told.reason, "loft.sh/non-deletable"));
    annotate(host, "dev", VCL_ANNOTATION_GUARD, "false");
    annotate(host, "dev", VCL_ANNOTATION_ARGO, "team:apps/StatefulSet:x/dev");
    reap(defaults);
    assert_int_equal(told.failed, 2);
    assert_non_null(strstr(told.reason, "made by Argo CD"));
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

static void a_failing_look_ends_a_round(void **state)
{
    static const char *const lists[] = { "/statefulsets", "/deployments", "/secrets" };
    vcluster_error *error = NULL;

    (void)state;
    make("dev", 3600, NULL);
    expire("dev");
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        fake_host_fail(host, "GET", lists[i], 403);
        assert_fails(vcluster_reap(client, &defaults, on_result, NULL, &error),
                     VCLUSTER_E_PERMISSION, &error, "");
        assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
        fake_host_heal(host);
    }
}

static void the_manifest_carries_what_was_asked_for(void **state)
{
    vcluster_reap_manifest_options options = VCLUSTER_REAP_MANIFEST_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *yaml = NULL;

    (void)state;
    assert_fails(vcluster_reap_manifest(&options, &yaml, &error), VCLUSTER_E_INVALID_ARGUMENT,
                 &error, "an image is needed");
    options.image = "registry/vcl:1";
    options.only_namespace = "team";
    options.grace_s = 60;
    assert_works(vcluster_reap_manifest(&options, &yaml, &error), &error);
    assert_non_null(strstr(yaml, "image: \"registry/vcl:1\""));
    assert_non_null(strstr(yaml, "\"--grace=60s\", \"--namespace=team\""));
    assert_non_null(strstr(yaml, "kind: Role\n"));
    assert_null(strstr(yaml, "ClusterRole"));
    vcluster_free(yaml);
    options.only_namespace = NULL;
    assert_works(vcluster_reap_manifest(&options, &yaml, &error), &error);
    assert_non_null(strstr(yaml, "kind: ClusterRole\n"));
    vcluster_free(yaml);
}

/* ---- Batches ---- */

static vcluster_batch *batch_of_creations(int count, char names[][16])
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_batch *batch = NULL;
    vcluster_error *error = NULL;

    how.chart = chart;
    how.no_wait = 1;
    assert_works(vcluster_batch_new(&batch, &error), &error);
    for (int i = 0; i < count; i++) {
        (void)snprintf(names[i], 16, "many-%d", i);
        assert_works(vcluster_batch_add_create(batch, names[i], NULL, &how, &error), &error);
    }
    return batch;
}

static void a_batch_creates_and_deletes_many(void **state)
{
    enum { COUNT = 20 };
    char names[COUNT][16];
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;
    vcluster_error *error = NULL;
    vcluster_batch *batch = batch_of_creations(COUNT, names);

    (void)state;
    options.parallel = 4;
    assert_int_equal(vcluster_batch_size(batch), COUNT);
    assert_works(vcluster_batch_run(client, batch, &options, on_result, NULL, &error), &error);
    vcluster_batch_free(batch);
    assert_int_equal(told.count, COUNT);
    assert_int_equal(told.failed, 0);
    assert_int_equal(fake_host_count(host, "/statefulsets/"), COUNT);

    assert_works(vcluster_batch_new(&batch, &error), &error);
    for (int i = 0; i < COUNT; i++)
        assert_works(vcluster_batch_add_delete(batch, names[i], NULL, &error), &error);
    assert_works(vcluster_batch_run(client, batch, &options, on_result, NULL, &error), &error);
    vcluster_batch_free(batch);
    assert_int_equal(told.failed, 0);
    assert_int_equal(fake_host_count(host, "/"), 0);
}

static void a_batch_goes_on_after_a_failure_unless_told_otherwise(void **state)
{
    char names[3][16];
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    make("many-0", 0, NULL);
    vcluster_batch *batch = batch_of_creations(3, names);
    options.parallel = 1;
    options.stop_on_error = 1;
    assert_works(vcluster_batch_run(client, batch, &options, on_result, NULL, &error), &error);
    assert_int_equal(told.count, 1);
    assert_int_equal(told.failed, 1);
    assert_int_equal(fake_host_count(host, "/statefulsets/many-1"), 0);
    memset(&told, 0, sizeof(told));
    options.stop_on_error = 0;
    assert_works(vcluster_batch_run(client, batch, &options, on_result, NULL, &error), &error);
    assert_int_equal(told.count, 3);
    assert_true(told.failed >= 1);
    assert_int_equal(fake_host_count(host, "/statefulsets/many-2"), 1);
    vcluster_batch_free(batch);
}

static void a_batch_takes_its_limits_seriously(void **state)
{
    vcluster_batch_options options = VCLUSTER_BATCH_OPTIONS_INIT;
    vcluster_batch *batch = NULL;
    vcluster_cancel *cancel = NULL;
    vcluster_error *error = NULL;
    char names[2][16];

    (void)state;
    assert_works(vcluster_batch_new(&batch, &error), &error);
    assert_works(vcluster_batch_run(client, batch, NULL, on_result, NULL, &error), &error);
    vcluster_batch_free(batch);
    batch = batch_of_creations(2, names);
    options.parallel = 257;
    assert_fails(vcluster_batch_run(client, batch, &options, on_result, NULL, &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "between 0 and 256");
    options.parallel = 1;
    assert_works(vcluster_cancel_new(&cancel, &error), &error);
    vcluster_cancel_trigger(cancel);
    options.cancel = cancel;
    assert_fails(vcluster_batch_run(client, batch, &options, on_result, NULL, &error),
                 VCLUSTER_E_CANCELLED, &error, "");
    vcluster_cancel_free(cancel);
    vcluster_batch_free(batch);
}

static int keep_statuses(const vcluster_result *result, void *data)
{
    int *statuses = data;

    statuses[vcluster_result_index(result)] = vcluster_result_status(result);
    assert_string_equal(vcluster_result_operation(result),
                        vcluster_result_index(result) % 2 ? "restore" : "snapshot");
    assert_string_equal(vcluster_result_namespace(result), "here");
    return 0;
}

static void a_batch_takes_snapshots_and_restores(void **state)
{
    char path[] = "/nonexistent/snapshot";
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;
    vcluster_batch *batch = NULL;
    vcluster_error *error = NULL;
    int statuses[4] = { 0 };

    (void)state;
    options.namespace_name = "here";
    assert_works(vcluster_batch_new(&batch, &error), &error);
    assert_works(vcluster_batch_add_snapshot(batch, "gone", path, &options, &error), &error);
    assert_works(vcluster_batch_add_restore(batch, "gone", path, &options, &error), &error);
    path[0] = '\0'; /* it is copied */
    assert_works(vcluster_batch_add_snapshot(batch, "gone", NULL, &options, &error), &error);
    options.use_fd = 1;
    assert_works(vcluster_batch_add_restore(batch, "gone", path, &options, &error), &error);
    assert_works(vcluster_batch_run(client, batch, NULL, keep_statuses, statuses, &error), &error);
    vcluster_batch_free(batch);
    assert_int_equal(statuses[0], VCLUSTER_E_NOT_FOUND);
    assert_int_equal(statuses[1], VCLUSTER_E_NOT_FOUND);
    assert_int_equal(statuses[2], VCLUSTER_E_INVALID_ARGUMENT); /* neither path nor descriptor */
    assert_int_equal(statuses[3], VCLUSTER_E_INVALID_ARGUMENT); /* both */
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(ensure_writes_expiry_and_owner),
        CASE(ensure_extends_an_existing_one_only_when_asked),
        CASE(times_that_make_no_sense_are_refused),
        CASE(extend_sets_keeps_and_removes_the_expiry),
        CASE(the_reaper_deletes_what_has_expired_and_nothing_else),
        CASE(grace_spares_for_a_while),
        CASE(one_that_is_extended_meanwhile_stays),
        CASE(what_a_reaper_has_claimed_cannot_be_extended),
        CASE(a_killed_reaper_s_work_is_finished_without_its_workload),
        CASE(guarded_and_gitops_ones_are_told_and_stay),
        CASE(a_failing_look_ends_a_round),
        CASE(the_manifest_carries_what_was_asked_for),
        CASE(a_batch_creates_and_deletes_many),
        CASE(a_batch_goes_on_after_a_failure_unless_told_otherwise),
        CASE(a_batch_takes_its_limits_seriously),
        CASE(a_batch_takes_snapshots_and_restores),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
