/* SPDX-License-Identifier: Apache-2.0 */
/* Rules about how Argo CD and Flux get chart and values. Their paths are those of the manifest. */
#include <string.h>

#include "base/str.h"
#include "lint/lint.h"

/* Whether a version means one chart, today and tomorrow. */
static bool is_pinned(const char *version)
{
    size_t parts = 1;

    if (vcl_str_empty(version) || vcl_streq(version, "latest") || vcl_streq(version, "HEAD") ||
        strpbrk(version, "*^~<>=| ,xX"))
        return false;
    for (const char *at = version; *at && *at != '-' && *at != '+'; at++)
        parts += *at == '.';
    return parts == 3;
}

static void find_unpinned(vcl_lint_run *run,
                          const vcl_lint_subject *subject,
                          const char *path,
                          const char *version)
{
    vcl_lint_find_in(run, subject, path,
                     "name one version, such as " VCLUSTER_UPSTREAM_CHART_VERSION,
                     "%s%s%s: the chart changes without anybody changing a file",
                     vcl_str_empty(version) ? "no version" : "'", vcl_str(version),
                     vcl_str_empty(version) ? "" : "' is no version");
}

/* A chart of Flux that is an OCIRepository of its own, when that is among the files. */
static void check_repository(vcl_lint_run *run, const vcl_lint_subject *subject, const char *name)
{
    const cJSON *repository = NULL;

    while ((repository = vcl_lint_next_kind(run, "OCIRepository", repository))) {
        const cJSON *ref = vcl_json_find(repository, "spec", "ref", NULL);
        const char *tag = vcl_json_find_string(ref, "tag", NULL);
        const char *range = vcl_json_find_string(ref, "semver", NULL);
        if (!vcl_streq(vcl_json_find_string(repository, "metadata", "name", NULL), name) ||
            vcl_json_get(ref, "digest"))
            continue;
        if (!is_pinned(range ? range : tag))
            find_unpinned(run, subject, "spec.chartRef", range ? range : tag);
        return;
    }
}

void vcl_lint_version_unpinned(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const char *reference =
        vcl_json_find_string(subject->manifest, "spec", "chartRef", "name", NULL);
    vcl_auto_free char *path = subject->source_path
                                   ? vcl_format("%s.%s", subject->source_path, subject->version_key)
                                   : NULL;

    if (subject->source_path && !path)
        return vcl_lint_fail(run);
    const char *version =
        path ? vcl_json_find_string(subject->source, subject->version_key, NULL) : NULL;
    if (path && !is_pinned(version) && !strstr(vcl_str(version), "{{"))
        find_unpinned(run, subject, path, version);
    if (reference)
        check_repository(run, subject, reference);
}

/* The name that another source of the Application has for references; NULL without. */
static const char *reference_beside(const vcl_lint_subject *subject)
{
    const cJSON *spec = vcl_json_get(subject->manifest, "spec");
    const cJSON *source = NULL;

    if (vcl_streq(vcl_json_find_string(subject->manifest, "kind", NULL), "ApplicationSet"))
        spec = vcl_json_find(spec, "template", "spec", NULL);
    cJSON_ArrayForEach (source, vcl_json_get(spec, "sources")) {
        const char *name = vcl_json_find_string(source, "ref", NULL);
        if (name)
            return name;
    }
    return NULL;
}

void vcl_lint_value_files(vcl_lint_run *run, const vcl_lint_subject *subject)
{
    const cJSON *item = NULL;
    int index = 0;

    if (!subject->source_path)
        return;
    cJSON_ArrayForEach (item, vcl_json_find(subject->source, "helm", "valueFiles", NULL)) {
        vcl_auto_free char *path =
            vcl_format("%s.helm.valueFiles[%d]", subject->source_path, index++);
        if (!path)
            return vcl_lint_fail(run);
        if (cJSON_IsString(item) && item->valuestring[0] != '$' &&
            !strstr(item->valuestring, "://") && !vcl_streq(item->valuestring, "values.yaml"))
            vcl_lint_find_in(run, subject, path,
                             "name it as $REF/PATH, where REF is the ref of a source that has it",
                             "'%s' is looked for in the chart, where it is not", item->valuestring);
    }
}

char *vcl_lint_value_file_of(const vcl_lint_subject *subject, const char *path)
{
    const char *name = reference_beside(subject);
    const char *open = strrchr(path, '[');
    int64_t index = 0;
    vcl_auto_free char *digits = open ? vcl_strndup(open + 1, strcspn(open + 1, "]")) : NULL;

    if (!name || !digits || !vcl_parse_i64(digits, &index))
        return NULL;
    const cJSON *item =
        cJSON_GetArrayItem(vcl_json_find(subject->source, "helm", "valueFiles", NULL), (int)index);
    if (!cJSON_IsString(item) || vcl_starts_with(item->valuestring, ".."))
        return NULL;
    const char *file = item->valuestring;
    while (*file == '/' || vcl_starts_with(file, "./"))
        file += *file == '/' ? 1 : 2;
    return vcl_format("$%s/%s", name, file);
}
