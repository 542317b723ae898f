/* SPDX-License-Identifier: Apache-2.0 */
/* What virtual clusters are promised together, on a host in memory. */
#include "../vcluster/cm.h"

#include <libvcluster/vcluster.h>

static vcluster_client *host;
static vcluster_error *error;

/* Two teams with quotas, one without, pods of the host, three nodes of which one takes pods. */
static const char objects[] =
    "{apiVersion: v1, kind: Node, metadata: {name: big}, spec: {}, status: {allocatable: {cpu: "
    "'16', memory: 64Gi, pods: '110', hugepages-2Mi: '0', example.com/gpu: '2'}, conditions: "
    "[{type: Ready, status: 'True'}]}}\n---\n"
    "{apiVersion: v1, kind: Node, metadata: {name: cordoned}, spec: {unschedulable: true}, status: "
    "{allocatable: {cpu: '16'}, conditions: [{type: Ready, status: 'True'}]}}\n---\n"
    "{apiVersion: v1, kind: Node, metadata: {name: tainted}, spec: {taints: [{key: a, effect: "
    "NoSchedule}]}, status: {allocatable: {cpu: '16'}, conditions: [{type: Ready, status: "
    "'True'}]}}\n---\n"
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: vcluster-a}, spec: "
    "{hard: {requests.cpu: '6', memory: 8Gi, count/pods: 20}}, status: {used: {requests.cpu: "
    "1500m, memory: 1Gi, count/pods: 3}}}\n---\n"
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: tighter, namespace: vcluster-a}, spec: "
    "{hard: {cpu: '5'}}}\n---\n"
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: scoped, namespace: vcluster-a}, spec: "
    "{scopes: [BestEffort], hard: {pods: 1}}}\n---\n"
    "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q, namespace: vcluster-b}, spec: "
    "{hard: {requests.cpu: '4', requests.memory: 16Gi, pods: 30}}}\n---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop}, spec: {containers: [{name: "
    "c, image: i, resources: {requests: {cpu: '2', memory: 2Gi}}}]}, status: {phase: Running}}\n"
    "---\n"
    "{apiVersion: v1, kind: Pod, metadata: {name: over, namespace: shop}, spec: {containers: "
    "[{name: c, image: i, resources: {requests: {cpu: '2'}}}]}, status: {phase: Succeeded}}\n";

static void create(const char *name)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;

    options.distribution = "embedded";
    assert_works(vcluster_instance_create(host, name, NULL, &options, NULL, &error), &error);
}

static void start(void)
{
    vcluster_fake_options options = VCLUSTER_FAKE_OPTIONS_INIT;

    options.timeout_ms = patience_ms(20000);
    assert_works(vcluster_client_new_fake(&options, &host, &error), &error);
    create("a");
    create("b");
    create("free");
    assert_works(vcluster_fake_put(host, objects, &error), &error);
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(host);
    host = NULL;
    vcl_error_clear(&error);
    return 0;
}

static const vcluster_budget_entry *entry_of(const vcluster_budget *budget, const char *resource)
{
    for (size_t i = 0; i < vcluster_budget_size(budget); i++) {
        if (vcl_streq(vcluster_budget_entry_resource(vcluster_budget_at(budget, i)), resource))
            return vcluster_budget_at(budget, i);
    }
    fail_msg("there is no entry for '%s'", resource);
    return NULL;
}

