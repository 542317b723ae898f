/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The roles that vcluster_rights() prints: each operation is carried out by an account that holds
 * only its own, and is refused once a right is taken out of it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "e2e.h"

#define SPACE "vcluster-e2e-rights"
#define NAME "righted"

static char file[64];

/* ---- The operations, as somebody ---- */

static vcluster_instance_options here(void)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;

    options.namespace_name = SPACE;
    options.timeout_ms = 120000;
    return options;
}

static int do_list(vcluster_client *client, vcluster_error **error)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;

    options.namespace_name = SPACE;
    int status = vcluster_instance_list_new(client, &options, &list, error);
    if (status == 0) {
        assert_int_equal(vcluster_instance_list_size(list), 1);
        assert_string_equal(vcluster_instance_status(vcluster_instance_list_at(list, 0)),
                            "Running");
    }
    vcluster_instance_list_free(list);
    return status;
}

static int do_wait(vcluster_client *client, vcluster_error **error)
{
    vcluster_instance_options options = here();

    return vcluster_instance_wait(client, NAME, &options, NULL, error);
}

static int do_why(vcluster_client *client, vcluster_error **error)
{
    vcluster_instance_options options = here();
    vcluster_diagnosis *found = NULL;

    int status = vcluster_instance_why(client, NAME, &options, &found, error);
    if (status == 0)
        assert_string_equal(vcluster_diagnosis_note(found), "");
    vcluster_diagnosis_free(found);
    return status;
}

static int do_describe(vcluster_client *client, vcluster_error **error)
{
    vcluster_instance_options options = here();
    vcluster_description *found = NULL;

    int status = vcluster_instance_describe(client, NAME, &options, &found, error);
    if (status == 0)
        assert_null(strstr(vcluster_description_note(found), "may not be read"));
    vcluster_description_free(found);
    return status;
}

static int do_connect(vcluster_client *client, vcluster_error **error)
{
    vcluster_instance_options options = here();
    vcluster_client *inside = NULL;
    char *version = NULL;

    int status = vcluster_instance_open(client, NAME, &options, &inside, error);
    if (status == 0)
        status = vcluster_client_server_version(inside, NULL, &version, error);
    vcluster_free(version);
    vcluster_client_unref(inside);
    return status;
}

static int do_tunnel(vcluster_client *client, vcluster_error **error)
{
    vcluster_tunnel_options options = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;

    options.namespace_name = SPACE;
    int status = vcluster_tunnel_open(client, NAME, &options, &tunnel, error);
    vcluster_tunnel_free(tunnel);
    return status;
}

static int ignore(int stream, const void *bytes, size_t size, void *data)
{
    (void)stream;
    (void)bytes;
    (void)size;
    (void)data;
    return 0;
}

static int do_logs(vcluster_client *client, vcluster_error **error)
{
    vcluster_pod_logs_options options = VCLUSTER_POD_LOGS_OPTIONS_INIT;

    options.namespace_name = SPACE;
    options.container = "kube-apiserver";
    return vcluster_pod_logs(client, NAME "-0", &options, ignore, NULL, error);
}

static int do_exec(vcluster_client *client, vcluster_error **error)
{
    static const char *const command[] = { "no-such-program", NULL };
    vcluster_pod_exec_options options = VCLUSTER_POD_EXEC_OPTIONS_INIT;
    int code = 0;

    options.namespace_name = SPACE;
    options.container = "kube-apiserver";
    options.timeout_ms = 60000;
    return vcluster_pod_exec(client, NAME "-0", command, &options, ignore, NULL, &code, error);
}

static int do_forward(vcluster_client *client, vcluster_error **error)
{
    vcluster_pod_forward_options options = VCLUSTER_POD_FORWARD_OPTIONS_INIT;
    vcluster_tunnel *tunnel = NULL;

    options.namespace_name = SPACE;
    int status = vcluster_pod_forward(client, NAME "-0", 8443, &options, &tunnel, error);
    vcluster_tunnel_free(tunnel);
    return status;
}

