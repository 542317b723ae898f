/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options structs are versioned by their size: every shorter one (an older header) is accepted, a
 * longer one only when the members that the library does not know are zero. Public headers only.
 * No call here reaches a server: the client's deadline is one millisecond, and nobody listens.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libvcluster/vcluster.h>

static vcluster_client *client;
static vcluster_chart *chart;

static const char kubeconfig[] =
    "{apiVersion: v1, kind: Config, current-context: c,"
    " clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}],"
    " users: [{name: c, user: {}}], contexts: [{name: c, context: {cluster: c, user: c}}]}";

/* ---- One function for each that takes options ---- */

static int call_client_new(const void *options, vcluster_error **error)
{
    vcluster_client *made = NULL;
    int status = vcluster_client_new(options, &made, error);

    vcluster_client_unref(made);
    return status;
}

static int call_new_fake(const void *options, vcluster_error **error)
{
    vcluster_client *made = NULL;
    int status = vcluster_client_new_fake(options, &made, error);

    vcluster_client_unref(made);
    return status;
}

static int call_server_version(const void *options, vcluster_error **error)
{
    char *text = NULL;
    int status = vcluster_client_server_version(client, options, &text, error);

    vcluster_free(text);
    return status;
}

static int call_template(const void *options, vcluster_error **error)
{
    char *text = NULL;
    int status = vcluster_chart_template(chart, "dev", NULL, options, &text, error);

    vcluster_free(text);
    return status;
}

static int call_check(const void *options, vcluster_error **error)
{
    vcluster_report *report = NULL;
    int status = vcluster_config_check(NULL, chart, NULL, options, &report, error);

    vcluster_report_free(report);
    return status;
}

static int call_sync_diff(const void *options, vcluster_error **error)
{
    vcluster_plan *plan = NULL;
    int status = vcluster_sync_diff(chart, NULL, NULL, options, &plan, error);

    vcluster_plan_free(plan);
    return status;
}

static int call_sync_apply(const void *options, vcluster_error **error)
{
    vcluster_config *config = NULL;
    int status = vcluster_config_new(&config, error);

    if (status == 0)
        status = vcluster_sync_apply(client, "dev", config, options, NULL, error);
    vcluster_config_free(config);
    return status;
}

static int call_config(const void *options, vcluster_error **error)
{
    vcluster_config *config = NULL;

    return vcluster_instance_config(client, "dev", options, &config, error);
}

static int call_host_objects(const void *options, vcluster_error **error)
{
    char *json = NULL;

    return vcluster_instance_host_objects(client, "dev", options, &json, error);
}

static int call_ensure(const void *options, vcluster_error **error)
{
    return vcluster_instance_ensure(client, "dev", NULL, options, NULL, error);
}

static int call_plan(const void *options, vcluster_error **error)
{
    vcluster_plan *plan = NULL;

    return vcluster_instance_plan(client, "dev", NULL, options, &plan, error);
}

static int call_preflight(const void *options, vcluster_error **error)
{
    vcluster_report *report = NULL;

    return vcluster_instance_preflight(client, "dev", NULL, options, &report, error);
}

static int call_why(const void *options, vcluster_error **error)
{
    vcluster_diagnosis *diagnosis = NULL;

    return vcluster_instance_why(client, "dev", options, &diagnosis, error);
}

static int call_pause(const void *options, vcluster_error **error)
{
    return vcluster_instance_pause(client, "dev", options, error);
}

static int call_resume(const void *options, vcluster_error **error)
{
    return vcluster_instance_resume(client, "dev", options, error);
}

static int call_create(const void *options, vcluster_error **error)
{
    return vcluster_instance_create(client, "dev", NULL, options, NULL, error);
}

static int call_get(const void *options, vcluster_error **error)
{
    vcluster_instance *instance = NULL;

    return vcluster_instance_get(client, "dev", options, &instance, error);
}

static int call_list(const void *options, vcluster_error **error)
{
    vcluster_instance_list *list = NULL;

    return vcluster_instance_list_new(client, options, &list, error);
}

static int call_wait(const void *options, vcluster_error **error)
{
    return vcluster_instance_wait(client, "dev", options, NULL, error);
}

