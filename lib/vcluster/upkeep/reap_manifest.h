/* SPDX-License-Identifier: Apache-2.0 */
/* The reaper as a CronJob of the host. */
#ifndef VCL_VCLUSTER_UPKEEP_REAP_MANIFEST_H
#define VCL_VCLUSTER_UPKEEP_REAP_MANIFEST_H

#include <stdint.h>

#include "base/error.h"

typedef struct vcl_reap_manifest_request {
    const char *namespace_name;
    const char *image;
    const char *schedule;
    int64_t grace_s;
    const char *only_namespace; /* NULL: all */
} vcl_reap_manifest_request;

/* All members but the last are checked, and set. */
int vcl_reap_manifest(const vcl_reap_manifest_request *request,
                      char **out_yaml,
                      vcluster_error **error);

#endif
