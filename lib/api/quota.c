/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: what quotas leave. */
#include <libvcluster/quota.h>

#include "api/api.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "data/report.h"
#include "quota/fits.h"
#include "quota/manifests.h"
#include "sync/rules.h"
#include "vcluster/config.h"
#include "vcluster/instance.h"
#include "vcluster/tenant/fits.h"
#include "vcluster/tenant/tenant.h"
#include "vcluster/tenant/usage.h"

enum { MAX_NODES = 100000 };

static int check_nodes(int64_t nodes, vcluster_error **error)
{
    return nodes >= 0 && nodes <= MAX_NODES
               ? 0
               : vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%lld is no number of nodes",
                          (long long)nodes);
}

static int parse(const char *what, const char *text, cJSON **out_objects, vcluster_error **error)
{
    int status = vcl_manifests_parse(text, out_objects, error);

    return status < 0 ? vcl_wrap(error, status, "read %s", what) : 0;
}

/* Take the quotas and limit ranges out of what stands beside them. */
static int
sort_constraints(cJSON *all, cJSON **out_quotas, cJSON **out_ranges, vcluster_error **error)
{
    *out_quotas = cJSON_CreateArray();
    *out_ranges = cJSON_CreateArray();
    return *out_quotas && *out_ranges && vcl_manifests_move(all, "ResourceQuota", *out_quotas) &&
                   vcl_manifests_move(all, "LimitRange", *out_ranges)
               ? 0
               : vcl_no_memory(error);
}

static int fits_offline(const char *constraints,
                        const char *manifests,
                        vcl_fits_request *request,
                        vcluster_report *report,
                        vcluster_error **error)
{
    VCL_AUTO_JSON *all = NULL;
    VCL_AUTO_JSON *quotas = NULL;
    VCL_AUTO_JSON *ranges = NULL;
    VCL_AUTO_JSON *objects = NULL;

    int status = parse("constraints", constraints, &all, error);
    if (status == 0)
        status = sort_constraints(all, &quotas, &ranges, error);
    if (status == 0)
        status = parse("manifests", manifests, &objects, error);
    if (status < 0)
        return status;
    request->quotas = quotas;
    request->limit_ranges = ranges;
    request->manifests = objects;
    return vcl_fits(request, report, error);
}

int vcluster_quota_fits(const char *constraints,
                        const char *manifests,
                        const vcluster_config *config,
                        const vcluster_fits_options *options,
                        vcluster_report **out_report,
                        vcluster_error **error)
{
    vcluster_fits_options known = VCLUSTER_FITS_OPTIONS_INIT;
    VCL_AUTO_SYNC_RULES *rules = NULL;
    VCL_AUTO_REPORT *report = NULL;
    vcl_call call;

    int status = VCL_REQUIRE(error, constraints, manifests, out_report);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, -1, &known, sizeof(known), options,
                               "vcluster_fits_options", error);
    if (status == 0)
        status = check_nodes(known.nodes, error);
    if (status == 0 && config)
        status = vcl_sync_rules_read(NULL, config->values, &rules, error);
    if (status == 0) {
        vcl_fits_request request = { .expand = { rules, known.nodes ? known.nodes : 1 } };
        report = vcl_report_new();
        status = report ? fits_offline(constraints, manifests, &request, report, error)
                        : vcl_no_memory(error);
    }
    if (status < 0)
        return vcl_wrap(error, status, "see what fits");
    *out_report = vcl_steal(&report);
    return 0;
}

int vcluster_instance_fits(vcluster_client *client,
                           const char *name,
                           const char *manifests,
                           const vcluster_fits_options *options,
                           vcluster_report **out_report,
                           vcluster_error **error)
{
    vcluster_fits_options known = VCLUSTER_FITS_OPTIONS_INIT;
    VCL_AUTO_REPORT *report = NULL;
    VCL_AUTO_JSON *objects = NULL;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               manifests, out_report);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = check_nodes(known.nodes, error);
    if (status == 0)
        status = parse("manifests", manifests, &objects, error);
    if (status == 0) {
        const vcl_instance_fits_request request = {
            client, name, known.namespace_name, objects, known.nodes,
        };
        report = vcl_report_new();
        status = report ? vcl_instance_fits(&request, &call, report, error) : vcl_no_memory(error);
    }
    if (status < 0)
        return vcl_wrap(error, status, "see what fits into virtual cluster '%s'", vcl_str(name));
    *out_report = vcl_steal(&report);
    return 0;
}

int vcluster_config_set_tenant(vcluster_config *config,
                               const char *tenant,
                               const vcluster_chart *chart,
                               char **out_name,
                               vcluster_error **error)
{
    VCL_AUTO_TENANT read = { 0 };

    int status = VCL_REQUIRE(error, config, tenant);
    if (status == 0)
        status = vcl_tenant_parse(tenant, &read, error);
    if (status == 0)
        status = vcl_tenant_apply(config->values, chart, &read, error);
    if (status < 0)
        return vcl_wrap(error, status, "set the values of a tenant");
    if (out_name)
        *out_name = vcl_steal(&read.name);
    return 0;
}

int vcluster_instance_usage(vcluster_client *client,
                            const char *name,
                            const vcluster_instance_options *options,
                            vcluster_usage **out_usage,
                            vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_usage);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = vcl_instance_find(client, &call, name, known.namespace_name, &instance, error);
    if (status == 0)
        status = vcl_usage_read(client, &call, instance, out_usage, error);
    return status < 0 ? vcl_wrap(error, status, "see what virtual cluster '%s' uses", vcl_str(name))
                      : status;
}

size_t vcluster_usage_size(const vcluster_usage *usage)
{
    return usage ? usage->size : 0;
}

const vcluster_usage_entry *vcluster_usage_at(const vcluster_usage *usage, size_t index)
{
    return usage && index < usage->size ? &usage->items[index] : NULL;
}

const char *vcluster_usage_entry_quota(const vcluster_usage_entry *entry)
{
    return entry ? entry->quota : "";
}

const char *vcluster_usage_entry_resource(const vcluster_usage_entry *entry)
{
    return entry ? entry->resource : "";
}

const char *vcluster_usage_entry_hard(const vcluster_usage_entry *entry)
{
    return entry ? entry->hard : "";
}

const char *vcluster_usage_entry_used(const vcluster_usage_entry *entry)
{
    return entry ? entry->used : "";
}

const char *vcluster_usage_entry_control_plane(const vcluster_usage_entry *entry)
{
    return entry ? entry->control_plane : "";
}

const char *vcluster_usage_entry_left(const vcluster_usage_entry *entry)
{
    return entry ? entry->left : "";
}

int vcluster_usage_to_json(const vcluster_usage *usage, char **out_json, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, usage, out_json);
    char *text = status == 0 ? vcl_json_print(usage->tree) : NULL;

    if (status == 0 && !text)
        status = vcl_no_memory(error);
    if (status == 0)
        *out_json = text;
    return status;
}
