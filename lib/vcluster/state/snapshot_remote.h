/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots that upstream's control plane takes and keeps by itself when it is asked to. */
#ifndef VCL_VCLUSTER_STATE_SNAPSHOT_REMOTE_H
#define VCL_VCLUSTER_STATE_SNAPSHOT_REMOTE_H

#include "data/json.h"
#include "vcluster/client.h"

typedef struct vcl_snapshot_remote {
    vcluster_client *client;
    const char *name;
    const char *namespace_name; /* NULL: wherever it is */
    const char *url;            /* not for lists */
    bool no_wait;
} vcl_snapshot_remote;

int vcl_snapshot_remote_take(const vcl_snapshot_remote *request,
                             vcl_call *call,
                             char **out_json,
                             vcluster_error **error);
int vcl_snapshot_remote_list(const vcl_snapshot_remote *request,
                             vcl_call *call,
                             char **out_json,
                             vcluster_error **error);

/* What the ConfigMap of a request says, as an entry of the list: name, url, phase, created, error.
 * NULL: memory is short. */
cJSON *vcl_snapshot_remote_tell(const cJSON *config_map);

#endif
