/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What check/ calls an error is refused before anything is touched: upstream notices most of it
 * only when the control plane starts, and then one thing at a time.
 */
#include <string.h>

#include "base/str.h"
#include "check/rule.h"
#include "data/report.h"
#include "vcluster/lifecycle/plan.h"

#define REFUSAL "the configuration cannot work; correct it, or ask for unchecked to try it as it is"

/* The rules know upstream's charts and ours, and those of the same name. */
static bool is_known(const vcluster_chart *chart)
{
    return vcl_streq(vcluster_chart_name(chart), "vcluster") ||
           vcl_streq(vcluster_chart_name(chart), "vcluster-embedded");
}

static int find(const vcl_plan *plan,
                const vcl_ensure_request *request,
                const cJSON *values,
                const char *kubernetes_version,
                vcluster_report **out_report,
                vcluster_error **error)
{
    const vcl_check_input input = { .chart = plan->chart,
                                    .values = values,
                                    .name = request->name,
                                    .namespace_name = plan->namespace_name,
                                    .kubernetes_version = kubernetes_version,
                                    .skip_render = true };

    return vcl_check_run(&input, vcl_check_rules, vcl_check_rule_count, out_report, error);
}

static bool is_below(const char *path, const char *part)
{
    size_t size = strlen(part);

    return vcl_starts_with(path, part) &&
           (path[size] == '\0' || path[size] == '.' || path[size] == '[');
}

/* What has no effect breaks nothing. */
static bool has_effect(const vcl_plan *plan, const char *path)
{
    const cJSON *ignored = NULL;

    cJSON_ArrayForEach (ignored, plan->no_effect) {
        if (is_below(path, ignored->valuestring))
            return false;
    }
    return true;
}

/* What the values had before, the virtual cluster lives with. */
static bool is_old(const vcluster_report *before, const vcluster_finding *finding)
{
    for (size_t i = 0; before && i < vcluster_report_size(before); i++) {
        const vcluster_finding *old = vcluster_report_at(before, i);
        if (vcl_streq(old->rule, finding->rule) && vcl_streq(old->path, finding->path) &&
            vcl_streq(old->message, finding->message))
            return true;
    }
    return false;
}

static int refuse(const vcl_plan *plan,
                  const vcluster_report *found,
                  const vcluster_report *before,
                  vcluster_error **error)
{
    VCL_AUTO_REPORT *kept = vcl_report_new();

    if (!kept)
        return vcl_no_memory(error);
    for (size_t i = 0; i < vcluster_report_size(found); i++) {
        const vcluster_finding *f = vcluster_report_at(found, i);
        const vcl_finding_facts facts = { .path = f->path,
                                          .rule = f->rule,
                                          .severity = f->severity,
                                          .message = f->message,
                                          .remedy = f->remedy };
        if (f->severity == VCLUSTER_SEVERITY_ERROR && has_effect(plan, f->path) &&
            !is_old(before, f))
            vcl_report_add(kept, &facts);
    }
    return vcl_report_to_error(kept, VCLUSTER_E_CONFIG, REFUSAL, error);
}

int vcl_plan_check(vcl_plan *plan,
                   const vcl_ensure_request *request,
                   const cJSON *before,
                   const char *kubernetes_version,
                   vcluster_error **error)
{
    VCL_AUTO_REPORT *found = NULL;
    VCL_AUTO_REPORT *old = NULL;

    if (request->unchecked || !is_known(plan->chart))
        return VCLUSTER_OK;
    int status = plan->no_effect ? VCLUSTER_OK : vcl_plan_find_no_effect(plan, error);
    if (status == 0)
        status = find(plan, request, plan->user_values, kubernetes_version, &found, error);
    if (status == 0 && before && vcluster_report_severity(found) == VCLUSTER_SEVERITY_ERROR)
        status = find(plan, request, before, kubernetes_version, &old, error);
    return status < 0 ? status : refuse(plan, found, old, error);
}
