/* SPDX-License-Identifier: Apache-2.0 */
/* Audits against a host in memory: what is found, what never is, what is removed. */
#include "cm.h"

#include <libvcluster/vcluster.h>
#include <stdio.h>
#include <string.h>

#include "fake_host.h"
#include "small_chart.h"

static fake_host *host;
static vcluster_client *client;
static vcluster_chart *chart;
static vcluster_audit_options options;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    chart = small_chart_new("vcluster-embedded");
    options = (vcluster_audit_options)VCLUSTER_AUDIT_OPTIONS_INIT;
    options.grace_s = -1;
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

static void make(const char *name)
{
    vcluster_ensure_options how = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    how.chart = chart;
    how.no_wait = 1;
    assert_works(vcluster_instance_ensure(client, name, NULL, &how, NULL, &error), &error);
}

/* An object in a namespace, or cluster-scoped ("" there), with labels and annotations in flow
 * style. */
static void put(const char *api_version,
                const char *kind,
                const char *space,
                const char *name,
                const char *labels,
                const char *annotations)
{
    char yaml[1024];

    (void)snprintf(yaml, sizeof(yaml),
                   "{apiVersion: %s, kind: %s, metadata: {name: %s, %s%s%s labels: {%s}, "
                   "annotations: {%s}}}",
                   api_version, kind, name, *space ? "namespace: " : "", space, *space ? "," : "",
                   labels, annotations);
    fake_host_put(host, yaml);
}

static void put_claim(const char *space, const char *name, const char *release)
{
    char labels[128];

    (void)snprintf(labels, sizeof(labels), "app: vcluster, release: %s", release);
    put("v1", "PersistentVolumeClaim", space, name, labels, "");
}

#define RBAC "rbac.authorization.k8s.io/v1"
#define SYNCED "vcluster.loft.sh/object-name: a"
static const char *const claim_path = "/api/v1/namespaces/vcluster-gone/persistentvolumeclaims/"
                                      "data-gone-0";

