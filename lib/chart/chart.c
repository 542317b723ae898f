/* SPDX-License-Identifier: Apache-2.0 */
/* Files to a chart: what each file is, and whether Chart.yaml says what it must. */
#include "chart/chart.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/metadata.h"
#include "data/yaml.h"

VCL_DEFINE_CLEANUP(vcluster_chart, vcluster_chart_free);

static void free_files(vcl_chart_file *items, size_t count)
{
    vcl_chart_files files = { .items = items, .count = count };

    vcl_chart_files_done(&files);
}

void vcluster_chart_free(vcluster_chart *chart)
{
    if (!chart)
        return;
    for (size_t i = 0; i < chart->dependency_count; i++)
        vcluster_chart_free(chart->dependencies[i]);
    free(chart->dependencies);
    vcl_chart_cache_free(chart->cache);
    cJSON_Delete(chart->metadata);
    cJSON_Delete(chart->lock);
    vcl_json_free_secret(chart->values);
    vcl_free_secret(chart->values_text);
    free(chart->schema);
    free_files(chart->templates, chart->template_count);
    free_files(chart->files, chart->file_count);
    free(chart);
}

const char *vcluster_chart_name(const vcluster_chart *chart)
{
    return chart ? vcl_json_find_string(chart->metadata, "name", NULL) : NULL;
}

const char *vcluster_chart_version(const vcluster_chart *chart)
{
    return chart ? vcl_json_find_string(chart->metadata, "version", NULL) : NULL;
}

bool vcl_chart_is_library(const vcluster_chart *chart)
{
    return vcl_streq(vcl_json_find_string(chart->metadata, "type", NULL), "library");
}

static int parse_file(const vcl_chart_file *file, cJSON **out_tree, vcluster_error **error)
{
    int status = vcl_yaml_parse_loose(file->data, file->size, out_tree, error);

    return status < 0 ? vcl_wrap(error, status, "read %s of the chart", file->name) : 0;
}

/* Parse a YAML file that must hold a map; an empty one is an empty map. */
static int parse_map(const vcl_chart_file *file, cJSON **out_map, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    int status = parse_file(file, &tree, error);

    if (status < 0)
        return status;
    if (cJSON_IsNull(tree)) {
        cJSON_Delete(tree);
        tree = cJSON_CreateObject();
        if (!tree)
            return vcl_no_memory(error);
    }
    if (!cJSON_IsObject(tree))
        return vcl_metadata_invalid(error, file->name, "chart-map", "this is no map");
    *out_map = vcl_steal(&tree);
    return 0;
}

static const vcl_chart_file *find_file(const vcl_chart_file *files, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (vcl_streq(files[i].name, name))
            return &files[i];
    }
    return NULL;
}

/* Lay one file over the metadata. */
static int
read_into_metadata(vcluster_chart *chart, const vcl_chart_file *file, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    int status = parse_file(file, &tree, error);

    return status < 0 ? status : vcl_metadata_read(tree, file->name, &chart->metadata, error);
}

/* Chart.yaml, and the file in which charts of apiVersion v1 have their dependencies. */
static int read_metadata(vcluster_chart *chart,
                         const vcl_chart_file *files,
                         size_t count,
                         vcluster_error **error)
{
    const vcl_chart_file *file = find_file(files, count, "Chart.yaml");
    const vcl_chart_file *requirements = find_file(files, count, "requirements.yaml");
    int status;

    if (!file)
        return vcl_metadata_invalid(error, "Chart.yaml", "chart-metadata",
                                    "the file is missing: this is no chart");
    status = read_into_metadata(chart, file, error);
    if (status == 0 && !vcl_json_get(chart->metadata, "apiVersion") &&
        !vcl_json_set_string(chart->metadata, "apiVersion", "v1"))
        return vcl_no_memory(error);
    if (status == 0 && requirements)
        status = read_into_metadata(chart, requirements, error);
    if (status == 0)
        status = vcl_metadata_order(chart->metadata, error);
    return status == 0 ? vcl_metadata_check(chart->metadata, error) : status;
}

static int
read_lock(vcluster_chart *chart, const vcl_chart_file *files, size_t count, vcluster_error **error)
{
    const vcl_chart_file *file = find_file(files, count, "Chart.lock");
    VCL_AUTO_JSON *tree = NULL;

    if (!file)
        file = find_file(files, count, "requirements.lock");
    if (!file)
        return 0;

    int status = parse_file(file, &tree, error);
    return status < 0 ? status : vcl_metadata_read_lock(tree, file->name, &chart->lock, error);
}

