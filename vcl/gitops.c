/* SPDX-License-Identifier: Apache-2.0 */
/* vcl render, vcl import: the files of a virtual cluster that lives in a Git repository. */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vcl.h"

enum { MAX_TEXT = 4 << 20 };

static int complain(const char *what, const char *path)
{
    (void)fprintf(stderr, "vcl: %s '%s': %s\n", what, path, strerror(errno));
    return VCL_EXIT_FAILED;
}

/* Make the folders above a path. */
static int make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int status = mkdir(path, 0777);
        *slash = '/';
        if (status < 0 && errno != EEXIST)
            return -1;
    }
    return 0;
}

static int write_all(int fd, const char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno != EINTR)
            return -1;
        if (written > 0) {
            text += written;
            left -= (size_t)written;
        }
    }
    return fsync(fd);
}

/* A file that is there is replaced whole or not at all. */
static int write_file(const char *path, const char *text, mode_t mode)
{
    char *temporary = malloc(strlen(path) + sizeof(".XXXXXX"));
    if (!temporary)
        return -1;
    (void)stpcpy(stpcpy(temporary, path), ".XXXXXX");
    int status = make_folders(temporary);
    int fd = status == 0 ? mkostemp(temporary, O_CLOEXEC) : -1;
    if (fd < 0) {
        free(temporary);
        return -1;
    }
    status = write_all(fd, text);
    if (status == 0)
        status = fchmod(fd, mode);
    (void)close(fd);
    if (status == 0)
        status = rename(temporary, path);
    if (status < 0)
        (void)unlink(temporary);
    free(temporary);
    return status;
}

/* Credentials are for the owner only. */
static mode_t mode_of(const char *path)
{
    const char *secret = "/cluster-secret.yaml";
    size_t size = strlen(path);
    size_t end = strlen(secret);
    mode_t mask = umask(0);

    (void)umask(mask);
    return size > end && strcmp(path + size - end, secret) == 0 ? 0600 : 0666 & ~mask;
}

static int write_files(const vcluster_files *files, const char *folder)
{
    for (size_t i = 0; i < vcluster_files_size(files); i++) {
        const char *name = vcluster_files_path(files, i);
        char *path = malloc(strlen(folder) + strlen(name) + 2);
        if (!path)
            return complain("cannot write", name);
        (void)stpcpy(stpcpy(stpcpy(path, folder), "/"), name);
        int status = write_file(path, vcluster_files_text(files, i), mode_of(path));
        int code = status < 0 ? complain("cannot write", path) : VCL_EXIT_OK;
        if (code == VCL_EXIT_OK)
            (void)printf("%s\n", path);
        free(path);
        if (code != VCL_EXIT_OK)
            return code;
    }
    return VCL_EXIT_OK;
}

static int print_files(const vcluster_files *files, bool json)
{
    for (size_t i = 0; i < vcluster_files_size(files); i++) {
        const char *path = vcluster_files_path(files, i);
        if (!json) {
            (void)printf("---\n# %s\n%s", path, vcluster_files_text(files, i));
            continue;
        }
        (void)fputs(i == 0 ? "{" : ",", stdout);
        vcl_json_put(stdout, path);
        (void)putchar(':');
        vcl_json_put(stdout, vcluster_files_text(files, i));
    }
    if (json)
        (void)puts("}");
    return VCL_EXIT_OK;
}

int vcl_command_render(const vcl_arguments *arguments)
{
    vcluster_files *files = NULL;
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;
    int status = VCLUSTER_OK;
    size_t size = 0;

    char *spec = vcl_need_text(arguments->operands[0], MAX_TEXT, &size);
    if (!spec)
        return VCL_EXIT_FAILED;
    if (arguments->chart)
        status = vcl_make_chart(arguments, arguments->chart, &chart, &error);
    if (status == 0)
        status = vcluster_gitops_render(spec, arguments->format, chart, &files, &error);
    free(spec);
    vcluster_chart_free(chart);
    if (status < 0)
        return vcl_report_error(error);
    int code = arguments->output && !arguments->json ? write_files(files, arguments->output)
                                                     : print_files(files, arguments->json);
    vcluster_files_free(files);
    return code;
}

static bool is_yaml(const FTSENT *entry)
{
    const char *dot = strrchr(entry->fts_name, '.');

    return entry->fts_info == FTS_F && dot &&
           (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* Its path in the list is that below the folder. */
static int add_file(const FTSENT *entry, const char *folder, vcluster_files *files)
{
    vcluster_error *error = NULL;
    const char *path = entry->fts_path + strlen(folder);
    size_t size = 0;
    char *text = vcl_need_text(entry->fts_path, MAX_TEXT, &size);

    if (!text)
        return VCL_EXIT_FAILED;
    path += strspn(path, "/");
    int status = vcluster_files_add(files, path, text, &error);
    free(text);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

/* All YAML files below a folder; what begins with a dot is not looked into. */
static int add_folder(char *folder, vcluster_files *files)
{
    FTS *tree = fts_open((char *const[]){ folder, NULL }, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    FTSENT *entry = NULL;
    int code = VCL_EXIT_OK;

    if (!tree)
        return complain("cannot read", folder);
    while (code == VCL_EXIT_OK && (entry = fts_read(tree))) {
        if (entry->fts_level > 0 && entry->fts_name[0] == '.') {
            (void)fts_set(tree, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR ||
                   entry->fts_info == FTS_NS) {
            errno = entry->fts_errno;
            code = complain("cannot read", entry->fts_path);
        } else if (is_yaml(entry)) {
            code = add_file(entry, folder, files);
        }
    }
    (void)fts_close(tree);
    return code;
}

int vcl_command_import(const vcl_arguments *arguments)
{
    const char *name = arguments->operand_count > 1 ? arguments->operands[1] : NULL;
    char *folder = strdup(arguments->operands[0]);
    vcluster_files *files = NULL;
    vcluster_error *error = NULL;
    char *spec = NULL;

    int code = VCL_EXIT_OK;
    int status = vcluster_files_new(&files, &error);
    if (status == 0)
        code = folder ? add_folder(folder, files) : complain("cannot read", "");
    free(folder);
    if (status == 0 && code == VCL_EXIT_OK)
        status = vcluster_gitops_import(files, name, &spec, &error);
    vcluster_files_free(files);
    if (spec)
        (void)fputs(spec, stdout);
    vcluster_free(spec);
    return status < 0 ? vcl_report_error(error) : code;
}
