/* SPDX-License-Identifier: Apache-2.0 */
/* A program with a KUBECONFIG of its own: beginning it, waiting for it, ending it. */
#ifndef VCL_VCLUSTER_CONNECT_RUN_H
#define VCL_VCLUSTER_CONNECT_RUN_H

#include <libvcluster/run.h>

#include "base/call.h"

/* Run the program of options with KUBECONFIG=path and wait for its end; see run.h of the interface.
 * The call has no deadline. */
int vcl_run_program(const char *const *command,
                    const char *kubeconfig_path,
                    const vcluster_run_options *options,
                    vcl_call *call,
                    int *out_exit_code,
                    vcluster_error **error);

/* The environment, NULL: this process's, with "KUBECONFIG=..." in place of another one: an array to
 * free() of strings that are borrowed; NULL when memory is short. */
char **vcl_run_environment(const char *const *given, char *kubeconfig);

#endif