static vcluster_plan *audit(void)
{
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    assert_works(vcluster_audit(client, &options, &plan, &error), &error);
    assert_string_equal(vcluster_plan_operation(plan), "audit");
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

static void assert_nothing_found(void)
{
    vcluster_plan *plan = audit();
    char *text = NULL;

    assert_int_equal(vcluster_plan_to_text(plan, &text, NULL), 0);
    assert_string_equal(text, "audit: 0 changes, impact none\n");
    vcluster_free(text);
    vcluster_plan_free(plan);
}

static void what_a_living_one_owns_is_never_found(void **state)
{
    (void)state;
    make("dev");
    put_claim("vcluster-dev", "data-dev-0", "dev");
    put_claim("vcluster-dev", "data-dev-2", "dev"); /* of a replica that is no more */
    put("v1", "Secret", "vcluster-dev", "vc-dev", "app: vcluster, vcluster-name: dev", "");
    put("v1", "Secret", "elsewhere", "copy", "app: vcluster, vcluster-name: dev", "");
    put("v1", "Pod", "vcluster-dev", "a-x-default-x-dev", "vcluster.loft.sh/managed-by: dev",
        SYNCED);
    put("v1", "PersistentVolume", "", "vcluster-a-x-vcluster-dev-x-dev",
        "vcluster.loft.sh/managed-by: vcluster-dev-x-dev", SYNCED);
    put("v1", "Namespace", "", "imported", "vcluster.loft.sh/managed-by: vcluster-dev-x-dev", "");
    put("v1", "ConfigMap", "imported", "of-it", "vcluster.loft.sh/managed-by: dev", SYNCED);
    put(RBAC, "ClusterRole", "", "vc-dev-v-vcluster-dev", "app: vcluster, release: dev",
        "meta.helm.sh/release-namespace: vcluster-dev");
    put(RBAC, "ClusterRole", "", "without-namespace", "app: vcluster, release: dev", "");
    assert_nothing_found();
}

static void what_is_not_of_virtual_clusters_is_never_found(void **state)
{
    (void)state;
    put("v1", "Namespace", "", "plain", "team: a", "");
    put("v1", "Secret", "plain", "sh.helm.release.v1.web.v1",
        "owner: helm, name: web, status: deployed", "");
    put("v1", "Service", "plain", "web", "app: web, release: web", "");
    put("v1", "ConfigMap", "plain", "inherited", "vcluster.loft.sh/managed-by: gone", "");
    assert_nothing_found();
}

static void leave_a_mess(void)
{
    put("v1", "Namespace", "", "vcluster-gone", "libvcluster.dev/instance: gone", "");
    put_claim("vcluster-gone", "data-gone-0", "gone");
    put("v1", "Service", "vcluster-gone", "gone", "app: vcluster, release: gone", "");
    put("v1", "Secret", "vcluster-gone", "gone-certs", "app: vcluster, vcluster-name: gone", "");
    put("v1", "Secret", "elsewhere", "copy", "app: vcluster, vcluster-name: gone", "");
    put("v1", "ConfigMap", "vcluster-gone", "a-x-default-x-gone",
        "vcluster.loft.sh/managed-by: gone", SYNCED);
    put("scheduling.k8s.io/v1", "PriorityClass", "", "high",
        "vcluster.loft.sh/managed-by: vcluster-gone-x-gone", SYNCED);
    put(RBAC, "ClusterRole", "", "vc-gone-v-vcluster-gone", "app: vcluster, release: gone",
        "meta.helm.sh/release-namespace: vcluster-gone");
    put("v1", "Secret", "vcluster-gone", "sh.helm.release.v1.gone.v1",
        "owner: helm, name: gone, status: deployed, libvcluster.dev/instance: gone", "");
}

static void each_leftover_is_told_with_its_reason(void **state)
{
    (void)state;
    make("dev");
    leave_a_mess();
    vcluster_plan *plan = audit();
    assert_int_equal(vcluster_plan_size(plan), 9);
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_DATALOSS);
    for (size_t i = 0; i < 9; i++) {
        assert_int_equal(vcluster_change_action(vcluster_plan_at(plan, i)), VCLUSTER_ACTION_LEAK);
        assert_non_null(strstr(vcluster_change_reason(vcluster_plan_at(plan, i)), "gone"));
    }
    const vcluster_change *claim = told(plan, "PersistentVolumeClaim", "data-gone-0");
    assert_int_equal(vcluster_change_impact(claim), VCLUSTER_IMPACT_DATALOSS);
    assert_string_equal(vcluster_change_namespace(claim), "vcluster-gone");
    const vcluster_change *record = told(plan, "Secret", "sh.helm.release.v1.gone.v1");
    assert_non_null(strstr(vcluster_change_reason(record), "a release without a workload"));
    assert_non_null(told(plan, "Secret", "copy"));
    assert_non_null(told(plan, "PriorityClass", "high"));
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

static void young_things_are_left_alone(void **state)
{
    (void)state;
    leave_a_mess();
    options.grace_s = 10000000000; /* some centuries */
    assert_nothing_found();
}

static void one_namespace_is_looked_at_alone(void **state)
{
    (void)state;
    leave_a_mess();
    options.namespace_name = "vcluster-gone";
    vcluster_plan *plan = audit();
    assert_non_null(told(plan, "Namespace", "vcluster-gone"));
    assert_non_null(told(plan, "ConfigMap", "a-x-default-x-gone"));
    assert_null(told(plan, "PriorityClass", "high"));
    assert_null(told(plan, "Secret", "copy"));
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_requests(host, NULL, "priorityclasses"), 0);
}

