/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container that stays: waits for the API server of its pod, publishes the kubeconfig and keeps
 * it right. It does not synchronise workloads in this version.
 */
#ifndef RUNTIME_SYNCER_H
#define RUNTIME_SYNCER_H

#include "health.h"
#include "settings.h"

typedef struct rt_syncer_options {
    const char *folder; /* of the certificates */
    int health_port;
    vcluster_cancel *cancel;
} rt_syncer_options;

/* Runs until the token is triggered. */
int rt_syncer_run(const rt_settings *settings,
                  const rt_syncer_options *options,
                  vcluster_error **error);

#endif
