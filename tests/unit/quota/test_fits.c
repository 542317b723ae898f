/* SPDX-License-Identifier: Apache-2.0 */
/* Whether objects are admitted: limit ranges, quotas, scopes, workloads, one after the other. */
#include "quota/fits.h"

#include <string.h>

#include "cmocka_support.h"
#include "quota/manifests.h"
#include "sync/rules.h"

static cJSON *json(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

static void
assert_fits(const char *quotas, const char *limit_ranges, const char *manifests, const char *wanted)
{
    VCL_AUTO_JSON *a = json(quotas);
    VCL_AUTO_JSON *b = json(limit_ranges);
    VCL_AUTO_JSON *c = json(manifests);
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_ERROR *error = NULL;
    const vcl_fits_request request = {
        .quotas = a, .limit_ranges = b, .manifests = c, .expand = { .nodes = 2 }
    };
    char *text = NULL;

    assert_ok(vcl_fits(&request, report, &error), error);
    assert_ok(vcluster_report_to_text(report, &text, &error), error);
    if (*wanted == '\0')
        assert_string_equal(text, "");
    else if (!strstr(text, wanted))
        assert_string_equal(text, wanted);
    vcluster_free(text);
}

#define QUOTA(hard) "[{\"metadata\":{\"name\":\"q\"},\"spec\":{\"hard\":{" hard "}}}]"
#define POD(name, resources)                                                                       \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name                       \
    "\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"resources\":{" resources "}}]}}"
#define CPU(amount) "\"requests\":{\"cpu\":\"" amount "\"}"

static void pods_are_admitted_until_the_quota_is_used_up(void **state)
{
    (void)state;
    assert_fits(QUOTA("\"requests.cpu\":\"1\""), "[]",
                "[" POD("a", CPU("600m")) "," POD("b", CPU("400m")) "]", "");
    assert_fits(QUOTA("\"requests.cpu\":\"1\""), "[]",
                "[" POD("a", CPU("600m")) "," POD("b", CPU("401m")) "," POD("c", CPU("400m")) "]",
                "error: Pod/b: quota 'q' is exceeded: requests.cpu: 401m wanted, 600m of 1 used "
                "[quota-exceeded]");
}

static void what_is_used_already_counts(void **state)
{
    (void)state;
    assert_fits("[{\"metadata\":{\"name\":\"q\"},\"spec\":{\"hard\":{\"pods\":2}},\"status\":{"
                "\"hard\":{\"pods\":\"2\"},\"used\":{\"pods\":\"2\"}}}]",
                "[]", "[" POD("a", "") "]", "pods: 1 wanted, 2 of 2 used");
}

static void a_quota_on_compute_refuses_pods_that_do_not_say(void **state)
{
    (void)state;
    assert_fits(QUOTA("\"limits.memory\":\"1Gi\""), "[]", "[" POD("a", CPU("1")) "]",
                "quota 'q' wants containers to specify limits.memory for: c [quota-unspecified]");
}

static void a_limit_range_says_for_them(void **state)
{
    static const char range[] = "[{\"spec\":{\"limits\":[{\"type\":\"Container\",\"default\":{"
                                "\"memory\":\"512Mi\"}}]}}]";
    (void)state;

    assert_fits(QUOTA("\"limits.memory\":\"1Gi\""), range,
                "[" POD("a", CPU("1")) "," POD("b", "") "]", "");
    assert_fits(QUOTA("\"limits.memory\":\"1Gi\""), range,
                "[" POD("a", "") "," POD("b", "") "," POD("c", "") "]",
                "Pod/c: quota 'q' is exceeded: limits.memory: 512Mi wanted, 1Gi of 1Gi used");
}

static void a_limit_range_refuses_what_is_out_of_its_bounds(void **state)
{
    static const char range[] =
        "[{\"spec\":{\"limits\":[{\"type\":\"Container\",\"min\":{\"cpu\":\"200m\"},\"max\":{"
        "\"cpu\":\"2\"},\"maxLimitRequestRatio\":{\"cpu\":\"2\"}},{\"type\":"
        "\"PersistentVolumeClaim\",\"max\":{\"storage\":\"1Gi\"}}]}}]";
    (void)state;

    assert_fits("[]", range, "[" POD("a", CPU("100m")) "]",
                "minimum cpu per Container is 200m, but its request is 100m");
    assert_fits("[]", range, "[" POD("a", "\"requests\":{\"cpu\":1},\"limits\":{\"cpu\":3}") "]",
                "maximum cpu per Container is 2, but its limit is 3");
    assert_fits("[]", range,
                "[" POD("a", "\"requests\":{\"cpu\":\"500m\"},\"limits\":{\"cpu\":2}") "]",
                "limit to request ratio of cpu per Container is 2");
    assert_fits("[]", range, "[" POD("a", "\"limits\":{\"cpu\":2}") "]", "");
    assert_fits("[]", range,
                "[{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"metadata\":{\"name\":"
                "\"d\"},\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}}]",
                "maximum storage per PersistentVolumeClaim is 1Gi, but its request is 2Gi");
}

static void workloads_count_by_their_pods_and_claims(void **state)
{
    static const char deployment[] =
        "[{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"},"
        "\"spec\":{\"replicas\":3,\"template\":{\"spec\":{\"containers\":[{\"resources\":{"
        "\"requests\":{\"cpu\":\"500m\"}}}]}}}}]";
    static const char set[] =
        "[{\"apiVersion\":\"apps/v1\",\"kind\":\"StatefulSet\",\"metadata\":{\"name\":\"db\"},"
        "\"spec\":{\"replicas\":2,\"template\":{\"spec\":{}},\"volumeClaimTemplates\":[{\"spec\":{"
        "\"resources\":{\"requests\":{\"storage\":\"1Gi\"}}}}]}}]";
    (void)state;

    assert_fits(QUOTA("\"cpu\":\"1500m\",\"pods\":3,\"count/replicasets.apps\":1"), "[]",
                deployment, "");
    assert_fits(QUOTA("\"cpu\":\"1\""), "[]", deployment,
                "Pod of Deployment/web: quota 'q' is exceeded: cpu: 1500m wanted");
    assert_fits(QUOTA("\"requests.storage\":\"1Gi\""), "[]", set,
                "PersistentVolumeClaim of StatefulSet/db: quota 'q' is exceeded: "
                "requests.storage: 2Gi wanted");
    assert_fits(QUOTA("\"pods\":1"), "[]",
                "[{\"apiVersion\":\"apps/v1\",\"kind\":\"DaemonSet\",\"spec\":{\"template\":{"
                "\"spec\":{}}}}]",
                "pods: 2 wanted");
}

