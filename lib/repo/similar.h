/* SPDX-License-Identifier: Apache-2.0 */
/* How similar two names are, for "did you mean". */
#ifndef VCL_REPO_SIMILAR_H
#define VCL_REPO_SIMILAR_H

#include <stddef.h>

/* Bytes to insert, remove or replace to make one of the other; only the first 64 are looked at. */
size_t vcl_distance(const char *a, const char *b);

#endif
