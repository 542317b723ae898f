/* SPDX-License-Identifier: Apache-2.0 */
/* Who uses what of a quota: the control plane, and the copies of what is inside. */
#include "vcluster/tenant/usage.h"

#include <string.h>

#include "cmocka_support.h"

static cJSON *json(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

#define POD(name, annotations, cpu)                                                                \
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"" name                       \
    "\",\"annotations\":{" annotations "}},\"spec\":{\"containers\":[{\"name\":\"c\","             \
    "\"resources\":{\"requests\":{\"cpu\":\"" cpu "\"}}}]}}"
#define COPIED(name)                                                                               \
    "\"vcluster.loft.sh/object-name\":\"" name                                                     \
    "\",\"vcluster.loft.sh/object-namespace\":\"default\""

static const char objects_text[] = "[" POD("dev-0", "", "200m") "," POD(
    "web-x-default-x-dev",
    COPIED("web"),
    "500m") ","
            "{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":\"vc-dev\"}}]";

static vcluster_usage *usage_of(const char *quota)
{
    VCL_AUTO_JSON *quotas = json(quota);
    VCL_AUTO_JSON *objects = json(objects_text);
    VCL_AUTO_ERROR *error = NULL;
    vcluster_usage *usage = NULL;

    assert_ok(vcl_usage_of(quotas, objects, &usage, &error), error);
    return usage;
}

static void assert_entry(const vcluster_usage *usage,
                         size_t index,
                         const char *resource,
                         const char *own,
                         const char *left)
{
    const vcluster_usage_entry *entry = vcluster_usage_at(usage, index);

    assert_non_null(entry);
    assert_string_equal(vcluster_usage_entry_quota(entry), "q");
    assert_string_equal(vcluster_usage_entry_resource(entry), resource);
    assert_string_equal(vcluster_usage_entry_control_plane(entry), own);
    assert_string_equal(vcluster_usage_entry_left(entry), left);
}

static void what_is_not_copied_is_the_control_planes(void **state)
{
    VCL_AUTO_PTR(vcluster_usage)
    usage = usage_of(
        "[{\"metadata\":{\"name\":\"q\"},\"spec\":{\"hard\":{\"requests.cpu\":\"2\",\"pods\":\"2\","
        "\"secrets\":\"1\",\"count/configmaps\":\"1\"}},\"status\":{\"used\":{\"requests.cpu\":"
        "\"700m\",\"pods\":\"2\",\"secrets\":\"3\"}}}]");
    (void)state;

    assert_int_equal(vcluster_usage_size(usage), 4);
    assert_entry(usage, 0, "requests.cpu", "200m", "1300m");
    assert_entry(usage, 1, "pods", "1", "0");
    assert_entry(usage, 2, "secrets", "1", "0");
    assert_entry(usage, 3, "count/configmaps", "0", "1");
    assert_string_equal(vcluster_usage_entry_used(vcluster_usage_at(usage, 0)), "700m");
    assert_string_equal(vcluster_usage_entry_hard(vcluster_usage_at(usage, 0)), "2");
    assert_null(vcluster_usage_at(usage, 4));
}

static void a_scope_covers_what_it_covers(void **state)
{
    VCL_AUTO_PTR(vcluster_usage)
    usage =
        usage_of("[{\"metadata\":{\"name\":\"q\"},\"spec\":{\"scopes\":[\"BestEffort\"],\"hard\":{"
                 "\"pods\":\"2\"}}}]");
    (void)state;

    assert_entry(usage, 0, "pods", "0", "2");
}

static void copied_objects_are_told_by_their_names_inside(void **state)
{
    VCL_AUTO_PTR(vcluster_usage) usage = usage_of("[]");
    VCL_AUTO_ERROR *error = NULL;
    char *text = NULL;
    (void)state;

    assert_ok(vcluster_usage_to_json(usage, &text, &error), error);
    assert_string_equal(text, "{\"resources\":[],\"objects\":[{\"kind\":\"Pod\",\"namespace\":"
                              "\"default\",\"name\":\"web\",\"hostName\":\"web-x-default-x-dev\","
                              "\"uses\":{\"count/pods\":\"1\",\"pods\":\"1\",\"cpu\":\"500m\","
                              "\"requests.cpu\":\"500m\"}}]}");
    vcluster_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_copied_is_the_control_planes),
        cmocka_unit_test(a_scope_covers_what_it_covers),
        cmocka_unit_test(copied_objects_are_told_by_their_names_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
