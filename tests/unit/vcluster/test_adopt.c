/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Adoption of what others made, against a host in memory: what is found out, refused, changed, and
 * that an ensure finds nothing to do afterwards.
 */
#include "cm.h"

#include <libvcluster/vcluster.h>
#include <string.h>

#include "chart/release.h"
#include "fake_host.h"
#include "small_chart.h"
#include "vcluster/names.h"

#define RECORD "/api/v1/namespaces/team/secrets/sh.helm.release.v1.dev.v1"
#define WORKLOAD "/apis/apps/v1/namespaces/team/statefulsets/dev"
#define MARK "helm.sh/release-name"

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_config *config;
static vcluster_adopt_options options;

static int begin(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    chart = small_chart_new("vcluster-embedded");
    options = (vcluster_adopt_options)VCLUSTER_ADOPT_OPTIONS_INIT;
    options.chart = chart;
    options.timeout_ms = patience_ms(5000);
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team}}");
    assert_works(vcluster_config_parse("sync: {fromHost: all}", &config, &error), &error);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_config_free(config);
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static void ensure(const vcluster_chart *with)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    how.chart = with;
    how.no_wait = 1;
    assert_works(vcluster_instance_ensure(client, "dev", config, &how, NULL, &error), &error);
}

static void put_tree(cJSON *tree)
{
    char *text = vcl_json_print(tree);

    fake_host_put(host, text);
    free(text);
    cJSON_Delete(tree);
}

static cJSON *map_of(cJSON *object, const char *map)
{
    return vcl_json_object(vcl_json_object(object, "metadata"), map);
}

/* What kubectl apply leaves of the rendered chart: its objects by another manager, no record. */
static void put_manifests(void)
{
    static const char *const paths[] = { "/api/v1/namespaces/team/secrets/vc-config-dev",
                                         "/api/v1/namespaces/team/services/dev", WORKLOAD };

    static const char by_kubectl[] = "[{\"manager\":\"kubectl-client-side-apply\",\"operation\":"
                                     "\"Update\",\"fieldsV1\":{\"f:spec\":{}}}]";

    ensure(chart);
    fake_host_remove(host, RECORD);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        cJSON *object = fake_host_get(host, paths[i]);
        cJSON *fields = NULL;
        assert_non_null(object);
        vcl_json_remove(map_of(object, "labels"), "app.kubernetes.io/managed-by");
        vcl_json_remove(map_of(object, "annotations"), "meta.helm.sh/release-name");
        vcl_json_remove(map_of(object, "annotations"), "meta.helm.sh/release-namespace");
        assert_int_equal(vcl_json_parse(by_kubectl, strlen(by_kubectl), &fields, NULL), 0);
        assert_true(vcl_json_set(vcl_json_object(object, "metadata"), "managedFields", fields));
        put_tree(object);
    }
}

static void mark(const char *path, const char *map, const char *key, const char *value)
{
    cJSON *object = fake_host_get(host, path);

    assert_non_null(object);
    assert_true(vcl_json_set_string(map_of(object, map), key, value));
    put_tree(object);
}

static int writes(void)
{
    return fake_host_requests(host, "POST", "secrets") + fake_host_requests(host, "PUT", "") +
           fake_host_requests(host, "DELETE", "");
}

static vcluster_plan *adopt(const char *origin)
{
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    fake_host_forget(host);
    assert_works(vcluster_instance_adopt(client, "dev", NULL, &options, &plan, &error), &error);
    assert_string_equal(vcluster_plan_origin(plan), origin);
    return plan;
}

static void adopt_fails(int expected, const char *part)
{
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    fake_host_forget(host);
    assert_fails(vcluster_instance_adopt(client, "dev", NULL, &options, &plan, &error), expected,
                 &error, part);
    assert_null(plan);
    assert_int_equal(writes(), 0);
}

/* NULL: it is not told of. */
static const vcluster_change *told(const vcluster_plan *plan, const char *kind, const char *path)
{
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *change = vcluster_plan_at(plan, i);
        if (!strcmp(vcluster_change_kind(change), kind) &&
            strstr(vcluster_change_path(change), path))
            return change;
    }
    return NULL;
}

static const char *annotation_of(const cJSON *object, const char *key)
{
    return vcl_json_find_string(object, "metadata", "annotations", key, NULL);
}

/* The same wish asks nothing of the host but to be looked at. */
static void assert_ensure_changes_nothing(const vcluster_chart *with)
{
    fake_host_forget(host);
    ensure(with);
    assert_int_equal(writes(), 0);
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
}