static int call_delete(const void *options, vcluster_error **error)
{
    return vcluster_instance_delete(client, "dev", options, error);
}

/* The options were taken, and it was missed that one is not set that has no default. */
static int needs_more(int status, const char *part, vcluster_error **error)
{
    if (status != VCLUSTER_E_INVALID_ARGUMENT || !error ||
        !strstr(vcluster_error_message(*error), part))
        return status;
    vcluster_error_free(*error);
    *error = NULL;
    return 0;
}

static int call_extend(const void *options, vcluster_error **error)
{
    return needs_more(vcluster_instance_extend(client, "dev", options, NULL, error), "one of ttl_s",
                      error);
}

static int call_plan_delete(const void *options, vcluster_error **error)
{
    vcluster_plan *plan = NULL;

    return vcluster_instance_plan_delete(client, "dev", options, &plan, error);
}

static int call_adopt(const void *options, vcluster_error **error)
{
    vcluster_plan *plan = NULL;

    return vcluster_instance_adopt(client, "dev", NULL, options, &plan, error);
}

static int call_audit(const void *options, vcluster_error **error)
{
    vcluster_plan *plan = NULL;

    return vcluster_audit(client, options, &plan, error);
}

static int call_reap(const void *options, vcluster_error **error)
{
    return vcluster_reap(client, options, NULL, NULL, error);
}

static int call_rights(const void *options, vcluster_error **error)
{
    char *yaml = NULL;

    int status = vcluster_rights("list", NULL, options, &yaml, error);
    vcluster_free(yaml);
    return status;
}

static int call_reap_manifest(const void *options, vcluster_error **error)
{
    char *text = NULL;

    int status = vcluster_reap_manifest(options, &text, error);
    vcluster_free(text);
    return needs_more(status, "an image is needed", error);
}

static int call_batch_run(const void *options, vcluster_error **error)
{
    vcluster_batch *batch = NULL;

    int status = vcluster_batch_new(&batch, error);
    if (status == 0)
        status = vcluster_batch_run(client, batch, options, NULL, NULL, error);
    vcluster_batch_free(batch);
    return status;
}

/* Those that add to a batch take the options of what they add. */
static int add_to_batch(int kind, const void *options, vcluster_error **error)
{
    vcluster_batch *batch = NULL;

    int status = vcluster_batch_new(&batch, error);
    if (status < 0)
        return status;
    switch (kind) {
    case 0:
        status = vcluster_batch_add_ensure(batch, "dev", NULL, options, error);
        break;
    case 1:
        status = vcluster_batch_add_create(batch, "dev", NULL, options, error);
        break;
    case 2:
        status = vcluster_batch_add_wait(batch, "dev", options, error);
        break;
    case 3:
        status = vcluster_batch_add_extend(batch, "dev", options, error);
        break;
    case 5:
        status = vcluster_batch_add_pause(batch, "dev", options, error);
        break;
    case 6:
        status = vcluster_batch_add_resume(batch, "dev", options, error);
        break;
    case 7:
        status = vcluster_batch_add_snapshot(batch, "dev", "file", options, error);
        break;
    case 8:
        status = vcluster_batch_add_restore(batch, "dev", "file", options, error);
        break;
    default:
        status = vcluster_batch_add_delete(batch, "dev", options, error);
    }
    vcluster_batch_free(batch);
    return status;
}

static int call_batch_ensure(const void *options, vcluster_error **error)
{
    return add_to_batch(0, options, error);
}

static int call_batch_create(const void *options, vcluster_error **error)
{
    return add_to_batch(1, options, error);
}

static int call_batch_wait(const void *options, vcluster_error **error)
{
    return add_to_batch(2, options, error);
}

static int call_batch_pause(const void *options, vcluster_error **error)
{
    return add_to_batch(5, options, error);
}

static int call_batch_resume(const void *options, vcluster_error **error)
{
    return add_to_batch(6, options, error);
}

static int call_batch_snapshot(const void *options, vcluster_error **error)
{
    return add_to_batch(7, options, error);
}

static int call_batch_restore(const void *options, vcluster_error **error)
{
    return add_to_batch(8, options, error);
}

static int call_batch_extend(const void *options, vcluster_error **error)
{
    return add_to_batch(3, options, error);
}

