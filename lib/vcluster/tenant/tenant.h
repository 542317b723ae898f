/* SPDX-License-Identifier: Apache-2.0 */
/* A tenant turned into the values of its virtual cluster. */
#ifndef VCL_VCLUSTER_TENANT_TENANT_H
#define VCL_VCLUSTER_TENANT_TENANT_H

#include <libvcluster/chart.h>

#include "quota/tenant.h"

/* Set policies and version in the user's values: what the tenant may use and, on top of it, what
 * the control plane of the chart (NULL: upstream's, as known) uses. The values are untouched on
 * failure. */
int vcl_tenant_apply(cJSON *values,
                     const vcluster_chart *chart,
                     const vcl_tenant *tenant,
                     vcluster_error **error);

/* The objects of a chart with these values of the user's, in an array; with what upstream's control
 * plane starts inside and copies to the host. */
int vcl_tenant_objects(const cJSON *values,
                       const vcluster_chart *chart,
                       cJSON **out_objects,
                       vcluster_error **error);

/* What the control plane uses of a quota, with these values of the user's. */
int vcl_control_plane_share(const cJSON *values,
                            const vcluster_chart *chart,
                            vcl_resources *share,
                            vcluster_error **error);

#endif
