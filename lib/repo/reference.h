/* SPDX-License-Identifier: Apache-2.0 */
/* What names a chart: which kind of reference a text is, and the parts of "oci://...". */
#ifndef VCL_REPO_REFERENCE_H
#define VCL_REPO_REFERENCE_H

#include <stdbool.h>

#include "base/error.h"

typedef enum vcl_reference_kind {
    VCL_REFERENCE_PATH,
    VCL_REFERENCE_URL,
    VCL_REFERENCE_OCI,
    VCL_REFERENCE_NAME
} vcl_reference_kind;

/* in_repository: a repository was named, so that a plain text is the name of a chart there. */
vcl_reference_kind vcl_reference_kind_of(const char *text, bool in_repository);

/* Whether a text begins with http:// or https://, whatever the case. */
bool vcl_is_http_url(const char *text);

typedef struct vcl_oci_reference {
    char *host;   /* "ghcr.io", "localhost:5000" */
    char *path;   /* "org/charts/name" */
    char *tag;    /* with '_' for '+'; may be NULL */
    char *digest; /* 64 hexadecimal digits; may be NULL */
} vcl_oci_reference;

/* "oci://HOST/PATH[:TAG][@sha256:DIGEST]". INVALID_ARGUMENT. */
int vcl_oci_reference_parse(const char *text, vcl_oci_reference *out, vcluster_error **error);
void vcl_oci_reference_done(vcl_oci_reference *reference);

/* The tag of a version, freed by the caller: registries have no '+'. INVALID_ARGUMENT when it
 * cannot be one. */
int vcl_oci_tag(const char *version, char **out_tag, vcluster_error **error);

#endif
