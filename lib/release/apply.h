/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing the objects of a rendered chart to the host, and taking them away again. */
#ifndef VCL_RELEASE_APPLY_H
#define VCL_RELEASE_APPLY_H

#include "release/record.h"

typedef struct vcl_apply_set {
    vcl_kube *kube;
    const char *release;
    const char *namespace_name; /* for objects that name none */
    const cJSON *objects;       /* array, in install order */

    /* What follows may be left out. */
    const cJSON *before;      /* objects of the release as it is now */
    const cJSON *definitions; /* CRDs that are installed before the objects */
    bool fresh;               /* this call made the namespace: nothing is in it */
    bool take_ownership;      /* foreign objects are adopted */
    bool force;               /* fields are taken over from other managers */
} vcl_apply_set;

/* Where an object lives. CONFIG without apiVersion, kind or name; NOT_FOUND for an unknown kind. */
int vcl_apply_key(const vcl_apply_set *set,
                  vcl_call *call,
                  const cJSON *object,
                  vcl_object_key *out_key,
                  vcluster_error **error);

/* The object as it is applied: in its namespace (NULL: none) and with Helm's ownership marks.
 * NULL: memory is short. */
cJSON *vcl_apply_marked(const vcl_apply_set *set, const cJSON *object, const char *namespace_name);

/* Whether a stored object has the marks of another release. */
bool vcl_apply_is_of_another(const vcl_apply_set *set, const cJSON *stored);

/* Refuse when an object exists that does not belong to the release: one metadata GET an object;
 * ALREADY_EXISTS with a finding for each of them. */
int vcl_apply_check_foreign(const vcl_apply_set *set, vcl_call *call, vcluster_error **error);
/* The same; *out_live is an array with the metadata of each object, or null where there is none. */
int vcl_apply_look(const vcl_apply_set *set,
                   vcl_call *call,
                   cJSON **out_live,
                   vcluster_error **error);

/* Server-side apply, one by one, renewing the lock of the record between them. */
int vcl_apply_objects(const vcl_apply_set *set,
                      vcl_call *call,
                      vcl_record *record,
                      vcluster_error **error);

/* Move what Helm wrote by client-side apply to server-side apply: the objects of live (see
 * vcl_apply_look()) that need it. */
int vcl_apply_migrate(const vcl_apply_set *set,
                      vcl_call *call,
                      const cJSON *live,
                      vcl_record *record,
                      vcluster_error **error);

/* Ask for the deletion of all objects, in Helm's order; those with the annotation
 * helm.sh/resource-policy: keep stay. */
int vcl_apply_delete(const vcl_apply_set *set, vcl_call *call, vcluster_error **error);

/* Ask for the deletion of what is in set->before but not in set->objects, unless it is to be kept
 * or belongs to another release by now. */
int vcl_apply_prune(const vcl_apply_set *set,
                    vcl_call *call,
                    vcl_record *record,
                    vcluster_error **error);

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

/* Install definitions (CRDs) that do not exist yet and wait, at most 60 s, until their kinds can be
 * used. */
int vcl_apply_definitions(vcl_kube *kube,
                          vcl_call *call,
                          const cJSON *definitions,
                          vcluster_error **error);

#endif
