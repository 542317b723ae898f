/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials of a real virtual cluster: tokens of service accounts, kubeconfigs with them and with
 * the program that fetches them (through a real kubectl where there is one), clients that renew
 * what was revoked, and clients that live on when the virtual cluster is made anew under its name.
 */
#include "e2e.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char space[] = "vcluster-e2e-credential";
static const char name[] = "cred";

/* An error that is expected; the variable is free for the next one. */
static void expect(int status, int expected, vcluster_error **error, const char *part)
{
    e2e_fails(status, expected, *error, part);
    *error = NULL;
}

static void make(void)
{
    vcluster_ensure_options options = e2e_ensure_options(space);
    vcluster_config *config = e2e_config();
    vcluster_error *error = NULL;

    e2e_ok(vcluster_instance_ensure(e2e_host(), name, config, &options, NULL, &error), error);
    vcluster_config_free(config);
}

static int set_up(void **state)
{
    (void)state;
    e2e_remove(name, space);
    make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    e2e_remove(name, space);
    return 0;
}

static vcluster_token_options account(const char *service_account, const char *cluster_role)
{
    vcluster_token_options options = VCLUSTER_TOKEN_OPTIONS_INIT;

    options.namespace_name = space;
    options.service_account = service_account;
    options.cluster_role = cluster_role;
    options.create = cluster_role != NULL;
    options.expiration_s = 600;
    return options;
}

static vcluster_client *open_admin(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = space;
    e2e_ok(vcluster_instance_open(e2e_host(), name, &options, &client, &error), error);
    return client;
}

static vcluster_client *open_account(const vcluster_token_options *options)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    e2e_ok(vcluster_instance_open_token(e2e_host(), name, options, &client, &error), error);
    return client;
}

static int list_namespaces(vcluster_client *client, vcluster_error **error)
{
    char *json = NULL;
    int status = vcluster_resource_list(client, "v1", "Namespace", NULL, &json, error);

    vcluster_free(json);
    return status;
}

static int make_config_map(vcluster_client *client, vcluster_error **error)
{
    return vcluster_resource_apply(
        client, "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}", NULL,
        NULL, error);
}

static int revoke_account(const char *service_account, vcluster_error **error)
{
    vcluster_token_revoke_options options = VCLUSTER_TOKEN_REVOKE_OPTIONS_INIT;

    options.namespace_name = space;
    options.service_account = service_account;
    return vcluster_instance_token_revoke(e2e_host(), name, &options, error);
}

static void a_token_may_do_what_its_role_allows(void **state)
{
    vcluster_token_options options = account("viewer", "view");
    vcluster_client *admin = open_admin();
    vcluster_client *viewer = open_account(&options);
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(list_namespaces(viewer, &error), error);
    int status = make_config_map(viewer, &error);
    expect(status, VCLUSTER_E_PERMISSION, &error, "configmaps");

    /* Another role takes the place of the first. */
    options = account("viewer", "edit");
    vcluster_client *editor = open_account(&options);
    e2e_ok(make_config_map(editor, &error), error);
    vcluster_client_unref(editor);
    vcluster_client_unref(viewer);

    e2e_ok(revoke_account("viewer", &error), error);
    assert_false(e2e_exists(admin, "v1", "ServiceAccount", "kube-system", "viewer"));
    assert_false(e2e_exists(admin, "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", NULL,
                            "libvcluster:kube-system:viewer"));
    status = revoke_account("viewer", &error);
    expect(status, VCLUSTER_E_NOT_FOUND, &error, "viewer");
    vcluster_client_unref(admin);
}

static void a_token_can_be_read_and_printed_as_a_plugin_does(void **state)
{
    vcluster_token_options options = account("plain", "view");
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;
    char *json = NULL;

    (void)state;
    e2e_ok(vcluster_instance_token(e2e_host(), name, &options, &token, &error), error);
    assert_string_equal(vcluster_token_user(token), "system:serviceaccount:kube-system:plain");
    assert_true(vcluster_token_expires_at(token) > 0);
    assert_int_equal(strlen(vcluster_token_expires(token)), strlen("2030-01-02T03:04:05Z"));
    e2e_ok(vcluster_token_exec_credential(token, NULL, &json, &error), error);
    assert_non_null(strstr(json, "\"apiVersion\":\"client.authentication.k8s.io/v1\""));
    assert_non_null(strstr(json, vcluster_token_text(token)));
    assert_non_null(strstr(json, vcluster_token_expires(token)));
    vcluster_free(json);
    int status = vcluster_token_exec_credential(token, "v2", &json, &error);
    expect(status, VCLUSTER_E_UNSUPPORTED, &error, "v2");
    vcluster_token_free(token);
}

