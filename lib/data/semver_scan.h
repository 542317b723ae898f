/* SPDX-License-Identifier: Apache-2.0 */
/* What semver.c, semver_constraint.c and semver_quote.c share, and nobody else. */
#ifndef VCL_DATA_SEMVER_SCAN_H
#define VCL_DATA_SEMVER_SCAN_H

#include "base/buf.h"

typedef struct vcl_semver_part {
    const char *text; /* not terminated */
    size_t size;
} vcl_semver_part;

typedef struct vcl_semver_parts {
    vcl_semver_part segments[3];
    vcl_semver_part prerelease;
    vcl_semver_part metadata;
    const char *end; /* behind the version */
} vcl_semver_parts;

/* Take the longest version at the start of a text apart: "v1", "1.2-rc.1+x"; with wildcards the
 * segments are made of digits and any of "xX*|". False when there is none. */
bool vcl_semver_scan(const char *text, bool wildcards, vcl_semver_parts *out_parts);

/* Precedence of two pre-releases, either of which may be "". */
int vcl_semver_compare_prerelease(const char *a, const char *b);

/* Add a text in double quotes, as Go's %q prints it. */
bool vcl_semver_quote(vcl_buf *buf, const char *text);

#endif
