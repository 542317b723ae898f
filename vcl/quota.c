/* SPDX-License-Identifier: Apache-2.0 */
/* vcl quota: what quotas leave. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

enum { MAX_FILE = 16 << 20 };

static int fits_live(const vcl_arguments *arguments,
                     const char *manifests,
                     vcluster_fits_options *options,
                     vcluster_report **out_report,
                     vcluster_error **error)
{
    vcluster_client *client = NULL;

    options->timeout_ms = arguments->timeout_ms;
    options->cancel = arguments->cancel;
    options->namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, error);
    if (status == 0)
        status = vcluster_instance_fits(client, arguments->operands[0], manifests, options,
                                        out_report, error);
    vcluster_client_unref(client);
    return status;
}

static bool has_values(const vcl_arguments *arguments)
{
    size_t count = arguments->files.count;

    for (size_t form = 0; form < VCL_SET_FORMS; form++)
        count += arguments->sets[form].count;
    return count > 0;
}

static int fits_offline(const vcl_arguments *arguments,
                        const char *manifests,
                        const vcluster_fits_options *options,
                        vcluster_report **out_report,
                        vcluster_error **error)
{
    vcluster_config *config = NULL;
    size_t constraints_size = 0;
    char *constraints = vcl_need_text(arguments->constraints, MAX_FILE, &constraints_size);
    int status = constraints ? 0 : VCLUSTER_E_NOT_FOUND;

    if (status == 0 && has_values(arguments))
        status = vcl_make_config(arguments, &config, error);
    if (status == 0)
        status = vcluster_quota_fits(constraints, manifests, config, options, out_report, error);
    vcluster_config_free(config);
    free(constraints);
    return status;
}

/* The report on stdout; whether it has errors is the exit code. */
static int tell(const vcl_arguments *arguments, const vcluster_report *report)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = arguments->json ? vcluster_report_to_json(report, &text, &error)
                                 : vcluster_report_to_text(report, &text, &error);
    if (status < 0)
        return vcl_report_error(error);
    (void)printf("%s%s", text, arguments->json ? "\n" : "");
    bool refused = vcluster_report_severity(report) == VCLUSTER_SEVERITY_ERROR;
    if (!arguments->json && !refused)
        (void)puts("everything fits");
    vcluster_free(text);
    return refused ? VCL_EXIT_FAILED : VCL_EXIT_OK;
}

static int fits(const vcl_arguments *arguments)
{
    vcluster_fits_options options = VCLUSTER_FITS_OPTIONS_INIT;
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;

    if (arguments->operand_count != (arguments->constraints ? 1 : 2)) {
        (void)fprintf(stderr, "vcl quota fits: expected NAME MANIFESTS, or --constraints QUOTAS "
                              "MANIFESTS\n");
        return VCL_EXIT_USAGE;
    }
    size_t manifests_size = 0;
    char *manifests =
        vcl_need_text(arguments->operands[arguments->operand_count - 1], MAX_FILE, &manifests_size);
    if (!manifests)
        return VCL_EXIT_FAILED;
    options.nodes = arguments->nodes;
    int status = arguments->constraints
                     ? fits_offline(arguments, manifests, &options, &report, &error)
                     : fits_live(arguments, manifests, &options, &report, &error);
    free(manifests);
    int exit_code = status == 0 ? tell(arguments, report) : vcl_report_error(error);
    vcluster_report_free(report);
    return exit_code;
}

/* Values on stdout. */
static int print_values(const vcluster_config *config, vcluster_error **error)
{
    char *yaml = NULL;

    int status = vcluster_config_to_yaml(config, &yaml, error);
    if (status == 0)
        (void)fputs(yaml, stdout);
    vcluster_free(yaml);
    return status;
}

/* Put values into force on an existing virtual cluster. */
static int enforce(const vcl_arguments *arguments,
                   vcluster_client *client,
                   const vcluster_instance *instance,
                   const vcluster_config *config,
                   vcluster_error **error)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = vcluster_instance_namespace(instance);
    options.distribution = vcluster_instance_distribution(instance);
    options.chart_source = arguments->repository;
    options.chart_version = arguments->chart_version;
    options.no_wait = arguments->no_wait;
    int status =
        vcluster_instance_ensure(client, arguments->operands[0], config, &options, NULL, error);
    vcl_progress_end(&view);
    return status;
}

/* The virtual cluster that the first operand names, and a client to it. */
static int look(const vcl_arguments *arguments,
                vcluster_client **out_client,
                vcluster_instance **out_instance,
                vcluster_error **error)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, out_client, error);
    return status < 0 ? status
                      : vcluster_instance_get(*out_client, arguments->operands[0], &options,
                                              out_instance, error);
}