static int do_endpoint(vcluster_client *client, vcluster_error **error)
{
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    vcluster_endpoint *way = NULL;

    options.namespace_name = SPACE;
    int status = vcluster_instance_endpoint(client, NAME, &options, &way, error);
    for (size_t i = 0; i < vcluster_endpoint_candidate_count(way); i++)
        assert_null(
            strstr(vcluster_endpoint_candidate_reason(vcluster_endpoint_candidate_at(way, i)),
                   "not allowed"));
    vcluster_endpoint_free(way);
    return status;
}

static int do_quota(vcluster_client *client, vcluster_error **error)
{
    vcluster_instance_options options = here();
    vcluster_usage *usage = NULL;
    vcluster_report *report = NULL;
    vcluster_fits_options fits = VCLUSTER_FITS_OPTIONS_INIT;

    int status = vcluster_instance_usage(client, NAME, &options, &usage, error);
    fits.namespace_name = SPACE;
    if (status == 0)
        status = vcluster_instance_fits(client, NAME,
                                        "{apiVersion: v1, kind: Pod, metadata: {name: p, "
                                        "namespace: default}, spec: {containers: [{name: c, "
                                        "image: i}]}}",
                                        &fits, &report, error);
    vcluster_usage_free(usage);
    vcluster_report_free(report);
    return status;
}

static int do_extend(vcluster_client *client, vcluster_error **error)
{
    vcluster_extend_options options = VCLUSTER_EXTEND_OPTIONS_INIT;

    options.namespace_name = SPACE;
    options.ttl_s = 3600;
    int status = vcluster_instance_extend(client, NAME, &options, NULL, error);
    options.ttl_s = 0;
    options.never = 1;
    return status < 0 ? status : vcluster_instance_extend(client, NAME, &options, NULL, error);
}

static int do_pause(vcluster_client *client, vcluster_error **error)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;

    options.namespace_name = SPACE;
    return vcluster_instance_pause(client, NAME, &options, error);
}

static int do_resume(vcluster_client *client, vcluster_error **error)
{
    vcluster_pause_options options = VCLUSTER_PAUSE_OPTIONS_INIT;

    options.namespace_name = SPACE;
    return vcluster_instance_resume(client, NAME, &options, error);
}

static vcluster_snapshot_options kept_here(void)
{
    vcluster_snapshot_options options = VCLUSTER_SNAPSHOT_OPTIONS_INIT;

    options.namespace_name = SPACE;
    return options;
}

static int do_snapshot(vcluster_client *client, vcluster_error **error)
{
    vcluster_snapshot_options options = kept_here();

    return vcluster_instance_snapshot(client, NAME, file, &options, NULL, error);
}

static int do_restore(vcluster_client *client, vcluster_error **error)
{
    vcluster_snapshot_options options = kept_here();

    return vcluster_instance_restore(client, NAME, file, &options, NULL, error);
}

static int do_create(vcluster_client *client, vcluster_error **error)
{
    vcluster_ensure_options options = e2e_ensure_options(SPACE);

    return vcluster_instance_ensure(client, NAME, NULL, &options, NULL, error);
}

static int do_upgrade(vcluster_client *client, vcluster_error **error)
{
    vcluster_ensure_options options = e2e_ensure_options(SPACE);
    vcluster_config *config = NULL;

    int status = vcluster_config_parse("{policies: {limitRange: {enabled: true}}, logging: "
                                       "{encoding: json}}",
                                       &config, error);
    if (status == 0)
        status = vcluster_instance_ensure(client, NAME, config, &options, NULL, error);
    vcluster_config_free(config);
    return status;
}

static int do_audit(vcluster_client *client, vcluster_error **error)
{
    vcluster_audit_options options = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;

    int status = vcluster_audit(client, &options, &plan, error);
    vcluster_plan_free(plan);
    return status;
}

static int keep_failure(const vcluster_result *result, void *data)
{
    *(int *)data = vcluster_result_status(result);
    if (vcluster_result_status(result) < 0)
        print_message("%s\n", vcluster_error_to_string(vcluster_result_error(result)));
    return 0;
}

static int do_reap(vcluster_client *client, vcluster_error **error)
{
    vcluster_reap_options options = VCLUSTER_REAP_OPTIONS_INIT;
    int told = 0;

    options.namespace_name = SPACE;
    int status = vcluster_reap(client, &options, keep_failure, &told, error);
    return status < 0 ? status : told;
}

