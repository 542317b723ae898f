/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What ensure and create decide, against a host in memory on which nothing ever runs: no_wait,
 * except where the pod is in trouble from the beginning.
 */
#include "cm.h"

#include <libvcluster/instance.h>
#include <pthread.h>

#include "base/clock.h"
#include "chart/release.h"
#include "fake_host.h"
#include "release/record.h"
#include "small_chart.h"
#include "vcluster/names.h"

static const char record_path[] =
    "/api/v1/namespaces/vcluster-dev/secrets/sh.helm.release.v1.dev.v1";
static const char set_path[] = "/apis/apps/v1/namespaces/vcluster-dev/statefulsets/dev";

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_ensure_options options;

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

static void ensure_works(void)
{
    vcluster_error *error = NULL;

    assert_works(vcluster_instance_ensure(client, "dev", NULL, &options, NULL, &error), &error);
}

static void ensure_fails(int expected, const char *part)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    assert_fails(vcluster_instance_ensure(client, "dev", NULL, &options, &instance, &error),
                 expected, &error, part);
    assert_null(instance);
}

static const char *annotation(const cJSON *object, const char *key)
{
    return vcl_json_find_string(object, "metadata", "annotations", key, NULL);
}

static void assert_record(const char *status)
{
    VCL_AUTO_JSON *secret = fake_host_get(host, record_path);
    VCL_AUTO_JSON *release = NULL;
    vcluster_error *error = NULL;

    assert_non_null(secret);
    assert_string_equal(vcl_json_find_string(secret, "metadata", "labels", "status", NULL), status);
    assert_null(annotation(secret, VCL_ANNOTATION_HOLDER));
    assert_works(vcl_release_decode(secret, &release, &error), &error);
    assert_string_equal(vcl_json_find_string(release, "info", "status", NULL), status);
}

/* Leave a record behind as a killed call does. */
static void put_record(const char *status, const char *holder, int64_t expires_s)
{
    vcl_release_info info = { .name = "dev",
                              .namespace_name = "vcluster-dev",
                              .revision = 1,
                              .status = status,
                              .description = "" };
    VCL_AUTO_JSON *secret = NULL;
    char until[VCL_RFC3339_SIZE];

    assert_int_equal(vcl_release_encode(&info, chart, NULL, "", NULL, &secret, NULL), 0);
    cJSON *metadata = vcl_json_object(secret, "metadata");
    assert_true(vcl_json_set_string(metadata, "namespace", "vcluster-dev"));
    if (holder) {
        cJSON *annotations = vcl_json_object(metadata, "annotations");
        vcl_rfc3339(vcl_wall_seconds() + expires_s, -1, until);
        assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_HOLDER, holder));
        assert_true(vcl_json_set_string(annotations, VCL_ANNOTATION_EXPIRES, until));
    }
    char *json = vcl_json_print(secret);
    fake_host_put(host, json);
    free(json);
}

static void put_namespace(void)
{
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: vcluster-dev}}");
}

static void put_set(const char *name, const char *annotations)
{
    char *yaml = vcl_format("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: %s, "
                            "namespace: vcluster-dev, labels: {app: vcluster, release: %s}, "
                            "annotations: {%s}}, spec: {replicas: 1}}",
                            name, name, annotations);

    fake_host_put(host, yaml);
    free(yaml);
}

/* ---- Several at once ---- */

static char first_second[] = "01";
static char fifth_second[] = "05"; /* when the objects of the fake host are made */

/* The record of a call that makes 'other' in the same namespace. */
static void put_other_record(fake_host *where, void *created)
{
    const char *seconds = created;
    char *yaml = vcl_format("{apiVersion: v1, kind: Secret, type: helm.sh/release.v1, metadata: "
                            "{name: sh.helm.release.v1.other.v1, namespace: vcluster-dev, "
                            "creationTimestamp: '2026-01-02T03:04:%sZ', labels: {owner: helm, "
                            "name: other, status: pending-install, version: '1', "
                            "libvcluster.dev/instance: other}}}",
                            seconds);

    fake_host_put(where, yaml);
    free(yaml);
}

static void an_unfinished_one_in_the_namespace_is_refused_before_any_write(void **state)
{
    (void)state;
    put_namespace();
    put_other_record(host, fifth_second);
    ensure_fails(VCLUSTER_E_PRECONDITION, "taken by the virtual cluster 'other' (pending-install)");
    assert_int_equal(writes(), 0);
}

