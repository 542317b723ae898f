/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: values that make a virtual cluster start sooner ("fast") or take less memory ("lean"),
 * by settings that upstream's chart and images have. "default" is nothing.
 */
#ifndef VCL_VCLUSTER_LIFECYCLE_PROFILES_H
#define VCL_VCLUSTER_LIFECYCLE_PROFILES_H

#include "data/json.h"

/* INVALID_ARGUMENT for a name that is none; NULL is "default". */
int vcl_profile_check(const char *profile, vcluster_error **error);
/* Whether it stands for any value. */
bool vcl_profile_changes(const char *profile);
/* Add what the values do not say otherwise; lists of arguments and variables are added to. */
int vcl_profile_apply(const char *profile, bool embedded, cJSON *values, vcluster_error **error);

#endif
