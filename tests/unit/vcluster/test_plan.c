/* SPDX-License-Identifier: Apache-2.0 */
/* What an ensure will bring to the host: distribution, chart, values without effect. */
#include "cm.h"

#include "small_chart.h"
#include "vcluster/client.h"
#include "vcluster/config.h"
#include "vcluster/lifecycle/plan.h"

#define HELLO VCLUSTER_FIXTURES "/../../examples/charts/hello"

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
    vcl_call call;

    vcl_call_init(&call, 0, 1000, NULL, NULL, NULL);
    assert_int_equal(vcluster_config_parse(values, &config, NULL), VCLUSTER_OK);
    vcl_ensure_request request = { .client = &client,
                                   .name = "dev",
                                   .config = config,
                                   .chart = chart,
                                   .distribution = distribution };
    assert_int_equal(vcl_plan_place(plan, &request, NULL), VCLUSTER_OK);
    int status = vcl_plan_render(plan, &request, &call, existing, "v1.35.4", error);
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

/* Plan 'dev' of upstream's distribution with a chart from somewhere. */
static int render_upstream(vcl_plan *plan,
                           const char *source,
                           const char *version,
                           const char *values,
                           vcluster_error **error)
{
    vcluster_client client = { 0 };
    vcluster_config *config = NULL;
    vcl_call call;

    vcl_call_init(&call, 0, 1000, NULL, NULL, NULL);
    assert_int_equal(vcluster_config_parse(values, &config, NULL), VCLUSTER_OK);
    vcl_ensure_request request = { .client = &client,
                                   .name = "dev",
                                   .config = config,
                                   .distribution = "upstream",
                                   .chart_source = source,
                                   .chart_version = version };
    assert_int_equal(vcl_plan_place(plan, &request, NULL), VCLUSTER_OK);
    int status = vcl_plan_render(plan, &request, &call, NULL, "v1.35.4", error);
    vcluster_config_free(config);
    return status;
}

static void the_chart_of_upstream_comes_from_its_source(void **state)
{
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    assert_works(render_upstream(&plan, HELLO, NULL, "{}", &error), &error);
    assert_string_equal(plan.distribution, "upstream");
    assert_string_equal(vcluster_chart_name(plan.chart), "hello");
    assert_int_equal(cJSON_GetArraySize(plan.rendered.objects), 1);
    vcl_plan_done(&plan);
    assert_fails(render_upstream(&plan, "/nonexistent/chart", NULL, "{}", &error),
                 VCLUSTER_E_NOT_FOUND, &error, "get upstream's chart");
    vcl_plan_done(&plan);
}

static void values_that_the_schema_of_the_chart_forbids_are_found(void **state)
{
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;

    (void)state;
    int status = render_upstream(&plan, HELLO, NULL, "{greeting: 1, other: 2}", &error);
    assert_int_equal(status, VCLUSTER_E_CONFIG);
    assert_int_equal(vcluster_error_finding_count(error), 2);
    vcluster_error_free(error);
    vcl_plan_done(&plan);
}

static void a_source_is_refused_for_the_embedded_distribution(void **state)
{
    vcluster_client client = { 0 };
    vcl_ensure_request request = {
        .client = &client, .name = "dev", .distribution = "embedded", .chart_version = "0.36.1"
    };
    vcl_plan plan = { 0 };
    vcluster_error *error = NULL;
    vcl_call call;

    (void)state;
    vcl_call_init(&call, 0, 1000, NULL, NULL, NULL);
    assert_works(vcl_plan_place(&plan, &request, &error), &error);
    assert_fails(vcl_plan_render(&plan, &request, &call, NULL, "v1.35.4", &error),
                 VCLUSTER_E_INVALID_ARGUMENT, &error, "comes with the library");
    vcl_plan_done(&plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_without_effect_are_listed_by_their_longest_common_path),
        cmocka_unit_test(objects_are_rendered_for_the_namespace_of_the_rule),
        cmocka_unit_test(the_version_is_resolved_before_rendering),
        cmocka_unit_test(distributions_are_checked),
        cmocka_unit_test(the_chart_of_upstream_comes_from_its_source),
        cmocka_unit_test(values_that_the_schema_of_the_chart_forbids_are_found),
        cmocka_unit_test(a_source_is_refused_for_the_embedded_distribution),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
