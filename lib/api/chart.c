/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: charts. Those of a loaded chart that only hand out what it holds are in chart/chart.c.
 */
#include <ctype.h>
#include <string.h>

#include "api/api.h"
#include "base/buf.h"
#include "base/str.h"
#include "chart/render.h"
#include "release/operation.h"
#include "repo/fetch.h"
#include "vcluster/names.h"

#define DEFAULT_KUBERNETES_VERSION "v1.35.4"

enum { FETCH_TIMEOUT_MS = 120000 };

int vcluster_chart_parse(const void *data,
                         size_t size,
                         vcluster_chart **out_chart,
                         vcluster_error **error)
{
    int status = VCL_REQUIRE(error, data, out_chart);

    if (status == 0)
        status = vcl_chart_from_archive(data, size, out_chart, error);
    return status < 0 ? vcl_wrap(error, status, "read a chart from memory") : status;
}

int vcluster_chart_fetch(const char *reference,
                         const vcluster_chart_fetch_options *options,
                         vcluster_chart **out_chart,
                         vcluster_error **error)
{
    vcluster_chart_fetch_options known = VCLUSTER_CHART_FETCH_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_REQUIRE(error, reference, out_chart);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, FETCH_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_chart_fetch_options", error);
    if (status == 0)
        status = vcl_chart_fetch(reference, &known, &call, out_chart, error);
    return status < 0 ? vcl_wrap(error, status, "get chart '%s'", vcl_str(reference)) : status;
}

int vcluster_chart_upstream(const vcluster_chart_fetch_options *options,
                            vcluster_chart **out_chart,
                            vcluster_error **error)
{
    vcluster_chart_fetch_options known = VCLUSTER_CHART_FETCH_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_chart);
    if (status == 0)
        status = vcl_api_begin(&call, NULL, FETCH_TIMEOUT_MS, &known, sizeof(known), options,
                               "vcluster_chart_fetch_options", error);
    if (status == 0)
        status = vcl_chart_fetch_upstream(&known, &call, out_chart, error);
    return status < 0 ? vcl_wrap(error, status, "get upstream's chart") : status;
}

const char *vcluster_chart_app_version(const vcluster_chart *chart)
{
    return chart ? vcl_str(vcl_json_find_string(chart->metadata, "appVersion", NULL)) : NULL;
}

const char *vcluster_chart_values(const vcluster_chart *chart)
{
    return chart ? vcl_str(chart->values_text) : NULL;
}

const char *vcluster_chart_schema(const vcluster_chart *chart)
{
    return chart ? vcl_str(chart->schema) : NULL;
}

int vcluster_chart_metadata(const vcluster_chart *chart, char **out_json, vcluster_error **error)
{
    int status = VCL_REQUIRE(error, chart, out_json);
    if (status < 0)
        return status;

    char *json = vcl_json_print(chart->metadata);
    if (!json)
        return vcl_no_memory(error);
    *out_json = json;
    return VCLUSTER_OK;
}

int vcluster_chart_validate(const vcluster_chart *chart,
                            const vcluster_config *config,
                            vcluster_error **error)
{
    VCL_AUTO_JSON *values = NULL;

    int status = VCL_REQUIRE(error, chart);
    if (status == 0)
        status = vcl_api_values(chart, config, &values, error);
    return status < 0 ? status : vcl_chart_validate(chart, values, error);
}

/* "1.30", "v1.29.3-gke.1": as Helm reads --kube-version, only the numbers count. */
static int check_kubernetes_version(const char *given, char **out_version, vcluster_error **error)
{
    const char *text = given;

    while (isspace((unsigned char)*text))
        text++;
    text += *text == 'v';
    size_t first = strspn(text, "0123456789");
    size_t size = first;
    size_t parts = 1;
    while (size > 0 && text[size] == '.' && isdigit((unsigned char)text[size + 1])) {
        size += 1 + strspn(text + size + 1, "0123456789");
        parts++;
    }
    if (parts < 2 || (first > 1 && *text == '0'))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the Kubernetes version '%.80s' is none: give one such as v1.35.4", given);
    *out_version = vcl_format("v%.*s", (int)size, text);
    return *out_version ? VCLUSTER_OK : vcl_no_memory(error);
}

static void trim_end(char *text, size_t *size)
{
    while (*size > 0 && isspace((unsigned char)text[*size - 1]))
        (*size)--;
    text[*size] = '\0';
}

/* In the order of `helm template`: crds/, manifests, hooks. */
static int print(const vcl_rendered *rendered,
                 const vcluster_template_options *known,
                 char **out_manifest,
                 vcluster_error **error)
{
    vcl_auto_free char *hooks =
        known->no_hooks ? vcl_strdup("") : vcl_hooks_print(&rendered->hooks, known->skip_tests);
    vcl_auto_free char *objects = vcl_format(
        "%s%s", known->include_crds ? vcl_str(rendered->crds) : "", vcl_str(rendered->manifest));
    if (!hooks || !objects)
        return vcl_no_memory(error);

    size_t size = strlen(objects);
    trim_end(objects, &size);
    char *text = vcl_format("%s\n%s", objects, hooks);
    if (!text)
        return vcl_no_memory(error);
    *out_manifest = text;
    return VCLUSTER_OK;
}

static int template(const vcluster_chart *chart,
                    const char *name,
                    const vcluster_config *config,
                    const vcluster_template_options *known,
                    char **out_manifest,
                    vcluster_error **error)
{
    VCL_AUTO_JSON *values = NULL;
    vcl_auto_free char *version = NULL;
    vcl_rendered rendered = { 0 };

    int status = vcl_api_values(chart, config, &values, error);
    if (status == 0)
        status = check_kubernetes_version(known->kubernetes_version ? known->kubernetes_version
                                                                    : DEFAULT_KUBERNETES_VERSION,
                                          &version, error);
    if (status < 0)
        return status;

    vcl_render_input input = {
        .release_name = name,
        .namespace_name = known->namespace_name ? known->namespace_name : "default",
        .revision = 1,
        .is_upgrade = known->is_upgrade != 0,
        .user_values = values,
        .kubernetes_version = version,
        .more_api_versions = known->api_versions,
        .skip_schema = known->skip_schema != 0,
    };
    status = vcl_chart_render(chart, &input, &rendered, error);
    if (status == 0)
        status = print(&rendered, known, out_manifest, error);
    vcl_rendered_done(&rendered);
    return status;
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
        status = vcl_release_name_check(name, error);
    if (status == 0)
        status = vcl_namespace_check(known.namespace_name, error);
    if (status == 0)
        status = template(chart, name, config, &known, out_manifest, error);
    return status < 0
               ? vcl_wrap(error, status, "render chart '%s'", vcl_str(vcluster_chart_name(chart)))
               : status;
}
