/* SPDX-License-Identifier: Apache-2.0 */
/* What objects use of a quota. */
#include "quota/usage.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "cmocka_support.h"

static cJSON *json(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

/* The usage of one object as JSON, in the order in which it is counted. */
static void assert_uses(const char *object, const char *wanted)
{
    VCL_AUTO_JSON *tree = json(object);
    VCL_AUTO_RESOURCES usage = { 0 };
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_usage_add(&usage, tree, &error), error);
    VCL_AUTO_JSON *result = vcl_resources_to_json(&usage);
    vcl_auto_free char *text = vcl_json_print(result);
    assert_string_equal(text, wanted);
}

#define POD(spec) "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{" spec "}}"

static void a_pod_uses_requests_and_limits_of_all_containers(void **state)
{
    (void)state;
    assert_uses(POD("\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"100m\"},\"limits\":"
                    "{\"cpu\":1,\"memory\":\"64Mi\"}}},{\"resources\":{\"requests\":"
                    "{\"cpu\":\"150m\"}}}]"),
                "{\"count/pods\":\"1\",\"pods\":\"1\",\"cpu\":\"250m\",\"requests.cpu\":\"250m\","
                "\"memory\":\"64Mi\",\"requests.memory\":\"64Mi\",\"limits.cpu\":\"1\","
                "\"limits.memory\":\"64Mi\"}");
}

static void init_containers_count_by_their_peak(void **state)
{
    (void)state;
    assert_uses(POD("\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}],"
                    "\"initContainers\":[{\"resources\":{\"requests\":{\"cpu\":\"3\"}}},"
                    "{\"restartPolicy\":\"Always\",\"resources\":{\"requests\":{\"cpu\":\"500m\"}}"
                    "},{\"resources\":{\"requests\":{\"cpu\":\"4\"}}}]"),
                "{\"count/pods\":\"1\",\"pods\":\"1\",\"cpu\":\"4500m\","
                "\"requests.cpu\":\"4500m\"}");
}

static void sidecars_run_beside_the_containers(void **state)
{
    (void)state;
    assert_uses(POD("\"containers\":[{\"resources\":{\"requests\":{\"cpu\":\"1\"}}}],"
                    "\"initContainers\":[{\"restartPolicy\":\"Always\",\"resources\":"
                    "{\"requests\":{\"cpu\":\"500m\"}}}],\"overhead\":{\"cpu\":\"250m\"}"),
                "{\"count/pods\":\"1\",\"pods\":\"1\",\"cpu\":\"1750m\","
                "\"requests.cpu\":\"1750m\"}");
}

static void resources_of_the_pod_as_a_whole_win(void **state)
{
    (void)state;
    assert_uses(POD("\"resources\":{\"requests\":{\"cpu\":\"2\"}},\"containers\":[{\"resources\":"
                    "{\"requests\":{\"cpu\":\"1\"}}}]"),
                "{\"count/pods\":\"1\",\"pods\":\"1\",\"cpu\":\"2\",\"requests.cpu\":\"2\"}");
}

static void devices_and_huge_pages_count_as_requests(void **state)
{
    (void)state;
    assert_uses(POD("\"containers\":[{\"resources\":{\"limits\":{\"example.com/gpu\":2,"
                    "\"hugepages-2Mi\":\"4Mi\"}}}]"),
                "{\"count/pods\":\"1\",\"pods\":\"1\",\"requests.example.com/gpu\":\"2\","
                "\"hugepages-2Mi\":\"4Mi\",\"requests.hugepages-2Mi\":\"4Mi\"}");
}

static void a_pod_that_is_over_is_an_object_only(void **state)
{
    (void)state;
    assert_uses("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"resources\":"
                "{\"requests\":{\"cpu\":1}}}]},\"status\":{\"phase\":\"Succeeded\"}}",
                "{\"count/pods\":\"1\"}");
}

