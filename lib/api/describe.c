/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: describing a virtual cluster. */
#include "vcluster/describe/describe.h"

#include "api/api.h"
#include "base/str.h"

int vcluster_instance_describe(vcluster_client *client,
                               const char *name,
                               const vcluster_instance_options *options,
                               vcluster_description **out_description,
                               vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_description);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = vcl_describe(client, &call, name, known.namespace_name, out_description, error);
    return status < 0 ? vcl_wrap(error, status, "describe virtual cluster '%s'", vcl_str(name))
                      : status;
}
