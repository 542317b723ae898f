/* SPDX-License-Identifier: Apache-2.0 */
/* Listing virtual clusters: four lists, joined. */
#include "cm.h"

#include <libvcluster/instance.h>
#include <stdio.h>

#include "fake_host.h"
#include "vcluster/compose.h"

static fake_host *host;
static vcluster_client *client;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

static void put_workload(const char *kind,
                         const char *namespace_name,
                         const char *name,
                         const char *metadata,
                         const char *spec)
{
    char *yaml = vcl_format(
        "{apiVersion: apps/v1, kind: %s, metadata: {name: %s, namespace: %s, labels: {app: "
        "vcluster, release: %s}%s}, spec: {%s template: {spec: {containers: [{name: syncer, image: "
        "'ghcr.io/loft-sh/vcluster-pro:0.36.0'}], initContainers: [{name: kubernetes, image: "
        "'registry:5000/k:v1.35.4'}]}}}}",
        kind, name, namespace_name, name, metadata, spec);

    fake_host_put(host, yaml);
    free(yaml);
}

static void put_set(const char *namespace_name, const char *name)
{
    put_workload("StatefulSet", namespace_name, name, "", "replicas: 1,");
}

static void put_pod(const char *namespace_name, const char *name, const char *status)
{
    char *yaml = vcl_format("{apiVersion: v1, kind: Pod, metadata: {name: %s-0, namespace: %s, "
                            "labels: {app: vcluster, release: %s}}, status: %s}",
                            name, namespace_name, name, status);

    fake_host_put(host, yaml);
    free(yaml);
}

static const char running[] = "{phase: Running, conditions: [{type: Ready, status: 'True'}]}";

static vcluster_instance_list *list(const char *namespace_name)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *made = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = namespace_name;
    assert_works(vcluster_instance_list_new(client, &options, &made, &error), &error);
    return made;
}

static void assert_status(const vcluster_instance_list *made,
                          size_t index,
                          const char *name,
                          const char *status)
{
    const vcluster_instance *instance = vcluster_instance_list_at(made, index);

    assert_non_null(instance);
    assert_string_equal(vcluster_instance_name(instance), name);
    assert_string_equal(vcluster_instance_status(instance), status);
}

static void an_empty_host_gives_an_empty_list(void **state)
{
    vcluster_instance_list *made = list(NULL);

    (void)state;
    assert_int_equal(vcluster_instance_list_size(made), 0);
    assert_null(vcluster_instance_list_at(made, 0));
    vcluster_instance_list_free(made);
}

static void everything_about_an_instance_is_joined(void **state)
{
    (void)state;
    put_set("team-a", "dev");
    put_pod("team-a", "dev", running);

    vcluster_instance_list *made = list(NULL);
    assert_int_equal(vcluster_instance_list_size(made), 1);
    const vcluster_instance *dev = vcluster_instance_list_at(made, 0);
    assert_string_equal(vcluster_instance_name(dev), "dev");
    assert_string_equal(vcluster_instance_namespace(dev), "team-a");
    assert_string_equal(vcluster_instance_status(dev), "Running");
    assert_true(vcluster_instance_ready(dev));
    assert_string_equal(vcluster_instance_version(dev), "0.36.0");
    assert_string_equal(vcluster_instance_kubernetes_version(dev), "v1.35.4");
    assert_string_equal(vcluster_instance_distribution(dev), "upstream");
    assert_int_equal(vcluster_instance_created(dev), 1767323045);
    assert_string_equal(vcluster_instance_note(dev), "");

    char *json = NULL;
    vcluster_error *error = NULL;
    assert_works(vcluster_instance_to_json(dev, &json, &error), &error);
    assert_non_null(strstr(json, "\"namespace\":\"team-a\""));
    assert_non_null(strstr(json, "\"ready\":true"));
    vcluster_free(json);
    vcluster_instance_list_free(made);
}

static void instances_are_sorted_and_deployments_are_among_them(void **state)
{
    (void)state;
    put_set("b", "k");
    put_workload("Deployment", "a", "m", "", "replicas: 1,");
    put_set("c", "a");
    put_set("a", "l");

    vcluster_instance_list *made = list(NULL);
    assert_int_equal(vcluster_instance_list_size(made), 4);
    assert_status(made, 0, "l", "Unknown");
    assert_status(made, 1, "m", "Unknown");
    assert_status(made, 2, "k", "Unknown");
    assert_status(made, 3, "a", "Unknown");
    vcluster_instance_list_free(made);
}

