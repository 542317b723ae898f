/* SPDX-License-Identifier: Apache-2.0 */
/* Two configurations compared: rules, rights; and host objects told by their annotations. */
#include "vcluster/rules/sync_diff.h"

#include <string.h>

#include "base/str.h"
#include "cmocka_support.h"
#include "vcluster/rules/host_objects.h"

static cJSON *json(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

static vcluster_plan *compare(const char *before, const char *after)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *was = json(before);
    VCL_AUTO_JSON *is = json(after);
    vcluster_plan *plan = NULL;
    const vcl_sync_diff_input input = { .before = was, .after = is, .name = "dev" };

    assert_ok(vcl_sync_diff(&input, &plan, &error), error);
    return plan;
}

static const vcluster_change *find(const vcluster_plan *plan, const char *path)
{
    for (size_t i = 0; i < vcluster_plan_size(plan); i++) {
        const vcluster_change *change = vcluster_plan_at(plan, i);
        if (vcl_streq(vcluster_change_path(change), path))
            return change;
    }
    print_error("no change of %s\n", path);
    fail();
    return NULL;
}

static void rules_that_start_stop_or_change_are_told(void **state)
{
    (void)state;
    VCL_AUTO_PTR(vcluster_plan)
    plan = compare("{\"sync\":{\"toHost\":{\"networkPolicies\":{\"enabled\":true}}}}",
                   "{\"sync\":{\"toHost\":{\"ingresses\":{\"enabled\":true}},"
                   "\"fromHost\":{\"nodes\":{\"selector\":{\"all\":true}}}}}");

    assert_int_equal(vcluster_plan_size(plan), 3);
    assert_string_equal(vcluster_plan_operation(plan), "upgrade");
    assert_int_equal(vcluster_plan_impact(plan), VCLUSTER_IMPACT_RESTART);
    const vcluster_change *change = find(plan, "sync.toHost.ingresses.enabled");
    assert_int_equal(vcluster_change_action(change), VCLUSTER_ACTION_ADD);
    assert_string_equal(vcluster_change_before(change), "\"off\"");
    assert_string_equal(vcluster_change_after(change), "\"on\"");
    assert_string_equal(vcluster_change_reason(change),
                        "Ingress objects of the virtual cluster start to appear on the host");
    change = find(plan, "sync.toHost.networkPolicies.enabled");
    assert_int_equal(vcluster_change_action(change), VCLUSTER_ACTION_REMOVE);
    change = find(plan, "sync.fromHost.nodes.selector");
    assert_int_equal(vcluster_change_action(change), VCLUSTER_ACTION_MODIFY);
    assert_string_equal(vcluster_change_before(change), "");
    assert_string_equal(vcluster_change_reason(change), "it has no effect: nothing is copied");
}

static void a_custom_resource_that_goes_is_told(void **state)
{
    (void)state;
    VCL_AUTO_PTR(vcluster_plan)
    plan = compare("{\"sync\":{\"toHost\":{\"customResources\":{\"widgets.example.com\":"
                   "{\"enabled\":true}}}}}",
                   "{}");

    assert_int_equal(vcluster_plan_size(plan), 1);
    assert_int_equal(vcluster_change_action(vcluster_plan_at(plan, 0)), VCLUSTER_ACTION_REMOVE);
}

static void equal_configurations_have_no_changes(void **state)
{
    (void)state;
    VCL_AUTO_PTR(vcluster_plan)
    plan = compare("{}", "{\"sync\":{\"toHost\":{\"pods\":{\"enabled\":true}}}}");

    assert_int_equal(vcluster_plan_size(plan), 0);
    assert_string_equal(vcluster_plan_operation(plan), "none");
}

static void rights_are_compared_however_they_are_distributed(void **state)
{
    (void)state;
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_PTR(vcluster_plan) plan = NULL;
    VCL_AUTO_JSON *before =
        json("[{\"kind\":\"Role\",\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"pods\","
             "\"secrets\"],\"verbs\":[\"get\",\"list\"]}]},{\"kind\":\"Service\"}]");
    VCL_AUTO_JSON *after =
        json("[{\"kind\":\"Role\",\"rules\":[{\"apiGroups\":[\"\"],\"resources\":[\"pods\"],"
             "\"verbs\":[\"list\"]}]},{\"kind\":\"Role\",\"rules\":[{\"apiGroups\":[\"\"],"
             "\"resources\":[\"pods\"],\"verbs\":[\"get\"]}]},{\"kind\":\"ClusterRole\",\"rules\":"
             "[{\"apiGroups\":[\"networking.k8s.io\"],\"resources\":[\"ingressclasses\"],\"verbs\":"
             "[\"get\",\"watch\"]}]}]");

    assert_ok(vcl_plan_new("upgrade", &plan, &error), error);
    assert_ok(vcl_rights_diff(before, after, plan, &error), error);
    assert_int_equal(vcluster_plan_size(plan), 2);
    const vcluster_change *change = vcluster_plan_at(plan, 0);
    assert_string_equal(vcluster_change_kind(change), "Role");
    assert_string_equal(vcluster_change_name(change), "secrets");
    assert_int_equal(vcluster_change_action(change), VCLUSTER_ACTION_REMOVE);
    assert_string_equal(vcluster_change_before(change), "[\"get\",\"list\"]");
    change = vcluster_plan_at(plan, 1);
    assert_string_equal(vcluster_change_name(change), "ingressclasses.networking.k8s.io");
    assert_string_equal(vcluster_change_reason(change),
                        "the control plane gets the right to get, watch "
                        "ingressclasses.networking.k8s.io on the whole host");
}

