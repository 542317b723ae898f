/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share: client, values, chart, errors and progress on stderr. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vcl.h"

int vcl_report_error(vcluster_error *error)
{
    (void)fprintf(stderr, "vcl: %s\n", vcluster_error_to_string(error));
    for (size_t i = 0; i < vcluster_error_finding_count(error); i++) {
        const vcluster_finding *finding = vcluster_error_finding_at(error, i);
        int64_t line = vcluster_finding_line(finding);
        char where[32] = "";

        if (line > 0)
            (void)snprintf(where, sizeof(where), " (line %lld)", (long long)line);
        (void)fprintf(stderr, "  %s%s: %s", vcluster_finding_path(finding), where,
                      vcluster_finding_message(finding));
        if (*vcluster_finding_remedy(finding))
            (void)fprintf(stderr, "; %s", vcluster_finding_remedy(finding));
        (void)fputc('\n', stderr);
    }
    vcluster_error_free(error);
    return VCL_EXIT_FAILED;
}

void vcl_progress_begin(vcl_progress_view *view, const vcl_arguments *arguments)
{
    *view =
        (vcl_progress_view){ .terminal = isatty(STDERR_FILENO) == 1, .quiet = arguments->quiet };
}

int vcl_progress_show(const vcluster_progress *progress, void *user_data)
{
    vcl_progress_view *view = user_data;
    int step = vcluster_progress_step(progress);

    if (view->quiet || step == VCLUSTER_STEP_TICK)
        return 0;
    const char *begin = view->terminal ? "\r\033[K" : "";
    const char *end = view->terminal ? "" : "\n";
    (void)fprintf(stderr, "%s%6.1fs  %-10s %s: %s%s", begin,
                  (double)vcluster_progress_elapsed_ms(progress) / 1000, vcluster_step_name(step),
                  vcluster_progress_object(progress), vcluster_progress_message(progress), end);
    (void)fflush(stderr);
    view->drawn = true;
    return 0;
}

void vcl_progress_end(vcl_progress_view *view)
{
    if (view->terminal && view->drawn)
        (void)fputc('\n', stderr);
    view->drawn = false;
}

static void show_log(int level, const char *message, void *user_data)
{
    static const char *const names[] = { "", "debug", "info", "warning" };

    (void)user_data;
    (void)fprintf(stderr, "%s: %s\n", level >= 1 && level <= 3 ? names[level] : "log", message);
}

int vcl_make_client(const vcl_arguments *arguments,
                    vcluster_client **out_client,
                    vcluster_error **error)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;

    options.kubeconfig_path = arguments->kubeconfig;
    options.context = arguments->context;
    options.user_agent = "vcl/" VCLUSTER_VERSION;
    options.log = arguments->verbose ? show_log : NULL;
    return vcluster_client_new(&options, out_client, error);
}

/* "KEY=VALUE" of --set-string: everything behind the first '=' is the value. */
static int set_string(vcluster_config *config, const char *text, vcluster_error **error)
{
    const char *equals = strchr(text, '=');
    char *path = equals ? strndup(text, (size_t)(equals - text)) : NULL;

    int status =
        vcluster_config_set_string(config, path ? path : text, equals ? equals + 1 : "", error);
    free(path);
    return status;
}

static int merge_file(vcluster_config *config, const char *path, vcluster_error **error)
{
    vcluster_config *file = NULL;

    int status = vcluster_config_load(path, &file, error);
    if (status == 0)
        status = vcluster_config_merge(config, file, error);
    vcluster_config_free(file);
    return status;
}

int vcl_make_config(const vcl_arguments *arguments,
                    vcluster_config **out_config,
                    vcluster_error **error)
{
    vcluster_config *config = NULL;

    int status = vcluster_config_new(&config, error);
    for (size_t i = 0; status == 0 && i < arguments->file_count; i++)
        status = merge_file(config, arguments->files[i], error);
    for (size_t i = 0; status == 0 && i < arguments->set_count; i++)
        status = arguments->set_strings[i]
                     ? set_string(config, arguments->sets[i], error)
                     : vcluster_config_set_expression(config, arguments->sets[i], error);
    if (status < 0) {
        vcluster_config_free(config);
        return status;
    }
    *out_config = config;
    return VCLUSTER_OK;
}

int vcl_make_chart(const char *path, vcluster_chart **out_chart, vcluster_error **error)
{
    return path ? vcluster_chart_load(path, out_chart, error) : VCLUSTER_OK;
}
