/* SPDX-License-Identifier: Apache-2.0 */
/* Objects as text: YAML documents, Lists as kubectl prints them, JSON. */
#ifndef VCL_QUOTA_MANIFESTS_H
#define VCL_QUOTA_MANIFESTS_H

#include "data/json.h"

/* All objects in one array; those of a List in its place. CONFIG for what is no object with a
 * kind. */
int vcl_manifests_parse(const char *text, cJSON **out_objects, vcluster_error **error);

/* Move the objects of a kind of core/v1 from one array to the end of another. */
bool vcl_manifests_move(cJSON *from, const char *kind, cJSON *to);

#endif
