/* SPDX-License-Identifier: Apache-2.0 */
/* Upstream's program, run in the control plane of a virtual cluster that is there. */
#ifndef VCL_VCLUSTER_STATE_SYNCER_RUN_H
#define VCL_VCLUSTER_STATE_SYNCER_RUN_H

#include "kube/api.h"
#include "vcluster/instance.h"

/* Wait for its end. PRECONDITION where no pod runs; UNAVAILABLE, with the last that it said, when
 * it fails. */
int vcl_syncer_run(vcl_kube *kube,
                   vcl_call *call,
                   const vcluster_instance *instance,
                   const char *const *command,
                   size_t command_size,
                   vcluster_error **error);

#endif
