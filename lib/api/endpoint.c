/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: choosing a way to a virtual cluster. */
#include "vcluster/connect/endpoint.h"

#include "api/api.h"
#include "base/str.h"
#include "vcluster/connect/tunnel.h"

static int choose(vcluster_client *client,
                  vcl_call *call,
                  const char *name,
                  const vcluster_endpoint_options *known,
                  vcluster_endpoint **out_endpoint,
                  vcluster_error **error)
{
    VCL_AUTO_PTR(vcl_access) access = NULL;

    int status = vcl_access_find(client, call, name, known->namespace_name, &access, error);
    if (status < 0)
        return status;
    vcl_endpoint_request request = { .client = client,
                                     .access = access,
                                     .server = known->server,
                                     .tls_server_name = known->tls_server_name,
                                     .insecure = known->insecure,
                                     .exposed_only = known->exposed_only,
                                     .unverified = known->unverified };
    return vcl_endpoint_choose(&request, call, out_endpoint, error);
}

int vcluster_instance_endpoint(vcluster_client *client,
                               const char *name,
                               const vcluster_endpoint_options *options,
                               vcluster_endpoint **out_endpoint,
                               vcluster_error **error)
{
    vcluster_endpoint_options known = VCLUSTER_ENDPOINT_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_endpoint);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = choose(client, &call, name, &known, out_endpoint, error);
    return status < 0
               ? vcl_wrap(error, status, "find the way to virtual cluster '%s'", vcl_str(name))
               : status;
}
