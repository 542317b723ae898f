/* SPDX-License-Identifier: Apache-2.0 */
/* Sync rules: which there are, their states, what auto comes to, spellings, setting. */
#include "sync/rules.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "chart/chart.h"
#include "cmocka_support.h"

static cJSON *json(const char *text)
{
    VCL_AUTO_ERROR *error = NULL;
    cJSON *tree = NULL;

    assert_ok(vcl_json_parse(text, strlen(text), &tree, &error), error);
    return tree;
}

static vcluster_sync_rules *read_rules(const char *values)
{
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *tree = json(values);
    vcluster_sync_rules *rules = NULL;

    assert_ok(vcl_sync_rules_read(NULL, tree, &rules, &error), error);
    return rules;
}

static const vcluster_sync_rule *
find(const vcluster_sync_rules *rules, const char *direction, const char *resource)
{
    VCL_AUTO_ERROR *error = NULL;
    const vcluster_sync_rule *rule = NULL;

    assert_ok(vcluster_sync_rules_find(rules, direction, resource, &rule, &error), error);
    return rule;
}

static void assert_active(const char *values, const char *resource, bool active)
{
    VCL_AUTO_SYNC_RULES *rules = read_rules(values);

    assert_int_equal(vcluster_sync_rule_active(find(rules, NULL, resource)), active);
}

static void defaults_are_those_of_upstream(void **state)
{
    VCL_AUTO_SYNC_RULES *rules = read_rules("{}");
    (void)state;

    assert_int_equal(vcluster_sync_rules_size(rules), vcl_sync_fact_count);
    assert_int_equal(vcluster_sync_rule_state(find(rules, NULL, "pods")), VCLUSTER_SYNC_ON);
    assert_int_equal(vcluster_sync_rule_state(find(rules, NULL, "ingresses")), VCLUSTER_SYNC_OFF);
    assert_int_equal(vcluster_sync_rule_state(find(rules, NULL, "csiNodes")), VCLUSTER_SYNC_AUTO);
    assert_string_equal(vcluster_sync_rule_path(find(rules, NULL, "nodes")), "sync.fromHost.nodes");
    for (size_t i = 0; i < vcluster_sync_rules_size(rules); i++) {
        const vcluster_sync_rule *rule = vcluster_sync_rules_at(rules, i);
        assert_true(*vcluster_sync_rule_description(rule));
        assert_int_equal(vcluster_sync_rule_state(rule), vcluster_sync_rule_default(rule));
    }
}

static void kinds_are_found_by_any_usual_spelling(void **state)
{
    static const char *const spellings[] = { "pvc", "PVC", "persistentvolumeclaims",
                                             "PersistentVolumeClaim", "persistentVolumeClaims" };
    static const char *const others[][2] = {
        { "networkpolicy", "networkPolicies" },
        { "netpol", "networkPolicies" },
        { "Ingress", "ingresses" },
        { "ingresses.networking.k8s.io", "ingresses" },
        { "httproute", "gatewayApi.httpRoutes" },
        { "gatewayapi.httproutes", "gatewayApi.httpRoutes" },
        { "endpoints", "endpoints" },
        { "endpointslice", "endpointSlices" },
    };
    VCL_AUTO_SYNC_RULES *rules = read_rules("{}");
    (void)state;

    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++)
        assert_string_equal(vcluster_sync_rule_resource(find(rules, NULL, spellings[i])),
                            "persistentVolumeClaims");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_string_equal(vcluster_sync_rule_resource(find(rules, NULL, others[i][0])),
                            others[i][1]);
}

