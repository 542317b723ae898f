/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a snapshot fits a virtual cluster. */
#ifndef VCL_VCLUSTER_RESTORE_FIT_H
#define VCL_VCLUSTER_RESTORE_FIT_H

#include "data/json.h"

#include <libvcluster/error.h>

/* about: the head of the snapshot; version: the Kubernetes version of the virtual cluster, which
 * may be that of the snapshot or the next minor one. PRECONDITION where it does not fit. */
int vcl_restore_fits(const cJSON *about,
                     const char *store,
                     const char *version,
                     vcluster_error **error);

#endif
