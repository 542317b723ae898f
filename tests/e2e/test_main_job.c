/* SPDX-License-Identifier: Apache-2.0 */
/* The main job on a real host: create, list, open, tunnel, restart, delete. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "e2e.h"

#define NAME "e2e-main"
#define NAMESPACE "vcluster-e2e-main"

typedef struct seen {
    int order[64]; /* steps in the order of their first report */
    size_t count;
    int64_t api_ms;
} seen;

static int note_step(const vcluster_progress *progress, void *data)
{
    seen *steps = data;
    int step = vcluster_progress_step(progress);

    if (step == VCLUSTER_STEP_TICK)
        return 0;
    assert_true(*vcluster_progress_message(progress) != '\0');
    if (step == VCLUSTER_STEP_API)
        steps->api_ms = vcluster_progress_elapsed_ms(progress);
    for (size_t i = 0; i < steps->count; i++) {
        if (steps->order[i] == step)
            return 0;
    }
    if (steps->count < 64)
        steps->order[steps->count++] = step;
    return 0;
}

/* As the distribution comes, which takes some on upstream's; see e2e_values(). */
static vcluster_config *values;

static bool was_seen(const seen *steps, int step)
{
    for (size_t i = 0; i < steps->count; i++) {
        if (steps->order[i] == step)
            return true;
    }
    return false;
}

static void create_reports_each_step_and_returns_a_usable_cluster(void **state)
{
    static const int expected[] = { VCLUSTER_STEP_NAMESPACE,  VCLUSTER_STEP_RELEASE,
                                    VCLUSTER_STEP_OBJECT,     VCLUSTER_STEP_POD,
                                    VCLUSTER_STEP_IMAGE,      VCLUSTER_STEP_CONTAINER,
                                    VCLUSTER_STEP_KUBECONFIG, VCLUSTER_STEP_API,
                                    VCLUSTER_STEP_READY };
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    seen steps = { 0 };

    (void)state;
    options.progress = note_step;
    options.user_data = &steps;
    e2e_ok(vcluster_instance_create(e2e_host(), NAME, values, &options, &instance, &error), error);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_true(was_seen(&steps, expected[i]));
    assert_int_equal(steps.order[0], VCLUSTER_STEP_NAMESPACE);
    assert_int_equal(steps.order[steps.count - 1], VCLUSTER_STEP_READY);
    assert_string_equal(vcluster_instance_name(instance), NAME);
    assert_string_equal(vcluster_instance_namespace(instance), NAMESPACE);
    assert_string_equal(vcluster_instance_distribution(instance), options.distribution);
    assert_memory_equal(vcluster_instance_kubernetes_version(instance), "v1.3", 4);
    assert_true(vcluster_instance_ready(instance));
    if (!e2e_upstream_values()) {
        assert_string_equal(vcluster_instance_kubernetes_version(instance), "v1.35.4");
        assert_non_null(strstr(vcluster_instance_note(instance), "workloads do not run"));
    }
    print_message("first authenticated answer after %lld ms\n", (long long)steps.api_ms);
    vcluster_instance_free(instance);
}

static void create_refuses_what_exists_and_ensure_accepts_it(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_error *error = NULL;

    (void)state;
    int status = vcluster_instance_create(e2e_host(), NAME, values, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_ALREADY_EXISTS, error, "use ensure");
    error = NULL;
    e2e_ok(vcluster_instance_ensure(e2e_host(), NAME, values, &options, NULL, &error), error);
}

static void a_second_cluster_in_the_namespace_is_refused(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_error *error = NULL;

    (void)state;
    int status = vcluster_instance_create(e2e_host(), "e2e-second", values, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error, "'" NAME "'");
    assert_false(
        e2e_exists(e2e_host(), "v1", "Secret", NAMESPACE, "sh.helm.release.v1.e2e-second.v1"));
}

static void another_distribution_is_refused(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options(NAMESPACE);
    vcluster_error *error = NULL;

    (void)state;
    bool embedded = !e2e_upstream_values();
    options.distribution = embedded ? "upstream" : "embedded";
    int status = vcluster_instance_ensure(e2e_host(), NAME, values, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error,
              embedded ? "embedded distribution" : "upstream distribution");
}

static void upstream_is_the_default_and_its_chart_is_got_before_anything_is_touched(void **state)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = "vcluster-e2e-none";
    options.chart_source = "/nonexistent/chart";
    int status = vcluster_instance_create(e2e_host(), "e2e-none", NULL, &options, NULL, &error);
    e2e_fails(status, VCLUSTER_E_NOT_FOUND, error, "upstream's chart");
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, "vcluster-e2e-none"));
}

