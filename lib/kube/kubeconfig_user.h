/* SPDX-License-Identifier: Apache-2.0 */
/* Who we are: the user of a kubeconfig, or the service account of the pod this runs in. */
#ifndef VCL_KUBE_KUBECONFIG_USER_H
#define VCL_KUBE_KUBECONFIG_USER_H

#include "kube/kubeconfig_files.h"

/* Put a user's credentials into the endpoint, whose cluster was read. */
int vcl_kubeconfig_read_user(const vcl_config_entry *user,
                             const vcl_config_entry *cluster,
                             const vcl_kubeconfig_source *source,
                             vcl_endpoint *endpoint,
                             vcluster_error **error);

/* kubeconfig_tls.c: look at the certificates and the key that the endpoint has by then. */
int vcl_kubeconfig_read_tls(const vcl_config_entry *user,
                            const vcl_config_entry *cluster,
                            vcl_endpoint *endpoint,
                            vcluster_error **error);

/* impersonate.c: the headers of as, as-uid, as-groups and as-user-extra, and of what the source
 * says in their place. user may be NULL. */
int vcl_kubeconfig_impersonate(const vcl_config_entry *user,
                               const vcl_kubeconfig_source *source,
                               vcl_endpoint *endpoint,
                               vcluster_error **error);

#define VCL_SERVICE_ACCOUNT_FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"

/* Whether this runs in a pod that may talk to its API server. */
bool vcl_in_cluster_available(const char *folder);
int vcl_in_cluster_read(const char *folder,
                        vcl_kubeconfig_context *out_context,
                        vcluster_error **error);

#endif
