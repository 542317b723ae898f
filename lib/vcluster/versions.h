/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes versions of the embedded distribution. */
#ifndef VCL_VCLUSTER_VERSIONS_H
#define VCL_VCLUSTER_VERSIONS_H

#include "data/json.h"

/* Replace controlPlane.distro.k8s.version in the user's values by a tag that can be pulled: "1.34"
 * and "v1.34" become the newest known patch release of 1.34, "1.34.4" becomes "v1.34.4". CONFIG
 * for a version that is not known, with those that are. */
int vcl_version_resolve_embedded(cJSON *values, vcluster_error **error);

/* The same for upstream: "1.34" becomes the tag of its image, other tags stay as they are. */
int vcl_version_resolve_upstream(cJSON *values, vcluster_error **error);

#endif
