/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens of service accounts by the TokenRequest API. */
#ifndef VCL_KUBE_TOKEN_REQUEST_H
#define VCL_KUBE_TOKEN_REQUEST_H

#include "kube/api.h"

typedef struct vcl_token_request {
    const char *namespace_name;
    const char *service_account;
    int64_t expiration_s;
    const char *const *audiences; /* up to a NULL; NULL: the API server's own */
} vcl_token_request;

/* Ask for a token; login gets it and its expiry. NOT_FOUND: no such account. */
int vcl_kube_token_request(vcl_kube *kube,
                           vcl_call *call,
                           const vcl_token_request *request,
                           vcl_login *login,
                           vcluster_error **error);

#endif
