/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a LimitRange does to pods and claims before they are counted: it fills in requests and
 * limits, and refuses what is below its minimum, above its maximum or out of proportion.
 */
#ifndef VCL_QUOTA_LIMIT_RANGE_H
#define VCL_QUOTA_LIMIT_RANGE_H

#include "base/buf.h"
#include "quota/usage.h"

/* Fill in what a LimitRange object gives the containers of a PodSpec that do not say themselves,
 * and what the API server fills in without one: a limit is a request, too. */
int vcl_limit_range_fill(const cJSON *limit_range, cJSON *pod_spec, vcluster_error **error);

/* Add what is wrong with an object (a Pod that was filled in, or a PersistentVolumeClaim), as lines
 * separated by "; ". Kinds that a LimitRange does not know add nothing. */
int vcl_limit_range_check(const cJSON *limit_range,
                          const cJSON *object,
                          vcl_buf *wrong,
                          vcluster_error **error);

#endif