static int call_batch_delete(const void *options, vcluster_error **error)
{
    return add_to_batch(4, options, error);
}

static int call_open(const void *options, vcluster_error **error)
{
    vcluster_client *inner = NULL;

    return vcluster_instance_open(client, "dev", options, &inner, error);
}

static int call_run(const void *options, vcluster_error **error)
{
    static const char *const command[] = { "true", NULL };
    int code = 0;

    return vcluster_instance_run(client, "dev", command, options, &code, error);
}

static int call_tunnel(const void *options, vcluster_error **error)
{
    vcluster_tunnel *tunnel = NULL;

    return vcluster_tunnel_open(client, "dev", options, &tunnel, error);
}

static int call_snapshot(const void *options, vcluster_error **error)
{
    return vcluster_instance_snapshot(client, "dev", "/dev/full/no", options, NULL, error);
}

static int call_request_snapshot(const void *options, vcluster_error **error)
{
    return vcluster_instance_request_snapshot(client, "dev", "container:///data/dev", options, NULL,
                                              error);
}

static int call_delete_snapshot(const void *options, vcluster_error **error)
{
    return vcluster_instance_delete_snapshot(client, "dev", "container:///data/dev.tar.gz", options,
                                             NULL, error);
}

static int call_stored_snapshots(const void *options, vcluster_error **error)
{
    char *json = NULL;

    return vcluster_instance_stored_snapshots(client, "dev", "container:///data/dev", options,
                                              &json, error);
}

static int call_restore_from(const void *options, vcluster_error **error)
{
    return vcluster_instance_restore_from(client, "dev", "container:///data/dev", options, NULL,
                                          error);
}

static int call_snapshot_requests(const void *options, vcluster_error **error)
{
    char *json = NULL;

    return vcluster_instance_snapshot_requests(client, "dev", options, &json, error);
}

static int call_restore(const void *options, vcluster_error **error)
{
    return vcluster_instance_restore(client, "dev", "/nonexistent", options, NULL, error);
}

static int call_certs(const void *options, vcluster_error **error)
{
    char *json = NULL;

    return vcluster_instance_certs(client, "dev", options, &json, error);
}

static int call_rotate_certs(const void *options, vcluster_error **error)
{
    return vcluster_instance_rotate_certs(client, "dev", options, NULL, error);
}

static int call_kubeconfig(const void *options, vcluster_error **error)
{
    char *text = NULL;

    return vcluster_instance_kubeconfig(client, "dev", options, &text, error);
}

static int call_quota_fits(const void *options, vcluster_error **error)
{
    vcluster_report *report = NULL;
    int status = vcluster_quota_fits("", "", NULL, options, &report, error);

    vcluster_report_free(report);
    return status;
}

static int call_budget_read(const void *options, vcluster_error **error)
{
    vcluster_budget *budget = NULL;

    return vcluster_budget_read(client, options, &budget, error);
}

static int call_budget_admit(const void *options, vcluster_error **error)
{
    vcluster_budget *budget = NULL;

    return vcluster_budget_admit(client, NULL, NULL, options, &budget, error);
}

static int call_instance_usage(const void *options, vcluster_error **error)
{
    vcluster_usage *usage = NULL;

    return vcluster_instance_usage(client, "dev", options, &usage, error);
}

static int call_lint_add_instance(const void *options, vcluster_error **error)
{
    vcluster_lint *lint = NULL;

    if (vcluster_lint_new(&lint, error) < 0)
        return VCLUSTER_E_NO_MEMORY;
    int status = vcluster_lint_add_instance(lint, client, "dev", options, error);
    vcluster_lint_free(lint);
    return status;
}

static int call_instance_fits(const void *options, vcluster_error **error)
{
    vcluster_report *report = NULL;

    return vcluster_instance_fits(client, "dev", "", options, &report, error);
}

static int call_connection_start(const void *options, vcluster_error **error)
{
    vcluster_connection *connection = NULL;
    int status = vcluster_connection_start(client, "dev", options, &connection, error);

    vcluster_connection_free(connection);
    return status;
}

static int call_connection_list(const void *options, vcluster_error **error)
{
    vcluster_connection_list *list = NULL;
    int status = vcluster_connection_list_new(options, &list, error);

    vcluster_connection_list_free(list);
    return status;
}

