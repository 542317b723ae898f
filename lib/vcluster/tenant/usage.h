/* SPDX-License-Identifier: Apache-2.0 */
/* What the quotas of a virtual cluster's namespace allow, and who uses how much of it. */
#ifndef VCL_VCLUSTER_TENANT_USAGE_H
#define VCL_VCLUSTER_TENANT_USAGE_H

#include <libvcluster/instance.h>
#include <libvcluster/quota.h>

#include "base/call.h"
#include "data/json.h"

struct vcluster_usage_entry {
    char *quota;
    char *resource;
    char *hard;
    char *used;
    char *control_plane;
    char *left;
};

struct vcluster_usage {
    vcluster_usage_entry *items;
    size_t size;
    cJSON *tree; /* what vcluster_usage_to_json() prints */
};

VCL_DEFINE_CLEANUP(vcluster_usage, vcluster_usage_free);

int vcl_usage_read(vcluster_client *client,
                   vcl_call *call,
                   const vcluster_instance *instance,
                   vcluster_usage **out_usage,
                   vcluster_error **error);

/* The same of objects that were read: quotas, and everything in the namespace that uses them. */
int vcl_usage_of(const cJSON *quotas,
                 const cJSON *objects,
                 vcluster_usage **out_usage,
                 vcluster_error **error);

#endif
