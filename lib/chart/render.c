/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chart plus values to manifests. Mirrors engine.Render and renderResources of Helm 3.21: files
 * that lie deeper are parsed (and run) first, then in reverse order of their names, so that the
 * files above can replace what those below define. The charts in charts/ lie deeper.
 */
#include "chart/render.h"

#include <string.h>

#include "base/limits.h"
#include "base/stack.h"
#include "base/str.h"
#include "chart/cache.h"
#include "chart/coalesce.h"
#include "chart/crds.h"
#include "chart/manifest.h"
#include "chart/render_objects.h"
#include "chart/template/eval.h"
#include "chart/validate.h"

/* One template and what it made. */
typedef struct rendered_file {
    const vcl_chart_file *file;
    const char *path; /* "chart/charts/sub/templates/x.yaml" */
    const char *base_path;
    vcl_tpl_map *dot; /* of its chart */
    vcl_buf output;
    size_t depth;
    size_t order;
} rendered_file;

typedef struct rendering {
    const vcluster_chart *chart;
    vcl_chart_templates *templates;
    vcl_tpl_engine engine;
    vcl_tree tree;
    vcl_tpl_map *values;
    vcl_render_objects objects;
    rendered_file *files;
    size_t count;
    size_t capacity;
    int run_status; /* of the templates */
    vcl_documents documents;
} rendering;

void vcl_rendered_done(vcl_rendered *rendered)
{
    vcl_json_free_secret(rendered->values);
    vcl_free_secret(rendered->manifest);
    vcl_json_free_secret(rendered->objects);
    vcl_hooks_done(&rendered->hooks);
    vcl_free_secret(rendered->notes);
    free(rendered->crds);
    cJSON_Delete(rendered->crd_objects);
    cJSON_Delete(rendered->record_metadata);
    vcl_json_free_secret(rendered->record_values);
    *rendered = (vcl_rendered){ 0 };
}

static void rendering_done(rendering *r)
{
    for (size_t i = 0; i < r->count; i++)
        vcl_buf_done(&r->files[i].output);
    free(r->files);
    vcl_documents_done(&r->documents);
    vcl_tpl_engine_done(&r->engine);
    vcl_chart_give_templates(r->chart, r->templates);
}

static int out_of_memory(rendering *r, vcluster_error **error)
{
    vcl_tpl_engine_memory(&r->engine);
    return vcl_tpl_engine_error(&r->engine, error);
}

/* Files whose own output nobody reads: they only define templates. */
static bool is_partial(const char *path)
{
    const char *slash = strrchr(path, '/');

    return (slash ? slash[1] : *path) == '_';
}

static bool is_notes(const char *path)
{
    return vcl_ends_with(path, "NOTES.txt");
}

/* Of files with the same path, the one that came last is first. */
static int compare_for_parsing(const void *a, const void *b)
{
    const rendered_file *left = a;
    const rendered_file *right = b;
    int order = strcmp(right->path, left->path);

    if (left->depth != right->depth)
        return left->depth > right->depth ? -1 : 1;
    if (order)
        return order;
    return left->order > right->order ? -1 : left->order < right->order;
}

static int compare_paths(const void *a, const void *b)
{
    const rendered_file *left = a;
    const rendered_file *right = b;

    return strcmp(left->path, right->path);
}

/* Room for the files of one more chart. */
static bool reserve(rendering *r, size_t more)
{
    size_t capacity = r->capacity * 2 + more;
    rendered_file *files = NULL;

    if (r->capacity - r->count >= more)
        return true;
    files = realloc(r->files, capacity * sizeof(*files));
    if (!files)
        return false;
    r->files = files;
    r->capacity = capacity;
    return true;
}

/* "a/b" in the arena. */
static const char *join(vcl_arena *arena, const char *folder, const char *name)
{
    vcl_auto_free char *path = vcl_format("%s/%s", folder, name);

    return path ? vcl_arena_copy(arena, path, strlen(path)) : NULL;
}

/* The templates of one chart. */
static bool add_templates(rendering *r, const vcl_tree_chart *chart, vcl_tpl_map *dot)
{
    vcl_arena *arena = &r->engine.arena;
    const vcluster_chart *loaded = chart->chart;
    const char *folder = vcl_tree_path(arena, chart);
    const char *base_path = folder ? join(arena, folder, "templates") : NULL;

    if (!base_path || !reserve(r, loaded->template_count))
        return false;
    for (size_t i = 0; i < loaded->template_count; i++) {
        rendered_file *file = &r->files[r->count];
        if (vcl_chart_is_library(loaded) && !is_partial(loaded->templates[i].name))
            continue;
        *file = (rendered_file){ .file = &loaded->templates[i],
                                 .path = join(arena, folder, loaded->templates[i].name),
                                 .base_path = base_path,
                                 .dot = dot,
                                 .order = r->count };
        if (!file->path)
            return false;
        for (const char *c = file->path; *c; c++)
            file->depth += *c == '/';
        vcl_buf_init(&file->output, VCL_MAX_TEMPLATE_OUTPUT);
        r->count++;
    }
    return true;
}