static int call_connection_stop(const void *options, vcluster_error **error)
{
    return vcluster_connection_stop("none", options, error);
}

static int call_endpoint(const void *options, vcluster_error **error)
{
    vcluster_endpoint *endpoint = NULL;

    return vcluster_instance_endpoint(client, "dev", options, &endpoint, error);
}

static int call_token(const void *options, vcluster_error **error)
{
    vcluster_token *token = NULL;

    return vcluster_instance_token(client, "dev", options, &token, error);
}

static int call_open_token(const void *options, vcluster_error **error)
{
    vcluster_client *inner = NULL;

    return vcluster_instance_open_token(client, "dev", options, &inner, error);
}

static int call_token_revoke(const void *options, vcluster_error **error)
{
    return vcluster_instance_token_revoke(client, "dev", options, error);
}

static int call_kubeconfig_save(const void *options, vcluster_error **error)
{
    return vcluster_kubeconfig_save("{}\n", "/dev/null", options, error);
}

static int call_kubeconfig_merge(const void *options, vcluster_error **error)
{
    return vcluster_kubeconfig_merge("{}\n", options, NULL, error);
}

static int call_kubeconfig_remove(const void *options, vcluster_error **error)
{
    return vcluster_kubeconfig_remove(options, NULL, error);
}

static int call_resource_get(const void *options, vcluster_error **error)
{
    char *text = NULL;

    return vcluster_resource_get(client, "v1", "Pod", "a", "b", options, &text, error);
}

static int call_resource_list(const void *options, vcluster_error **error)
{
    char *text = NULL;

    return vcluster_resource_list(client, "v1", "Pod", options, &text, error);
}

static int call_resource_apply(const void *options, vcluster_error **error)
{
    return vcluster_resource_apply(client,
                                   "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: b}}",
                                   options, NULL, error);
}

static int call_resource_patch(const void *options, vcluster_error **error)
{
    return vcluster_resource_patch(client, "v1", "Pod", "a", "b", "{}", options, NULL, error);
}

static int call_resource_delete(const void *options, vcluster_error **error)
{
    return vcluster_resource_delete(client, "v1", "Pod", "a", "b", options, error);
}

static int on_event(const char *type, const char *json, void *data)
{
    (void)type;
    (void)json;
    (void)data;
    return 0;
}

static int call_resource_watch(const void *options, vcluster_error **error)
{
    return vcluster_resource_watch(client, "v1", "Pod", options, on_event, NULL, error);
}

/* A path that is not there: nothing is asked of any server. */
static int call_fetch(const void *options, vcluster_error **error)
{
    vcluster_chart *fetched = NULL;

    return vcluster_chart_fetch("./no-such-chart", options, &fetched, error);
}

static int call_release_install(const void *options, vcluster_error **error)
{
    return vcluster_release_install(client, "dev", chart, NULL, options, NULL, error);
}

static int call_release_upgrade(const void *options, vcluster_error **error)
{
    return vcluster_release_upgrade(client, "dev", chart, NULL, options, NULL, error);
}

static int call_release_rollback(const void *options, vcluster_error **error)
{
    return vcluster_release_rollback(client, "dev", 0, options, NULL, error);
}

static int call_release_uninstall(const void *options, vcluster_error **error)
{
    return vcluster_release_uninstall(client, "dev", options, error);
}

static int call_release_diff(const void *options, vcluster_error **error)
{
    char *text = NULL;

    return vcluster_release_diff(client, "dev", chart, NULL, options, &text, error);
}

static int call_release_get(const void *options, vcluster_error **error)
{
    vcluster_release *release = NULL;

    return vcluster_release_get(client, "dev", 0, options, &release, error);
}

static int call_release_history(const void *options, vcluster_error **error)
{
    vcluster_release_list *list = NULL;

    return vcluster_release_history(client, "dev", options, &list, error);
}

static int on_instance(int event, const vcluster_instance *instance, void *event_data)
{
    (void)event;
    (void)instance;
    (void)event_data;
    return 1;
}

static int call_instance_watch(const void *options, vcluster_error **error)
{
    return vcluster_instance_watch(client, options, on_instance, NULL, error);
}