static void a_removal_keeps_volumes_and_their_namespace_unless_asked(void **state)
{
    (void)state;
    make("dev");
    leave_a_mess();
    options.remove = 1;
    vcluster_plan *plan = audit();
    assert_int_equal(vcluster_change_action(told(plan, "Service", "gone")), VCLUSTER_ACTION_REMOVE);
    const vcluster_change *space = told(plan, "Namespace", "vcluster-gone");
    assert_int_equal(vcluster_change_impact(space), VCLUSTER_IMPACT_REFUSED);
    assert_non_null(strstr(vcluster_change_reason(space), "there are volumes in it"));
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_count(host, claim_path), 1);
    assert_int_equal(fake_host_count(host, "/secrets/copy"), 0);
    assert_int_equal(fake_host_count(host, "/priorityclasses/"), 0);

    options.volumes_too = 1;
    plan = audit();
    assert_int_equal(vcluster_plan_size(plan), 2);
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_count(host, "gone"), 0);
    assert_int_equal(fake_host_count(host, "/statefulsets/dev"), 1);
    assert_nothing_found();
}

static void a_list_that_fails_removes_nothing(void **state)
{
    static const char *const lists[] = { "/statefulsets", "/deployments", "/secrets", "/pods",
                                         "/priorityclasses" };
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    (void)state;
    leave_a_mess();
    options.remove = 1;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        fake_host_fail(host, "GET", lists[i], 403);
        assert_fails(vcluster_audit(client, &options, &plan, &error), VCLUSTER_E_PERMISSION, &error,
                     "audit the host");
        fake_host_heal(host);
    }
    assert_null(plan);
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

/* Somebody makes one of that name between the look and the removal. */
static void make_it_anew(fake_host *where, void *data)
{
    (void)where;
    (void)data;
    put("v1", "Secret", "vcluster-gone", "sh.helm.release.v1.gone.v2",
        "owner: helm, name: gone, status: pending-install, libvcluster.dev/instance: gone", "");
}

static void what_comes_to_life_meanwhile_stays(void **state)
{
    (void)state;
    put("v1", "Namespace", "", "vcluster-gone", "libvcluster.dev/instance: gone", "");
    put_claim("vcluster-gone", "data-gone-0", "gone");
    fake_host_before(host, "GET", "name%3Dgone", make_it_anew, NULL);
    options.remove = 1;
    options.volumes_too = 1;
    vcluster_plan *plan = audit();
    const vcluster_change *claim = told(plan, "PersistentVolumeClaim", "data-gone-0");
    assert_int_equal(vcluster_change_action(claim), VCLUSTER_ACTION_LEAK);
    assert_int_equal(vcluster_change_impact(claim), VCLUSTER_IMPACT_REFUSED);
    assert_non_null(strstr(vcluster_change_reason(claim), "is being made in its place"));
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_requests(host, "DELETE", ""), 0);
}

static void what_a_repository_makes_is_refused(void **state)
{
    (void)state;
    put("v1", "Service", "apps", "gone", "app: vcluster, release: gone",
        "argocd.argoproj.io/tracking-id: x");
    options.remove = 1;
    vcluster_plan *plan = audit();
    const vcluster_change *service = told(plan, "Service", "gone");
    assert_int_equal(vcluster_change_impact(service), VCLUSTER_IMPACT_REFUSED);
    assert_non_null(strstr(vcluster_change_reason(service), "Argo CD would make it again"));
    vcluster_plan_free(plan);
    assert_int_equal(fake_host_count(host, "/services/gone"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_a_living_one_owns_is_never_found, begin, end),
        cmocka_unit_test_setup_teardown(what_is_not_of_virtual_clusters_is_never_found, begin, end),
        cmocka_unit_test_setup_teardown(each_leftover_is_told_with_its_reason, begin, end),
        cmocka_unit_test_setup_teardown(young_things_are_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(one_namespace_is_looked_at_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_removal_keeps_volumes_and_their_namespace_unless_asked,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_list_that_fails_removes_nothing, begin, end),
        cmocka_unit_test_setup_teardown(what_comes_to_life_meanwhile_stays, begin, end),
        cmocka_unit_test_setup_teardown(what_a_repository_makes_is_refused, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
