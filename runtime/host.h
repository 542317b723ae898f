/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host cluster as the runtime sees it: its own Service, and two Secrets that belong to it (so
 * that the host removes them together with the Service).
 */
#ifndef RUNTIME_HOST_H
#define RUNTIME_HOST_H

#include "kube/api.h"
#include "settings.h"

#define RT_FIELD_MANAGER "libvcluster"
#define RT_USER_AGENT "vcluster-runtime"

VCL_DEFINE_CLEANUP(vcl_kube, vcl_kube_free);

/* Connect as the pod's service account (or by $KUBECONFIG, for trying things out by hand). */
int rt_host_open(vcl_kube **out_host, vcluster_error **error);

/* Service NAME of the virtual cluster. */
int rt_host_service(vcl_kube *host,
                    vcl_call *call,
                    const rt_settings *settings,
                    cJSON **out_service,
                    vcluster_error **error);
/* Secret of the virtual cluster's namespace; may hold secrets: vcl_json_free_secret(). */
int rt_host_secret(vcl_kube *host,
                   vcl_call *call,
                   const rt_settings *settings,
                   const char *name,
                   cJSON **out_secret,
                   vcluster_error **error);

/* A Secret with our labels and the Service as owner. `data` is taken over, also on failure. */
int rt_secret_new(const rt_settings *settings,
                  const char *name,
                  const cJSON *service,
                  cJSON *data,
                  cJSON **out_secret,
                  vcluster_error **error);
/* Whether a Secret belongs to another Service than this one: left over from a virtual cluster of
 * the same name, and about to be removed by the host. */
bool rt_secret_is_foreign(const cJSON *secret, const cJSON *service);

/* Whether an error may pass by itself: a network that is coming up, rights that were bound a moment
 * ago, objects that are not seen yet, somebody else's write. */
bool rt_error_passes(const vcluster_error *error);

#endif