static int do_delete(vcluster_client *client, vcluster_error **error)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;

    options.namespace_name = SPACE;
    options.missing_ok = 1;
    return vcluster_instance_delete(client, NAME, &options, error);
}

static int do_adopt(vcluster_client *client, vcluster_error **error)
{
    vcluster_adopt_options options = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;

    options.namespace_name = SPACE;
    int status = vcluster_instance_adopt(client, NAME, NULL, &options, &plan, error);
    if (status == 0)
        assert_string_equal(vcluster_plan_origin(plan), "manifests");
    vcluster_plan_free(plan);
    return status;
}

/* ---- Roles ---- */

/* Each document of a YAML text. */
static void apply_all(const char *yaml)
{
    while (yaml && *yaml) {
        const char *end = strstr(yaml, "---\n");
        char *one = end ? strndup(yaml, (size_t)(end - yaml)) : strdup(yaml);
        assert_non_null(one);
        e2e_apply(e2e_host(), one);
        free(one);
        yaml = end ? end + 4 : NULL;
    }
}

/* An account is called as what it may do, or "poor" when that is a list. */
static char *rights_of(const char *operation)
{
    const char *account = strchr(operation, ' ') ? "poor" : operation;
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;
    char *role = NULL;
    char *yaml = NULL;

    assert_true(asprintf(&role, "vcluster-e2e-rights-%s", account) > 0);
    options.namespace_name = SPACE;
    options.role_name = role;
    options.service_account = account;
    /* Who upgrades may have the objects of the new values. */
    e2e_ok(vcluster_config_parse("{policies: {limitRange: {enabled: true}}}", &config, &error),
           error);
    e2e_ok(vcluster_rights(operation, config, &options, &yaml, &error), error);
    vcluster_config_free(config);
    free(role);
    return yaml;
}

static vcluster_client *somebody(const char *account)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    char *user = NULL;

    assert_true(asprintf(&user, "system:serviceaccount:" SPACE ":%s", account) > 0);
    options.kubeconfig_path = getenv("VCLUSTER_TEST_KUBECONFIG");
    options.impersonate_user = user;
    e2e_ok(vcluster_client_new(&options, &client, &error), error);
    free(user);
    return client;
}

typedef struct operation {
    const char *name;
    int (*run)(vcluster_client *client, vcluster_error **error);
    const char *resource; /* a verb that is taken out of its rule; NULL: none is */
    const char *verb;
} operation;

/* The authorizer learns of a role a moment after it was written: once more while it refuses (or
 * does not refuse yet). Every operation may be repeated. */
static int run_until(const operation *one, vcluster_client *client, bool refused)
{
    const struct timespec moment = { .tv_nsec = 200000000 };
    int status = 0;

    for (int tries = 0; tries < 25; tries++) {
        vcluster_error *error = NULL;
        status = one->run(client, &error);
        bool settled = (status == VCLUSTER_E_PERMISSION) == refused;
        if (settled && !refused && status < 0)
            print_error("%s: %s\n", one->name, vcluster_error_to_string(error));
        if (!settled && tries == 24)
            print_error("%s: %s\n", one->name, error ? vcluster_error_to_string(error) : "done");
        vcluster_error_free(error);
        if (settled)
            break;
        (void)nanosleep(&moment, NULL);
    }
    return status;
}

/* The verb of the rule in which the resource stands becomes one that there is not. */
static void take_verb(char *yaml, const char *resource, const char *verb)
{
    char *line = NULL;

    assert_true(asprintf(&line, "  - %s\n  verbs:\n", resource) > 0);
    char *rule = strstr(yaml, line);
    assert_non_null(rule);
    rule += strlen(line);
    free(line);
    char *end = strstr(rule, "\n- ");
    assert_true(asprintf(&line, "  - %s\n", verb) > 0);
    char *found = strstr(rule, line);
    free(line);
    assert_non_null(found);
    assert_true(!end || found < end);
    memset(found + 4, 'x', strlen(verb));
}

