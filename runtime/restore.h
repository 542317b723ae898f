/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of a restore, which runs in a pod of its own while the control plane is down:
 *
 *     hold     the first container: clears what an earlier attempt left, waits for the data
 *     receive  run in it by an exec: takes the form of snapshot.h from standard input, checks it
 *     commit   the last container: puts the new data in the place of the old ones at one stroke
 *
 * Between them etcd's own etcdutl makes a data folder of an etcd snapshot. Whenever this is killed,
 * the store has its old data or its new ones, whole.
 */
#ifndef RUNTIME_RESTORE_H
#define RUNTIME_RESTORE_H

#include "base/call.h"

typedef struct rt_restore_options {
    const char *store; /* as in rt_snapshot_options */
    const char *data;  /* folder of the store's data: /data */
    const char *signs; /* folder of this pod alone: /tmp */
    int input;
} rt_restore_options;

int rt_restore_hold(const rt_restore_options *options, vcl_call *call, vcluster_error **error);
int rt_restore_receive(const rt_restore_options *options, vcl_call *call, vcluster_error **error);
int rt_restore_commit(const rt_restore_options *options, vcluster_error **error);

#endif
