/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two documents of the client.authentication.k8s.io protocol: what a credential plugin is told
 * in $KUBERNETES_EXEC_INFO, and what it answers. Not for other layers.
 */
#ifndef VCL_KUBE_EXEC_CREDENTIAL_H
#define VCL_KUBE_EXEC_CREDENTIAL_H

#include "data/json.h"
#include "net/http.h"

#define VCL_EXEC_V1 "client.authentication.k8s.io/v1"
#define VCL_EXEC_V1BETA1 "client.authentication.k8s.io/v1beta1"

/* The request. endpoint NULL: nothing about the cluster; config may be NULL. NULL when memory is
 * short. Holds secrets if config does. */
char *vcl_exec_info_print(const char *api_version,
                          const vcl_endpoint *endpoint,
                          const char *server,
                          const cJSON *config);

/* Read an answer into login. UNAUTHENTICATED: it is none; the error repeats nothing of it. */
int vcl_exec_credential_parse(const char *text,
                              size_t size,
                              const char *api_version,
                              vcl_login *login,
                              vcluster_error **error);

#endif
