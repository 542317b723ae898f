/* SPDX-License-Identifier: Apache-2.0 */
/* Which form a text takes as a YAML scalar: as go-yaml v2.4 decides, pretty ones as v3.0.4 does. */
#ifndef VCL_DATA_YAML_STYLE_H
#define VCL_DATA_YAML_STYLE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum vcl_yaml_style {
    VCL_YAML_PLAIN,
    VCL_YAML_SINGLE,
    VCL_YAML_DOUBLE,
    VCL_YAML_LITERAL
} vcl_yaml_style;

vcl_yaml_style vcl_yaml_choose_style(const char *text, bool simple_key, bool pretty);

/* Whether a text is of the common sort that is plain at a glance: letters,
 * digits, single signs inside. *out_size is its size. */
bool vcl_yaml_is_ordinary(const char *text, bool pretty, size_t *out_size);

/* Whether a text can be a key on the line of its value. */
bool vcl_yaml_is_simple_key(const char *text);

#endif
