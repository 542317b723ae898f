/* SPDX-License-Identifier: Apache-2.0 */
/* Between text and numbers as Go's strconv and the cast package of Helm's functions do it. */
#ifndef VCL_CHART_TEMPLATE_CONVERT_H
#define VCL_CHART_TEMPLATE_CONVERT_H

#include "chart/template/value.h"

/* strconv.ParseInt and ParseUint with 64 bits. Base 0: prefixes 0x, 0o, 0b, 0 and underscores. */
bool vcl_tpl_parse_int(vcl_tpl_text text, int base, int64_t *out_value);
bool vcl_tpl_parse_uint(vcl_tpl_text text, int base, uint64_t *out_value);
/* strconv.ParseFloat; false also for what is out of range. */
bool vcl_tpl_parse_float(vcl_tpl_text text, double *out_value);

/* Whatever a value says as a number; 0 when it says none ("x", a list). */
int64_t vcl_tpl_to_int64(const vcl_tpl_value *value);
double vcl_tpl_to_float64(const vcl_tpl_value *value);

#endif