/* The objects and templates of a chart and of those in it; NULL when memory is short. */
static vcl_tpl_map *add_chart(rendering *r, const vcl_tree_chart *chart, vcl_tpl_map *values)
{
    vcl_arena *arena = &r->engine.arena;
    vcl_tpl_map *subcharts = NULL;
    vcl_tpl_map *dot = vcl_render_dot(&r->objects, chart, values, &subcharts);

    for (size_t i = 0; dot && i < chart->child_count; i++) {
        const vcl_tree_chart *child = chart->children[i];
        vcl_tpl_map *inner = vcl_coalesce_find(values, child->name);
        vcl_tpl_map *made = NULL;
        if (!inner)
            inner = vcl_tpl_map_new(arena);
        made = inner ? add_chart(r, child, inner) : NULL;
        if (!made || !vcl_tpl_map_set_literal(arena, subcharts, child->name,
                                              vcl_tpl_map_value(made, VCL_TPL_T_MAP)))
            return NULL;
    }
    return dot && add_templates(r, chart, dot) ? dot : NULL;
}

/* All templates in the order in which they are parsed; of the same path only the last. */
static int collect_files(rendering *r, vcluster_error **error)
{
    size_t kept = 0;

    if (!add_chart(r, r->tree.root, r->values))
        return out_of_memory(r, error);
    if (r->count == 0)
        return 0;
    qsort(r->files, r->count, sizeof(*r->files), compare_for_parsing);
    for (size_t i = 0; i < r->count; i++) {
        if (kept == 0 || !vcl_streq(r->files[kept - 1].path, r->files[i].path))
            r->files[kept++] = r->files[i];
    }
    r->count = kept;
    return 0;
}

/* Take the parsed templates; they count as memory of this rendering. */
static int parse_files(rendering *r, vcluster_error **error)
{
    vcl_arena *arena = &r->engine.arena;
    vcl_chart_template *files = vcl_arena_alloc(arena, (r->count + 1) * sizeof(*files));

    if (!files)
        return out_of_memory(r, error);
    for (size_t i = 0; i < r->count; i++)
        files[i] = (vcl_chart_template){ r->files[i].path, r->files[i].file };

    int status = vcl_chart_take_templates(r->chart, files, r->count, &r->templates, error);
    if (status < 0)
        return status;
    return vcl_tpl_engine_share(&r->engine, vcl_chart_templates_set(r->templates),
                                vcl_chart_templates_size(r->templates))
               ? 0
               : out_of_memory(r, error);
}

static int run_file(rendering *r, rendered_file *file)
{
    vcl_tpl_value dot = vcl_tpl_map_value(file->dot, VCL_TPL_T_VALUES);

    if (is_partial(file->path))
        return 0;
    if (!vcl_render_set_template(&r->engine.arena, file->dot, file->path, file->base_path))
        return vcl_tpl_engine_memory(&r->engine);
    return vcl_tpl_engine_execute_here(&r->engine, vcl_tpl_literal(file->path), &dot,
                                       &file->output);
}

/* What runs on a deep stack. */
static void run_all(void *data)
{
    rendering *r = data;
    int status = 0;

    for (size_t i = 0; status == 0 && i < r->count; i++)
        status = run_file(r, &r->files[i]);
    r->run_status = status;
}

static int run_files(rendering *r, vcluster_error **error)
{
    if (!vcl_run_on_deep_stack(run_all, r))
        return vcl_no_memory(error);
    return r->run_status < 0 ? vcl_tpl_engine_error(&r->engine, error) : 0;
}

static int collect_documents(rendering *r, vcluster_error **error)
{
    if (r->count)
        qsort(r->files, r->count, sizeof(*r->files), compare_paths);
    for (size_t i = 0; i < r->count; i++) {
        rendered_file *file = &r->files[i];
        int status = 0;
        if (!is_partial(file->path) && !is_notes(file->path))
            status = vcl_documents_add(&r->documents, file->path, vcl_buf_text(&file->output),
                                       file->output.size, error);
        if (status < 0)
            return status;
    }
    vcl_documents_sort(&r->documents);
    return 0;
}

