/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The backing stores of the embedded control plane, really run: SQLite, etcd in the pod, etcd in a
 * pod of its own, PostgreSQL. Each is filled, its pods are deleted, and the data are still there;
 * deleting the virtual cluster takes its volume claims along. And Kubernetes is upgraded from 1.34
 * to 1.35 on a store that stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define NAME "e2e-store"
#define NAMESPACE "vcluster-e2e-store"
#define DATABASE "vcluster-e2e-store-database"
#define MARK "controlPlane: {statefulSet: {persistence: {volumeClaim: {enabled: true, size: 64Mi}}}"

static const char *const postgres[] = {
    "{apiVersion: v1, kind: Secret, metadata: {name: postgres}, stringData: {password: s3cret}}",
    "{apiVersion: v1, kind: Service, metadata: {name: postgres}, spec: {selector: {app: postgres},"
    " ports: [{port: 5432}]}}",
    "apiVersion: v1\n"
    "kind: Pod\n"
    "metadata: {name: postgres, labels: {app: postgres}}\n"
    "spec:\n"
    "  terminationGracePeriodSeconds: 5\n"
    "  automountServiceAccountToken: false\n"
    "  securityContext: {runAsUser: 999, runAsGroup: 999, fsGroup: 999}\n"
    "  containers:\n"
    "    - name: postgres\n"
    "      image: docker.io/library/postgres:15\n"
    "      imagePullPolicy: IfNotPresent\n"
    "      env:\n"
    "        - {name: POSTGRES_PASSWORD, valueFrom: {secretKeyRef: {name: postgres, key: "
    "password}}}\n"
    "        - {name: PGDATA, value: /var/lib/postgresql/data/inner}\n"
    "      readinessProbe: {tcpSocket: {port: 5432}, periodSeconds: 1}\n"
    "      volumeMounts: [{name: data, mountPath: /var/lib/postgresql/data}]\n"
    "  volumes: [{name: data, emptyDir: {}}]\n"
};

static vcluster_client *open_inside(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_instance_open(e2e_host(), NAME, &options, &inside, &error), error);
    return inside;
}

static void create(const char *values)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    e2e_ok(vcluster_config_parse(values, &config, &error), error);
    e2e_ok(vcluster_instance_create(e2e_host(), NAME, config, &options, NULL, &error), error);
    vcluster_config_free(config);
}

static void write_mark(void)
{
    vcluster_client *inside = open_inside();

    e2e_apply(inside, "{apiVersion: v1, kind: ConfigMap, metadata: {name: mark, namespace: "
                      "default}, data: {colour: blue}}");
    vcluster_client_unref(inside);
}

static void assert_mark(void)
{
    vcluster_client *inside = open_inside();
    vcluster_error *error = NULL;
    char *json = NULL;

    e2e_ok(vcluster_resource_get(inside, "v1", "ConfigMap", "default", "mark", NULL, &json, &error),
           error);
    assert_non_null(strstr(json, "\"colour\":\"blue\""));
    vcluster_free(json);
    vcluster_client_unref(inside);
}

static void restart(const char *pod)
{
    vcluster_resource_delete_options options = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.wait = 1;
    options.timeout_ms = 60000;
    e2e_ok(vcluster_resource_delete(e2e_host(), "v1", "Pod", NAMESPACE, pod, &options, &error),
           error);
}

static void wait_ready(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    options.timeout_ms = 120000;
    e2e_ok(vcluster_instance_wait(e2e_host(), NAME, &options, NULL, &error), error);
}

static bool has_claim(const char *name)
{
    return e2e_exists(e2e_host(), "v1", "PersistentVolumeClaim", NAMESPACE, name);
}

static void sqlite_keeps_its_data_over_a_restart(void **state)
{
    (void)state;
    create(MARK "}");
    write_mark();
    assert_true(has_claim("data-" NAME "-0"));
    restart(NAME "-0");
    wait_ready();
    assert_mark();
}

static void an_embedded_etcd_keeps_its_data_over_a_restart(void **state)
{
    (void)state;
    create(MARK ", backingStore: {etcd: {embedded: {enabled: true}}}}");
    write_mark();
    assert_true(has_claim("data-" NAME "-0"));
    restart(NAME "-0");
    wait_ready();
    assert_mark();
}

