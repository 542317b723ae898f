/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arithmetic on doubles without binary rounding on the way: each number counts as the shortest
 * decimal number that reads back as it, so that 0.1 + 0.2 is 0.3. Quotients have 16 digits behind
 * the point, rounded half away from zero.
 */
#ifndef VCL_DATA_DECIMAL_H
#define VCL_DATA_DECIMAL_H

#include <stddef.h>

#include "base/error.h"

typedef enum vcl_decimal_operation {
    VCL_DECIMAL_ADD,
    VCL_DECIMAL_SUBTRACT,
    VCL_DECIMAL_MULTIPLY,
    VCL_DECIMAL_DIVIDE
} vcl_decimal_operation;

/* Apply the operation from left to right; a single number is the result. INVALID_ARGUMENT for a
 * division by zero and for what is not finite. A result too large for a double is infinite. */
int vcl_decimal_fold(vcl_decimal_operation operation,
                     const double *numbers,
                     size_t count,
                     double *out_result,
                     vcluster_error **error);

#endif