static const vcluster_finding *finding_of(const vcluster_budget *budget, const char *rule)
{
    for (size_t i = 0; i < vcluster_budget_finding_count(budget); i++) {
        if (vcl_streq(vcluster_finding_rule(vcluster_budget_finding_at(budget, i)), rule))
            return vcluster_budget_finding_at(budget, i);
    }
    return NULL;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

static void a_budget_is_held_against_quotas_and_what_has_none(void **state)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_budget *budget = NULL;
    char *json = NULL;

    (void)state;
    start();
    options.budget = "{cpu: 10, memory: 64Gi, count/pods: 100}";
    assert_works(vcluster_budget_read(host, &options, &budget, &error), &error);
    assert_int_equal(vcluster_budget_size(budget), 3);
    const vcluster_budget_entry *cpu = entry_of(budget, "requests.cpu");
    assert_string_equal(vcluster_budget_entry_total(cpu), "10");
    assert_string_equal(vcluster_budget_entry_elsewhere(cpu), "0");
    /* 5 of the tighter quota, 4, and what the pod of the third requests. */
    assert_has(vcluster_budget_entry_promised(cpu), "9");
    assert_string_equal(vcluster_budget_entry_asked(cpu), "0");
    assert_string_equal(vcluster_budget_entry_total(entry_of(budget, "pods")), "100");
    assert_string_equal(vcluster_budget_entry_promised(entry_of(budget, "pods")), "51");
    assert_true(vcluster_budget_fits(budget));
    assert_works(vcluster_budget_to_json(budget, &json, &error), &error);
    assert_has(json, "\"clusters\":[{\"namespace\":\"vcluster-a\",\"names\":[\"a\"],\"promised\":"
                     "{\"requests.cpu\":\"5\",");
    assert_has(json, "\"used\":{\"requests.cpu\":\"1500m\",\"requests.memory\":\"1Gi\",\"pods\":"
                     "\"3\"},\"unbounded\":[]}");
    assert_has(json, "\"names\":[\"free\"]");
    assert_has(json, "\"unbounded\":[\"requests.cpu\",\"requests.memory\",\"pods\"]");
    vcluster_free(json);
    vcluster_budget_free(budget);
}

static void nodes_count_that_take_pods_less_what_others_request(void **state)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_budget *budget = NULL;

    (void)state;
    start();
    assert_works(vcluster_budget_read(host, NULL, &budget, &error), &error);
    const vcluster_budget_entry *gpu = entry_of(budget, "requests.example.com/gpu");
    assert_string_equal(vcluster_budget_entry_total(gpu), "2");
    assert_string_equal(vcluster_budget_entry_left(gpu), "2");
    const vcluster_budget_entry *cpu = entry_of(budget, "requests.cpu");
    assert_string_equal(vcluster_budget_entry_elsewhere(cpu), "2");
    for (size_t i = 0; i < vcluster_budget_size(budget); i++)
        assert_null(strstr(vcluster_budget_entry_resource(vcluster_budget_at(budget, i)), "huge"));
    vcluster_budget_free(budget);

    budget = NULL;
    options.overcommit_percent = 150;
    assert_works(vcluster_budget_read(host, &options, &budget, &error), &error);
    assert_string_equal(vcluster_budget_entry_total(entry_of(budget, "requests.example.com/gpu")),
                        "3");
    vcluster_budget_free(budget);
}

static vcluster_budget *admit(const char *values, const char *name, const char *text)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_budget *budget = NULL;

    options.budget = text;
    options.name = name;
    assert_works(vcluster_config_parse(values, &config, &error), &error);
    assert_works(vcluster_budget_admit(host, config, NULL, &options, &budget, &error), &error);
    vcluster_config_free(config);
    return budget;
}

static void one_more_is_told_who_holds_what_it_lacks(void **state)
{
    static const char values[] = "policies: {resourceQuota: {enabled: true, quota: {requests.cpu: "
                                 "3, requests.memory: 4Gi, count/pods: 10}}}";
    (void)state;
    start();
    vcluster_budget *budget = admit(values, NULL, "{cpu: 11, memory: 64Gi, pods: 100}");
    assert_false(vcluster_budget_fits(budget));
    assert_string_equal(vcluster_budget_entry_asked(entry_of(budget, "requests.cpu")), "3");
    const vcluster_finding *exceeded = finding_of(budget, "budget-exceeded");
    assert_non_null(exceeded);
    assert_string_equal(vcluster_finding_path(exceeded), "requests.cpu");
    assert_has(vcluster_finding_message(exceeded), "3 asked for, 9");
    assert_has(vcluster_finding_message(exceeded), " of 11 promised, ");
    assert_has(vcluster_finding_message(exceeded),
               "the most is held by 'vcluster-a/a' (5), 'vcluster-b/b' (4)");
    assert_has(vcluster_finding_message(finding_of(budget, "others-unbounded")),
               "'vcluster-free/free'");
    assert_null(finding_of(budget, "quota-missing"));
    vcluster_budget_free(budget);

    budget = admit(values, NULL, "{cpu: 20, memory: 64Gi, pods: 100}");
    assert_true(vcluster_budget_fits(budget));
    vcluster_budget_free(budget);
    /* A change of one that is there gives back what it holds. */
    budget = admit(values, "a", "{cpu: 11, memory: 64Gi, pods: 100}");
    assert_true(vcluster_budget_fits(budget));
    vcluster_budget_free(budget);
}

