/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a team asks for, turned into the spec of its files; see tenant_spec.h. The quota has the
 * control plane's share on top: of the chart that is rendered here, or of the one that Argo CD or
 * Flux will render, as far as it is known.
 */
#include "vcluster/tenant/tenant_spec.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "data/yaml.h"
#include "vcluster/tenant/tenant.h"
#include "vcluster/versions.h"

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

/* Move the members of a TeamCluster out of the document, and read them. */
static int take_tenant(cJSON *document, vcl_tenant *tenant, vcluster_error **error)
{
    static const char *const members[] = { "apiVersion", "kind", "metadata", "spec" };
    VCL_AUTO_JSON *taken = cJSON_CreateObject();

    if (!taken)
        return vcl_no_memory(error);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        cJSON *member = cJSON_DetachItemFromObjectCaseSensitive(document, members[i]);
        if (member && !vcl_json_set(taken, members[i], member))
            return vcl_no_memory(error);
    }
    vcl_auto_free char *text = vcl_json_print(taken);
    return text ? vcl_tenant_parse(text, tenant, error) : vcl_no_memory(error);
}

/* An ApplicationSet knows of a virtual cluster its folder only, and no team. */
static bool set_names(cJSON *spec, const vcl_tenant *tenant, const char *team, const char *format)
{
    bool has_team = team && !vcl_streq(format, "argocd-applicationset");

    return (vcl_json_get(spec, "name") || vcl_json_set_string(spec, "name", tenant->name)) &&
           (!has_team || vcl_json_get(spec, "team") || vcl_json_set_string(spec, "team", team));
}

static int set_values(cJSON *spec,
                      const vcl_tenant *tenant,
                      const vcluster_chart *chart,
                      vcluster_error **error)
{
    bool embedded = chart && vcl_streq(vcluster_chart_name(chart), "vcluster-embedded");
    cJSON *values = vcl_json_get(spec, "values");

    if (values && !cJSON_IsObject(values)) /* told with all else that is wrong with the spec */
        return VCLUSTER_OK;
    values = vcl_json_object(spec, "values");
    if (!values)
        return vcl_no_memory(error);
    int status = vcl_tenant_apply(values, chart, tenant, error);
    if (status < 0 || !tenant->kubernetes_version)
        return status;
    return embedded ? vcl_version_resolve_embedded(values, error)
                    : vcl_version_resolve_upstream(values, error);
}

static int
convert(cJSON *document, const char *format, const vcluster_chart *chart, vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) embedded = NULL;
    VCL_AUTO_TENANT tenant = { 0 };
    vcl_auto_free char *team = vcl_strdup(vcl_json_find_string(document, "spec", "team", NULL));

    if (!team && vcl_json_find_string(document, "spec", "team", NULL))
        return vcl_no_memory(error);
    int status = take_tenant(document, &tenant, error);
    if (status < 0)
        return status;
    if (!format)
        format = vcl_json_find_string(document, "format", NULL);
    bool rendered = vcl_streq(format, "manifests");
    if (rendered && !chart)
        status = vcluster_chart_embedded(&embedded, error);
    if (status < 0)
        return status;
    if (!set_names(document, &tenant, team, format))
        return vcl_no_memory(error);
    if (vcl_streq(format, "argocd-cluster")) /* it has no values */
        return VCLUSTER_OK;
    return set_values(document, &tenant, !rendered ? NULL : chart ? chart : embedded, error);
}

int vcl_tenant_spec(const char *text,
                    const char *format,
                    const vcluster_chart *chart,
                    char **out_spec,
                    vcluster_error **error)
{
    cJSON *document = NULL;
    int status = vcl_yaml_parse(text, strlen(text), &document, error);

    if (status < 0)
        return status;
    *out_spec = NULL;
    if (vcl_streq(vcl_json_find_string(document, "kind", NULL), "TeamCluster")) {
        status = convert(document, format, chart, error);
        if (status == 0 && !(*out_spec = vcl_json_print(document)))
            status = vcl_no_memory(error);
    }
    vcl_json_free_secret(document);
    return status;
}
