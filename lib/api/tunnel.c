/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: tunnels and kubeconfigs. */
#include "vcluster/connect/tunnel.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/connect/endpoint.h"
#include "vcluster/connect/exec_entry.h"

static int check_port(int64_t port, const char *name, vcluster_error **error)
{
    if (port >= 0 && port <= 65535)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s %lld is not between 0 and 65535", name,
                    (long long)port);
}

static int check_socket(const vcluster_tunnel_options *known, vcluster_error **error)
{
    if (known->wait_ms < 0)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "wait_ms is negative");
    if (known->socket_path && !known->unix_socket)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "socket_path needs unix_socket");
    if (known->unix_socket && known->local_port)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "a tunnel listens on a port or on a unix socket, not on both");
    return VCLUSTER_OK;
}

int vcluster_tunnel_open(vcluster_client *client,
                         const char *name,
                         const vcluster_tunnel_options *options,
                         vcluster_tunnel **out_tunnel,
                         vcluster_error **error)
{
    vcluster_tunnel_options known = VCLUSTER_TUNNEL_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_tunnel);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = check_port(known.local_port, "local_port", error);
    if (status == 0)
        status = check_port(known.remote_port, "remote_port", error);
    if (status == 0)
        status = check_socket(&known, error);
    if (status == 0) {
        vcl_tunnel_request request = { .client = client,
                                       .name = name,
                                       .namespace_name = known.namespace_name,
                                       .unix_socket = known.unix_socket != 0,
                                       .how = { .local_port = (int)known.local_port,
                                                .remote_port = (int)known.remote_port,
                                                .unix_socket = known.socket_path,
                                                .wait_ms = known.wait_ms } };
        status = vcl_tunnel_open(&request, &call, out_tunnel, error);
    }
    return status < 0
               ? vcl_wrap(error, status, "open a tunnel to virtual cluster '%s'", vcl_str(name))
               : status;
}

/* What belongs to the program is not silently left out. */
static int check_login(const vcluster_kubeconfig_options *known, vcluster_error **error)
{
    bool of_exec = known->exec_command || known->service_account ||
                   known->service_account_namespace || known->cluster_role || known->expiration_s;

    if (known->exec_plugin && known->token)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "exec_plugin and token are both given");
    if (!known->exec_plugin && of_exec)
        return vcl_fail(
            error, VCLUSTER_E_INVALID_ARGUMENT,
            "a service account, a role, an expiry or a program is given, but not exec_plugin: "
            "vcluster_instance_token() gets a token to give here");
    if (known->cluster_role && !known->service_account)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "cluster_role '%s' is given, but no service_account to bind",
                        known->cluster_role);
    return VCLUSTER_OK;
}

static int kubeconfig(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      const vcluster_kubeconfig_options *known,
                      char **out_text,
                      vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;
    VCL_AUTO_PTR(vcluster_endpoint) endpoint = NULL;
    vcl_exec_entry entry = { .arguments = NULL };

    int status = check_login(known, error);
    if (status == 0)
        status = vcl_access_find(client, call, name, known->namespace_name, &access, error);
    if (status < 0)
        return status;
    vcl_endpoint_request request = { .client = client,
                                     .access = access,
                                     .server = known->server,
                                     .tls_server_name = known->tls_server_name,
                                     .insecure = known->insecure,
                                     .unverified = known->unverified,
                                     .exposed_only = true };
    status = vcl_endpoint_choose(&request, call, &endpoint, error);
    if (status == 0 && known->exec_plugin)
        status = vcl_exec_entry_init(&entry, client, access, known, error);
    if (status < 0)
        return status;
    const vcluster_endpoint_candidate *taken = vcluster_endpoint_taken(endpoint);
    vcl_access_form form = { .server = taken->url,
                             .tls_server_name = taken->tls_server_name,
                             .insecure = endpoint->insecure,
                             .context_name = known->context_name,
                             .host_context = client->context,
                             .token = known->token ? vcluster_token_text(known->token) : NULL,
                             .exec = known->exec_plugin ? &entry.exec : NULL };
    status = vcl_access_kubeconfig(access, &form, out_text, error);
    vcl_exec_entry_done(&entry);
    return status;
}

int vcluster_instance_kubeconfig(vcluster_client *client,
                                 const char *name,
                                 const vcluster_kubeconfig_options *options,
                                 char **out_text,
                                 vcluster_error **error)
{
    vcluster_kubeconfig_options known = VCLUSTER_KUBECONFIG_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name, out_text);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = kubeconfig(client, &call, name, &known, out_text, error);
    return status < 0 ? vcl_wrap(error, status, "write a kubeconfig for virtual cluster '%s'",
                                 vcl_str(name))
                      : status;
}
