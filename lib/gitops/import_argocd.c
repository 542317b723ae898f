/* SPDX-License-Identifier: Apache-2.0 */
/* Applications and ApplicationSets of Argo CD, read back; see import.h. */
#include <string.h>

#include "base/str.h"
#include "gitops/import.h"

/* The source of the chart, and with several the one whose folder holds the values. */
typedef struct sources {
    const cJSON *chart;
    const cJSON *git; /* or NULL */
} sources;

static sources find_sources(const cJSON *spec)
{
    sources found = { .chart = vcl_json_get(spec, "source") };
    const cJSON *source = NULL;

    cJSON_ArrayForEach (source, vcl_json_get(spec, "sources")) {
        if (vcl_json_find_string(source, "chart", NULL))
            found.chart = source;
        else if (vcl_streq(vcl_json_find_string(source, "ref", NULL), "values"))
            found.git = source;
    }
    if (!vcl_json_find_string(found.chart, "chart", NULL))
        found.chart = NULL;
    return found;
}

static int say_application(cJSON *spec,
                           const cJSON *object,
                           const cJSON *application,
                           const sources *found,
                           vcluster_error **error)
{
    const char *url = vcl_str(vcl_json_find_string(found->chart, "repoURL", NULL));
    vcl_auto_free char *repository = vcl_format("%s%s", strstr(url, "://") ? "" : "oci://", url);
    if (!repository)
        return vcl_no_memory(error);
    const vcl_gitops_pair pairs[] = {
        { "chart.repository", repository },
        { "chart.name", vcl_json_find_string(found->chart, "chart", NULL) },
        { "chart.version", vcl_json_find_string(found->chart, "targetRevision", NULL) },
        { "git.repository", vcl_json_find_string(found->git, "repoURL", NULL) },
        { "git.revision", vcl_json_find_string(found->git, "targetRevision", NULL) },
        { "argocd.namespace", vcl_json_find_string(object, "metadata", "namespace", NULL) },
        { "argocd.project", vcl_json_find_string(application, "project", NULL) },
        { "argocd.server", vcl_json_find_string(application, "destination", "server", NULL) },
    };

    if (vcl_json_find(found->chart, "helm", "parameters", NULL) ||
        vcl_json_find(found->chart, "helm", "fileParameters", NULL))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "helm.parameters have no place in a spec: move them into the values");
    return vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
}

static int say_values(cJSON *spec,
                      const vcl_gitops_source *source,
                      const cJSON *helm,
                      const char *path,
                      vcluster_error **error)
{
    const cJSON *list = vcl_json_get(helm, "valueFiles");
    const cJSON *first = list ? list->child : NULL;
    const char *text = vcl_json_find_string(helm, "values", NULL);

    if (first && (first->next || text || vcl_json_get(helm, "valuesObject")))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "the values are in several places: a spec has one");
    if (first && !(cJSON_IsString(first) && vcl_starts_with(first->valuestring, "$values/")))
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "valueFiles of a chart are files of the chart: begin them with $values/");
    if (first) {
        int status = vcl_gitops_say_path(spec, first->valuestring + strlen("$values/"), error);
        return status < 0
                   ? status
                   : vcl_gitops_say_values_file(spec, source->files,
                                                first->valuestring + strlen("$values/"), error);
    }
    int status = vcl_gitops_say_path(spec, path, error);
    if (status < 0)
        return status;
    return text ? vcl_gitops_say_values_text(spec, text, error)
                : vcl_gitops_say_values(spec, vcl_json_get(helm, "valuesObject"), error);
}

int vcl_gitops_read_application(const vcl_gitops_source *source,
                                const cJSON *object,
                                const char *path,
                                cJSON *specs,
                                vcluster_error **error)
{
    const cJSON *application = vcl_json_get(object, "spec");
    const sources found = find_sources(application);

    if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), "Application") || !found.chart)
        return VCLUSTER_OK;
    const char *release = vcl_json_find_string(found.chart, "helm", "releaseName", NULL);
    const vcl_gitops_pair pairs[] = {
        { "format", "argocd" },
        { "name", release ? release : vcl_json_find_string(object, "metadata", "name", NULL) },
        { "namespace", vcl_json_find_string(application, "destination", "namespace", NULL) },
        { "team", vcl_json_find_string(application, "syncPolicy", "managedNamespaceMetadata",
                                       "labels", "libvcluster.dev/team", NULL) },
    };
    cJSON *spec = cJSON_CreateObject();
    if (!vcl_json_append(specs, spec))
        return vcl_no_memory(error);
    int status = vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
    if (status == 0)
        status = say_application(spec, object, application, &found, error);
    return status < 0 ? status
                      : say_values(spec, source, vcl_json_get(found.chart, "helm"), path, error);
}

/* PATH/NAME/vcluster.yaml below the path of the generator: where NAME begins, and its size. */
static size_t name_in(const char *file, const char *folders, const char **out_name)
{
    size_t size = strlen(folders) - 1; /* without the star */
    if (strncmp(file, folders, size) != 0)
        return 0;
    *out_name = file + size;
    size_t length = strcspn(*out_name, "/");
    return vcl_streq(*out_name + length, "/" VCL_GITOPS_VALUES) ? length : 0;
}

static int read_folder(const vcl_gitops_source *source,
                       const cJSON *object,
                       const char *file,
                       const char *name,
                       cJSON *specs,
                       vcluster_error **error)
{
    const cJSON *application = vcl_json_find(object, "spec", "template", "spec", NULL);
    const sources found = find_sources(application);
    const vcl_gitops_pair pairs[] = { { "format", "argocd-applicationset" }, { "name", name } };
    cJSON *spec = cJSON_CreateObject();

    if (!vcl_json_append(specs, spec))
        return vcl_no_memory(error);
    int status = vcl_gitops_say_all(spec, pairs, VCL_COUNT(pairs), error);
    if (status == 0)
        status = say_application(spec, object, application, &found, error);
    if (status == 0)
        status = vcl_gitops_say_path(spec, file, error);
    return status < 0 ? status : vcl_gitops_say_values_file(spec, source->files, file, error);
}

int vcl_gitops_read_set(const vcl_gitops_source *source,
                        const cJSON *object,
                        const char *path,
                        cJSON *specs,
                        vcluster_error **error)
{
    const cJSON *generators = vcl_json_find(object, "spec", "generators", NULL);
    const cJSON *folders =
        vcl_json_find(generators ? generators->child : NULL, "git", "directories", NULL);
    const char *pattern = vcl_json_find_string(folders ? folders->child : NULL, "path", NULL);
    int status = VCLUSTER_OK;
    (void)path;

    if (!vcl_streq(vcl_json_find_string(object, "kind", NULL), "ApplicationSet") ||
        !vcl_ends_with(vcl_str(pattern), "/*") ||
        !find_sources(vcl_json_find(object, "spec", "template", "spec", NULL)).chart)
        return VCLUSTER_OK;
    for (size_t i = 0; status == 0 && i < vcluster_files_size(source->files); i++) {
        const char *file = vcluster_files_path(source->files, i);
        const char *begin = NULL;
        size_t size = name_in(file, pattern, &begin);
        vcl_auto_free char *name = size > 0 ? vcl_strndup(begin, size) : NULL;
        if (name)
            status = read_folder(source, object, file, name, specs, error);
    }
    return status;
}
