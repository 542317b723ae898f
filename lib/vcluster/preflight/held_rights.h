/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the user of a client holds on the host: the rules that the authorizers list, which two
 * requests bring; a rule that is not among them is asked about only where the list is incomplete.
 */
#ifndef VCL_VCLUSTER_PREFLIGHT_HELD_RIGHTS_H
#define VCL_VCLUSTER_PREFLIGHT_HELD_RIGHTS_H

#include "base/call.h"
#include "data/json.h"
#include "kube/api.h"

typedef struct vcl_held {
    vcl_kube *kube;
    const char *namespace_name;
    cJSON *inside;     /* rules in the namespace */
    cJSON *everywhere; /* rules on the whole host; NULL: those inside */
    bool complete;
} vcl_held;

/* exists: whether the namespace is there, and may have rules of its own. */
int vcl_held_read(vcl_held *held,
                  vcl_kube *kube,
                  vcl_call *call,
                  const char *namespace_name,
                  bool exists,
                  vcluster_error **error);
void vcl_held_done(vcl_held *held);
#define VCL_AUTO_HELD __attribute__((cleanup(vcl_held_done))) vcl_held

/* What of a rule the user does not hold: an array with a rule of one verb, group, resource and
 * name for each. */
int vcl_held_missing(const vcl_held *held,
                     vcl_call *call,
                     const cJSON *rule,
                     bool everywhere,
                     cJSON **out_missing,
                     vcluster_error **error);

/* The same, by the listed rules alone: who makes a role must hold its rules by RBAC. */
int vcl_held_unlisted(const vcl_held *held,
                      const cJSON *rule,
                      bool everywhere,
                      cJSON **out_missing,
                      vcluster_error **error);

#endif
