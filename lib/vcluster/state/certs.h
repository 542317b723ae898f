/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of a control plane, as they lie in Secret NAME-certs. */
#ifndef VCL_VCLUSTER_STATE_CERTS_H
#define VCL_VCLUSTER_STATE_CERTS_H

#include <libvcluster/certs.h>

#include "base/call.h"
#include "data/json.h"

/* The certificates in the data of the Secret (base64, PEM or kubeconfigs), as an array of objects
 * sorted by name; now: seconds since 1970. PROTOCOL when one cannot be read. */
int vcl_certs_describe(const cJSON *data, int64_t now, cJSON **out_list, vcluster_error **error);

/* Remove from the data what can be made again from the authorities. Returns how many. */
size_t vcl_certs_drop_leaves(cJSON *data);

typedef struct vcl_certs_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
} vcl_certs_request;

int vcl_certs_read(const vcl_certs_request *request,
                   vcl_call *call,
                   char **out_json,
                   vcluster_error **error);
int vcl_certs_rotate(const vcl_certs_request *request,
                     vcl_call *call,
                     vcluster_instance **out_instance,
                     vcluster_error **error);

#endif