static void one_without_a_quota_counts_with_its_control_plane(void **state)
{
    (void)state;
    start();
    vcluster_budget *budget = admit("{}", NULL, "{cpu: 100}");
    assert_true(vcluster_budget_fits(budget));
    assert_string_equal(vcluster_budget_entry_asked(entry_of(budget, "requests.cpu")), "220m");
    assert_has(vcluster_finding_message(finding_of(budget, "quota-missing")), "220m");
    vcluster_budget_free(budget);
    /* A default that a null takes away binds nothing. */
    budget = admit("policies: {resourceQuota: {enabled: true, quota: {count/pods: null}}}", NULL,
                   "{pods: 100}");
    assert_string_equal(vcluster_budget_entry_asked(entry_of(budget, "pods")), "2");
    assert_non_null(finding_of(budget, "quota-missing"));
    vcluster_budget_free(budget);
    /* What the chart's defaults would bind, and what it needs, where only the range is on. */
    budget = admit("policies: {limitRange: {enabled: true}}", NULL, "{cpu: 100}");
    assert_string_equal(vcluster_budget_entry_asked(entry_of(budget, "requests.cpu")), "10");
    vcluster_budget_free(budget);
}

static void the_quota_of_a_chart_is_read_from_its_manifests(void **state)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_chart *chart = NULL;
    vcluster_config *config = NULL;
    vcluster_budget *budget = NULL;

    (void)state;
    start();
    options.budget = "{cpu: 100, limits.memory: 100Gi}";
    assert_works(vcluster_chart_embedded(&chart, &error), &error);
    assert_works(vcluster_config_parse("policies: {resourceQuota: {enabled: true, quota: "
                                       "{requests.cpu: 7}}}",
                                       &config, &error),
                 &error);
    assert_works(vcluster_budget_admit(host, config, chart, &options, &budget, &error), &error);
    assert_string_equal(vcluster_budget_entry_asked(entry_of(budget, "requests.cpu")), "7");
    assert_string_equal(vcluster_budget_entry_asked(entry_of(budget, "limits.memory")), "40Gi");
    vcluster_budget_free(budget);
    vcluster_config_free(config);
    vcluster_chart_free(chart);
}

static void what_is_wrong_with_a_budget_is_told_at_once(void **state)
{
    vcluster_budget_options options = VCLUSTER_BUDGET_OPTIONS_INIT;
    vcluster_budget *budget = NULL;

    (void)state;
    start();
    options.budget = "{cpu: -1, memry: 1Gi, pods: many}";
    assert_int_equal(vcluster_budget_read(host, &options, &budget, &error), VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 3);
    assert_string_equal(vcluster_finding_remedy(vcluster_error_finding_at(error, 1)),
                        "did you mean 'memory'?");
    vcl_error_clear(&error);
    options.budget = "[]";
    assert_int_equal(vcluster_budget_read(host, &options, &budget, &error), VCLUSTER_E_CONFIG);
    vcl_error_clear(&error);
    options.budget = "{cpu: 1}";
    options.overcommit_percent = 120;
    assert_int_equal(vcluster_budget_read(host, &options, &budget, &error),
                     VCLUSTER_E_INVALID_ARGUMENT);
    assert_null(budget);
}

static void as_many_requests_as_it_says(void **state)
{
    vcluster_budget *budget = NULL;
    char *json = NULL;
    size_t count = 0;

    (void)state;
    start();
    assert_works(vcluster_fake_requests(host, true, &json, &error), &error);
    vcluster_free(json);
    assert_works(vcluster_budget_read(host, NULL, &budget, &error), &error);
    vcluster_budget_free(budget);
    assert_works(vcluster_fake_requests(host, false, &json, &error), &error);
    for (const char *at = json; (at = strstr(at, "\"method\"")); at++)
        count++;
    assert_int_equal(count, 7);
    vcluster_free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_budget_is_held_against_quotas_and_what_has_none, end),
        cmocka_unit_test_teardown(nodes_count_that_take_pods_less_what_others_request, end),
        cmocka_unit_test_teardown(one_more_is_told_who_holds_what_it_lacks, end),
        cmocka_unit_test_teardown(one_without_a_quota_counts_with_its_control_plane, end),
        cmocka_unit_test_teardown(the_quota_of_a_chart_is_read_from_its_manifests, end),
        cmocka_unit_test_teardown(what_is_wrong_with_a_budget_is_told_at_once, end),
        cmocka_unit_test_teardown(as_many_requests_as_it_says, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
