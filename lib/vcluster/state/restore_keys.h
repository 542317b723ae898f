/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys that a snapshot brings: all of them where it was taken, elsewhere that of the service
 * accounts only, so that nobody's kubeconfig opens both. What was published under another authority
 * goes, and the runtime publishes it again.
 */
#ifndef VCL_VCLUSTER_RESTORE_KEYS_H
#define VCL_VCLUSTER_RESTORE_KEYS_H

#include "vcluster/client.h"
#include "vcluster/instance.h"

/* about: the head of the snapshot. May be repeated. */
int vcl_restore_keys(vcl_kube *kube,
                     vcl_call *call,
                     const cJSON *about,
                     const vcluster_instance *instance,
                     vcluster_error **error);

#endif
