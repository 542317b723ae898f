/* SPDX-License-Identifier: Apache-2.0 */
/* Which objects a ResourceQuota covers: all of its namespace, or pods by its scopes. */
#ifndef VCL_QUOTA_SCOPE_H
#define VCL_QUOTA_SCOPE_H

#include "data/json.h"

/* quota: a ResourceQuota; object: of any kind. A quota with scopes covers pods alone. */
bool vcl_quota_covers(const cJSON *quota, const cJSON *object);

#endif
