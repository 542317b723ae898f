/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that change nothing, as a table; see operations.h. An audit is one of them: it may
 * remove what is left over, and there is nothing. */
#include "operations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME OPERATION_NAME

static void run_list(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = operations_space();
    int status = vcluster_instance_list_new(client, &options, &list, &error);
    if (status == 0 && vcluster_instance_list_size(list) == 1)
        status = vcluster_instance_to_json(vcluster_instance_list_at(list, 0), &out->told, &error);
    vcluster_instance_list_free(list);
    answer_set(out, status, error);
}

static void run_get(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = operations_space();
    int status = vcluster_instance_get(client, NAME, &options, &instance, &error);
    if (status == 0)
        status = vcluster_instance_to_json(instance, &out->told, &error);
    vcluster_instance_free(instance);
    answer_set(out, status, error);
}

static void tell_plan(answer *out, int status, vcluster_plan *plan, vcluster_error *error)
{
    if (status == 0)
        status = vcluster_plan_to_json(plan, &out->told, &error);
    vcluster_plan_free(plan);
    answer_set(out, status, error);
}

static void run_plan(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_ensure_options options = e2e_ensure_options(operations_space());
    vcluster_config *config = e2e_config();
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    e2e_ok(vcluster_config_set(config, "controlPlane.statefulSet.labels.round", "odd", &error),
           error);
    int status = vcluster_instance_plan(client, NAME, config, &options, &plan, &error);
    vcluster_config_free(config);
    tell_plan(out, status, plan, error);
}

static void run_plan_delete(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = operations_space();
    int status = vcluster_instance_plan_delete(client, NAME, &options, &plan, &error);
    tell_plan(out, status, plan, error);
}

static void run_audit(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_audit_options options = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = operations_space();
    options.grace_s = -1;
    options.remove = 1;
    options.volumes_too = 1;
    int status = vcluster_audit(client, &options, &plan, &error);
    tell_plan(out, status, plan, error);
}

/* What it finds out depends on events: not compared. */
static void run_why(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_diagnosis *diagnosis = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    options.namespace_name = operations_space();
    int status = vcluster_instance_why(client, NAME, &options, &diagnosis, &error);
    vcluster_diagnosis_free(diagnosis);
    answer_set(out, status, error);
}

static void run_preflight(vcluster_client *client, int64_t timeout_ms, answer *out)
{
    vcluster_ensure_options options = e2e_ensure_options(operations_space());
    vcluster_config *config = e2e_config();
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = timeout_ms;
    int status = vcluster_instance_preflight(client, NAME, config, &options, &report, &error);
    if (status == 0)
        status = vcluster_report_to_json(report, &out->told, &error);
    vcluster_report_free(report);
    vcluster_config_free(config);
    answer_set(out, status, error);
}

const operation read_operations[] = {
    { .name = "list",
      .says = "list virtual clusters",
      .hides = true,
      .prepare = operations_make_one,
      .run = run_list },
    { .name = "get",
      .says = "get virtual cluster '" NAME "'",
      .hides = true,
      .prepare = operations_make_one,
      .run = run_get },
    { .name = "plan",
      .says = "plan virtual cluster '" NAME "'",
      .prepare = operations_make_one,
      .run = run_plan },
    { .name = "plan-delete",
      .says = "plan the deletion of virtual cluster '" NAME "'",
      .prepare = operations_make_one,
      .run = run_plan_delete },
    { .name = "audit", .says = "audit the host", .prepare = operations_make_one, .run = run_audit },
    { .name = "why",
      .says = "find out about virtual cluster '" NAME "'",
      .prepare = operations_make_one,
      .run = run_why },
    { .name = "preflight",
      .says = "check virtual cluster '" NAME "'",
      .hides = true,
      .prepare = operations_make_one,
      .run = run_preflight },
};
const size_t read_operation_count = sizeof(read_operations) / sizeof(read_operations[0]);