static void a_quota_with_scopes_covers_those_pods_alone(void **state)
{
    static const char quota[] = "[{\"metadata\":{\"name\":\"q\"},\"spec\":{\"scopes\":["
                                "\"BestEffort\"],\"hard\":{\"pods\":0}}}]";
    static const char priority[] =
        "[{\"metadata\":{\"name\":\"q\"},\"spec\":{\"scopeSelector\":{\"matchExpressions\":[{"
        "\"scopeName\":\"PriorityClass\",\"operator\":\"In\",\"values\":[\"high\"]}]},\"hard\":{"
        "\"pods\":0}}}]";
    (void)state;

    assert_fits(quota, "[]", "[" POD("a", CPU("1")) "]", "");
    assert_fits(quota, "[]", "[" POD("a", "") "]", "Pod/a: quota 'q' is exceeded");
    assert_fits(priority, "[]", "[" POD("a", "") "]", "");
    assert_fits(priority, "[]",
                "[{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"},\"spec\":{"
                "\"priorityClassName\":\"high\"}}]",
                "Pod/a: quota 'q' is exceeded");
}

static void a_manifest_that_cannot_be_read_is_named(void **state)
{
    VCL_AUTO_JSON *manifests = json("[" POD("a", CPU("many")) "]");
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_ERROR *error = NULL;
    const vcl_fits_request request = { .manifests = manifests };
    (void)state;

    assert_int_equal(vcl_fits(&request, report, &error), VCLUSTER_E_INVALID_ARGUMENT);
    assert_non_null(strstr(vcluster_error_to_string(error), "Pod/a"));
}

static void limit_ranges_with_different_defaults_leave_it_to_chance(void **state)
{
    static const char ranges[] =
        "[{\"spec\":{\"limits\":[{\"type\":\"Container\",\"default\":{\"cpu\":\"1\"}}]}},"
        "{\"spec\":{\"limits\":[{\"type\":\"PersistentVolumeClaim\"}]}},"
        "{\"spec\":{\"limits\":[{\"type\":\"Container\",\"default\":{\"cpu\":\"2\"}}]}}]";
    (void)state;

    assert_fits("[]", ranges, "[" POD("a", "") "]", "warning: Pod/a: limit ranges give different");
    assert_fits("[]", ranges, "[" POD("a", "\"limits\":{\"cpu\":\"1\"}") "]", "");
}

