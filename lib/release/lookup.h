/* SPDX-License-Identifier: Apache-2.0 */
/* What the template function `lookup` asks a cluster. */
#ifndef VCL_RELEASE_LOOKUP_H
#define VCL_RELEASE_LOOKUP_H

#include "base/call.h"
#include "chart/render.h"
#include "kube/api.h"

typedef struct vcl_lookup_host {
    vcl_kube *kube;
    vcl_call call;
} vcl_lookup_host;

/* Both the client and the call must outlive it. */
void vcl_lookup_init(vcl_lookup_host *host, vcl_kube *kube, const vcl_call *call);

/* A vcl_lookup_fn on a vcl_lookup_host: what is not there is no error, an unknown kind is one. */
int vcl_lookup(void *host,
               const char *api_version,
               const char *kind,
               const char *namespace_name,
               const char *name,
               cJSON **out_object,
               vcluster_error **error);

#endif
