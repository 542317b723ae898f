/* SPDX-License-Identifier: Apache-2.0 */
/* The values document: a JSON tree that is always an object. */
#ifndef VCL_VCLUSTER_CONFIG_H
#define VCL_VCLUSTER_CONFIG_H

#include <libvcluster/config.h>

#include "data/json.h"

struct vcluster_config {
    cJSON *values; /* an object */
};

/* A copy of the values, or an empty object for NULL. */
int vcl_config_values(const vcluster_config *config, cJSON **out_values, vcluster_error **error);

#endif