static void the_later_of_two_names_at_once_gives_way_and_leaves_nothing(void **state)
{
    (void)state;
    put_namespace();
    fake_host_before(host, "POST", "/secrets", put_other_record, fifth_second);
    ensure_fails(VCLUSTER_E_PRECONDITION, "taken by the virtual cluster 'other'");
    assert_int_equal(fake_host_count(host, record_path), 0);
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
}

/* Stored by the server in between our record and our look at the others. */
static void put_other_after_ours(fake_host *where, void *created)
{
    fake_host_before(where, "GET", "libvcluster.dev%2Finstance", put_other_record, created);
}

static void the_earlier_of_two_names_at_once_goes_on(void **state)
{
    (void)state;
    put_namespace();
    fake_host_before(host, "POST", "/secrets", put_other_after_ours, fifth_second);
    ensure_works();
    assert_int_equal(fake_host_count(host, "sh.helm.release.v1.other.v1"), 1);
    assert_record("deployed");
}

static void an_earlier_one_whose_lock_was_renewed_meanwhile_still_comes_first(void **state)
{
    (void)state;
    put_namespace();
    fake_host_before(host, "POST", "/secrets", put_other_after_ours, first_second);
    ensure_fails(VCLUSTER_E_PRECONDITION, "taken by the virtual cluster 'other'");
    assert_int_equal(fake_host_count(host, record_path), 0);
}

/* ---- A new one ---- */

static void everything_is_made_and_recorded(void **state)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_instance_ensure(client, "dev", NULL, &options, &instance, &error),
                 &error);
    assert_string_equal(vcluster_instance_name(instance), "dev");
    assert_string_equal(vcluster_instance_namespace(instance), "vcluster-dev");
    assert_string_equal(vcluster_instance_distribution(instance), "embedded");
    assert_false(vcluster_instance_ready(instance));
    vcluster_instance_free(instance);

    VCL_AUTO_JSON *namespace_object = fake_host_get(host, "/api/v1/namespaces/vcluster-dev");
    assert_string_equal(annotation(namespace_object, VCL_ANNOTATION_CREATED), "true");
    VCL_AUTO_JSON *set = fake_host_get(host, set_path);
    assert_string_equal(annotation(set, "meta.helm.sh/release-name"), "dev");
    assert_string_equal(annotation(set, "meta.helm.sh/release-namespace"), "vcluster-dev");
    assert_string_equal(
        vcl_json_find_string(set, "metadata", "labels", "app.kubernetes.io/managed-by", NULL),
        "Helm");
    assert_record("deployed");
    assert_int_equal(fake_host_requests(host, "PATCH", "fieldManager=helm"), 3);
}

static void the_record_is_written_before_any_object(void **state)
{
    (void)state;
    fake_host_fail(host, "POST", "/secrets", 403);
    ensure_fails(VCLUSTER_E_PERMISSION, "ensure virtual cluster 'dev'");
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
}

static void a_second_ensure_writes_nothing(void **state)
{
    (void)state;
    ensure_works();
    int before = writes();
    ensure_works();
    assert_int_equal(writes(), before);
}

static void create_of_an_existing_one_fails(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    ensure_works();
    int before = writes();
    assert_fails(vcluster_instance_create(client, "dev", NULL, &options, NULL, &error),
                 VCLUSTER_E_ALREADY_EXISTS, &error, "use ensure");
    assert_int_equal(writes(), before);
}

static void one_made_by_gitops_without_a_record_is_accepted(void **state)
{
    (void)state;
    put_namespace();
    put_set("dev", "libvcluster.dev/distribution: embedded");
    ensure_works();
    assert_int_equal(writes(), 0);
}

/* ---- Refused before the first write ---- */

static void a_second_cluster_in_the_namespace_is_refused(void **state)
{
    (void)state;
    put_namespace();
    put_set("other", "");
    ensure_fails(VCLUSTER_E_PRECONDITION, "holds the virtual cluster 'other' already");
    assert_int_equal(writes(), 0);
}

static void another_distribution_is_refused(void **state)
{
    (void)state;
    put_namespace();
    put_set("dev", "");
    options.distribution = "embedded";
    ensure_fails(VCLUSTER_E_PRECONDITION, "is of the upstream distribution");
    assert_int_equal(writes(), 0);
}

