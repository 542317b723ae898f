/* SPDX-License-Identifier: Apache-2.0 */
/* vcl lint: mistakes in files and directories, and their repair. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vcl.h"

enum { MAX_FILE = 4 << 20, MAX_FILES = 20000, OPEN_DIRECTORIES = 16 };

/* The files that were named or found in directories, in that order. */
typedef struct file_list {
    char **names;
    size_t count;
    bool failed;
} file_list;

/* nftw() passes no argument on. */
static file_list *found_files;

static bool add_name(file_list *files, const char *name)
{
    char **grown = files->count < MAX_FILES
                       ? realloc(files->names, (files->count + 1) * sizeof(*grown))
                       : NULL;
    char *copy = strdup(name);

    if (grown)
        files->names = grown;
    if (!grown || !copy) {
        free(copy);
        (void)fprintf(stderr, "vcl lint: too many files\n");
        files->failed = true;
        return false;
    }
    files->names[files->count++] = copy;
    return true;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t size = strlen(name);

    return size > strlen(suffix) && strcmp(name + size - strlen(suffix), suffix) == 0;
}

/* Of a directory: what is YAML or a script, and no hidden file but GitLab's. */
static bool is_looked_at(const char *name)
{
    if (name[0] == '.')
        return strcmp(name, ".gitlab-ci.yml") == 0;
    return has_suffix(name, ".yaml") || has_suffix(name, ".yml") || has_suffix(name, ".sh");
}

static int visit(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    const char *name = path + walk->base;

    (void)status;
    if (kind == FTW_DNR || kind == FTW_NS) {
        (void)fprintf(stderr, "vcl lint: cannot read '%s'\n", path);
        found_files->failed = true;
    }
    if (kind == FTW_D && walk->level > 0 && name[0] == '.' && strcmp(name, ".github") != 0)
        return FTW_SKIP_SUBTREE;
    if (kind != FTW_F || !is_looked_at(name))
        return FTW_CONTINUE;
    return add_name(found_files, path) ? FTW_CONTINUE : FTW_STOP;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool add_operand(file_list *files, const char *operand)
{
    struct stat status;
    size_t first = files->count;

    if (stat(operand, &status) < 0) {
        (void)fprintf(stderr, "vcl lint: '%s': %s\n", operand, strerror(errno));
        return false;
    }
    if (!S_ISDIR(status.st_mode))
        return add_name(files, operand);
    found_files = files;
    if (nftw(operand, visit, OPEN_DIRECTORIES, FTW_PHYS | FTW_ACTIONRETVAL) < 0 || files->failed)
        return false;
    qsort(files->names + first, files->count - first, sizeof(char *), by_name);
    return true;
}

/* Replace a file in one step, with its mode; false after saying why not. */
static bool write_file(const char *path, const char *text)
{
    struct stat status;
    size_t size = strlen(path) + sizeof(".XXXXXX");
    char *spare = malloc(size);
    int fd = -1;
    bool written = false;

    if (spare && stat(path, &status) == 0) {
        (void)snprintf(spare, size, "%s.XXXXXX", path);
        fd = mkstemp(spare);
    }
    if (fd >= 0) {
        FILE *file = fdopen(fd, "w");
        written = file && fchmod(fd, status.st_mode & 07777) == 0 && fputs(text, file) >= 0;
        written = file && fclose(file) == 0 && written && rename(spare, path) == 0;
        if (!written)
            (void)unlink(spare);
    }
    if (!written)
        (void)fprintf(stderr, "vcl lint: cannot write '%s': %s\n", path, strerror(errno));
    free(spare);
    return written;
}

/* What a run works with. */
typedef struct lint_job {
    const vcl_arguments *arguments;
    file_list files;
    vcluster_lint *lint;
    vcluster_chart *chart;
    vcluster_report *report;
    vcluster_error *error;
} lint_job;

/* .vclint.yaml, where it is, or the file that was named. */
static bool configure(lint_job *job)
{
    const char *path = job->arguments->lint_config;
    size_t size = 0;

    if (!path && access(".vclint.yaml", F_OK) < 0)
        return true;
    path = path ? path : ".vclint.yaml";
    char *text = vcl_need_text(path, MAX_FILE, &size);
    if (!text)
        return false;
    int status = vcluster_lint_configure(job->lint, text, size, &job->error);
    free(text);
    if (status < 0)
        (void)fprintf(stderr, "vcl lint: %s\n", path);
    return status == 0;
}

static bool add_files(lint_job *job)
{
    bool added = true;

    for (size_t i = 0; i < job->arguments->operand_count; i++) {
        if (!add_operand(&job->files, job->arguments->operands[i]))
            return false;
    }
    for (size_t i = 0; i < job->files.count && added; i++) {
        size_t size = 0;
        char *text = vcl_need_text(job->files.names[i], MAX_FILE, &size);
        added =
            text && vcluster_lint_add(job->lint, job->files.names[i], text, size, &job->error) == 0;
        free(text);
    }
    return added;
}

/* One virtual cluster that runs, or all of them. */
static bool add_live(lint_job *job, vcluster_client *client, const char *name, const char *where)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;

    options.timeout_ms = job->arguments->timeout_ms;
    options.cancel = job->arguments->cancel;
    options.namespace_name = where;
    return vcluster_lint_add_instance(job->lint, client, name, &options, &job->error) == 0;
}

