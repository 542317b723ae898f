/* SPDX-License-Identifier: Apache-2.0 */
/* The way back from a snapshot that upstream's control plane keeps at a URL. */
#ifndef VCL_VCLUSTER_STATE_RESTORE_REMOTE_H
#define VCL_VCLUSTER_STATE_RESTORE_REMOTE_H

#include "vcluster/client.h"
#include "vcluster/instance.h"

typedef struct vcl_restore_remote_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    const char *url;
} vcl_restore_remote_request;

int vcl_restore_remote(const vcl_restore_remote_request *request,
                       vcl_call *call,
                       vcluster_instance **out_instance,
                       vcluster_error **error);

#endif
