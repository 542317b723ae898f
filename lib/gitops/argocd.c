/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Argo CD: an Application of one virtual cluster, an ApplicationSet of all folders, and the Secret
 * by which Argo CD reaches into a virtual cluster. The values of a chart source can be a file of
 * the repository only by a second source ("$values"); without one they stand in the Application.
 */
#include "base/str.h"
#include "data/values.h"
#include "data/yaml.h"
#include "gitops/render.h"

#define SYNC_POLICY                                                                                \
    "syncPolicy: {automated: {prune: true, selfHeal: true},"                                       \
    " syncOptions: [CreateNamespace=true, ServerSideApply=true]}"
#define FINALIZERS "finalizers: [resources-finalizer.argocd.argoproj.io]"

/* Argo CD names registries without their scheme. */
static const char *repository_of(const vcl_gitops_spec *spec)
{
    return spec->chart_repository + (vcl_starts_with(spec->chart_repository, "oci://") ? 6 : 0);
}

/* The objects of a virtual cluster, wherever they stand: prefix is "spec" or "spec.template.spec".
 * With a repository there are two sources, the chart and the folder of the values. */
typedef struct application {
    const char *prefix;
    const char *name;
    const char *namespace_name;
    const char *values_file; /* NULL: inside */
} application;

static int
set(cJSON *object, const char *prefix, const char *path, const char *text, vcluster_error **error)
{
    vcl_auto_free char *whole = vcl_format("%s.%s", prefix, path);

    if (!whole)
        return vcl_no_memory(error);
    return vcl_values_set(object, whole, text, VCL_SET_STRING, error);
}

static int set_all(cJSON *object,
                   const char *prefix,
                   const vcl_gitops_pair *pairs,
                   size_t count,
                   vcluster_error **error)
{
    int status = VCLUSTER_OK;

    for (size_t i = 0; status == 0 && i < count; i++) {
        if (pairs[i].text)
            status = set(object, prefix, pairs[i].path, pairs[i].text, error);
    }
    return status;
}

static int set_sources(cJSON *object,
                       const vcl_gitops_spec *spec,
                       const application *what,
                       vcluster_error **error)
{
    const vcl_gitops_pair two[] = {
        { "sources[0].repoURL", repository_of(spec) },
        { "sources[0].chart", spec->chart_name },
        { "sources[0].targetRevision", spec->chart_version },
        { "sources[0].helm.releaseName", what->name },
        { "sources[0].helm.valueFiles[0]", what->values_file },
        { "sources[1].repoURL", spec->git_repository },
        { "sources[1].targetRevision", spec->git_revision },
        { "sources[1].ref", "values" },
    };
    const vcl_gitops_pair one[] = {
        { "source.repoURL", repository_of(spec) },
        { "source.chart", spec->chart_name },
        { "source.targetRevision", spec->chart_version },
        { "source.helm.releaseName", what->name },
    };

    if (what->values_file)
        return set_all(object, what->prefix, two, VCL_COUNT(two), error);
    int status = set_all(object, what->prefix, one, VCL_COUNT(one), error);
    if (status < 0)
        return status;
    cJSON *helm = vcl_json_find(object, "spec", "source", "helm", NULL);
    if (!vcl_json_set(helm, "valuesObject", vcl_json_copy(spec->values)))
        return vcl_no_memory(error);
    return VCLUSTER_OK;
}

static int set_application(cJSON *object,
                           const vcl_gitops_spec *spec,
                           const application *what,
                           vcluster_error **error)
{
    const vcl_gitops_pair pairs[] = {
        { "project", spec->argocd_project },
        { "destination.server", spec->argocd_server },
        { "destination.namespace", what->namespace_name },
        { "syncPolicy.managedNamespaceMetadata.labels.libvcluster\\.dev/instance", what->name },
        { "syncPolicy.managedNamespaceMetadata.labels.libvcluster\\.dev/team", spec->team },
    };

    int status = set_all(object, what->prefix, pairs, VCL_COUNT(pairs), error);
    return status < 0 ? status : set_sources(object, spec, what, error);
}

static int put_values(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    return vcl_gitops_put(spec, VCL_GITOPS_VALUES, spec->values, files, error);
}

static int
put_application(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    static const char skeleton[] = "{apiVersion: argoproj.io/v1alpha1, kind: Application,"
                                   " metadata: {" FINALIZERS "}, spec: {" SYNC_POLICY "}}";
    vcl_auto_free char *name = vcl_format("vcluster-%s", spec->name);
    vcl_auto_free char *values =
        vcl_format("$values/%s/%s/" VCL_GITOPS_VALUES, spec->git_path, spec->name);
    if (!name || !values)
        return vcl_no_memory(error);
    const vcl_gitops_pair pairs[] = {
        { "metadata.name", name },
        { "metadata.namespace", spec->argocd_namespace },
    };
    const application what = { "spec", spec->name, spec->namespace_name,
                               spec->git_repository ? values : NULL };
    VCL_AUTO_JSON *object = NULL;

    int status = vcl_gitops_object(skeleton, pairs, VCL_COUNT(pairs), &object, error);
    if (status == 0)
        status = set_application(object, spec, &what, error);
    if (status == 0)
        status = vcl_gitops_put(spec, "application.yaml", object, files, error);
    if (status == 0 && spec->git_repository)
        status = put_values(spec, files, error);
    return status;
}

/* The same for every folder, so that whoever adds one leaves it as it is. */
static int put_set(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    static const char skeleton[] =
        "{apiVersion: argoproj.io/v1alpha1, kind: ApplicationSet, metadata: {name: vclusters},"
        " spec: {goTemplate: true, goTemplateOptions: [missingkey=error],"
        " generators: [{git: {}}], template: {metadata: {" FINALIZERS "}, spec: {" SYNC_POLICY
        "}}}}";
    vcl_auto_free char *path = vcl_format("%s/applicationset.yaml", spec->git_path);
    vcl_auto_free char *folders = vcl_format("%s/*", spec->git_path);
    vcl_auto_free char *text = NULL;
    VCL_AUTO_JSON *object = NULL;
    const vcl_gitops_pair pairs[] = {
        { "metadata.namespace", spec->argocd_namespace },
        { "spec.generators[0].git.repoURL", spec->git_repository },
        { "spec.generators[0].git.revision", spec->git_revision },
        { "spec.generators[0].git.directories[0].path", folders },
        { "spec.template.metadata.name", "vcluster-{{.path.basename}}" },
    };
    const application what = { "spec.template.spec", "{{.path.basename}}",
                               "vcluster-{{.path.basename}}",
                               "$values/{{.path.path}}/" VCL_GITOPS_VALUES };

    if (!path || !folders)
        return vcl_no_memory(error);
    int status = vcl_gitops_object(skeleton, pairs, VCL_COUNT(pairs), &object, error);
    if (status == 0)
        status = set_application(object, spec, &what, error);
    if (status == 0)
        status = vcl_yaml_print(object, &text, error);
    if (status < 0)
        return status;
    vcl_auto_free char *line = vcl_format("%s\n", text);
    return line ? vcl_gitops_put_text(spec, path, line, files, error) : vcl_no_memory(error);
}

int vcl_gitops_argocd(const vcl_gitops_spec *spec, vcluster_files *files, vcluster_error **error)
{
    if (spec->format == VCL_GITOPS_ARGOCD)
        return put_application(spec, files, error);
    int status = put_set(spec, files, error);
    return status < 0 ? status : put_values(spec, files, error);
}
