/* SPDX-License-Identifier: Apache-2.0 */
/* What the exported functions refuse before they send anything, and how they take NULL. */
#include "cm.h"

#include <libvcluster/vcluster.h>

#include "fake_host.h"

static fake_host *host;
static vcluster_client *client;

static int begin(void **state)
{
    (void)state;
    host = fake_host_start();
    client = fake_host_client(host, "team");
    return 0;
}

static int end(void **state)
{
    (void)state;
    vcluster_client_unref(client);
    fake_host_stop(host);
    return 0;
}

#define REFUSED(call, part) assert_fails((call), VCLUSTER_E_INVALID_ARGUMENT, &error, (part))

static void null_arguments_are_named(void **state)
{
    vcluster_error *error = NULL;
    vcluster_instance_list *list = NULL;
    vcluster_instance *instance = NULL;
    vcluster_tunnel *tunnel = NULL;
    vcluster_client *inner = NULL;
    vcluster_chart *chart = NULL;
    char *text = NULL;

    (void)state;
    REFUSED(vcluster_client_new(NULL, NULL, &error), "out_client is NULL");
    REFUSED(vcluster_client_server_version(NULL, NULL, &text, &error), "client is NULL");
    REFUSED(vcluster_client_server_version(client, NULL, NULL, &error), "out_version is NULL");
    REFUSED(vcluster_instance_ensure(NULL, "a", NULL, NULL, NULL, &error), "client is NULL");
    REFUSED(vcluster_instance_ensure(client, NULL, NULL, NULL, NULL, &error), "name is NULL");
    REFUSED(vcluster_instance_create(client, NULL, NULL, NULL, NULL, &error), "name is NULL");
    REFUSED(vcluster_instance_get(client, "a", NULL, NULL, &error), "out_instance is NULL");
    REFUSED(vcluster_instance_get(NULL, "a", NULL, &instance, &error), "client is NULL");
    REFUSED(vcluster_instance_list_new(client, NULL, NULL, &error), "out_list is NULL");
    REFUSED(vcluster_instance_list_new(NULL, NULL, &list, &error), "client is NULL");
    REFUSED(vcluster_instance_wait(client, NULL, NULL, NULL, &error), "name is NULL");
    REFUSED(vcluster_instance_delete(NULL, "a", NULL, &error), "client is NULL");
    REFUSED(vcluster_instance_open(client, "a", NULL, NULL, &error), "out_client is NULL");
    REFUSED(vcluster_instance_open(NULL, "a", NULL, &inner, &error), "client is NULL");
    REFUSED(vcluster_tunnel_open(client, "a", NULL, NULL, &error), "out_tunnel is NULL");
    REFUSED(vcluster_tunnel_open(client, NULL, NULL, &tunnel, &error), "name is NULL");
    REFUSED(vcluster_tunnel_kubeconfig(NULL, &text, &error), "NULL");
    REFUSED(vcluster_instance_kubeconfig(client, "a", NULL, NULL, &error), "out_text is NULL");
    REFUSED(vcluster_instance_to_json(NULL, &text, &error), "NULL");
    REFUSED(vcluster_resource_get(client, NULL, "Pod", "a", "b", NULL, &text, &error),
            "api_version is NULL");
    REFUSED(vcluster_resource_list(client, "v1", NULL, NULL, &text, &error), "kind is NULL");
    REFUSED(vcluster_resource_apply(client, NULL, NULL, NULL, &error), "manifest is NULL");
    REFUSED(vcluster_resource_patch(client, "v1", "Pod", "a", "b", NULL, NULL, NULL, &error),
            "patch_json is NULL");
    REFUSED(vcluster_resource_delete(client, "v1", "Pod", "a", NULL, NULL, &error), "name is NULL");
    REFUSED(vcluster_resource_watch(client, "v1", "Pod", NULL, NULL, NULL, &error),
            "on_event is NULL");
    REFUSED(vcluster_chart_load(NULL, &chart, &error), "path");
    REFUSED(vcluster_chart_template(NULL, "a", NULL, NULL, &text, &error), "chart is NULL");
    REFUSED(vcluster_cancel_new(NULL, &error), "out_cancel is NULL");
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void names_are_checked_by_every_function(void **state)
{
    static const char *const names[] = { "",    "Dev",           "a.b",   "1a",
                                         "a/b", "../../secrets", "a?x=y", "a-" };
    vcluster_error *error = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        vcluster_instance *instance = NULL;
        vcluster_tunnel *tunnel = NULL;
        vcluster_client *inner = NULL;
        char *text = NULL;

        REFUSED(vcluster_instance_ensure(client, names[i], NULL, NULL, NULL, &error), "name");
        REFUSED(vcluster_instance_create(client, names[i], NULL, NULL, NULL, &error), "name");
        REFUSED(vcluster_instance_get(client, names[i], NULL, &instance, &error), "name");
        REFUSED(vcluster_instance_wait(client, names[i], NULL, NULL, &error), "name");
        REFUSED(vcluster_instance_delete(client, names[i], NULL, &error), "name");
        REFUSED(vcluster_instance_open(client, names[i], NULL, &inner, &error), "name");
        REFUSED(vcluster_tunnel_open(client, names[i], NULL, &tunnel, &error), "name");
        REFUSED(vcluster_instance_kubeconfig(client, names[i], NULL, &text, &error), "name");
    }
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void namespaces_are_checked_by_every_function(void **state)
{
    vcluster_ensure_options ensure = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_instance_options one = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_list_options all = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_delete_options deletion = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_tunnel_options tunnel = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_kubeconfig_options kubeconfig = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_error *error = NULL;
    vcluster_instance *instance = NULL;
    vcluster_instance_list *list = NULL;
    vcluster_tunnel *opened = NULL;
    char *text = NULL;

    (void)state;
    ensure.namespace_name = one.namespace_name = all.namespace_name = "a/../b";
    deletion.namespace_name = tunnel.namespace_name = kubeconfig.namespace_name = "a/../b";
    REFUSED(vcluster_instance_ensure(client, "a", NULL, &ensure, NULL, &error), "namespace");
    REFUSED(vcluster_instance_get(client, "a", &one, &instance, &error), "namespace");
    REFUSED(vcluster_instance_list_new(client, &all, &list, &error), "namespace");
    REFUSED(vcluster_instance_delete(client, "a", &deletion, &error), "namespace");
    REFUSED(vcluster_tunnel_open(client, "a", &tunnel, &opened, &error), "namespace");
    REFUSED(vcluster_instance_kubeconfig(client, "a", &kubeconfig, &text, &error), "namespace");
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void places_to_listen_on_are_checked(void **state)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_error *error = NULL;
    vcluster_tunnel *tunnel = NULL;

    (void)state;
    options.socket_path = "/tmp/x";
    REFUSED(vcluster_tunnel_open(client, "a", &options, &tunnel, &error), "unix_socket");
    options.unix_socket = 1;
    options.local_port = 8443;
    REFUSED(vcluster_tunnel_open(client, "a", &options, &tunnel, &error), "not on both");
    options.local_port = 0;
    options.wait_ms = -1;
    REFUSED(vcluster_tunnel_open(client, "a", &options, &tunnel, &error), "wait_ms");
    assert_null(tunnel);
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void an_empty_command_is_refused(void **state)
{
    static const char *const nothing[] = { NULL };
    vcluster_error *error = NULL;
    int code = 99;

    (void)state;
    REFUSED(vcluster_instance_run(client, "a", nothing, NULL, &code, &error), "command is empty");
    REFUSED(vcluster_instance_run(client, "a", NULL, NULL, &code, &error), "command is NULL");
    assert_int_equal(code, 99);
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void ports_are_checked(void **state)
{
    static const int64_t ports[] = { -1, 65536, INT64_MAX, INT64_MIN };
    vcluster_error *error = NULL;
    vcluster_tunnel *tunnel = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;

        options.local_port = ports[i];
        REFUSED(vcluster_tunnel_open(client, "a", &options, &tunnel, &error), "local_port");
        options.local_port = 0;
        options.remote_port = ports[i];
        REFUSED(vcluster_tunnel_open(client, "a", &options, &tunnel, &error), "remote_port");
    }
    assert_null(tunnel);
    assert_int_equal(vcluster_client_request_count(client), 0);
}

static void errors_need_not_be_asked_for(void **state)
{
    (void)state;
    assert_int_equal(vcluster_instance_delete(NULL, "a", NULL, NULL), VCLUSTER_E_INVALID_ARGUMENT);
    assert_int_equal(vcluster_instance_delete(client, "a", NULL, NULL), VCLUSTER_E_NOT_FOUND);
    assert_int_equal(vcluster_instance_ensure(client, "A", NULL, NULL, NULL, NULL),
                     VCLUSTER_E_INVALID_ARGUMENT);
    fake_host_fail(host, "GET", "/", 500);
    assert_int_equal(vcluster_instance_wait(client, "a", NULL, NULL, NULL), VCLUSTER_E_UNAVAILABLE);
    assert_int_equal(vcluster_instance_delete(client, "a", NULL, NULL), VCLUSTER_E_UNAVAILABLE);
}

static void operations_are_named_in_errors(void **state)
{
    VCL_AUTO_ERROR *error = NULL;

    (void)state;
    assert_int_equal(vcluster_instance_delete(client, "dev", NULL, &error), VCLUSTER_E_NOT_FOUND);
    assert_string_equal(vcluster_error_operation(error), "delete virtual cluster 'dev'");
    assert_string_equal(vcluster_error_message(error), "no virtual cluster 'dev'");
    assert_false(vcluster_error_retryable(error));
}

static void getters_and_destructors_take_null(void **state)
{
    (void)state;
    assert_string_equal(vcluster_instance_name(NULL), "");
    assert_string_equal(vcluster_instance_namespace(NULL), "");
    assert_string_equal(vcluster_instance_status(NULL), "Unknown");
    assert_false(vcluster_instance_ready(NULL));
    assert_string_equal(vcluster_instance_version(NULL), "");
    assert_string_equal(vcluster_instance_note(NULL), "");
    assert_int_equal(vcluster_instance_created(NULL), 0);
    assert_int_equal(vcluster_instance_list_size(NULL), 0);
    assert_null(vcluster_instance_list_at(NULL, 0));
    assert_string_equal(vcluster_client_server(NULL), "");
    assert_string_equal(vcluster_client_context(NULL), "");
    assert_int_equal(vcluster_client_request_count(NULL), 0);
    assert_int_equal(vcluster_tunnel_port(NULL), 0);
    assert_string_equal(vcluster_tunnel_url(NULL), "");
    assert_int_equal(vcluster_error_code(NULL), VCLUSTER_OK);
    assert_int_equal(vcluster_error_finding_count(NULL), 0);
    assert_null(vcluster_error_finding_at(NULL, 0));
    assert_null(vcluster_error_cause(NULL));
    assert_false(vcluster_cancel_triggered(NULL));
    assert_null(vcluster_client_ref(NULL));
    vcluster_cancel_trigger(NULL);
    vcluster_cancel_free(NULL);
    vcluster_instance_free(NULL);
    vcluster_instance_list_free(NULL);
    vcluster_tunnel_free(NULL);
    vcluster_client_unref(NULL);
    vcluster_chart_free(NULL);
    vcluster_config_free(NULL);
    vcluster_error_free(NULL);
    vcluster_free(NULL);
}

static void a_client_tells_where_it_came_from(void **state)
{
    char *version = NULL;
    vcluster_error *error = NULL;

    (void)state;
    assert_true(vcl_starts_with(vcluster_client_server(client), "http://fake."));
    assert_string_equal(vcluster_client_context(client), "c");
    assert_string_equal(vcluster_client_namespace(client), "team");
    assert_works(vcluster_client_server_version(client, NULL, &version, &error), &error);
    assert_string_equal(version, "v1.35.4");
    vcluster_free(version);
    assert_int_equal(vcluster_client_request_count(client), 1);
}

static void a_tunnel_to_a_paused_or_unfinished_cluster_is_refused(void **state)
{
    vcluster_error *error = NULL;
    vcluster_tunnel *tunnel = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}, annotations: "
                        "{loft.sh/paused: 'true'}}, spec: {replicas: 0}}");
    assert_fails(vcluster_tunnel_open(client, "dev", NULL, &tunnel, &error),
                 VCLUSTER_E_PRECONDITION, &error, "is paused");
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 0}}");
    assert_fails(vcluster_tunnel_open(client, "dev", NULL, &tunnel, &error),
                 VCLUSTER_E_PRECONDITION, &error, "no replica");
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1}}");
    assert_int_equal(vcluster_tunnel_open(client, "dev", NULL, &tunnel, &error),
                     VCLUSTER_E_PRECONDITION);
    assert_error_says(error, "'vc-dev' is not there yet");
    assert_true(vcluster_error_retryable(error));
    vcluster_error_free(error);
    assert_null(tunnel);
}

