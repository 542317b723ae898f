/* SPDX-License-Identifier: Apache-2.0 */
/* A revision of a release as it was read; made from the JSON that its record holds. */
#ifndef VCL_RELEASE_RELEASE_H
#define VCL_RELEASE_RELEASE_H

#include <libvcluster/release.h>

#include "base/cleanup.h"
#include "data/json.h"

struct vcluster_release {
    cJSON *tree; /* the JSON of the record, without the chart's files */
    char *hooks;
    char *values;
    int64_t first_deployed;
    int64_t last_deployed;
};

struct vcluster_release_list {
    vcluster_release **items; /* oldest first */
    size_t count;
};

VCL_DEFINE_CLEANUP(vcluster_release, vcluster_release_free);
VCL_DEFINE_CLEANUP(vcluster_release_list, vcluster_release_list_free);

/* Takes tree over, also on failure. PROTOCOL when it is no release. */
int vcl_release_of_json(cJSON *tree, vcluster_release **out_release, vcluster_error **error);

#endif
