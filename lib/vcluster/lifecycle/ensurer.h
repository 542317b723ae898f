/* SPDX-License-Identifier: Apache-2.0 */
/* What an ensure works on, shared by its two halves: making a virtual cluster, and accepting one.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_ENSURER_H
#define VCL_VCLUSTER_LIFECYCLE_ENSURER_H

#include "vcluster/lifecycle/ensure.h"
#include "vcluster/lifecycle/ensure_look.h"
#include "vcluster/lifecycle/plan.h"

typedef struct ensurer {
    const vcl_ensure_request *request;
    vcl_kube *kube;
    vcl_plan plan;
    vcl_ensure_look look; /* its record is ours, from the first write on */
    bool resumed;         /* an unfinished install is taken up again */
    bool wants_snapshot;
    vcluster_instance *snapshot; /* for the caller */
} ensurer;

/* Look what there is, anew. */
int vcl_ensurer_look(ensurer *self, vcl_call *call, vcluster_error **error);

/* From the plan to a usable one. 1: another call has finished the work meanwhile. */
int vcl_ensurer_install(ensurer *self, vcl_call *call, vcluster_error **error);

/* One that is there, until no restore is at work on it. */
int vcl_ensurer_await_restore(ensurer *self, vcl_call *call, vcluster_error **error);

/* One that is there: changed where more is asked for, resumed, waited for. */
int vcl_ensurer_use_existing(ensurer *self, vcl_call *call, vcluster_error **error);

/* The workload says until when it is wanted as soon as there is one. */
int vcl_ensurer_write_lease(ensurer *self, vcl_call *call, vcluster_error **error);

/* What the caller gets: as the host has it now. */
int vcl_ensurer_take_snapshot(ensurer *self, vcl_call *call, vcluster_error **error);

#endif
