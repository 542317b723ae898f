/* SPDX-License-Identifier: Apache-2.0 */
/* Asking an API server what somebody may do (SubjectAccessReview). */
#ifndef VCL_KUBE_ACCESS_REVIEW_H
#define VCL_KUBE_ACCESS_REVIEW_H

#include "kube/api.h"

/* Whether a user may do the first thing that an RBAC rule allows, as the authorizer sees it now.
 * true for a rule that says nothing to ask about. namespace_name: where; NULL: everywhere. */
int vcl_kube_may(vcl_kube *kube,
                 vcl_call *call,
                 const char *user,
                 const cJSON *rule,
                 const char *namespace_name,
                 bool *out_allowed,
                 vcluster_error **error);

#endif