static void an_unknown_distribution_is_refused(void **state)
{
    (void)state;
    options.distribution = "k3s";
    ensure_fails(VCLUSTER_E_INVALID_ARGUMENT, "neither 'upstream' nor 'embedded'");
    assert_int_equal(writes(), 0);
}

static void a_chart_of_upstream_that_is_not_there_is_refused_before_any_write(void **state)
{
    (void)state;
    options.chart = NULL;
    options.chart_source = "/nonexistent/chart";
    ensure_fails(VCLUSTER_E_NOT_FOUND, "get upstream's chart");
    assert_int_equal(writes(), 0);
}

static void a_version_that_does_not_exist_is_refused(void **state)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(
        vcluster_config_parse("controlPlane: {distro: {k8s: {version: 1.31}}}", &config, &error),
        &error);
    assert_fails(vcluster_instance_ensure(client, "dev", config, &options, NULL, &error),
                 VCLUSTER_E_CONFIG, &error, "'1.31'");
    assert_int_equal(writes(), 0);
    vcluster_config_free(config);
}

static void values_that_cannot_work_are_refused_all_at_once_and_tried_when_asked(void **state)
{
    static const char wrong[] = "exportKubeConfig: {server: nowhere}\n"
                                "policies: {podSecurityStandard: strict}\n";
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_config_parse(wrong, &config, &error), &error);
    int status = vcluster_instance_ensure(client, "dev", config, &options, NULL, &error);
    assert_int_equal(status, VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    assert_non_null(strstr(vcluster_error_to_string(error), "unchecked"));
    vcluster_error_free(error);
    error = NULL;
    assert_int_equal(writes(), 0);
    options.unchecked = 1;
    assert_works(vcluster_instance_ensure(client, "dev", config, &options, NULL, &error), &error);
    assert_record("deployed");
    vcluster_config_free(config);
}

static void objects_of_somebody_else_are_refused_by_name(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_namespace();
    fake_host_put(host, "{apiVersion: v1, kind: Service, metadata: {name: dev, namespace: "
                        "vcluster-dev}}");
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: vc-config-dev, namespace: "
                        "vcluster-dev, labels: {app.kubernetes.io/managed-by: Helm}, annotations: "
                        "{meta.helm.sh/release-name: other, meta.helm.sh/release-namespace: "
                        "vcluster-dev}}}");
    assert_int_equal(vcluster_instance_ensure(client, "dev", NULL, &options, NULL, &error),
                     VCLUSTER_E_ALREADY_EXISTS);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)),
                        "Secret/vc-config-dev");
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 1)), "Service/dev");
    vcluster_error_free(error);
    assert_int_equal(writes(), 0);
}

/* Not knowing is not the same as "nothing there". */
static void a_failing_look_is_an_error(void **state)
{
    static const char *const parts[] = { "/statefulsets", "/deployments", "/secrets" };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        put_namespace();
        fake_host_fail(host, "GET", parts[i], 500);
        ensure_fails(VCLUSTER_E_UNAVAILABLE, "ensure virtual cluster 'dev'");
        assert_int_equal(writes(), 0);
        (void)end(state);
        (void)begin(state);
    }
}

/* ---- Unfinished ones ---- */

static void what_a_killed_call_left_is_completed(void **state)
{
    (void)state;
    put_namespace();
    put_record("pending-install", "killed", -1);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "vcluster-dev, labels: {app: vcluster, release: dev, "
                        "app.kubernetes.io/managed-by: Helm}, annotations: "
                        "{libvcluster.dev/distribution: embedded, meta.helm.sh/release-name: dev, "
                        "meta.helm.sh/release-namespace: vcluster-dev}}, spec: {replicas: 1}}");
    ensure_works();
    assert_record("deployed");
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 3);
}

static void create_completes_an_unfinished_one_too(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_namespace();
    put_record("failed", NULL, 0);
    assert_works(vcluster_instance_create(client, "dev", NULL, &options, NULL, &error), &error);
    assert_record("deployed");
}

static void a_lock_of_another_is_a_conflict(void **state)
{
    (void)state;
    put_namespace();
    put_record("pending-install", "other", 15);
    options.timeout_ms = patience_ms(300);
    ensure_fails(VCLUSTER_E_CONFLICT, "still at work");
    assert_int_equal(writes(), 0);
}

