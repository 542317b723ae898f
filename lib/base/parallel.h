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

/* Many jobs, at most `width` at once, begun in the order of their index. */
typedef struct vcl_parallel_each {
    size_t count;
    size_t width;
    /* On a thread of its own, with a call as in vcl_parallel_run(). */
    int (*run)(vcl_call *call, size_t index, void *data, vcluster_error **error);
    /* On the calling thread, as soon as one has ended; error is borrowed. Non-zero: begin no more,
     * end those that run, which are told as well; a thread may have begun another meanwhile. */
    int (*done)(size_t index, int status, const vcluster_error *error, void *data);
    void *data;
    bool stop_on_failure; /* nothing is begun behind one that failed; done() ends those that run */
} vcl_parallel_each;

/* Returns 0 when done() was told of every job; 1 when it asked to stop; else TIMEOUT, CANCELLED, or
 * an error when threads could not be made. Jobs that were begun are told in any case. */
int vcl_parallel_each_run(vcl_call *call, const vcl_parallel_each *each, vcluster_error **error);

#endif
