/* SPDX-License-Identifier: Apache-2.0 */
/* vcl chart: install, upgrade, rollback, uninstall, history, status, diff; pull and show. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

/* What a command on a release works with. */
typedef struct chart_job {
    const vcl_arguments *arguments;
    vcluster_client *client;
    vcluster_config *config;
    vcluster_chart *chart;
    vcluster_release *release;
    vcluster_release_options options;
    vcl_progress_view view;
    vcluster_error *error;
} chart_job;

static uint64_t value_policy(const vcl_arguments *arguments)
{
    if (arguments->reset_values)
        return VCLUSTER_VALUES_RESET;
    if (arguments->reuse_values)
        return VCLUSTER_VALUES_REUSE;
    return arguments->reset_then_reuse_values ? VCLUSTER_VALUES_RESET_THEN_REUSE
                                              : VCLUSTER_VALUES_DEFAULT;
}

static vcluster_release_options release_options(const vcl_arguments *arguments)
{
    vcluster_release_options options = VCLUSTER_RELEASE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.namespace_name = arguments->namespace_name;
    options.create_namespace = arguments->create_namespace;
    options.install = arguments->install;
    options.wait = arguments->wait;
    options.wait_for_jobs = arguments->wait_for_jobs;
    options.atomic = arguments->atomic;
    options.dry_run = arguments->dry_run;
    options.no_hooks = arguments->no_hooks;
    options.skip_crds = arguments->skip_crds;
    options.skip_schema = arguments->skip_schema;
    options.value_policy = value_policy(arguments);
    options.take_over = arguments->take_over;
    options.take_ownership = arguments->take_ownership;
    options.force_conflicts = arguments->force_conflicts;
    options.keep_history = arguments->keep_history;
    options.missing_ok = arguments->missing_ok;
    options.history_max = arguments->history_max;
    options.description = arguments->description;
    return options;
}

/* Begin a job: the client, and with a reference the chart and the values. */
static int begin(chart_job *job, const vcl_arguments *arguments, const char *reference)
{
    *job = (chart_job){ .arguments = arguments, .options = release_options(arguments) };
    vcl_progress_begin(&job->view, arguments);
    job->options.user_data = &job->view;
    int status = VCLUSTER_OK;
    if (reference)
        status = vcl_make_config(arguments, &job->config, &job->error);
    if (status == 0)
        status = vcl_make_chart(arguments, reference, &job->chart, &job->error);
    if (status == 0)
        status = vcl_make_client(arguments, &job->client, &job->error);
    return status;
}

static int end(chart_job *job, int status)
{
    int exit_code = status < 0 ? vcl_report_error(job->error) : VCL_EXIT_OK;

    vcluster_release_free(job->release);
    vcluster_chart_free(job->chart);
    vcluster_config_free(job->config);
    vcluster_client_unref(job->client);
    return exit_code;
}

static void print_release(const chart_job *job)
{
    if (job->arguments->json) {
        vcl_release_print_json(job->release);
        (void)putchar('\n');
        return;
    }
    vcl_release_print(job->release);
    if (job->arguments->dry_run)
        (void)printf("%s%s", vcluster_release_hooks(job->release),
                     vcluster_release_manifest(job->release));
}

typedef int (*deploy_function)(vcluster_client *client,
                               const char *name,
                               const vcluster_chart *chart,
                               const vcluster_config *config,
                               const vcluster_release_options *options,
                               vcluster_release **out_release,
                               vcluster_error **error);

static int deploy(const vcl_arguments *arguments, deploy_function function)
{
    chart_job job;

    int status = begin(&job, arguments, arguments->operands[1]);
    if (status == 0)
        status = function(job.client, arguments->operands[0], job.chart, job.config, &job.options,
                          &job.release, &job.error);
    vcl_progress_end(&job.view);
    if (status == 0)
        print_release(&job);
    return end(&job, status);
}

static int install(const vcl_arguments *arguments)
{
    return deploy(arguments, vcluster_release_install);
}

static int upgrade(const vcl_arguments *arguments)
{
    return deploy(arguments, vcluster_release_upgrade);
}