/* Credentials of a dead namesake must not be used: the Secret outlives its Service for a moment. */
static void a_secret_of_an_earlier_namesake_is_not_used(void **state)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1}}");
    fake_host_put(host, "{apiVersion: v1, kind: Secret, metadata: {name: vc-dev, namespace: team, "
                        "ownerReferences: [{kind: Service, name: dev, uid: old}]}, data: {config: "
                        "e30K}}");
    assert_fails(vcluster_instance_kubeconfig(client, "dev", NULL, &text, &error),
                 VCLUSTER_E_PRECONDITION, &error, "that was deleted");
    fake_host_put(host, "{apiVersion: v1, kind: Service, metadata: {name: dev, namespace: team, "
                        "uid: new}}");
    assert_fails(vcluster_instance_kubeconfig(client, "dev", NULL, &text, &error),
                 VCLUSTER_E_PRECONDITION, &error, "an earlier virtual cluster of the same name");
    assert_null(text);
}

static void put_reachable_cluster(void)
{
    /* {clusters: [{name: c, cluster: {server: "https://localhost:8443"}}], users: [{name: u, user:
     * {token: t}}], contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x} */
    static const char config[] =
        "e2NsdXN0ZXJzOiBbe25hbWU6IGMsIGNsdXN0ZXI6IHtzZXJ2ZXI6ICJodHRwczovL2xvY2FsaG9zdDo4NDQzIn19"
        "XSwgdXNlcnM6IFt7bmFtZTogdSwgdXNlcjoge3Rva2VuOiB0fX1dLCBjb250ZXh0czogW3tuYW1lOiB4LCBjb250"
        "ZXh0OiB7Y2x1c3RlcjogYywgdXNlcjogdX19XSwgY3VycmVudC1jb250ZXh0OiB4fQ==";
    char *yaml = vcl_format("{apiVersion: v1, kind: Secret, metadata: {name: vc-dev, namespace: "
                            "team}, data: {config: %s}}",
                            config);

    fake_host_put(host, yaml);
    fake_host_put(host, "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: dev, namespace: "
                        "team, labels: {app: vcluster, release: dev}}, spec: {replicas: 1}}");
    free(yaml);
}

