/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a control plane uses of the quota of its namespace, so that a tenant's quota can leave it
 * that much.
 */
#ifndef VCL_QUOTA_SHARE_H
#define VCL_QUOTA_SHARE_H

#include "data/json.h"
#include "quota/resources.h"

/* Add what objects use, after the limit ranges among them have filled in their pods. */
int vcl_share_of_objects(const cJSON *objects, vcl_resources *share, vcluster_error **error);

/* Add what appears beside the chart's objects: kubeconfig and certificates, revisions of the
 * release, the CA of the namespace. */
void vcl_share_add_beside(vcl_resources *share);

/* The objects of upstream's chart that count, with these values of the user's, in an array; with
 * what its control plane starts inside and copies to the host (CoreDNS). */
int vcl_share_upstream_objects(const cJSON *values, cJSON **out_objects, vcluster_error **error);

/* Those of CoreDNS alone. */
int vcl_share_coredns_objects(const cJSON *values, cJSON **out_objects, vcluster_error **error);

#endif
