/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: charts. */
#include "api/api.h"
#include "base/str.h"
#include "chart/render.h"
#include "vcluster/config.h"
#include "vcluster/names.h"
#include "vcluster/versions.h"

#define DEFAULT_KUBERNETES_VERSION "v1.35.4"

static int template(const vcluster_chart *chart,
                    const char *name,
                    const vcluster_config *config,
                    const vcluster_template_options *known,
                    char **out_manifest,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *values = NULL;
    vcl_rendered rendered = { 0 };

    int status = vcl_config_values(config, &values, error);
    if (status == 0 && vcl_streq(vcluster_chart_name(chart), "vcluster-embedded"))
        status = vcl_version_resolve_embedded(values, error);
    if (status < 0)
        return status;

    vcl_render_input input = {
        .release_name = name,
        .namespace_name = known->namespace_name ? known->namespace_name : "default",
        .revision = 1,
        .user_values = values,
        .kubernetes_version =
            known->kubernetes_version ? known->kubernetes_version : DEFAULT_KUBERNETES_VERSION,
    };
    status = vcl_chart_render(chart, &input, &rendered, error);
    char *text = status == 0
                     ? vcl_format("%s%s", vcl_str(rendered.manifest), vcl_str(rendered.hooks))
                     : NULL;
    vcl_rendered_done(&rendered);
    if (status < 0)
        return status;
    if (!text)
        return vcl_no_memory(error);
    *out_manifest = text;
    return VCLUSTER_OK;
}

int vcluster_chart_template(const vcluster_chart *chart,
                            const char *name,
                            const vcluster_config *config,
                            const vcluster_template_options *options,
                            char **out_manifest,
                            vcluster_error **error)
{
    vcluster_template_options known = VCLUSTER_TEMPLATE_OPTIONS_INIT;

    int status = VCL_REQUIRE(error, chart, name, out_manifest);
    if (status == 0)
        status =
            vcl_options_copy(&known, sizeof(known), options, "vcluster_template_options", error);
    if (status == 0)
        status = vcl_name_check(name, error);
    if (status == 0)
        status = vcl_namespace_check(known.namespace_name, error);
    if (status == 0)
        status = template(chart, name, config, &known, out_manifest, error);
    return status < 0 ? vcl_wrap(error, status, "render chart '%s'", vcluster_chart_name(chart))
                      : status;
}
