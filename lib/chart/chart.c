/* SPDX-License-Identifier: Apache-2.0 */
/* Files to a chart: what each file is, and whether Chart.yaml says what it must. */
#include "chart/chart.h"

#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
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
    cJSON_Delete(chart->metadata);
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

static int invalid(vcluster_error **error, const char *file, const char *rule, const char *message)
{
    int status = vcl_fail(error, VCLUSTER_E_CONFIG, "%s: %s", file, message);

    vcl_error_add_finding(error, file, 0, rule, VCLUSTER_SEVERITY_ERROR, message, NULL);
    return status;
}

/* "1.2.3-rc.1+build", with an optional v and missing parts, as Helm takes it. */
static bool is_version(const char *text)
{
    int parts = 0;

    text += *text == 'v';
    do {
        if (!isdigit((unsigned char)*text))
            return false;
        while (isdigit((unsigned char)*text))
            text++;
        parts++;
    } while (*text == '.' && parts < 3 && text++);
    if (*text == '\0')
        return true;
    if ((*text != '-' && *text != '+') || !text[1])
        return false;
    return strspn(text + 1, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.+-") ==
           strlen(text + 1);
}

/* Helm reads these as texts: 1.0 without quotes is a number, and refused. */
static int check_texts(const cJSON *metadata, vcluster_error **error)
{
    static const char *const names[] = { "apiVersion",  "name", "version",  "appVersion",
                                         "description", "type", "home",     "icon",
                                         "kubeVersion", "tags", "condition" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const cJSON *node = vcl_json_get(metadata, names[i]);
        vcl_auto_free char *message = NULL;
        if (!node || cJSON_IsString(node) || cJSON_IsNull(node))
            continue;
        message = vcl_format("'%s' must be a text: put it in quotes", names[i]);
        return message ? invalid(error, "Chart.yaml", "chart-metadata", message)
                       : vcl_no_memory(error);
    }
    return 0;
}

static int check_metadata(cJSON *metadata, vcluster_error **error)
{
    const char *type = vcl_str(vcl_json_find_string(metadata, "type", NULL));
    const char *name = vcl_json_find_string(metadata, "name", NULL);
    const char *version = vcl_json_find_string(metadata, "version", NULL);
    const char *api = vcl_json_find_string(metadata, "apiVersion", NULL);
    const char *wrong = NULL;

    if (vcl_str_empty(name))
        wrong = "'name' is missing";
    else if (strchr(name, '/') || strchr(name, '\\') || vcl_streq(name, ".") ||
             vcl_streq(name, ".."))
        wrong = "'name' is not allowed";
    else if (vcl_str_empty(version))
        wrong = "'version' is missing";
    else if (!is_version(version))
        wrong = "'version' is no semantic version";
    else if (*type && !vcl_streq(type, "application") && !vcl_streq(type, "library"))
        wrong = "'type' must be application or library";
    if (wrong)
        return invalid(error, "Chart.yaml", "chart-metadata", wrong);
    if (vcl_str_empty(api) && !vcl_json_set_string(metadata, "apiVersion", "v1"))
        return vcl_no_memory(error);
    return 0;
}

/* Parse a YAML file that must hold a map; an empty one is an empty map. */
static int parse_map(const vcl_chart_file *file, cJSON **out_map, vcluster_error **error)
{
    VCL_AUTO_JSON *tree = NULL;
    int status = vcl_yaml_parse(file->data, file->size, &tree, error);

    if (status < 0)
        return vcl_wrap(error, status, "read %s of the chart", file->name);
    if (cJSON_IsNull(tree)) {
        cJSON_Delete(tree);
        tree = cJSON_CreateObject();
        if (!tree)
            return vcl_no_memory(error);
    }
    if (!cJSON_IsObject(tree))
        return invalid(error, file->name, "chart-map", "this is no map");
    cJSON_Delete(*out_map);
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

static int read_metadata(vcluster_chart *chart,
                         const vcl_chart_file *files,
                         size_t count,
                         vcluster_error **error)
{
    const vcl_chart_file *file = find_file(files, count, "Chart.yaml");
    int status;

    if (!file)
        return invalid(error, "Chart.yaml", "chart-metadata",
                       "the file is missing: this is no chart");
    status = parse_map(file, &chart->metadata, error);
    if (status == 0)
        status = check_texts(chart->metadata, error);
    if (status == 0)
        status = check_metadata(chart->metadata, error);
    return status;
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

/* Charts inside the chart cannot be rendered yet: better to say so than to leave them out. */
static int check_subcharts(const vcluster_chart *chart,
                           const vcl_chart_file *files,
                           size_t count,
                           vcluster_error **error)
{
    const cJSON *dependencies = vcl_json_get(chart->metadata, "dependencies");
    bool found = cJSON_IsArray(dependencies) && dependencies->child;

    for (size_t i = 0; i < count; i++) {
        const char *name = files[i].name;
        found = found || (vcl_starts_with(name, "charts/") && name[7] != '_' && name[7] != '.' &&
                          (strchr(name + 7, '/') || vcl_ends_with(name, ".tgz")));
    }
    if (!found)
        return 0;
    return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                    "chart '%s' depends on other charts, which this version cannot render",
                    vcluster_chart_name(chart));
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
            return invalid(error, sorted[i]->name, "chart-duplicate",
                           "the chart has this file twice");
    }
    return 0;
}

/* Files that are kept in a form of their own. */
static bool is_special(const char *name)
{
    static const char *const names[] = { "Chart.yaml", "Chart.lock", "values.yaml",
                                         "values.schema.json" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (vcl_streq(name, names[i]))
            return true;
    }
    return false;
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
        if (is_special(files[i].name))
            continue;
        if (vcl_starts_with(files[i].name, "templates/"))
            chart->templates[chart->template_count++] = files[i];
        else
            chart->files[chart->file_count++] = files[i];
        files[i] = (vcl_chart_file){ 0 };
    }
    return 0;
}

int vcl_chart_from_files(vcl_chart_file *files,
                         size_t count,
                         vcluster_chart **out_chart,
                         vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_chart) chart = calloc(1, sizeof(*chart));
    int status = chart ? check_duplicates(files, count, error) : vcl_no_memory(error);

    if (status == 0)
        status = read_metadata(chart, files, count, error);
    if (status == 0)
        status = read_values(chart, files, count, error);
    if (status == 0)
        status = check_subcharts(chart, files, count, error);
    if (status == 0)
        status = distribute(chart, files, count, error);
    free_files(files, count);
    if (status == 0)
        *out_chart = vcl_steal(&chart);
    return status;
}
