/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: what would make a creation fail. */
#include <libvcluster/preflight.h>

#include "api/api.h"
#include "base/str.h"
#include "vcluster/lifecycle/ensure.h"
#include "vcluster/preflight/preflight.h"

int vcluster_instance_preflight(vcluster_client *client,
                                const char *name,
                                const vcluster_config *config,
                                const vcluster_ensure_options *options,
                                vcluster_report **out_report,
                                vcluster_error **error)
{
    vcluster_ensure_options known = VCLUSTER_ENSURE_OPTIONS_INIT;
    vcl_ensure_request request;
    vcl_call call;

    int status = VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name,
                               out_report);
    if (status == 0)
        status = vcl_api_ensure_request(client, name, config, &known, &request, error);
    if (status == 0)
        status = vcl_preflight(&request, &call, out_report, error);
    return status < 0 ? vcl_wrap(error, status, "check virtual cluster '%s'", vcl_str(name))
                      : status;
}
