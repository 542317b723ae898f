/* SPDX-License-Identifier: Apache-2.0 */
/* adopt: what others made, taken into our care. */
#include "vcl.h"

static int adopt(const vcl_arguments *arguments,
                 vcluster_client *client,
                 vcluster_plan **out_plan,
                 vcluster_error **error)
{
    vcluster_adopt_options options = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_chart *chart = NULL;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    int status = vcl_has_values(arguments) ? vcl_make_config(arguments, &config, error) : 0;
    if (status == 0)
        status = vcl_make_chart(arguments, arguments->chart, &chart, error);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->namespace_name;
    options.chart = chart;
    options.chart_source = chart ? NULL : arguments->repository;
    options.chart_version = chart ? NULL : arguments->chart_version;
    options.ttl_s = vcl_seconds(arguments->ttl_ms);
    options.owner = arguments->owner;
    options.dry_run = arguments->dry_run;
    options.take_over = arguments->take_over;
    options.align = arguments->align;
    if (status == 0)
        status = vcluster_instance_adopt(client, arguments->operands[0], config, &options, out_plan,
                                         error);
    vcl_progress_end(&view);
    vcluster_chart_free(chart);
    vcluster_config_free(config);
    return status;
}

int vcl_command_adopt(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = adopt(arguments, client, &plan, &error);
    int exit_code = status < 0 ? vcl_report_error(error) : vcl_print_plan(plan, arguments->json);
    vcluster_plan_free(plan);
    vcluster_client_unref(client);
    return exit_code;
}
