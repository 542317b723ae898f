/* SPDX-License-Identifier: Apache-2.0 */
/* Describing a virtual cluster: what is joined, what may be missing, and that no secret is told. */
#include "cm.h"

#include <libvcluster/description.h>
#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "data/encoding.h"
#include "data/json.h"
#include "fake_host.h"

static fake_host *host;
static vcluster_client *client;

static void put_values(const char *values)
{
    char *data = vcl_base64_encode(values, strlen(values));
    char *yaml = vcl_format("{apiVersion: v1, kind: Secret, metadata: {name: vc-config-dev, "
                            "namespace: team}, data: {config.yaml: %s}}",
                            data);

    fake_host_put(host, yaml);
    free(data);
    free(yaml);
}

static void put_workload(const char *extra)
{
    char *yaml = vcl_format("{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, "
                            "namespace: team, labels: {app: vcluster, release: dev}, %s}, spec: "
                            "{replicas: 1}}",
                            extra);

    fake_host_put(host, yaml);
    free(yaml);
}

static void put_pod(const char *ready)
{
    char *yaml = vcl_format(
        "{apiVersion: v1, kind: Pod, metadata: {name: dev-0, namespace: team, labels: {app: "
        "vcluster, release: dev}}, spec: {nodeName: n, initContainers: [{name: pki, image: i}, "
        "{name: store, image: kine, restartPolicy: Always}], containers: [{name: syncer, image: "
        "'syncer:1'}, {name: late, image: l}]}, status: {phase: Running, conditions: [{type: "
        "Ready, status: '%s'}], initContainerStatuses: [{name: store, ready: true, restartCount: "
        "0, state: {running: {}}}], containerStatuses: [{name: syncer, ready: false, "
        "restartCount: 7, state: {waiting: {reason: CrashLoopBackOff}}}]}}",
        ready);

    fake_host_put(host, yaml);
    free(yaml);
}

static int setup(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    put_workload("annotations: {libvcluster.dev/owner: ann}");
    put_pod("True");
    put_values("{sync: {toHost: {pods: {enabled: true}, ingresses: {enabled: false}}}, "
               "controlPlane: {backingStore: {etcd: {embedded: {enabled: true}}}}, external: "
               "{adminPassword: hunter2, db: 'postgres://u:hunter2@h/db', list: "
               "['postgres://u:hunter2@h/db', plain]}}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static vcluster_description *describe(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_description *found = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = "team";
    assert_works(vcluster_instance_describe(client, "dev", &options, &found, &error), &error);
    return found;
}

static cJSON *json_of(const vcluster_description *found)
{
    vcluster_error *error = NULL;
    cJSON *tree = NULL;
    char *text = NULL;

    assert_works(vcluster_description_to_json(found, &text, &error), &error);
    assert_works(vcl_json_parse(text, strlen(text), &tree, &error), &error);
    assert_null(strstr(text, "hunter2"));
    vcluster_free(text);
    return tree;
}

static void put_release(void)
{
    static const char release[] =
        "{\"name\":\"dev\",\"namespace\":\"team\",\"version\":3,\"chart\":{\"metadata\":{\"name\":"
        "\"vcluster\",\"version\":"
        "\"0.36.1\"}},\"config\":{\"token\":\"hunter2\",\"a\":1},\"info\":{\"status\":\"deployed\"}"
        "}";
    vcluster_error *error = NULL;
    cJSON *tree = NULL;
    cJSON *secret = NULL;

    assert_works(vcl_json_parse(release, strlen(release), &tree, &error), &error);
    assert_works(vcl_release_encode_json(tree, &secret, &error), &error);
    char *text = cJSON_PrintUnformatted(secret);
    fake_host_put(host, text);
    free(text);
    cJSON_Delete(secret);
    cJSON_Delete(tree);
}

static void everything_is_joined(void **state)
{
    (void)state;
    put_release();
    vcluster_description *found = describe();
    const vcluster_instance *instance = vcluster_description_instance(found);
    assert_string_equal(vcluster_instance_owner(instance), "ann");
    assert_true(vcluster_instance_ready(instance));
    assert_string_equal(vcluster_description_maker(found), "Helm");
    assert_string_equal(vcluster_description_chart_name(found), "vcluster");
    assert_string_equal(vcluster_description_chart_version(found), "0.36.1");
    assert_int_equal(vcluster_description_revision(found), 3);
    assert_string_equal(vcluster_description_release_status(found), "deployed");
    assert_string_equal(vcluster_description_store(found), "embedded etcd");
    assert_null(vcluster_description_diagnosis(found));
    assert_null(vcluster_description_usage(found));
    assert_string_equal(vcluster_description_user_values(found),
                        "{\"a\":1,\"token\":\"(hidden)\"}");

    cJSON *tree = json_of(found);
    assert_string_equal(vcl_json_find_string(tree, "name", NULL), "dev");
    assert_int_equal(vcl_json_find_int(tree, 0, "release", "revision", NULL), 3);
    char *rules = vcl_json_print(vcl_json_find(tree, "syncRules", "toHost", NULL));
    assert_non_null(strstr(rules, "\"pods\""));
    assert_null(strstr(rules, "\"ingresses\""));
    free(rules);
    assert_true(cJSON_IsNull(vcl_json_get(tree, "quota")));
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(tree, "causes")), 0);
    cJSON_Delete(tree);
    vcluster_description_free(found);
}

