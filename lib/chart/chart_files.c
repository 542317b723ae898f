/* SPDX-License-Identifier: Apache-2.0 */
/* Files on their way into a chart: what every loader has in common. */
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"

void vcl_chart_files_done(vcl_chart_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].name);
        vcl_free_secret(files->items[i].data);
    }
    free(files->items);
    *files = (vcl_chart_files){ 0 };
}

static int
check_limits(const vcl_chart_files *files, const char *name, size_t size, vcluster_error **error)
{
    if (size > VCL_MAX_CHART_FILE)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "file '%s' of the chart is larger than %d bytes",
                        name, VCL_MAX_CHART_FILE);
    if (size > VCL_MAX_CHART_TOTAL - files->total)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the chart is larger than %d bytes",
                        VCL_MAX_CHART_TOTAL);
    if (files->count >= VCL_MAX_CHART_FILES)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the chart has more than %d files",
                        VCL_MAX_CHART_FILES);
    return 0;
}

static bool reserve(vcl_chart_files *files)
{
    if (files->count < files->capacity)
        return true;

    size_t capacity = files->capacity ? files->capacity * 2 : 16;
    vcl_chart_file *items = realloc(files->items, capacity * sizeof(*items));
    if (!items)
        return false;
    files->items = items;
    files->capacity = capacity;
    return true;
}

/* Editors of Windows put a mark before the text. */
static void skip_mark(const char **data, size_t *size)
{
    if (*size >= 3 && memcmp(*data, "\xEF\xBB\xBF", 3) == 0) {
        *data += 3;
        *size -= 3;
    }
}

int vcl_chart_files_add(
    vcl_chart_files *files, const char *name, const char *data, size_t size, vcluster_error **error)
{
    int status = check_limits(files, name, size, error);

    if (status < 0)
        return status;
    skip_mark(&data, &size);

    vcl_auto_free char *name_copy = vcl_strdup(name);
    vcl_auto_free char *copy = malloc(size + 1);
    if (!name_copy || !copy || !reserve(files))
        return vcl_no_memory(error);
    if (size)
        memcpy(copy, data, size);
    copy[size] = '\0';
    files->items[files->count++] = (vcl_chart_file){
        .name = vcl_steal(&name_copy),
        .data = vcl_steal(&copy),
        .size = size,
    };
    files->total += size;
    return 0;
}

int vcl_chart_files_finish(vcl_chart_files *files,
                           vcluster_chart **out_chart,
                           vcluster_error **error)
{
    vcl_chart_file *items = files->items;
    size_t count = files->count;

    *files = (vcl_chart_files){ 0 };
    return vcl_chart_from_files(items, count, out_chart, error);
}
