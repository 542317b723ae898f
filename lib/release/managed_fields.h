/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moving an object from client-side to server-side apply: what field manager "helm" wrote by
 * updates is made its applied fields, so that the next apply removes what the chart no longer has.
 */
#ifndef VCL_RELEASE_MANAGED_FIELDS_H
#define VCL_RELEASE_MANAGED_FIELDS_H

#include "data/json.h"

/* Whether there is something to move. */
bool vcl_managed_fields_need_move(const cJSON *object, const char *manager);

/* The JSON patch that does it for an object with this metadata, guarded by its resourceVersion.
 * *out_patch stays NULL where there is nothing to move. */
int vcl_managed_fields_patch(const cJSON *object,
                             const char *manager,
                             char **out_patch,
                             vcluster_error **error);

/* The managedFields of an object (its metadata) as they are when the release takes over what people
 * and tools that declare objects (kubectl, Argo CD, Flux) wrote: *out_list stays NULL where they
 * have written nothing. */
int vcl_managed_fields_take(const cJSON *object, cJSON **out_list, vcluster_error **error);

#endif
