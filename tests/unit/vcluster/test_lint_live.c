/* SPDX-License-Identifier: Apache-2.0 */
/* Lint of a virtual cluster that runs, on a host in memory. */
#include "cm.h"

#include <libvcluster/lint.h>

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "chart/release.h"
#include "data/json.h"
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

/* One of upstream's, installed by Helm, with rules that values switch on. */
static void put_shop(const char *rules)
{
    vcluster_error *error = NULL;
    cJSON *tree = NULL;
    cJSON *secret = NULL;
    char *release = vcl_format("{\"name\": \"shop\", \"namespace\": \"shop\", \"version\": 1, "
                               "\"chart\": {\"metadata\": {\"name\": \"vcluster\", \"version\": "
                               "\"0.36.1\"}}, \"config\": {\"sync\": {\"toHost\": %s}}, \"info\": "
                               "{\"status\": \"deployed\"}}",
                               rules);

    assert_works(vcl_json_parse(release, strlen(release), &tree, &error), &error);
    assert_works(vcl_release_encode_json(tree, &secret, &error), &error);
    char *text = vcl_json_print(secret);
    fake_host_put(host, "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: shop, "
                        "namespace: shop, labels: {app: vcluster, release: shop}}, spec: "
                        "{replicas: 1}}");
    fake_host_put(host, text);
    free(text);
    free(release);
    cJSON_Delete(secret);
    cJSON_Delete(tree);
}

/* An object of the tenant on the host. */
static void put_copy(const char *api_version, const char *kind)
{
    char *text = vcl_format("{apiVersion: %s, kind: %s, metadata: {name: web-x-default-x-shop, "
                            "namespace: shop, labels: {vcluster.loft.sh/managed-by: shop}, "
                            "annotations: {vcluster.loft.sh/object-name: web, "
                            "vcluster.loft.sh/object-namespace: default}}}",
                            api_version, kind);

    fake_host_put(host, text);
    free(text);
}

static void assert_unused(bool wanted)
{
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    assert_works(add("shop", &error), &error);
    const vcluster_finding *found = find("VC602", "shop/shop", &report);
    assert_int_equal(found != NULL, wanted);
    if (found)
        assert_string_equal(vcluster_finding_path(found), "sync.toHost.ingresses.enabled");
    vcluster_report_free(report);
}

#define INGRESSES "{\"ingresses\": {\"enabled\": true}}"

static void a_rule_for_what_a_tenant_does_not_have_is_unused(void **state)
{
    (void)state;
    put_shop(INGRESSES);
    put_copy("v1", "Pod");
    assert_unused(true);
    assert_int_equal(fake_host_requests(host, "GET", "/shop/ingresses"), 1);
}

static void a_rule_for_what_a_tenant_has_is_used(void **state)
{
    (void)state;
    put_shop(INGRESSES);
    put_copy("v1", "Pod");
    put_copy("networking.k8s.io/v1", "Ingress");
    assert_unused(false);
}

static void without_workloads_nothing_is_called_unused(void **state)
{
    (void)state;
    put_shop(INGRESSES);
    assert_unused(false);
}

static void with_namespaces_of_their_own_nothing_is_called_unused(void **state)
{
    (void)state;
    put_shop("{\"ingresses\": {\"enabled\": true}, \"namespaces\": {\"enabled\": true}}");
    put_copy("v1", "Pod");
    assert_unused(false);
}

static void what_may_not_be_listed_is_not_called_unused(void **state)
{
    (void)state;
    put_shop(INGRESSES);
    put_copy("v1", "Pod");
    fake_host_fail(host, "GET", "/ingresses", 403);
    assert_unused(false);
}

static void without_rules_beyond_the_defaults_nothing_more_is_asked(void **state)
{
    (void)state;
    put_shop("{\"ingresses\": {\"enabled\": false}}");
    put_copy("v1", "Pod");
    fake_host_forget(host);
    assert_unused(false);
    assert_int_equal(fake_host_requests(host, "GET", "/shop/ingresses"), 0);
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
        CASE(a_rule_for_what_a_tenant_does_not_have_is_unused),
        CASE(a_rule_for_what_a_tenant_has_is_used),
        CASE(without_workloads_nothing_is_called_unused),
        CASE(with_namespaces_of_their_own_nothing_is_called_unused),
        CASE(what_may_not_be_listed_is_not_called_unused),
        CASE(without_rules_beyond_the_defaults_nothing_more_is_asked),
        CASE(one_that_is_not_there_or_was_added_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