static void assert_note(const char *annotations, const char *name, const char *wanted)
{
    vcl_auto_free char *text = vcl_format("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{"
                                          "\"name\":\"%s\",\"namespace\":\"host\","
                                          "\"annotations\":{%s}}}",
                                          name, annotations);
    VCL_AUTO_JSON *object = json(text);
    VCL_AUTO_JSON *entry = vcl_host_object_tell(object, "dev", "host");

    assert_non_null(entry);
    assert_non_null(strstr(vcl_json_find_string(entry, "note", NULL), wanted));
    if (!*wanted)
        assert_string_equal(vcl_json_find_string(entry, "note", NULL), "");
}

#define OF(name)                                                                                   \
    "\"vcluster.loft.sh/object-name\":\"" name "\","                                               \
    "\"vcluster.loft.sh/object-namespace\":\"default\""

static void host_objects_are_told_by_their_annotations(void **state)
{
    (void)state;
    assert_note(OF("web"), "web-x-default-x-dev", "");
    assert_note(OF("web") ",\"vcluster.loft.sh/object-kind\":\"/v1, Kind=Pod\"",
                "web-x-default-x-dev", "");
    assert_note(OF("web"), "other", "not the one that the rule gives");
    assert_note(OF("web") ",\"vcluster.loft.sh/object-host-name\":\"web-x-default-x-dev\"",
                "web-x-default-x-dev-abcde", "a copy of a synced object");
    assert_note(OF("web") ",\"vcluster.loft.sh/object-kind\":\"/v1, Kind=Service\"",
                "web-x-default-x-dev", "a copy of a synced object");
    assert_note("", "web-x-default-x-dev", "does not say of which");
}

static void endpoints_that_the_host_makes_stand_for_nothing(void **state)
{
    (void)state;
    VCL_AUTO_JSON *derived =
        json("{\"metadata\":{\"name\":\"kube-dns-x-kube-system-x-dev-h2csn\",\"labels\":{"
             "\"endpointslice.kubernetes.io/managed-by\":\"endpointslice-controller.k8s.io\","
             "\"vcluster.loft.sh/managed-by\":\"dev\"}}}");
    VCL_AUTO_JSON *synced =
        json("{\"metadata\":{\"name\":\"db-x-default-x-dev\",\"annotations\":{" OF(
            "db") "},"
                  "\"labels\":{\"endpointslice.kubernetes.io/managed-by\":\"me\"}}}");

    assert_true(vcl_host_object_is_derived(derived));
    assert_false(vcl_host_object_is_derived(synced));
}

static void two_host_objects_for_one_inside_are_marked(void **state)
{
    (void)state;
    VCL_AUTO_JSON *list =
        json("[{\"kind\":\"Pod\",\"virtualNamespace\":\"a\",\"virtualName\":\"x\",\"name\":\"1\","
             "\"note\":\"\"},{\"kind\":\"Pod\",\"virtualNamespace\":\"a\",\"virtualName\":\"x\","
             "\"name\":\"2\",\"note\":\"\"},{\"kind\":\"Pod\",\"virtualNamespace\":\"b\","
             "\"virtualName\":\"x\",\"name\":\"3\",\"note\":\"\"}]");

    assert_true(vcl_host_objects_mark(list));
    assert_string_equal(vcl_json_find_string(cJSON_GetArrayItem(list, 0), "note", NULL), "");
    assert_string_equal(vcl_json_find_string(cJSON_GetArrayItem(list, 1), "note", NULL),
                        "'1' stands for the same object");
    assert_string_equal(vcl_json_find_string(cJSON_GetArrayItem(list, 2), "note", NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_that_start_stop_or_change_are_told),
        cmocka_unit_test(a_custom_resource_that_goes_is_told),
        cmocka_unit_test(equal_configurations_have_no_changes),
        cmocka_unit_test(rights_are_compared_however_they_are_distributed),
        cmocka_unit_test(host_objects_are_told_by_their_annotations),
        cmocka_unit_test(endpoints_that_the_host_makes_stand_for_nothing),
        cmocka_unit_test(two_host_objects_for_one_inside_are_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
