/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a virtual cluster into a file, and out of one. */
#ifndef VCL_VCLUSTER_STATE_SNAPSHOT_H
#define VCL_VCLUSTER_STATE_SNAPSHOT_H

#include <libvcluster/snapshot.h>

#include "vcluster/client.h"
#include "vcluster/state/snapshot_file.h"

#define VCL_CERTS_SECRET "%s-certs"
/* On workloads of the embedded distribution: sqlite, etcd, etcd-deploy, database. */
#define VCL_ANNOTATION_STORE "libvcluster.dev/store"

typedef struct vcl_snapshot_request {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    const char *path;           /* NULL: fd */
    int fd;
} vcl_snapshot_request;

int vcl_snapshot_take(const vcl_snapshot_request *request,
                      vcl_call *call,
                      char **out_json,
                      vcluster_error **error);

int vcl_snapshot_restore(const vcl_snapshot_request *request,
                         vcl_call *call,
                         vcluster_instance **out_instance,
                         vcluster_error **error);

/* A workload of the embedded distribution and the name of its store; the latter is borrowed from
 * the former. */
int vcl_snapshot_look(const vcl_snapshot_request *request,
                      vcl_call *call,
                      const vcluster_instance *instance,
                      cJSON **out_workload,
                      const char **out_store,
                      vcluster_error **error);

/* Of something that was there: NOT_FOUND means that somebody has deleted it, a CONFLICT. */
int vcl_snapshot_tell_deleted(int status, vcluster_error **error);

/* Keys of the certificates' Secret that a snapshot keeps: those that cannot be made again. */
extern const char *const vcl_snapshot_keys[];

#endif
