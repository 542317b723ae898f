/* SPDX-License-Identifier: Apache-2.0 */
/* What lies on a host and belongs to no living virtual cluster, and its removal. */
#ifndef VCL_VCLUSTER_UPKEEP_AUDIT_H
#define VCL_VCLUSTER_UPKEEP_AUDIT_H

#include <libvcluster/audit.h>

#include "base/call.h"
#include "vcluster/upkeep/owners.h"

typedef struct vcl_audit_request {
    vcl_kube *kube;
    const char *namespace_name; /* NULL: all, and what is cluster-scoped */
    int64_t grace_s;            /* what is younger is left out */
    bool remove;
    bool volumes_too;

    /* For the delete of one virtual cluster: only what is its, as if it were gone already. */
    const vcl_sync_owner *of; /* NULL: of all that are gone */
    bool beforehand;          /* it lives yet, and nothing is removed: how it will be */
    bool held;                /* nobody can make it anew meanwhile: its record is locked */
    bool gitops_too;          /* also what Argo CD or Flux would make again */
} vcl_audit_request;

/* What was found: a trace without an owner. */
typedef struct vcl_leftover {
    const vcl_trace *trace;
    bool holds_data;
    char *reason;  /* why it is left over */
    char *refusal; /* why it must not be removed; NULL: it may */
} vcl_leftover;

typedef struct vcl_leftovers {
    vcl_traces traces;
    vcl_leftover *items; /* by namespace, what is cluster-scoped last */
    size_t count;
} vcl_leftovers;

void vcl_leftovers_done(vcl_leftovers *leftovers);

/* Find them, and change nothing. */
int vcl_leftovers_find(const vcl_audit_request *request,
                       vcl_call *call,
                       vcl_leftovers *out_leftovers,
                       vcluster_error **error);

/* The leftover that a trace of them is; NULL: it is none. */
const vcl_leftover *vcl_leftovers_get(const vcl_leftovers *leftovers, const vcl_trace *trace);

/* Whether its owner has come to life, or something would go along that must not. 1: it must stay,
 * and *out_why says why. */
int vcl_leftover_stays(const vcl_audit_request *request,
                       vcl_call *call,
                       const vcl_leftovers *all,
                       const vcl_leftover *leftover,
                       const char **out_why,
                       vcluster_error **error);

/* Ask for the deletion of one that may go. CONFLICT: it is not as it was found. */
int vcl_leftover_remove(vcl_kube *kube,
                        vcl_call *call,
                        const vcl_leftover *leftover,
                        vcluster_error **error);

int vcl_audit(const vcl_audit_request *request,
              vcl_call *call,
              vcluster_plan **out_plan,
              vcluster_error **error);

#endif
