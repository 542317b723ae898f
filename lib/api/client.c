/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: clients. */
#include "api/api.h"
#include <libvcluster/version.h>

#include "base/str.h"

static int check_options(const vcluster_client_options *options, vcluster_error **error)
{
    if (options->exec_policy > VCLUSTER_EXEC_ALLOWLIST)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "exec_policy %llu is none that exists",
                        (unsigned long long)options->exec_policy);
    if (options->exec_allowlist && options->exec_allowlist[0] &&
        options->exec_policy != VCLUSTER_EXEC_ALLOWLIST)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "exec_allowlist is given, but exec_policy is not the one that heeds it");
    return VCLUSTER_OK;
}

static int resolve(const vcluster_client_options *options,
                   vcl_kubeconfig_context *out_context,
                   vcluster_error **error)
{
    vcl_kubeconfig_source source = {
        .path = options->kubeconfig_path,
        .text = options->kubeconfig_text,
        .context = options->context,
        .server = options->server,
        .namespace_name = options->namespace_name,
        .impersonate_user = options->impersonate_user,
        .impersonate_groups = options->impersonate_groups,
        .exec_policy = (vcl_exec_policy)options->exec_policy, /* the same values */
        .exec_allowlist = options->exec_allowlist,
        .allow_file_references = options->allow_file_references != 0,
    };

    return vcl_kubeconfig_resolve(&source, out_context, error);
}

int vcluster_client_new(const vcluster_client_options *options,
                        vcluster_client **out_client,
                        vcluster_error **error)
{
    vcluster_client_options known = VCLUSTER_CLIENT_OPTIONS_INIT;
    VCL_AUTO_PTR(vcluster_client) client = NULL;
    vcl_kubeconfig_context context = { 0 };

    int status = VCL_REQUIRE(error, out_client);
    if (status == 0)
        status = vcl_options_copy(&known, sizeof(known), options, "vcluster_client_options", error);
    if (status < 0)
        return status;

    status = check_options(&known, error);
    if (status == 0)
        status = resolve(&known, &context, error);
    if (status == 0 && known.user_agent) {
        context.endpoint.user_agent =
            vcl_format("%s libvcluster/%s", known.user_agent, VCLUSTER_VERSION);
        if (!context.endpoint.user_agent)
            status = vcl_no_memory(error);
    }
    if (status == 0)
        status = vcl_client_make(&context, &known, &client, error);
    if (status == 0)
        status = vcl_client_remember(client, &known, error);
    vcl_kubeconfig_context_done(&context);
    if (status == 0)
        *out_client = vcl_steal(&client);
    return status < 0 ? vcl_wrap(error, status, "make a client") : status;
}

const char *vcluster_client_server(const vcluster_client *client)
{
    return client ? client->server : "";
}

const char *vcluster_client_context(const vcluster_client *client)
{
    return client ? client->context : "";
}

const char *vcluster_client_namespace(const vcluster_client *client)
{
    return client ? client->namespace_name : "";
}

int64_t vcluster_client_request_count(const vcluster_client *client)
{
    return client ? vcl_http_request_count(vcl_kube_http(client->kube)) : 0;
}

int vcluster_client_server_version(vcluster_client *client,
                                   const vcluster_call_options *options,
                                   char **out_version,
                                   vcluster_error **error)
{
    vcluster_call_options known = VCLUSTER_CALL_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, out_version);
    if (status == 0)
        status = vcl_kube_version(client->kube, &call, out_version, error);
    return status < 0 ? vcl_wrap(error, status, "ask for the server's version") : status;
}
