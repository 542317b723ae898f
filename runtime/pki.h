/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first container of the pod: certificates. They are kept in Secret NAME-certs; whoever creates
 * it first wins, and every later start uses what is there.
 */
#ifndef RUNTIME_PKI_H
#define RUNTIME_PKI_H

#include "bundle.h"
#include "host.h"

/* Load the bundle from the host, or make it and keep it there. */
int rt_pki_obtain(vcl_kube *host,
                  vcl_call *call,
                  const rt_settings *settings,
                  const cJSON *service,
                  rt_bundle *out_bundle,
                  vcluster_error **error);

/* The whole job, tried again until it is done or the call ends: afterwards the files are in
 * folder. */
int rt_pki_run(const rt_settings *settings,
               vcl_call *call,
               const char *folder,
               vcluster_error **error);

#endif