static void a_namespace_narrows_the_list(void **state)
{
    (void)state;
    put_set("a", "one");
    put_set("b", "two");

    vcluster_instance_list *made = list("b");
    assert_int_equal(vcluster_instance_list_size(made), 1);
    assert_status(made, 0, "two", "Unknown");
    assert_int_equal(fake_host_requests(host, "GET", "/namespaces/b/"), 4);
    assert_int_equal(vcluster_client_request_count(client), 4);
    vcluster_instance_list_free(made);
}

static void pods_go_to_the_instance_of_their_own_namespace(void **state)
{
    (void)state;
    put_set("a", "dev");
    put_set("b", "dev");
    put_pod("a", "dev", running);
    put_pod("b", "dev", "{phase: Pending}");
    put_pod("c", "dev", running);

    vcluster_instance_list *made = list(NULL);
    assert_int_equal(vcluster_instance_list_size(made), 2);
    assert_status(made, 0, "dev", "Running");
    assert_status(made, 1, "dev", "Pending");
    assert_false(vcluster_instance_ready(vcluster_instance_list_at(made, 1)));
    vcluster_instance_list_free(made);
}

static void paused_sleeping_and_scaled_down_are_told_apart(void **state)
{
    (void)state;
    put_workload("StatefulSet", "a", "paused", ", annotations: {loft.sh/paused: 'true'}",
                 "replicas: 0,");
    put_workload("StatefulSet", "b", "scaled", "", "replicas: 0,");
    put_set("c", "sleeping");
    put_pod("c", "sleeping", running);
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: vc-config-sleeping, "
                        "namespace: c, labels: {app: vcluster, release: sleeping}, annotations: "
                        "{sleepmode.loft.sh/sleep-type: inactivity}}}");

    vcluster_instance_list *made = list(NULL);
    assert_int_equal(vcluster_instance_list_size(made), 3);
    assert_status(made, 0, "paused", "Paused");
    assert_status(made, 1, "scaled", "ScaledDown");
    assert_status(made, 2, "sleeping", "Sleeping (workloads only)");
    vcluster_instance_list_free(made);
}

static void the_embedded_distribution_says_what_it_cannot_do(void **state)
{
    (void)state;
    put_workload("StatefulSet", "a", "dev",
                 ", annotations: {libvcluster.dev/distribution: embedded}", "replicas: 1,");

    vcluster_instance_list *made = list(NULL);
    const vcluster_instance *dev = vcluster_instance_list_at(made, 0);
    assert_string_equal(vcluster_instance_distribution(dev), "embedded");
    assert_non_null(strstr(vcluster_instance_note(dev), "workloads"));
    vcluster_instance_list_free(made);
}

static void pods_that_may_not_be_read_leave_the_status_unknown(void **state)
{
    (void)state;
    put_set("a", "dev");
    put_pod("a", "dev", running);
    fake_host_fail(host, "GET", "/pods", 403);

    vcluster_instance_list *made = list(NULL);
    assert_int_equal(vcluster_instance_list_size(made), 1);
    assert_status(made, 0, "dev", "Unknown");
    const vcluster_instance *dev = vcluster_instance_list_at(made, 0);
    assert_false(vcluster_instance_ready(dev));
    assert_non_null(strstr(vcluster_instance_note(dev), "pods could not be read"));
    vcluster_instance_list_free(made);
}

static void secrets_that_may_not_be_read_are_noted(void **state)
{
    (void)state;
    put_set("a", "dev");
    put_pod("a", "dev", running);
    fake_host_fail(host, "GET", "/secrets", 403);

    vcluster_instance_list *made = list(NULL);
    assert_status(made, 0, "dev", "Running");
    assert_non_null(strstr(vcluster_instance_note(vcluster_instance_list_at(made, 0)), "Secrets"));
    vcluster_instance_list_free(made);
}

/* "Nothing there" would be a lie. */
static void a_failing_list_is_an_error_and_never_empty(void **state)
{
    static const struct {
        const char *part;
        int http, status;
    } cases[] = {
        { "/statefulsets", 403, VCLUSTER_E_PERMISSION },
        { "/deployments", 403, VCLUSTER_E_PERMISSION },
        { "/statefulsets", 500, VCLUSTER_E_UNAVAILABLE },
        { "/pods", 500, VCLUSTER_E_UNAVAILABLE },
        { "/secrets", 500, VCLUSTER_E_UNAVAILABLE },
        { "/statefulsets", 401, VCLUSTER_E_UNAUTHENTICATED },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        vcluster_instance_list *made = NULL;
        vcluster_error *error = NULL;

        put_set("a", "dev");
        fake_host_fail(host, "GET", cases[i].part, cases[i].http);
        assert_fails(vcluster_instance_list_new(client, NULL, &made, &error), cases[i].status,
                     &error, "list virtual clusters");
        assert_null(made);
        (void)end(state);
        (void)begin(state);
    }
}

