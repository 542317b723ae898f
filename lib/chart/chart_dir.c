/* SPDX-License-Identifier: Apache-2.0 */
/* Charts from the file system: a directory with its .helmignore, or an archive. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/str.h"
#include "chart/chart.h"
#include "chart/helmignore.h"

/* Folders in folders; stops links that lead back up. */
enum { MAX_DEPTH = 32 };

typedef struct walk {
    vcl_chart_files files;
    const char *rules;
    int depth;
} walk;

static int cannot_read(vcluster_error **error, const char *path, int code)
{
    int status = code == ENOENT || code == ENOTDIR ? VCLUSTER_E_NOT_FOUND
                 : code == EACCES || code == EPERM ? VCLUSTER_E_PERMISSION
                                                   : VCLUSTER_E_CONFIG;

    if (code == ENOMEM)
        return vcl_no_memory(error);
    return vcl_fail(error, status, "cannot read '%s': %s", path, strerror(code));
}

/* Read an open file of at most max bytes. */
static int read_file(
    int fd, const char *path, size_t max, char **out_data, size_t *out_size, vcluster_error **error)
{
    VCL_AUTO_BUF buf = { .max = max };
    char block[16384];

    for (;;) {
        ssize_t count = read(fd, block, sizeof(block));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return cannot_read(error, path, errno);
        if (count == 0)
            break;
        if (!vcl_buf_append(&buf, block, (size_t)count)) {
            if (buf.state == VCL_BUF_TOO_LARGE)
                return vcl_fail(error, VCLUSTER_E_CONFIG, "'%s' is larger than %zu bytes", path,
                                max);
            return vcl_no_memory(error);
        }
    }
    *out_size = buf.size;
    *out_data = vcl_buf_steal(&buf);
    return *out_data ? 0 : vcl_no_memory(error);
}

static int add_directory(walk *w, int fd, const char *prefix, vcluster_error **error);

static int add_file(walk *w, int fd, const char *name, vcluster_error **error)
{
    char *data = NULL;
    size_t size = 0;
    int status = read_file(fd, name, VCL_MAX_CHART_FILE, &data, &size, error);

    if (status == 0)
        status = vcl_chart_files_add(&w->files, name, data, size, error);
    vcl_free_secret(data);
    return status;
}

static int
add_entry(walk *w, int parent, const char *prefix, const char *last, vcluster_error **error)
{
    vcl_auto_free char *name = vcl_format("%s%s%s", prefix, *prefix ? "/" : "", last);
    vcl_auto_close int fd = -1;
    struct stat info;

    if (!name)
        return vcl_no_memory(error);
    /* What is no file and no folder is refused unless a rule leaves it out: never open a pipe. */
    if (fstatat(parent, last, &info, 0) < 0)
        return cannot_read(error, name, errno);
    if (vcl_helmignore(w->rules, name, S_ISDIR(info.st_mode)))
        return 0;
    if (!S_ISDIR(info.st_mode) && !S_ISREG(info.st_mode))
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "'%s' of the chart is neither a file nor a "
                        "folder",
                        name);
    fd = openat(parent, last, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cannot_read(error, name, errno);
    return S_ISDIR(info.st_mode) ? add_directory(w, fd, name, error) : add_file(w, fd, name, error);
}

/* Names of a folder. */
typedef struct names {
    char **items;
    size_t count;
    size_t capacity;
} names;

static void names_done(names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->items[i]);
    free(n->items);
}

static bool add_name(names *n, const char *name)
{
    if (n->count == n->capacity) {
        size_t capacity = n->capacity ? n->capacity * 2 : 16;
        char **items = realloc(n->items, capacity * sizeof(char *));
        if (!items)
            return false;
        n->items = items;
        n->capacity = capacity;
    }
    n->items[n->count] = vcl_strdup(name);
    return n->items[n->count++] != NULL;
}

static int compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;

    return strcmp(*left, *right);
}

/* The names of a folder in order. */
static int read_names(int fd, const char *path, names *n, vcluster_error **error)
{
    int copy = openat(fd, ".", O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    DIR *directory = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    bool enough = true;

    if (!directory) {
        int code = errno;
        if (copy >= 0)
            (void)close(copy);
        return cannot_read(error, *path ? path : ".", code);
    }
    while (enough && n->count <= VCL_MAX_CHART_FILES && (entry = readdir(directory))) {
        if (!vcl_streq(entry->d_name, ".") && !vcl_streq(entry->d_name, ".."))
            enough = add_name(n, entry->d_name);
    }
    (void)closedir(directory);
    if (!enough)
        return vcl_no_memory(error);
    if (n->count)
        qsort(n->items, n->count, sizeof(char *), compare_names);
    return 0;
}

static int add_directory(walk *w, int fd, const char *prefix, vcluster_error **error)
{
    __attribute__((cleanup(names_done))) names n = { 0 };

    if (w->depth >= MAX_DEPTH)
        return vcl_fail(error, VCLUSTER_E_CONFIG,
                        "folders of the chart are nested too deep at '%s'", prefix);

    int status = read_names(fd, prefix, &n, error);
    w->depth++;
    for (size_t i = 0; status == 0 && i < n.count; i++)
        status = add_entry(w, fd, prefix, n.items[i], error);
    w->depth--;
    return status;
}

static int read_rules(int fd, char **out_rules, vcluster_error **error)
{
    vcl_auto_close int file = openat(fd, ".helmignore", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t size = 0;

    if (file >= 0)
        return read_file(file, ".helmignore", VCL_MAX_CHART_FILE, out_rules, &size, error);
    if (errno != ENOENT)
        return cannot_read(error, ".helmignore", errno);
    *out_rules = vcl_strdup("");
    return *out_rules ? 0 : vcl_no_memory(error);
}

static int load_directory(int fd, vcluster_chart **out_chart, vcluster_error **error)
{
    vcl_auto_free char *rules = NULL;
    walk w = { 0 };
    int status = read_rules(fd, &rules, error);

    if (status < 0)
        return status;
    w.rules = rules;
    status = add_directory(&w, fd, "", error);
    if (status == 0)
        status = vcl_chart_files_finish(&w.files, out_chart, error);
    vcl_chart_files_done(&w.files);
    return status;
}

int vcl_chart_from_directory(const char *path, vcluster_chart **out_chart, vcluster_error **error)
{
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);

    return fd < 0 ? cannot_read(error, path, errno) : load_directory(fd, out_chart, error);
}

static int load(const char *path, vcluster_chart **out_chart, vcluster_error **error)
{
    vcl_auto_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    vcl_auto_free char *data = NULL;
    size_t size = 0;
    struct stat info;

    if (fd < 0 || fstat(fd, &info) < 0)
        return cannot_read(error, path, errno);
    if (S_ISDIR(info.st_mode))
        return load_directory(fd, out_chart, error);
    if (!S_ISREG(info.st_mode))
        return vcl_fail(error, VCLUSTER_E_CONFIG, "'%s' is neither a folder nor an archive", path);

    int status = read_file(fd, path, VCL_MAX_CHART_TOTAL, &data, &size, error);
    return status < 0 ? status : vcl_chart_from_archive(data, size, out_chart, error);
}

int vcluster_chart_load(const char *path, vcluster_chart **out_chart, vcluster_error **error)
{
    if (vcl_str_empty(path) || !out_chart)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a path and a place for the chart are "
                        "needed");

    int status = load(path, out_chart, error);
    return status < 0 ? vcl_wrap(error, status, "load chart '%s'", path) : status;
}
