/* SPDX-License-Identifier: Apache-2.0 */
/* Quota, limit range, network policies and version of a tenant; see tenant.h. */
#include "vcluster/tenant/tenant.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "chart/render.h"
#include "quota/share.h"
#include "vcluster/lifecycle/wanted.h"

/* Any name and version: only amounts are looked at. */
#define SHARE_NAME "tenant"
#define SHARE_VERSION "v1.35.4"

static int add_objects(cJSON *objects, vcl_resources *share, vcluster_error **error)
{
    int status = vcl_share_of_objects(objects, share, error);

    if (status == 0)
        vcl_share_add_beside(share);
    return status == 0 && share->failed ? vcl_no_memory(error) : status;
}

/* Upstream's starts CoreDNS inside, and its syncer copies that to the host. */
static int
add_coredns(const vcluster_chart *chart, const vcl_rendered *rendered, vcluster_error **error)
{
    VCL_AUTO_JSON *dns = NULL;

    if (strcmp(vcluster_chart_name(chart), "vcluster") != 0)
        return 0;
    int status = vcl_share_coredns_objects(rendered->values, &dns, error);
    while (status == 0 && dns->child) {
        if (!vcl_json_append(rendered->objects, cJSON_DetachItemViaPointer(dns, dns->child)))
            status = vcl_no_memory(error);
    }
    return status;
}

int vcl_tenant_objects(const cJSON *values,
                       const vcluster_chart *chart,
                       cJSON **out_objects,
                       vcluster_error **error)
{
    __attribute__((cleanup(vcl_rendered_done))) vcl_rendered rendered = { 0 };
    const vcl_render_input input = { .release_name = SHARE_NAME,
                                     .namespace_name = SHARE_NAME,
                                     .revision = 1,
                                     .user_values = values,
                                     .kubernetes_version = SHARE_VERSION };

    int status = vcl_chart_render(chart, &input, &rendered, error);
    if (status == 0)
        status = add_coredns(chart, &rendered, error);
    if (status == 0)
        *out_objects = vcl_steal(&rendered.objects);
    return status;
}

int vcl_control_plane_share(const cJSON *values,
                            const vcluster_chart *chart,
                            vcl_resources *share,
                            vcluster_error **error)
{
    VCL_AUTO_JSON *objects = NULL;
    int status = chart ? vcl_tenant_objects(values, chart, &objects, error)
                       : vcl_share_upstream_objects(values, &objects, error);

    if (status == 0)
        status = add_objects(objects, share, error);
    return status < 0 ? vcl_wrap(error, status, "find the control plane's share") : 0;
}

static bool switch_on(cJSON *policies, const char *name)
{
    cJSON *policy = vcl_json_object(policies, name);

    return policy && vcl_json_set(policy, "enabled", cJSON_CreateTrue());
}

/* Workloads may reach public addresses, which are none of these: upstream's defaults, and the
 * addresses of the link, where clouds hand out credentials of the node. */
static bool close_link(cJSON *policies)
{
    static const char *const blocks[] = { "100.64.0.0/10", "127.0.0.0/8",    "10.0.0.0/8",
                                          "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16" };
    cJSON *workload = vcl_json_object(vcl_json_get(policies, "networkPolicy"), "workload");
    cJSON *egress = workload ? vcl_json_object(workload, "publicEgress") : NULL;
    cJSON *except = NULL;
    bool ok = egress != NULL;

    if (!ok || vcl_json_get(egress, "except") || vcl_json_get(egress, "cidr"))
        return ok;
    except = cJSON_CreateArray();
    for (size_t i = 0; ok && i < sizeof(blocks) / sizeof(blocks[0]); i++)
        ok = except && vcl_json_append(except, cJSON_CreateString(blocks[i]));
    if (ok)
        return vcl_json_set(egress, "except", except);
    cJSON_Delete(except);
    return false;
}

static bool isolate(cJSON *policies)
{
    return switch_on(policies, "networkPolicy") && close_link(policies);
}

static bool write_switches(cJSON *values, const vcl_tenant *tenant)
{
    cJSON *policies = vcl_json_object(values, "policies");

    return policies && switch_on(policies, "resourceQuota") && switch_on(policies, "limitRange") &&
           (tenant->shared_network || isolate(policies)) &&
           (!tenant->kubernetes_version ||
            vcl_wanted_set_version(values, tenant->kubernetes_version));
}

/* Each amount with the control plane's on top. Of two keys that count the same, a default of the
 * chart would bind, too: a null takes it away. */
static int write_quota(cJSON *values,
                       const vcl_tenant *tenant,
                       const vcl_resources *share,
                       vcluster_error **error)
{
    cJSON *quota =
        vcl_json_object(vcl_json_find(values, "policies", "resourceQuota", NULL), "quota");

    if (!quota)
        return vcl_no_memory(error);
    for (size_t i = 0; i < tenant->hard.size; i++) {
        const char *key = tenant->hard.items[i].name;
        const char *other = vcl_quota_other_key(key);
        const vcl_quantity *own = vcl_resources_get(share, key);
        vcl_quantity amount = tenant->hard.items[i].amount;
        char text[VCL_QUANTITY_TEXT];

        if (own && !vcl_quantity_add(&amount, own))
            return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s: too much to be added up", key);
        vcl_quantity_print(&amount, text);
        if (!vcl_json_set_string(quota, key, text) ||
            (other && !vcl_resources_get(&tenant->hard, other) &&
             !vcl_json_set(quota, other, cJSON_CreateNull())))
            return vcl_no_memory(error);
    }
    return 0;
}

int vcl_tenant_apply(cJSON *values,
                     const vcluster_chart *chart,
                     const vcl_tenant *tenant,
                     vcluster_error **error)
{
    VCL_AUTO_JSON *copy = vcl_json_copy(values);
    VCL_AUTO_RESOURCES share = { 0 };

    if (!copy || !write_switches(copy, tenant))
        return vcl_no_memory(error);
    int status = vcl_control_plane_share(copy, chart, &share, error);
    if (status == 0)
        status = write_quota(copy, tenant, &share, error);
    if (status == 0)
        vcl_json_exchange(values, copy);
    return status;
}
