/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where values of virtual clusters are: a document of its own, or a part of what Argo CD and Flux
 * install charts by.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "chart/chart.h"
#include "data/values.h"
#include "data/yaml.h"
#include "lint/jobs.h"
#include "lint/lint.h"

typedef struct finder {
    const vcluster_lint *lint;
    const vcl_lint_file *file;
    const vcl_yaml_mark *mark; /* of the document */
    const cJSON *document;
    cJSON *defaults;
    vcl_lint_subject *first;
    vcl_lint_subject **end;
    vcluster_error **error;
} finder;

void vcl_lint_subjects_free(vcl_lint_subject *subjects)
{
    while (subjects) {
        vcl_lint_subject *next = subjects->next;

        vcl_json_free_secret(subjects->owned);
        vcl_json_free_secret(subjects->all);
        free(subjects->path);
        free(subjects->source_path);
        free(subjects);
        subjects = next;
    }
}

/* Add the values at a path; the rest of the subject is filled in by the caller. */
static int add(finder *find,
               const cJSON *values,
               cJSON *owned,
               const char *path,
               vcl_lint_subject **out_subject)
{
    bool exact = false;
    vcl_lint_subject *subject = calloc(1, sizeof(*subject));

    if (!subject) {
        cJSON_Delete(owned);
        return vcl_no_memory(find->error);
    }
    *find->end = subject;
    find->end = &subject->next;
    subject->owned = owned;
    subject->file = find->file;
    subject->document = find->mark;
    subject->values = values;
    subject->path = vcl_strdup(path);
    const vcl_yaml_mark *mark = vcl_yaml_mark_find(find->mark, path, &exact);
    subject->mark = exact && !owned ? mark : NULL;
    *out_subject = subject;
    if (!subject->path)
        return vcl_no_memory(find->error);
    const vcluster_chart *chart = find->file->chart;
    return vcl_values_coalesce(chart ? chart->values : find->defaults, values, &subject->all,
                               find->error);
}

/* Values in a manifest: an object, a text, or none at all, which are the defaults. */
static int add_nested(finder *find,
                      const cJSON *holder,
                      const char *path,
                      const char *object_key,
                      const char *text_key,
                      vcl_lint_subject **out_subject)
{
    const char *text = text_key ? vcl_json_find_string(holder, text_key, NULL) : NULL;
    const cJSON *values = vcl_json_get(holder, object_key);
    cJSON *owned = NULL;

    vcl_auto_free char *at = vcl_format("%s.%s", path, values || !text ? object_key : text_key);
    if (!at)
        return vcl_no_memory(find->error);
    bool unreadable = false;
    if (!cJSON_IsObject(values)) {
        int status = text ? vcl_yaml_parse_loose(text, strlen(text), &owned, NULL) : 0;
        if (status == VCLUSTER_E_NO_MEMORY)
            return vcl_no_memory(find->error);
        unreadable = status < 0;
        if (!cJSON_IsObject(owned)) {
            cJSON_Delete(owned);
            owned = cJSON_CreateObject();
        }
        if (!owned)
            return vcl_no_memory(find->error);
        values = owned;
    }
    vcl_lint_subject *subject = NULL;
    int status = add(find, values, owned, at, &subject);
    if (!subject)
        return status;
    subject->manifest = find->document;
    subject->partial = unreadable;
    subject->unreadable = unreadable && !strstr(text, "{{"); /* a template is none yet */
    *out_subject = subject;
    return status;
}

static bool is_vcluster_chart(const char *chart)
{
    return chart && (vcl_streq(chart, "vcluster") || vcl_ends_with(chart, "/vcluster"));
}

/* Where the manifest names the chart, for the rules about that. */
static int set_source(finder *find,
                      vcl_lint_subject *subject,
                      const cJSON *source,
                      const char *path,
                      const char *version_key)
{
    subject->source = source;
    subject->version_key = version_key;
    subject->source_path = vcl_strdup(path);
    return subject->source_path ? 0 : vcl_no_memory(find->error);
}

static int add_argo_source(finder *find, const cJSON *spec, const cJSON *source, const char *path)
{
    vcl_lint_subject *subject = NULL;
    const cJSON *helm = vcl_json_get(source, "helm");

    if (!is_vcluster_chart(vcl_json_find_string(source, "chart", NULL)))
        return 0;
    vcl_auto_free char *at = vcl_format("%s.helm", path);
    if (!at)
        return vcl_no_memory(find->error);
    int status = add_nested(find, helm, at, "valuesObject", "values", &subject);
    if (status < 0 || !subject)
        return status;
    subject->name = vcl_json_find_string(helm, "releaseName", NULL);
    if (!subject->name)
        subject->name = vcl_json_find_string(find->document, "metadata", "name", NULL);
    subject->namespace_name = vcl_json_find_string(spec, "destination", "namespace", NULL);
    subject->partial = subject->partial || vcl_json_get(helm, "valueFiles");
    return set_source(find, subject, source, path, "targetRevision");
}

static int add_argo(finder *find, const cJSON *spec, const char *path)
{
    const cJSON *item = NULL;
    int index = 0;

    vcl_auto_free char *source = vcl_format("%s.source", path);
    if (!source)
        return vcl_no_memory(find->error);
    int status = add_argo_source(find, spec, vcl_json_get(spec, "source"), source);
    cJSON_ArrayForEach (item, vcl_json_get(spec, "sources")) {
        vcl_auto_free char *at = vcl_format("%s.sources[%d]", path, index++);
        if (status < 0)
            return status;
        status = at ? add_argo_source(find, spec, item, at) : vcl_no_memory(find->error);
    }
    return status;
}

