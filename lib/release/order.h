/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of objects: lists inside them resolved, and the order in which Helm takes them away. */
#ifndef VCL_RELEASE_ORDER_H
#define VCL_RELEASE_ORDER_H

#include "data/json.h"

/* A new array of the objects, in their order, with the items in the place of every list. */
int vcl_objects_flatten(const cJSON *objects, cJSON **out_objects, vcluster_error **error);
/* The objects of a text of YAML documents (a recorded manifest, a file of crds/), flattened. */
int vcl_objects_parse(const char *manifest, cJSON **out_objects, vcluster_error **error);

/* The indices of the objects in the order of their removal: by kind, unknown ones last and by
 * their name (Helm 3.21: pkg/releaseutil/kind_sorter.go). The caller frees it; NULL: no memory. */
size_t *vcl_objects_removal_order(const cJSON *objects, size_t *out_count);

/* Whether two objects are one: group, kind, namespace (default_namespace where one names none) and
 * name are the same. */
bool vcl_object_is_same(const cJSON *a, const cJSON *b, const char *default_namespace);
/* The object of the array that is the same, or NULL. */
const cJSON *
vcl_objects_find(const cJSON *objects, const cJSON *object, const char *default_namespace);

/* Whether helm.sh/resource-policy says keep. */
bool vcl_object_is_kept(const cJSON *object);
/* Whether it is a CustomResourceDefinition that defines the kind. */
bool vcl_object_defines(const cJSON *definition, const char *api_version, const char *kind);

#endif