static void a_deployed_etcd_keeps_its_data_over_restarts_of_both_pods(void **state)
{
    (void)state;
    create("controlPlane: {backingStore: {etcd: {deploy: {enabled: true, statefulSet: {persistence:"
           " {volumeClaim: {size: 64Mi}}}}}}}");
    write_mark();
    assert_true(e2e_exists(e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME "-etcd"));
    assert_true(e2e_exists(e2e_host(), "v1", "Service", NAMESPACE, NAME "-etcd"));
    assert_true(e2e_exists(e2e_host(), "v1", "Service", NAMESPACE, NAME "-etcd-headless"));
    assert_true(has_claim("data-" NAME "-etcd-0"));
    assert_false(has_claim("data-" NAME "-0"));
    restart(NAME "-etcd-0");
    restart(NAME "-0");
    wait_ready();
    assert_mark();
}

static int stop_when_ready(const char *type, const char *json, void *data)
{
    (void)type, (void)data;
    return strstr(json, "\"ready\":true") != NULL;
}

static void start_postgres(void)
{
    vcluster_resource_apply_options options = VCLUSTER_RESOURCE_APPLY_OPTIONS_INIT;
    vcluster_resource_list_options watch = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    vcluster_error *error = NULL;

    e2e_make_namespace(DATABASE);
    options.namespace_name = DATABASE;
    for (size_t i = 0; i < sizeof(postgres) / sizeof(postgres[0]); i++)
        e2e_ok(vcluster_resource_apply(e2e_host(), postgres[i], &options, NULL, &error), error);
    watch.namespace_name = DATABASE;
    watch.timeout_ms = 60000;
    e2e_ok(vcluster_resource_watch(e2e_host(), "v1", "Pod", &watch, stop_when_ready, NULL, &error),
           error);
}

static void postgresql_keeps_the_data_of_a_pod_without_a_volume(void **state)
{
    (void)state;
    start_postgres();
    create("controlPlane: {backingStore: {database: {external: {enabled: true, dataSource: "
           "\"postgres://postgres:s3cret@postgres." DATABASE
           ".svc:5432/kine?sslmode=disable\"}}}}");
    write_mark();
    assert_false(has_claim("data-" NAME "-0"));
    restart(NAME "-0");
    wait_ready();
    assert_mark();
}

static void assert_version(const char *expected)
{
    vcluster_client *inside = open_inside();
    vcluster_error *error = NULL;
    char *version = NULL;

    e2e_ok(vcluster_client_server_version(inside, NULL, &version, &error), error);
    assert_string_equal(version, expected);
    vcluster_free(version);
    vcluster_client_unref(inside);
}

/* The tutorial's upgrade testing: the host stays at its version throughout. */
static void kubernetes_is_upgraded_from_1_34_to_1_35_with_its_objects_kept(void **state)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;
    vcluster_chart *chart = NULL;
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    (void)state;
    create(MARK ", distro: {k8s: {version: '1.34'}}}");
    write_mark();
    assert_version("v1.34.4");

    options.namespace_name = NAMESPACE;
    options.value_policy = VCLUSTER_VALUES_REUSE;
    options.wait = 1;
    options.timeout_ms = 180000;
    e2e_ok(vcluster_chart_embedded(&chart, &error), error);
    e2e_ok(
        vcluster_config_parse("controlPlane: {distro: {k8s: {version: '1.35'}}}", &config, &error),
        error);
    e2e_ok(vcluster_release_upgrade(e2e_host(), NAME, chart, config, &options, NULL, &error),
           error);
    wait_ready();
    assert_version("v1.35.4");
    assert_mark();
    vcluster_config_free(config);
    vcluster_chart_free(chart);
}

/* Nothing may be left of any of them. */
static int take_away(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, NAMESPACE));
    return 0;
}

static int clean(void **state)
{
    (void)state;
    e2e_remove(NAME, NAMESPACE);
    e2e_remove_namespace(DATABASE);
    return 0;
}

static int finish(void **state)
{
    int status = clean(state);

    e2e_done();
    return status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(sqlite_keeps_its_data_over_a_restart, take_away),
        cmocka_unit_test_teardown(an_embedded_etcd_keeps_its_data_over_a_restart, take_away),
        cmocka_unit_test_teardown(a_deployed_etcd_keeps_its_data_over_restarts_of_both_pods,
                                  take_away),
        cmocka_unit_test_teardown(postgresql_keeps_the_data_of_a_pod_without_a_volume, take_away),
        cmocka_unit_test_teardown(kubernetes_is_upgraded_from_1_34_to_1_35_with_its_objects_kept,
                                  take_away),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, clean, finish);
}
