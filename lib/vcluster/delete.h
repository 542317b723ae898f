/* SPDX-License-Identifier: Apache-2.0 */
/* Deleting a virtual cluster without a trace. */
#ifndef VCL_VCLUSTER_DELETE_H
#define VCL_VCLUSTER_DELETE_H

#include <libvcluster/instance.h>

#include "base/call.h"

typedef struct vcl_delete_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    bool missing_ok;
    bool keep_volumes;
    bool keep_namespace;
    bool no_wait;
} vcl_delete_request;

int vcl_delete(const vcl_delete_request *request, vcl_call *call, vcluster_error **error);

#endif
