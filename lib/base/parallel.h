/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few blocking jobs at once, each on a short-lived thread with all signals blocked, while the
 * calling thread keeps the call alive: deadline, cancel token and progress stay with it.
 */
#ifndef VCL_BASE_PARALLEL_H
#define VCL_BASE_PARALLEL_H

#include "base/call.h"

/* One job. Its call has the deadline and cancel token of the caller's, but no progress. */
typedef int (*vcl_job_fn)(vcl_call *call, void *data, vcluster_error **error);

typedef struct vcl_job {
    vcl_job_fn fn;
    void *data;
    int status;            /* out */
    vcluster_error *error; /* out; owned by whoever called vcl_parallel_run() */
} vcl_job;

/* Run all jobs and return when all have ended. Returns 0 when all were run, whatever they returned;
 * an error when progress asked to stop or threads could not be made. */
int vcl_parallel_run(vcl_call *call, vcl_job *jobs, size_t count, vcluster_error **error);

#endif
