/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots that upstream's control plane takes, keeps and deletes by itself when it is asked to.
 */
#ifndef VCL_VCLUSTER_STATE_SNAPSHOT_REMOTE_H
#define VCL_VCLUSTER_STATE_SNAPSHOT_REMOTE_H

#include "base/buf.h"
#include "data/json.h"
#include "vcluster/client.h"
#include "vcluster/instance.h"

typedef struct vcl_snapshot_remote {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    const char *url;            /* not for lists */
    bool no_wait;
    bool remove; /* delete the one that is kept there */
} vcl_snapshot_remote;

/* Whether it can be asked for snapshots, or restored from a URL: upstream's, new enough, running
 * (or left half restored, for the latter). */
int vcl_snapshot_remote_check(const vcluster_instance *instance,
                              bool for_restore,
                              vcluster_error **error);

int vcl_snapshot_remote_take(const vcl_snapshot_remote *request,
                             vcl_call *call,
                             char **out_json,
                             vcluster_error **error);
/* What was asked for in the last day. */
int vcl_snapshot_remote_list(const vcl_snapshot_remote *request,
                             vcl_call *call,
                             char **out_json,
                             vcluster_error **error);

/* What is kept at the URL, or beside it, as the control plane finds it there. */
int vcl_snapshot_remote_stored(const vcl_snapshot_remote *request,
                               vcl_call *call,
                               char **out_json,
                               vcluster_error **error);

/* What upstream's program prints about them, as such an array. PROTOCOL. */
int vcl_snapshot_remote_tell_stored(const vcl_buf *said, char **out_json, vcluster_error **error);

/* out_json may be NULL. */
int vcl_snapshot_remote_print(const cJSON *tree, char **out_json, vcluster_error **error);

/* What the ConfigMap of a request says, as an entry of the list: name, url, phase, created, error.
 * NULL: memory is short. */
cJSON *vcl_snapshot_remote_tell(const cJSON *config_map);

#endif
