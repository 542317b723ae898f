/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain objects for kustomize or `kubectl apply -k`: the chart is rendered here. Quota, LimitRange
 * and NetworkPolicy get files of their own, where somebody who reviews a change looks for them.
 */
#include "base/str.h"
#include "chart/chart.h"
#include "chart/render.h"
#include "gitops/render.h"

static const struct place {
    const char *kind; /* NULL: all others */
    const char *file;
} places[] = {
    { "ResourceQuota", "quota.yaml" },
    { "LimitRange", "limit-range.yaml" },
    { "NetworkPolicy", "network-policy.yaml" },
    { NULL, "control-plane.yaml" },
};

static const struct place *place_of(const cJSON *object)
{
    const struct place *place = places;
    const char *kind = vcl_json_find_string(object, "kind", NULL);

    while (place->kind && !vcl_streq(place->kind, kind))
        place++;
    return place;
}

static int put_place(const vcl_gitops_spec *spec,
                     const struct place *place,
                     const cJSON *objects,
                     vcluster_files *files,
                     vcluster_error **error)
{
    VCL_AUTO_JSON *chosen = cJSON_CreateArray();
    const cJSON *object = NULL;

    if (!chosen)
        return vcl_no_memory(error);
    cJSON_ArrayForEach (object, objects) {
        if (place_of(object) == place && !vcl_json_append(chosen, vcl_json_copy(object)))
            return vcl_no_memory(error);
    }
    return chosen->child ? vcl_gitops_put_all(spec, place->file, chosen, files, error) : 0;
}

/* kubectl would put an object without a namespace wherever its context leads. */
static int set_namespaces(const vcl_gitops_spec *spec, cJSON *objects, vcluster_error **error)
{
    static const char *const elsewhere[] = { "Namespace",        "CustomResourceDefinition",
                                             "PriorityClass",    "StorageClass",
                                             "IngressClass",     "APIService",
                                             "PersistentVolume", "RuntimeClass" };
    cJSON *object = NULL;

    cJSON_ArrayForEach (object, objects) {
        const char *kind = vcl_str(vcl_json_find_string(object, "kind", NULL));
        cJSON *metadata = vcl_json_get(object, "metadata");
        bool wide = vcl_starts_with(kind, "Cluster") || vcl_ends_with(kind, "WebhookConfiguration");
        for (size_t i = 0; i < VCL_COUNT(elsewhere); i++)
            wide = wide || vcl_streq(kind, elsewhere[i]);
        if (!wide && !vcl_json_get(metadata, "namespace") &&
            !vcl_json_set_string(metadata, "namespace", spec->namespace_name))
            return vcl_no_memory(error);
    }
    return VCLUSTER_OK;
}

static int
check_chart(const vcl_gitops_spec *spec, const vcluster_chart *chart, vcluster_error **error)
{
    const char *version = vcluster_chart_version(chart);

    if (!spec->chart_version || vcl_streq(spec->chart_version, version))
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_CONFIG,
                    "the spec wants version %s of the chart, which is given as %s",
                    spec->chart_version, version);
}

static int render_chart(const vcl_gitops_spec *spec,
                        const vcluster_chart *chart,
                        vcl_rendered *rendered,
                        vcluster_error **error)
{
    const vcl_render_input input = {
        .release_name = spec->name,
        .namespace_name = spec->namespace_name,
        .revision = 1,
        .user_values = spec->values,
        .kubernetes_version = "v1.35.4",
    };

    int status = vcl_chart_render(chart, &input, rendered, error);
    if (status == 0 && rendered->hooks.count > 0)
        status = vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                          "chart %s has hooks, which only Helm, Argo CD and Flux run: use another "
                          "format",
                          vcluster_chart_name(chart));
    return status;
}

static int put_objects(const vcl_gitops_spec *spec,
                       vcl_rendered *rendered,
                       vcluster_files *files,
                       vcluster_error **error)
{
    int status = set_namespaces(spec, rendered->objects, error);

    if (status == 0 && rendered->crd_objects && rendered->crd_objects->child)
        status = vcl_gitops_put_all(spec, "crds.yaml", rendered->crd_objects, files, error);
    for (size_t i = 0; status == 0 && i < VCL_COUNT(places); i++)
        status = put_place(spec, &places[i], rendered->objects, files, error);
    return status;
}

static int put_all(const vcl_gitops_spec *spec,
                   const vcluster_chart *chart,
                   vcluster_files *files,
                   vcluster_error **error)
{
    vcl_auto_free char *label =
        vcl_format("%s-%s", vcluster_chart_name(chart), vcluster_chart_version(chart));
    vcl_rendered rendered = { 0 };

    if (!label)
        return vcl_no_memory(error);
    int status = render_chart(spec, chart, &rendered, error);
    if (status == 0)
        status = vcl_gitops_put_namespace(spec, label, files, error);
    if (status == 0)
        status = put_objects(spec, &rendered, files, error);
    vcl_rendered_done(&rendered);
    if (status == 0)
        status = vcl_gitops_put_kustomization(spec, files, error);
    return status < 0 ? status
                      : vcl_gitops_put(spec, VCL_GITOPS_VALUES, spec->values, files, error);
}

int vcl_gitops_manifests(const vcl_gitops_spec *spec,
                         const vcluster_chart *chart,
                         vcluster_files *files,
                         vcluster_error **error)
{
    vcluster_chart *embedded = NULL;
    int status = VCLUSTER_OK;

    if (!chart)
        status = vcluster_chart_embedded(&embedded, error);
    if (status == 0)
        status = check_chart(spec, chart ? chart : embedded, error);
    if (status == 0)
        status = put_all(spec, chart ? chart : embedded, files, error);
    vcluster_chart_free(embedded);
    return status;
}
