/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access to a virtual cluster: the credentials of its kubeconfig Secret (vc-NAME), and the ways to
 * reach it: a forward on 127.0.0.1 or on a private unix socket.
 */
#ifndef VCL_VCLUSTER_CONNECT_ACCESS_H
#define VCL_VCLUSTER_CONNECT_ACCESS_H

#include "vcluster/client.h"

/* Where control planes listen in their pods, if nothing else is said. */
enum { VCL_ACCESS_PORT = 8443 };

/* Credentials and where the control plane listens in its pod. */
typedef struct vcl_access {
    char *name;
    char *namespace_name;
    vcl_kubeconfig_context context; /* endpoint.server as stored: https://localhost:8443 */
    int port;                       /* in the pod */
    char *pod; /* that was ready when it was found: tunnels begin with it; may be NULL */
} vcl_access;

void vcl_access_free(vcl_access *access);
VCL_DEFINE_CLEANUP(vcl_access, vcl_access_free);

/* Read the Secret. PRECONDITION while it is not there yet, or is left over from a deleted
 * namesake (its owner is not today's Service). */
int vcl_access_read(vcl_kube *kube,
                    vcl_call *call,
                    const char *name,
                    const char *namespace_name,
                    vcl_access **out_access,
                    vcluster_error **error);

/* The same in the time of one request, of which there are always two. */
typedef struct vcl_access_place {
    vcl_kube *kube;
    const char *namespace_name;
    const char *name;
} vcl_access_place;
int vcl_access_read_at_once(const vcl_access_place *place,
                            vcl_call *call,
                            vcl_access **out_access,
                            vcluster_error **error);

/* Whether the user may forward to it; see vcl_forward_check_rights(). */
int vcl_access_check_forward(vcl_kube *kube,
                             vcl_call *call,
                             const vcl_access *access,
                             vcluster_error **error);

/* Listen as the options say; which pods and, unless given, which port follows from the access. */
int vcl_access_forward(vcl_kube *kube,
                       const vcl_access *access,
                       const vcl_forward_options *options,
                       vcl_forward **out_forward,
                       vcluster_error **error);

/* The credentials as a source that reads the Secret again when they have expired, the API server
 * refuses them, or its certificate is of another CA. Holds a reference on host. */
int vcl_access_source_new(vcluster_client *host,
                          const vcl_access *access,
                          vcl_login_source **out_source,
                          vcluster_error **error);

typedef struct vcl_way vcl_way; /* way.h */

/* A client of the virtual cluster through a private unix socket; it holds a reference on host. way:
 * one that was begun, and is taken over where it fits; may be NULL. */
int vcl_access_open(vcluster_client *host,
                    const vcl_access *access,
                    vcl_way *way,
                    vcluster_client **out_client,
                    vcluster_error **error);

/* What a kubeconfig is to say. */
typedef struct vcl_access_form {
    const char *server;
    const char *tls_server_name; /* may be NULL, as all texts that follow */
    bool insecure;               /* certificates are not verified */
    const char *context_name;
    const char *host_context;
    const char *token;               /* in place of the administrator's certificate */
    const vcl_kubeconfig_exec *exec; /* the same */
} vcl_access_form;

int vcl_access_kubeconfig(const vcl_access *access,
                          const vcl_access_form *form,
                          char **out_text,
                          vcluster_error **error);

#endif
