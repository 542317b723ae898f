/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a program for its output: no shell, nothing to read, none of our descriptors, a group of
 * its own that is killed when the call or its time is over. Not for other layers.
 */
#ifndef VCL_KUBE_EXEC_PROCESS_H
#define VCL_KUBE_EXEC_PROCESS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/call.h"

typedef struct vcl_exec_process {
    const char *path; /* of the program, absolute or relative to the working directory */
    const char *const *arguments;
    char *const *environment;
    int64_t timeout_ms;
} vcl_exec_process;

typedef enum vcl_exec_end {
    VCL_EXEC_EXITED,    /* code is its exit code */
    VCL_EXEC_KILLED,    /* code is a signal */
    VCL_EXEC_NOT_BEGUN, /* code is an errno */
    VCL_EXEC_TOO_LONG,  /* timeout_ms passed */
    VCL_EXEC_TOO_MUCH   /* out is full */
} vcl_exec_end;

typedef struct vcl_exec_result {
    vcl_exec_end end;
    int code;
    vcl_buf errors; /* the last part of what was written to stderr; vcl_buf_done() frees it */
} vcl_exec_result;

/* Run it to its end. out gets stdout, up to the maximum it was made with. Fails only with TIMEOUT
 * and CANCELLED of the call and when resources are short; how it went otherwise is in the result,
 * which is empty after a failure. */
int vcl_exec_process_run(const vcl_exec_process *process,
                         vcl_call *call,
                         vcl_buf *out,
                         vcl_exec_result *result,
                         vcluster_error **error);

#endif