/* Of the notes only those of the chart itself are kept. */
static int take_notes(rendering *r, char **out_notes, vcluster_error **error)
{
    const char *path = join(&r->engine.arena, r->tree.root->name, "templates/NOTES.txt");

    if (!path)
        return out_of_memory(r, error);
    *out_notes = NULL;
    for (size_t i = 0; i < r->count && !*out_notes; i++) {
        if (vcl_streq(r->files[i].path, path))
            *out_notes = vcl_strdup(vcl_buf_text(&r->files[i].output));
    }
    if (!*out_notes)
        *out_notes = vcl_strdup("");
    return *out_notes ? 0 : vcl_no_memory(error);
}

/* What the record of the release says of a chart with dependencies. */
static int take_record(rendering *r, vcl_rendered *rendered, vcluster_error **error)
{
    if (!vcl_json_get(r->tree.root->chart->metadata, "dependencies"))
        return 0;
    rendered->record_metadata = vcl_tree_metadata(&r->tree);
    if (!rendered->record_metadata)
        return vcl_no_memory(error);
    return r->tree.values_changed
               ? vcl_validate_print(r->tree.root->values, &rendered->record_values, error)
               : 0;
}

static int
check_kube_version(const vcluster_chart *chart, const char *version, vcluster_error **error)
{
    const char *range = vcl_str(vcl_json_find_string(chart->metadata, "kubeVersion", NULL));

    if (!*range || vcl_tree_in_range(range, version))
        return 0;

    int status = vcl_fail(error, VCLUSTER_E_CONFIG,
                          "chart requires kubeVersion: %s which is incompatible with Kubernetes %s",
                          range, version);
    vcl_error_add_finding(error, "Chart.yaml", 0, "chart-kube-version", VCLUSTER_SEVERITY_ERROR,
                          "the chart is not for this version of Kubernetes", NULL);
    return status;
}

/* Values, and whether the chart may be rendered with them. */
static int
prepare(rendering *r, const vcl_render_input *input, vcl_rendered *rendered, vcluster_error **error)
{
    const vcluster_chart *chart = r->chart;
    int status = 0;

    if (vcl_chart_is_library(chart))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "'%s' is a library chart, which cannot be installed",
                        vcluster_chart_name(chart));
    status = vcl_validate_values(&r->engine.arena, chart, input->user_values, &r->tree, &r->values,
                                 error);
    if (status == 0)
        status = vcl_validate_print(r->values, &rendered->values, error);
    if (status == 0 && !input->skip_schema)
        status = vcl_validate_tree(&r->tree, rendered->values, error);
    if (status == 0)
        status = check_kube_version(chart, vcl_str(input->kubernetes_version), error);
    if (status == 0)
        status = take_record(r, rendered, error);
    if (status < 0)
        return status;
    r->engine.lookup = input->lookup;
    r->engine.lookup_data = input->lookup_data;
    return vcl_render_objects_make(&r->engine.arena, input, &r->objects) ? 0
                                                                         : out_of_memory(r, error);
}

/* Documents to what the caller gets. */
static int finish(rendering *r, vcl_rendered *rendered, vcluster_error **error)
{
    int status = take_notes(r, &rendered->notes, error);

    if (status < 0)
        return status;
    rendered->manifest = vcl_documents_print(&r->documents);
    if (!rendered->manifest)
        return vcl_no_memory(error);
    status = vcl_documents_take_hooks(&r->documents, &rendered->hooks, error);
    if (status == 0)
        status = vcl_documents_take_objects(&r->documents, &rendered->objects, error);
    if (status == 0)
        status = vcl_crds_collect(&r->tree, &rendered->crds, &rendered->crd_objects, error);
    return status;
}

static int
run(rendering *r, const vcl_render_input *input, vcl_rendered *rendered, vcluster_error **error)
{
    int status = prepare(r, input, rendered, error);

    if (status == 0)
        status = collect_files(r, error);
    if (status == 0)
        status = parse_files(r, error);
    if (status == 0)
        status = run_files(r, error);
    if (status == 0)
        status = collect_documents(r, error);
    return status == 0 ? finish(r, rendered, error) : status;
}

int vcl_chart_render(const vcluster_chart *chart,
                     const vcl_render_input *input,
                     vcl_rendered *out_rendered,
                     vcluster_error **error)
{
    rendering r = { .chart = chart };
    vcl_rendered rendered = { 0 };

    vcl_tpl_engine_init(&r.engine);
    int status = run(&r, input, &rendered, error);
    rendering_done(&r);
    if (status < 0)
        vcl_rendered_done(&rendered);
    else
        *out_rendered = rendered;
    return status;
}
