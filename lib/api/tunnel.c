/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: tunnels and kubeconfigs. */
#include "vcluster/tunnel.h"

#include <string.h>

#include "api/api.h"
#include "base/str.h"
#include "vcluster/names.h"

static int check_port(int64_t port, const char *name, vcluster_error **error)
{
    if (port >= 0 && port <= 65535)
        return VCLUSTER_OK;
    return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "%s %lld is not between 0 and 65535", name,
                    (long long)port);
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
    if (status == 0) {
        vcl_tunnel_request request = { .client = client,
                                       .name = name,
                                       .namespace_name = known.namespace_name,
                                       .local_port = (int)known.local_port,
                                       .remote_port = (int)known.remote_port };
        status = vcl_tunnel_open(&request, &call, out_tunnel, error);
    }
    return status < 0
               ? vcl_wrap(error, status, "open a tunnel to virtual cluster '%s'", vcl_str(name))
               : status;
}

/* A server that this machine's other programs can reach: never the pod's own localhost. */
static int choose_server(const char *given,
                         const vcl_access *access,
                         char **out_server,
                         vcluster_error **error)
{
    const char *server = given ? given : access->context.endpoint.server;

    if (!given && (strstr(server, "//localhost") || strstr(server, "//127.")))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "the virtual cluster publishes no address but localhost: give a server, or "
                        "open a tunnel");
    if (vcl_starts_with(server, "http://"))
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                        "server '%s' is plain http: credentials are never sent over that", server);
    char *url =
        vcl_starts_with(server, "https://") ? vcl_strdup(server) : vcl_format("https://%s", server);
    if (!url)
        return vcl_no_memory(error);
    *out_server = url;
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
    vcl_auto_free char *server = NULL;

    int status = vcl_access_find(client, call, name, known->namespace_name, &access, error);
    if (status == 0)
        status = choose_server(known->server, access, &server, error);
    if (status < 0)
        return status;
    return vcl_access_kubeconfig(access, server, known->tls_server_name, known->context_name,
                                 client->context, out_text, error);
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
