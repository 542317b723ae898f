/* SPDX-License-Identifier: Apache-2.0 */
/* Restores of upstream's control plane from a URL: the pod, what it leaves when it fails, and what
 * is refused before anything is touched. */
#include "cm.h"

#include <libvcluster/diagnosis.h>
#include <libvcluster/snapshot.h>
#include <string.h>

#include "base/str.h"
#include "fake_host.h"
#include "vcluster/state/restore_job.h"

#define WORKLOAD "/apis/apps/v1/namespaces/team/statefulsets/dev"
#define POD "/api/v1/namespaces/team/pods/dev-restore"
#define SECRET "/api/v1/namespaces/team/secrets/dev-restore"
#define URL "container:///data/a.tar.gz"

static fake_host *host;
static vcluster_client *client;
static const char *outcome; /* status of the pod as the kubelet writes it at once */
static int scalings;
static cJSON *made; /* the pod that was made */

static void kubelet(cJSON *object, void *data)
{
    VCL_AUTO_JSON *status = NULL;

    (void)data;
    if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), "Pod"))
        return;
    cJSON_Delete(made);
    made = vcl_json_copy(object);
    assert_int_equal(vcl_json_parse(outcome, strlen(outcome), &status, NULL), 0);
    assert_true(vcl_json_set_string(vcl_json_get(object, "spec"), "nodeName", "node"));
    assert_true(vcl_json_set(object, "status", vcl_steal(&status)));
}

static void put_workload(const char *annotations, int replicas, const char *image)
{
    vcl_auto_free char *text = vcl_format(
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: team, uid: u1, "
        "labels: {app: vcluster, release: dev}, annotations: {%s}}, spec: {replicas: %d, "
        "volumeClaimTemplates: [{metadata: {name: data}}], template: {spec: {serviceAccountName: "
        "vc-dev, tolerations: [{operator: Exists}], initContainers: [{name: kubernetes, image: "
        "'kubernetes:v1.35.4'}], volumes: [{name: binaries, emptyDir: {}}], containers: [{name: "
        "syncer, image: '%s', env: [{name: VCLUSTER_NAME, value: dev}, {name: POD_NAME, valueFrom: "
        "{fieldRef: {fieldPath: metadata.name}}}], volumeMounts: [{name: data, mountPath: /data}, "
        "{name: binaries, mountPath: /binaries}], resources: {requests: {cpu: 200m}}}]}}}}",
        annotations, replicas, image);

    fake_host_put(host, text);
}

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    fake_host_on_write(host, kubelet, NULL);
    outcome = "{\"phase\":\"Succeeded\"}";
    scalings = 0;
    put_workload("", 1, "ghcr.io/loft-sh/vcluster-oss:0.36.1");
    fake_host_put(host,
                  "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data-dev-0, "
                  "namespace: team}}");
    return 0;
}

static int end(void **state)
{
    (void)state;
    cJSON_Delete(made);
    made = NULL;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

/* Ends the call when it has scaled up again: nothing here ever becomes ready. */
static int until_scaled_up(const vcluster_progress *progress, void *user_data)
{
    (void)user_data;
    if (vcluster_progress_step(progress) == VCLUSTER_STEP_SCALE)
        scalings++;
    return scalings == 2;
}

static int restore(const char *url, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;

    options.timeout_ms = 20000;
    options.progress = until_scaled_up;
    return vcluster_instance_restore_from(client, "dev", url, &options, NULL, error);
}

static void assert_up(bool up)
{
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    const char *mark =
        vcl_json_find_string(workload, "metadata", "annotations", "loft.sh/restoring", NULL);

    assert_int_equal(vcl_json_find_int(workload, -1, "spec", "replicas", NULL), up ? 1 : 0);
    assert_int_equal(vcl_streq(mark, "true"), !up);
    assert_null(vcl_json_find_string(workload, "metadata", "annotations", "loft.sh/paused", NULL));
}

static void assert_cleared(void)
{
    VCL_AUTO_JSON *pod = fake_host_get(host, POD);
    VCL_AUTO_JSON *secret = fake_host_get(host, SECRET);

    assert_null(pod);
    assert_null(secret);
}

static void it_is_stopped_restored_and_started_again(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: web-x-default-x-dev, "
                        "namespace: team, labels: {vcluster.loft.sh/managed-by: dev}}}");
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    assert_int_equal(scalings, 2);
    assert_up(true);
    assert_cleared();
    assert_int_equal(fake_host_count(host, "/pods/web-x-default-x-dev"), 0);
    assert_int_equal(fake_host_requests(host, "POST", "/pods"), 1);
}

