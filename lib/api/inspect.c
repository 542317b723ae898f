/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: what a virtual cluster runs with, what of it lies on the host, and two configurations
 * compared. */
#include <libvcluster/sync.h>

#include "api/api.h"
#include "base/str.h"
#include "check/rule.h"
#include "data/report.h"
#include "data/values.h"
#include "vcluster/client.h"
#include "vcluster/config.h"
#include "vcluster/effective.h"
#include "vcluster/instance.h"
#include "vcluster/rules/host_objects.h"
#include "vcluster/rules/sync_diff.h"

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

int vcluster_sync_diff(const vcluster_chart *chart,
                       const vcluster_config *before,
                       const vcluster_config *after,
                       const vcluster_check_options *options,
                       vcluster_plan **out_plan,
                       vcluster_error **error)
{
    vcluster_check_options known = VCLUSTER_CHECK_OPTIONS_INIT;

    int status = VCL_REQUIRE(error, out_plan);
    if (status == 0)
        status = vcl_options_copy(&known, sizeof(known), options, "vcluster_check_options", error);
    if (status == 0) {
        const vcl_sync_diff_input input = {
            .chart = chart,
            .before = before ? before->values : NULL,
            .after = after ? after->values : NULL,
            .name = known.name ? known.name : "vcluster",
            .namespace_name = known.namespace_name ? known.namespace_name : "vcluster",
            .kubernetes_version = known.kubernetes_version,
        };
        status = vcl_sync_diff(&input, out_plan, error);
    }
    return status < 0 ? vcl_wrap(error, status, "compare configurations") : 0;
}

static int begin(vcluster_client *client,
                 const char *name,
                 const vcluster_instance_options *options,
                 vcl_call *call,
                 vcluster_instance **out_instance,
                 vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;

    int status = VCL_API_BEGIN(call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = vcl_instance_find(client, call, name, known.namespace_name, out_instance, error);
    return status;
}

/* A document of values, with which it changes places. */
static int take_values(cJSON *values, vcluster_config **out_config, vcluster_error **error)
{
    int status = vcluster_config_new(out_config, error);

    if (status == 0)
        vcl_json_exchange((*out_config)->values, values);
    return status;
}

int vcluster_instance_config(vcluster_client *client,
                             const char *name,
                             const vcluster_instance_options *options,
                             vcluster_config **out_config,
                             vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    cJSON *values = NULL;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_config);
    if (status == 0)
        status = begin(client, name, options, &call, &instance, error);
    if (status == 0)
        status = vcl_effective_values(client->kube, &call, name, instance->namespace_name, &values,
                                      error);
    if (status == 0)
        status = take_values(values, out_config, error);
    vcl_json_free_secret(values);
    return status < 0
               ? vcl_wrap(error, status, "read the values of virtual cluster '%s'", vcl_str(name))
               : 0;
}

/* What a running virtual cluster would have against new values, before anything is touched. */
static int check_change(vcluster_client *client,
                        vcl_call *call,
                        const vcluster_instance *instance,
                        const vcluster_config *config,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) chart = NULL;
    VCL_AUTO_REPORT *report = NULL;
    cJSON *old = NULL;
    cJSON *values = NULL;
    vcl_check_input input = { .name = instance->name, .namespace_name = instance->namespace_name };

    int status = vcl_effective_values(client->kube, call, instance->name, instance->namespace_name,
                                      &old, error);
    if (status == 0)
        status = vcl_values_coalesce(old, config->values, &values, error);
    if (status == 0 && vcl_streq(instance->distribution, "embedded"))
        status = vcluster_chart_embedded(&chart, error);
    if (status == 0) {
        input.chart = chart;
        input.values = values;
        input.old_values = old;
        status = vcl_check_run(&input, vcl_check_rules, vcl_check_rule_count, &report, error);
    }
    if (status == 0)
        status = vcl_report_to_error(report, VCLUSTER_E_CONFIG,
                                     "the virtual cluster cannot run with these values", error);
    vcl_json_free_secret(old);
    vcl_json_free_secret(values);
    return status;
}

int vcluster_sync_apply(vcluster_client *client,
                        const char *name,
                        const vcluster_config *config,
                        const vcluster_ensure_options *options,
                        vcluster_instance **out_instance,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    vcluster_ensure_options known = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name, config);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = vcl_instance_find(client, &call, name, known.namespace_name, &instance, error);
    if (status == 0)
        status = check_change(client, &call, instance, config, error);
    if (status == 0) {
        known.namespace_name = instance->namespace_name;
        status = vcluster_instance_ensure(client, name, config, &known, out_instance, error);
    }
    return status < 0 ? vcl_wrap(error, status, "change the sync rules of virtual cluster '%s'",
                                 vcl_str(name))
                      : 0;
}

int vcluster_instance_host_objects(vcluster_client *client,
                                   const char *name,
                                   const vcluster_instance_options *options,
                                   char **out_json,
                                   vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    VCL_AUTO_JSON *list = NULL;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_json);
    if (status == 0)
        status = begin(client, name, options, &call, &instance, error);
    if (status == 0)
        status = vcl_host_objects_list(client->kube, &call, name, instance->namespace_name, &list,
                                       error);
    char *json = status == 0 ? vcl_json_print(list) : NULL;
    if (status == 0 && !json)
        status = vcl_no_memory(error);
    if (status == 0)
        *out_json = json;
    return status < 0 ? vcl_wrap(error, status, "list the host objects of virtual cluster '%s'",
                                 vcl_str(name))
                      : 0;
}
