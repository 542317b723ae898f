/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Charts from .tgz archives, unpacked in memory and never to disk. Mirrors what Helm 3.21 accepts
 * (pkg/chart/loader/archive.go); links, devices and names with a backslash are refused besides.
 */
#include <ctype.h>
#include <string.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"
#include "chart/tar.h"
#include "data/encoding.h"

/* Headers and padding of an archive with as many small files as a chart may have. */
enum { TAR_OVERHEAD = VCL_MAX_CHART_FILES * 2048 };

static int refuse(vcluster_error **error, const char *name, const char *why)
{
    int status =
        vcl_fail(error, VCLUSTER_E_CONFIG, "the chart archive is refused: '%s' %s", name, why);

    vcl_error_add_finding(error, name, 0, "chart-archive", VCLUSTER_SEVERITY_ERROR, why, NULL);
    return status;
}

static bool has_parent(const char *name)
{
    for (const char *part = name; part; part = strchr(part, '/')) {
        part += *part == '/';
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0'))
            return true;
    }
    return false;
}

/* "a//./b" to "a/b", in place. */
static void clean(char *name)
{
    char *to = name;
    const char *from = name;

    while (*from) {
        size_t size = strcspn(from, "/");
        bool skip = size == 0 || (size == 1 && *from == '.');
        if (!skip) {
            if (to != name)
                *to++ = '/';
            memmove(to, from, size);
            to += size;
        }
        from += size;
        from += *from == '/';
    }
    *to = '\0';
}

/* The name inside the chart: without the folder that an archive has at its top. */
static int inner_name(const char *name, char **out_name, vcluster_error **error)
{
    const char *slash = strchr(name, '/');

    if (*name == '/' || (slash && slash[1] == '/'))
        return refuse(error, name, "is an absolute name");
    if (strchr(name, '\\'))
        return refuse(error, name, "has a backslash in its name");
    if (has_parent(name))
        return refuse(error, name, "points outside of the chart");
    if (vcl_streq(name, "Chart.yaml"))
        return refuse(error, name, "is not in a folder: an archive has one folder at its top");
    if (!slash)
        return refuse(error, name, "is outside of the folder of the chart");

    vcl_auto_free char *inner = vcl_strdup(slash + 1);
    if (!inner)
        return vcl_no_memory(error);
    clean(inner);
    if (!*inner)
        return refuse(error, name, "is outside of the folder of the chart");
    if (isalpha((unsigned char)inner[0]) && inner[1] == ':')
        return refuse(error, name, "is the name of a drive");
    *out_name = vcl_steal(&inner);
    return 0;
}

static int add_entry(vcl_chart_files *files, const vcl_tar_entry *entry, vcluster_error **error)
{
    vcl_auto_free char *name = NULL;

    if (entry->kind == VCL_TAR_DIRECTORY)
        return has_parent(entry->name) ? refuse(error, entry->name, "points outside of the chart")
                                       : 0;
    if (entry->kind != VCL_TAR_FILE)
        return refuse(error, entry->name, "is neither a file nor a folder");

    int status = inner_name(entry->name, &name, error);
    return status < 0 ? status : vcl_chart_files_add(files, name, entry->data, entry->size, error);
}

static int unpack(const char *data, size_t size, vcl_chart_files *files, vcluster_error **error)
{
    vcl_tar tar = { .data = data, .size = size };
    int status;

    while ((status = vcl_tar_next(&tar, error)) > 0) {
        status = add_entry(files, &tar.entry, error);
        if (status < 0)
            break;
    }
    vcl_tar_done(&tar);
    if (status == 0 && files->count == 0)
        return vcl_fail(error, VCLUSTER_E_CONFIG, "the chart archive has no files");
    return status;
}

/* What gzip says about broken data is about the chart here. */
static int not_an_archive(vcluster_error **error, vcluster_error *cause)
{
    if (vcluster_error_code(cause) == VCLUSTER_E_NO_MEMORY) {
        vcluster_error_free(cause);
        return vcl_no_memory(error);
    }
    int status =
        vcl_fail(error, VCLUSTER_E_CONFIG, "this is no chart archive (a .tgz of at most %d MiB)",
                 VCL_MAX_CHART_TOTAL >> 20);
    if (error)
        vcl_error_set_cause(error, cause);
    else
        vcluster_error_free(cause);
    return status;
}

/* Unpack at most max bytes, and what an archive needs besides. */
static int read_archive(
    const char *data, size_t size, size_t max, vcl_chart_files *files, vcluster_error **error)
{
    vcl_auto_free char *tar = NULL;
    size_t tar_size = 0;
    vcluster_error *cause = NULL;

    if (vcl_gunzip(data, size, max + TAR_OVERHEAD, &tar, &tar_size, &cause) < 0)
        return not_an_archive(error, cause);
    return unpack(tar, tar_size, files, error);
}

int vcl_chart_from_archive(const char *data,
                           size_t size,
                           vcluster_chart **out_chart,
                           vcluster_error **error)
{
    VCL_AUTO_CHART_FILES files = { 0 };
    int status = read_archive(data, size, VCL_MAX_CHART_TOTAL, &files, error);

    return status < 0 ? status : vcl_chart_files_finish(&files, out_chart, error);
}

int vcl_chart_unpack(const char *data,
                     size_t size,
                     vcl_chart_budget *budget,
                     vcluster_chart **out_chart,
                     vcluster_error **error)
{
    VCL_AUTO_CHART_FILES files = { 0 };
    int status = read_archive(data, size, budget->bytes, &files, error);

    if (status < 0)
        return status;
    if (files.total > budget->bytes)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "the charts inside the chart are larger than %d MiB together",
                        VCL_MAX_CHART_TOTAL >> 20);
    budget->bytes -= files.total;

    vcl_chart_file *items = files.items;
    size_t count = files.count;
    files = (vcl_chart_files){ 0 };
    return vcl_chart_from_files_within(items, count, budget, out_chart, error);
}
