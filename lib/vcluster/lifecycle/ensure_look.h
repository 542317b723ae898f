/* SPDX-License-Identifier: Apache-2.0 */
/* What there is already of a virtual cluster that is to be ensured: where ensure and plan begin. */
#ifndef VCL_VCLUSTER_LIFECYCLE_ENSURE_LOOK_H
#define VCL_VCLUSTER_LIFECYCLE_ENSURE_LOOK_H

#include "release/record.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/ensure.h"
#include "vcluster/lifecycle/namespace.h"

typedef struct vcl_ensure_look {
    vcl_namespace_state place;
    vcl_record *record;          /* the newest, metadata only; NULL: none */
    vcluster_instance *existing; /* NULL: no workload */
} vcl_ensure_look;

void vcl_ensure_look_done(vcl_ensure_look *look);

/* Look (anew). PRECONDITION when the namespace holds, or is about to hold, another one. */
int vcl_ensure_look_around(const vcl_ensure_request *request,
                           vcl_call *call,
                           const char *namespace_name,
                           vcl_ensure_look *look,
                           vcluster_error **error);

/* Whether it was complete once: what follows then is an upgrade, or nothing at all. An install that
 * never succeeded is done anew, in the place of its record. */
bool vcl_ensure_is_complete(const vcl_ensure_look *look);

/* Whether more is asked for than what the lists show to be there. chart: the digest of the chart
 * that was asked for, "" for none. 1: it may be; 0: it is not. */
int vcl_ensure_differs(const vcl_ensure_request *request,
                       const vcl_ensure_look *look,
                       const char *chart,
                       vcluster_error **error);

#endif
