/* SPDX-License-Identifier: Apache-2.0 */
/* create, ensure, wait, delete. */
#include <stdio.h>

#include "vcl.h"

static int print_instance(const vcluster_instance *instance, bool json, const char *verb)
{
    vcluster_error *error = NULL;
    char *text = NULL;

    if (!json) {
        (void)printf("%s %s in namespace %s\n", vcluster_instance_name(instance), verb,
                     vcluster_instance_namespace(instance));
        if (*vcluster_instance_note(instance))
            (void)printf("note: %s\n", vcluster_instance_note(instance));
        return VCL_EXIT_OK;
    }
    if (vcluster_instance_to_json(instance, &text, &error) < 0)
        return vcl_report_error(error);
    (void)puts(text);
    vcluster_free(text);
    return VCL_EXIT_OK;
}

static int create(vcluster_client *client,
                  const vcl_arguments *arguments,
                  bool must_be_new,
                  vcluster_instance **out_instance,
                  vcluster_error **error)
{
    vcluster_ensure_options options = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_chart *chart = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    int status = vcl_make_config(arguments, &config, error);
    if (status == 0)
        status = vcl_make_chart(arguments, arguments->chart, &chart, error);
    if (status == 0) {
        options.timeout_ms = arguments->timeout_ms;
        options.cancel = arguments->cancel;
        options.progress = vcl_progress_show;
        options.user_data = &view;
        options.namespace_name = arguments->namespace_name;
        options.distribution = arguments->distribution;
        options.chart = chart;
        options.chart_source = chart ? NULL : arguments->repository;
        options.chart_version = chart ? NULL : arguments->chart_version;
        options.no_wait = arguments->no_wait;
        options.take_over = arguments->take_over;
        status = (must_be_new ? vcluster_instance_create : vcluster_instance_ensure)(
            client, arguments->operands[0], config, &options, out_instance, error);
    }
    vcl_progress_end(&view);
    vcluster_chart_free(chart);
    vcluster_config_free(config);
    return status;
}

int vcl_command_create(const vcl_arguments *arguments, bool must_be_new)
{
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = create(client, arguments, must_be_new, &instance, &error);
    int exit_code = status < 0 ? vcl_report_error(error)
                               : print_instance(instance, arguments->json,
                                                arguments->no_wait ? "is installed" : "is ready");
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return exit_code;
}

int vcl_command_wait(const vcl_arguments *arguments)
{
    vcluster_instance_options options = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_instance *instance = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status =
            vcluster_instance_wait(client, arguments->operands[0], &options, &instance, &error);
    vcl_progress_end(&view);
    int exit_code = status < 0 ? vcl_report_error(error)
                               : print_instance(instance, arguments->json, "is ready");
    vcluster_instance_free(instance);
    vcluster_client_unref(client);
    return exit_code;
}

int vcl_command_delete(const vcl_arguments *arguments)
{
    vcluster_delete_options options = VCLUSTER_DELETE_OPTIONS_INIT;
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    options.missing_ok = arguments->missing_ok;
    options.keep_volumes = arguments->keep_volumes;
    options.keep_namespace = arguments->keep_namespace;
    options.no_wait = arguments->no_wait;
    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcluster_instance_delete(client, arguments->operands[0], &options, &error);
    vcl_progress_end(&view);
    vcluster_client_unref(client);
    if (status < 0)
        return vcl_report_error(error);
    (void)printf("%s is %s\n", arguments->operands[0],
                 arguments->no_wait ? "being deleted" : "deleted");
    return VCL_EXIT_OK;
}