static int on_output(int stream, const void *bytes, size_t size, void *output_data)
{
    (void)stream;
    (void)bytes;
    (void)size;
    (void)output_data;
    return 1;
}

static int call_pod_logs(const void *options, vcluster_error **error)
{
    return vcluster_pod_logs(client, "dev-0", options, on_output, NULL, error);
}

static int call_pod_exec(const void *options, vcluster_error **error)
{
    static const char *const command[] = { "true", NULL };
    int code = 0;

    return vcluster_pod_exec(client, "dev-0", command, options, on_output, NULL, &code, error);
}

static int call_pod_forward(const void *options, vcluster_error **error)
{
    vcluster_tunnel *tunnel = NULL;
    int status = vcluster_pod_forward(client, "dev-0", 80, options, &tunnel, error);

    vcluster_tunnel_free(tunnel);
    return status;
}

static const struct {
    const char *name;
    size_t size;
    int (*call)(const void *options, vcluster_error **error);
} calls[] = {
    { "client_new", sizeof(vcluster_client_options), call_client_new },
    { "client_new_fake", sizeof(vcluster_fake_options), call_new_fake },
    { "client_server_version", sizeof(vcluster_call_options), call_server_version },
    { "chart_template", sizeof(vcluster_template_options), call_template },
    { "config_check", sizeof(vcluster_check_options), call_check },
    { "sync_diff", sizeof(vcluster_check_options), call_sync_diff },
    { "sync_apply", sizeof(vcluster_ensure_options), call_sync_apply },
    { "instance_config", sizeof(vcluster_instance_options), call_config },
    { "instance_host_objects", sizeof(vcluster_instance_options), call_host_objects },
    { "instance_ensure", sizeof(vcluster_ensure_options), call_ensure },
    { "instance_create", sizeof(vcluster_ensure_options), call_create },
    { "instance_plan", sizeof(vcluster_ensure_options), call_plan },
    { "instance_preflight", sizeof(vcluster_ensure_options), call_preflight },
    { "instance_why", sizeof(vcluster_instance_options), call_why },
    { "instance_pause", sizeof(vcluster_pause_options), call_pause },
    { "instance_resume", sizeof(vcluster_pause_options), call_resume },
    { "instance_get", sizeof(vcluster_instance_options), call_get },
    { "instance_list_new", sizeof(vcluster_list_options), call_list },
    { "instance_wait", sizeof(vcluster_instance_options), call_wait },
    { "instance_delete", sizeof(vcluster_delete_options), call_delete },
    { "instance_extend", sizeof(vcluster_extend_options), call_extend },
    { "instance_plan_delete", sizeof(vcluster_delete_options), call_plan_delete },
    { "instance_adopt", sizeof(vcluster_adopt_options), call_adopt },
    { "audit", sizeof(vcluster_audit_options), call_audit },
    { "reap", sizeof(vcluster_reap_options), call_reap },
    { "rights", sizeof(vcluster_rights_options), call_rights },
    { "reap_manifest", sizeof(vcluster_reap_manifest_options), call_reap_manifest },
    { "batch_run", sizeof(vcluster_batch_options), call_batch_run },
    { "batch_add_ensure", sizeof(vcluster_ensure_options), call_batch_ensure },
    { "batch_add_create", sizeof(vcluster_ensure_options), call_batch_create },
    { "batch_add_wait", sizeof(vcluster_instance_options), call_batch_wait },
    { "batch_add_extend", sizeof(vcluster_extend_options), call_batch_extend },
    { "batch_add_pause", sizeof(vcluster_pause_options), call_batch_pause },
    { "batch_add_resume", sizeof(vcluster_pause_options), call_batch_resume },
    { "batch_add_snapshot", sizeof(vcluster_snapshot_options), call_batch_snapshot },
    { "batch_add_restore", sizeof(vcluster_snapshot_options), call_batch_restore },
    { "batch_add_delete", sizeof(vcluster_delete_options), call_batch_delete },
    { "instance_open", sizeof(vcluster_instance_options), call_open },
    { "tunnel_open", sizeof(vcluster_tunnel_options), call_tunnel },
    { "instance_run", sizeof(vcluster_run_options), call_run },
    { "instance_snapshot", sizeof(vcluster_snapshot_options), call_snapshot },
    { "instance_request_snapshot", sizeof(vcluster_snapshot_request_options),
      call_request_snapshot },
    { "instance_snapshot_requests", sizeof(vcluster_instance_options), call_snapshot_requests },
    { "instance_delete_snapshot", sizeof(vcluster_snapshot_request_options), call_delete_snapshot },
    { "instance_stored_snapshots", sizeof(vcluster_instance_options), call_stored_snapshots },
    { "instance_restore_from", sizeof(vcluster_instance_options), call_restore_from },
    { "instance_restore", sizeof(vcluster_snapshot_options), call_restore },
    { "instance_certs", sizeof(vcluster_instance_options), call_certs },
    { "instance_rotate_certs", sizeof(vcluster_instance_options), call_rotate_certs },
    { "instance_kubeconfig", sizeof(vcluster_kubeconfig_options), call_kubeconfig },
    { "quota_fits", sizeof(vcluster_fits_options), call_quota_fits },
    { "budget_read", sizeof(vcluster_budget_options), call_budget_read },
    { "budget_admit", sizeof(vcluster_budget_options), call_budget_admit },
    { "instance_usage", sizeof(vcluster_instance_options), call_instance_usage },
    { "lint_add_instance", sizeof(vcluster_instance_options), call_lint_add_instance },
    { "instance_fits", sizeof(vcluster_fits_options), call_instance_fits },
    { "connection_start", sizeof(vcluster_connection_start_options), call_connection_start },
    { "connection_list_new", sizeof(vcluster_connection_options), call_connection_list },
    { "connection_stop", sizeof(vcluster_connection_options), call_connection_stop },
    { "instance_endpoint", sizeof(vcluster_endpoint_options), call_endpoint },
    { "instance_token", sizeof(vcluster_token_options), call_token },
    { "instance_open_token", sizeof(vcluster_token_options), call_open_token },
    { "instance_token_revoke", sizeof(vcluster_token_revoke_options), call_token_revoke },
    { "kubeconfig_save", sizeof(vcluster_call_options), call_kubeconfig_save },
    { "kubeconfig_merge", sizeof(vcluster_kubeconfig_merge_options), call_kubeconfig_merge },
    { "kubeconfig_remove", sizeof(vcluster_kubeconfig_remove_options), call_kubeconfig_remove },
    { "resource_get", sizeof(vcluster_call_options), call_resource_get },
    { "resource_list", sizeof(vcluster_resource_list_options), call_resource_list },
    { "resource_apply", sizeof(vcluster_resource_apply_options), call_resource_apply },
    { "resource_patch", sizeof(vcluster_resource_apply_options), call_resource_patch },
    { "resource_delete", sizeof(vcluster_resource_delete_options), call_resource_delete },
    { "resource_watch", sizeof(vcluster_resource_list_options), call_resource_watch },
    { "instance_watch", sizeof(vcluster_list_options), call_instance_watch },
    { "pod_logs", sizeof(vcluster_pod_logs_options), call_pod_logs },
    { "pod_exec", sizeof(vcluster_pod_exec_options), call_pod_exec },
    { "pod_forward", sizeof(vcluster_pod_forward_options), call_pod_forward },
    { "chart_fetch", sizeof(vcluster_chart_fetch_options), call_fetch },
    { "release_install", sizeof(vcluster_release_options), call_release_install },
    { "release_upgrade", sizeof(vcluster_release_options), call_release_upgrade },
    { "release_rollback", sizeof(vcluster_release_options), call_release_rollback },
    { "release_uninstall", sizeof(vcluster_release_options), call_release_uninstall },
    { "release_diff", sizeof(vcluster_release_options), call_release_diff },
    { "release_get", sizeof(vcluster_release_query_options), call_release_get },
    { "release_history", sizeof(vcluster_release_query_options), call_release_history },
};
enum { CALLS = sizeof(calls) / sizeof(calls[0]), TAIL = 16 };