static const cJSON *named(const cJSON *list, const char *name)
{
    const cJSON *item;

    cJSON_ArrayForEach (item, list) {
        if (vcl_streq(vcl_json_find_string(item, "name", NULL), name))
            return item;
    }
    return NULL;
}

static void the_pod_is_the_control_planes_with_upstreams_program(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    int status = restore("s3://bucket/dev?secret-access-key=aHVudGVyMg==", &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    assert_non_null(made);
    const cJSON *metadata = vcl_json_get(made, "metadata");
    const cJSON *spec = vcl_json_get(made, "spec");
    const cJSON *container = named(vcl_json_get(spec, "containers"), "snapshot");
    const cJSON *env = vcl_json_get(container, "env");
    const cJSON *data = named(vcl_json_get(spec, "volumes"), "data");

    assert_string_equal(vcl_json_find_string(metadata, "labels", "app", NULL), "vcluster-snapshot");
    assert_string_equal(
        vcl_json_find_string(metadata, "annotations", "libvcluster.dev/restore-url", NULL),
        "s3://bucket/dev");
    assert_string_equal(vcl_json_find_string(spec, "restartPolicy", NULL), "Never");
    assert_string_equal(vcl_json_find_string(spec, "serviceAccountName", NULL), "vc-dev");
    assert_non_null(named(vcl_json_get(spec, "initContainers"), "kubernetes"));
    assert_non_null(named(vcl_json_get(spec, "volumes"), "binaries"));
    assert_string_equal(vcl_json_find_string(data, "persistentVolumeClaim", "claimName", NULL),
                        "data-dev-0");
    vcl_auto_free char *command = vcl_json_print(vcl_json_get(container, "command"));
    assert_string_equal(command, "[\"/vcluster\",\"restore\"]");
    assert_int_equal(cJSON_GetArraySize(env), 3);
    assert_string_equal(vcl_json_find_string(named(env, "POD_NAME"), "value", NULL), "dev-0");
    assert_string_equal(vcl_json_find_string(named(env, "VCLUSTER_STORAGE_OPTIONS"), "valueFrom",
                                             "secretKeyRef", "name", NULL),
                        "dev-restore");
    const cJSON *owner = cJSON_GetArrayItem(vcl_json_get(metadata, "ownerReferences"), 0);
    assert_string_equal(vcl_json_find_string(owner, "name", NULL), "dev");
    vcl_auto_free char *text = vcl_json_print(made);
    assert_null(strstr(text, "hunter2"));
    assert_null(strstr(text, "aHVudGVyMg"));
}

static void assert_started_again(const char *pod_status)
{
    vcluster_error *error = NULL;

    outcome = pod_status;
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, &error, "it is started again");
    assert_up(true);
    assert_cleared();
}

static void a_program_that_fails_has_put_the_old_data_back(void **state)
{
    (void)state;
    assert_started_again("{\"phase\":\"Failed\",\"containerStatuses\":[{\"name\":\"snapshot\","
                         "\"state\":{\"terminated\":{\"exitCode\":1}}}]}");
}

static void a_pod_that_cannot_begin_changes_nothing(void **state)
{
    (void)state;
    assert_started_again("{\"phase\":\"Pending\",\"containerStatuses\":[{\"name\":\"snapshot\","
                         "\"state\":{\"waiting\":{\"reason\":\"ImagePullBackOff\","
                         "\"message\":\"no such image\"}}}]}");
}

static void what_was_killed_in_the_middle_stays_down_until_the_same_call(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    outcome = "{\"phase\":\"Failed\",\"containerStatuses\":[{\"name\":\"snapshot\",\"state\":"
              "{\"terminated\":{\"exitCode\":137}}}]}";
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, &error, "the same call completes it");
    assert_up(false);

    status = vcluster_instance_pause(client, "dev", NULL, &error);
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "is not finished");
    status = vcluster_instance_resume(client, "dev", NULL, &error);
    assert_fails(status, VCLUSTER_E_PRECONDITION, &error, "is not finished");

    outcome = "{\"phase\":\"Succeeded\"}";
    scalings = 1; /* it is down already */
    status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    assert_up(true);
    assert_cleared();
}

