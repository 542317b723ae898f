/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands share: client, values, chart, errors and progress on stderr. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vcl.h"

/* The chain of causes in one line, without the findings, which get lines of their own. */
static void print_chain(const vcluster_error *error)
{
    (void)fputs("vcl: ", stderr);
    for (; error; error = vcluster_error_cause(error)) {
        const char *operation = vcluster_error_operation(error);
        if (operation && *operation)
            (void)fprintf(stderr, "%s: ", operation);
        (void)fprintf(stderr, "%s%s", vcluster_error_message(error),
                      vcluster_error_cause(error) ? ": " : "\n");
    }
}

int vcl_report_error(vcluster_error *error)
{
    if (error) /* else it was said already */
        print_chain(error);
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
    const char *form = arguments->progress ? arguments->progress : "plain";
    bool json = strcmp(form, "json") == 0;

    *view = (vcl_progress_view){ .terminal = !json && isatty(STDERR_FILENO) == 1,
                                 .json = json,
                                 .quiet = arguments->quiet || strcmp(form, "none") == 0 };
}

static void print_json(const vcluster_progress *progress)
{
    (void)fprintf(
        stderr, "{\"elapsedMs\":%lld,\"step\":", (long long)vcluster_progress_elapsed_ms(progress));
    vcl_json_put(stderr, vcluster_step_name(vcluster_progress_step(progress)));
    (void)fputs(",\"object\":", stderr);
    vcl_json_put(stderr, vcluster_progress_object(progress));
    (void)fputs(",\"message\":", stderr);
    vcl_json_put(stderr, vcluster_progress_message(progress));
    (void)fputs("}\n", stderr);
    (void)fflush(stderr);
}

int vcl_progress_show(const vcluster_progress *progress, void *user_data)
{
    vcl_progress_view *view = user_data;
    int step = vcluster_progress_step(progress);

    if (view->quiet || step == VCLUSTER_STEP_TICK)
        return 0;
    if (view->json) {
        print_json(progress);
        return 0;
    }
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

/* On a terminal a line of progress may stand there: it is drawn anew with the next step. */
static void show_warning(const char *request, const char *text, void *user_data)
{
    (void)request;
    (void)user_data;
    (void)fprintf(stderr, "%swarning: %s\n", isatty(STDERR_FILENO) ? "\r\033[K" : "", text);
}

int vcl_make_client(const vcl_arguments *arguments,
                    vcluster_client **out_client,
                    vcluster_error **error)
{
    vcluster_client_options options = VCLUSTER_CLIENT_OPTIONS_INIT;

    options.kubeconfig_path = arguments->kubeconfig;
    options.context = arguments->context;
    options.server = arguments->host_server;
    options.impersonate_user = arguments->as;
    options.impersonate_groups = arguments->as_groups.items;
    options.user_agent = "vcl/" VCLUSTER_VERSION;
    options.log = arguments->verbose ? show_log : NULL;
    options.warning = arguments->verbose ? NULL : show_warning; /* the log says them as well */
    return vcluster_client_new(&options, out_client, error);
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

typedef int (*set_function)(vcluster_config *config,
                            const char *expression,
                            vcluster_error **error);

static const set_function set_functions[VCL_SET_FORMS] = {
    [VCL_SET_JSON] = vcluster_config_set_json,
    [VCL_SET_TYPED] = vcluster_config_set_expression,
    [VCL_SET_STRING] = vcluster_config_set_string_expression,
    [VCL_SET_FILE] = vcluster_config_set_file,
    [VCL_SET_LITERAL] = vcluster_config_set_literal,
};

static int
apply_sets(const vcl_arguments *arguments, vcluster_config *config, vcluster_error **error)
{
    for (size_t form = 0; form < VCL_SET_FORMS; form++) {
        for (size_t i = 0; i < arguments->sets[form].count; i++) {
            int status = set_functions[form](config, arguments->sets[form].items[i], error);
            if (status < 0)
                return status;
        }
    }
    return VCLUSTER_OK;
}

bool vcl_has_values(const vcl_arguments *arguments)
{
    bool any = arguments->files.count > 0;

    for (size_t form = 0; form < VCL_SET_FORMS; form++)
        any = any || arguments->sets[form].count > 0;
    return any;
}

int vcl_make_config(const vcl_arguments *arguments,
                    vcluster_config **out_config,
                    vcluster_error **error)
{
    vcluster_config *config = NULL;

    int status = vcluster_config_new(&config, error);
    for (size_t i = 0; status == 0 && i < arguments->files.count; i++)
        status = merge_file(config, arguments->files.items[i], error);
    if (status == 0)
        status = apply_sets(arguments, config, error);
    if (status < 0) {
        vcluster_config_free(config);
        return status;
    }
    *out_config = config;
    return VCLUSTER_OK;
}

/* The first line of stdin. */
static bool read_password(char *password, size_t size)
{
    if (!fgets(password, (int)size, stdin)) {
        (void)fprintf(stderr, "vcl: no password came on standard input\n");
        return false;
    }
    password[strcspn(password, "\r\n")] = '\0';
    return true;
}

int vcl_make_chart(const vcl_arguments *arguments,
                   const char *reference,
                   vcluster_chart **out_chart,
                   vcluster_error **error)
{
    vcluster_chart_fetch_options options = VCLUSTER_CHART_FETCH_OPTIONS_INIT;
    char password[1024] = "";
    vcl_progress_view view;

    if (!reference)
        return VCLUSTER_OK;
    if (arguments->password_stdin && !read_password(password, sizeof(password)))
        return VCLUSTER_E_INVALID_ARGUMENT;
    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.repository = arguments->repository;
    options.version = arguments->chart_version;
    options.username = arguments->username;
    options.password = arguments->password_stdin ? password : NULL;
    options.ca_file = arguments->ca_file;
    options.client_cert_file = arguments->cert_file;
    options.client_key_file = arguments->key_file;
    options.registry_config = arguments->registry_config;
    options.no_cache = arguments->no_cache;
    options.prereleases = arguments->prereleases;
    options.plain_http = arguments->plain_http;
    options.pass_credentials = arguments->pass_credentials;
    options.insecure_skip_tls_verify = arguments->insecure_skip_tls_verify;
    int status = vcluster_chart_fetch(reference, &options, out_chart, error);
    vcl_progress_end(&view);
    explicit_bzero(password, sizeof(password));
    return status;
}
