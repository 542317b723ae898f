/* SPDX-License-Identifier: Apache-2.0 */
/* Watching virtual clusters: watches of StatefulSets, Deployments, pods and metadata of Secrets,
 * joined by watch_state.h. One thread at a time. */
#ifndef VCL_VCLUSTER_WATCH_H
#define VCL_VCLUSTER_WATCH_H

#include "vcluster/instance.h"

typedef struct vcl_instance_watcher vcl_instance_watcher;

/* Strings are copied; the client must outlive it. */
int vcl_instance_watcher_new(vcluster_client *client,
                             const vcl_instance_query *query,
                             vcl_instance_watcher **out_watcher,
                             vcluster_error **error);
void vcl_instance_watcher_free(vcl_instance_watcher *watcher);
VCL_DEFINE_CLEANUP(vcl_instance_watcher, vcl_instance_watcher_free);

/* The next event, waiting for it. Nothing is told before all that exists is known, so that the
 * first status of each is a true one. *out_instance is the caller's. */
int vcl_instance_watcher_next(vcl_instance_watcher *watcher,
                              vcl_call *call,
                              int *out_event,
                              vcluster_instance **out_instance,
                              vcluster_error **error);

#endif
