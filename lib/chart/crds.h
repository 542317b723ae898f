/* SPDX-License-Identifier: Apache-2.0 */
/* The definitions in crds/: no templates, not part of the release. */
#ifndef VCL_CHART_CRDS_H
#define VCL_CHART_CRDS_H

#include "chart/tree.h"

/* The files of the chart, then those of the charts in it, as documents with their source; and their
 * objects, NULL when a file cannot be read. */
int vcl_crds_collect(const vcl_tree *tree,
                     char **out_text,
                     cJSON **out_objects,
                     vcluster_error **error);

#endif