static void manifests_get_a_record_and_an_ensure_finds_nothing_to_do(void **state)
{
    (void)state;
    put_manifests();
    vcluster_plan *plan = adopt("manifests");
    assert_string_equal(vcluster_plan_operation(plan), "adopt");
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_LIVE);
    assert_non_null(told(plan, "StatefulSet", MARK));
    vcluster_plan_free(plan);

    VCL_AUTO_JSON *secret = fake_host_get(host, RECORD);
    VCL_AUTO_JSON *release = NULL;
    assert_non_null(secret);
    assert_int_equal(vcl_release_decode(secret, &release, NULL), 0);
    assert_string_equal(vcl_json_find_string(release, "info", "status", NULL), "deployed");
    assert_string_equal(vcl_json_find_string(release, "config", "sync", "fromHost", NULL), "all");
    assert_int_equal(cJSON_GetArraySize(vcl_json_get(release, "config")), 1);
    assert_null(annotation_of(secret, "libvcluster.dev/lock-holder"));
    assert_null(annotation_of(secret, "libvcluster.dev/adopting"));
    assert_string_equal(
        vcl_json_find_string(secret, "metadata", "labels", VCL_LABEL_INSTANCE, NULL), "dev");
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    assert_string_equal(annotation_of(workload, "meta.helm.sh/release-name"), "dev");
    assert_ensure_changes_nothing(chart);
    vcluster_plan_free(adopt("libvcluster"));
}

static void a_dry_run_tells_all_and_changes_nothing(void **state)
{
    (void)state;
    put_manifests();
    options.dry_run = 1;
    options.owner = "ann";
    vcluster_plan *plan = adopt("manifests");
    assert_string_equal(vcluster_plan_operation(plan), "adopt");
    assert_int_equal(writes(), 0);
    assert_int_equal(fake_host_count(host, RECORD), 0);
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    assert_null(annotation_of(workload, "meta.helm.sh/release-name"));
    assert_null(annotation_of(workload, VCL_ANNOTATION_OWNER));
    vcluster_plan_free(plan);
}

static void what_differs_is_refused_and_aligned_if_asked(void **state)
{
    (void)state;
    put_manifests();
    fake_host_remove(host, "/api/v1/namespaces/team/services/dev");
    cJSON *workload = fake_host_get(host, WORKLOAD);
    assert_true(vcl_json_set_int(vcl_json_object(workload, "spec"), "replicas", 3));
    put_tree(workload);

    adopt_fails(VCLUSTER_E_PRECONDITION, "what is there is not what its chart makes");
    options.dry_run = 1;
    vcluster_plan *plan = adopt("manifests");
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_REFUSED);
    assert_int_equal(vcluster_change_impact(told(plan, "StatefulSet", ".spec.replicas")),
                     VCLUSTER_IMPACT_REFUSED);
    assert_int_equal(vcluster_change_action(told(plan, "Service", "")), VCLUSTER_ACTION_ADD);
    vcluster_plan_free(plan);

    options.dry_run = 0;
    options.align = 1;
    vcluster_plan_free(adopt("manifests"));
    assert_int_equal(fake_host_count(host, "/services/dev"), 1);
    VCL_AUTO_JSON *after = fake_host_get(host, WORKLOAD);
    assert_int_equal(vcl_json_find_int(after, 0, "spec", "replicas", NULL), 1);
}

static void a_release_of_helm_is_marked_and_nothing_else(void **state)
{
    (void)state;
    ensure(chart);
    cJSON *secret = fake_host_get(host, RECORD);
    vcl_json_remove(map_of(secret, "labels"), VCL_LABEL_INSTANCE);
    vcl_json_remove(vcl_json_get(secret, "metadata"), "annotations");
    put_tree(secret);
    vcluster_plan *plan = adopt("helm");
    assert_int_equal(vcluster_plan_size(plan), 1);
    assert_int_equal(fake_host_requests(host, "PATCH", ""), 0);
    vcluster_plan_free(plan);
    assert_ensure_changes_nothing(NULL);
}

static void the_cli_is_told_by_the_namespace_that_it_made(void **state)
{
    (void)state;
    ensure(chart);
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: team, annotations: "
                        "{vcluster.loft.sh/created: 'true'}}}");
    cJSON *secret = fake_host_get(host, RECORD);
    vcl_json_remove(map_of(secret, "labels"), VCL_LABEL_INSTANCE);
    put_tree(secret);
    vcluster_plan_free(adopt("cli"));
}

static void argo_cd_keeps_what_it_makes_unless_it_stands_still(void **state)
{
    static const char tracking[] = "web:apps/StatefulSet:team/dev";

    (void)state;
    put_manifests();
    mark(WORKLOAD, "annotations", VCL_ANNOTATION_ARGO, tracking);
    fake_host_put(host, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: "
                        "web, namespace: argocd}, spec: {syncPolicy: {automated: {}}}}");
    adopt_fails(VCLUSTER_E_PRECONDITION, "Git repository of the Application 'web'");
    options.take_over = 1;
    adopt_fails(VCLUSTER_E_PRECONDITION, "still at work");
    fake_host_put(host, "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: "
                        "web, namespace: argocd}, spec: {}}");
    vcluster_plan *plan = adopt("argocd");
    const vcluster_change *controller = told(plan, "Application", "");
    assert_int_equal(vcluster_change_action(controller), VCLUSTER_ACTION_KEEP);
    assert_non_null(told(plan, "StatefulSet", "tracking-id"));
    vcluster_plan_free(plan);
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    assert_null(annotation_of(workload, VCL_ANNOTATION_ARGO));
    assert_int_equal(fake_host_count(host, RECORD), 1);
}

