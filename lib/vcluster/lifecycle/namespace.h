/* SPDX-License-Identifier: Apache-2.0 */
/* The host namespace of a virtual cluster: made when it is missing, marked as ours, removed. */
#ifndef VCL_VCLUSTER_LIFECYCLE_NAMESPACE_H
#define VCL_VCLUSTER_LIFECYCLE_NAMESPACE_H

#include "base/call.h"
#include "kube/api.h"

/* What became of a namespace. */
typedef struct vcl_namespace_state {
    bool exists;
    bool made;             /* this call made it */
    bool ours;             /* annotation vcluster.loft.sh/created: goes with the virtual cluster */
    bool going;            /* it is being deleted */
    char pod_security[16]; /* the enforced pod security level, such as "restricted"; or "" */
} vcl_namespace_state;

/* Read the state without changing anything. */
int vcl_namespace_look(vcl_kube *kube,
                       vcl_call *call,
                       const char *name,
                       vcl_namespace_state *out_state,
                       vcluster_error **error);

/* Make it when it is missing, after waiting for one of the same name that is being deleted. */
int vcl_namespace_ensure(vcl_kube *kube,
                         vcl_call *call,
                         const char *name,
                         const char *instance,
                         vcl_namespace_state *out_state,
                         vcluster_error **error);

/* Names of namespaces that the library made for an instance: an array of strings. */
int vcl_namespaces_of(vcl_kube *kube,
                      vcl_call *call,
                      const char *instance,
                      cJSON **out_names,
                      vcluster_error **error);

#endif
