/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of the objects that Helm hands to templates: .Files, .Capabilities, .Values. */
#ifndef VCL_CHART_TEMPLATE_OBJECTS_H
#define VCL_CHART_TEMPLATE_OBJECTS_H

#include "chart/functions/funcs.h"

typedef struct vcl_tpl_method {
    vcl_tpl_type type;
    vcl_tpl_function function; /* the first letter of its signature is for the object */
} vcl_tpl_method;

/* Each ends with a NULL name. */
extern const vcl_tpl_method vcl_tpl_methods[];
extern const vcl_tpl_method vcl_tpl_semver_methods[];
extern const vcl_tpl_method vcl_tpl_time_methods[];

#endif
