/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until a virtual cluster can be used. */
#ifndef VCL_VCLUSTER_LIFECYCLE_WAIT_H
#define VCL_VCLUSTER_LIFECYCLE_WAIT_H

#include "release/record.h"
#include "vcluster/client.h"

typedef struct vcl_wait_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name;
    vcl_record *record; /* its lock is renewed meanwhile; may be NULL */
    bool resumed; /* an earlier attempt failed: its controller may be sitting out a back-off */
} vcl_wait_request;

/* Wait until the kubeconfig Secret is published and the API server says, through the tunnel, that
 * it is ready. The pod's own probes lag behind that by a second or two and are not waited for.
 * Fails as soon as it is known that waiting is in vain, naming pod, container and reason. */
int vcl_wait_ready(const vcl_wait_request *request, vcl_call *call, vcluster_error **error);

#endif
