/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: certificates. */
#include "vcluster/state/certs.h"

#include "api/api.h"
#include "base/str.h"

static int begin(vcluster_client *client,
                 const char *name,
                 int64_t default_timeout_ms,
                 const vcluster_instance_options *options,
                 vcl_call *call,
                 vcl_certs_request *out_request,
                 vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;

    int status = VCL_API_BEGIN(call, client, default_timeout_ms, known, options, error, name);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        *out_request = (vcl_certs_request){ .client = client,
                                            .name = name,
                                            .namespace_name = known.namespace_name };
    return status;
}

int vcluster_instance_certs(vcluster_client *client,
                            const char *name,
                            const vcluster_instance_options *options,
                            char **out_json,
                            vcluster_error **error)
{
    vcl_certs_request request;
    vcl_call call;

    int status = VCL_REQUIRE(error, out_json);
    if (status == 0)
        status = begin(client, name, VCL_REQUEST_TIMEOUT_MS, options, &call, &request, error);
    if (status == 0)
        status = vcl_certs_read(&request, &call, out_json, error);
    return status < 0 ? vcl_wrap(error, status, "read the certificates of virtual cluster '%s'",
                                 vcl_str(name))
                      : status;
}

int vcluster_instance_rotate_certs(vcluster_client *client,
                                   const char *name,
                                   const vcluster_instance_options *options,
                                   vcluster_instance **out_instance,
                                   vcluster_error **error)
{
    vcl_certs_request request;
    vcl_call call;

    int status = begin(client, name, VCL_OPERATION_TIMEOUT_MS, options, &call, &request, error);
    if (status == 0)
        status = vcl_certs_rotate(&request, &call, out_instance, error);
    return status < 0 ? vcl_wrap(error, status, "renew the certificates of virtual cluster '%s'",
                                 vcl_str(name))
                      : status;
}
