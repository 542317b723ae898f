/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Service accounts in a virtual cluster: made with their binding where they are missing, asked for
 * tokens, removed again. What is made is marked as ours, and only what is marked is changed or
 * removed.
 */
#ifndef VCL_VCLUSTER_CONNECT_SERVICE_ACCOUNT_H
#define VCL_VCLUSTER_CONNECT_SERVICE_ACCOUNT_H

#include <libvcluster/credential.h>

#include "kube/token_request.h"

/* One account and what is wanted of it. Strings are owned. */
typedef struct vcl_account {
    char *namespace_name;
    char *name;
    char *binding; /* its name */
    char *cluster_role;
    char *role;
    char *role_namespace;
    char **audiences; /* up to a NULL; may be NULL */
    int64_t expiration_s;
    bool create;
} vcl_account;

/* Defaults filled in. INVALID_ARGUMENT for names and combinations that cannot be. */
int vcl_account_init(vcl_account *account,
                     const vcluster_token_options *options,
                     vcluster_error **error);
void vcl_account_done(vcl_account *account);

/* A token, everything that is missing made first. kube is the virtual cluster's administrator. */
int vcl_account_token(vcl_kube *kube,
                      vcl_call *call,
                      const vcl_account *account,
                      vcl_login *login,
                      vcluster_error **error);

/* Remove bindings and account, as far as they are ours. *out_removed: whether anything was. */
int vcl_account_remove(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_account *account,
                       bool *out_removed,
                       vcluster_error **error);

/* service_binding.c: an object with our mark, whether one has it, and deleting one as it was read
 * (one that is gone is fine). */
cJSON *vcl_account_object(const char *api_version, const char *kind, const char *name);
bool vcl_account_is_ours(const cJSON *object);
int vcl_account_drop(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_object_key *key,
                     const cJSON *object,
                     vcluster_error **error);
/* Bind the role that is wanted, and wait until the API server goes by it; remove all bindings. */
int vcl_account_bind(vcl_kube *kube,
                     vcl_call *call,
                     const vcl_account *account,
                     vcluster_error **error);
int vcl_account_unbind(vcl_kube *kube,
                       vcl_call *call,
                       const vcl_account *account,
                       bool *out_removed,
                       vcluster_error **error);

#endif
