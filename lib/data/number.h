/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers as text, in the forms that JSON and Go use. Independent of the locale of the process.
 */
#ifndef VCL_DATA_NUMBER_H
#define VCL_DATA_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* Room for any of the texts below. */
enum { VCL_NUMBER_SIZE = 40 };

/* Read a decimal number (sign, digits, point, exponent); false when text is anything else or the
 * value is too large for a double. */
bool vcl_parse_double(const char *text, double *out_value);

/* Whether a double of the number that text names is printed again as the same number: true for 0.1
 * and 1e5, false for 9007199254740993, 1152921504606846976 (printed as ...847000) and 1e400. */
bool vcl_double_keeps(const char *text, double *out_value);

/* The shortest text that reads back as the same double, as encoding/json writes it: no exponent
 * from 1e-6 up to 1e21. "null" for what is not finite. */
void vcl_format_json_double(double value, char text[VCL_NUMBER_SIZE]);

/* The same as Go's %v writes it: with an exponent below 1e-4 and from 1e6. */
void vcl_format_go_double(double value, char text[VCL_NUMBER_SIZE]);
/* The same for a float, which needs fewer digits. */
void vcl_format_go_float(float value, char text[VCL_NUMBER_SIZE]);

#endif
