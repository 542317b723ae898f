/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of one revision of a Helm release, and the lock of the operation at work on it. The
 * lock is two annotations of the record's Secret (who, until when) on a record whose status is
 * pending or uninstalling; it holds for 15 s and is renewed every 5 s. A later call waits until it
 * has expired and takes over; changes are guarded by resourceVersion, so that of two takers one
 * fails.
 */
#ifndef VCL_RELEASE_RECORD_H
#define VCL_RELEASE_RECORD_H

#include "base/call.h"
#include "kube/api.h"

/* Field manager of the objects and records of releases: Helm's, so that Helm can take them over. */
#define VCL_MANAGER_HELM "helm"
/* On a pending record: who is at work, and until when the claim holds. */
#define VCL_ANNOTATION_HOLDER "libvcluster.dev/lock-holder"
#define VCL_ANNOTATION_EXPIRES "libvcluster.dev/lock-expires"
/* On a workload whose state a restore replaces, or was replacing when it was killed. */
#define VCL_ANNOTATION_RESTORING "libvcluster.dev/restoring"
/* The same for upstream's control plane, as upstream's CLI puts it there: with the scaling down,
 * and off again with the scaling up. */
#define VCL_ANNOTATION_RESTORING_UPSTREAM "loft.sh/restoring"

typedef struct vcl_record {
    char *name;
    char *namespace_name;
    char *status;     /* "deployed", "pending-install", ... */
    cJSON *secret;    /* the whole Secret, or only its metadata after vcl_record_find() */
    cJSON *unsure;    /* what the last write sent, if it ended before its answer came; or NULL */
    char *holder;     /* set while the lock is ours */
    const char *mark; /* borrowed: lock only what carries this annotation; NULL: whatever it is */
    int64_t renewed_ms;
    bool ours; /* the lock, as the server has it */
} vcl_record;

void vcl_record_free(vcl_record *record);
VCL_DEFINE_CLEANUP(vcl_record, vcl_record_free);

/* The newest record of a release, metadata only; *out_record is NULL when there is none. */
int vcl_record_find(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_record **out_record,
                    vcluster_error **error);

/* The metadata of all revisions as an array, oldest first. */
int vcl_record_list(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    cJSON **out_items,
                    vcluster_error **error);
/* Revision of a record, by its label; 0 without one. */
int64_t vcl_record_revision(const cJSON *secret);
/* The record of which this is the Secret, or its metadata. */
int vcl_record_open(const char *name,
                    const char *namespace_name,
                    const cJSON *metadata,
                    vcl_record **out_record,
                    vcluster_error **error);
/* What the newest record says of the release, to be freed as a secret; NULL when there is none. */
int vcl_record_release_of(vcl_kube *kube,
                          vcl_call *call,
                          const char *name,
                          const char *namespace_name,
                          cJSON **out_release,
                          vcluster_error **error);
/* Read the whole Secret. */
int vcl_record_read(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);

/* Read the whole Secret and wait until nobody works on it; whoever did may be dead, so that it is
 * still pending then. 1: the record is gone. */
int vcl_record_wait(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);

/* Whether an operation is recorded as being at work. */
bool vcl_record_is_pending(const vcl_record *record);
/* Whether the release was completed. */
bool vcl_record_is_deployed(const vcl_record *record);

/* Create the record with the lock held by us; secret is taken over. ALREADY_EXISTS when another
 * call was faster. */
int vcl_record_create(vcl_kube *kube,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      cJSON *secret,
                      vcl_record **out_record,
                      vcluster_error **error);

/* Read the whole record, wait until nobody else holds its lock, take it and set the status.
 * CONFLICT when the holder outlives the deadline or the record is pending by Helm itself (unless
 * take_over), NOT_FOUND when it is gone meanwhile. Returns 1, with nothing changed and no lock
 * held, when "pending-install" is wanted and the release has been completed by the holder
 * meanwhile. */
int vcl_record_lock(vcl_kube *kube,
                    vcl_call *call,
                    vcl_record *record,
                    const char *status,
                    bool take_over,
                    vcluster_error **error);

/* The same for a record that has one status, or the wanted one already: CONFLICT for any other. */
int vcl_record_lock_from(vcl_kube *kube,
                         vcl_call *call,
                         vcl_record *record,
                         const char *from,
                         const char *status,
                         vcluster_error **error);

/* The same for a record that is pending, to go on with it: returns 1, with nothing changed and no
 * lock held, when it is pending no more, or gone. */
int vcl_record_take_over(vcl_kube *kube,
                         vcl_call *call,
                         vcl_record *record,
                         const char *status,
                         bool take_over,
                         vcluster_error **error);

/* Take the lock of a record at rest and leave its status as it is: for an operation that makes no
 * revision. Waits as vcl_record_lock() does; PRECONDITION where the record is pending, which only
 * whoever made it so can complete. 1: the record is gone. */
int vcl_record_hold(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);
/* Give such a lock back. */
int vcl_record_let_go(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);
/* Whether somebody's lock on a record (its metadata) still holds. */
bool vcl_record_is_claimed(const cJSON *secret);

/* Renew the lock if that is due. CONFLICT when it was lost. */
int vcl_record_renew(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);

/* Put another release in the place of the one recorded (same Secret), keeping the lock. */
int vcl_record_replace(vcl_kube *kube,
                       vcl_call *call,
                       vcl_record *record,
                       const cJSON *secret,
                       vcluster_error **error);

/* Store another content of the release, its final status included, and give the lock back. */
int vcl_record_complete(vcl_kube *kube,
                        vcl_call *call,
                        vcl_record *record,
                        const cJSON *release,
                        vcluster_error **error);

/* CONFLICT for a record that Helm left pending, unless it may be taken over. */
int vcl_record_refuse_helm(const vcl_record *record, bool take_over, vcluster_error **error);

/* CONFLICT, as of a record whose operation has to complete first. */
int vcl_record_refuse_pending(const vcl_record *record, vcluster_error **error);

/* Give the lock back and set the final status. */
int vcl_record_finish(vcl_kube *kube,
                      vcl_call *call,
                      vcl_record *record,
                      const char *status,
                      const char *description,
                      vcluster_error **error);

/* Whether the lock is ours, as far as was last seen. */
bool vcl_record_is_ours(const vcl_record *record);
/* Whether what is stored is what a write of ours sent that ended before its answer came: the server
 * has carried it out all the same, and a later write reports a conflict with it. */
bool vcl_record_was_written(vcl_kube *kube, vcl_call *call, const vcl_record *record);
/* Let the lock expire now, and leave the status as it is: the next call takes the work up. */
int vcl_record_release(vcl_kube *kube, vcl_call *call, vcl_record *record, vcluster_error **error);

/* Delete the record: all revisions. */
int vcl_record_delete(vcl_kube *kube,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_error **error);

#endif
