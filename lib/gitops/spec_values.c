/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a spec says beside the values, and a chart looks for in them: policies, and on the control
 * plane's workload until when it is wanted and by whom (libvcluster/lease.h).
 */
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "data/values.h"
#include "gitops/spec.h"

/* policies.POLICY of the values: on, and with the settings below key, or at its top. */
static int set_policy(cJSON *values,
                      const char *policy,
                      const char *key,
                      const cJSON *settings,
                      vcluster_error **error)
{
    cJSON *policies = vcl_json_object(values, "policies");
    cJSON *map = policies ? vcl_json_object(policies, policy) : NULL;
    if (!map || !vcl_json_set(map, "enabled", cJSON_CreateTrue()))
        return vcl_no_memory(error);
    if (!settings)
        return VCLUSTER_OK;
    cJSON *place = key ? vcl_json_object(map, key) : map;
    return place ? vcl_values_merge(place, settings, error) : vcl_no_memory(error);
}

/* Move what the spec says of policies into the values, where the chart looks for it. */
static int set_policies(vcl_gitops_spec *spec, vcluster_error **error)
{
    const cJSON *quota = vcl_json_get(spec->tree, "quota");
    const cJSON *range = vcl_json_get(spec->tree, "limitRange");
    int status = VCLUSTER_OK;

    if (quota)
        status = set_policy(spec->values, "resourceQuota", "quota", quota, error);
    if (status == 0 && range)
        status = set_policy(spec->values, "limitRange", NULL, range, error);
    if (status == 0 && vcl_json_find_bool(spec->tree, false, "networkPolicy", NULL))
        status = set_policy(spec->values, "networkPolicy", NULL, NULL, error);
    if (status < 0)
        return status;
    vcl_json_remove(spec->tree, "quota");
    vcl_json_remove(spec->tree, "limitRange");
    vcl_json_remove(spec->tree, "networkPolicy");
    return VCLUSTER_OK;
}

void vcl_gitops_check_lease(const vcl_gitops_spec *spec, vcluster_report *report)
{
    const char *owner = vcl_json_find_string(spec->tree, "owner", NULL);
    const char *expires = vcl_json_find_string(spec->tree, "expires", NULL);
    int64_t seconds = 0;

    if (owner && (!*owner || strlen(owner) > VCL_MAX_OWNER))
        vcl_gitops_finding(report, "owner", "gitops-owner", NULL,
                           "an owner is a text of 1 to %d bytes", (int)VCL_MAX_OWNER);
    if (expires && !vcl_parse_rfc3339(expires, &seconds))
        vcl_gitops_finding(report, "expires", "gitops-time", "write it like 2026-01-31T18:00:00Z",
                           "'%.100s' is no time: the same file has to mean the same tomorrow",
                           expires);
}

/* The lease that a spec names, as vcluster_instance_list_new() finds it. */
static int set_lease(vcl_gitops_spec *spec, vcluster_error **error)
{
    static const char *const places[][2] = {
        { "owner", "controlPlane.statefulSet.annotations.libvcluster\\.dev/owner" },
        { "expires", "controlPlane.statefulSet.annotations.libvcluster\\.dev/expires-at" },
    };
    int status = VCLUSTER_OK;

    for (size_t i = 0; status == 0 && i < sizeof(places) / sizeof(places[0]); i++) {
        const char *text = vcl_json_find_string(spec->tree, places[i][0], NULL);
        if (text)
            status = vcl_values_set(spec->values, places[i][1], text, VCL_SET_STRING, error);
        vcl_json_remove(spec->tree, places[i][0]);
    }
    return status;
}

int vcl_gitops_fill_values(vcl_gitops_spec *spec, vcluster_error **error)
{
    int status = set_policies(spec, error);

    return status < 0 ? status : set_lease(spec, error);
}
