/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: virtual clusters as files of a Git repository. The list of files is gitops/files.c. */
#include "gitops/gitops.h"

#include "api/api.h"

int vcluster_gitops_render(const char *spec,
                           const char *format,
                           const vcluster_chart *chart,
                           vcluster_files **out_files,
                           vcluster_error **error)
{
    int status = VCL_REQUIRE(error, spec, out_files);

    if (status == 0)
        status = vcl_gitops_render(spec, format, chart, out_files, error);
    return status < 0 ? vcl_wrap(error, status, "render files for Git") : status;
}
