/* SPDX-License-Identifier: Apache-2.0 */
/* Files from a spec, and a spec from files; see libvcluster/gitops.h. TeamCluster documents are
 * another matter (vcluster/tenant/tenant_spec.h). */
#ifndef VCL_GITOPS_GITOPS_H
#define VCL_GITOPS_GITOPS_H

#include <libvcluster/gitops.h>

#include "data/json.h"

int vcl_gitops_render(const char *text,
                      const char *format,
                      const vcluster_chart *chart,
                      vcluster_files **out_files,
                      vcluster_error **error);

/* Policies are still in the values, owner and expiry are not. */
int vcl_gitops_import(const vcluster_files *files,
                      const char *name,
                      cJSON **out_spec,
                      vcluster_error **error);
/* What the values of a spec say of policies becomes quota, limitRange and networkPolicy. */
int vcl_gitops_take_policies(cJSON *spec, vcluster_error **error);

#endif
