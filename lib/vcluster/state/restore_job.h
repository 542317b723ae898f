/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pod NAME-restore in which upstream's own program puts a snapshot from a URL into the store of
 * its control plane: a copy of the workload's pod with that program alone in it. The settings of
 * the place, which may be secret, lie in a Secret of the same name.
 */
#ifndef VCL_VCLUSTER_STATE_RESTORE_JOB_H
#define VCL_VCLUSTER_STATE_RESTORE_JOB_H

#include "vcluster/state/restore_pod.h"
#include "vcluster/state/snapshot_url.h"

#define VCL_RESTORE_CONTAINER "snapshot"
#define VCL_ANNOTATION_RESTORE_URL "libvcluster.dev/restore-url"
/* Of the Secret: an attempt was killed in the middle, and none has succeeded since. */
#define VCL_ANNOTATION_RESTORE_TORN "libvcluster.dev/restore-torn"

typedef struct vcl_restore_job {
    vcl_restore_pod pod;
    const vcl_snapshot_place *place;
} vcl_restore_job;

/* What becomes of the old data when it fails. */
typedef enum vcl_restore_fate {
    VCL_RESTORE_NOT_BEGUN, /* they are as they were, or were put back */
    VCL_RESTORE_UNDER_WAY, /* it goes on, or was torn down in the middle, this one or one before */
} vcl_restore_fate;

/* Whether the workload can be restored so: asked for before anything is touched. */
int vcl_restore_job_check(const vcl_restore_job *job, vcl_call *call, vcluster_error **error);

/* The pod as it is created. */
int vcl_restore_job_build(const vcl_restore_job *job, cJSON **out_object, vcluster_error **error);

/* Its Secret; freed with vcl_json_free_secret(). NULL: memory is short. */
cJSON *vcl_restore_job_secret(const vcl_restore_job *job, bool torn);

/* Run it from beginning to end, or wait for the one that a killed call has begun for the same URL;
 * pod and Secret are gone after success. */
int vcl_restore_job_run(const vcl_restore_job *job, vcl_call *call, vcluster_error **error);

/* After a failure: look how far it came, and take it away if it has not begun or has put the old
 * data back. */
int vcl_restore_job_settle(const vcl_restore_job *job,
                           vcl_call *call,
                           vcl_restore_fate *out_fate,
                           vcluster_error **error);

#endif
