/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the objects of a virtual cluster say about it: a workload makes an instance, its pods and
 * the metadata of its configuration Secret add status, readiness and sleep. Lists and watches both
 * compute a status here. Status and version as upstream's list has them (v0.36), plus a readiness
 * that is true.
 */
#ifndef VCL_VCLUSTER_COMPOSE_H
#define VCL_VCLUSTER_COMPOSE_H

#include "data/json.h"
#include "vcluster/instance.h"

/* What one pod, or the metadata of one configuration Secret, adds to a virtual cluster. */
typedef struct vcl_instance_part {
    char *namespace_name;
    char *name;   /* of the virtual cluster */
    char *status; /* of a pod; NULL for a Secret */
    char *pod;    /* its own name, where it is ready and stays; NULL otherwise */
    bool ready;
    bool sleeping;
} vcl_instance_part;

void vcl_instance_part_done(vcl_instance_part *part);

/* Each returns 1, 0 for an object that says nothing about a virtual cluster, or an error. Of
 * Secrets only those that carry a sign of sleep do. */
int vcl_compose_workload(const cJSON *item,
                         const char *kind,
                         vcluster_instance *out,
                         vcluster_error **error);
int vcl_compose_pod(const cJSON *item, vcl_instance_part *out, vcluster_error **error);
int vcl_compose_secret(const cJSON *item, vcl_instance_part *out, vcluster_error **error);

/* Whether a workload says so, by its metadata alone: its pods may not have ended yet. */
bool vcl_workload_is_paused(const cJSON *workload);

/* Who makes an object from a repository, such as "Argo CD"; NULL: nobody. */
const char *vcl_gitops_of(const cJSON *object);

/* Take away what the three above do not read: a StatefulSet shrinks to a tenth. */
void vcl_compose_trim(cJSON *item);

/* Add a part of the same name and namespace; Secrets first, for a sleeping one's pods run. A paused
 * one stays "Paused" whatever its pods do: its annotation comes first. false: memory is short. */
bool vcl_compose_join(vcluster_instance *instance, const vcl_instance_part *added);
/* After the last part. */
bool vcl_compose_finish(vcluster_instance *instance, bool pods_known, bool secrets_known);

#endif
