/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether an object is ready, as Helm 3 decides it for --wait (3.21: pkg/kube/ready.go). Looks at
 * the JSON of objects only; asking for them is done in ready_wait.c.
 */
#ifndef VCL_RELEASE_READY_H
#define VCL_RELEASE_READY_H

#include "data/json.h"

typedef enum vcl_readiness {
    VCL_NOT_READY,
    VCL_READY,
    VCL_NEVER_READY, /* it has failed: waiting is in vain */
} vcl_readiness;

/* Whether objects of the kind have a state to wait for; jobs: whether Jobs are waited for. */
bool vcl_ready_has_rule(const char *api_version, const char *kind, bool jobs);

/* The state of an object as the server has it. out_why (a line of text) says why it is not ready.
 * replica_set: the newest one of a Deployment; without it a Deployment counts by its own numbers,
 * and is not ready while pods of an older template are left. */
vcl_readiness vcl_ready_check(const cJSON *object, const cJSON *replica_set, vcl_buf *out_why);

#endif
