/* SPDX-License-Identifier: Apache-2.0 */
/* Asking an API server what somebody, or whoever asks, may do. */
#ifndef VCL_KUBE_ACCESS_REVIEW_H
#define VCL_KUBE_ACCESS_REVIEW_H

#include "kube/api.h"

/* Whether a user may do the first thing that an RBAC rule allows, as the authorizer sees it now.
 * true for a rule that says nothing to ask about. user: NULL: whoever asks. namespace_name: where;
 * NULL: everywhere. */
int vcl_kube_may(vcl_kube *kube,
                 vcl_call *call,
                 const char *user,
                 const cJSON *rule,
                 const char *namespace_name,
                 bool *out_allowed,
                 vcluster_error **error);

/* What whoever asks may do in a namespace, as far as the authorizers list it: an array of RBAC
 * rules. Those that hold everywhere are among them, so that a namespace which does not exist has
 * nothing else. *out_complete: what is not in it is not allowed. */
int vcl_kube_own_rules(vcl_kube *kube,
                       vcl_call *call,
                       const char *namespace_name,
                       cJSON **out_rules,
                       bool *out_complete,
                       vcluster_error **error);

#endif
