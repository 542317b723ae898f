/* SPDX-License-Identifier: Apache-2.0 */
/* Budgets as people write them: a map of resources to quantities, checked whole. */
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/nearest.h"
#include "data/report.h"
#include "data/yaml.h"
#include "quota/ledger.h"
#include "quota/tenant.h"

static void find(vcluster_report *report, const char *path, const char *message, const char *remedy)
{
    vcl_report_add(report, &(vcl_finding_facts){ .path = path,
                                                 .rule = "budget",
                                                 .severity = VCLUSTER_SEVERITY_ERROR,
                                                 .message = message,
                                                 .remedy = remedy });
}

static void check_member(vcluster_report *report, const cJSON *member)
{
    VCL_AUTO_RESOURCES one = { 0 };
    VCL_AUTO_ERROR *error = NULL;
    VCL_AUTO_JSON *map = cJSON_CreateObject();
    vcl_nearest nearest;

    if (!vcl_quota_key_is_known(member->string, &nearest)) {
        vcl_auto_free char *remedy =
            nearest.found ? vcl_format("did you mean '%s'?", nearest.found) : NULL;
        find(report, member->string, "quotas have no such resource", remedy);
        return;
    }
    if (!map || !vcl_json_set(map, member->string, vcl_json_copy(member)) ||
        vcl_resources_read(&one, map, &error) < 0) {
        const vcluster_error *cause = vcluster_error_cause(error);
        find(report, member->string, vcluster_error_message(cause ? cause : error), NULL);
        return;
    }
    const char *wrong = vcl_quota_absurdity(member->string, &one.items[0].amount);
    if (wrong)
        find(report, member->string, wrong, NULL);
}

int vcl_budget_parse(const char *text, vcl_resources *out_total, vcluster_error **error)
{
    VCL_AUTO_JSON *map = NULL;
    VCL_AUTO_REPORT *report = vcl_report_new();

    if (!report)
        return vcl_no_memory(error);
    int status = vcl_yaml_parse(text, strlen(text), &map, error);
    if (status < 0)
        return vcl_wrap(error, status, "read the budget");
    if (!cJSON_IsObject(map) || !map->child)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "a budget is a map of resources to quantities, such as {cpu: 64, memory: "
                        "256Gi}");
    for (const cJSON *member = map->child; member; member = member->next)
        check_member(report, member);
    if (vcl_report_failed(report))
        return vcl_no_memory(error);
    status = vcl_report_to_error(report, VCLUSTER_E_CONFIG, "the budget cannot be read", error);
    return status < 0 ? status : vcl_bounds_read(out_total, map, error);
}
