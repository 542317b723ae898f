/* SPDX-License-Identifier: Apache-2.0 */
/* Exported: audits. */
#include "vcluster/upkeep/audit.h"

#include "api/api.h"
#include "vcluster/names.h"

enum { GRACE_SECONDS = 600 };

int vcluster_audit(vcluster_client *client,
                   const vcluster_audit_options *options,
                   vcluster_plan **out_plan,
                   vcluster_error **error)
{
    vcluster_audit_options known = VCLUSTER_AUDIT_OPTIONS_INIT;
    vcl_call call;

    int status =
        VCL_API_BEGIN(&call, client, VCL_OPERATION_TIMEOUT_MS, known, options, error, out_plan);
    if (status == 0)
        status = vcl_namespace_check(known.namespace_name, error);
    if (status == 0 && known.grace_s < -1)
        status = vcl_fail(error, VCLUSTER_E_INVALID_ARGUMENT, "grace_s is less than -1");
    if (status == 0) {
        const vcl_audit_request request = { .kube = client->kube,
                                            .namespace_name = known.namespace_name,
                                            .grace_s =
                                                known.grace_s ? known.grace_s : GRACE_SECONDS,
                                            .remove = known.remove != 0,
                                            .volumes_too = known.volumes_too != 0 };
        status = vcl_audit(&request, &call, out_plan, error);
    }
    return status < 0 ? vcl_wrap(error, status, "audit the host") : status;
}
