/* SPDX-License-Identifier: Apache-2.0 */
/* TeamCluster documents as specs of files for Git (libvcluster/gitops.h). */
#ifndef VCL_VCLUSTER_TENANT_TENANT_SPEC_H
#define VCL_VCLUSTER_TENANT_TENANT_SPEC_H

#include <libvcluster/chart.h>

#include "data/json.h"

/* The spec that a TeamCluster document stands for: its kind, metadata and spec become name, team
 * and values; what stands beside them stays. *out_spec is NULL for a text that is no such document;
 * else freed with vcl_free_secret(). Format and chart as in vcluster_gitops_render(). */
int vcl_tenant_spec(const char *text,
                    const char *format,
                    const vcluster_chart *chart,
                    char **out_spec,
                    vcluster_error **error);

/* The way back: the TeamCluster document that stands for a spec, or NULL. */
int vcl_tenant_document(const cJSON *spec, cJSON **out_document, vcluster_error **error);

#endif
