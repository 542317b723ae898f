/* SPDX-License-Identifier: Apache-2.0 */
/* Two configurations compared: what is copied, and which rights that takes. */
#ifndef VCL_VCLUSTER_RULES_SYNC_DIFF_H
#define VCL_VCLUSTER_RULES_SYNC_DIFF_H

#include "chart/render.h"
#include "vcluster/changes.h"

typedef struct vcl_sync_diff_input {
    const vcluster_chart *chart; /* NULL: upstream's as far as it is known, without the rights */
    const cJSON *before;         /* the user's values */
    const cJSON *after;
    const char *name; /* of the virtual cluster */
    const char *namespace_name;
    const char *kubernetes_version;
} vcl_sync_diff_input;

int vcl_sync_diff(const vcl_sync_diff_input *input,
                  vcluster_plan **out_plan,
                  vcluster_error **error);

/* What the rules of Roles and ClusterRoles among rendered objects allow now and not before, and the
 * other way round (rights_diff.c). */
int vcl_rights_diff(const cJSON *before,
                    const cJSON *after,
                    vcluster_plan *plan,
                    vcluster_error **error);

#endif