static void flux_must_be_suspended(void **state)
{
    (void)state;
    ensure(chart);
    mark(WORKLOAD, "labels", "helm.toolkit.fluxcd.io/name", "rel");
    mark(WORKLOAD, "labels", "helm.toolkit.fluxcd.io/namespace", "flux-system");
    fake_host_put(host, "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: "
                        "{name: rel, namespace: flux-system}, spec: {}}");
    adopt_fails(VCLUSTER_E_PRECONDITION, "HelmRelease 'flux-system/rel' in its Git repository");
    options.take_over = 1;
    adopt_fails(VCLUSTER_E_PRECONDITION, "still at work");
    fake_host_put(host, "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: "
                        "{name: rel, namespace: flux-system}, spec: {suspend: true}}");
    vcluster_plan_free(adopt("flux"));
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    assert_null(vcl_json_find(workload, "metadata", "labels", "helm.toolkit.fluxcd.io/name", NULL));
}

static void cluster_api_must_be_paused_and_a_hidden_one_is_not_overlooked(void **state)
{
    static const char path[] = "/apis/infrastructure.cluster.x-k8s.io/v1alpha1/";

    (void)state;
    ensure(chart);
    fake_host_put(host, "{apiVersion: infrastructure.cluster.x-k8s.io/v1alpha1, kind: VCluster, "
                        "metadata: {name: dev, namespace: team}}");
    adopt_fails(VCLUSTER_E_PRECONDITION, "spec.helmRelease of VCluster 'team/dev'");
    fake_host_fail(host, "GET", path, 403);
    adopt_fails(VCLUSTER_E_PERMISSION, "");
    fake_host_heal(host);
    mark("/apis/infrastructure.cluster.x-k8s.io/v1alpha1/namespaces/team/vclusters/dev",
         "annotations", "cluster.x-k8s.io/paused", "true");
    options.take_over = 1;
    vcluster_plan_free(adopt("cluster-api"));
}

static void what_is_not_there_or_paused_is_refused(void **state)
{
    (void)state;
    adopt_fails(VCLUSTER_E_NOT_FOUND, "dev");
    put_manifests();
    mark(WORKLOAD, "annotations", VCL_ANNOTATION_PAUSED, "true");
    adopt_fails(VCLUSTER_E_PRECONDITION, "is paused: resume it first");
}

static void pause_it(fake_host *where, void *data)
{
    (void)where;
    (void)data;
    mark(WORKLOAD, "annotations", VCL_ANNOTATION_PAUSED, "true");
}

static void one_that_is_paused_meanwhile_is_left_as_it_was(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_manifests();
    fake_host_before(host, "POST", "/secrets", pause_it, NULL);
    assert_fails(vcluster_instance_adopt(client, "dev", NULL, &options, NULL, &error),
                 VCLUSTER_E_CONFLICT, &error, "paused or deleted");
    assert_int_equal(fake_host_count(host, RECORD), 0);
}

static void refuse_the_workload(fake_host *where, void *data)
{
    (void)data;
    fake_host_fail(where, "PATCH", WORKLOAD, 403);
}

static void a_call_that_was_cut_short_is_completed_by_the_same_call(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    put_manifests();
    fake_host_before(host, "POST", "/secrets", refuse_the_workload, NULL);
    assert_fails(vcluster_instance_adopt(client, "dev", NULL, &options, NULL, &error),
                 VCLUSTER_E_PERMISSION, &error, "StatefulSet 'dev'");
    VCL_AUTO_JSON *cut = fake_host_get(host, RECORD);
    assert_string_equal(annotation_of(cut, "libvcluster.dev/adopting"), "true");
    fake_host_heal(host);
    vcluster_plan_free(adopt("libvcluster"));
    VCL_AUTO_JSON *whole = fake_host_get(host, RECORD);
    VCL_AUTO_JSON *workload = fake_host_get(host, WORKLOAD);
    assert_null(annotation_of(whole, "libvcluster.dev/adopting"));
    assert_string_equal(annotation_of(workload, "meta.helm.sh/release-name"), "dev");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(manifests_get_a_record_and_an_ensure_finds_nothing_to_do),
        TEST(a_dry_run_tells_all_and_changes_nothing),
        TEST(what_differs_is_refused_and_aligned_if_asked),
        TEST(a_release_of_helm_is_marked_and_nothing_else),
        TEST(the_cli_is_told_by_the_namespace_that_it_made),
        TEST(argo_cd_keeps_what_it_makes_unless_it_stands_still),
        TEST(flux_must_be_suspended),
        TEST(cluster_api_must_be_paused_and_a_hidden_one_is_not_overlooked),
        TEST(what_is_not_there_or_paused_is_refused),
        TEST(one_that_is_paused_meanwhile_is_left_as_it_was),
        TEST(a_call_that_was_cut_short_is_completed_by_the_same_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
