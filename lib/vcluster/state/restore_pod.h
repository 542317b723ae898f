/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pod NAME-restore, in which the data of a snapshot take the place of the store's while the
 * control plane is down: a copy of the workload's pod with the same volume and other containers.
 */
#ifndef VCL_VCLUSTER_STATE_RESTORE_POD_H
#define VCL_VCLUSTER_STATE_RESTORE_POD_H

#include "release/record.h"
#include "vcluster/client.h"
#include "vcluster/state/snapshot_file.h"

#define VCL_RESTORE_PROGRAM "vcluster-runtime" /* in its containers */

typedef struct vcl_restore_pod {
    vcl_kube *kube;
    const char *name; /* of the virtual cluster */
    const char *namespace_name;
    const char *store;     /* sqlite, etcd, etcd-deploy */
    const cJSON *workload; /* of the control plane */
    const cJSON *etcd;     /* of a deployed etcd, else NULL */
    vcl_record *record;    /* its lock is renewed meanwhile; may be NULL */
} vcl_restore_pod;

/* Name of the volume claim with the store's data, and of the pod; NULL: memory is short. */
char *vcl_restore_claim(const vcl_restore_pod *pod);
char *vcl_restore_pod_name(const vcl_restore_pod *pod);

/* Name, labels and owner of the pod: it goes with the control plane's workload. */
bool vcl_restore_pod_label(const vcl_restore_pod *pod, const char *app, cJSON *metadata);
/* A container of a workload; NULL: there is none of that name. */
const cJSON *vcl_restore_container(const cJSON *workload, const char *name);

/* The pod as it is created. */
int vcl_restore_pod_build(const vcl_restore_pod *pod, cJSON **out_object, vcluster_error **error);

/* Ask for what there is of it to go; without its data it does nothing until then. 1: nothing. */
int vcl_restore_pod_dismiss(const vcl_restore_pod *pod, vcl_call *call, vcluster_error **error);

/* The same, and wait until it is gone. */
int vcl_restore_pod_remove(const vcl_restore_pod *pod,
                           vcl_call *call,
                           const char *name,
                           vcluster_error **error);

/* Until the pod is where it should be: receiving, or done. UNAVAILABLE where it cannot get there.
 */
int vcl_restore_pod_await(const vcl_restore_pod *pod,
                          vcl_call *call,
                          const char *name,
                          bool done,
                          vcluster_error **error);

/* Run it from beginning to end; what an earlier one left is taken away first, and where a
 * connection is lost under way, what this one does. *out_sent: the data were given to it whole, so
 * that they may be in place also when this fails. In restore_run.c. */
int vcl_restore_pod_run(const vcl_restore_pod *pod,
                        vcl_call *call,
                        const vcl_snapshot_file *file,
                        bool *out_sent,
                        vcluster_error **error);

#endif
