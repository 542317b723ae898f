/* SPDX-License-Identifier: Apache-2.0 */
/* Scaling one workload to 0 and back, with upstream's annotations of a paused one. */
#ifndef VCL_VCLUSTER_LIFECYCLE_SCALE_H
#define VCL_VCLUSTER_LIFECYCLE_SCALE_H

#include "data/json.h"
#include "kube/api.h"

typedef struct vcl_scale_request {
    vcl_kube *kube;
    const char *kind; /* StatefulSet or Deployment */
    const char *name;
    const char *namespace_name;
    const char *manager; /* field manager */
    int64_t configured;  /* replicas of one that stands at 0 without saying how many it had */
    bool restoring;      /* for a restore: with upstream's mark of one in place of a pause's */
} vcl_scale_request;

/* The merge patch that pauses, or resumes, a workload; *out_patch is NULL where nothing is to be
 * done. now: seconds since 1970. PRECONDITION for one that the platform put to sleep. */
int vcl_scale_patch(const vcl_scale_request *request,
                    const cJSON *workload,
                    bool down,
                    int64_t now,
                    cJSON **out_patch,
                    vcluster_error **error);

int vcl_scale(const vcl_scale_request *request, vcl_call *call, bool down, vcluster_error **error);

#endif