static void what_is_not_there_is_told_and_not_made(void **state)
{
    vcluster_token_options options = account("nobody", NULL);
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;

    (void)state;
    int status = vcluster_instance_token(e2e_host(), name, &options, &token, &error);
    expect(status, VCLUSTER_E_NOT_FOUND, &error, "nobody");
    options = account("nobody", "no-such-role");
    status = vcluster_instance_token(e2e_host(), name, &options, &token, &error);
    expect(status, VCLUSTER_E_NOT_FOUND, &error, "no-such-role");
    options.cluster_role = NULL;
    options.role = "no-such-role";
    options.role_namespace = "default";
    status = vcluster_instance_token(e2e_host(), name, &options, &token, &error);
    expect(status, VCLUSTER_E_NOT_FOUND, &error, "'default'");
    options.expiration_s = 10;
    status = vcluster_instance_token(e2e_host(), name, &options, &token, &error);
    expect(status, VCLUSTER_E_INVALID_ARGUMENT, &error, "600");
    assert_null(token);
}

static void an_account_of_somebody_else_is_left_alone(void **state)
{
    vcluster_token_options options = account("theirs", "view");
    vcluster_client *admin = open_admin();
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;

    (void)state;
    e2e_apply(admin, "{apiVersion: v1, kind: ServiceAccount, metadata: {name: theirs, namespace: "
                     "kube-system}}");
    e2e_ok(vcluster_instance_token(e2e_host(), name, &options, &token, &error), error);
    vcluster_token_free(token);
    e2e_ok(revoke_account("theirs", &error), error);
    assert_true(e2e_exists(admin, "v1", "ServiceAccount", "kube-system", "theirs"));
    assert_false(e2e_exists(admin, "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", NULL,
                            "libvcluster:kube-system:theirs"));
    vcluster_client_unref(admin);
}

/* The account goes, its tokens with it: the 401 makes the client ask again. */
static void a_client_renews_a_token_that_is_refused(void **state)
{
    vcluster_token_options options = account("renewed", "view");
    vcluster_client *client = open_account(&options);
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(list_namespaces(client, &error), error);
    e2e_ok(revoke_account("renewed", &error), error);
    /* The API server remembers for some seconds that it knows the token. */
    for (int i = 0; i < 60; i++) {
        if (list_namespaces(client, NULL) == VCLUSTER_OK)
            break;
        (void)sleep(1);
    }
    e2e_ok(list_namespaces(client, &error), error);
    vcluster_client_unref(client);
}

/* ---- Kubeconfigs ---- */

static char *kubeconfig_of(const vcluster_kubeconfig_options *options)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    e2e_ok(vcluster_instance_kubeconfig(e2e_host(), name, options, &text, &error), error);
    return text;
}

static vcluster_tunnel *open_tunnel(void)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;
    vcluster_error *error = NULL;

    options.namespace_name = space;
    e2e_ok(vcluster_tunnel_open(e2e_host(), name, &options, &tunnel, &error), error);
    return tunnel;
}

static vcluster_client *client_of(const char *kubeconfig, int exec_policy)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    options.kubeconfig_text = kubeconfig;
    options.exec_policy = (uint64_t)exec_policy;
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    return client;
}

static void a_kubeconfig_may_hold_a_token_in_place_of_the_key(void **state)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_token_options wanted = account("in-file", "view");
    vcluster_tunnel *tunnel = open_tunnel();
    vcluster_token *token = NULL;
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(vcluster_instance_token(e2e_host(), name, &wanted, &token, &error), error);
    options.namespace_name = space;
    options.server = vcluster_tunnel_url(tunnel);
    options.token = token;
    char *text = kubeconfig_of(&options);
    assert_null(strstr(text, "client-key"));
    assert_non_null(strstr(text, vcluster_token_text(token)));
    vcluster_client *client = client_of(text, VCLUSTER_EXEC_DEFAULT);
    e2e_ok(list_namespaces(client, &error), error);
    int status = make_config_map(client, &error);
    expect(status, VCLUSTER_E_PERMISSION, &error, "configmaps");
    vcluster_client_unref(client);
    vcluster_free(text);
    vcluster_token_free(token);
    vcluster_tunnel_free(tunnel);
}

