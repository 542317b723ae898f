/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: virtual clusters as files of a Git repository. The list of files is gitops/files.c. */
#include "gitops/gitops.h"

#include "api/api.h"
#include "base/str.h"
#include "data/yaml.h"
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

/* As the document of a tenant, where one stands for the spec; else the spec, with all its fields.
 */
static int print_spec(cJSON *spec, char **out_text, vcluster_error **error)
{
    VCL_AUTO_JSON *document = NULL;
    vcl_auto_free char *text = NULL;

    int status = vcl_tenant_document(spec, &document, error);
    if (status == 0 && !document)
        status = vcl_gitops_take_policies(spec, error);
    if (status == 0)
        status = vcl_yaml_print(document ? document : spec, &text, error);
    if (status < 0)
        return status;
    char *line = vcl_format("%s\n", text);
    if (!line)
        return vcl_no_memory(error);
    *out_text = line;
    return VCLUSTER_OK;
}

int vcluster_gitops_import(const vcluster_files *files,
                           const char *name,
                           char **out_spec,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *spec = NULL;
    int status = VCL_REQUIRE(error, files, out_spec);

    if (status == 0)
        status = vcl_gitops_import(files, name, &spec, error);
    if (status == 0)
        status = print_spec(spec, out_spec, error);
    return status < 0 ? vcl_wrap(error, status, "import files from Git") : status;
}
