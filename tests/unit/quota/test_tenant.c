/* SPDX-License-Identifier: Apache-2.0 */
/* Tenants: what a team asks for, by the keys of a quota; and what is refused. */
#include "quota/tenant.h"

#include <string.h>

#include "cmocka_support.h"
#include "quota/share.h"

static void assert_amount(const vcl_resources *list, const char *key, const char *wanted)
{
    const vcl_quantity *amount = vcl_resources_get(list, key);
    char text[VCL_QUANTITY_TEXT] = "";

    if (amount)
        vcl_quantity_print(amount, text);
    assert_string_equal(text, wanted);
}

static void what_a_team_may_request_is_half_of_its_limits(void **state)
{
    VCL_AUTO_TENANT tenant = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_ok(vcl_tenant_parse("kind: TeamCluster\nmetadata: {name: team-a}\nspec: {team: a,"
                               " kubernetesVersion: '1.35', resourceQuota: {cpu: 8, memory: 16Gi,"
                               " limits.cpu: 9, storage: 5Gi, pods: 50}}",
                               &tenant, &error),
              error);
    assert_string_equal(tenant.name, "team-a");
    assert_string_equal(tenant.kubernetes_version, "1.35");
    assert_false(tenant.shared_network);
    assert_amount(&tenant.hard, "requests.cpu", "8");
    assert_amount(&tenant.hard, "limits.cpu", "9");
    assert_amount(&tenant.hard, "requests.memory", "16Gi");
    assert_amount(&tenant.hard, "limits.memory", "32Gi");
    assert_amount(&tenant.hard, "requests.storage", "5Gi");
    assert_amount(&tenant.hard, "pods", "50");
    assert_int_equal(tenant.hard.size, 6);
}

static void a_preset_stands_for_a_quota_that_can_be_changed(void **state)
{
    VCL_AUTO_TENANT tenant = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_ok(vcl_tenant_parse("kind: TeamCluster\nspec: {team: a, preset: small, resourceQuota: {"
                               "cpu: 3}, networkIsolation: false}",
                               &tenant, &error),
              error);
    assert_string_equal(tenant.name, "a");
    assert_true(tenant.shared_network);
    assert_amount(&tenant.hard, "requests.cpu", "3");
    assert_amount(&tenant.hard, "limits.cpu", "6");
    assert_amount(&tenant.hard, "requests.memory", "4Gi");
}

/* One thing that is wrong, and where. */
static void assert_refused(const char *text, const char *path, const char *message)
{
    VCL_AUTO_TENANT tenant = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_int_equal(vcl_tenant_parse(text, &tenant, &error), VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 1);
    const vcluster_finding *finding = vcluster_error_finding_at(error, 0);
    assert_string_equal(vcluster_finding_path(finding), path);
    if (!strstr(vcluster_finding_message(finding), message))
        assert_string_equal(vcluster_finding_message(finding), message);
    assert_null(tenant.name);
}

#define SPEC(rest) "kind: TeamCluster\nspec: {team: a, " rest "}"
#define QUOTA(rest) SPEC("resourceQuota: {" rest "}")

static void a_list_is_no_tenant(void **state)
{
    VCL_AUTO_TENANT tenant = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcl_tenant_parse("[a, b]", &tenant, &error), VCLUSTER_E_CONFIG);
    assert_string_equal(vcluster_finding_path(vcluster_error_finding_at(error, 0)), "kind");
}

static void what_no_team_can_mean_is_refused(void **state)
{
    (void)state;
    assert_refused(QUOTA("cpu: -1"), "spec.resourceQuota.cpu", "negative");
    assert_refused(QUOTA("cpu: 2000000"), "spec.resourceQuota.cpu", "so many CPUs");
    assert_refused(QUOTA("memory: 16"), "spec.resourceQuota.memory", "suffix");
    assert_refused(QUOTA("memory: 2Ei"), "spec.resourceQuota.memory", "so many bytes");
    assert_refused(QUOTA("memory: lots"), "spec.resourceQuota.memory", "lots");
    assert_refused(QUOTA("pods: '1.5'"), "spec.resourceQuota.pods", "fraction");
    assert_refused(QUOTA("count/pods: 99M"), "spec.resourceQuota.count/pods", "so many objects");
    assert_refused(QUOTA("memry: 1Gi"), "spec.resourceQuota.memry", "no such resource");
    assert_refused(SPEC("preset: huge"), "spec.preset", "small");
    assert_refused(SPEC("resourceQuota: [a]"), "spec.resourceQuota", "no map");
    assert_refused(SPEC("kubernetesVersion: 1.30, preset: small"), "spec.kubernetesVersion",
                   "no text");
    assert_refused(SPEC("networkIsolation: 1, preset: small"), "spec.networkIsolation", "neither");
    assert_refused(SPEC("tem: 1, preset: small"), "spec.tem", "no such key");
    assert_refused("kind: TeamCluster\nspec: {team: a}", "spec.resourceQuota", "needs a quota");
    assert_refused("kind: TeamCluster\nspec: {team: A_b, preset: small}", "metadata.name", "name");
    assert_refused("kind: Team\nspec: {team: a, preset: small}", "kind", "TeamCluster");
    assert_refused("kind: TeamCluster", "spec", "missing");
}

static void upstreams_share_follows_the_values(void **state)
{
    static const char text[] =
        "{\"controlPlane\":{\"coredns\":{\"enabled\":false},\"backingStore\":{\"etcd\":{"
        "\"deploy\":{\"enabled\":true}}},\"statefulSet\":{\"resources\":{\"requests\":{\"cpu\":"
        "\"1\"}},\"highAvailability\":{\"replicas\":3}}}}";
    VCL_AUTO_JSON *values = NULL;
    VCL_AUTO_JSON *objects = NULL;
    VCL_AUTO_RESOURCES share = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_ok(vcl_json_parse(text, strlen(text), &values, &error), error);
    assert_ok(vcl_share_upstream_objects(values, &objects, &error), error);
    assert_ok(vcl_share_of_objects(objects, &share, &error), error);
    assert_amount(&share, "requests.cpu", "3020m");
    assert_amount(&share, "pods", "4");
    assert_amount(&share, "requests.storage", "20Gi");
    assert_amount(&share, "limits.cpu", "4"); /* the limit range gives each container one */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_team_may_request_is_half_of_its_limits),
        cmocka_unit_test(a_preset_stands_for_a_quota_that_can_be_changed),
        cmocka_unit_test(what_no_team_can_mean_is_refused),
        cmocka_unit_test(a_list_is_no_tenant),
        cmocka_unit_test(upstreams_share_follows_the_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
