/* SPDX-License-Identifier: Apache-2.0 */
/* list, get, template, and looking at charts. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "vcl.h"

void vcl_age_text(int64_t created, char *text, size_t size)
{
    int64_t seconds = (int64_t)time(NULL) - created;

    if (created == 0)
        (void)snprintf(text, size, "-");
    else if (seconds < 120)
        (void)snprintf(text, size, "%llds", (long long)(seconds < 0 ? 0 : seconds));
    else if (seconds < 120 * 60)
        (void)snprintf(text, size, "%lldm", (long long)(seconds / 60));
    else if (seconds < 48 * 3600)
        (void)snprintf(text, size, "%lldh", (long long)(seconds / 3600));
    else
        (void)snprintf(text, size, "%lldd", (long long)(seconds / 86400));
}

static const char *or_dash(const char *text)
{
    return *text ? text : "-";
}

void vcl_instance_print_row(const vcluster_instance *instance)
{
    char age[32];

    vcl_age_text(vcluster_instance_created(instance), age, sizeof(age));
    (void)printf("%-24s %-28s %-18s %-6s %-13s %-11s %s\n", vcluster_instance_name(instance),
                 vcluster_instance_namespace(instance), vcluster_instance_status(instance),
                 vcluster_instance_ready(instance) ? "yes" : "no",
                 vcluster_instance_distribution(instance),
                 or_dash(vcluster_instance_kubernetes_version(instance)), age);
}

void vcl_instance_print_header(void)
{
    (void)printf("%-24s %-28s %-18s %-6s %-13s %-11s %s\n", "NAME", "NAMESPACE", "STATUS", "READY",
                 "DISTRIBUTION", "KUBERNETES", "AGE");
}

static int print_json(const vcluster_instance *instance,
                      const char *before,
                      const char *after,
                      vcluster_error **error)
{
    char *text = NULL;

    int status = vcluster_instance_to_json(instance, &text, error);
    if (status < 0)
        return status;
    (void)printf("%s%s%s", before, text, after);
    vcluster_free(text);
    return VCLUSTER_OK;
}

static int print_list(const vcluster_instance_list *list, bool json, vcluster_error **error)
{
    size_t count = vcluster_instance_list_size(list);
    int status = VCLUSTER_OK;

    if (!json)
        vcl_instance_print_header();
    else
        (void)fputs(count ? "[\n" : "[]\n", stdout);
    for (size_t i = 0; i < count && status == 0; i++) {
        const vcluster_instance *instance = vcluster_instance_list_at(list, i);
        if (json)
            status = print_json(instance, "  ", i + 1 < count ? ",\n" : "\n]\n", error);
        else
            vcl_instance_print_row(instance);
    }
    return status;
}

int vcl_command_list(const vcl_arguments *arguments)
{
    vcluster_list_options options = VCLUSTER_LIST_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_instance_list *list = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_list_new(client, &options, &list, &error);
    if (status == 0)
        status = print_list(list, arguments->json, &error);
    vcluster_instance_list_free(list);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

int vcl_command_get(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_get(client, arguments->operands[0], &options, &instance, &error);
    if (status == 0 && arguments->json) {
        status = print_json(instance, "", "\n", &error);
    } else if (status == 0) {
        vcl_instance_print_header();
        vcl_instance_print_row(instance);
        if (*vcluster_instance_note(instance))
            (void)printf("note: %s\n", vcluster_instance_note(instance));
    }
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

static vcluster_template_options template_options(const vcl_arguments *arguments)
{
    vcluster_template_options options = VCLUSTER_TEMPLATE_OPTIONS_INIT;

    options.namespace_name = arguments->namespace_name;
    options.kubernetes_version = arguments->kubernetes_version;
    options.api_versions = arguments->api_versions.items;
    options.is_upgrade = arguments->is_upgrade;
    options.include_crds = arguments->include_crds;
    options.no_hooks = arguments->no_hooks;
    options.skip_tests = arguments->skip_tests;
    options.skip_schema = arguments->skip_schema;
    return options;
}

int vcl_command_template(const vcl_arguments *arguments)
{
    vcluster_template_options options = template_options(arguments);
    const char *reference = arguments->operands[1] ? arguments->operands[1] : arguments->chart;
    vcluster_config *config = NULL;
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;
    char *manifest = NULL;

    int status = vcl_make_config(arguments, &config, &error);
    if (status == 0)
        status = reference ? vcl_make_chart(arguments, reference, &chart, &error)
                           : vcluster_chart_embedded(&chart, &error);
    if (status == 0)
        status = vcluster_chart_template(chart, arguments->operands[0], config, &options, &manifest,
                                         &error);
    if (status == 0)
        (void)fputs(manifest, stdout);
    vcluster_free(manifest);
    vcluster_chart_free(chart);
    vcluster_config_free(config);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}

int vcl_command_pull(const vcl_arguments *arguments)
{
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;

    if (vcl_make_chart(arguments, arguments->operands[0], &chart, &error) < 0)
        return vcl_report_error(error);
    (void)printf("%s %s\n", vcluster_chart_name(chart), vcluster_chart_version(chart));
    vcluster_chart_free(chart);
    return VCL_EXIT_OK;
}

/* show values|schema|chart CHART */
int vcl_command_show(const vcl_arguments *arguments)
{
    const char *what = arguments->operands[0];
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;
    char *metadata = NULL;

    if (strcmp(what, "values") != 0 && strcmp(what, "schema") != 0 && strcmp(what, "chart") != 0) {
        (void)fprintf(stderr, "vcl chart show: '%s' is none of values, schema, chart\n", what);
        return VCL_EXIT_USAGE;
    }
    int status = vcl_make_chart(arguments, arguments->operands[1], &chart, &error);
    if (status == 0 && strcmp(what, "chart") == 0)
        status = vcluster_chart_metadata(chart, &metadata, &error);
    if (status == 0 && metadata)
        (void)puts(metadata);
    else if (status == 0)
        (void)fputs(strcmp(what, "values") == 0 ? vcluster_chart_values(chart)
                                                : vcluster_chart_schema(chart),
                    stdout);
    vcluster_free(metadata);
    vcluster_chart_free(chart);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}