/* Somebody takes the pod away while it works. */
static int until_it_works(const vcluster_progress *progress, void *user_data)
{
    (void)user_data;
    if (vcluster_progress_step(progress) == VCLUSTER_STEP_OBJECT)
        fake_host_remove(host, POD);
    return 0;
}

static void a_pod_that_was_taken_away_in_the_middle_leaves_it_down(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    options.timeout_ms = 20000;
    options.progress = until_it_works;
    outcome = "{\"phase\":\"Running\"}";
    int status = vcluster_instance_restore_from(client, "dev", URL, &options, NULL, &error);
    assert_fails(status, VCLUSTER_E_NOT_FOUND, &error, "the same call completes it");
    assert_up(false);
}

static void what_is_torn_is_not_started_by_a_later_attempt_that_fails(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    outcome = "{\"phase\":\"Failed\",\"containerStatuses\":[{\"name\":\"snapshot\",\"state\":"
              "{\"terminated\":{\"exitCode\":137}}}]}";
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_UNAVAILABLE, &error, "the same call completes it");
    outcome = "{\"phase\":\"Failed\",\"containerStatuses\":[{\"name\":\"snapshot\",\"state\":"
              "{\"terminated\":{\"exitCode\":1}}}]}";
    for (int i = 0; i < 2; i++) {
        status = restore("container:///data/none.tar.gz", &error);
        assert_fails(status, VCLUSTER_E_UNAVAILABLE, &error, "the same call completes it");
        assert_up(false);
    }
    outcome = "{\"phase\":\"Succeeded\"}";
    scalings = 1; /* it is down already */
    status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    assert_up(true);
    assert_cleared();
}

static void a_pod_that_is_refused_changes_nothing(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    fake_host_fail(host, "POST", "/pods", 403);
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_PERMISSION, &error, "it is started again");
    assert_up(true);
    assert_cleared();
}

static void why_it_is_down_meanwhile_is_told(void **state)
{
    vcluster_diagnosis *diagnosis = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_workload("loft.sh/restoring: 'true', loft.sh/paused-replicas: '1'", 0,
                 "ghcr.io/loft-sh/vcluster-oss:0.36.1");
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    assert_works(vcluster_instance_why(client, "dev", NULL, &diagnosis, &error), &error);
    assert_true(vcluster_diagnosis_size(diagnosis) > 0);
    assert_int_equal(vcluster_cause_reason(vcluster_diagnosis_at(diagnosis, 0)),
                     VCLUSTER_REASON_UNFINISHED);
    vcluster_diagnosis_free(diagnosis);
}

static void it_has_as_many_replicas_afterwards_as_before(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_workload("loft.sh/restoring: 'true', loft.sh/paused-replicas: '3'", 0,
                 "ghcr.io/loft-sh/vcluster-oss:0.36.1");
    scalings = 1;
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    assert_int_equal(vcl_json_find_int(workload, 0, "spec", "replicas", NULL), 3);
}

static void the_pod_of_a_killed_call_goes_on(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_workload("loft.sh/restoring: 'true', loft.sh/paused-replicas: '1'", 0,
                 "ghcr.io/loft-sh/vcluster-oss:0.36.1");
    fake_host_put(host,
                  "{apiVersion: v1, kind: Pod, metadata: {name: dev-restore, namespace: team, "
                  "labels: {app: vcluster-snapshot, release: dev}, annotations: "
                  "{libvcluster.dev/restore-url: '" URL "'}}, spec: {nodeName: node}, "
                  "status: {phase: Succeeded}}");
    scalings = 1;
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    assert_int_equal(fake_host_requests(host, "POST", "/pods"), 0);
    assert_up(true);
    assert_cleared();
}