static bool add_all_live(lint_job *job, vcluster_client *client)
{
    const vcl_arguments *arguments = job->arguments;
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_instance_list *list = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    bool added = vcluster_instance_list_new(client, &options, &list, &job->error) == 0;
    for (size_t i = 0; added && i < vcluster_instance_list_size(list); i++) {
        const vcluster_instance *one = vcluster_instance_list_at(list, i);
        added =
            add_live(job, client, vcluster_instance_name(one), vcluster_instance_namespace(one));
    }
    vcluster_instance_list_free(list);
    return added;
}

static bool add_instances(lint_job *job)
{
    const vcl_arguments *arguments = job->arguments;
    vcluster_client *client = NULL;

    bool added = vcl_make_client(arguments, &client, &job->error) == 0;
    if (added && arguments->operand_count == 0)
        added = add_all_live(job, client);
    for (size_t i = 0; added && i < arguments->operand_count; i++)
        added = add_live(job, client, arguments->operands[i], arguments->namespace_name);
    vcluster_client_unref(client);
    return added;
}

/* Files given by --values beside virtual clusters that run. */
static bool add_values(lint_job *job)
{
    const vcl_arguments *arguments = job->arguments;
    bool added = true;

    for (size_t i = 0; i < arguments->files.count && added; i++) {
        size_t size = 0;
        char *text = vcl_need_text(arguments->files.items[i], MAX_FILE, &size);
        added = text && vcluster_lint_add(job->lint, arguments->files.items[i], text, size,
                                          &job->error) == 0;
        free(text);
    }
    return added;
}

/* Repair one file on the disk, where anything changes. */
static bool fix_file(lint_job *job, const char *name)
{
    size_t size = 0;
    char *fixed = NULL;
    char *text = vcl_need_text(name, MAX_FILE, &size);
    bool done = text && vcluster_lint_fix(job->lint, job->chart, name, &fixed, &job->error) == 0;

    if (done && (strlen(fixed) != size || memcmp(fixed, text, size) != 0)) {
        done = write_file(name, fixed);
        if (done && !job->arguments->quiet)
            (void)fprintf(stderr, "vcl lint: %s is repaired\n", name);
    }
    vcluster_free(fixed);
    free(text);
    return done;
}

static bool run(lint_job *job)
{
    const char *format = job->arguments->output ? job->arguments->output : "text";
    char *text = NULL;

    for (size_t i = 0; job->arguments->fix && i < job->files.count; i++) {
        if (!fix_file(job, job->files.names[i]))
            return false;
    }
    if (vcluster_lint_run(job->lint, job->chart, &job->report, &job->error) < 0 ||
        vcluster_lint_print(job->report, format, &text, &job->error) < 0)
        return false;
    (void)fputs(text, stdout);
    if (*text && text[strlen(text) - 1] != '\n')
        (void)putchar('\n');
    vcluster_free(text);
    return true;
}

/* The gravest severity that does not fail: 1 fails with errors only, 0 with nothing. */
static int threshold(const char *name)
{
    if (!name)
        return VCLUSTER_SEVERITY_ERROR;
    for (int severity = VCLUSTER_SEVERITY_ERROR; severity <= VCLUSTER_SEVERITY_INFO; severity++) {
        if (strcmp(name, vcluster_severity_name(severity)) == 0)
            return severity;
    }
    return strcmp(name, "never") == 0 ? 0 : -1;
}

static int list_rules(void)
{
    vcluster_error *error = NULL;
    char *json = NULL;

    if (vcluster_lint_rules(&json, &error) < 0)
        return vcl_report_error(error);
    (void)puts(json);
    vcluster_free(json);
    return VCL_EXIT_OK;
}

int vcl_command_lint(const vcl_arguments *arguments)
{
    lint_job job = { .arguments = arguments };
    int fail_on = threshold(arguments->fail_on);

    if (arguments->list_rules)
        return list_rules();
    if ((arguments->operand_count == 0 && !arguments->live) || fail_on < 0 ||
        (arguments->live && arguments->fix)) {
        (void)fprintf(stderr, "vcl lint: %s\n",
                      fail_on < 0       ? "--fail-on is none of error, warning, info, never"
                      : arguments->live ? "--fix is for files, not for what runs"
                                        : "name files or directories");
        return VCL_EXIT_USAGE;
    }
    bool done = vcluster_lint_new(&job.lint, &job.error) == 0 && configure(&job) &&
                (arguments->live ? add_instances(&job) && add_values(&job) : add_files(&job)) &&
                (!arguments->chart ||
                 vcl_make_chart(arguments, arguments->chart, &job.chart, &job.error) == 0) &&
                run(&job);
    int severity = vcluster_report_severity(job.report);
    if (job.error)
        (void)vcl_report_error(job.error);
    vcluster_report_free(job.report);
    vcluster_chart_free(job.chart);
    vcluster_lint_free(job.lint);
    for (size_t i = 0; i < job.files.count; i++)
        free(job.files.names[i]);
    free(job.files.names);
    if (!done)
        return VCL_EXIT_USAGE;
    return severity > 0 && severity <= fail_on ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}
