/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object uses of a ResourceQuota, as the API server's quota admission counts it.
 */
#ifndef VCL_QUOTA_USAGE_H
#define VCL_QUOTA_USAGE_H

#include "quota/resources.h"

/* Requests and limits of a whole pod: containers, init containers (one after the other, those that
 * restart always beside the rest), what the pod sets for itself, overhead. spec is a PodSpec. */
typedef struct vcl_pod_resources {
    vcl_resources requests;
    vcl_resources limits;
} vcl_pod_resources;

int vcl_pod_resources_read(vcl_pod_resources *pod, const cJSON *spec, vcluster_error **error);
void vcl_pod_resources_done(vcl_pod_resources *pod);
#define VCL_AUTO_POD_RESOURCES __attribute__((cleanup(vcl_pod_resources_done))) vcl_pod_resources

/* Add what one object uses: its count under both names ("pods" and "count/pods"), and what its
 * kind uses besides. Objects that others make of it (pods of a Deployment) are not in it. */
int vcl_usage_add(vcl_resources *usage, const cJSON *object, vcluster_error **error);

/* "pods", "deployments.apps": the resource of an object, as quotas name it. NULL without memory. */
char *vcl_usage_resource_name(const cJSON *object);

/* The resources that a quota with these hard limits wants each container to set, and this PodSpec's
 * containers do not: "limits.cpu for: web; requests.memory for: init". NULL when none is missing;
 * *out_failed then says whether that is for want of memory. */
char *vcl_usage_missing(const vcl_resources *hard, const cJSON *spec, bool *out_failed);

#endif
