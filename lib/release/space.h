/* SPDX-License-Identifier: Apache-2.0 */
/* The namespace of a release: looked at, made where that is asked for. */
#ifndef VCL_RELEASE_SPACE_H
#define VCL_RELEASE_SPACE_H

#include "release/operation.h"

typedef struct vcl_space {
    bool exists; /* or may not be read: then it will show */
    bool going;  /* it is being deleted */
} vcl_space;

/* What there is. NOT_FOUND or PRECONDITION when a release cannot go there: it is missing or going,
 * and is not to be made. */
int vcl_space_look(const vcl_release_request *request,
                   vcl_call *call,
                   vcl_space *out_space,
                   vcluster_error **error);
/* Make it if it is missing, after waiting for one that is going. 1: this call made it; 0: it is
 * there. */
int vcl_space_ensure(const vcl_release_request *request,
                     vcl_call *call,
                     const vcl_space *space,
                     vcluster_error **error);

#endif