static void what_helm_left_pending_is_taken_over_only_when_asked(void **state)
{
    (void)state;
    put_namespace();
    put_record("pending-install", NULL, 0);
    ensure_fails(VCLUSTER_E_CONFLICT, "take_over");
    assert_int_equal(writes(), 0);
    options.take_over = 1;
    ensure_works();
    assert_record("deployed");
}

static void put_foreign_secret(fake_host *of, void *data)
{
    (void)data;
    fake_host_put(of, "{apiVersion: v1, kind: Secret, metadata: {name: "
                      "sh.helm.release.v1.dev.v1, namespace: vcluster-dev}}");
}

static void a_secret_that_is_no_record_is_in_the_way(void **state)
{
    (void)state;
    put_foreign_secret(host, NULL);
    ensure_fails(VCLUSTER_E_ALREADY_EXISTS, "sh.helm.release.v1.dev.v1");
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
}

static void put_finished_record(fake_host *of, void *data)
{
    (void)of;
    (void)data;
    put_record("failed", NULL, 0);
}

static void a_record_that_appears_meanwhile_is_joined(void **state)
{
    (void)state;
    fake_host_before(host, "POST", "/secrets", put_finished_record, NULL);
    ensure_works();
    assert_record("deployed");
}

static void *ensure_in_a_thread(void *data)
{
    vcluster_error *error = NULL;
    int *status = data;

    *status = vcluster_instance_ensure(client, "dev", NULL, &options, NULL, &error);
    vcluster_error_free(error);
    return NULL;
}

static void calls_at_the_same_time_make_one_cluster(void **state)
{
    enum { CALLS = 4 };
    pthread_t threads[CALLS];
    int statuses[CALLS];

    (void)state;
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ensure_in_a_thread, &statuses[i]), 0);
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(statuses[i], VCLUSTER_OK);
    assert_record("deployed");
    assert_int_equal(fake_host_count(host, "/secrets/sh.helm.release"), 1);
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 3);
}

/* ---- Failures on the way ---- */

static void a_failed_apply_leaves_a_failed_record_without_a_lock(void **state)
{
    (void)state;
    fake_host_fail(host, "PATCH", "/statefulsets/", 403);
    ensure_fails(VCLUSTER_E_PERMISSION, "StatefulSet 'dev'");
    assert_record("failed");
}

static int stop_at_objects(const vcluster_progress *progress, void *user_data)
{
    (void)user_data;
    return vcluster_progress_step(progress) == VCLUSTER_STEP_OBJECT;
}

static void a_callback_that_says_stop_cancels_and_gives_the_lock_back(void **state)
{
    (void)state;
    options.progress = stop_at_objects;
    ensure_fails(VCLUSTER_E_CANCELLED, "cancelled by the caller");
    assert_record("failed");
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 1);
}

typedef struct steps {
    int counts[VCLUSTER_STEP_LOCK + 1];
    int without_effect;
} steps;

static int count_steps(const vcluster_progress *progress, void *user_data)
{
    steps *seen = user_data;

    seen->counts[vcluster_progress_step(progress)]++;
    seen->without_effect += strstr(vcluster_progress_message(progress), "'plugins'") != NULL;
    assert_true(vcluster_progress_elapsed_ms(progress) >= 0);
    return 0;
}

static void progress_tells_each_step_and_keys_without_effect(void **state)
{
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    steps seen = { 0 };

    (void)state;
    assert_works(vcluster_config_parse("plugins: {a: 1}", &config, &error), &error);
    options.progress = count_steps;
    options.user_data = &seen;
    assert_works(vcluster_instance_ensure(client, "dev", config, &options, NULL, &error), &error);
    assert_int_equal(seen.counts[VCLUSTER_STEP_NAMESPACE], 1);
    assert_int_equal(seen.counts[VCLUSTER_STEP_RELEASE], 2);
    assert_int_equal(seen.counts[VCLUSTER_STEP_OBJECT], 3);
    assert_int_equal(seen.counts[VCLUSTER_STEP_READY], 0);
    assert_int_equal(seen.without_effect, 1);
    vcluster_config_free(config);
}

