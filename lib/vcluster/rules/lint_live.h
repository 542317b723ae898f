/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual cluster that runs, for lint: its values in force and what the host has beside it. */
#ifndef VCL_VCLUSTER_RULES_LINT_LIVE_H
#define VCL_VCLUSTER_RULES_LINT_LIVE_H

#include <libvcluster/client.h>

#include "base/call.h"
#include "lint/lint.h"

/* Two files "NAMESPACE/NAME" and "NAMESPACE/NAME host": the values, and quotas, limit ranges,
 * network policies, nodes and network plugins, as far as they may be listed. */
int vcl_lint_live_read(vcluster_client *client,
                       vcl_call *call,
                       const char *name,
                       const char *namespace_name,
                       vcl_lint_file **out_files,
                       vcluster_error **error);

#endif
