/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials of registries as docker's config.json holds them. Helpers are never run. */
#ifndef VCL_REPO_CREDENTIALS_H
#define VCL_REPO_CREDENTIALS_H

#include "data/json.h"

typedef struct vcl_credentials {
    char *username;
    char *password;
    char *identity_token; /* a refresh token of the token server */
    char *registry_token; /* the bearer token itself */
    char *helper;         /* what keeps them instead; NULL */
} vcl_credentials;

void vcl_credentials_done(vcl_credentials *credentials);

/* From the options' file, or the first of the usual ones that knows the host ("ghcr.io",
 * "localhost:5000"). All empty when none does. INVALID_ARGUMENT: the named file cannot be read.
 * CONFIG: a file is not what it should be. */
int vcl_credentials_find(const char *config_file,
                         const char *host,
                         vcl_credentials *out_credentials,
                         vcluster_error **error);

/* The same within one such document. */
int vcl_credentials_read(const cJSON *config,
                         const char *host,
                         vcl_credentials *out_credentials,
                         vcluster_error **error);

#endif
