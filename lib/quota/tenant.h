/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tenants as a team asks for them: a name, a version, what it may use. How much a namespace has to
 * allow for that is more: the control plane has its share (share.h).
 */
#ifndef VCL_QUOTA_TENANT_H
#define VCL_QUOTA_TENANT_H

#include "data/json.h"
#include "data/nearest.h"
#include "quota/resources.h"

typedef struct vcl_tenant {
    char *name;
    char *kubernetes_version; /* or NULL */
    vcl_resources hard;       /* what the team may use, by the keys of a ResourceQuota */
    bool shared_network;      /* no network policies are wanted */
} vcl_tenant;

void vcl_tenant_done(vcl_tenant *tenant);
#define VCL_AUTO_TENANT __attribute__((cleanup(vcl_tenant_done))) vcl_tenant

/* Read a TeamCluster document. CONFIG with everything that is wrong as findings. */
int vcl_tenant_parse(const char *text, vcl_tenant *out_tenant, vcluster_error **error);

/* Whether quotas have such a resource; if not, the nearest that they have. */
bool vcl_quota_key_is_known(const char *key, vcl_nearest *out_nearest);
/* Why nobody can mean that amount of a resource; NULL: it is fine. */
const char *vcl_quota_absurdity(const char *key, const vcl_quantity *amount);

/* The other of two keys that count the same objects ("pods", "count/pods"), or NULL. */
const char *vcl_quota_other_key(const char *key);

#endif
