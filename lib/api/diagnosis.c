/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: why a virtual cluster is not ready. */
#include <libvcluster/diagnosis.h>

#include "api/api.h"
#include "base/str.h"
#include "vcluster/why.h"

int vcluster_instance_why(vcluster_client *client,
                          const char *name,
                          const vcluster_instance_options *options,
                          vcluster_diagnosis **out_diagnosis,
                          vcluster_error **error)
{
    vcluster_instance_options known = VCLUSTER_INSTANCE_OPTIONS_INIT;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_REQUEST_TIMEOUT_MS, known, options, error, name,
                               out_diagnosis);
    if (status == 0)
        status = vcl_api_check_names(name, known.namespace_name, error);
    if (status == 0)
        status = vcl_why(client, &call, name, known.namespace_name, out_diagnosis, error);
    return status < 0
               ? vcl_wrap(error, status, "find out about virtual cluster '%s'", vcl_str(name))
               : status;
}
