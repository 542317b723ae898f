/* SPDX-License-Identifier: Apache-2.0 */
/* rights: the smallest role for operations. */
#include <stdio.h>
#include <string.h>

#include "vcl.h"

/* The operands with spaces between them; false: too long to be meant. */
static bool join(const vcl_arguments *arguments, char *text, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < arguments->operand_count; i++) {
        int more = snprintf(text + used, size - used, "%s ", arguments->operands[i]);
        if (more < 0 || (size_t)more >= size - used)
            return false;
        used += (size_t)more;
    }
    return true;
}

int vcl_command_rights(const vcl_arguments *arguments)
{
    vcluster_rights_options options = VCLUSTER_RIGHTS_OPTIONS_INIT;
    vcluster_config *config = NULL;
    vcluster_chart *chart = NULL;
    vcluster_error *error = NULL;
    char operations[1024] = "";
    char *text = NULL;

    if (!join(arguments, operations, sizeof(operations))) {
        (void)fprintf(stderr, "vcl rights: too many operations\n");
        return VCL_EXIT_USAGE;
    }
    options.namespace_name = arguments->namespace_name;
    options.role_name = arguments->role;
    options.service_account = arguments->service_account;
    options.service_account_namespace = arguments->service_account_namespace;
    int status = vcl_make_config(arguments, &config, &error);
    if (status == 0 && arguments->chart)
        status = vcl_make_chart(arguments, arguments->chart, &chart, &error);
    options.chart = chart;
    if (status == 0)
        status = vcluster_rights(operations, config, &options, &text, &error);
    if (status == 0)
        (void)fputs(text, stdout);
    vcluster_free(text);
    vcluster_chart_free(chart);
    vcluster_config_free(config);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}