static int read_values(vcluster_chart *chart,
                       const vcl_chart_file *files,
                       size_t count,
                       vcluster_error **error)
{
    const vcl_chart_file *values = find_file(files, count, "values.yaml");
    const vcl_chart_file *schema = find_file(files, count, "values.schema.json");
    int status = 0;

    if (values)
        status = parse_map(values, &chart->values, error);
    else
        chart->values = cJSON_CreateObject();
    if (status < 0)
        return status;
    chart->values_text = vcl_strdup(values ? values->data : "");
    chart->schema = schema ? vcl_strdup(schema->data) : NULL;
    if (!chart->values || !chart->values_text || (schema && !chart->schema))
        return vcl_no_memory(error);
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    const vcl_chart_file *const *left = a;
    const vcl_chart_file *const *right = b;

    return strcmp((*left)->name, (*right)->name);
}

static int check_duplicates(const vcl_chart_file *files, size_t count, vcluster_error **error)
{
    vcl_auto_free const vcl_chart_file **sorted = calloc(count + 1, sizeof(*sorted));

    if (!sorted)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &files[i];
    qsort(sorted, count, sizeof(*sorted), compare_names);
    for (size_t i = 1; i < count; i++) {
        if (vcl_streq(sorted[i - 1]->name, sorted[i]->name))
            return vcl_metadata_invalid(error, sorted[i]->name, "chart-duplicate",
                                        "the chart has this file twice");
    }
    return 0;
}

/* Files that are kept in a form of their own; the requirements of charts of apiVersion v1 are kept
 * among the files, too. */
static bool is_special(const vcluster_chart *chart, const char *name)
{
    static const char *const names[] = { "Chart.yaml", "Chart.lock", "values.yaml",
                                         "values.schema.json" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_streq(name, names[i]))
            return true;
    }
    return (vcl_streq(name, "requirements.yaml") || vcl_streq(name, "requirements.lock")) &&
           !vcl_streq(vcl_json_find_string(chart->metadata, "apiVersion", NULL), "v1");
}

/* Move the files to where they belong; those left over stay in the array. */
static int
distribute(vcluster_chart *chart, vcl_chart_file *files, size_t count, vcluster_error **error)
{
    chart->templates = calloc(count + 1, sizeof(*files));
    chart->files = calloc(count + 1, sizeof(*files));
    if (!chart->templates || !chart->files)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        const char *name = files[i].name;
        if (!name || is_special(chart, name) ||
            (vcl_starts_with(name, "charts/") && !vcl_ends_with(name, ".prov")))
            continue;
        if (vcl_starts_with(name, "templates/"))
            chart->templates[chart->template_count++] = files[i];
        else
            chart->files[chart->file_count++] = files[i];
        files[i] = (vcl_chart_file){ 0 };
    }
    return 0;
}

static int read_files(vcluster_chart *chart,
                      vcl_chart_file *files,
                      size_t count,
                      vcl_chart_budget *budget,
                      vcluster_error **error)
{
    int status = check_duplicates(files, count, error);

    if (status == 0)
        status = read_metadata(chart, files, count, error);
    if (status == 0)
        status = read_lock(chart, files, count, error);
    if (status == 0)
        status = read_values(chart, files, count, error);
    if (status == 0)
        status = vcl_chart_load_subcharts(chart, files, count, budget, error);
    if (status == 0)
        status = distribute(chart, files, count, error);
    return status;
}

int vcl_chart_from_files_within(vcl_chart_file *files,
                                size_t count,
                                vcl_chart_budget *budget,
                                vcluster_chart **out_chart,
                                vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) chart = calloc(1, sizeof(*chart));
    int status = VCLUSTER_OK;

    if (chart)
        chart->cache = vcl_chart_cache_new();
    if (!chart || !chart->cache)
        status = vcl_no_memory(error);
    if (status == 0)
        status = read_files(chart, files, count, budget, error);
    free_files(files, count);
    if (status == 0)
        *out_chart = vcl_steal(&chart);
    return status;
}

int vcl_chart_from_files(vcl_chart_file *files,
                         size_t count,
                         vcluster_chart **out_chart,
                         vcluster_error **error)
{
    vcl_chart_budget budget = { .bytes = VCL_MAX_CHART_TOTAL };

    return vcl_chart_from_files_within(files, count, &budget, out_chart, error);
}