/* The revision of the second operand; 0 without one. */
static bool parse_revision(const vcl_arguments *arguments, int64_t *out_revision)
{
    const char *text = arguments->operands[1];
    char *rest = NULL;

    *out_revision = 0;
    if (!text)
        return true;
    errno = 0;
    *out_revision = strtoll(text, &rest, 10);
    if (rest != text && !*rest && !errno && *out_revision >= 0)
        return true;
    (void)fprintf(stderr, "vcl chart: '%s' is no revision\n", text);
    return false;
}

static int rollback(const vcl_arguments *arguments)
{
    int64_t revision = 0;
    chart_job job;

    if (!parse_revision(arguments, &revision))
        return VCL_EXIT_USAGE;
    int status = begin(&job, arguments, NULL);
    if (status == 0)
        status = vcluster_release_rollback(job.client, arguments->operands[0], revision,
                                           &job.options, &job.release, &job.error);
    vcl_progress_end(&job.view);
    if (status == 0)
        print_release(&job);
    return end(&job, status);
}

static int uninstall(const vcl_arguments *arguments)
{
    chart_job job;

    int status = begin(&job, arguments, NULL);
    if (status == 0)
        status = vcluster_release_uninstall(job.client, arguments->operands[0], &job.options,
                                            &job.error);
    vcl_progress_end(&job.view);
    if (status == 0)
        (void)printf("%s %s\n", arguments->operands[0],
                     arguments->dry_run ? "would be uninstalled" : "is uninstalled");
    return end(&job, status);
}

static vcluster_release_query_options query_options(const vcl_arguments *arguments)
{
    vcluster_release_query_options options = VCLUSTER_RELEASE_QUERY_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    return options;
}

static int status_of(const vcl_arguments *arguments)
{
    vcluster_release_query_options options = query_options(arguments);
    int64_t revision = 0;
    chart_job job;

    if (!parse_revision(arguments, &revision))
        return VCL_EXIT_USAGE;
    int status = begin(&job, arguments, NULL);
    if (status == 0)
        status = vcluster_release_get(job.client, arguments->operands[0], revision, &options,
                                      &job.release, &job.error);
    if (status == 0)
        print_release(&job);
    return end(&job, status);
}

static void print_history(const vcluster_release_list *list, bool json)
{
    size_t count = vcluster_release_list_size(list);

    if (json)
        (void)fputs(count ? "[\n" : "[]\n", stdout);
    else
        vcl_release_print_header();
    for (size_t i = 0; i < count; i++) {
        const vcluster_release *release = vcluster_release_list_at(list, i);
        if (!json) {
            vcl_release_print_row(release);
            continue;
        }
        (void)fputs("  ", stdout);
        vcl_release_print_json(release);
        (void)fputs(i + 1 < count ? ",\n" : "\n]\n", stdout);
    }
}

static int history(const vcl_arguments *arguments)
{
    vcluster_release_query_options options = query_options(arguments);
    vcluster_release_list *list = NULL;
    chart_job job;

    int status = begin(&job, arguments, NULL);
    if (status == 0)
        status = vcluster_release_history(job.client, arguments->operands[0], &options, &list,
                                          &job.error);
    if (status == 0)
        print_history(list, arguments->json);
    vcluster_release_list_free(list);
    return end(&job, status);
}

static int diff(const vcl_arguments *arguments)
{
    char *json = NULL;
    chart_job job;

    int status = begin(&job, arguments, arguments->operands[1]);
    if (status == 0)
        status = vcluster_release_diff(job.client, arguments->operands[0], job.chart, job.config,
                                       &job.options, &json, &job.error);
    vcl_progress_end(&job.view);
    if (status == 0 && arguments->json)
        (void)puts(json);
    else if (status == 0)
        vcl_diff_print(json);
    vcluster_free(json);
    return end(&job, status);
}

const vcl_command vcl_chart_commands[] = {
    { "install", 2, 2, install },
    { "upgrade", 2, 2, upgrade },
    { "rollback", 1, 2, rollback },
    { "uninstall", 1, 1, uninstall },
    { "history", 1, 1, history },
    { "status", 1, 2, status_of },
    { "diff", 2, 2, diff },
    { "pull", 1, 1, vcl_command_pull },
    { "show", 2, 2, vcl_command_show },
    { 0 },
};
