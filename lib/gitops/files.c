/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of files; see files.h. A sorted array: a tenant has a handful. */
#include "gitops/files.h"

#include <string.h>

#include "base/limits.h"
#include "base/str.h"

typedef struct file {
    char *path;
    char *text;
} file;

struct vcluster_files {
    file *items;
    size_t count;
};

int vcluster_files_new(vcluster_files **out_files, vcluster_error **error)
{
    if (!out_files)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'out_files' is NULL");
    vcluster_files *files = calloc(1, sizeof(*files));
    if (!files)
        return vcl_no_memory(error);
    *out_files = files;
    return VCLUSTER_OK;
}

void vcluster_files_free(vcluster_files *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++) {
        free(files->items[i].path);
        vcl_free_secret(files->items[i].text);
    }
    free(files->items);
    free(files);
}

static bool is_part(const char *part, size_t size)
{
    bool dots = size <= 2 && strspn(part, ".") >= size;

    return size > 0 && !dots && !memchr(part, '\\', size);
}

static bool is_relative(const char *path)
{
    for (;;) {
        size_t size = strcspn(path, "/");
        if (!is_part(path, size))
            return false;
        if (path[size] == '\0')
            return true;
        path += size + 1;
    }
}

static int
check(const vcluster_files *files, const char *path, const char *text, vcluster_error **error)
{
    if (!files || !path || !text)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "files, path or text is NULL");
    if (!is_relative(path))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "'%.200s' is no relative path without '..'", path);
    if (strlen(text) > VCL_MAX_DOCUMENT)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "'%.200s' is larger than 4 MiB", path);
    if (vcl_files_find(files, path))
        return vcl_fail(error, VCLUSTER_E_ALREADY_EXISTS, "'%.200s' is there already", path);
    if (files->count >= VCL_MAX_CHART_FILES)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "there are more than %d files",
                        (int)VCL_MAX_CHART_FILES);
    return VCLUSTER_OK;
}

int vcluster_files_add(vcluster_files *files,
                       const char *path,
                       const char *text,
                       vcluster_error **error)
{
    int status = check(files, path, text, error);
    if (status < 0)
        return status;

    file *items = realloc(files->items, (files->count + 1) * sizeof(*items));
    if (!items)
        return vcl_no_memory(error);
    files->items = items;
    file added = { .path = vcl_strdup(path), .text = vcl_strdup(text) };
    if (!added.path || !added.text) {
        free(added.path);
        vcl_free_secret(added.text);
        return vcl_no_memory(error);
    }
    size_t at = files->count++;
    for (; at > 0 && strcmp(items[at - 1].path, path) > 0; at--)
        items[at] = items[at - 1];
    items[at] = added;
    return VCLUSTER_OK;
}

size_t vcluster_files_size(const vcluster_files *files)
{
    return files ? files->count : 0;
}

const char *vcluster_files_path(const vcluster_files *files, size_t index)
{
    return index < vcluster_files_size(files) ? files->items[index].path : NULL;
}

const char *vcluster_files_text(const vcluster_files *files, size_t index)
{
    return index < vcluster_files_size(files) ? files->items[index].text : NULL;
}

const char *vcl_files_find(const vcluster_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++) {
        if (vcl_streq(files->items[i].path, path))
            return files->items[i].text;
    }
    return NULL;
}