/* What a real kubectl says; NULL where there is none. */
static char *ask_kubectl(const char *kubeconfig)
{
    char path[] = "/tmp/test-credential-XXXXXX";
    char command[256];
    char answer[4096] = "";
    int fd = mkstemp(path);

    if (system("command -v kubectl > /dev/null") != 0) {
        (void)close(fd);
        (void)unlink(path);
        return NULL;
    }
    assert_true(write(fd, kubeconfig, strlen(kubeconfig)) == (ssize_t)strlen(kubeconfig));
    (void)close(fd);
    (void)snprintf(command, sizeof(command),
                   "kubectl --kubeconfig %s create configmap b -n default -o name 2>&1", path);
    FILE *output = popen(command, "r");
    assert_non_null(output);
    size_t size = fread(answer, 1, sizeof(answer) - 1, output);
    answer[size] = '\0';
    (void)pclose(output);
    (void)unlink(path);
    return strdup(answer);
}

static void a_kubeconfig_may_hold_nothing_but_the_name_of_a_program(void **state)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_tunnel *tunnel = open_tunnel();
    vcluster_error *error = NULL;

    (void)state;
    options.namespace_name = space;
    options.server = vcluster_tunnel_url(tunnel);
    options.exec_plugin = 1;
    options.exec_command = e2e_vcl();
    char *text = kubeconfig_of(&options);
    assert_null(strstr(text, "client-key"));
    assert_null(strstr(text, "token"));
    vcluster_client *client = client_of(text, VCLUSTER_EXEC_ALLOW);
    e2e_ok(make_config_map(client, &error), error);
    vcluster_client_unref(client);

    char *answer = ask_kubectl(text);
    if (answer)
        assert_string_equal(answer, "configmap/b\n");
    else
        print_message("no kubectl: the library's own client was asked alone\n");
    free(answer);
    vcluster_free(text);
    vcluster_tunnel_free(tunnel);
}

static void contradictions_in_a_kubeconfig_are_refused(void **state)
{
    vcluster_kubeconfig_options options = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcluster_error *error = NULL;
    char *text = NULL;

    (void)state;
    options.namespace_name = space;
    options.server = "https://dev.example.com";
    options.service_account = "x";
    int status = vcluster_instance_kubeconfig(e2e_host(), name, &options, &text, &error);
    expect(status, VCLUSTER_E_INVALID_ARGUMENT, &error, "exec");
    options.service_account = NULL;
    options.cluster_role = "view";
    options.exec_plugin = 1;
    status = vcluster_instance_kubeconfig(e2e_host(), name, &options, &text, &error);
    expect(status, VCLUSTER_E_INVALID_ARGUMENT, &error, "service_account");
}

/* ---- Rotation ---- */

/* Another CA, other keys, other pods: clients of the first one go on with the second. */
static void clients_live_on_when_the_cluster_is_made_anew(void **state)
{
    vcluster_token_options options = account("survivor", "view");
    vcluster_client *admin = open_admin();
    vcluster_client *viewer = open_account(&options);
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(list_namespaces(admin, &error), error);
    e2e_ok(list_namespaces(viewer, &error), error);
    e2e_remove(name, space);
    make();
    e2e_ok(make_config_map(admin, &error), error);
    e2e_ok(list_namespaces(viewer, &error), error);
    vcluster_client_unref(viewer);
    vcluster_client_unref(admin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_may_do_what_its_role_allows),
        cmocka_unit_test(a_token_can_be_read_and_printed_as_a_plugin_does),
        cmocka_unit_test(what_is_not_there_is_told_and_not_made),
        cmocka_unit_test(an_account_of_somebody_else_is_left_alone),
        cmocka_unit_test(a_client_renews_a_token_that_is_refused),
        cmocka_unit_test(a_kubeconfig_may_hold_a_token_in_place_of_the_key),
        cmocka_unit_test(a_kubeconfig_may_hold_nothing_but_the_name_of_a_program),
        cmocka_unit_test(contradictions_in_a_kubeconfig_are_refused),
        cmocka_unit_test(clients_live_on_when_the_cluster_is_made_anew),
    };

    E2E_NEEDS_HOST();
    int failed = cmocka_run_group_tests(tests, set_up, tear_down);
    e2e_done();
    return failed;
}
