/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a workload does not come up: the pod's own state, the events of the workload that cannot
 * make the pod, and the last log line of a container that crashes.
 */
#ifndef VCL_RELEASE_TROUBLE_H
#define VCL_RELEASE_TROUBLE_H

#include "base/call.h"
#include "kube/api.h"

/* Fail when the pod has a trouble that is certain or older than its grace; 0 otherwise. *since_ms
 * is the memory between calls: 0 at first. */
int vcl_trouble_of_pod(
    vcl_kube *kube, vcl_call *call, const cJSON *pod, int64_t *since_ms, vcluster_error **error);

/* Events that were there before, and those that were told: an object with a key for each. */
typedef struct vcl_events {
    vcl_kube *kube;
    const char *const *names; /* of the workloads; ends with NULL */
    const char *namespace_name;
    cJSON *seen;
} vcl_events;

/* Remember the events that are there now: they belong to an earlier attempt. */
int vcl_events_begin(vcl_events *events, vcl_call *call, vcluster_error **error);

/* Fail when a new event says that the workload's pod is refused (quota, admission, pod security,
 * LimitRange). What else new events tell (images being pulled) is reported as progress, once. */
int vcl_events_look(vcl_events *events, vcl_call *call, vcluster_error **error);

/* The last line of a container's log, of the run before if there was one; NULL without one: an
 * explanation must not fail for lack of a log. The caller frees it. */
char *vcl_trouble_log_line(vcl_kube *kube, vcl_call *call, const cJSON *pod, const char *container);

#endif