static void a_thousand_clusters_take_four_lists_in_pages(void **state)
{
    (void)state;
    for (int i = 0; i < 1000; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "dev-%d", i);
        put_set(name, name);
        put_pod(name, name, running);
    }

    vcluster_instance_list *made = list(NULL);
    assert_int_equal(vcluster_instance_list_size(made), 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_true(vcluster_instance_ready(vcluster_instance_list_at(made, i)));
    assert_status(made, 999, "dev-999", "Running");
    /* Pages of 250: 4 of StatefulSets, 1 of Deployments, 4 of pods; 1 of Secrets' metadata. */
    assert_int_equal(fake_host_requests(host, "GET", "/statefulsets"), 2);
    assert_int_equal(fake_host_requests(host, "GET", "/deployments"), 1);
    assert_int_equal(fake_host_requests(host, "GET", "/pods"), 2);
    assert_int_equal(fake_host_requests(host, "GET", "/secrets"), 1);
    assert_int_equal(vcluster_client_request_count(client), 6);
    vcluster_instance_list_free(made);
}

/* The controller has not seen the newest template: what runs is of an older one. */
static void a_change_that_no_controller_has_seen_is_not_settled(void **state)
{
    static const struct {
        const char *json;
        bool settled;
    } cases[] = {
        { "{\"metadata\":{\"name\":\"dev\",\"generation\":2,\"labels\":{\"release\":\"dev\"}},"
          "\"spec\":{"
          "\"replicas\":1},"
          "\"status\":{\"observedGeneration\":1,\"replicas\":1,\"updatedReplicas\":1}}",
          false },
        { "{\"metadata\":{\"name\":\"dev\",\"generation\":2,\"labels\":{\"release\":\"dev\"}},"
          "\"spec\":{"
          "\"replicas\":1},"
          "\"status\":{\"observedGeneration\":2,\"replicas\":1,\"updatedReplicas\":1}}",
          true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        VCL_AUTO_JSON *item = NULL;
        vcluster_instance instance = { 0 };

        assert_int_equal(vcl_json_parse(cases[i].json, strlen(cases[i].json), &item, NULL), 0);
        vcl_compose_trim(item);
        assert_int_equal(vcl_compose_workload(item, "StatefulSet", &instance, NULL), 1);
        assert_int_equal(instance.settled, cases[i].settled);
        vcl_instance_done(&instance);
    }
}

static void get_finds_one_wherever_it_is(void **state)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_set("a", "dev");
    put_set("b", "other");
    assert_works(vcluster_instance_get(client, "dev", NULL, &instance, &error), &error);
    assert_string_equal(vcluster_instance_namespace(instance), "a");
    vcluster_instance_free(instance);
    instance = NULL;
    assert_fails(vcluster_instance_get(client, "none", NULL, &instance, &error),
                 VCLUSTER_E_NOT_FOUND, &error, "no virtual cluster 'none' in any namespace");
    assert_null(instance);
}

static void get_refuses_a_name_that_stands_twice(void **state)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_set("a", "dev");
    put_set("b", "dev");
    assert_fails(vcluster_instance_get(client, "dev", NULL, &instance, &error),
                 VCLUSTER_E_PRECONDITION, &error, "'a', 'b'");
    assert_null(instance);
}

static void get_falls_back_on_the_rule_where_not_all_may_be_listed(void **state)
{
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    (void)state;
    put_set("vcluster-dev", "dev");
    fake_host_fail(host, "GET", "/apis/apps/v1/statefulsets", 403);
    fake_host_fail(host, "GET", "/apis/apps/v1/deployments", 403);
    assert_works(vcluster_instance_get(client, "dev", NULL, &instance, &error), &error);
    assert_string_equal(vcluster_instance_namespace(instance), "vcluster-dev");
    vcluster_instance_free(instance);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(an_empty_host_gives_an_empty_list),
        CASE(everything_about_an_instance_is_joined),
        CASE(instances_are_sorted_and_deployments_are_among_them),
        CASE(a_namespace_narrows_the_list),
        CASE(pods_go_to_the_instance_of_their_own_namespace),
        CASE(paused_sleeping_and_scaled_down_are_told_apart),
        CASE(the_embedded_distribution_says_what_it_cannot_do),
        CASE(pods_that_may_not_be_read_leave_the_status_unknown),
        CASE(secrets_that_may_not_be_read_are_noted),
        CASE(a_failing_list_is_an_error_and_never_empty),
        CASE(a_thousand_clusters_take_four_lists_in_pages),
        CASE(a_change_that_no_controller_has_seen_is_not_settled),
        CASE(get_finds_one_wherever_it_is),
        CASE(get_refuses_a_name_that_stands_twice),
        CASE(get_falls_back_on_the_rule_where_not_all_may_be_listed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