static void containers_are_told_with_sidecars_and_what_is_wrong(void **state)
{
    (void)state;
    vcluster_description *found = describe();
    assert_int_equal(vcluster_description_component_count(found), 3);
    const vcluster_component *store = vcluster_description_component_at(found, 0);
    const vcluster_component *syncer = vcluster_description_component_at(found, 1);
    const vcluster_component *late = vcluster_description_component_at(found, 2);
    assert_string_equal(vcluster_component_name(store), "store");
    assert_string_equal(vcluster_component_state(store), "Running");
    assert_true(vcluster_component_ready(store));
    assert_string_equal(vcluster_component_pod(syncer), "dev-0");
    assert_string_equal(vcluster_component_image(syncer), "syncer:1");
    assert_string_equal(vcluster_component_state(syncer), "CrashLoopBackOff");
    assert_int_equal(vcluster_component_restarts(syncer), 7);
    assert_false(vcluster_component_ready(syncer));
    assert_string_equal(vcluster_component_state(late), "Waiting");
    assert_null(vcluster_description_component_at(found, 3));
    vcluster_description_free(found);
}

static void one_that_is_not_ready_is_told_with_the_cause(void **state)
{
    (void)state;
    put_pod("False");
    vcluster_description *found = describe();
    const vcluster_diagnosis *why = vcluster_description_diagnosis(found);
    assert_non_null(why);
    assert_true(vcluster_diagnosis_size(why) > 0);
    cJSON *tree = json_of(found);
    assert_true(cJSON_GetArraySize(vcl_json_get(tree, "causes")) > 0);
    cJSON_Delete(tree);
    vcluster_description_free(found);
}

static void what_may_not_be_read_is_left_out_and_noted(void **state)
{
    (void)state;
    put_release();
    fake_host_fail(host, "GET", "secrets", 403);
    fake_host_fail(host, "GET", "resourcequotas", 403);
    vcluster_description *found = describe();
    const char *note = vcluster_description_note(found);
    assert_non_null(strstr(note, "the values in force may not be read"));
    assert_non_null(strstr(note, "its release record may not be read"));
    assert_non_null(strstr(note, "its quota may not be read"));
    assert_string_equal(vcluster_description_store(found), "");
    assert_string_equal(vcluster_description_user_values(found), "");
    assert_null(vcluster_description_sync_rules(found));
    cJSON_Delete(json_of(found));
    vcluster_description_free(found);
}

static void a_host_that_fails_is_an_error(void **state)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_description *found = NULL;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = "team";
    options.timeout_ms = 2000;
    fake_host_fail(host, "GET", "resourcequotas", 500);
    assert_true(vcluster_instance_describe(client, "dev", &options, &found, &error) < 0);
    assert_null(found);
    vcluster_error_free(error);
}

static void one_made_from_a_repository_says_so(void **state)
{
    (void)state;
    put_workload("annotations: {argocd.argoproj.io/tracking-id: x}");
    vcluster_description *found = describe();
    assert_string_equal(vcluster_description_maker(found), "Argo CD");
    assert_int_equal(vcluster_description_revision(found), 0);
    vcluster_description_free(found);
}

static void a_quota_is_told_with_who_uses_it(void **state)
{
    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: "
                        "team}, spec: {hard: {pods: '10'}}, status: {used: {pods: '1'}}}");
    vcluster_description *found = describe();
    const vcluster_usage_entry *entry = vcluster_usage_at(vcluster_description_usage(found), 0);
    assert_string_equal(vcluster_usage_entry_left(entry), "9");
    vcluster_description_free(found);
}

static void few_requests_are_sent(void **state)
{
    (void)state;
    put_release();
    fake_host_forget(host);
    vcluster_description_free(describe());
    /* Four lists, pods, values, two for the record, kubeconfig, quota. */
    assert_int_equal(fake_host_requests(host, NULL, ""), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_is_joined, setup, teardown),
        cmocka_unit_test_setup_teardown(containers_are_told_with_sidecars_and_what_is_wrong, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(one_that_is_not_ready_is_told_with_the_cause, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_may_not_be_read_is_left_out_and_noted, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_host_that_fails_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(one_made_from_a_repository_says_so, setup, teardown),
        cmocka_unit_test_setup_teardown(a_quota_is_told_with_who_uses_it, setup, teardown),
        cmocka_unit_test_setup_teardown(few_requests_are_sent, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
