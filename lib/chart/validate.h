/* SPDX-License-Identifier: Apache-2.0 */
/* From a chart and the user's values to the values that templates see, checked. */
#ifndef VCL_CHART_VALIDATE_H
#define VCL_CHART_VALIDATE_H

#include "chart/tree.h"

/* The tree of charts and the values laid over all their defaults. */
int vcl_validate_values(vcl_arena *arena,
                        const vcluster_chart *chart,
                        const cJSON *user_values,
                        vcl_tree *out_tree,
                        vcl_tpl_map **out_values,
                        vcluster_error **error);
/* The same values as a JSON tree. */
int vcl_validate_print(vcl_tpl_map *values, cJSON **out_values, vcluster_error **error);
/* Check them against the schemas of the charts of the tree. */
int vcl_validate_tree(const vcl_tree *tree, const cJSON *values, vcluster_error **error);

#endif
