/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of many versions is the one that was asked for. Mirrors Helm 3.21 (pkg/repo/index.go): an
 * exact match first, else the newest that the constraint allows.
 */
#ifndef VCL_REPO_CHOOSE_H
#define VCL_REPO_CHOOSE_H

#include "data/semver.h"

typedef struct vcl_wanted {
    const char *text; /* NULL: the newest; borrowed */
    vcl_constraint *constraint;
    bool prereleases;
    bool pinned; /* text is one version, complete */
} vcl_wanted;

/* INVALID_ARGUMENT: text is neither a version nor a constraint. */
int vcl_wanted_init(vcl_wanted *wanted, const char *text, bool prereleases, vcluster_error **error);
void vcl_wanted_done(vcl_wanted *wanted);

/* Versions to choose from. */
typedef struct vcl_candidate {
    vcl_version version;
    size_t index; /* what the caller knows it by */
} vcl_candidate;

typedef struct vcl_candidates {
    vcl_candidate *items;
    size_t count;
    size_t capacity;
} vcl_candidates;

/* A text that is no version is left out. False: memory is short. */
bool vcl_candidates_add(vcl_candidates *candidates, const char *text, bool strict, size_t index);
void vcl_candidates_done(vcl_candidates *candidates);

/* The index of the one that is wanted; false for none. Sorts the candidates, newest first. */
bool vcl_candidates_choose(vcl_candidates *candidates, const vcl_wanted *wanted, size_t *out_index);

/* Some versions near to what was wanted, "1.2, 1.1": "" when there are none, NULL when memory is
 * short. For sorted candidates; the caller frees it. */
char *vcl_candidates_near(const vcl_candidates *candidates, const vcl_wanted *wanted);

#define VCL_AUTO_WANTED __attribute__((cleanup(vcl_wanted_done))) vcl_wanted
#define VCL_AUTO_CANDIDATES __attribute__((cleanup(vcl_candidates_done))) vcl_candidates

#endif
