/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes quantities ("500m", "1.5Gi", "2e3") with exact arithmetic in units of 10^-9, as the
 * API server counts: finer digits are rounded away from zero. Values reach +-10^28; what is larger
 * is refused rather than capped.
 */
#ifndef VCL_DATA_QUANTITY_H
#define VCL_DATA_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>

#include <libvcluster/error.h>

/* How a quantity was written, and is written again. */
typedef enum vcl_quantity_form {
    VCL_QUANTITY_DECIMAL = 0, /* n u m "" k M G T P E */
    VCL_QUANTITY_BINARY = 1,  /* Ki Mi Gi Ti Pi Ei */
    VCL_QUANTITY_EXPONENT = 2 /* e3 */
} vcl_quantity_form;

typedef struct vcl_quantity {
    __int128 nano;
    vcl_quantity_form form;
} vcl_quantity;

enum { VCL_QUANTITY_TEXT = 48 };

/* Read a whole text. The error says what is wrong with it and gives an example. */
int vcl_quantity_parse(const char *text, vcl_quantity *out_quantity, vcluster_error **error);

/* Write it as the API server does: the largest suffix that leaves an integer. */
void vcl_quantity_print(const vcl_quantity *quantity, char out_text[VCL_QUANTITY_TEXT]);

vcl_quantity vcl_quantity_from_int(int64_t value);

/* -1, 0, 1. */
int vcl_quantity_compare(const vcl_quantity *a, const vcl_quantity *b);

/* a += b, a -= b: false, and a untouched, where the sum would be out of range. A zero takes the
 * form of what is added to it. */
bool vcl_quantity_add(vcl_quantity *a, const vcl_quantity *b);
bool vcl_quantity_subtract(vcl_quantity *a, const vcl_quantity *b);

/* a *= factor; as above. */
bool vcl_quantity_multiply(vcl_quantity *a, int64_t factor);

/* a *= numerator / denominator (both positive), rounded up to the unit 10^-9; as above. */
bool vcl_quantity_scale(vcl_quantity *a, int64_t numerator, int64_t denominator);

#endif
