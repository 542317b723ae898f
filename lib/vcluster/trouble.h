/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a control plane does not come up: the pod's own state, the events of the workload that
 * cannot make the pod, and the last log line of a container that crashes.
 */
#ifndef VCL_VCLUSTER_TROUBLE_H
#define VCL_VCLUSTER_TROUBLE_H

#include "base/call.h"
#include "kube/api.h"

/* Fail when the pod has a trouble that is certain or older than its grace; 0 otherwise. *since_ms
 * is the memory between calls: 0 at first. */
int vcl_trouble_of_pod(vcl_kube *kube, vcl_call *call, const cJSON *pod, int64_t *since_ms,
                       vcluster_error **error);

/* Fail when the events of the namespace say that the workload's pod is refused (quota, admission,
 * pod security, LimitRange). What else they tell (images being pulled) is reported as progress,
 * each once: `seen` is an object that remembers them. Events before not_before (seconds since
 * 1970) belong to an earlier attempt. */
int vcl_trouble_of_events(vcl_kube *kube, vcl_call *call, const char *name,
                          const char *namespace_name, int64_t not_before, cJSON *seen,
                          vcluster_error **error);

#endif
