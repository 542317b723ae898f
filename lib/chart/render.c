/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chart plus values to manifests. Mirrors engine.Render and renderResources of Helm 3.21: files
 * that lie deeper are parsed (and run) first, then in reverse order of their names, so that the
 * files above can replace what those below define.
 */
#include "chart/render.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/manifest.h"
#include "chart/render_objects.h"
#include "chart/template/eval.h"
#include "data/values.h"

/* One template and what it made. */
typedef struct rendered_file {
    const vcl_chart_file *file;
    char *path; /* with the name of the chart in front */
    vcl_buf output;
    size_t depth;
} rendered_file;

typedef struct rendering {
    vcl_tpl_engine engine;
    vcl_tpl_value dot;
    rendered_file *files;
    size_t count;
    vcl_documents documents;
} rendering;

void vcl_rendered_done(vcl_rendered *rendered)
{
    vcl_json_free_secret(rendered->values);
    vcl_free_secret(rendered->manifest);
    vcl_json_free_secret(rendered->objects);
    vcl_free_secret(rendered->hooks);
    *rendered = (vcl_rendered){ 0 };
}

static void rendering_done(rendering *r)
{
    for (size_t i = 0; i < r->count; i++) {
        vcl_buf_done(&r->files[i].output);
        free(r->files[i].path);
    }
    free(r->files);
    vcl_documents_done(&r->documents);
    vcl_tpl_engine_done(&r->engine);
}

/* Files whose own output nobody reads: they only define templates. */
static bool is_partial(const char *path)
{
    const char *slash = strrchr(path, '/');

    return (slash ? slash[1] : *path) == '_';
}

static int compare_for_parsing(const void *a, const void *b)
{
    const rendered_file *left = a;
    const rendered_file *right = b;

    if (left->depth != right->depth)
        return left->depth > right->depth ? -1 : 1;
    return strcmp(right->path, left->path);
}

static int compare_paths(const void *a, const void *b)
{
    const rendered_file *left = a;
    const rendered_file *right = b;

    return strcmp(left->path, right->path);
}

static int collect_files(rendering *r, const vcluster_chart *chart, vcluster_error **error)
{
    r->files = calloc(chart->template_count + 1, sizeof(*r->files));
    if (!r->files)
        return vcl_no_memory(error);
    for (size_t i = 0; i < chart->template_count; i++) {
        rendered_file *file = &r->files[r->count];
        if (vcl_chart_is_library(chart) && !is_partial(chart->templates[i].name))
            continue;
        file->file = &chart->templates[i];
        file->path = vcl_format("%s/%s", vcluster_chart_name(chart), chart->templates[i].name);
        if (!file->path)
            return vcl_no_memory(error);
        for (const char *c = file->path; *c; c++)
            file->depth += *c == '/';
        vcl_buf_init(&file->output, VCL_MAX_TEMPLATE_OUTPUT);
        r->count++;
    }
    qsort(r->files, r->count, sizeof(*r->files), compare_for_parsing);
    return 0;
}

static int parse_files(rendering *r, vcluster_error **error)
{
    for (size_t i = 0; i < r->count; i++) {
        vcl_tpl_text text = { r->files[i].file->data, r->files[i].file->size };
        if (vcl_tpl_engine_parse(&r->engine, vcl_tpl_literal(r->files[i].path), text) < 0)
            return vcl_tpl_engine_error(&r->engine, error);
    }
    return 0;
}

/* .Template of the file that runs. */
static bool set_template(rendering *r, const vcluster_chart *chart, const char *path)
{
    vcl_arena *arena = &r->engine.arena;
    vcl_tpl_map *map = vcl_tpl_map_new(arena);
    const char *name = vcluster_chart_name(chart);
    VCL_AUTO_BUF base = { .max = VCL_MAX_MESSAGE };

    vcl_buf_add(&base, name);
    vcl_buf_add(&base, "/templates");
    if (!map || vcl_buf_failed(&base))
        return false;

    char *copy = vcl_arena_copy(arena, vcl_buf_text(&base), base.size);
    return copy && vcl_tpl_map_set_literal(arena, map, "Name", vcl_tpl_cstring(path)) &&
           vcl_tpl_map_set_literal(arena, map, "BasePath", vcl_tpl_cstring(copy)) &&
           vcl_tpl_map_set_literal(arena, r->dot.map, "Template",
                                   vcl_tpl_map_value(map, VCL_TPL_T_VALUES));
}

