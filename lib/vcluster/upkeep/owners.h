/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owners: the virtual clusters that live on a host, and whether a trace is one's. What cannot be
 * attributed for certain counts as owned.
 */
#ifndef VCL_VCLUSTER_UPKEEP_OWNERS_H
#define VCL_VCLUSTER_UPKEEP_OWNERS_H

#include "vcluster/upkeep/traces.h"

typedef struct vcl_owner {
    char *name;
    char *namespace_name;
    char *marker; /* on what is cluster-scoped */
} vcl_owner;

typedef struct vcl_owners {
    vcl_owner *items;
    size_t count;
    bool everywhere; /* of all namespaces */
} vcl_owners;

void vcl_owners_done(vcl_owners *owners);

/* Those with a workload, of the host as it is now; to be asked for after the traces, so that one
 * that was made meanwhile is among them. */
int vcl_owners_find(vcl_kube *kube,
                    vcl_call *call,
                    const char *namespace_name,
                    vcl_owners *out_owners,
                    vcluster_error **error);

/* One more, such as one that is being made. NO_MEMORY. */
int vcl_owners_add(vcl_owners *owners,
                   const char *name,
                   const char *namespace_name,
                   vcluster_error **error);

/* One less, if it is among them. */
void vcl_owners_drop(vcl_owners *owners, const char *name, const char *namespace_name);

/* The one of that name; namespace_name NULL: in whichever. NULL: none. */
const vcl_owner *
vcl_owners_get(const vcl_owners *owners, const char *name, const char *namespace_name);

/* Whether one of them owns a trace of these traces. */
bool vcl_owners_have(const vcl_owners *owners, const vcl_traces *traces, const vcl_trace *trace);

#endif
