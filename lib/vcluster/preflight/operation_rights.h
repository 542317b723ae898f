/* SPDX-License-Identifier: Apache-2.0 */
/* The rights that each operation needs on the host, as a table, and as manifests of roles. */
#ifndef VCL_VCLUSTER_PREFLIGHT_OPERATION_RIGHTS_H
#define VCL_VCLUSTER_PREFLIGHT_OPERATION_RIGHTS_H

#include "data/json.h"

typedef struct vcl_operation_rights {
    cJSON *inside;     /* array of rules in the namespaces of virtual clusters */
    cJSON *everywhere; /* array: on the whole host */
} vcl_operation_rights;

void vcl_operation_rights_done(vcl_operation_rights *rights);
#define VCL_AUTO_OPERATION_RIGHTS                                                                  \
    __attribute__((cleanup(vcl_operation_rights_done))) vcl_operation_rights

/* A set of operations, from their names. INVALID_ARGUMENT. */
int vcl_operations_parse(const char *names, uint64_t *out_operations, vcluster_error **error);
/* Whether any of them makes, changes or removes the objects of a chart. */
bool vcl_operations_touch_charts(uint64_t operations);

/* objects: those of the chart. makes_namespaces: not only in a namespace that is there. */
int vcl_operation_rights_of(uint64_t operations,
                            const cJSON *objects,
                            bool makes_namespaces,
                            vcl_operation_rights *out_rights,
                            vcluster_error **error);

#endif
