/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting virtual clusters that have expired. */
#ifndef VCL_VCLUSTER_UPKEEP_REAP_H
#define VCL_VCLUSTER_UPKEEP_REAP_H

#include <libvcluster/lease.h>

#include "base/call.h"

typedef struct vcl_reap_request {
    vcluster_client *client;
    const char *namespace_name; /* NULL: all */
    const char *owner;          /* NULL: of anybody */
    int64_t grace_s;
    size_t parallel;
    bool dry_run;
    vcluster_result_fn on_result; /* may be NULL */
    void *result_data;
} vcl_reap_request;

struct vcluster_result {
    const char *name;
    const char *namespace_name;
    const char *operation;
    size_t index;
    int status;
    const vcluster_error *error;
};

/* One round. 1: on_result asked to stop. */
int vcl_reap(const vcl_reap_request *request, vcl_call *call, vcluster_error **error);

#endif