static int carry_out(const operation *one)
{
    char *yaml = rights_of(one->name);
    vcluster_client *client = somebody(one->name);
    int failed = 0;

    if (one->resource) {
        char *less = strdup(yaml);
        assert_non_null(less);
        take_verb(less, one->resource, one->verb);
        apply_all(less);
        free(less);
        failed += run_until(one, client, true) != VCLUSTER_E_PERMISSION;
        print_message("%-9s without '%s' on %s: %s\n", one->name, one->verb, one->resource,
                      failed ? "NOT REFUSED" : "refused");
    }
    apply_all(yaml);
    int status = run_until(one, client, false);
    print_message("%-9s with its role alone: %s\n", one->name,
                  status == 0 ? "done" : vcluster_status_name(status));
    vcluster_client_unref(client);
    vcluster_free(yaml);
    return failed + (status != 0);
}

static void each_operation_needs_its_role_and_no_more(void **state)
{
    static const operation operations[] = {
        { "create", do_create, "roles", "create" },
        { "list", do_list, "deployments", "list" },
        { "wait", do_wait, "statefulsets", "list" },
        { "why", do_why, NULL, NULL },
        { "describe", do_describe, NULL, NULL },
        { "connect", do_connect, "secrets", "get" },
        { "logs", do_logs, "pods/log", "get" },
        { "exec", do_exec, "pods/exec", "create" },
        { "port-forward", do_forward, "pods/portforward", "create" },
        { "endpoint", do_endpoint, NULL, NULL },
        { "quota", do_quota, "configmaps", "list" },
        { "extend", do_extend, "statefulsets", "patch" },
        { "ensure", do_upgrade, "statefulsets", "list" },
        { "snapshot", do_snapshot, "pods/exec", "create" },
        { "restore", do_restore, "pods", "create" },
        { "pause", do_pause, "statefulsets", "patch" },
        { "resume", do_resume, "statefulsets", "patch" },
        { "audit", do_audit, "priorityclasses", "list" },
    };
    int failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        failed += carry_out(&operations[i]);
    assert_int_equal(failed, 0);
}

/* Programs behind a tunnel see a connection that is reset, whatever the reason: the library says
 * it. The server itself, from 1.35 on, refuses a WebSocket for want of 'create' without saying so.
 */
static void a_missing_right_on_a_pod_is_named(void **state)
{
    static const struct {
        operation run;
        const char *says[4];
    } ways[] = {
        { { "logs", do_logs, NULL, NULL },
          { "cannot get resource \"pods/log\"", "pod '" NAME "-0'", "'get' on pods/log",
            "'vcl rights logs'" } },
        { { "exec", do_exec, NULL, NULL },
          { "is forbidden", "pod '" NAME "-0'", "'create' on pods/exec", "'vcl rights exec'" } },
        { { "port-forward", do_forward, NULL, NULL },
          { "cannot 'create' pods/portforward", "pod '" NAME "-0'", "'create' on pods/portforward",
            "'vcl rights port-forward'" } },
        { { "tunnel", do_tunnel, NULL, NULL },
          { "cannot 'create' pods/portforward", "release=" NAME "'", "'create' on pods/portforward",
            "'vcl rights port-forward'" } },
        { { "connect", do_connect, NULL, NULL },
          { "is forbidden", "pod '" NAME "-0'", "'create' on pods/portforward",
            "'vcl rights port-forward'" } },
        { { "wait", do_wait, NULL, NULL },
          { "is forbidden", "pod '" NAME "-0'", "'create' on pods/portforward",
            "'vcl rights port-forward'" } },
    };
    char *yaml = rights_of("wait connect logs exec port-forward");
    vcluster_client *client = somebody("poor");

    (void)state;
    take_verb(yaml, "pods/log", "get");
    take_verb(yaml, "pods/exec", "create");
    take_verb(yaml, "pods/portforward", "create");
    apply_all(yaml);
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        vcluster_error *error = NULL;

        assert_int_equal(run_until(&ways[i].run, client, true), VCLUSTER_E_PERMISSION);
        assert_int_equal(ways[i].run.run(client, &error), VCLUSTER_E_PERMISSION);
        for (size_t k = 0; k < 4; k++) {
            if (!strstr(vcluster_error_to_string(error), ways[i].says[k]))
                fail_msg("%s: no '%s' in '%s'", ways[i].run.name, ways[i].says[k],
                         vcluster_error_to_string(error));
        }
        assert_non_null(strstr(vcluster_error_to_string(error), "namespace '" SPACE "'"));
        vcluster_error_free(error);
    }
    vcluster_client_unref(client);
    vcluster_free(yaml);
}