static void a_pod_in_certain_trouble_ends_the_wait_at_once(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_namespace();
    fake_host_put(host,
                  "{apiVersion: v1, kind: Pod, metadata: {name: dev-0, namespace: vcluster-dev, "
                  "uid: u, labels: {app: vcluster, release: dev}}, status: {phase: Pending, "
                  "containerStatuses: [{name: kube-apiserver, state: {waiting: {reason: "
                  "ImagePullBackOff, message: 'Back-off pulling image'}}}]}}");
    options.no_wait = 0;
    int64_t begun_ms = vcl_monotonic_ms();
    assert_int_equal(vcluster_instance_ensure(client, "dev", NULL, &options, NULL, &error),
                     VCLUSTER_E_UNAVAILABLE);
    assert_true(vcl_monotonic_ms() - begun_ms < 3000);
    assert_error_says(error, "container 'kube-apiserver' of pod 'dev-0': ImagePullBackOff");
    assert_error_says(error, "Back-off pulling image");
    assert_string_equal(vcluster_error_reason(error), "ImagePullBackOff");
    vcluster_error_free(error);
    assert_record("failed");
}

/* On a busy machine a deadline may pass before the pod was looked at: which is said, too. */
static void ensure_until_its_pod_was_seen(void)
{
    bool seen = false;

    for (int tries = 0; !seen; tries++, options.timeout_ms *= 2) {
        vcluster_error *error = NULL;
        assert_int_equal(vcluster_instance_ensure(client, "dev", NULL, &options, NULL, &error),
                         VCLUSTER_E_TIMEOUT);
        seen = strstr(vcluster_error_to_string(error), "its pod was: ContainerCreating") != NULL;
        if (tries == 5)
            assert_error_says(error, "its pod was: ContainerCreating");
        vcluster_error_free(error);
    }
}

static void a_deadline_says_what_the_pod_was_doing(void **state)
{
    (void)state;
    put_namespace();
    fake_host_put(host,
                  "{apiVersion: v1, kind: Pod, metadata: {name: dev-0, namespace: vcluster-dev, "
                  "uid: u, labels: {app: vcluster, release: dev}}, status: {phase: Pending, "
                  "containerStatuses: [{name: kube-apiserver, state: {waiting: {reason: "
                  "ContainerCreating}}}]}}");
    options.no_wait = 0;
    options.timeout_ms = patience_ms(500);
    ensure_until_its_pod_was_seen();
    assert_record("failed");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_unfinished_one_in_the_namespace_is_refused_before_any_write),
        CASE(the_later_of_two_names_at_once_gives_way_and_leaves_nothing),
        CASE(the_earlier_of_two_names_at_once_goes_on),
        CASE(an_earlier_one_whose_lock_was_renewed_meanwhile_still_comes_first),
        CASE(everything_is_made_and_recorded),
        CASE(the_record_is_written_before_any_object),
        CASE(a_second_ensure_writes_nothing),
        CASE(create_of_an_existing_one_fails),
        CASE(one_made_by_gitops_without_a_record_is_accepted),
        CASE(a_second_cluster_in_the_namespace_is_refused),
        CASE(another_distribution_is_refused),
        CASE(an_unknown_distribution_is_refused),
        CASE(a_chart_of_upstream_that_is_not_there_is_refused_before_any_write),
        CASE(a_version_that_does_not_exist_is_refused),
        CASE(values_that_cannot_work_are_refused_all_at_once_and_tried_when_asked),
        CASE(objects_of_somebody_else_are_refused_by_name),
        CASE(a_failing_look_is_an_error),
        CASE(what_a_killed_call_left_is_completed),
        CASE(create_completes_an_unfinished_one_too),
        CASE(a_lock_of_another_is_a_conflict),
        CASE(what_helm_left_pending_is_taken_over_only_when_asked),
        CASE(a_secret_that_is_no_record_is_in_the_way),
        CASE(a_record_that_appears_meanwhile_is_joined),
        CASE(calls_at_the_same_time_make_one_cluster),
        CASE(a_failed_apply_leaves_a_failed_record_without_a_lock),
        CASE(a_callback_that_says_stop_cancels_and_gives_the_lock_back),
        CASE(progress_tells_each_step_and_keys_without_effect),
        CASE(a_pod_in_certain_trouble_ends_the_wait_at_once),
        CASE(a_deadline_says_what_the_pod_was_doing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
