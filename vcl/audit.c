/* SPDX-License-Identifier: Apache-2.0 */
/* audit: what no living virtual cluster owns. */
#include "vcl.h"

static int audit(const vcl_arguments *arguments,
                 vcluster_client *client,
                 vcluster_plan **out_plan,
                 vcluster_error **error)
{
    vcluster_audit_options options = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcl_progress_view view;

    vcl_progress_begin(&view, arguments);
    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.progress = vcl_progress_show;
    options.user_data = &view;
    options.namespace_name = arguments->all_namespaces ? NULL : arguments->namespace_name;
    options.grace_s = arguments->grace_ms < 0 ? -1 : vcl_seconds(arguments->grace_ms);
    options.remove = arguments->remove;
    options.volumes_too = arguments->volumes_too;
    int status = vcluster_audit(client, &options, out_plan, error);
    vcl_progress_end(&view);
    return status;
}

int vcl_command_audit(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_plan *plan = NULL;
    vcluster_error *error = NULL;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = audit(arguments, client, &plan, &error);
    int exit_code = status < 0 ? vcl_report_error(error) : vcl_print_plan(plan, arguments->json);
    vcluster_plan_free(plan);
    vcluster_client_unref(client);
    return exit_code;
}