/* Without its records it is one of manifests that were applied. */
static void drop_records(void)
{
    for (int revision = 1; revision <= 9; revision++) {
        char record[64];
        vcluster_error *error = NULL;
        (void)snprintf(record, sizeof(record), "sh.helm.release.v1." NAME ".v%d", revision);
        int status =
            vcluster_resource_delete(e2e_host(), "v1", "Secret", SPACE, record, NULL, &error);
        if (status == VCLUSTER_E_NOT_FOUND) {
            vcluster_error_free(error);
            continue;
        }
        e2e_ok(status, error);
    }
}

static void an_adoption_needs_its_role_and_no_more(void **state)
{
    static const operation adopt = { "adopt", do_adopt, "statefulsets", "list" };
    vcluster_adopt_options options = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    (void)state;
    drop_records();
    assert_int_equal(carry_out(&adopt), 0);
    options.namespace_name = SPACE;
    e2e_ok(vcluster_instance_adopt(e2e_host(), NAME, NULL, &options, &plan, &error), error);
    assert_string_equal(vcluster_plan_operation(plan), "none");
    assert_string_equal(vcluster_plan_origin(plan), "libvcluster");
    vcluster_plan_free(plan);
}

static void a_removal_needs_its_role_and_no_more(void **state)
{
    static const operation delete = { "delete", do_delete, "secrets", "update" };
    static const operation reap = { "reap", do_reap, "statefulsets", "delete" };
    vcluster_extend_options soon = VCLUSTER_EXTEND_OPTIONS_INIT;
    const struct timespec moment = { .tv_sec = 2 };
    vcluster_error *error = NULL;

    (void)state;
    e2e_ok(do_create(e2e_host(), &error), error);
    assert_int_equal(carry_out(&delete), 0);
    assert_false(e2e_exists(e2e_host(), "apps/v1", "StatefulSet", SPACE, NAME));
    e2e_ok(do_create(e2e_host(), &error), error);
    soon.namespace_name = SPACE;
    soon.ttl_s = 1;
    e2e_ok(vcluster_instance_extend(e2e_host(), NAME, &soon, NULL, &error), error);
    (void)nanosleep(&moment, NULL); /* it has to expire */
    assert_int_equal(carry_out(&reap), 0);
    assert_false(e2e_exists(e2e_host(), "apps/v1", "StatefulSet", SPACE, NAME));
}

static void remove_cluster_roles(void)
{
    static const char *const names[] = { "why",   "describe", "endpoint", "quota",
                                         "pause", "audit",    "adopt",    NULL };
    static const char *const kinds[] = { "ClusterRole", "ClusterRoleBinding" };

    for (const char *const *name = names; *name; name++) {
        for (int k = 0; k < 2; k++) {
            char role[128];
            (void)snprintf(role, sizeof(role), "vcluster-e2e-rights-%s", *name);
            (void)!vcluster_resource_delete(e2e_host(), "rbac.authorization.k8s.io/v1", kinds[k],
                                            NULL, role, NULL, NULL);
        }
    }
}

static int begin(void **state)
{
    (void)state;
    (void)snprintf(file, sizeof(file), "/tmp/vcluster-e2e-rights-%ld", (long)getpid());
    e2e_remove_namespace(SPACE);
    e2e_make_namespace(SPACE);
    return 0;
}

static int end(void **state)
{
    (void)state;
    (void)unlink(file);
    e2e_remove(NAME, SPACE);
    e2e_remove_namespace(SPACE);
    remove_cluster_roles();
    return 0;
}

int main(void)
{
    E2E_NEEDS_HOST();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_needs_its_role_and_no_more),
        cmocka_unit_test(a_missing_right_on_a_pod_is_named),
        cmocka_unit_test(an_adoption_needs_its_role_and_no_more),
        cmocka_unit_test(a_removal_needs_its_role_and_no_more),
    };
    int failed = cmocka_run_group_tests(tests, begin, end);
    e2e_done();
    return failed;
}
