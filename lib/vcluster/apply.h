/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the objects of a rendered chart to the host, and taking them away again. */
#ifndef VCL_VCLUSTER_APPLY_H
#define VCL_VCLUSTER_APPLY_H

#include "vcluster/record.h"

typedef struct vcl_apply_set {
    vcl_kube *kube;
    const char *release;
    const char *namespace_name; /* for objects that name none */
    const cJSON *objects;       /* array, in install order */
} vcl_apply_set;

/* Refuse when an object exists that does not belong to the release: one metadata GET an object;
 * ALREADY_EXISTS with a finding for each of them. */
int vcl_apply_check_foreign(const vcl_apply_set *set, vcl_call *call, vcluster_error **error);

/* Server-side apply, one by one, renewing the lock of the record between them. */
int vcl_apply_objects(const vcl_apply_set *set,
                      vcl_call *call,
                      vcl_record *record,
                      vcluster_error **error);

/* Ask for the deletion of all objects, last installed first; those with the annotation
 * helm.sh/resource-policy: keep stay. */
int vcl_apply_delete(const vcl_apply_set *set, vcl_call *call, vcluster_error **error);

/* Wait until they are gone, keeping the lock of the record (NULL: there is none). */
int vcl_apply_wait_gone(const vcl_apply_set *set,
                        vcl_call *call,
                        vcl_record *record,
                        vcluster_error **error);

/* The same for one object with this uid (NULL: any). */
int vcl_wait_gone_locked(vcl_kube *kube,
                         vcl_call *call,
                         vcl_record *record,
                         const vcl_object_key *key,
                         const char *uid,
                         vcluster_error **error);

#endif
