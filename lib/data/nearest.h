/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did you mean ...? The known name that differs in case only, or else in the fewest letters; a swap
 * of two neighbours counts as one. Feed it the known names one by one.
 */
#ifndef VCL_DATA_NEAREST_H
#define VCL_DATA_NEAREST_H

#include <stddef.h>

typedef struct vcl_nearest {
    const char *unknown;
    size_t size;
    int distance;      /* of what was found; at first, one more than may be */
    const char *found; /* NULL: none is near; borrowed */
} vcl_nearest;

void vcl_nearest_begin(vcl_nearest *nearest, const char *unknown);
void vcl_nearest_try(vcl_nearest *nearest, const char *known);

#endif