/* Options of exactly `size` bytes in memory, so that a sanitizer sees a read beyond them. */
static void *make_options(size_t memory, size_t struct_size)
{
    size_t *options = calloc(1, memory < sizeof(size_t) ? sizeof(size_t) : memory);

    assert_non_null(options);
    *options = struct_size;
    return options;
}

static bool mentions(const vcluster_error *error, const char *part)
{
    return error && strstr(vcluster_error_to_string(error), part);
}

static void every_truncated_size_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        for (size_t size = sizeof(size_t); size <= calls[i].size; size += 8) {
            void *options = make_options(size, size);
            vcluster_error *error = NULL;

            int status = calls[i].call(options, &error);
            if (status == VCLUSTER_E_UNSUPPORTED || status == VCLUSTER_E_INVALID_ARGUMENT)
                fail_msg("%s with %zu of %zu bytes: %s", calls[i].name, size, calls[i].size,
                         vcluster_error_to_string(error));
            assert_int_equal(status, error ? vcluster_error_code(error) : VCLUSTER_OK);
            vcluster_error_free(error);
            free(options);
        }
    }
}

static void no_options_at_all_are_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        vcluster_error *error = NULL;
        int status = calls[i].call(NULL, &error);

        if (status == VCLUSTER_E_UNSUPPORTED || status == VCLUSTER_E_INVALID_ARGUMENT)
            fail_msg("%s: %s", calls[i].name, vcluster_error_to_string(error));
        vcluster_error_free(error);
    }
}

