/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of a pause and a resume, which a restore of upstream's control plane takes, too: its
 * release record is held from the first to the last. */
#ifndef VCL_VCLUSTER_LIFECYCLE_PAUSER_H
#define VCL_VCLUSTER_LIFECYCLE_PAUSER_H

#include "release/record.h"
#include "vcluster/instance.h"
#include "vcluster/lifecycle/pause.h"

typedef struct vcl_pauser {
    const vcl_pause_request *request;
    vcl_kube *kube;
    vcluster_instance *found;
    vcl_record *record; /* held by us; NULL: it has none */
    bool had_etcd;
} vcl_pauser;

/* Find it, and hold its record when nobody else does. Refused, unless for a restore, where a
 * restore has not been finished. Whatever comes of it, vcl_pauser_finish() follows. */
int vcl_pauser_begin(vcl_pauser *self,
                     const vcl_pause_request *request,
                     vcl_call *call,
                     vcluster_error **error);
/* The control plane to 0 replicas, or back to as many as there were. */
int vcl_pauser_scale(vcl_pauser *self, vcl_call *call, bool down, vcluster_error **error);
/* Wait until the control plane's pods are gone, then delete those it has made on the host. */
int vcl_pauser_clear(vcl_pauser *self, vcl_call *call, vcluster_error **error);
int vcl_pauser_renew(vcl_pauser *self, vcl_call *call, vcluster_error **error);
/* Give the record back whatever happened; status as it is, or the loss of the lock. */
int vcl_pauser_finish(vcl_pauser *self, const vcl_call *whole, int status, vcluster_error **error);

#endif
