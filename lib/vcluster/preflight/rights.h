/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the creation of a virtual cluster needs to be allowed on the host: rules of RBAC, those of
 * its namespace and those of the whole host apart. Each rule has one group and one resource.
 */
#ifndef VCL_VCLUSTER_PREFLIGHT_RIGHTS_H
#define VCL_VCLUSTER_PREFLIGHT_RIGHTS_H

#include "base/call.h"
#include "data/json.h"
#include "kube/api.h"

typedef struct vcl_rights {
    cJSON *inside;     /* array: in the namespace */
    cJSON *everywhere; /* array: on the whole host */
    cJSON *helpful;    /* array: in the namespace; without them less can be told */
} vcl_rights;

typedef struct vcl_rights_request {
    const cJSON *objects; /* array of those that are applied */
    bool makes_namespace;
    bool no_wait;
} vcl_rights_request;

/* Kinds that the host does not serve are left out. */
int vcl_rights_of(const vcl_rights_request *request,
                  vcl_kube *kube,
                  vcl_call *call,
                  vcl_rights *out_rights,
                  vcluster_error **error);
void vcl_rights_done(vcl_rights *rights);
#define VCL_AUTO_RIGHTS __attribute__((cleanup(vcl_rights_done))) vcl_rights

/* Add verbs ("get list") to the rule of a resource; false without memory. */
bool vcl_rights_add(cJSON *rules, const char *group, const char *resource, const char *verbs);

/* The rules of a Role or ClusterRole that is among the objects: who makes it must hold them. */
const cJSON *vcl_rights_granted(const cJSON *object);

#endif
