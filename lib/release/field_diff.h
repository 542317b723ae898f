/* SPDX-License-Identifier: Apache-2.0 */
/* The difference of two objects, field by field. */
#ifndef VCL_RELEASE_FIELD_DIFF_H
#define VCL_RELEASE_FIELD_DIFF_H

#include "data/json.h"

/* An array of {"path": ".spec.replicas", "old": 1, "new": 2}; "old" or "new" is left out where the
 * object does not have the field. What the server keeps itself (status, resourceVersion,
 * managedFields and the like) does not count. Items of lists are told apart by their name where all
 * have one: ".spec.containers[name=web].image". Values of a Secret are told by their size. NULL:
 * memory is short. */
cJSON *vcl_field_diff(const cJSON *before, const cJSON *after);

#endif
