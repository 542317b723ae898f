/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The charts in charts/: folders and archives, to any depth within the budget. Mirrors
 * loader.LoadFiles of Helm 3.21; where Helm takes them in the accidental order of a Go map, they
 * are taken by name.
 */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"

static const char folder[] = "charts/";
enum { FOLDER_SIZE = sizeof(folder) - 1 };

/* Charts inside each other. */
enum { MAX_CHART_DEPTH = 16 };

/* Whether a file of the chart belongs to a chart inside of it. */
static bool is_inner(const vcl_chart_file *file)
{
    return file->name && vcl_starts_with(file->name, folder) &&
           !vcl_ends_with(file->name, ".prov") && file->name[FOLDER_SIZE];
}

/* The size of the name of the file or folder in charts/. */
static size_t name_size(const vcl_chart_file *file)
{
    return strcspn(file->name + FOLDER_SIZE, "/");
}

/* The same file or folder, or by name where they differ. */
static int compare_inner(const vcl_chart_file *a, const vcl_chart_file *b)
{
    size_t left = name_size(a);
    size_t right = name_size(b);
    int order = memcmp(a->name + FOLDER_SIZE, b->name + FOLDER_SIZE, left < right ? left : right);

    return order || left == right ? order : left < right ? -1 : 1;
}

/* Files of charts/, the files of one chart behind each other, those as they came. */
static int compare_entries(const void *a, const void *b)
{
    const vcl_chart_file *const *left = a;
    const vcl_chart_file *const *right = b;
    int order = compare_inner(*left, *right);

    return order ? order : *left < *right ? -1 : *left > *right;
}

/* Make a chart of the files of a folder, moving them. */
static int load_folder(vcl_chart_file **entries,
                       size_t count,
                       vcl_chart_budget *budget,
                       vcluster_chart **out_chart,
                       vcluster_error **error)
{
    size_t skip = FOLDER_SIZE + name_size(entries[0]) + 1;
    vcl_chart_file *files = calloc(count + 1, sizeof(*files));
    size_t used = 0;

    if (!files)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        vcl_chart_file *file = entries[i];
        size_t size = strlen(file->name);
        if (size < skip) /* no folder, but a file */
            continue;
        files[used] = *file;
        *file = (vcl_chart_file){ 0 };
        memmove(files[used].name, files[used].name + skip, size - skip + 1);
        used++;
    }
    return vcl_chart_from_files_within(files, used, budget, out_chart, error);
}

static int load_one(vcl_chart_file **entries,
                    size_t count,
                    vcl_chart_budget *budget,
                    vcluster_chart **out_chart,
                    vcluster_error **error)
{
    size_t size = name_size(entries[0]);
    const char *name = entries[0]->name + FOLDER_SIZE;

    if (size <= 4 || memcmp(name + size - 4, ".tgz", 4) != 0)
        return load_folder(entries, count, budget, out_chart, error);
    if (name[size])
        return vcl_fail(error, VCLUSTER_E_CONFIG, "expected an archive, not a folder");
    return vcl_chart_unpack(entries[0]->data, entries[0]->size, budget, out_chart, error);
}

/* Load one chart and hand it to the one around it. */
static int add_one(vcluster_chart *chart,
                   vcl_chart_file **entries,
                   size_t count,
                   vcl_chart_budget *budget,
                   vcluster_error **error)
{
    vcl_auto_free char *name = vcl_strndup(entries[0]->name + FOLDER_SIZE, name_size(entries[0]));
    vcluster_chart *loaded = NULL;

    if (!name)
        return vcl_no_memory(error);
    if (*name == '_' || *name == '.')
        return 0;

    int status = load_one(entries, count, budget, &loaded, error);
    if (status < 0)
        return vcl_wrap(error, status, "unpack subchart '%s' of '%s'", name,
                        vcluster_chart_name(chart));
    chart->dependencies[chart->dependency_count++] = loaded;
    return 0;
}

static int load_all(vcluster_chart *chart,
                    vcl_chart_file **entries,
                    size_t count,
                    vcl_chart_budget *budget,
                    vcluster_error **error)
{
    size_t end = 0;

    chart->dependencies = calloc(count, sizeof(*chart->dependencies));
    if (!chart->dependencies)
        return vcl_no_memory(error);
    for (size_t start = 0; start < count; start = end) {
        end = start + 1;
        /* Compared before the files are moved, hence the whole group first. */
        while (end < count && compare_inner(entries[start], entries[end]) == 0)
            end++;
        int status = add_one(chart, entries + start, end - start, budget, error);
        if (status < 0)
            return status;
    }
    return 0;
}

int vcl_chart_load_subcharts(vcluster_chart *chart,
                             vcl_chart_file *files,
                             size_t count,
                             vcl_chart_budget *budget,
                             vcluster_error **error)
{
    vcl_auto_free vcl_chart_file **entries = calloc(count + 1, sizeof(*entries));
    size_t found = 0;

    if (!entries)
        return vcl_no_memory(error);
    for (size_t i = 0; i < count; i++) {
        if (is_inner(&files[i]))
            entries[found++] = &files[i];
    }
    if (found == 0)
        return 0;
    if (budget->depth >= MAX_CHART_DEPTH)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "charts are nested too deep");
    qsort(entries, found, sizeof(*entries), compare_entries);

    budget->depth++;
    int status = load_all(chart, entries, found, budget, error);
    budget->depth--;
    return status;
}
