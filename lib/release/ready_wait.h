/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until the objects of a release are ready. */
#ifndef VCL_RELEASE_READY_WAIT_H
#define VCL_RELEASE_READY_WAIT_H

#include "release/apply.h"

typedef struct vcl_ready_request {
    const vcl_apply_set *set;
    vcl_record *record; /* its lock is renewed meanwhile */
    bool jobs;          /* Jobs must have completed, too */
} vcl_ready_request;

/* Wait until all objects of the set that have a state to wait for are ready. Fails as soon as it is
 * known that waiting is in vain, naming the object, and the pod and container where it is one. */
int vcl_ready_wait(const vcl_ready_request *request, vcl_call *call, vcluster_error **error);

#endif
