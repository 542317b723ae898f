/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Until when a virtual cluster is wanted, and by whom: annotations of its workload, and of its
 * release record until there is a workload. Every change of a workload's is guarded by its
 * resourceVersion, so that of an extension and a reaper's claim at the same moment one fails.
 */
#ifndef VCL_VCLUSTER_LEASE_H
#define VCL_VCLUSTER_LEASE_H

#include "data/json.h"
#include "vcluster/instance.h"

/* What is wanted. */
typedef struct vcl_lease {
    int64_t expires_at; /* 0: as it is */
    bool never;         /* it does not expire any more */
    bool only_later;    /* an expiry that is later already stays */
    const char *owner;  /* NULL: as it is; "": nobody */
} vcl_lease;

/* A lease of options: exactly one of ttl_s, expires_at and never, or none of them where `needed` is
 * false. INVALID_ARGUMENT. */
int vcl_lease_check(
    int64_t ttl_s, int64_t expires_at, bool needed, vcl_lease *lease, vcluster_error **error);

/* Whether there is anything to write. */
bool vcl_lease_is_set(const vcl_lease *lease);

/* Annotate a release record before it is written; false: memory is short. */
bool vcl_lease_mark(cJSON *secret, const vcl_lease *lease);

/* Write it to the workload of a virtual cluster. CONFLICT once a reaper has claimed it. */
int vcl_lease_extend(vcluster_client *client,
                     vcl_call *call,
                     const char *name,
                     const char *namespace_name,
                     const vcl_lease *lease,
                     vcluster_instance **out_instance,
                     vcluster_error **error);

/* Claim one that has expired for its deletion; told is as a list had it. 1: it is claimed, and
 * *out_instance is what was seen; 0: it was extended, or has gone; else an error. */
int vcl_lease_claim(vcluster_client *client,
                    vcl_call *call,
                    const vcluster_instance *told,
                    int64_t expired_before,
                    vcluster_instance **out_instance,
                    vcluster_error **error);

#endif
