/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, as Go's fmt prints them. */
#ifndef VCL_CHART_TEMPLATE_PRINT_H
#define VCL_CHART_TEMPLATE_PRINT_H

#include "base/buf.h"
#include "chart/template/value.h"

/* %v. A value that is nested too deep makes the buffer fail. */
bool vcl_tpl_print(vcl_buf *buf, const vcl_tpl_value *value);

/* The same for what an action puts out: pointers are followed, a version of Kubernetes is its text.
 */
bool vcl_tpl_print_output(vcl_buf *buf, const vcl_tpl_value *value);

/* fmt.Sprintf. Mistakes in the format appear in the text, as in Go: %!d(string=x). */
bool vcl_tpl_sprintf(vcl_buf *buf, vcl_tpl_text format, const vcl_tpl_value *args, size_t count);

/* One verb with its flags. */
typedef struct vcl_tpl_verb {
    char verb;
    bool plus;
    bool minus;
    bool sharp;
    bool space;
    bool zero;
    int width;     /* -1: none */
    int precision; /* -1: none */
} vcl_tpl_verb;

/* A scalar by its verb, padded (format_scalar.c). False: the verb does not fit the value. */
bool vcl_tpl_format_scalar(vcl_buf *buf, const vcl_tpl_value *value, const vcl_tpl_verb *verb);

#endif
