/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an upgrade of a virtual cluster must not do: skip a version of Kubernetes or go back one,
 * turn one store into another, change what cannot be changed, take a workload with data away.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_UPGRADE_RULES_H
#define VCL_VCLUSTER_LIFECYCLE_UPGRADE_RULES_H

#include "data/json.h"

/* The complete values before and after. running: the version of Kubernetes that runs, "" when it is
 * not known. PRECONDITION with a finding for each rule that is broken. */
int vcl_upgrade_check_values(const cJSON *before,
                             const cJSON *after,
                             const char *running,
                             bool embedded,
                             vcluster_error **error);

/* What to say of a version of Kubernetes on a host of another: NULL where it is fine. The caller
 * frees it. */
char *vcl_upgrade_host_skew(const char *wanted, const char *host);

/* Name of the store that values lead to: a constant string. */
const char *vcl_store_of(const cJSON *values);

/* The impact (vcluster_impact) of one change as vcluster_release_diff() tells it: of a field of an
 * object (path), or of the whole (path NULL). *out_reason becomes a constant string, or NULL. */
int vcl_upgrade_impact(const char *release,
                       const cJSON *change,
                       const char *path,
                       const char **out_reason);

#endif
