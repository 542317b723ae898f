/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting a virtual cluster without a trace. */
#ifndef VCL_VCLUSTER_LIFECYCLE_DELETE_H
#define VCL_VCLUSTER_LIFECYCLE_DELETE_H

#include <libvcluster/plan.h>

#include "base/call.h"

typedef struct vcl_delete_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    bool missing_ok;
    bool keep_volumes;
    bool keep_namespace;
    bool no_wait;
    bool gitops_too;    /* also what Argo CD or Flux makes */
    bool leftovers_too; /* also what it would leave behind; not with no_wait */
    /* For a reaper: delete only what carries VCL_ANNOTATION_REAPING, and a workload only if this is
     * its uid ("": only if it has no expiry). What is another one by now is left alone, with
     * success. */
    const char *reaped_uid;
} vcl_delete_request;

/* PRECONDITION for one that is protected, or made by somebody who would make it again. */
int vcl_delete_guard(const vcluster_instance *instance, bool gitops_too, vcluster_error **error);

/* What vcl_delete() would do; nothing is changed. */
int vcl_delete_plan(const vcl_delete_request *request,
                    vcl_call *call,
                    vcluster_plan **out_plan,
                    vcluster_error **error);

int vcl_delete(const vcl_delete_request *request, vcl_call *call, vcluster_error **error);

#endif