/* What of some manifests reaches the host of a virtual cluster with these values. */
static void assert_reaches(const char *values, const char *manifests, const char *wanted)
{
    VCL_AUTO_JSON *quotas = json(QUOTA("\"count/configmaps\":0,\"count/secrets\":0,\"pods\":0,"
                                       "\"count/deployments.apps\":0,\"count/ingresses."
                                       "networking.k8s.io\":0,\"persistentvolumeclaims\":0"));
    VCL_AUTO_JSON *tree = json(values);
    VCL_AUTO_SYNC_RULES *rules = NULL;
    VCL_AUTO_JSON *objects = NULL;
    VCL_AUTO_REPORT *report = vcl_report_new();
    VCL_AUTO_ERROR *error = NULL;
    char paths[256] = "";

    assert_ok(vcl_sync_rules_read(NULL, tree, &rules, &error), error);
    assert_ok(vcl_manifests_parse(manifests, &objects, &error), error);
    const vcl_fits_request request = { .quotas = quotas,
                                       .manifests = objects,
                                       .expand = { rules, 1 } };
    assert_ok(vcl_fits(&request, report, &error), error);
    for (size_t i = 0; i < vcluster_report_size(report); i++) {
        strncat(paths, vcluster_finding_path(vcluster_report_at(report, i)),
                sizeof(paths) - strlen(paths) - 1);
        strncat(paths, " ", sizeof(paths) - strlen(paths) - 1);
    }
    assert_string_equal(paths, wanted);
}

static void only_what_a_virtual_cluster_copies_counts(void **state)
{
    static const char manifests[] =
        "apiVersion: v1\nkind: List\nitems:\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: used}}\n"
        "- {apiVersion: v1, kind: ConfigMap, metadata: {name: elsewhere, namespace: other}}\n"
        "- {apiVersion: v1, kind: Secret, metadata: {name: pull}}\n"
        "- {apiVersion: v1, kind: Secret, metadata: {name: unused}}\n"
        "---\n"
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec: {template: {spec: {imagePullSecrets: [{name: pull}], containers: [{name: c,\n"
        "  env: [{name: A, valueFrom: {configMapKeyRef: {name: used, key: a}}},\n"
        "        {name: B, valueFrom: {configMapKeyRef: {name: elsewhere, key: b}}}]}]}}}\n"
        "---\n"
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
        "---\n"
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n";
    (void)state;

    assert_reaches("{}", manifests,
                   "ConfigMap/used Secret/pull Pod of Deployment/web PersistentVolumeClaim/data ");
    assert_reaches("{\"sync\":{\"toHost\":{\"secrets\":{\"all\":true},\"configMaps\":{"
                   "\"enabled\":false},\"ingresses\":{\"enabled\":true},"
                   "\"persistentVolumeClaims\":{\"enabled\":false}}}}",
                   manifests, "Secret/pull Secret/unused Pod of Deployment/web Ingress/web ");
}

static void a_document_that_is_no_object_is_refused(void **state)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *objects = NULL;
    (void)state;

    assert_int_equal(vcl_manifests_parse("a: 1\n", &objects, &error), VCLUSTER_E_CONFIG);
    assert_null(objects);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pods_are_admitted_until_the_quota_is_used_up),
        cmocka_unit_test(what_is_used_already_counts),
        cmocka_unit_test(a_quota_on_compute_refuses_pods_that_do_not_say),
        cmocka_unit_test(a_limit_range_says_for_them),
        cmocka_unit_test(a_limit_range_refuses_what_is_out_of_its_bounds),
        cmocka_unit_test(workloads_count_by_their_pods_and_claims),
        cmocka_unit_test(a_quota_with_scopes_covers_those_pods_alone),
        cmocka_unit_test(a_manifest_that_cannot_be_read_is_named),
        cmocka_unit_test(limit_ranges_with_different_defaults_leave_it_to_chance),
        cmocka_unit_test(only_what_a_virtual_cluster_copies_counts),
        cmocka_unit_test(a_document_that_is_no_object_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
