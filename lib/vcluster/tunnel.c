/* SPDX-License-Identifier: Apache-2.0 */
/* Tunnels; see tunnel.h. */
#include "vcluster/tunnel.h"

#include "base/str.h"
#include "vcluster/instance.h"

struct vcluster_tunnel {
    vcluster_client *client;
    vcl_access *access;
    vcl_forward *forward;
    char *url;
};

VCL_DEFINE_CLEANUP(vcluster_tunnel, vcluster_tunnel_free);

void vcluster_tunnel_free(vcluster_tunnel *tunnel)
{
    if (!tunnel)
        return;
    vcl_forward_close(tunnel->forward);
    vcl_access_free(tunnel->access);
    vcluster_client_unref(tunnel->client);
    free(tunnel->url);
    free(tunnel);
}

int vcl_access_find(vcluster_client *client,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_access **out_access,
                    vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_instance) instance = NULL;

    int status = vcl_instance_find(client, call, name, namespace_name, &instance, error);
    if (status < 0)
        return status;
    if (instance->paused)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "virtual cluster '%s' is paused: resume it first", name);
    if (instance->replicas == 0)
        return vcl_fail(error, VCLUSTER_E_PRECONDITION,
                        "virtual cluster '%s' is scaled down to no replica: scale it up first",
                        name);
    return vcl_access_read(client->kube, call, name, instance->namespace_name, out_access, error);
}

int vcl_tunnel_open(const vcl_tunnel_request *request,
                    vcl_call *call,
                    vcluster_tunnel **out_tunnel,
                    vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_tunnel) tunnel = calloc(1, sizeof(*tunnel));

    if (!tunnel)
        return vcl_no_memory(error);
    tunnel->client = vcluster_client_ref(request->client);
    int status = vcl_access_find(request->client, call, request->name, request->namespace_name,
                                 &tunnel->access, error);
    if (status == 0)
        status = vcl_access_forward(request->client->kube, tunnel->access, request->remote_port,
                                    request->local_port, NULL, &tunnel->forward, error);
    if (status < 0)
        return status;
    tunnel->url = vcl_format("https://127.0.0.1:%d", vcl_forward_port(tunnel->forward));
    if (!tunnel->url)
        return vcl_no_memory(error);
    *out_tunnel = vcl_steal(&tunnel);
    return VCLUSTER_OK;
}

int vcl_tunnel_open_pod(vcluster_client *client,
                        const vcl_forward_options *options,
                        vcluster_tunnel **out_tunnel,
                        vcluster_error **error)
{
    VCL_AUTO_PTR(vcluster_tunnel) tunnel = calloc(1, sizeof(*tunnel));

    if (!tunnel)
        return vcl_no_memory(error);
    tunnel->client = vcluster_client_ref(client);
    int status = vcl_forward_open(client->kube, options, &tunnel->forward, error);
    if (status < 0)
        return status;
    tunnel->url = vcl_format("tcp://127.0.0.1:%d", vcl_forward_port(tunnel->forward));
    if (!tunnel->url)
        return vcl_no_memory(error);
    *out_tunnel = vcl_steal(&tunnel);
    return VCLUSTER_OK;
}

int vcluster_tunnel_port(const vcluster_tunnel *tunnel)
{
    return tunnel ? vcl_forward_port(tunnel->forward) : 0;
}

const char *vcluster_tunnel_url(const vcluster_tunnel *tunnel)
{
    return tunnel ? tunnel->url : "";
}

int64_t vcluster_tunnel_connection_count(const vcluster_tunnel *tunnel)
{
    return tunnel ? vcl_forward_connection_count(tunnel->forward) : 0;
}

int vcluster_tunnel_kubeconfig(const vcluster_tunnel *tunnel,
                               char **out_text,
                               vcluster_error **error)
{
    if (!tunnel || !out_text)
        return vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "tunnel or out_text is NULL");
    if (!tunnel->access)
        return vcl_fail(error, VCLUSTER_E_UNSUPPORTED,
                        "the tunnel leads to a pod, not to a virtual cluster");
    vcl_access_form form = { .server = tunnel->url, .host_context = tunnel->client->context };
    return vcl_access_kubeconfig(tunnel->access, &form, out_text, error);
}
