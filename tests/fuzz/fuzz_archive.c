/* SPDX-License-Identifier: Apache-2.0 */
/* A tar archive, zipped and loaded as a chart: every name inside a chart that is taken must stay
 * inside. The bytes are loaded as they are, too. */
#include <string.h>

#include "base/str.h"
#include "chart/chart.h"
#include "data/encoding.h"
#include "fuzz.h"

static void check_names(const vcl_chart_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = files[i].name;
        FUZZ_CHECK(*name && *name != '/' && !strchr(name, '\\') && !strstr(name, "//"));
        FUZZ_CHECK(strncmp(name, "../", 3) != 0 && !strstr(name, "/../") &&
                   strcmp(name, "..") != 0);
        FUZZ_CHECK(!vcl_ends_with(name, "/.."));
        FUZZ_CHECK(files[i].data[files[i].size] == '\0');
    }
}

static void load(const char *data, size_t size)
{
    vcluster_chart *chart = NULL;
    VCL_AUTO_ERROR *error = NULL;

    if (vcl_chart_from_archive(data, size, &chart, &error) < 0) {
        FUZZ_CHECK(error && !chart);
        return;
    }
    FUZZ_CHECK(vcluster_chart_name(chart) && vcluster_chart_version(chart));
    check_names(chart->templates, chart->template_count);
    check_names(chart->files, chart->file_count);
    vcluster_chart_free(chart);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    vcl_auto_free char *zipped = NULL;
    size_t zipped_size = 0;

    load(size ? (const char *)data : "", size);
    FUZZ_CHECK(vcl_gzip(size ? (const char *)data : "", size, &zipped, &zipped_size, NULL) ==
               VCLUSTER_OK);
    load(zipped, zipped_size);
    return 0;
}
