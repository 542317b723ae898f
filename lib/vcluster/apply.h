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
int vcl_apply_objects(const vcl_apply_set *set, vcl_call *call, vcl_record *record,
                      vcluster_error **error);

/* Ask for the deletion of all objects, last installed first; those with the annotation
 * helm.sh/resource-policy: keep stay. */
int vcl_apply_delete(const vcl_apply_set *set, vcl_call *call, vcluster_error **error);

/* Wait until they are gone. */
int vcl_apply_wait_gone(const vcl_apply_set *set, vcl_call *call, vcluster_error **error);

#endif