static void a_kubeconfig_needs_a_server_that_others_can_reach(void **state)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    put_reachable_cluster();
    assert_fails(vcluster_instance_kubeconfig(client, "dev", NULL, &text, &error),
                 VCLUSTER_E_PRECONDITION, &error, "has no address that works from here");
    options.server = "http://dev.example.com";
    REFUSED(vcluster_instance_kubeconfig(client, "dev", &options, &text, &error), "plain http");
    assert_null(text);

    options.server = "dev.example.com";
    options.unverified = 1;
    assert_works(vcluster_instance_kubeconfig(client, "dev", &options, &text, &error), &error);
    assert_non_null(strstr(text, "server: https://dev.example.com\n"));
    assert_non_null(strstr(text, "current-context: vcluster_dev_team_c\n"));
    assert_non_null(strstr(text, "token: t\n"));
    vcluster_free(text);
}

static void put_successor(fake_host *of, void *data)
{
    (void)data;
    fake_host_put(of, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: team, uid: "
                      "second}}");
}

/* The object that takes the place of a deleted one is not waited for. */
static void waiting_for_one_uid_ignores_its_successor(void **state)
{
    vcluster_resource_delete_options options = VCLUSTER_RESOURCE_DELETE_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    fake_host_put(host, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: team, "
                        "uid: first}}");
    fake_host_before(host, "GET", "/configmaps?", put_successor, NULL);
    options.uid = "first";
    options.wait = 1;
    options.timeout_ms = 3000;
    assert_works(vcluster_resource_delete(client, "v1", "ConfigMap", "team", "a", &options, &error),
                 &error);
    assert_int_equal(fake_host_count(host, "/configmaps/a"), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(null_arguments_are_named),
        CASE(names_are_checked_by_every_function),
        CASE(namespaces_are_checked_by_every_function),
        CASE(places_to_listen_on_are_checked),
        CASE(an_empty_command_is_refused),
        CASE(ports_are_checked),
        CASE(errors_need_not_be_asked_for),
        CASE(operations_are_named_in_errors),
        CASE(getters_and_destructors_take_null),
        CASE(a_client_tells_where_it_came_from),
        CASE(a_tunnel_to_a_paused_or_unfinished_cluster_is_refused),
        CASE(a_secret_of_an_earlier_namesake_is_not_used),
        CASE(a_kubeconfig_needs_a_server_that_others_can_reach),
        CASE(waiting_for_one_uid_ignores_its_successor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
