/* SPDX-License-Identifier: Apache-2.0 */
/* What the formats share: objects from skeletons, files with a first line, kustomizations. */
#include "gitops/render.h"

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"
#include "data/values.h"
#include "data/yaml.h"
#include "gitops/gitops.h"

int vcl_gitops_object(const char *skeleton,
                      const vcl_gitops_pair *pairs,
                      size_t count,
                      cJSON **out_object,
                      vcluster_error **error)
{
    VCL_AUTO_JSON *object = NULL;

    int status = vcl_yaml_parse(skeleton, strlen(skeleton), &object, error);
    for (size_t i = 0; status == 0 && i < count; i++) {
        if (pairs[i].text)
            status = vcl_values_set(object, pairs[i].path, pairs[i].text, VCL_SET_STRING, error);
    }
    if (status == 0)
        *out_object = vcl_steal(&object);
    return status;
}

int vcl_gitops_put_text(const vcl_gitops_spec *spec,
                        const char *path,
                        const char *text,
                        vcluster_files *files,
                        vcluster_error **error)
{
    static const char *const notes[VCL_GITOPS_FORMATS] = {
        [VCL_GITOPS_ARGOCD] = "Argo CD renders the chart and makes no Helm release",
        [VCL_GITOPS_APPLICATIONSET] = "Argo CD renders the chart and makes no Helm release",
        [VCL_GITOPS_CLUSTER] = "It holds credentials: seal it, or keep it out of the repository",
        [VCL_GITOPS_FLUX] = "Flux owns the Helm release",
        [VCL_GITOPS_MANIFESTS] = "The objects are rendered and are no Helm release",
    };
    const char *advice = spec->format == VCL_GITOPS_CLUSTER ? "" : ": change it here, not by vcl";
    char *all = vcl_format("# Made by libvcluster. %s%s.\n%s", notes[spec->format], advice, text);

    int status = all ? vcluster_files_add(files, path, all, error) : vcl_no_memory(error);
    vcl_free_secret(all);
    return status;
}

static int put_in_folder(const vcl_gitops_spec *spec,
                         const char *file,
                         const char *text,
                         vcluster_files *files,
                         vcluster_error **error)
{
    vcl_auto_free char *path = vcl_format("%s/%s/%s", spec->git_path, spec->name, file);

    return path ? vcl_gitops_put_text(spec, path, text, files, error) : vcl_no_memory(error);
}

int vcl_gitops_put_all(const vcl_gitops_spec *spec,
                       const char *file,
                       const cJSON *objects,
                       vcluster_files *files,
                       vcluster_error **error)
{
    VCL_AUTO_BUF text = { 0 };
    const cJSON *object = NULL;

    vcl_buf_init(&text, VCL_MAX_DOCUMENT);
    cJSON_ArrayForEach (object, objects) {
        char *one = NULL;
        int status = vcl_yaml_print(object, &one, error);
        if (status < 0)
            return status;
        (void)vcl_buf_add(&text, object == objects->child ? "" : "---\n");
        (void)vcl_buf_add(&text, one);
        (void)vcl_buf_add(&text, "\n");
        vcl_free_secret(one);
    }
    if (vcl_buf_failed(&text))
        return text.state == VCL_BUF_TOO_LARGE
                   ? vcl_fail(error, VCLUSTER_E_CONFIG, "'%s' would be larger than 4 MiB", file)
                   : vcl_no_memory(error);
    return put_in_folder(spec, file, vcl_buf_text(&text), files, error);
}

int vcl_gitops_put(const vcl_gitops_spec *spec,
                   const char *file,
                   const cJSON *object,
                   vcluster_files *files,
                   vcluster_error **error)
{
    char *text = NULL;

    int status = vcl_yaml_print(object, &text, error);
    if (status < 0)
        return status;
    char *line = vcl_format("%s\n", text);
    status = line ? put_in_folder(spec, file, line, files, error) : vcl_no_memory(error);
    vcl_free_secret(line);
    vcl_free_secret(text);
    return status;
}

int vcl_gitops_put_object(const vcl_gitops_spec *spec,
                          const char *file,
                          const char *skeleton,
                          const vcl_gitops_pair *pairs,
                          size_t count,
                          vcluster_files *files,
                          vcluster_error **error)
{
    cJSON *object = NULL;

    int status = vcl_gitops_object(skeleton, pairs, count, &object, error);
    if (status == 0)
        status = vcl_gitops_put(spec, file, object, files, error);
    vcl_json_free_secret(object);
    return status;
}

int vcl_gitops_put_namespace(const vcl_gitops_spec *spec,
                             const char *chart,
                             vcluster_files *files,
                             vcluster_error **error)
{
    static const char skeleton[] = "{apiVersion: v1, kind: Namespace, metadata: {}}";
    const vcl_gitops_pair pairs[] = {
        { "metadata.name", spec->namespace_name },
        { "metadata.labels.libvcluster\\.dev/instance", spec->name },
        { "metadata.labels.libvcluster\\.dev/team", spec->team },
        { "metadata.annotations.libvcluster\\.dev/chart", chart },
    };

    return vcl_gitops_put_object(spec, "namespace.yaml", skeleton, pairs, VCL_COUNT(pairs), files,
                                 error);
}

int vcl_gitops_put_kustomization(const vcl_gitops_spec *spec,
                                 vcluster_files *files,
                                 vcluster_error **error)
{
    static const char skeleton[] =
        "{apiVersion: kustomize.config.k8s.io/v1beta1, kind: Kustomization, resources: []}";
    VCL_AUTO_JSON *object = NULL;

    int status = vcl_gitops_object(skeleton, NULL, 0, &object, error);
    if (status < 0)
        return status;
    cJSON *resources = vcl_json_get(object, "resources");
    for (size_t i = 0; i < vcluster_files_size(files); i++) {
        const char *file = strrchr(vcluster_files_path(files, i), '/') + 1;
        if (!vcl_streq(file, VCL_GITOPS_VALUES) &&
            !vcl_json_append(resources, cJSON_CreateString(file)))
            return vcl_no_memory(error);
    }
    return vcl_gitops_put(spec, "kustomization.yaml", object, files, error);
}

static int render(const vcl_gitops_spec *spec,
                  const vcluster_chart *chart,
                  vcluster_files *files,
                  vcluster_error **error)
{
    switch (spec->format) {
    case VCL_GITOPS_CLUSTER:
        return vcl_gitops_cluster(spec, files, error);
    case VCL_GITOPS_FLUX:
        return vcl_gitops_flux(spec, files, error);
    case VCL_GITOPS_MANIFESTS:
        return vcl_gitops_manifests(spec, chart, files, error);
    case VCL_GITOPS_ARGOCD:
    case VCL_GITOPS_APPLICATIONSET:
    case VCL_GITOPS_FORMATS:
        break;
    }
    return vcl_gitops_argocd(spec, files, error);
}

int vcl_gitops_render(const char *text,
                      const char *format,
                      const vcluster_chart *chart,
                      vcluster_files **out_files,
                      vcluster_error **error)
{
    VCL_AUTO_GITOPS_SPEC spec = { 0 };
    VCL_AUTO_FILES *files = NULL;

    int status = vcl_gitops_spec_read(text, format, &spec, error);
    if (status == 0)
        status = vcluster_files_new(&files, error);
    if (status == 0)
        status = render(&spec, chart, files, error);
    if (status == 0)
        *out_files = vcl_steal(&files);
    return status;
}
