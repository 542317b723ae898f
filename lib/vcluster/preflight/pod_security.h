/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a pod would be admitted at a pod security level: the Pod Security Standards "baseline"
 * and "restricted", for pods of Linux.
 */
#ifndef VCL_VCLUSTER_PREFLIGHT_POD_SECURITY_H
#define VCL_VCLUSTER_PREFLIGHT_POD_SECURITY_H

#include "base/buf.h"
#include "data/json.h"

/* Add what of a PodSpec a level forbids, divided by "; ": nothing where it is allowed, or where the
 * level is neither of the two. */
void vcl_pod_security_check(const char *level, const cJSON *spec, vcl_buf *wrong);

#endif
