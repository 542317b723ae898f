/* SPDX-License-Identifier: Apache-2.0 */
/* What an ensure will bring to the host: distribution, chart, values without effect. */
#include "cm.h"

#include "small_chart.h"
#include "vcluster/client.h"
#include "vcluster/config.h"
#include "vcluster/plan.h"

static vcluster_chart *chart;

static int begin(void **state)
{
    (void)state;
    chart = small_chart_new("vcluster-embedded");
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    return 0;
}

/* Plan 'dev' with these values. */
static int render(vcl_plan *plan,
                  const char *values,
                  const char *distribution,
                  const char *existing,
                  vcluster_error **error)
{
    vcluster_client client = { 0 };
    vcluster_config *config = NULL;

    assert_int_equal(vcluster_config_parse(values, &config, NULL), VCLUSTER_OK);
    vcl_ensure_request request = { .client = &client,
                                   .name = "dev",
                                   .config = config,
                                   .chart = chart,
                                   .distribution = distribution };
    assert_int_equal(vcl_plan_place(plan, &request, NULL), VCLUSTER_OK);
    int status = vcl_plan_render(plan, &request, existing, "v1.35.4", error);
    vcluster_config_free(config);
    return status;
}

static void assert_no_effect(const char *values, const char *expected)
{
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    assert_works(render(&plan, values, NULL, NULL, &error), &error);
    char *json = vcl_json_print(plan.no_effect);
    if (!vcl_streq(json, expected))
        fail_msg("values '%s': %s instead of %s", values, json, expected);
    free(json);
    vcl_plan_done(&plan);
}

static void keys_without_effect_are_listed_by_their_longest_common_path(void **state)
{
    (void)state;
    assert_no_effect("", "[]");
    assert_no_effect("sync: {fromHost: x}", "[]");
    assert_no_effect("sync: {fromHost: {nodes: {enabled: true}}}", "[]");
    assert_no_effect("sync: {toHost: {pods: {enabled: true}}}", "[\"sync.toHost\"]");
    assert_no_effect("syncer: 1", "[\"syncer\"]");
    assert_no_effect("sync: {from: 1}", "[\"sync.from\"]");
    assert_no_effect("sync: {fromHosts: 1}", "[\"sync.fromHosts\"]");
    assert_no_effect("controlPlane: {distro: {k8s: {version: '1.34'}}}", "[]");
    assert_no_effect("controlPlane: {distro: {k8s: {image: {tag: x}}}}",
                     "[\"controlPlane.distro.k8s.image\"]");
    assert_no_effect("controlPlane: {statefulSet: {resources: {limits: {cpu: 1}}}}", "[]");
    assert_no_effect("plugins: {}\nsync: {toHost: {a: 1, b: 2}}", "[\"plugins\",\"sync.toHost\"]");
}

static void objects_are_rendered_for_the_namespace_of_the_rule(void **state)
{
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    assert_works(render(&plan, "", NULL, NULL, &error), &error);
    assert_string_equal(plan.namespace_name, "vcluster-dev");
    assert_string_equal(plan.distribution, "embedded");
    assert_int_equal(cJSON_GetArraySize(plan.rendered.objects), 3);
    assert_non_null(strstr(plan.rendered.manifest, "kind: StatefulSet"));
    vcl_plan_done(&plan);
}

static void the_version_is_resolved_before_rendering(void **state)
{
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    assert_works(
        render(&plan, "controlPlane: {distro: {k8s: {version: '1.34'}}}", NULL, NULL, &error),
        &error);
    assert_string_equal(
        vcl_json_find_string(plan.user_values, "controlPlane", "distro", "k8s", "version", NULL),
        "v1.34.4");
    vcl_plan_done(&plan);
    assert_fails(
        render(&plan, "controlPlane: {distro: {k8s: {version: '1.20'}}}", NULL, NULL, &error),
        VCLUSTER_E_CONFIG, &error, "'1.20'");
    vcl_plan_done(&plan);
}

static void distributions_are_checked(void **state)
{
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(render(&plan, "", "k3s", NULL, &error), VCLUSTER_E_INVALID_ARGUMENT, &error,
                 "'k3s' is neither");
    vcl_plan_done(&plan);
    assert_fails(render(&plan, "", "embedded", "upstream", &error), VCLUSTER_E_PRECONDITION, &error,
                 "of the upstream distribution");
    vcl_plan_done(&plan);
}

static void upstream_without_a_chart_is_unsupported(void **state)
{
    vcluster_client client = { 0 };
    vcl_ensure_request request = { .client = &client, .name = "dev" };
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcl_plan_place(&plan, &request, &error), &error);
    assert_fails(vcl_plan_render(&plan, &request, NULL, NULL, &error), VCLUSTER_E_UNSUPPORTED,
                 &error, "give a chart");
    vcl_plan_done(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_without_effect_are_listed_by_their_longest_common_path),
        cmocka_unit_test(objects_are_rendered_for_the_namespace_of_the_rule),
        cmocka_unit_test(the_version_is_resolved_before_rendering),
        cmocka_unit_test(distributions_are_checked),
        cmocka_unit_test(upstream_without_a_chart_is_unsupported),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