static void a_claim_counts_by_its_class_too(void **state)
{
    (void)state;
    assert_uses("{\"apiVersion\":\"v1\",\"kind\":\"PersistentVolumeClaim\",\"spec\":{"
                "\"storageClassName\":\"fast\",\"resources\":{\"requests\":{\"storage\":\"1Gi\"}}}"
                "}",
                "{\"count/persistentvolumeclaims\":\"1\",\"persistentvolumeclaims\":\"1\","
                "\"requests.storage\":\"1Gi\",\"fast.storageclass.storage.k8s.io/"
                "requests.storage\":\"1Gi\",\"fast.storageclass.storage.k8s.io/"
                "persistentvolumeclaims\":\"1\"}");
}

static void services_use_ports_and_load_balancers(void **state)
{
    (void)state;
    assert_uses("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"type\":\"LoadBalancer\","
                "\"ports\":[{\"port\":1},{\"port\":2}]}}",
                "{\"count/services\":\"1\",\"services\":\"1\",\"services.nodeports\":\"2\","
                "\"services.loadbalancers\":\"1\"}");
    assert_uses("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"type\":\"LoadBalancer\","
                "\"allocateLoadBalancerNodePorts\":false,\"ports\":[{\"port\":1},{\"port\":2,"
                "\"nodePort\":30000}]}}",
                "{\"count/services\":\"1\",\"services\":\"1\",\"services.nodeports\":\"1\","
                "\"services.loadbalancers\":\"1\"}");
}

static void other_kinds_are_counted_by_their_resource(void **state)
{
    (void)state;
    assert_uses("{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"NetworkPolicy\"}",
                "{\"count/networkpolicies.networking.k8s.io\":\"1\"}");
    assert_uses("{\"apiVersion\":\"networking.k8s.io/v1\",\"kind\":\"Ingress\"}",
                "{\"count/ingresses.networking.k8s.io\":\"1\"}");
    assert_uses("{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\"}",
                "{\"count/deployments.apps\":\"1\"}");
    assert_uses("{\"apiVersion\":\"v1\",\"kind\":\"Endpoints\"}", "{\"count/endpoints\":\"1\"}");
}

static void an_amount_that_is_none_names_container_and_resource(void **state)
{
    VCL_AUTO_JSON *pod = json(POD("\"containers\":[{\"name\":\"web\",\"resources\":{\"limits\":"
                                  "{\"memory\":\"1Gb\"}}}]"));
    VCL_AUTO_RESOURCES usage = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_int_equal(vcl_usage_add(&usage, pod, &error), VCLUSTER_E_INVALID_ARGUMENT);
    assert_non_null(strstr(vcluster_error_to_string(error), "container 'web'"));
    assert_non_null(strstr(vcluster_error_to_string(error), "resource 'memory'"));
}

static void a_quota_on_compute_wants_every_container_to_say(void **state)
{
    VCL_AUTO_JSON *hard = json("{\"limits.cpu\":\"4\",\"requests.memory\":\"4Gi\",\"pods\":3}");
    VCL_AUTO_JSON *spec = json("{\"containers\":[{\"name\":\"web\",\"resources\":{\"limits\":"
                               "{\"memory\":\"1Gi\"}}}],\"initContainers\":[{\"name\":\"init\"}]}");
    VCL_AUTO_RESOURCES limits = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    bool failed = true;
    (void)state;

    assert_ok(vcl_resources_read(&limits, hard, &error), error);
    vcl_auto_free char *missing = vcl_usage_missing(&limits, spec, &failed);
    assert_false(failed);
    assert_string_equal(missing,
                        "limits.cpu for: web; requests.memory for: init; limits.cpu for: init");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pod_uses_requests_and_limits_of_all_containers),
        cmocka_unit_test(init_containers_count_by_their_peak),
        cmocka_unit_test(sidecars_run_beside_the_containers),
        cmocka_unit_test(resources_of_the_pod_as_a_whole_win),
        cmocka_unit_test(devices_and_huge_pages_count_as_requests),
        cmocka_unit_test(a_pod_that_is_over_is_an_object_only),
        cmocka_unit_test(a_claim_counts_by_its_class_too),
        cmocka_unit_test(services_use_ports_and_load_balancers),
        cmocka_unit_test(other_kinds_are_counted_by_their_resource),
        cmocka_unit_test(an_amount_that_is_none_names_container_and_resource),
        cmocka_unit_test(a_quota_on_compute_wants_every_container_to_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
