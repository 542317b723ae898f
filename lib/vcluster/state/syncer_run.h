/* SPDX-License-Identifier: Apache-2.0 */
/* Upstream's program, run in the control plane of a virtual cluster that is there. */
#ifndef VCL_VCLUSTER_STATE_SYNCER_RUN_H
#define VCL_VCLUSTER_STATE_SYNCER_RUN_H

#include "base/buf.h"
#include "kube/api.h"
#include "vcluster/instance.h"

typedef struct vcl_syncer_command {
    const char *const *command;
    size_t command_size;
    const char *what;  /* the command, in errors */
    const char *input; /* a text on its standard input, or NULL */
    vcl_buf *output;   /* its standard output; NULL: with the error output, for errors */
} vcl_syncer_command;

/* Wait for its end. PRECONDITION where no pod runs; UNAVAILABLE, with the last that it said, when
 * it fails. */
int vcl_syncer_run(vcl_kube *kube,
                   vcl_call *call,
                   const vcluster_instance *instance,
                   const vcl_syncer_command *command,
                   vcluster_error **error);

#endif
