/* SPDX-License-Identifier: Apache-2.0 */
/* Running a credential plugin once, and turning what comes of it into credentials or an error. */
#ifndef VCL_KUBE_EXEC_RUN_H
#define VCL_KUBE_EXEC_RUN_H

#include "kube/exec_plugin.h"

/* UNAUTHENTICATED: it failed, or its answer cannot be used. */
int vcl_exec_run(const vcl_exec_plugin *plugin,
                 vcl_call *call,
                 vcl_login *login,
                 vcluster_error **error);

#endif
