/* SPDX-License-Identifier: Apache-2.0 */
/* HelmReleases of Flux, and rendered objects with their namespace, read back; see import.h. */
#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "gitops/import.h"

static const char *label(const cJSON *object, const char *name)
{
    return vcl_json_find_string(object, "metadata", "labels", name, NULL);
}

static int new_spec(cJSON *specs, const char *format, cJSON **out_spec, vcluster_error **error)
{
    *out_spec = cJSON_CreateObject();
    if (!vcl_json_append(specs, *out_spec))
        return vcl_no_memory(error);
    return vcl_gitops_say(*out_spec, "format", format, error);
}

/* oci://HOST/PATH/CHART. */
static int say_oci(cJSON *spec, const cJSON *source, vcluster_error **error)
{
    vcl_auto_free char *url = vcl_strdup(vcl_json_find_string(source, "spec", "url", NULL));
    char *slash = url ? strrchr(url, '/') : NULL;

    if (!slash)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the OCIRepository has no url");
    *slash = '\0';
    const vcl_gitops_pair pairs[] = {
        { "chart.repository", url },
        { "chart.name", slash + 1 },
        { "chart.version", vcl_json_find_string(source, "spec", "ref", "tag", NULL) },
    };
    return vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
}

static int
say_repository(cJSON *spec, const cJSON *source, const cJSON *chart, vcluster_error **error)
{
    const vcl_gitops_pair pairs[] = {
        { "chart.repository", vcl_json_find_string(source, "spec", "url", NULL) },
        { "chart.name", vcl_json_find_string(chart, "chart", NULL) },
        { "chart.version", vcl_json_find_string(chart, "version", NULL) },
    };

    return vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
}

static int
say_chart(const vcl_gitops_source *all, const cJSON *release, cJSON *spec, vcluster_error **error)
{
    const cJSON *chart = vcl_json_find(release, "spec", "chart", "spec", NULL);
    const char *oci = vcl_json_find_string(release, "spec", "chartRef", "name", NULL);
    const char *repository = vcl_json_find_string(chart, "sourceRef", "name", NULL);
    const cJSON *source =
        oci ? vcl_gitops_find(all->objects, "OCIRepository", oci)
            : vcl_gitops_find(all->objects, "HelmRepository", vcl_str(repository));

    if (!source)
        return vcl_fail(error, VCLUSTER_E_NOT_FOUND,
                        "the source '%.100s' of the HelmRelease is in "
                        "none of the files",
                        vcl_str(oci ? oci : repository));
    return oci ? say_oci(spec, source, error) : say_repository(spec, source, chart, error);
}

int vcl_gitops_read_release(const vcl_gitops_source *source,
                            const cJSON *object,
                            const char *path,
                            cJSON *specs,
                            vcluster_error **error)
{
    const char *namespace_name = vcl_json_find_string(object, "metadata", "namespace", NULL);
    const cJSON *home = vcl_gitops_find(source->objects, "Namespace", vcl_str(namespace_name));
    const vcl_gitops_pair pairs[] = {
        { "name", vcl_json_find_string(object, "metadata", "name", NULL) },
        { "namespace", namespace_name },
        { "team", label(home, "libvcluster.dev/team") },
        { "flux.interval", vcl_json_find_string(object, "spec", "interval", NULL) },
    };
    cJSON *spec = NULL;

    if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), "HelmRelease"))
        return VCLUSTER_OK;
    if (vcl_json_find(object, "spec", "valuesFrom", NULL))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "valuesFrom has no place in a spec: move them into the values");
    int status = new_spec(specs, "flux", &spec, error);
    if (status == 0)
        status = vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
    if (status == 0)
        status = say_chart(source, object, spec, error);
    if (status == 0)
        status = vcl_gitops_say_path(spec, path, error);
    return status < 0
               ? status
               : vcl_gitops_say_values(spec, vcl_json_find(object, "spec", "values", NULL), error);
}

/* NAME-VERSION: the version begins behind the first '-' that a digit follows. */
static const char *version_of(const char *chart)
{
    const char *dash = strchr(chart, '-');

    while (dash && !isdigit((unsigned char)dash[1]))
        dash = strchr(dash + 1, '-');
    return dash ? dash + 1 : NULL;
}

/* namespace.yaml of the format manifests says which chart was rendered. */
int vcl_gitops_read_namespace(const vcl_gitops_source *source,
                              const cJSON *object,
                              const char *path,
                              cJSON *specs,
                              vcluster_error **error)
{
    const char *chart =
        vcl_json_find_string(object, "metadata", "annotations", "libvcluster.dev/chart", NULL);
    const char *version = chart ? version_of(chart) : NULL;
    const char *slash = strrchr(path, '/');
    cJSON *spec = NULL;

    if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), "Namespace") || !version || !slash)
        return VCLUSTER_OK;
    vcl_auto_free char *name = vcl_strndup(chart, (size_t)(version - chart - 1));
    vcl_auto_free char *values = vcl_format("%.*s/" VCL_GITOPS_VALUES, (int)(slash - path), path);
    const vcl_gitops_pair pairs[] = {
        { "name", label(object, "libvcluster.dev/instance") },
        { "namespace", vcl_json_find_string(object, "metadata", "name", NULL) },
        { "team", label(object, "libvcluster.dev/team") },
        { "chart.name", name },
        { "chart.version", version },
    };

    if (!name || !values)
        return vcl_no_memory(error);
    int status = new_spec(specs, "manifests", &spec, error);
    if (status == 0)
        status = vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
    if (status == 0)
        status = vcl_gitops_say_path(spec, path, error);
    return status < 0 ? status : vcl_gitops_say_values_file(spec, source->files, values, error);
}