static int set_live(const vcl_arguments *arguments,
                    const char *tenant,
                    vcluster_config *config,
                    vcluster_error **error)
{
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_chart *chart = NULL;

    int status = look(arguments, &client, &instance, error);
    if (status == 0 && strcmp(vcluster_instance_distribution(instance), "embedded") == 0)
        status = vcluster_chart_embedded(&chart, error);
    if (status == 0)
        status = vcluster_config_set_tenant(config, tenant, chart, NULL, error);
    if (status == 0)
        status = enforce(arguments, client, instance, config, error);
    if (status == 0)
        (void)printf("%s has the quota of its tenant\n", arguments->operands[0]);
    vcluster_chart_free(chart);
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return status;
}

static int set_values(const vcl_arguments *arguments,
                      const char *tenant,
                      vcluster_config *config,
                      vcluster_error **error)
{
    vcluster_chart *chart = NULL;

    int status = arguments->chart ? vcl_make_chart(arguments, arguments->chart, &chart, error) : 0;
    if (status == 0 && arguments->distribution && strcmp(arguments->distribution, "embedded") == 0)
        status = vcluster_chart_embedded(&chart, error);
    if (status == 0)
        status = vcluster_config_set_tenant(config, tenant, chart, NULL, error);
    if (status == 0)
        status = print_values(config, error);
    vcluster_chart_free(chart);
    return status;
}

static int set(const vcl_arguments *arguments)
{
    bool live = arguments->operand_count == 2;
    size_t tenant_size = 0;
    char *tenant =
        vcl_need_text(arguments->operands[arguments->operand_count - 1], MAX_FILE, &tenant_size);
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    if (!tenant)
        return VCL_EXIT_FAILED;
    int status = vcl_make_config(arguments, &config, &error);
    if (status == 0)
        status = live ? set_live(arguments, tenant, config, &error)
                      : set_values(arguments, tenant, config, &error);
    vcluster_config_free(config);
    free(tenant);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

static int take_away(const vcl_arguments *arguments)
{
    static const char off[] = "policies: {resourceQuota: {enabled: false}, limitRange: {enabled: "
                              "false}, networkPolicy: {enabled: false}}";
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_config *config = NULL;
    vcluster_error *error = NULL;

    int status = vcluster_config_parse(off, &config, &error);
    if (status == 0)
        status = look(arguments, &client, &instance, &error);
    if (status == 0)
        status = enforce(arguments, client, instance, config, &error);
    if (status == 0)
        (void)printf("%s has no quota, limit range and network policies any more\n",
                     arguments->operands[0]);
    vcluster_config_free(config);
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

static int
print_usage(const vcl_arguments *arguments, const vcluster_usage *usage, vcluster_error **error)
{
    char *json = NULL;

    int status = arguments->json ? vcluster_usage_to_json(usage, &json, error) : 0;
    if (json)
        (void)puts(json);
    else if (status == 0)
        (void)printf("%-20s %-42s %10s %10s %13s %10s\n", "QUOTA", "RESOURCE", "HARD", "USED",
                     "CONTROL-PLANE", "LEFT");
    for (size_t i = 0; status == 0 && !json && i < vcluster_usage_size(usage); i++) {
        const vcluster_usage_entry *entry = vcluster_usage_at(usage, i);
        (void)printf("%-20s %-42s %10s %10s %13s %10s\n", vcluster_usage_entry_quota(entry),
                     vcluster_usage_entry_resource(entry), vcluster_usage_entry_hard(entry),
                     vcluster_usage_entry_used(entry), vcluster_usage_entry_control_plane(entry),
                     vcluster_usage_entry_left(entry));
    }
    vcluster_free(json);
    return status;
}

static int show_one(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_usage *usage = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_usage(client, arguments->operands[0], &options, &usage, &error);
    if (status == 0)
        status = print_usage(arguments, usage, &error);
    vcluster_usage_free(usage);
    vcluster_client_unref(client);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}

static int show(const vcl_arguments *arguments)
{
    if (arguments->all && arguments->operand_count == 0)
        return vcl_quota_show_all(arguments);
    if (arguments->all || arguments->operand_count != 1) {
        (void)fprintf(stderr, "vcl quota show: expected NAME, or --all\n");
        return VCL_EXIT_USAGE;
    }
    return show_one(arguments);
}

const vcl_command vcl_quota_commands[] = {
    { "show", 0, 1, show }, { "admit", 0, 1, vcl_quota_admit },
    { "set", 1, 2, set },   { "remove", 1, 1, take_away },
    { "fits", 1, 2, fits }, { 0 },
};
