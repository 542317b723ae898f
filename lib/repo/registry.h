/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to one repository of an OCI registry. Nobody's credentials are sent before the registry
 * asks for them; then by Basic, or to the token server that it names, for a token.
 */
#ifndef VCL_REPO_REGISTRY_H
#define VCL_REPO_REGISTRY_H

#include "repo/credentials.h"
#include "repo/reference.h"
#include "repo/transport.h"

typedef struct vcl_registry {
    vcl_transport *transport;
    vcl_call *call;
    const vcl_oci_reference *reference;
    char *origin;        /* "https://host:port" */
    char *authorization; /* once the registry asked for it */
    bool asked;          /* for credentials: once is enough */
    bool own_options;    /* username and password of the options are for this registry */
    vcl_credentials credentials;
} vcl_registry;

/* reference, transport and call must outlive it. */
int vcl_registry_init(vcl_registry *registry,
                      vcl_transport *transport,
                      vcl_call *call,
                      const vcl_oci_reference *reference,
                      bool own_options,
                      vcluster_error **error);
void vcl_registry_done(vcl_registry *registry);

/* GET origin/v2/PATH/suffix, logging in when asked to. The answer may have any status. */
int vcl_registry_get(vcl_registry *registry,
                     const char *suffix,
                     const char *accept,
                     size_t max,
                     vcl_http_response *response,
                     vcluster_error **error);

/* The error for an answer that is not 2xx. */
int vcl_registry_refused(const vcl_registry *registry,
                         const vcl_http_response *response,
                         const char *what,
                         vcluster_error **error);

#define VCL_AUTO_REGISTRY __attribute__((cleanup(vcl_registry_done))) vcl_registry

#endif
