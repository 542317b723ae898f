/* SPDX-License-Identifier: Apache-2.0 */
/* The Go structs behind .Chart and .Capabilities: which fields they have, in which order. */
#ifndef VCL_CHART_TEMPLATE_STRUCTS_H
#define VCL_CHART_TEMPLATE_STRUCTS_H

#include "chart/template/value.h"

typedef struct vcl_tpl_field {
    const char *name;
    const char *json; /* its name there */
    bool omit_empty;  /* left out of JSON when it is empty */
} vcl_tpl_field;

/* The fields of a type, ending with a NULL name; NULL for what is no such struct. */
const vcl_tpl_field *vcl_tpl_struct_fields(vcl_tpl_type type);
/* How many of the fields belong to a struct inside it, which comes first: 0 for none. */
size_t vcl_tpl_struct_embedded(vcl_tpl_type type);
/* Whether the value is a pointer to a struct. */
bool vcl_tpl_is_pointer(const vcl_tpl_value *value);

#endif
