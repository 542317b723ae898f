/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changing an existing virtual cluster to what an ensure asks for: the decision here, the work by
 * release/deploy.c, of which each upgrade is one.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_UPGRADE_H
#define VCL_VCLUSTER_LIFECYCLE_UPGRADE_H

#include "vcluster/changes.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/ensure.h"

typedef struct vcl_upgrade_request {
    const vcl_ensure_request *ensure;
    const char *namespace_name;
    const vcluster_instance *existing; /* NULL: its workload is gone */
} vcl_upgrade_request;

/* 0: there was nothing to do; 1: it is upgraded and, unless no_wait, usable. PRECONDITION with all
 * findings for what must not be done, before anything is touched. */
int vcl_upgrade(const vcl_upgrade_request *request, vcl_call *call, vcluster_error **error);

/* What it would do. */
int vcl_upgrade_plan(const vcl_upgrade_request *request,
                     vcl_call *call,
                     vcluster_plan **out_plan,
                     vcluster_error **error);

/* Add what vcl_release_changes() found to a plan. */
int vcl_upgrade_add_changes(vcluster_plan *plan,
                            const char *release,
                            const cJSON *changes,
                            vcluster_error **error);

#endif
