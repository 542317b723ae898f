/* SPDX-License-Identifier: Apache-2.0 */
/* endpoint: where a virtual cluster can be reached, and why not elsewhere. */
#include <stdio.h>

#include "vcl.h"

int vcl_make_endpoint(const vcl_arguments *arguments,
                      vcluster_client *client,
                      vcluster_endpoint **out_endpoint,
                      vcluster_error **error)
{
    vcluster_endpoint_options options = VCLUSTER_ENDPOINT_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.server = arguments->server;
    options.tls_server_name = arguments->tls_server_name;
    options.insecure = arguments->insecure;
    options.exposed_only = arguments->exposed_only;
    options.unverified = arguments->no_verify;
    return vcluster_instance_endpoint(client, arguments->operands[0], &options, out_endpoint,
                                      error);
}

static void print_row(FILE *stream, const vcluster_endpoint_candidate *candidate)
{
    const char *url = vcluster_endpoint_candidate_url(candidate);
    const char *name = vcluster_endpoint_candidate_tls_server_name(candidate);
    const char *reason = vcluster_endpoint_candidate_reason(candidate);

    (void)fprintf(stream, "%s %-13s %s%s%s%s\n", *reason ? " " : "*",
                  vcluster_endpoint_kind_name(vcluster_endpoint_candidate_kind(candidate)),
                  *url ? url : "-", *name ? " as " : "", name, *reason ? ":" : "");
    if (*reason)
        (void)fprintf(stream, "                  %s\n", reason);
}

static void print_rows(FILE *stream, const vcluster_endpoint *endpoint)
{
    for (size_t i = 0; i < vcluster_endpoint_candidate_count(endpoint); i++)
        print_row(stream, vcluster_endpoint_candidate_at(endpoint, i));
}

void vcl_endpoint_tell(const vcl_arguments *arguments, const vcluster_endpoint *endpoint)
{
    if (arguments->verbose)
        print_rows(stderr, endpoint);
}

int vcl_command_endpoint(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_endpoint *endpoint = NULL;
    vcluster_error *error = NULL;
    char *text = NULL;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = vcl_make_endpoint(arguments, client, &endpoint, &error);
    if (status == 0 && arguments->json)
        status = vcluster_endpoint_to_json(endpoint, &text, &error);
    if (status == 0 && arguments->json)
        (void)puts(text);
    else if (status == 0)
        print_rows(stdout, endpoint);
    vcluster_free(text);
    vcluster_endpoint_free(endpoint);
    vcluster_client_unref(client);
    return status < 0 ? vcl_report_error(error) : VCL_EXIT_OK;
}
