/* SPDX-License-Identifier: Apache-2.0 */
/* credential: a short-lived token, as kubectl's exec plugins print it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vcl.h"

int vcl_get_token(const vcl_arguments *arguments,
                  vcluster_client *client,
                  vcluster_token **out_token,
                  vcluster_error **error)
{
    vcluster_token_options options = VCLUSTER_TOKEN_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.service_account = arguments->service_account;
    options.service_account_namespace = arguments->service_account_namespace;
    options.create = arguments->create;
    options.cluster_role = arguments->cluster_role;
    options.role = arguments->role;
    options.role_namespace = arguments->role_namespace;
    options.expiration_s = arguments->expiration_ms / 1000;
    options.audiences = arguments->audiences.count > 0 ? arguments->audiences.items : NULL;
    return vcluster_instance_token(client, arguments->operands[0], &options, out_token, error);
}

/* The version of the protocol that whoever started us speaks. */
static const char *wanted_version(void)
{
    static const char beta[] = "client.authentication.k8s.io/v1beta1";
    const char *info = getenv("KUBERNETES_EXEC_INFO");

    return info && strstr(info, beta) ? beta : NULL;
}

static int
print_token(const vcl_arguments *arguments, vcluster_client *client, vcluster_error **error)
{
    vcluster_token *token = NULL;
    char *json = NULL;

    int status = vcl_get_token(arguments, client, &token, error);
    if (status == 0)
        status = vcluster_token_exec_credential(token, wanted_version(), &json, error);
    if (status == 0)
        (void)puts(json);
    vcluster_free(json);
    vcluster_token_free(token);
    return status;
}

static int
revoke_all(const vcl_arguments *arguments, vcluster_client *client, vcluster_error **error)
{
    vcluster_token_revoke_options options = VCLUSTER_TOKEN_REVOKE_OPTIONS_INIT;

    options.timeout_ms = arguments->timeout_ms;
    options.cancel = arguments->cancel;
    options.namespace_name = arguments->namespace_name;
    options.service_account = arguments->service_account;
    options.service_account_namespace = arguments->service_account_namespace;
    options.missing_ok = arguments->missing_ok;
    return vcluster_instance_token_revoke(client, arguments->operands[0], &options, error);
}

int vcl_command_credential(const vcl_arguments *arguments)
{
    vcluster_client *client = NULL;
    vcluster_error *error = NULL;

    int status = vcl_make_client(arguments, &client, &error);
    if (status == 0)
        status = arguments->revoke ? revoke_all(arguments, client, &error)
                                   : print_token(arguments, client, &error);
    vcluster_client_unref(client);
    return status == 0 ? VCL_EXIT_OK : vcl_report_error(error);
}
