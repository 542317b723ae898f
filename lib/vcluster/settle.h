/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a workload is what was last asked of it: its pods are those of its newest template. */
#ifndef VCL_VCLUSTER_SETTLE_H
#define VCL_VCLUSTER_SETTLE_H

#include "vcluster/lifecycle/wait.h"

/* Of a StatefulSet or a Deployment. */
bool vcl_workload_settled(const cJSON *workload);

/* Wait until the pods of an older template are gone, renewing the lock of the record. Fails as soon
 * as an event says that the new pod is refused. */
int vcl_wait_settled(const vcl_wait_request *request, vcl_call *call, vcluster_error **error);

#endif
