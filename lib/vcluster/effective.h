/* SPDX-License-Identifier: Apache-2.0 */
/* The values that a virtual cluster runs with, as its Secret vc-config-NAME has them. */
#ifndef VCL_VCLUSTER_EFFECTIVE_H
#define VCL_VCLUSTER_EFFECTIVE_H

#include "data/json.h"
#include "kube/api.h"

/* NOT_FOUND without the Secret. */
int vcl_effective_values(vcl_kube *kube,
                         vcl_call *call,
                         const char *name,
                         const char *namespace_name,
                         cJSON **out_values,
                         vcluster_error **error);

/* PRECONDITION with a finding for each of the wanted values that it does not run with. */
int vcl_effective_check(vcl_kube *kube,
                        vcl_call *call,
                        const char *name,
                        const char *namespace_name,
                        const cJSON *wanted,
                        vcluster_error **error);

#endif
