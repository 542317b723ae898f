/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flux: namespace, source, HelmRelease. The virtual cluster writes a second kubeconfig for Flux,
 * whose address is that of its Service, and has that address in its certificate: the default one is
 * for tunnels, and is left to them.
 */
#include "base/str.h"
#include "data/values.h"
#include "gitops/render.h"

static bool has_text(const cJSON *list, const char *text)
{
    const cJSON *item = NULL;

    cJSON_ArrayForEach (item, list) {
        if (cJSON_IsString(item) && vcl_streq(item->valuestring, text))
            return true;
    }
    return false;
}

static int add_name(cJSON *values, const char *host, vcluster_error **error)
{
    cJSON *control_plane = vcl_json_object(values, "controlPlane");
    cJSON *proxy = control_plane ? vcl_json_object(control_plane, "proxy") : NULL;

    if (!proxy)
        return vcl_no_memory(error);
    cJSON *names = vcl_json_get(proxy, "extraSANs");
    if (has_text(names, host))
        return VCLUSTER_OK;
    if (!cJSON_IsArray(names) && !vcl_json_set(proxy, "extraSANs", cJSON_CreateArray()))
        return vcl_no_memory(error);
    if (!vcl_json_append(vcl_json_get(proxy, "extraSANs"), cJSON_CreateString(host)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

/* What the values say of exportKubeConfig is left alone. */
static int export_kubeconfig(const vcl_gitops_spec *spec, cJSON *values, vcluster_error **error)
{
    vcl_auto_free char *host = vcl_format("%s.%s.svc", spec->name, spec->namespace_name);
    vcl_auto_free char *server = vcl_format("https://%s", vcl_str(host));
    vcl_auto_free char *secret = vcl_format("%s-kubeconfig", spec->name);

    if (!host || !server || !secret)
        return vcl_no_memory(error);
    if (vcl_json_get(values, "exportKubeConfig"))
        return VCLUSTER_OK;
    int status = vcl_values_set(values, "exportKubeConfig.additionalSecrets[0].name", secret,
                                VCL_SET_STRING, error);
    if (status == 0)
        status = vcl_values_set(values, "exportKubeConfig.additionalSecrets[0].server", server,
                                VCL_SET_STRING, error);
    return status < 0 ? status : add_name(values, host, error);
}

static int put_oci(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    static const char skeleton[] =
        "{apiVersion: source.toolkit.fluxcd.io/v1, kind: OCIRepository, spec: {layerSelector:"
        " {mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}}}";
    vcl_auto_free char *url = vcl_format("%s/%s", spec->chart_repository, spec->chart_name);
    const vcl_gitops_pair pairs[] = {
        { "metadata.name", spec->name },
        { "metadata.namespace", spec->namespace_name },
        { "spec.url", url },
        { "spec.ref.tag", spec->chart_version },
        { "spec.interval", spec->flux_interval },
    };

    if (!url)
        return vcl_no_memory(error);
    return vcl_gitops_put_object(spec, "source.yaml", skeleton, pairs, VCL_COUNT(pairs), files,
                                 error);
}

static int
put_repository(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    static const char skeleton[] =
        "{apiVersion: source.toolkit.fluxcd.io/v1, kind: HelmRepository, spec: {}}";
    const vcl_gitops_pair pairs[] = {
        { "metadata.name", spec->name },
        { "metadata.namespace", spec->namespace_name },
        { "spec.url", spec->chart_repository },
        { "spec.interval", spec->flux_interval },
    };

    return vcl_gitops_put_object(spec, "source.yaml", skeleton, pairs, VCL_COUNT(pairs), files,
                                 error);
}

static int
make_release(const vcl_gitops_spec *spec, bool oci, cJSON **out_object, vcluster_error **error)
{
    static const char skeleton[] =
        "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, spec: {install: {remediation:"
        " {retries: 3}}, upgrade: {remediation: {retries: 3}}}}";
    const vcl_gitops_pair pairs[] = {
        { "metadata.name", spec->name },
        { "metadata.namespace", spec->namespace_name },
        { "spec.releaseName", spec->name },
        { "spec.interval", spec->flux_interval },
        { "spec.chartRef.kind", oci ? "OCIRepository" : NULL },
        { "spec.chartRef.name", oci ? spec->name : NULL },
        { "spec.chart.spec.chart", oci ? NULL : spec->chart_name },
        { "spec.chart.spec.version", oci ? NULL : spec->chart_version },
        { "spec.chart.spec.sourceRef.kind", oci ? NULL : "HelmRepository" },
        { "spec.chart.spec.sourceRef.name", oci ? NULL : spec->name },
    };

    return vcl_gitops_object(skeleton, pairs, VCL_COUNT(pairs), out_object, error);
}

static int
put_release(const vcl_gitops_spec *spec, bool oci, vcluster_files *files, vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;

    int status = make_release(spec, oci, &object, error);
    if (status < 0)
        return status;
    cJSON *values = vcl_json_copy(spec->values);
    if (!vcl_json_set(vcl_json_get(object, "spec"), "values", values))
        return vcl_no_memory(error);
    status = export_kubeconfig(spec, values, error);
    return status < 0 ? status : vcl_gitops_put(spec, "release.yaml", object, files, error);
}

int vcl_gitops_flux(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    bool oci = vcl_starts_with(spec->chart_repository, "oci://");

    int status = vcl_gitops_put_namespace(spec, NULL, files, error);
    if (status == 0)
        status = oci ? put_oci(spec, files, error) : put_repository(spec, files, error);
    if (status == 0)
        status = put_release(spec, oci, files, error);
    return status < 0 ? status : vcl_gitops_put_kustomization(spec, files, error);
}
