/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of virtual clusters, and the lists that make them. */
#ifndef VCL_VCLUSTER_INSTANCE_H
#define VCL_VCLUSTER_INSTANCE_H

#include <libvcluster/instance.h>

#include "base/call.h"
#include "data/json.h"

struct vcluster_instance {
    char *name;
    char *namespace_name;
    char *status;
    char *version;
    char *distribution;
    char *kubernetes_version;
    char *note;
    char *workload_kind; /* StatefulSet or Deployment */
    char *workload_name;
    char *uid; /* of the workload, as is resource_version */
    char *resource_version;
    char *owner;        /* NULL: none is named */
    char *gitops;       /* who makes it from a repository, such as "Argo CD"; NULL: nobody */
    char *pod;          /* one that is ready; NULL: none, or not known */
    char *reaping;      /* its deletion has begun because it has expired; NULL: it has not */
    int64_t expires_at; /* seconds since 1970; 0: never */
    int64_t created;
    int64_t replicas; /* wanted */
    bool ready;
    bool guarded; /* loft.sh/non-deletable */
    bool paused;
    bool restoring;          /* a restore is at work on it, or was cut short */
    bool restoring_upstream; /* the same of upstream's control plane */
    bool settled;            /* its pods are those of its newest template */
};

struct vcluster_instance_list {
    vcluster_instance *items; /* sorted by namespace, then name */
    size_t count;
};

VCL_DEFINE_CLEANUP(vcluster_instance, vcluster_instance_free);
VCL_DEFINE_CLEANUP(vcluster_instance_list, vcluster_instance_list_free);

/* Which virtual clusters to list: NULL members mean all. */
typedef struct vcl_instance_query {
    const char *namespace_name;
    const char *name;
} vcl_instance_query;

/* Four lists at once: StatefulSets, Deployments, pods, metadata of Secrets. */
int vcl_instances_list(vcluster_client *client,
                       vcl_call *call,
                       const vcl_instance_query *query,
                       vcluster_instance_list **out_list,
                       vcluster_error **error);

/* The one of that name; namespace_name NULL: wherever it is. NOT_FOUND; PRECONDITION when the name
 * stands in several namespaces. */
int vcl_instance_find(vcluster_client *client,
                      vcl_call *call,
                      const char *name,
                      const char *namespace_name,
                      vcluster_instance **out_instance,
                      vcluster_error **error);

/* NULL when memory is short. */
vcluster_instance *vcl_instance_copy(const vcluster_instance *instance);
/* What vcluster_instance_to_json() prints; NULL when memory is short. */
cJSON *vcl_instance_tree(const vcluster_instance *instance);
/* Empty a snapshot that is part of a list. */
void vcl_instance_done(vcluster_instance *instance);

#endif
