/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: adoption. */
#include "vcluster/adopt/adopt.h"

#include "api/api.h"
#include "base/limits.h"
#include "base/str.h"

static int adopt_request(vcluster_client *client,
                         const char *name,
                         const vcluster_config *config,
                         const vcluster_adopt_options *known,
                         vcl_adopt_request *out_request,
                         vcluster_error **error)
{
    vcl_lease lease = { .owner = known->owner };

    int status = vcl_api_check_names(name, known->namespace_name, error);
    if (status == 0 && known->chart && (known->chart_source || known->chart_version))
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT,
                          "chart_source and chart_version are for upstream's chart, but another "
                          "chart was given");
    if (status == 0)
        status = vcl_lease_check(known->ttl_s, known->expires_at, false, &lease, error);
    *out_request = (vcl_adopt_request){ .client = client,
                                        .name = name,
                                        .config = config,
                                        .namespace_name = known->namespace_name,
                                        .chart = known->chart,
                                        .chart_source = known->chart_source,
                                        .chart_version = known->chart_version,
                                        .lease = lease,
                                        .dry_run = known->dry_run != 0,
                                        .take_over = known->take_over != 0,
                                        .align = known->align != 0 };
    return status;
}

int vcluster_instance_adopt(vcluster_client *client,
                            const char *name,
                            const vcluster_config *config,
                            const vcluster_adopt_options *options,
                            vcluster_plan **out_plan,
                            vcluster_error **error)
{
    vcluster_adopt_options known = VCLUSTER_ADOPT_OPTIONS_INIT;
    vcl_adopt_request request;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, name);
    if (status == 0)
        status = adopt_request(client, name, config, &known, &request, error);
    if (status == 0)
        status = vcl_adopt(&request, &call, out_plan, error);
    return status < 0 ? vcl_wrap(error, status, "adopt virtual cluster '%s'", vcl_str(name))
                      : status;
}