static void list_costs_four_requests(void **state)
{
    vcluster_instance_list *list = NULL;
    vcluster_error *error = NULL;
    bool found = false;

    (void)state;
    int64_t before = vcluster_client_request_count(e2e_host());
    e2e_ok(vcluster_instance_list_new(e2e_host(), NULL, &list, &error), error);
    assert_int_equal(vcluster_client_request_count(e2e_host()) - before, 4);
    for (size_t i = 0; i < vcluster_instance_list_size(list); i++) {
        const vcluster_instance *instance = vcluster_instance_list_at(list, i);
        if (!strcmp(vcluster_instance_name(instance), NAME)) {
            found = true;
            assert_string_equal(vcluster_instance_status(instance), "Running");
            assert_true(vcluster_instance_created(instance) > 0);
        }
    }
    assert_true(found);
    assert_null(vcluster_instance_list_at(list, vcluster_instance_list_size(list)));
    vcluster_instance_list_free(list);
}

static vcluster_client *open_inside(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_instance_open(e2e_host(), NAME, &options, &inside, &error), error);
    return inside;
}

static void what_is_made_inside_stays_inside(void **state)
{
    vcluster_client *inside = open_inside();
    char *version = NULL;
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(vcluster_client_server_version(inside, NULL, &version, &error), error);
    assert_string_equal(version, "v1.35.4");
    vcluster_free(version);
    e2e_apply(inside, "{apiVersion: v1, kind: Namespace, metadata: {name: e2e-blue}}");
    e2e_apply(inside, "{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: "
                      "e2e-blue}, data: {colour: blue}}");
    assert_true(e2e_exists(inside, "v1", "ConfigMap", "e2e-blue", "settings"));
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, "e2e-blue"));
    assert_false(e2e_exists(inside, "v1", "Namespace", NULL, NAMESPACE));
    vcluster_client_unref(inside);
}

/* Another thread, which changes the colour once the watch knows the old one. */
typedef struct changer {
    pthread_t thread;
    vcluster_client *inside;
    bool started;
    int changes;
} changer;

static void *change_colour(void *data)
{
    changer *self = data;
    vcluster_error *error = NULL;

    int status = vcluster_resource_patch(self->inside, "v1", "ConfigMap", "e2e-blue", "settings",
                                         "{\"data\":{\"colour\":\"green\"}}", NULL, NULL, &error);
    return status == 0 ? self : NULL;
}

static int stop_at_colour(const char *type, const char *json, void *data)
{
    changer *other = data;

    other->changes++;
    if (!other->started && strstr(json, "\"blue\""))
        other->started = pthread_create(&other->thread, NULL, change_colour, other) == 0;
    return !strcmp(type, "MODIFIED") && strstr(json, "green");
}

static void watch_tells_changes_until_the_callback_stops_it(void **state)
{
    vcluster_resource_list_options options = VCLUSTER_RESOURCE_LIST_OPTIONS_INIT;
    changer other = { .inside = open_inside() };
    vcluster_error *error = NULL;
    void *changed = NULL;

    (void)state;
    options.namespace_name = "e2e-blue";
    options.timeout_ms = 30000;
    int status = vcluster_resource_watch(other.inside, "v1", "ConfigMap", &options, stop_at_colour,
                                         &other, &error);
    if (other.started)
        assert_int_equal(pthread_join(other.thread, &changed), 0);
    e2e_ok(status, error);
    assert_non_null(changed);
    assert_true(other.changes >= 2);
    vcluster_client_unref(other.inside);
}

static vcluster_client *client_of_text(const char *kubeconfig)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_text = kubeconfig;
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    return client;
}

static void delete_control_plane_pod(void)
{
    vcluster_resource_delete_options options = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    options.wait = 1;
    options.timeout_ms = 60000;
    e2e_ok(
        vcluster_resource_delete(e2e_host(), "v1", "Pod", NAMESPACE, NAME "-0", &options, &error),
        error);
}

static void a_tunnel_survives_a_restart_of_the_pod_and_so_do_the_data(void **state)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;
    char *kubeconfig = NULL;

    (void)state;
    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_tunnel_open(e2e_host(), NAME, &options, &tunnel, &error), error);
    assert_true(vcluster_tunnel_port(tunnel) > 0);
    e2e_ok(vcluster_tunnel_kubeconfig(tunnel, &kubeconfig, &error), error);
    assert_non_null(strstr(kubeconfig, vcluster_tunnel_url(tunnel)));

    vcluster_client *first = client_of_text(kubeconfig);
    assert_true(e2e_exists(first, "v1", "ConfigMap", "e2e-blue", "settings"));
    delete_control_plane_pod();

    vcluster_instance_options wait = VCLUSTER_INSTANCE_OPTIONS_INIT;
    wait.namespace_name = NAMESPACE;
    wait.timeout_ms = 90000;
    e2e_ok(vcluster_instance_wait(e2e_host(), NAME, &wait, NULL, &error), error);
    vcluster_client *second = client_of_text(kubeconfig);
    assert_true(e2e_exists(second, "v1", "ConfigMap", "e2e-blue", "settings"));
    assert_true(vcluster_tunnel_connection_count(tunnel) >= 2);

    /* Any order of freeing will do. */
    vcluster_tunnel_free(tunnel);
    vcluster_client_unref(first);
    vcluster_client_unref(second);
    vcluster_free(kubeconfig);
}

