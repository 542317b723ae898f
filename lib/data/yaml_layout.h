/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first document of a YAML (or JSON) text for whoever edits the text itself: the members of the
 * map at its root and the items of those that are lists, as byte ranges. What the parts mean is
 * told by vcl_yaml_parse(), which must have accepted the text before.
 */
#ifndef VCL_DATA_YAML_LAYOUT_H
#define VCL_DATA_YAML_LAYOUT_H

#include "data/yaml_marks.h"

typedef struct vcl_yaml_part {
    char *key; /* NULL when it is no scalar */
    vcl_span key_span;
    vcl_span value;
    vcl_span *items; /* of a list */
    size_t item_count;
} vcl_yaml_part;

typedef struct vcl_yaml_layout {
    vcl_span root; /* VCL_SPAN_NONE: the text has no document at all */
    vcl_yaml_part *parts;
    size_t part_count;
    bool several; /* there are more documents than this first one */
} vcl_yaml_layout;

int vcl_yaml_layout_read(const char *text,
                         size_t size,
                         vcl_yaml_layout *out_layout,
                         vcluster_error **error);
void vcl_yaml_layout_done(vcl_yaml_layout *layout);

/* The member of that key; NULL when there is none. */
const vcl_yaml_part *vcl_yaml_layout_find(const vcl_yaml_layout *layout, const char *key);

#endif
