/* SPDX-License-Identifier: Apache-2.0 */
/* At most one virtual cluster in a namespace, also when several are created at the same moment. */
#ifndef VCL_VCLUSTER_LIFECYCLE_SOLE_H
#define VCL_VCLUSTER_LIFECYCLE_SOLE_H

#include "release/record.h"

/* Mark a release record, before it is written, as that of a virtual cluster. */
bool vcl_sole_mark(cJSON *secret, const char *name);

/* Refuse (PRECONDITION) when the namespace has a marked record of another name that stands before
 * ours. ours: the record just written, or NULL when none is, so that every other one counts. */
int vcl_sole_check(vcl_kube *kube,
                   vcl_call *call,
                   const char *name,
                   const char *namespace_name,
                   const vcl_record *ours,
                   vcluster_error **error);

#endif
