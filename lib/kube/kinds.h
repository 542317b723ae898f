/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds that every cluster serves, so that the common ones need no discovery. Constant; what
 * is not here is asked for (discovery.c).
 */
#ifndef VCL_KUBE_KINDS_H
#define VCL_KUBE_KINDS_H

#include "kube/api.h"

/* The table's entry for a kind, or NULL. */
const vcl_resource *vcl_kinds_find(const char *api_version, const char *kind);

/* The table's entry for a plural ("statefulsets"), or NULL: a Status and a path name plurals, a
 * person wants the kind. */
const vcl_resource *vcl_kinds_find_plural(const char *api_version, const char *plural);

/* The table, one by one. */
size_t vcl_kinds_count(void);
const vcl_resource *vcl_kinds_at(size_t index);

#endif
