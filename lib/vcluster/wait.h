/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting until a virtual cluster can be used. */
#ifndef VCL_VCLUSTER_WAIT_H
#define VCL_VCLUSTER_WAIT_H

#include "vcluster/client.h"
#include "vcluster/record.h"

/* Wait until the kubeconfig Secret is published and the API server answers with it through the
 * tunnel. The pod's own probes lag behind that by a second or two and are not waited for. record
 * may be NULL; its lock is renewed meanwhile. Fails as soon as it is known that waiting is in vain,
 * naming pod, container and reason. */
int vcl_wait_ready(vcluster_client *client, vcl_call *call, const char *name,
                   const char *namespace_name, vcl_record *record, vcluster_error **error);

#endif