static int run_files(rendering *r, const vcluster_chart *chart, vcluster_error **error)
{
    for (size_t i = 0; i < r->count; i++) {
        rendered_file *file = &r->files[i];
        if (is_partial(file->path))
            continue;
        if (!set_template(r, chart, file->path)) {
            vcl_tpl_engine_memory(&r->engine);
            return vcl_tpl_engine_error(&r->engine, error);
        }
        if (vcl_tpl_engine_execute(&r->engine, vcl_tpl_literal(file->path), &r->dot,
                                   &file->output) < 0)
            return vcl_tpl_engine_error(&r->engine, error);
    }
    return 0;
}

static int collect_documents(rendering *r, vcluster_error **error)
{
    qsort(r->files, r->count, sizeof(*r->files), compare_paths);
    for (size_t i = 0; i < r->count; i++) {
        rendered_file *file = &r->files[i];
        int status = 0;
        if (!is_partial(file->path) && !vcl_ends_with(file->path, "NOTES.txt"))
            status = vcl_documents_add(&r->documents, file->path, vcl_buf_text(&file->output),
                                       file->output.size, error);
        if (status < 0)
            return status;
    }
    vcl_documents_sort(&r->documents);
    return 0;
}

/* Hand the trees of the documents on. */
static int take_objects(rendering *r, cJSON **out_objects, vcluster_error **error)
{
    VCL_AUTO_JSON *objects = cJSON_CreateArray();

    if (!objects)
        return vcl_no_memory(error);
    for (size_t i = 0; i < r->documents.count; i++) {
        vcl_document *document = &r->documents.items[i];
        if (document->is_hook || !cJSON_IsObject(document->tree))
            continue;
        if (!vcl_json_append(objects, vcl_steal(&document->tree)))
            return vcl_no_memory(error);
    }
    *out_objects = vcl_steal(&objects);
    return 0;
}

static int run(rendering *r,
               const vcluster_chart *chart,
               const vcl_render_input *input,
               vcl_rendered *rendered,
               vcluster_error **error)
{
    int status = vcl_values_coalesce(chart->values, input->user_values, &rendered->values, error);

    if (status == 0)
        status = collect_files(r, chart, error);
    if (status == 0)
        status = parse_files(r, error);
    if (status < 0)
        return status;
    if (!vcl_render_objects(&r->engine.arena, chart, input, rendered->values, &r->dot)) {
        vcl_tpl_engine_memory(&r->engine);
        return vcl_tpl_engine_error(&r->engine, error);
    }
    status = run_files(r, chart, error);
    if (status == 0)
        status = collect_documents(r, error);
    if (status < 0)
        return status;
    rendered->manifest = vcl_documents_print(&r->documents, false);
    rendered->hooks = vcl_documents_print(&r->documents, true);
    if (!rendered->manifest || !rendered->hooks)
        return vcl_no_memory(error);
    return take_objects(r, &rendered->objects, error);
}

int vcl_chart_render(const vcluster_chart *chart,
                     const vcl_render_input *input,
                     vcl_rendered *out_rendered,
                     vcluster_error **error)
{
    rendering r = { 0 };
    vcl_rendered rendered = { 0 };

    vcl_tpl_engine_init(&r.engine);
    int status = run(&r, chart, input, &rendered, error);
    rendering_done(&r);
    if (status < 0)
        vcl_rendered_done(&rendered);
    else
        *out_rendered = rendered;
    return status;
}
