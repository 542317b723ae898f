/* SPDX-License-Identifier: Apache-2.0 */
/* Secret vc-NAME: the kubeconfig by which everybody reaches the virtual cluster. */
#ifndef RUNTIME_PUBLISH_H
#define RUNTIME_PUBLISH_H

#include "credentials.h"
#include "host.h"

/* The five keys of the Secret's data, as upstream has them. */
int rt_publish_data(const rt_settings *settings,
                    const rt_credentials *credentials,
                    cJSON **out_data,
                    vcluster_error **error);

/* Create the Secret, or correct it where it differs. *out_foreign: it belonged to an earlier
 * virtual cluster, so that the host may remove it in a moment: look again soon. */
int rt_publish(vcl_kube *host,
               vcl_call *call,
               const rt_settings *settings,
               const rt_credentials *credentials,
               bool *out_foreign,
               vcluster_error **error);

#endif
