/* SPDX-License-Identifier: Apache-2.0 */
/* What lib/api calls; see libvcluster/gitops.h. */
#ifndef VCL_GITOPS_GITOPS_H
#define VCL_GITOPS_GITOPS_H

#include <libvcluster/gitops.h>

int vcl_gitops_render(const char *text,
                      const char *format,
                      const vcluster_chart *chart,
                      vcluster_files **out_files,
                      vcluster_error **error);

int vcl_gitops_import(const vcluster_files *files,
                      const char *name,
                      char **out_spec,
                      vcluster_error **error);

#endif