static void a_size_that_was_not_set_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        static const size_t sizes[] = { 0, 1, 4, 7, 4097, SIZE_MAX };
        for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
            void *options = make_options(calls[i].size, sizes[s]);
            vcluster_error *error = NULL;

            assert_int_equal(calls[i].call(options, &error), VCLUSTER_E_INVALID_ARGUMENT);
            if (!mentions(error, "struct_size"))
                fail_msg("%s: %s", calls[i].name, vcluster_error_to_string(error));
            vcluster_error_free(error);
            free(options);
        }
    }
}

/* A newer caller whose new members are all unused. */
static void an_unknown_tail_of_zeros_is_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        void *options = make_options(calls[i].size + TAIL, calls[i].size + TAIL);
        vcluster_error *error = NULL;

        int status = calls[i].call(options, &error);
        if (status == VCLUSTER_E_UNSUPPORTED || status == VCLUSTER_E_INVALID_ARGUMENT)
            fail_msg("%s: %s", calls[i].name, vcluster_error_to_string(error));
        vcluster_error_free(error);
        free(options);
    }
}

/* A newer caller who asks for something that this library cannot know. */
static void an_unknown_tail_with_a_value_is_unsupported(void **state)
{
    (void)state;
    for (size_t i = 0; i < CALLS; i++) {
        for (size_t byte = 0; byte < TAIL; byte++) {
            unsigned char *options = make_options(calls[i].size + TAIL, calls[i].size + TAIL);
            vcluster_error *error = NULL;

            options[calls[i].size + byte] = 1;
            assert_int_equal(calls[i].call(options, &error), VCLUSTER_E_UNSUPPORTED);
            assert_int_equal(vcluster_error_code(error), VCLUSTER_E_UNSUPPORTED);
            vcluster_error_free(error);
            free(options);
        }
    }
}

static int make_client(void **state)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;
    vcluster_error *error = NULL;

    (void)state;
    /* For the truncated options of client_new, which fall back on it. */
    if (setenv("KUBECONFIG", "/nonexistent/kubeconfig", 1) != 0)
        return -1;
    options.timeout_ms = 1;
    options.kubeconfig_text = kubeconfig;
    if (vcluster_client_new(&options, &client, &error) < 0 ||
        vcluster_chart_embedded(&chart, &error) < 0) {
        (void)fprintf(stderr, "%s\n", vcluster_error_to_string(error));
        vcluster_error_free(error);
        return -1;
    }
    return 0;
}

static int free_client(void **state)
{
    (void)state;
    vcluster_chart_free(chart);
    vcluster_client_unref(client);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_truncated_size_is_accepted),
        cmocka_unit_test(no_options_at_all_are_accepted),
        cmocka_unit_test(a_size_that_was_not_set_is_refused),
        cmocka_unit_test(an_unknown_tail_of_zeros_is_accepted),
        cmocka_unit_test(an_unknown_tail_with_a_value_is_unsupported),
    };

    return cmocka_run_group_tests(tests, make_client, free_client);
}
