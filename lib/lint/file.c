/* SPDX-License-Identifier: Apache-2.0 */
/* One file: its text, where its parts stand, and its documents as trees. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "data/yaml.h"
#include "lint/jobs.h"
#include "lint/lint.h"

void vcl_lint_file_free(vcl_lint_file *file)
{
    if (!file)
        return;
    vcl_yaml_marks_done(&file->marks);
    vcl_json_free_secret(file->documents);
    vcl_lint_jobs_free(file->jobs);
    vcluster_chart_free(file->chart);
    cJSON_Delete(file->synced);
    vcl_free_secret(file->text);
    free(file->kubernetes_version);
    free(file->namespace_name);
    free(file->cluster_name);
    free(file->name);
    free(file);
}

/* Read one document loosely: a key that is there twice is a finding, not the end. */
static int read_document(vcl_lint_file *file, const vcl_yaml_mark *mark, vcluster_error **error)
{
    size_t start = mark->value.start;
    cJSON *tree = NULL;

    while (start > 0 && file->text[start - 1] != '\n')
        start--;
    int status = vcl_yaml_parse_loose(file->text + start, mark->value.end - start, &tree, error);
    if (status < 0)
        return status;
    if (!vcl_json_append(file->documents, tree))
        return vcl_no_memory(error);
    file->has_manifests = file->has_manifests || vcl_json_get(tree, "kind");
    return vcl_lint_jobs_of_document(file->text, tree, mark, &file->jobs, error);
}

int vcl_lint_file_read(const char *name,
                       const char *data,
                       size_t size,
                       vcl_lint_file **out_file,
                       vcluster_error **error)
{
    VCL_AUTO_LINT_FILE *file = calloc(1, sizeof(*file));

    if (!file)
        return vcl_no_memory(error);
    file->name = vcl_strdup(name);
    file->text = vcl_strndup(data, size);
    file->size = size;
    file->documents = cJSON_CreateArray();
    if (!file->name || !file->text || !file->documents)
        return vcl_no_memory(error);
    int status = vcl_lint_is_script(name, file->text)
                     ? vcl_lint_jobs_of_script(file->text, size, &file->jobs, error)
                     : vcl_yaml_marks_read(file->text, size, &file->marks, error);
    for (const vcl_yaml_mark *mark = file->marks.documents; mark && status == 0;
         mark = mark->next) {
        if (mark->value.kind == VCL_SPAN_MAP)
            status = read_document(file, mark, error);
    }
    if (status < 0)
        return status;
    *out_file = vcl_steal(&file);
    return 0;
}
