/* SPDX-License-Identifier: Apache-2.0 */
/* Whether objects fit into a virtual cluster as its host is now. */
#ifndef VCL_VCLUSTER_TENANT_FITS_H
#define VCL_VCLUSTER_TENANT_FITS_H

#include <libvcluster/instance.h>
#include <libvcluster/quota.h>

#include "base/call.h"
#include "data/json.h"
#include "sync/rules.h"

/* What the host says about the namespace of a virtual cluster. Owns its members. */
typedef struct vcl_host_limits {
    cJSON *quotas; /* arrays */
    cJSON *limit_ranges;
    vcluster_sync_rules *rules; /* of the values of its release */
    int64_t nodes;              /* 0: not asked for; -1: they may not be listed */
} vcl_host_limits;

void vcl_host_limits_done(vcl_host_limits *limits);
#define VCL_AUTO_HOST_LIMITS __attribute__((cleanup(vcl_host_limits_done))) vcl_host_limits

int vcl_host_limits_read(vcluster_client *client,
                         vcl_call *call,
                         const vcluster_instance *instance,
                         bool with_nodes,
                         vcl_host_limits *out_limits,
                         vcluster_error **error);

typedef struct vcl_instance_fits_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* may be NULL */
    const cJSON *manifests;     /* an array */
    int64_t nodes;              /* 0: ask */
} vcl_instance_fits_request;

int vcl_instance_fits(const vcl_instance_fits_request *request,
                      vcl_call *call,
                      vcluster_report *report,
                      vcluster_error **error);

#endif