static void a_kind_of_both_directions_needs_one(void **state)
{
    VCL_AUTO_SYNC_RULES *rules = read_rules("{}");
    VCL_AUTO_ERROR *error = NULL;
    const vcluster_sync_rule *rule = NULL;
    (void)state;

    assert_int_equal(vcluster_sync_rules_find(rules, NULL, "sc", &rule, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_string_equal(vcluster_sync_rule_path(find(rules, "fromHost", "sc")),
                        "sync.fromHost.storageClasses");
}

static void an_unknown_kind_names_the_nearest(void **state)
{
    VCL_AUTO_SYNC_RULES *rules = read_rules("{}");
    VCL_AUTO_ERROR *error = NULL;
    const vcluster_sync_rule *rule = NULL;
    (void)state;

    assert_int_equal(vcluster_sync_rules_find(rules, NULL, "ingreses", &rule, &error),
                     VCLUSTER_E_NOT_FOUND);
    assert_non_null(strstr(vcluster_error_message(error), "'ingresses'"));
}

static void auto_is_decided_by_the_scheduler(void **state)
{
    (void)state;
    assert_active("{}", "csiDrivers", false);
    assert_active("{\"controlPlane\":{\"distro\":{\"k8s\":{\"scheduler\":{\"enabled\":true}}}}}",
                  "csiDrivers", true);
    assert_active("{\"controlPlane\":{\"advanced\":{\"virtualScheduler\":{\"enabled\":true}}},"
                  "\"sync\":{\"toHost\":{\"persistentVolumeClaims\":{\"enabled\":false}}}}",
                  "csiDrivers", false);
    assert_active("{\"sync\":{\"fromHost\":{\"csiDrivers\":{\"enabled\":\"true\"}}}}", "csiDrivers",
                  true);
}

static void the_switch_of_gateway_api_turns_on_what_is_inside(void **state)
{
    static const char on[] = "{\"sync\":{\"toHost\":{\"gatewayApi\":{\"enabled\":true}}}}";
    (void)state;

    assert_active(on, "httproutes", true);
    assert_active(on, "tlsroutes", false);
}

static void custom_resources_are_rules_of_the_user(void **state)
{
    VCL_AUTO_SYNC_RULES *rules =
        read_rules("{\"sync\":{\"toHost\":{\"customResources\":{\"certificates.cert-manager.io\":"
                   "{\"enabled\":true,\"scope\":\"Namespaced\"}}}}}");
    const vcluster_sync_rule *rule = find(rules, NULL, "certificates.cert-manager.io");
    (void)state;

    assert_string_equal(vcluster_sync_rule_resource(rule),
                        "customResources.certificates.cert-manager.io");
    assert_string_equal(vcluster_sync_rule_path(rule),
                        "sync.toHost.customResources.certificates\\.cert-manager\\.io");
    assert_string_equal(vcluster_sync_rule_settings(rule), "{\"scope\":\"Namespaced\"}");
    assert_int_equal(vcluster_sync_rule_default(rule), 0);
    assert_string_equal(vcluster_sync_rule_licence(rule), "free");
}

static void a_state_that_is_none_is_refused_with_all_findings(void **state)
{
    VCL_AUTO_JSON *values = json("{\"sync\":{\"toHost\":{\"pods\":{\"enabled\":\"yes\"},"
                                 "\"services\":{\"enabled\":7}}}}");
    VCL_AUTO_ERROR *error = NULL;
    vcluster_sync_rules *rules = NULL;
    (void)state;

    assert_int_equal(vcl_sync_rules_read(NULL, values, &rules, &error), VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    assert_null(rules);
}

static void assert_set(const char *before,
                       const char *direction,
                       const char *resource,
                       int state,
                       const char *settings,
                       const char *after)
{
    VCL_AUTO_JSON *values = json(before);
    VCL_AUTO_JSON *wanted = json(after);
    VCL_AUTO_JSON *extra = settings ? json(settings) : NULL;
    VCL_AUTO_ERROR *error = NULL;

    assert_ok(vcl_sync_set(values, NULL, direction, resource, state, extra, &error), error);
    assert_true(vcl_json_equal(values, wanted));
}

static void setting_writes_the_exact_key(void **state)
{
    (void)state;
    assert_set("{\"a\":1}", NULL, "pvc", VCLUSTER_SYNC_OFF, NULL,
               "{\"a\":1,\"sync\":{\"toHost\":{\"persistentVolumeClaims\":{\"enabled\":false}}}}");
    assert_set("{}", NULL, "node", VCLUSTER_SYNC_ON, "{\"selector\":{\"all\":true}}",
               "{\"sync\":{\"fromHost\":{\"nodes\":{\"enabled\":true,\"selector\":{\"all\":true}}}"
               "}}");
    assert_set("{}", NULL, "httproutes", VCLUSTER_SYNC_ON, NULL,
               "{\"sync\":{\"toHost\":{\"gatewayApi\":{\"httpRoutes\":{\"enabled\":true}}}}}");
    assert_set("{}", "toHost", "certificates.cert-manager.io", VCLUSTER_SYNC_ON, NULL,
               "{\"sync\":{\"toHost\":{\"customResources\":{\"certificates.cert-manager.io\":"
               "{\"enabled\":true}}}}}");
    assert_set("{}", "fromHost", "sc", VCLUSTER_SYNC_AUTO, NULL,
               "{\"sync\":{\"fromHost\":{\"storageClasses\":{\"enabled\":\"auto\"}}}}");
}

static void setting_refuses_auto_where_there_is_none(void **state)
{
    VCL_AUTO_JSON *values = json("{\"a\":1}");
    VCL_AUTO_ERROR *error = NULL;
    (void)state;

    assert_int_equal(vcl_sync_set(values, NULL, NULL, "pods", VCLUSTER_SYNC_AUTO, NULL, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_null(vcl_json_get(values, "sync"));
}

/* A chart with a rule that this library does not know. */
static void a_newer_chart_brings_its_own_rules(void **state)
{
    vcluster_chart chart = {
        .values = json("{\"sync\":{\"toHost\":{\"pods\":{\"enabled\":true},\"widgets\":"
                       "{\"enabled\":false}},\"fromHost\":{}}}"),
        .schema = (char[]){ "{\"properties\":{\"sync\":{\"$ref\":\"#/$defs/Sync\"}},\"$defs\":{"
                            "\"Sync\":{\"properties\":{\"toHost\":{\"properties\":{\"widgets\":"
                            "{\"description\":\"Widgets go to the host.\\nMore.\"}}}}}}}" },
    };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_SYNC_RULES *rules = NULL;
    (void)state;

    assert_ok(vcl_sync_rules_read(&chart, NULL, &rules, &error), error);
    assert_int_equal(vcluster_sync_rules_size(rules), 2);
    const vcluster_sync_rule *rule = find(rules, NULL, "widget");
    assert_string_equal(vcluster_sync_rule_description(rule), "Widgets go to the host.");
    assert_int_equal(vcluster_sync_rule_state(rule), VCLUSTER_SYNC_OFF);
    cJSON_Delete(chart.values);
}

static void rules_print_as_json(void **state)
{
    VCL_AUTO_SYNC_RULES *rules = read_rules("{}");
    VCL_AUTO_ERROR *error = NULL;
    char *text = NULL;
    (void)state;

    assert_ok(vcluster_sync_rules_to_json(rules, &text, &error), error);
    VCL_AUTO_JSON *array = json(text);
    assert_int_equal(cJSON_GetArraySize(array), (int)vcl_sync_fact_count);
    assert_string_equal(vcl_json_find_string(array->child, "resource", NULL), "pods");
    assert_string_equal(vcl_json_find_string(array->child, "state", NULL), "on");
    vcluster_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_upstream),
        cmocka_unit_test(kinds_are_found_by_any_usual_spelling),
        cmocka_unit_test(a_kind_of_both_directions_needs_one),
        cmocka_unit_test(an_unknown_kind_names_the_nearest),
        cmocka_unit_test(auto_is_decided_by_the_scheduler),
        cmocka_unit_test(the_switch_of_gateway_api_turns_on_what_is_inside),
        cmocka_unit_test(custom_resources_are_rules_of_the_user),
        cmocka_unit_test(a_state_that_is_none_is_refused_with_all_findings),
        cmocka_unit_test(setting_writes_the_exact_key),
        cmocka_unit_test(setting_refuses_auto_where_there_is_none),
        cmocka_unit_test(a_newer_chart_brings_its_own_rules),
        cmocka_unit_test(rules_print_as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
