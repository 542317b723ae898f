/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of a virtual cluster that runs, on a host in memory. */
#include "cm.h"

#include <libvcluster/lint.h>

#include "fake_host.h"
#include "small_chart.h"

static fake_host *host;
static vcluster_client *client;
static vcluster_lint *lint;

static void make_instance(void)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_chart *chart = small_chart_new("vcluster-embedded");
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    options.chart = chart;
    options.no_wait = 1;
    options.timeout_ms = patience_ms(5000);
    assert_works(vcluster_config_parse("controlPlane: {statefulSet: {resources: {limits: {memory: "
                                       "1Gi}}}}",
                                       &config, &error),
                 &error);
    assert_works(vcluster_instance_ensure(client, "dev", config, &options, NULL, &error), &error);
    vcluster_config_free(config);
    vcluster_chart_free(chart);
}

static int begin(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    make_instance();
    assert_works(vcluster_lint_new(&lint, &error), &error);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_lint_free(lint);
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static int add(const char *name, vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;

    options.timeout_ms = patience_ms(5000);
    return vcluster_lint_add_instance(lint, client, name, &options, error);
}

/* The first finding of a rule in a file; NULL: there is none. *out_report is freed by the caller.
 */
static const vcluster_finding *
find(const char *rule, const char *file, vcluster_report **out_report)
{
    vcluster_error *error = NULL;

    assert_works(vcluster_lint_run(lint, NULL, out_report, &error), &error);
    for (size_t i = 0; i < vcluster_report_size(*out_report); i++) {
        const vcluster_finding *one = vcluster_report_at(*out_report, i);
        if (strcmp(vcluster_finding_rule(one), rule) == 0 &&
            strcmp(vcluster_finding_file(one), file) == 0)
            return one;
    }
    return NULL;
}

static void what_runs_is_found_by_its_namespace_and_name(void **state)
{
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(add("dev", &error), &error);
    const vcluster_finding *found = find("VC101", "vcluster-dev/dev", &report);
    assert_non_null(found);
    assert_int_equal(vcluster_finding_line(found), 0);
    vcluster_report_free(report);
}

static void what_the_host_has_beside_it_counts(void **state)
{
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "apiVersion: v1\nkind: ResourceQuota\n"
                        "metadata: {name: a, namespace: vcluster-dev}\nspec: {hard: {pods: 10}}\n");
    fake_host_put(host, "apiVersion: v1\nkind: LimitRange\n"
                        "metadata: {name: a, namespace: vcluster-dev}\n"
                        "spec: {limits: [{type: Container, max: {memory: 512Mi}}]}\n");
    assert_works(add("dev", &error), &error);
    assert_null(find("VC101", "vcluster-dev/dev", &report));
    vcluster_report_free(report);
    assert_non_null(find("VC107", "vcluster-dev/dev", &report));
    vcluster_report_free(report);
}

static void a_file_is_a_change_of_what_runs(void **state)
{
    static const char text[] = "controlPlane: {backingStore: {etcd: {deploy: {enabled: true}}}}\n";
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_works(vcluster_lint_add(lint, "new.yaml", text, strlen(text), &error), &error);
    assert_null(find("VC303", "new.yaml", &report));
    vcluster_report_free(report);
    assert_works(add("dev", &error), &error);
    assert_non_null(find("VC303", "new.yaml", &report));
    vcluster_report_free(report);
}

static void one_that_is_not_there_or_was_added_is_refused(void **state)
{
    vcluster_error *error = NULL;

    (void)state;
    assert_fails(add("none", &error), VCLUSTER_E_NOT_FOUND, &error, "none");
    assert_works(add("dev", &error), &error);
    assert_fails(add("dev", &error), VCLUSTER_E_INVALID_ARGUMENT, &error, "added before");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_runs_is_found_by_its_namespace_and_name),
        CASE(what_the_host_has_beside_it_counts),
        CASE(a_file_is_a_change_of_what_runs),
        CASE(one_that_is_not_there_or_was_added_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
