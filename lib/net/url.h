/* SPDX-License-Identifier: Apache-2.0 */
/* http and https URLs: taken apart into what a vcl_http is made for and what it is asked. */
#ifndef VCL_NET_URL_H
#define VCL_NET_URL_H

#include <stdbool.h>

#include "base/error.h"

typedef struct vcl_http_url {
    char *origin; /* "https://host:443": lower case, always with a port */
    char *host;   /* without the port */
    char *path;   /* "/" at least */
    char *target; /* path and query, for vcl_http_request.path */
    char *text;   /* origin and target */
    bool tls;
} vcl_http_url;

void vcl_http_url_done(vcl_http_url *url);

/* INVALID_ARGUMENT: it is no such URL, or holds a user name. Fragments are dropped. */
int vcl_http_url_parse(const char *text, vcl_http_url *out_url, vcluster_error **error);

/* What a reference ("x.tgz", "/x", "//h/x", "https://h/x") means in a document at base. The result
 * need not be http(s); the caller frees it. INVALID_ARGUMENT: it means nothing. */
int vcl_http_url_resolve(const char *base,
                         const char *reference,
                         char **out_url,
                         vcluster_error **error);

#endif
