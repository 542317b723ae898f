/* SPDX-License-Identifier: Apache-2.0 */
/* vcl check: what is wrong with values; vcl names: what of a virtual cluster lies on its host. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

enum { MAX_TEXT = 4 << 20 };

/* Values of one file have its lines; those of several, or with --set, have none. */
static bool is_one_file(const vcl_arguments *arguments)
{
    size_t sets = 0;

    for (size_t i = 0; i < VCL_SET_FORMS; i++)
        sets += arguments->sets[i].count;
    return arguments->files.count == 1 && sets == 0;
}

static int print_report(const vcluster_report *report, bool json)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = json ? vcluster_report_to_json(report, &text, &error)
                      : vcluster_report_to_text(report, &text, &error);
    if (status < 0)
        return vcl_report_error(error);
    (void)fputs(text, stdout);
    if (json)
        (void)fputc('\n', stdout);
    vcluster_free(text);
    return vcluster_report_severity(report) == VCLUSTER_SEVERITY_ERROR ? VCL_EXIT_FAILED
                                                                       : VCL_EXIT_OK;
}

int vcl_command_check(const vcl_arguments *arguments)
{
    vcluster_check_options options = VCLUSTER_CHECK_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_config *old = NULL;
    vcluster_chart *chart = NULL;
    vcluster_report *report = NULL;
    vcluster_error *error = NULL;
    bool one = is_one_file(arguments);
    size_t size = 0;
    /* For lines in findings; where it cannot be had there are paths. */
    char *text = one ? vcl_read_text(arguments->files.items[0], MAX_TEXT, &size) : NULL;

    options.namespace_name = arguments->namespace_name;
    options.kubernetes_version = arguments->kubernetes_version;
    options.licence = arguments->licence;
    options.text = text;
    options.file = one ? arguments->files.items[0] : NULL;
    int status = vcl_make_config(arguments, &config, &error);
    if (status == 0 && arguments->against)
        status = vcluster_config_load(arguments->against, &old, &error);
    if (status == 0)
        status = vcl_make_chart(arguments, arguments->chart, &chart, &error);
    if (status == 0)
        status = vcluster_config_check(config, chart, old, &options, &report, &error);
    int code = status < 0 ? vcl_report_error(error) : print_report(report, arguments->json);
    vcluster_report_free(report);
    vcluster_chart_free(chart);
    vcluster_config_free(old);
    vcluster_config_free(config);
    free(text);
    return code;
}

static void print_member(const char *object, const char *name, int width)
{
    const char *value = vcl_json_member(object, name);
    int size = value ? (int)vcl_json_size(value) - 2 : 0;

    (void)printf("%-*.*s  ", width, size > 0 ? size : 0, value ? value + 1 : "");
}

static void print_names(const char *list)
{
    (void)printf("%-22s  %-20s  %-30s  %s\n", "KIND", "NAMESPACE", "NAME", "ON THE HOST");
    for (const char *item = vcl_json_first(list); item; item = vcl_json_next(item)) {
        print_member(item, "kind", 22);
        print_member(item, "virtualNamespace", 20);
        print_member(item, "virtualName", 30);
        print_member(item, "name", 0);
        print_member(item, "note", 0);
        (void)putchar('\n');
    }
}

int vcl_command_names(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    char *json = NULL;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status =
            vcluster_instance_host_objects(client, arguments->operands[0], &options, &json, &error);
    if (status == 0 && arguments->json)
        (void)puts(json);
    else if (status == 0)
        print_names(json);
    vcluster_free(json);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}
