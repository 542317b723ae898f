/* SPDX-License-Identifier: Apache-2.0 */
/* The files of the built-in chart, as the build turned them into C. */
#ifndef VCL_CHART_EMBEDDED_H
#define VCL_CHART_EMBEDDED_H

#include <stddef.h>

typedef struct vcl_embedded_file {
    const char *name;
    const unsigned char *data;
    size_t size;
} vcl_embedded_file;

/* Ends with a NULL name. */
extern const vcl_embedded_file vcl_embedded_chart[];

#endif
