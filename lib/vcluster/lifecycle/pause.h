/* SPDX-License-Identifier: Apache-2.0 */
/* Pausing and resuming a virtual cluster, by the annotations of upstream's CLI. */
#ifndef VCL_VCLUSTER_LIFECYCLE_PAUSE_H
#define VCL_VCLUSTER_LIFECYCLE_PAUSE_H

#include <libvcluster/instance.h>

#include "base/call.h"

typedef struct vcl_pause_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    bool no_wait;               /* resume: do not wait until it is ready */
    bool restoring;             /* for a restore, with upstream's mark of one */
} vcl_pause_request;

int vcl_pause(const vcl_pause_request *request, vcl_call *call, vcluster_error **error);
int vcl_resume(const vcl_pause_request *request, vcl_call *call, vcluster_error **error);

#endif
