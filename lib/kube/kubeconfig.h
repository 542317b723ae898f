/* SPDX-License-Identifier: Apache-2.0 */
/* Reading kubeconfigs: $KUBECONFIG lists, a path, or text; one context becomes a vcl_endpoint. */
#ifndef VCL_KUBE_KUBECONFIG_H
#define VCL_KUBE_KUBECONFIG_H

#include "data/json.h"
#include "net/http.h"

typedef struct vcl_kubeconfig_source {
    const char *path;    /* only this file; must exist */
    const char *text;    /* wins over path; file references inside are refused */
    const char *context; /* NULL: current-context */
} vcl_kubeconfig_source;

/* What one context says. */
typedef struct vcl_kubeconfig_context {
    char *name;           /* "" for the in-cluster configuration */
    char *namespace_name; /* "" when the context names none */
    vcl_endpoint endpoint;
} vcl_kubeconfig_context;

void vcl_kubeconfig_context_done(vcl_kubeconfig_context *context);

/* Resolve one context. Errors: NOT_FOUND (file, context), CONFIG (malformed or contradictory
 * entries, with file and field), UNSUPPORTED (exec and auth-provider, until they come). */
int vcl_kubeconfig_resolve(const vcl_kubeconfig_source *source,
                           vcl_kubeconfig_context *out_context,
                           vcluster_error **error);

/* Parameters of a kubeconfig that is written out. */
typedef struct vcl_kubeconfig_entry {
    const char *name; /* of cluster, user and context */
    const char *server;
    const char *tls_server_name; /* may be NULL */
    const char *ca_pem;
    const char *client_cert_pem; /* certificate and key, or token */
    const char *client_key_pem;
    const char *token;
    const char *namespace_name; /* may be NULL */
} vcl_kubeconfig_entry;

/* A self-contained kubeconfig with one context. *out_text holds secrets: vcl_free_secret(). */
int vcl_kubeconfig_write(const vcl_kubeconfig_entry *entry,
                         char **out_text,
                         vcluster_error **error);

#endif
