/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: virtual clusters as files of a Git repository. The list of files is gitops/files.c. */
#include "gitops/gitops.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/tenant/tenant_spec.h"

int vcluster_gitops_render(const char *spec,
                           const char *format,
                           const vcluster_chart *chart,
                           vcluster_files **out_files,
                           vcluster_error **error)
{
    char *of_tenant = NULL;

    int status = VCL_REQUIRE(error, spec, out_files);
    if (status == 0)
        status = vcl_tenant_spec(spec, format, chart, &of_tenant, error);
    if (status == 0)
        status = vcl_gitops_render(of_tenant ? of_tenant : spec, format, chart, out_files, error);
    vcl_free_secret(of_tenant);
    return status < 0 ? vcl_wrap(error, status, "render files for Git") : status;
}

int vcluster_gitops_import(const vcluster_files *files,
                           const char *name,
                           char **out_spec,
                           vcluster_error **error)
{
    int status = VCL_REQUIRE(error, files, out_spec);

    if (status == 0)
        status = vcl_gitops_import(files, name, out_spec, error);
    return status < 0 ? vcl_wrap(error, status, "import files from Git") : status;
}