static int add_flux(finder *find)
{
    vcl_lint_subject *subject = NULL;
    const cJSON *spec = vcl_json_get(find->document, "spec");

    if (!is_vcluster_chart(vcl_json_find_string(spec, "chart", "spec", "chart", NULL)) &&
        !is_vcluster_chart(vcl_json_find_string(spec, "chartRef", "name", NULL)))
        return 0;
    int status = add_nested(find, spec, "spec", "values", NULL, &subject);
    if (status < 0)
        return status;
    const char *name = vcl_json_find_string(spec, "releaseName", NULL);
    const char *target = vcl_json_find_string(spec, "targetNamespace", NULL);
    subject->name = name ? name : vcl_json_find_string(find->document, "metadata", "name", NULL);
    subject->namespace_name =
        target ? target : vcl_json_find_string(find->document, "metadata", "namespace", NULL);
    subject->partial = subject->partial || vcl_json_get(spec, "valuesFrom");
    const cJSON *chart = vcl_json_find(spec, "chart", "spec", NULL);
    return chart ? set_source(find, subject, chart, "spec.chart.spec", "version") : 0;
}

static int add_values(finder *find)
{
    vcl_lint_subject *subject = NULL;
    const vcl_lint_settings *settings = &find->lint->settings;

    int status = add(find, find->document, NULL, "", &subject);
    if (status < 0)
        return status;
    const vcl_lint_file *file = find->file;
    subject->name = file->live ? file->cluster_name : vcl_lint_setting(settings, "cluster.name");
    subject->namespace_name =
        file->live ? file->namespace_name : vcl_lint_setting(settings, "cluster.namespace");
    return 0;
}

static int look_at_document(finder *find)
{
    const char *kind = vcl_json_find_string(find->document, "kind", NULL);
    const char *version = vcl_json_find_string(find->document, "apiVersion", NULL);
    const cJSON *spec = vcl_json_get(find->document, "spec");

    if (vcl_lint_is_pipeline(find->document) || (version && !kind)) /* a Chart.yaml */
        return 0;
    if (!kind || !version)
        return add_values(find);
    if (vcl_streq(kind, "Application") && vcl_starts_with(version, "argoproj.io/"))
        return add_argo(find, spec, "spec");
    if (vcl_streq(kind, "ApplicationSet") && vcl_starts_with(version, "argoproj.io/"))
        return add_argo(find, vcl_json_find(spec, "template", "spec", NULL), "spec.template.spec");
    if (vcl_streq(kind, "HelmRelease") && vcl_starts_with(version, "helm.toolkit.fluxcd.io/"))
        return add_flux(find);
    return 0;
}

static int look_at_file(finder *find)
{
    int status = 0;

    find->document = find->file->documents->child;
    find->mark = find->file->marks.documents;
    for (; find->mark && status == 0; find->mark = find->mark->next) {
        if (find->mark->value.kind != VCL_SPAN_MAP)
            continue;
        status = look_at_document(find);
        find->document = find->document->next;
    }
    return status < 0 ? vcl_wrap(find->error, status, "%s", find->file->name) : 0;
}

/* Whether an Application's "$values/clusters/a.yaml" is the file "./clusters/a.yaml". */
static bool is_file(const char *reference, const char *file)
{
    const char *slash = *reference == '$' ? strchr(reference, '/') : NULL;
    const char *name = slash ? slash + 1 : reference;
    size_t size = strlen(file);
    size_t wanted = strlen(name);

    return wanted > 0 && size >= wanted && vcl_streq(file + size - wanted, name) &&
           (size == wanted || file[size - wanted - 1] == '/');
}

/* Values that say of no virtual cluster are those of the only one that runs. */
static void link_live(vcl_lint_subject *values, const vcl_lint_subject *subjects)
{
    const vcl_lint_subject *live = NULL;

    for (const vcl_lint_subject *s = subjects; s; s = s->next) {
        if (live && s->file->live)
            return;
        live = s->file->live ? s : live;
    }
    if (live && !values->manifest && !values->name) {
        values->name = live->name;
        values->namespace_name = live->namespace_name;
    }
}

/* Values in a file of their own are those of the Application that names the file. */
static void link_file(vcl_lint_subject *values, const vcl_lint_subject *subjects)
{
    const cJSON *item = NULL;

    for (const vcl_lint_subject *s = subjects; s && !values->manifest && !values->name;
         s = s->next) {
        if (!s->partial)
            continue;
        cJSON_ArrayForEach (item, vcl_json_find(s->source, "helm", "valueFiles", NULL)) {
            if (!cJSON_IsString(item) || !is_file(item->valuestring, values->file->name))
                continue;
            values->name = s->name;
            values->namespace_name = s->namespace_name;
        }
    }
}

int vcl_lint_subjects_find(const vcluster_lint *lint,
                           const vcluster_chart *chart,
                           vcl_lint_subject **out_subjects,
                           vcluster_error **error)
{
    VCL_AUTO_JSON *defaults = chart ? vcl_json_copy(chart->values) : vcl_lint_known_defaults();
    finder find = { .lint = lint, .defaults = defaults, .error = error };
    int status = defaults ? 0 : vcl_no_memory(error);

    find.end = &find.first;
    for (find.file = lint->files; find.file && status == 0; find.file = find.file->next)
        status = look_at_file(&find);
    if (status < 0) {
        vcl_lint_subjects_free(find.first);
        return status;
    }
    for (vcl_lint_subject *values = find.first; values; values = values->next)
        link_file(values, find.first);
    for (vcl_lint_subject *values = find.first; values; values = values->next)
        link_live(values, find.first);
    *out_subjects = find.first;
    return 0;
}
