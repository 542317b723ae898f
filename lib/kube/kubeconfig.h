/* SPDX-License-Identifier: Apache-2.0 */
/* Reading kubeconfigs: $KUBECONFIG lists, a path, or text; one context becomes a vcl_endpoint. */
#ifndef VCL_KUBE_KUBECONFIG_H
#define VCL_KUBE_KUBECONFIG_H

#include "data/json.h"
#include "net/http.h"

/* Which programs the exec entries of a kubeconfig may run; values as in vcluster_exec_policy. */
typedef enum vcl_exec_policy {
    VCL_EXEC_DEFAULT, /* those of files; none of a text */
    VCL_EXEC_ALLOW,
    VCL_EXEC_DENY,
    VCL_EXEC_ALLOWLIST
} vcl_exec_policy;

typedef struct vcl_kubeconfig_source {
    const char *path;    /* only this file; must exist */
    const char *text;    /* wins over path */
    const char *context; /* NULL: current-context */

    /* In place of what the kubeconfig says; NULL: nothing. */
    const char *server; /* tls-server-name of the kubeconfig does not hold for it */
    const char *namespace_name;
    const char *impersonate_user;
    const char *const *impersonate_groups; /* up to a NULL */

    vcl_exec_policy exec_policy;
    const char *const *exec_allowlist; /* names in $PATH, or paths, up to a NULL */
    bool allow_file_references;        /* of a text, too, relative to the working directory */
} vcl_kubeconfig_source;

/* What one context says. */
typedef struct vcl_kubeconfig_context {
    char *name;           /* "" for the in-cluster configuration */
    char *namespace_name; /* "" when the context names none */
    vcl_endpoint endpoint;
} vcl_kubeconfig_context;

void vcl_kubeconfig_context_done(vcl_kubeconfig_context *context);

/* Resolve one context. Errors: NOT_FOUND (file, context), CONFIG (malformed or contradictory
 * entries, with file and field; what the source does not allow), UNSUPPORTED (auth-provider),
 * UNAUTHENTICATED (a certificate that has expired). Runs no program. */
int vcl_kubeconfig_resolve(const vcl_kubeconfig_source *source,
                           vcl_kubeconfig_context *out_context,
                           vcluster_error **error);

/* A program that logs in, as it is written out. */
typedef struct vcl_kubeconfig_exec {
    const char *command;
    const char *const *arguments; /* up to a NULL */
    const char *kubeconfig;       /* its $KUBECONFIG */
    const char *install_hint;
} vcl_kubeconfig_exec;

/* Parameters of a kubeconfig that is written out. */
typedef struct vcl_kubeconfig_entry {
    const char *name; /* of cluster, user and context */
    const char *server;
    const char *tls_server_name; /* may be NULL */
    bool insecure;               /* the certificate is not verified, and ca_pem left out */
    const char *ca_pem;
    const char *client_cert_pem; /* certificate and key, or token */
    const char *client_key_pem;
    const char *token;
    const vcl_kubeconfig_exec *exec; /* in place of all three; may be NULL */
    const char *namespace_name;      /* may be NULL */
    /* Which virtual cluster it leads to, for whoever finds it in a kubeconfig; may be NULL. */
    const char *instance_name;
    const char *instance_namespace;
    const char *host_context;
} vcl_kubeconfig_entry;

/* The files that a source without text reads, as a list like $KUBECONFIG of absolute paths;
 * "/dev/null" where none is there. NULL when memory is short or there is no working directory. */
char *vcl_kubeconfig_list(const char *path);

/* A self-contained kubeconfig with one context. *out_text holds secrets: vcl_free_secret(). */
int vcl_kubeconfig_write(const vcl_kubeconfig_entry *entry,
                         char **out_text,
                         vcluster_error **error);

#endif