static void one_of_another_url_is_waited_for_and_replaced(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_workload("loft.sh/restoring: 'true', loft.sh/paused-replicas: '1'", 0,
                 "ghcr.io/loft-sh/vcluster-oss:0.36.1");
    fake_host_put(host,
                  "{apiVersion: v1, kind: Pod, metadata: {name: dev-restore, namespace: team, "
                  "labels: {app: vcluster-snapshot, release: dev}, annotations: "
                  "{libvcluster.dev/restore-url: 'container:///data/b.tar.gz'}}, spec: "
                  "{nodeName: node}, status: {phase: Succeeded}}");
    scalings = 1;
    int status = restore(URL, &error);
    assert_fails(status, VCLUSTER_E_CANCELLED, &error, "");
    assert_int_equal(fake_host_requests(host, "POST", "/pods"), 1);
    assert_up(true);
}

/* Refused, and the host was only looked at. */
static void assert_refused(const char *url, int code, const char *why)
{
    vcluster_error *error = NULL;

    fake_host_forget(host);
    int status = restore(url, &error);
    assert_fails(status, code, &error, why);
    assert_int_equal(fake_host_requests(host, NULL, "/"), fake_host_requests(host, "GET", "/"));
}

static void what_does_not_fit_is_refused_before_anything_is_touched(void **state)
{
    static const char image[] = "ghcr.io/loft-sh/vcluster-oss:0.36.1";

    (void)state;
    assert_refused("/data/a.tar.gz", VCLUSTER_E_INVALID_ARGUMENT, "no place for a snapshot");
    assert_refused("container:///tmp/a.tar.gz", VCLUSTER_E_INVALID_ARGUMENT, "on no volume");
    assert_refused("container:///database", VCLUSTER_E_INVALID_ARGUMENT, "on no volume");
    assert_refused("https://a.blob.example/b/c", VCLUSTER_E_UNSUPPORTED, "Azure");
    put_workload("", 3, image);
    assert_refused(URL, VCLUSTER_E_UNSUPPORTED, "several replicas");
    put_workload("loft.sh/paused: 'true'", 0, image);
    assert_refused(URL, VCLUSTER_E_PRECONDITION, "resume it first");
    put_workload("", 0, image);
    assert_refused(URL, VCLUSTER_E_PRECONDITION, "resume it first");
    put_workload("libvcluster.dev/distribution: embedded", 1, image);
    assert_refused(URL, VCLUSTER_E_UNSUPPORTED, "embedded distribution");
    put_workload("", 1, "ghcr.io/loft-sh/vcluster-oss:0.22.1");
    assert_refused(URL, VCLUSTER_E_PRECONDITION, "cannot be restored from a URL");
    put_workload("", 1, image);
    fake_host_remove(host, "/api/v1/namespaces/team/persistentvolumeclaims/data-dev-0");
    assert_refused(URL, VCLUSTER_E_PRECONDITION, "'data-dev-0' is missing");
    fake_host_remove(host, WORKLOAD);
    assert_refused(URL, VCLUSTER_E_NOT_FOUND, "'dev'");
}

static void a_pod_of_upstreams_cli_on_the_same_data_is_a_conflict(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: Pod, metadata: {name: vcluster-snapshot-x1, "
                        "namespace: team, labels: {app: vcluster-snapshot}}, spec: {volumes: "
                        "[{name: data, persistentVolumeClaim: {claimName: data-dev-0}}]}, status: "
                        "{phase: Running}}");
    assert_refused(URL, VCLUSTER_E_CONFLICT, "pod/vcluster-snapshot-x1");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(it_is_stopped_restored_and_started_again),
        CASE(the_pod_is_the_control_planes_with_upstreams_program),
        CASE(a_program_that_fails_has_put_the_old_data_back),
        CASE(a_pod_that_cannot_begin_changes_nothing),
        CASE(what_was_killed_in_the_middle_stays_down_until_the_same_call),
        CASE(a_pod_that_was_taken_away_in_the_middle_leaves_it_down),
        CASE(what_is_torn_is_not_started_by_a_later_attempt_that_fails),
        CASE(a_pod_that_is_refused_changes_nothing),
        CASE(why_it_is_down_meanwhile_is_told),
        CASE(it_has_as_many_replicas_afterwards_as_before),
        CASE(the_pod_of_a_killed_call_goes_on),
        CASE(one_of_another_url_is_waited_for_and_replaced),
        CASE(what_does_not_fit_is_refused_before_anything_is_touched),
        CASE(a_pod_of_upstreams_cli_on_the_same_data_is_a_conflict),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
