/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an ensure will bring to the host, known completely before anything is touched: chart,
 * values, manifests.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_PLAN_H
#define VCL_VCLUSTER_LIFECYCLE_PLAN_H

#include "chart/release.h"
#include "chart/render.h"
#include "vcluster/changes.h"
#include "vcluster/lifecycle/ensure.h"

typedef struct vcl_plan {
    const vcluster_chart *chart; /* the one to use: given or own_chart */
    vcluster_chart *own_chart;
    const char *distribution; /* "upstream" or "embedded" */
    char *namespace_name;
    cJSON *user_values;
    vcl_rendered rendered;
    bool checked;     /* what check/ calls an error of the values is refused when it is rendered */
    cJSON *no_effect; /* array of paths that the user set and the embedded distribution ignores */
} vcl_plan;

void vcl_plan_done(vcl_plan *plan);

/* Namespace by rule; chart by distribution (existing: that of an existing instance, or NULL), which
 * for upstream may mean fetching it. */
int vcl_plan_place(vcl_plan *plan, const vcl_ensure_request *request, vcluster_error **error);
int vcl_plan_choose(vcl_plan *plan,
                    const vcl_ensure_request *request,
                    vcl_call *call,
                    const char *existing_distribution,
                    vcluster_error **error);
/* Find out what of the user's values has no effect. */
int vcl_plan_find_no_effect(vcl_plan *plan, vcluster_error **error);
/* Refuse values that cannot work (CONFIG with all findings); before: those of the revision that is
 * there, whose faults are not held against it; NULL for a new one. */
int vcl_plan_check(vcl_plan *plan,
                   const vcl_ensure_request *request,
                   const cJSON *before,
                   const char *kubernetes_version,
                   vcluster_error **error);
/* What of the user's values has no effect, as changes of a public plan. */
int vcl_plan_add_no_effect(vcl_plan *plan,
                           const char *name,
                           vcluster_plan *changes,
                           vcluster_error **error);
int vcl_plan_render(vcl_plan *plan,
                    const vcl_ensure_request *request,
                    vcl_call *call,
                    const char *existing_distribution,
                    const char *kubernetes_version,
                    vcluster_error **error);

/* The release record of the plan, with the given status. */
int vcl_plan_encode(const vcl_plan *plan,
                    const vcl_ensure_request *request,
                    int revision,
                    const char *state,
                    cJSON **out_secret,
                    vcluster_error **error);

#endif
