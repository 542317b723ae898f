/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Semantic versions and constraints, as Masterminds/semver 3 reads them: Helm's charts are chosen
 * with it, and the template functions semver and semverCompare are made of it.
 */
#ifndef VCL_DATA_SEMVER_H
#define VCL_DATA_SEMVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct vcl_version {
    uint64_t major;
    uint64_t minor;
    uint64_t patch;
    char *prerelease; /* "rc.1" or "" */
    char *metadata;   /* behind '+', or "" */
    char *original;   /* as it was written */
} vcl_version;

void vcl_version_done(vcl_version *version);

/* Read "1.2.3-rc.1+x", and unless strict "v1", "1.2", too. INVALID_ARGUMENT with the wording of the
 * original library, which templates show: "invalid semantic version". */
int vcl_version_parse(const char *text,
                      bool strict,
                      vcl_version *out_version,
                      vcluster_error **error);
/* Precedence; metadata does not count. */
int vcl_version_compare(const vcl_version *a, const vcl_version *b);
/* "1.2.3-rc.1+x", without a leading v; the caller frees it. NULL when memory is short. */
char *vcl_version_format(const vcl_version *version);

/* A constraint: ">=1.2 <2 || ^3, != 3.1.x", "~1.2", "1.2 - 1.4", "*". */
typedef struct vcl_constraint vcl_constraint;
int vcl_constraint_parse(const char *text, vcl_constraint **out_constraint, vcluster_error **error);
void vcl_constraint_free(vcl_constraint *constraint);
/* Pre-releases match only where the constraint names one, or when prereleases is set. */
bool vcl_constraint_matches(const vcl_constraint *constraint,
                            const vcl_version *version,
                            bool prereleases);

#endif
