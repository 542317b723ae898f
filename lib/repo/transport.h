/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET requests to any number of servers, one vcl_http each, with redirects followed: at most ten,
 * never from https to http, and credentials go to the origins that the caller names and to no
 * other.
 */
#ifndef VCL_REPO_TRANSPORT_H
#define VCL_REPO_TRANSPORT_H

#include <libvcluster/chart.h>

#include "net/http.h"

enum { VCL_MAX_ORIGINS = 16, VCL_MAX_REDIRECTS = 10 };

typedef struct vcl_transport {
    const vcluster_chart_fetch_options *options;
    char *ca_pem;
    char *client_cert_pem;
    char *client_key_pem;
    char *home; /* origin of the first request: the only one that sees the client certificate */
    struct {
        char *origin;
        vcl_http *http;
    } servers[VCL_MAX_ORIGINS];
    size_t count;
    const char *last_origin; /* that answered last */
} vcl_transport;

/* Reads the files that the options name; INVALID_ARGUMENT. options must outlive it. */
int vcl_transport_init(vcl_transport *transport,
                       const vcluster_chart_fetch_options *options,
                       vcluster_error **error);
void vcl_transport_done(vcl_transport *transport);

typedef struct vcl_get {
    const char *url;
    const char *accept;
    const char *authorization; /* may be NULL; for these two origins only, either may be NULL */
    const char *origin;
    const char *other_origin;
    const char *form; /* not NULL: a POST of this form; then redirects are not followed */
    size_t max;
    bool as_stored;
} vcl_get;

/* Send it and follow redirects. The answer may have any other status. */
int vcl_transport_get(vcl_transport *transport,
                      vcl_call *call,
                      const vcl_get *get,
                      vcl_http_response *response,
                      vcluster_error **error);

/* The error for an answer that is not 2xx: what is what was asked for, such as "index of '...'".
 * detail may be NULL. */
int vcl_transport_refused(const vcl_http_response *response,
                          const char *what,
                          const char *detail,
                          vcluster_error **error);

/* "Basic ...", freed with vcl_free_secret(); NULL when memory is short. */
char *vcl_basic_authorization(const char *username, const char *password);

#define VCL_AUTO_TRANSPORT __attribute__((cleanup(vcl_transport_done))) vcl_transport

#define VCL_AUTO_RESPONSE __attribute__((cleanup(vcl_http_response_done))) vcl_http_response

#endif