static void a_kubeconfig_without_a_reachable_server_is_refused(void **state)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    options.namespace_name = NAMESPACE;
    int status = vcluster_instance_kubeconfig(e2e_host(), NAME, &options, &text, &error);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error, "hold a tunnel open");
    error = NULL;
    options.server = "dev.example.com";
    options.unverified = 1;
    e2e_ok(vcluster_instance_kubeconfig(e2e_host(), NAME, &options, &text, &error), error);
    assert_non_null(strstr(text, "https://dev.example.com"));
    vcluster_free(text);
}

static void the_guard_annotation_protects_from_deletion(void **state)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = NAMESPACE;
    e2e_ok(vcluster_resource_patch(
               e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME,
               "{\"metadata\":{\"annotations\":{\"loft.sh/non-deletable\":\"true\"}}}", NULL, NULL,
               &error),
           error);
    int status = vcluster_instance_delete(e2e_host(), NAME, &options, &error);
    e2e_fails(status, VCLUSTER_E_PRECONDITION, error, "non-deletable");
    error = NULL;
    e2e_ok(
        vcluster_resource_patch(e2e_host(), "apps/v1", "StatefulSet", NAMESPACE, NAME,
                                "{\"metadata\":{\"annotations\":{\"loft.sh/non-deletable\":null}}}",
                                NULL, NULL, &error),
        error);
}

static void delete_leaves_nothing(void **state)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    options.timeout_ms = 120000;
    e2e_ok(vcluster_instance_delete(e2e_host(), NAME, &options, &error), error);
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, NAMESPACE));

    int status = vcluster_instance_delete(e2e_host(), NAME, &options, &error);
    e2e_fails(status, VCLUSTER_E_NOT_FOUND, error, NAME);
    error = NULL;
    options.missing_ok = 1;
    e2e_ok(vcluster_instance_delete(e2e_host(), NAME, &options, &error), error);
}

static void a_cluster_can_run_another_version_than_its_host(void **state)
{
    vcluster_ensure_options options = e2e_ensure_options("vcluster-e2e-old");
    vcluster_instance_options open = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_config *config = e2e_config();
    vcluster_client *inside = NULL;
    vcluster_error *error = NULL;
    char *version = NULL;

    (void)state;
    e2e_ok(vcluster_config_set(config, "controlPlane.distro.k8s.version", "1.34", &error), error);
    e2e_ok(vcluster_instance_create(e2e_host(), "e2e-old", config, &options, NULL, &error), error);
    open.namespace_name = "vcluster-e2e-old";
    e2e_ok(vcluster_instance_open(e2e_host(), "e2e-old", &open, &inside, &error), error);
    e2e_ok(vcluster_client_server_version(inside, NULL, &version, &error), error);
    assert_memory_equal(version, "v1.34.", 6);
    vcluster_free(version);
    vcluster_client_unref(inside);
    vcluster_config_free(config);
    e2e_remove("e2e-old", "vcluster-e2e-old");
    assert_false(e2e_exists(e2e_host(), "v1", "Namespace", NULL, "vcluster-e2e-old"));
}

static int clean(void **state)
{
    (void)state;
    if (!values)
        values = e2e_values();
    e2e_remove(NAME, NAMESPACE);
    e2e_remove("e2e-old", "vcluster-e2e-old");
    return 0;
}

static int finish(void **state)
{
    (void)state;
    vcluster_config_free(values);
    e2e_done();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create_reports_each_step_and_returns_a_usable_cluster),
        cmocka_unit_test(create_refuses_what_exists_and_ensure_accepts_it),
        cmocka_unit_test(a_second_cluster_in_the_namespace_is_refused),
        cmocka_unit_test(another_distribution_is_refused),
        cmocka_unit_test(upstream_is_the_default_and_its_chart_is_got_before_anything_is_touched),
        cmocka_unit_test(list_costs_four_requests),
        cmocka_unit_test(what_is_made_inside_stays_inside),
        cmocka_unit_test(watch_tells_changes_until_the_callback_stops_it),
        cmocka_unit_test(a_tunnel_survives_a_restart_of_the_pod_and_so_do_the_data),
        cmocka_unit_test(a_kubeconfig_without_a_reachable_server_is_refused),
        cmocka_unit_test(the_guard_annotation_protects_from_deletion),
        cmocka_unit_test(delete_leaves_nothing),
        cmocka_unit_test(a_cluster_can_run_another_version_than_its_host),
    };

    E2E_NEEDS_HOST();
    return cmocka_run_group_tests(tests, clean, finish);
}
