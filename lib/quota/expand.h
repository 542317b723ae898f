/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What controllers make of the objects of a manifest: the pods of a Deployment, the claims of a
 * StatefulSet. Each is an object as it would stand in the cluster, with how often it comes.
 */
#ifndef VCL_QUOTA_EXPAND_H
#define VCL_QUOTA_EXPAND_H

#include <libvcluster/sync.h>

#include "base/error.h"
#include "data/json.h"

typedef struct vcl_expanded {
    cJSON *object;
    char *name; /* "Pod of Deployment/web", "Service/web" */
    int64_t count;
} vcl_expanded;

typedef struct vcl_expansion {
    vcl_expanded *items;
    size_t size;
    size_t capacity;
} vcl_expansion;

void vcl_expansion_done(vcl_expansion *expansion);
#define VCL_AUTO_EXPANSION __attribute__((cleanup(vcl_expansion_done))) vcl_expansion

/* Add an object and what becomes of it. rules: it is one of the virtual cluster that has them,
 * whose workloads stay there; what reaches the host are pods, claims, services and what else they
 * copy. NULL: it goes into the namespace itself. A DaemonSet counts one pod for each of `nodes`. */
typedef struct vcl_expand_options {
    const vcluster_sync_rules *rules;
    int64_t nodes;
} vcl_expand_options;

int vcl_expand(vcl_expansion *expansion,
               const cJSON *object,
               const vcl_expand_options *options,
               vcluster_error **error);

/* Whether a ConfigMap or Secret of a virtual cluster is copied although only those are that pods
 * use: one in the same namespace names it. */
bool vcl_used_by_pods(const cJSON *manifests, const cJSON *object);

/* Whether the rule of a kind is on. */
const vcluster_sync_rule *vcl_copying_rule(const vcluster_sync_rules *rules, const char *kind);

#endif
